"""Verify names the first bad seq of every kind of tampering; replay may be run by regulators and auditors alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from consumers.verify import Verdict, verify
from deploy.cli import main
from models.exact import HOUR_US
from models.facts.base import Role
from streams.keys import create_key
from tests.facts import (
    AUDITOR_ORG,
    CARRIER_ORG,
    FACILITY_ORG,
    PRODUCER_ORG,
    accepted,
    arrived,
    corrected,
    correction_approved,
    correction_declined,
    correction_requested,
    day,
    departed,
    issued,
)
from tests.streams.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    wrong = accepted(kg=8_000, at=day(0) + 4 * HOUR_US)
    made.say_all([issued(kg=10_000), departed(kg=10_000), arrived()], day(0))
    made.say(wrong, day(0) + 4 * HOUR_US)
    right = {**wrong, "lines": [{**wrong["lines"][0], "mass_kg": "10000"}]}
    made.say(corrected(wrong, **right), day(1), stated_by=wrong["destination_org"])
    made.say(corrected(wrong, **wrong), day(2), stated_by=wrong["destination_org"])
    yield made
    made.databases.dispose()


def verdict(world: World) -> Verdict:
    ledger = world.ledger
    return verify(ledger.leaves, ledger.row, ledger.meta.ledger_id, ledger.head)


def tamper(world: World, sql: str) -> None:
    with world.databases.ledger.begin() as conn:
        conn.execute(text(sql))


def test_an_untouched_ledger_is_good(world: World) -> None:
    found = verdict(world)
    assert found.good
    assert found.checked == world.ledger.head().seq


@pytest.mark.parametrize(
    ("sql", "bad", "says"),
    [
        (
            "UPDATE facts SET data = CAST(replace(data, '8000', '9000') AS BLOB) WHERE seq = {accepted}",
            "accepted",
            "leaf",
        ),
        ("UPDATE facts SET data = CAST(data AS TEXT) WHERE seq = {accepted}", "accepted", "not bytes"),
        ("UPDATE facts SET recorded_at = recorded_at + 1 WHERE seq = {departed}", "departed", "leaf"),
        ("UPDATE facts SET stated_by = '91330106MAPLATER57' WHERE seq = {accepted}", "accepted", "leaf"),
        ("UPDATE facts SET leaf = zeroblob(32) WHERE seq = {departed}", "departed", "leaf"),
        ("UPDATE facts SET recorded_at = 5 WHERE seq = {departed}", "departed", "before"),
        ("DELETE FROM facts WHERE seq = {departed}", "departed", "missing"),
        ("DELETE FROM facts WHERE seq = {last}", "last", "head"),
        ("UPDATE ledger_head SET seq = seq - 1", "last", "head"),
        ("UPDATE facts SET original = NULL WHERE seq = {last}", "last", "original"),
        (
            "UPDATE facts SET original = CAST(replace(original, '10000', '8000') AS BLOB) WHERE seq = {last}",
            "last",
            "in force",
        ),
    ],
)
def test_the_first_bad_seq_is_named(world: World, sql: str, bad: str, says: str) -> None:
    last = world.ledger.head().seq
    places = {"departed": last - 4, "accepted": last - 2, "last": last}
    tamper(world, sql.format(**places))
    found = verdict(world)
    assert found.first_bad_seq == places[bad]
    assert found.defect is not None
    assert says in found.defect


@pytest.fixture
def agreed(world: World) -> World:
    """A correction of what the other has built on: asked for, approved; and one that was declined."""
    loaded = departed(kg=9_000, at=day(3), nth=2)
    world.say(loaded, day(3))
    world.say(accepted(kg=9_000, at=day(3, 10), nth=2), day(3, 10))
    for nth, answer in ((1, correction_declined), (2, correction_approved)):
        wish = {**loaded, "lines": [{**loaded["lines"][0], "mass_kg": "9100"}]}
        asked = correction_requested(loaded, CARRIER_ORG, at=day(4), replacement=wish, nth=nth)
        world.say(asked, day(4), stated_by=CARRIER_ORG)
        world.say(answer(asked, CARRIER_ORG, at=day(5)), day(5), stated_by=FACILITY_ORG)
    return world


def test_requests_and_decisions_are_verified_too(agreed: World) -> None:
    found = verdict(agreed)
    assert found.good, found


@pytest.mark.parametrize(
    ("sql", "bad", "says"),
    [
        ("UPDATE facts SET original = CAST(replace(original, '9100', '9900') AS BLOB)", 0, "asked for"),
        ("UPDATE facts SET original = CAST(replace(original, '9000', '9900') AS BLOB)", 0, "in force"),
        ("UPDATE facts SET original = CAST(replace(original, '9000', '9900') AS BLOB)", 3, "in force"),
        (
            "UPDATE facts SET original = CAST(replace(original, '\"request_seq\"', '\"request_seQ\"') AS BLOB)",
            2,
            "request",
        ),
        (
            "UPDATE facts SET original = CAST(json_set(original, '$.request_seq', {declined}) AS BLOB)",
            0,
            "not the request",
        ),
        ("UPDATE facts SET original = NULL", 2, "without its original"),
    ],
)
def test_what_a_request_or_a_decision_copied_cannot_be_changed(
    agreed: World, sql: str, bad: int, says: str
) -> None:
    """`bad` counts back from the last row: the approval, its request, the other decision, its request."""
    last = agreed.ledger.head().seq
    tamper(agreed, f"{sql.format(declined=last - 3)} WHERE seq = {last - bad}")
    found = verdict(agreed)
    assert (found.first_bad_seq, found.good) == (last - bad, False)
    assert found.defect is not None
    assert says in found.defect


def test_an_approval_is_judged_by_the_live_tables_as_by_the_replay(agreed: World, tmp_path: Path) -> None:
    agreed.sweep(day(6))
    token = create_key(agreed.databases, AUDITOR_ORG, Role.AUDITOR, "test")[1]
    result = CliRunner().invoke(main, ["replay", "--data", str(tmp_path), "--key", token])
    assert "equal to the live tables" in result.output


@pytest.mark.parametrize("role", [Role.REGULATOR, Role.AUDITOR])
def test_a_regulator_and_an_auditor_may_replay_and_verify(world: World, tmp_path: Path, role: Role) -> None:
    world.sweep(day(3))
    token = create_key(world.databases, AUDITOR_ORG, role, "test")[1]
    for command in ("replay", "verify"):
        result = CliRunner().invoke(main, [command, "--data", str(tmp_path), "--key", token])
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(main, ["replay", "--data", str(tmp_path), "--key", token])
    assert "equal to the live tables" in result.output


def test_nobody_else_may(world: World, tmp_path: Path) -> None:
    token = create_key(world.databases, PRODUCER_ORG, Role.PRODUCER, "test")[1]
    for key in (token, "flk_nothing_such", ""):
        for command in ("replay", "verify"):
            result = CliRunner().invoke(main, [command, "--data", str(tmp_path), "--key", key])
            assert result.exit_code == 1
            assert "only regulators and auditors" in result.output


def test_a_replay_tells_what_was_known_when(world: World, tmp_path: Path) -> None:
    world.sweep(day(3))
    token = create_key(world.databases, AUDITOR_ORG, Role.AUDITOR, "test")[1]

    def at(known: str) -> str:
        command = [
            "replay",
            "--known-at",
            known,
            "--manifest",
            "20253301000001",
            "--data",
            str(tmp_path),
            "--key",
            token,
        ]
        result = CliRunner().invoke(main, command, env={"COLUMNS": "200"})
        assert result.exit_code == 0, result.output
        return result.output

    assert "manifest.mass_differs" in at("2025-03-03T23:00:00+08:00")
    assert "manifest.mass_differs" not in at("2025-03-04T23:00:00+08:00")
    assert "manifest.mass_differs" in at("2025-03-05T23:00:00+08:00")


def test_tables_that_were_touched_are_not_equal(world: World, tmp_path: Path) -> None:
    world.sweep(day(3))
    token = create_key(world.databases, AUDITOR_ORG, Role.AUDITOR, "test")[1]
    with world.databases.state.begin() as conn:
        conn.execute(text("UPDATE alerts SET condition = 'cleared' WHERE kind = 'manifest.mass_differs'"))
    result = CliRunner().invoke(main, ["replay", "--data", str(tmp_path), "--key", token])
    assert result.exit_code == 1
    assert "not equal" in result.output
