"""What is published today breaks nobody who built on the last release; additions are kept by `make contracts`."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy import contracts
from deploy.contracts import BASELINE


@pytest.fixture(scope="module")
def today() -> dict[str, Any]:
    """As this build has them."""
    return contracts.today()


def test_nothing_breaks_what_was_released(today: dict[str, Any]) -> None:
    found = contracts.breaks(contracts.read(BASELINE), today)
    assert not found, "\n".join(
        ["breaks who built on the last release (docs/contracts.md):", *map(str, found)]
    )


def test_what_breaks_is_seen_in_each_document(today: dict[str, Any]) -> None:
    """The comparison is not blind: something taken away from each is told."""
    changed = deepcopy(today)
    del changed["openapi.json"]["paths"]["/v1/alerts"]
    del changed["asyncapi.json"]["channels"]["events"]
    changed["facts/waste-stored.v1.json"]["required"].append("place")
    told = [str(one) for one in contracts.breaks(today, changed)]
    assert told == [
        "GET /v1/alerts: is gone",
        "events: is gone",
        "facts/waste-stored.v1.json.place: has become required",
    ]


def test_the_command_writes_what_it_can_read_again(today: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "waste-vanished.v1.json").write_text("{}")
    done = CliRunner().invoke(contracts.export_schemas, ["--to", str(tmp_path), "--check", str(BASELINE)])
    assert done.exit_code == 0, done.output
    assert contracts.read(tmp_path) == today


def test_the_command_refuses_to_write_what_breaks(tmp_path: Path, today: dict[str, Any]) -> None:
    more = deepcopy(today)
    more["facts/waste-vanished.v1.json"] = {"type": "object"}
    contracts.write(more, tmp_path / "old")
    done = CliRunner().invoke(
        contracts.export_schemas, ["--to", str(tmp_path / "new"), "--check", str(tmp_path / "old")]
    )
    assert done.exit_code == 1
    assert "waste-vanished.v1.json: is gone" in done.output
    assert not (tmp_path / "new").exists()
