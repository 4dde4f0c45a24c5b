"""The same ledger judged by every hand gives the same tables (DESIGN D6); shuffled arrival ends in the same state."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from consumers.digest import Digest, digest_of_tables
from consumers.replay import conditions, everywhere, replay, shuffled
from deploy.simulator import SMALL, Simulation
from models.canonical import canonical
from models.envelope import Row
from models.exact import DAY_US
from models.facts import LAW_KINDS
from streams import bulk
from streams.databases import reading
from streams.embedded import Embedded
from streams.ledger import Ledger
from streams.ledger_types import HeadAt
from streams.wire import SEQ_MAX
from tests.hands.ledgers import SEED, START, copied, fill, judge_of, new_ledger, process, simulate, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(SEED, SMALL, START, 400)


@pytest.fixture(scope="module")
def source(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path_factory.mktemp("source"))
    fill(ledger, simulation.facts, simulation.start)
    assert ledger.head().seq >= 20_000
    yield ledger
    ledger.databases.dispose()


@pytest.fixture(scope="module")
def expected(source: Ledger, simulation: Simulation) -> Digest:
    """The auditor's verdict, in memory."""
    shards, head = source.meta.shards, source.head().seq
    return replay(source, shards, everywhere(shards, head, simulation.end)).digest()


def digest(ledger: Ledger) -> Digest:
    with reading(ledger.databases.state) as conn:
        return digest_of_tables(conn)


def assert_same(found: Digest, expected: Digest) -> None:
    assert found.counts == expected.counts
    assert found == expected


def swept(ledger: Ledger, at: int) -> Ledger:
    loop = Embedded(judge_of(ledger), ledger, ledger.databases.state, ledger.meta.shards)
    loop.sweep(HeadAt(ledger.head().seq, at))
    return ledger


def test_the_replay_finds_something_to_compare(expected: Digest) -> None:
    subjects, keys, alerts, changes = expected.counts
    assert subjects > 5_000
    assert keys > 1_000
    assert alerts > 40
    assert changes >= alerts


def test_the_embedded_loop_on_sqlite_agrees_with_the_replay(
    source: Ledger, simulation: Simulation, expected: Digest, tmp_path: Path
) -> None:
    ledger = swept(copied(source, tmp_path), simulation.end)
    assert_same(digest(ledger), expected)
    ledger.databases.dispose()


def test_the_embedded_loop_on_postgresql_agrees_with_the_replay(
    source: Ledger, simulation: Simulation, expected: Digest, tmp_path: Path, postgres_url: str
) -> None:
    ledger = swept(copied(source, tmp_path, postgres_url), simulation.end)
    assert_same(digest(ledger), expected)
    ledger.databases.dispose()


def test_faust_with_a_worker_killed_half_way_agrees_with_the_replay(
    source: Ledger,
    simulation: Simulation,
    expected: Digest,
    tmp_path: Path,
    postgres_url: str,
    kafka_bootstrap: str,
) -> None:
    ledger = copied(source, tmp_path, postgres_url)
    judge_of(ledger)
    ledger.drive(simulation.end)
    databases, total = ledger.databases, len(source.rows(0, SEQ_MAX))

    def positions() -> list[tuple[int, int]]:
        with reading(databases.state) as conn:
            return [tuple(row) for row in bulk.fetch(conn, "SELECT applied_seq, tick_at FROM positions", ())]

    def judged(share: float) -> bool:
        found = positions()
        return sum(seq for seq, _ in found) >= share * total * len(found)

    def ended() -> bool:
        return all(seq >= total and tick >= simulation.end for seq, tick in positions())

    kafka = {"FEILIAN_KAFKA": kafka_bootstrap}
    with (
        process("relay", databases, tmp_path, **kafka),
        process("worker", databases, tmp_path, **kafka),
        process("worker", databases, tmp_path, **kafka) as victim,
    ):
        wait_until(lambda: judged(0.3), 90, "a third judged by Faust")
        victim.kill()
        victim.wait()
        assert not ended(), "killed too late to show anything"
        with process("worker", databases, tmp_path, **kafka):
            wait_until(ended, 120, "all judged by Faust")
    assert_same(digest(ledger), expected)
    databases.dispose()


def with_corrections(rows: list[Row], chance: random.Random) -> list[Row]:
    """The rows, and after them corrections of some: the body typed anew, or withdrawn and put back, or withdrawn."""
    found, seq = list(rows), rows[-1].seq
    judged = [row for row in rows if row.kind not in LAW_KINDS and row.original is None]
    for row in chance.sample(judged, 200):
        body: Any = orjson.loads(row.data)
        for replacement in chance.choice([[None], [None, body], [changed(body)], [changed(body), body]]):
            seq += 1
            found.append(_correction(seq, row, body, replacement, rows[-1].recorded_at))
            body = replacement
    return found


def changed(body: Any) -> Any:
    """The fact with its masses typed differently, where it has any."""
    lines = [{**line, "mass_kg": "777.5"} if "mass_kg" in line else line for line in body.get("lines", [])]
    return {**body, "lines": lines} if lines else dict(body)


def _correction(seq: int, row: Row, old: Any, new: Any, at: int) -> Row:
    original = {
        "seq": row.seq,
        "recorded_at": row.recorded_at,
        "stated_by": row.stated_by,
        "event_id": row.event_id,
        "kind": row.kind,
        "data": old,
    }
    body = {
        "kind": "fact-corrected.v1",
        "event_id": f"00000000-0000-4000-8000-{seq:012d}",
        "occurred_at": "2026-03-01T00:00:00+08:00",
        "corrects": row.event_id,
        "reason": "incorrect-data",
        "explanation": "test",
        "replacement": new,
    }
    return Row(
        seq, at, row.stated_by, body["event_id"], "fact-corrected.v1", canonical(body), canonical(original)
    )


@pytest.mark.parametrize(
    ("days", "judging"),
    [(400, False), (100, True)],
    ids=["all facts, judged at the end", "judged at every fact"],
)
def test_any_order_of_arrival_with_corrections_ends_in_the_same_states_and_conditions(
    source: Ledger, simulation: Simulation, days: int, judging: bool
) -> None:
    chance, at = random.Random(SEED), simulation.start + days * DAY_US
    law, shards = source.law_rows(0, SEQ_MAX), source.meta.shards
    facts = [row for row in source.rows(0, SEQ_MAX) if row.kind not in LAW_KINDS and row.recorded_at < at]
    rows = with_corrections(facts, chance)
    corrections = rows[len(facts) :]
    in_order = conditions(shuffled(rows, law, shards, at, judging=judging))
    chance.shuffle(facts)
    # A correction cannot come before what it corrects: the door copies that in.
    facts.sort(key=lambda row: row.original is not None)
    assert conditions(shuffled([*facts, *corrections], law, shards, at, judging=judging)) == in_order
