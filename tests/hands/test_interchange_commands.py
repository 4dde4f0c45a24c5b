"""`feilian import` and `feilian export` against a ledger on disk: reported, stated once, exported again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from deploy.cli import main
from tests.api.test_imports import NATIONAL, TABLES
from tests.facts import FACILITY_ORG, MANIFEST, OTHER_FACILITY_ORG, PRODUCER_ORG
from tests.models.interchange.test_emanifest import document
from tests.streams.ledgers import new_ledger


@pytest.fixture
def data(tmp_path: Path) -> Path:
    ledger = new_ledger(tmp_path / "data")
    ledger.databases.dispose()
    return tmp_path / "data"


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def file(folder: Path, name: str, value: object) -> Path:
    path = folder / name
    path.write_bytes(value if isinstance(value, bytes) else orjson.dumps(value))
    return path


def test_a_national_document_is_reported_stated_and_exported(tmp_path: Path, data: Path) -> None:
    given = file(tmp_path, "in.json", [NATIONAL])
    who = ("--org", PRODUCER_ORG, "--role", "producer", "--data", data)
    reported = orjson.loads(run("import", "national", given, *who))
    assert (reported["mode"], reported["receipts"], reported["counts"]["missing"]) == ("report", [], 2)
    stated = orjson.loads(run("import", "national", given, *who, "--state"))
    assert [receipt["status"] for receipt in stated["receipts"]] == ["new", "new"]
    assert orjson.loads(run("import", "national", given, *who, "--state"))["receipts"] == []
    out = tmp_path / "out.json"
    run("export", "national", MANIFEST, "--data", data, "-o", out)
    exported = orjson.loads(out.read_bytes())
    assert exported["details"][0]["zysl"] == "12.5"
    epcis: dict[str, Any] = orjson.loads(run("export", "epcis", MANIFEST, "--data", data))
    assert [event["type"] for event in epcis["epcisBody"]["eventList"]] == ["TransactionEvent", "ObjectEvent"]


def test_an_epa_document_needs_its_tables(tmp_path: Path, data: Path) -> None:
    given, tables = file(tmp_path, "epa.json", document()), file(tmp_path, "tables.json", TABLES)
    who = ("--org", FACILITY_ORG, "--role", "facility", "--data", data, "--state")
    assert orjson.loads(run("import", "emanifest", given, *who))["receipts"] == []
    found = orjson.loads(run("import", "emanifest", given, "--tables", tables, *who))
    assert len(found["receipts"]) == found["counts"]["missing"] > 0
    number = found["manifests"][0]["manifest_no"]
    assert orjson.loads(run("export", "epcis", number, "--data", data))["type"] == "EPCISDocument"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "$: bad_json"),
        (b'{"neu": 1}', "$.neu: unknown_field"),
        (b'{"rejection": 1}', "$.rejection: wrong_type"),
    ],
)
def test_what_is_no_document_is_told_with_its_path(
    tmp_path: Path, data: Path, content: bytes, told: str
) -> None:
    given = file(tmp_path, "bad.json", content)
    who = ("--org", OTHER_FACILITY_ORG, "--role", "facility", "--data", data)
    assert told in run("import", "emanifest", given, *who, code=1)


def test_an_unknown_manifest_is_told(data: Path) -> None:
    for what in ("epcis", "national"):
        assert "there is no manifest" in run("export", what, "20259999999999", "--data", data, code=1)
