"""Documents of other systems in the folder beside the checkout (../shared/samples): read from there, never copied.

Where the folder is absent, tests of them are skipped, under CI=true too: what is generated is tried all the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
ABSENT = "samples are not beside this checkout"


def sample(*names: str) -> Path:
    """A file of the samples; skips the test where the folder is absent."""
    if not SAMPLES.is_dir():
        pytest.skip(f"{ABSENT}: {SAMPLES}")
    return SAMPLES.joinpath(*names)


def sample_json(*names: str) -> Any:
    """A JSON document of the samples."""
    return json.loads(sample(*names).read_text("utf-8"))
