"""The command line: what is sent, asked and followed from a shell, against a served sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from client import Feilian
from deploy.cli import main
from tests.api.bulk.sheets import csv_of
from tests.client.boxes import served_sandbox

SITE = "330106-SANDPLATER"


class Shell:
    """Runs commands as the producer of a sandbox."""

    def __init__(self, url: str, keys: dict[str, str], folder: Path) -> None:
        self.url, self.keys, self.folder = url, keys, folder

    def run(self, *words: str, role: str = "producer") -> Result:
        """A command with its address and key in the environment; English messages."""
        environment = {"FEILIAN_URL": self.url, "FEILIAN_KEY": self.keys[role]}
        lang = [] if words[0] == "conform" else ["--lang", "en"]
        return CliRunner().invoke(main, [*words, *lang], env=environment)

    def file(self, name: str, *facts: dict[str, Any]) -> str:
        """A file with a fact a line."""
        path = self.folder / name
        path.write_text("\n".join(json.dumps(fact) for fact in facts), encoding="utf-8")
        return str(path)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One sandbox for all tests of this file."""
    with served_sandbox(tmp_path_factory.mktemp("sandbox")) as (url, keys):
        yield Shell(url, keys, tmp_path_factory.mktemp("files"))


def made(lot: str, **more: Any) -> dict[str, Any]:
    what = {
        "kind": "waste-generated.v1",
        "occurred_at": "2026-03-02T09:00:00+08:00",
        "site": SITE,
        "lot": lot,
    }
    return {**what, "waste_code": "336-064-17", "mass_kg": "12.5", **more}


def lots_of(shell: Shell) -> list[str]:
    """Lots in store, after all that was sent is judged: driving the sandbox's clock waits for that."""
    with Feilian(shell.url, shell.keys["producer"]) as feilian:
        now = datetime.fromisoformat(feilian.get("/v1/sandbox/clock")["now"])
        feilian.post("/v1/sandbox/clock", {"to": (now + timedelta(seconds=1)).isoformat()})
    told = json.loads(shell.run("query", f"sites/{SITE}/stock").output)
    return [lot["lot"] for lot in told["stock"]["lots"]]


def test_a_file_gets_in_once_however_often_it_is_sent(shell: Shell) -> None:
    file = shell.file("good.jsonl", made("C1"), made("C2"))
    first, second = shell.run("send", file), shell.run("send", file)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "2 taken, 0 refused" in first.output
    assert "0 taken, 0 refused" in second.output
    Path(f"{file}.outbox").unlink()
    assert "2 taken, 0 refused" in shell.run("send", file).output  # Known to the ledger by their ids.
    assert lots_of(shell).count("C1") == 1


def test_what_is_refused_is_told_until_it_is_mended(shell: Shell) -> None:
    bad, good = made("C3", waste_code="336-64-17"), made("C4")
    file = shell.file("mixed.jsonl", bad, good)
    for _ in range(2):
        told = shell.run("send", file)
        assert told.exit_code == 1
        assert "bad_format" in told.output
        assert "1 refused" in told.output
    mended = shell.run("send", shell.file("mixed.jsonl", {**bad, "waste_code": "336-064-17"}, good))
    assert (mended.exit_code, "1 taken, 0 refused" in mended.output) == (0, True)
    assert {"C3", "C4"} <= set(lots_of(shell))


def test_checking_writes_nothing(shell: Shell) -> None:
    told = shell.run("check", shell.file("checked.jsonl", made("C5"), made("C6", mass_kg="-1")))
    assert told.exit_code == 1
    assert "bad_mass" in told.output
    assert "1 would be refused" in told.output
    assert "C5" not in lots_of(shell)


@pytest.mark.parametrize("text", ["{", "[1]", '"no fact"', "[{]"])
def test_a_file_that_holds_no_facts_is_told(shell: Shell, text: str) -> None:
    path = shell.folder / "broken.json"
    path.write_text(text, encoding="utf-8")
    told = shell.run("send", str(path))
    assert told.exit_code == 1
    assert "broken.json" in told.output
    assert "Traceback" not in told.output


def test_a_filled_template_is_uploaded_and_comes_back_marked(shell: Shell) -> None:
    path = shell.folder / "filled.csv"
    path.write_bytes(csv_of("waste-generated.v1", [made("C7"), made("C8", mass_kg="-5")]))
    told = shell.run("upload", str(path))
    assert told.exit_code == 1  # One row is refused.
    assert "1 accepted" in told.output
    assert "1 refused" in told.output
    marked = (shell.folder / "filled-result.csv").read_text(encoding="utf-8-sig")
    assert "C7" in marked
    assert "C8" in marked
    assert "C7" in lots_of(shell)


def test_following_prints_a_fact_a_line(shell: Shell) -> None:
    shell.run("send", shell.file("followed.jsonl", made("C9")))
    lines = [json.loads(line) for line in shell.run("follow", "facts", "--once").output.splitlines()]
    assert "C9" in [fact["data"].get("lot") for fact in lines]
    last = lines[-1]["seq"]
    assert shell.run("follow", "facts", "--once", "--after", str(last)).output == ""


def test_what_is_not_there_is_told_in_a_line(shell: Shell) -> None:
    told = shell.run("query", "manifests/20269999999999")
    assert told.exit_code == 1
    assert "404 not_found" in told.output


def test_a_wrong_key_is_told(shell: Shell) -> None:
    told = CliRunner().invoke(main, ["query", "alerts", "--url", shell.url, "--key", "flk_000000000000_x"])
    assert told.exit_code == 1
    assert "401 unauthenticated" in told.output


def test_the_kit_runs_from_a_shell_and_writes_its_report(shell: Shell) -> None:
    keys, report = shell.folder / "keys.json", shell.folder / "report.md"
    keys.write_text(json.dumps(shell.keys), encoding="utf-8")
    told = shell.run(
        "conform", "--keys", str(keys), "--scenario", "first-fact", "--lang", "en", "--report", str(report)
    )
    assert told.exit_code == 0, told.output
    assert "✓ first-fact A first fact" in told.output
    assert "**first-fact** A first fact: passed" in report.read_text(encoding="utf-8")
