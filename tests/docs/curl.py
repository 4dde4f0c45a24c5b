"""Runs what a document says to type: its `sh` blocks, in order and in one shell, against a served application.

A `json` block right after one says what its output holds: members that it names, with "…" for anything. Used by tests of
documents.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ADDRESS: Final = "http://127.0.0.1:8000"
_MARK: Final = "=== feilian: end of block ==="
_BLOCK: Final = re.compile(r"^```(sh|json)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ANYTHING: Final = "…"


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed, and what it is said to answer (None: nothing is said)."""

    lines: str
    answer: Any


def typed_in(document: Path) -> list[Typed]:
    """The blocks of a document; a `json` block belongs to the `sh` block before it."""
    found: list[Typed] = []
    for language, text in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if language == "sh":
            found.append(Typed(text, None))
        else:
            found[-1] = Typed(found[-1].lines, json.loads(text))
    return found


def run(typed: list[Typed], address: str, environment: Mapping[str, str], seconds: float = 60) -> list[str]:
    """The output of each block; AssertionError with all of it where a line fails."""
    script = "set -euo pipefail\n" + "".join(f"{one.lines}\nprintf '\\n%s\\n' '{_MARK}'\n" for one in typed)
    done = subprocess.run(
        ["bash", "-c", script.replace(_ADDRESS, address)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    outputs = done.stdout.split(f"\n{_MARK}\n")[:-1]
    assert len(outputs) == len(typed)
    return outputs


def check(typed: list[Typed], outputs: list[str]) -> None:
    """Each output holds what the document says."""
    for one, output in zip(typed, outputs, strict=True):
        if one.answer is not None:
            assert holds(json.loads(output), one.answer), (one.lines, output)


def holds(found: Any, said: Any) -> bool:
    """Whether what was found has everything that was said, and perhaps more members."""
    if said == ANYTHING:
        return True
    if isinstance(said, dict):
        return isinstance(found, dict) and all(
            name in found and holds(found[name], value) for name, value in said.items()
        )
    if isinstance(said, list):
        return isinstance(found, list) and len(found) == len(said) and all(map(holds, found, said))
    return bool(found == said)
