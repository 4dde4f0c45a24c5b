"""`feilian keys`, `delegations` and `orgs` at the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from deploy.founding import found
from models.settings import Settings
from streams.key_ring import KeyRing
from tests.facts import PRODUCER_ORG, VENDOR_ORG


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A founded ledger."""
    found(Settings(data_dir=tmp_path)).databases.dispose()
    return tmp_path


def feilian(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(folder)])


def test_a_key_is_made_shown_rotated_and_revoked(folder: Path) -> None:
    made = feilian(
        folder, "keys", "create", PRODUCER_ORG, "producer", "--scope", "facts:write", "--days", "9"
    )
    assert made.exit_code == 0, made.output
    key_id = made.stdout.split("_")[1]
    shown = feilian(folder, "keys", "show", key_id).output
    assert "facts:write" in shown
    assert made.stdout.split("_", 2)[2].strip() not in shown
    rotated = feilian(folder, "keys", "rotate", key_id, "--overlap-days", "1")
    assert rotated.output.startswith("flk_")
    third = feilian(folder, "keys", "rotate", key_id)
    assert third.exit_code == 1
    assert "live already" in third.output
    assert feilian(folder, "keys", "revoke", key_id).exit_code == 0
    again = feilian(folder, "keys", "revoke", key_id)
    assert "there is no live key" in again.output
    assert feilian(folder, "keys", "list", "--org", PRODUCER_ORG).exit_code == 0


def test_what_cannot_be_is_a_line_and_no_trace(folder: Path) -> None:
    for words in (
        ("keys", "create", "x", "producer"),
        ("keys", "create", PRODUCER_ORG, "producer", "--kind", "police"),
        ("keys", "create", PRODUCER_ORG, "producer", "--allow", "here"),
        ("keys", "show", "0123456789ab"),
        ("delegations", "give", PRODUCER_ORG, PRODUCER_ORG, "producer"),
        ("delegations", "give", PRODUCER_ORG, VENDOR_ORG, "regulator"),
        ("delegations", "revoke", "0123456789ab"),
        ("orgs", "add", PRODUCER_ORG, "a\tb"),
    ):
        result = feilian(folder, *words)
        assert result.exit_code == 1, words
        assert result.output.startswith("Error: "), result.output


def test_a_wrong_check_character_is_warned_about(folder: Path) -> None:
    doubtful = PRODUCER_ORG[:17] + ("0" if PRODUCER_ORG[17] != "0" else "1")
    result = feilian(folder, "keys", "create", doubtful, "producer")
    assert result.exit_code == 0
    assert "check character" in result.stderr
    assert KeyRing(found(Settings(data_dir=folder)).databases, 0).recognise(result.stdout.strip())


def test_delegations_are_given_and_revoked(folder: Path) -> None:
    given = feilian(folder, "delegations", "give", PRODUCER_ORG, VENDOR_ORG, "producer", "--days", "3")
    assert given.exit_code == 0, given.output
    assert feilian(folder, "delegations", "list", "--org", VENDOR_ORG).exit_code == 0
    assert feilian(folder, "delegations", "revoke", given.stdout.strip()).exit_code == 0
