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
from tests.facts import AUDITOR_ORG, PRODUCER_ORG, accepted, arrived, corrected, day, departed, issued
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
