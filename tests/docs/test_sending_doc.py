"""docs/sending.md is run, line by line; docs/errors.md is what the code says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from deploy.docs import CODES, ROOT, codes
from models.facts import Role
from models.problem_meanings import MEANINGS
from tests.api.house import House

SENDING = ROOT / "docs" / "sending.md"


def _answers(text: str, base: str, key: str) -> list[dict[str, object]]:
    """What each curl of the fenced sh blocks answers, in order."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for call in re.split(r"^(?=curl )", block, flags=re.MULTILINE)[1:]:
            environment = {**os.environ, "BASE": base, "KEY": key}
            done = subprocess.run(["bash", "-c", call], env=environment, capture_output=True, check=True)
            found.append(json.loads(done.stdout))
    return found


def test_every_call_of_the_guide_answers_as_it_says(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.served() as base:
        text = SENDING.read_text(encoding="utf-8")
        told = _answers(text, base, house.tokens[Role.PRODUCER])
    first, refused, explained, counted, proceeded, tried = told
    assert first["receipts"]
    assert refused["title"] == MEANINGS["unknown_kind"].title.zh
    assert explained["code"] == "bad_mass"
    assert "counts" in counted
    assert (proceeded["accepted"], proceeded["refused"]) == (1, 1)
    assert tried["dry_run"] is True
    assert house.ledger.head().seq == 2


def test_the_list_of_codes_is_what_the_code_says() -> None:
    assert CODES.read_text(encoding="utf-8") == codes(), "run `python -m deploy.docs`"
