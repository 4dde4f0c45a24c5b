"""Accepting under many hands and under faults: dense, each event once, nothing acknowledged is lost (DESIGN D1, D2)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from deploy.postgres.server import Postgres
from models.canonical import leaf_hash
from models.errors import LedgerUnavailable
from models.settings import Settings
from streams.databases import open_databases
from streams.ledger import Accepted, Ledger, Receipt, Submission
from streams.ledger_sql import PostgresWriter
from tests.facts import PRODUCER_ORG
from tests.streams.ledger_poster import BATCH, THREADS
from tests.streams.ledgers import accepted, new_ledger, prepared, seqs, stored

ROOT = Path(__file__).resolve().parents[2]


def _in_threads(count: int, work: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))


def _check_whole(ledger: Ledger) -> None:
    """Dense, in time's order, each event once, and every leaf as it should be."""
    rows = ledger.leaves(0, 1_000_000)
    assert [found.row.seq for found in rows] == list(range(1, len(rows) + 1))
    assert [found.row.recorded_at for found in rows] == sorted(found.row.recorded_at for found in rows)
    assert len({(found.row.stated_by, found.row.event_id) for found in rows}) == len(rows)
    for found in rows:
        row = found.row
        assert found.leaf == leaf_hash(
            ledger_id=ledger.meta.ledger_id,
            seq=row.seq,
            recorded_at=row.recorded_at,
            stated_by=row.stated_by,
            event_id=row.event_id,
            kind=row.kind,
            data=row.data,
        )


def test_sixteen_threads_with_duplicates_state_each_event_once(ledger: Ledger) -> None:
    shared = [prepared(stored()) for _ in range(60)]
    receipts: list[set[tuple[str, int]]] = [set() for _ in range(16)]

    def work(number: int) -> None:
        for start in range(0, 60, 3):
            at = (start + number * 7) % 60
            own = prepared(stored())
            outcome = ledger.accept([Submission(PRODUCER_ORG, [*shared[at : at + 3], own])])[0]
            assert isinstance(outcome, Accepted), outcome
            receipts[number].update((receipt.event_id, receipt.seq) for receipt in outcome.receipts)

    _in_threads(16, work)
    _check_whole(ledger)
    told = set().union(*receipts)
    assert ledger.head().seq == len(told) == 60 + 16 * 20
    assert told == {(row.event_id, row.seq) for row in ledger.rows(0, 10_000)}


def test_a_frozen_process_blocks_the_others_for_seconds_only(postgres_url: str, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path, postgres_url)
    frozen = ledger.databases.accepting.raw_connection()
    PostgresWriter(frozen.driver_connection).open([(PRODUCER_ORG, "01900000-0000-7000-8000-000000000000")])
    started = time.monotonic()
    accepted(ledger, stored())
    assert 1.0 < time.monotonic() - started < 4.5
    frozen.invalidate()
    ledger.databases.dispose()


def _eventually(work: Callable[[], Any], seconds: float = 20.0) -> Any:
    until = time.monotonic() + seconds
    while True:
        try:
            return work()
        except LedgerUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_a_ledger_that_is_away_says_so_and_goes_on_when_it_is_back(
    postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    ledger = new_ledger(tmp_path, postgres_durable_url)
    accepted(ledger, stored())
    postgres_durable.stop()
    wire = stored()
    for ask in (lambda: accepted(ledger, wire), ledger.head, ledger.tick, lambda: ledger.rows(0, 5)):
        with pytest.raises(LedgerUnavailable):
            ask()
    postgres_durable.start()
    assert _eventually(lambda: accepted(ledger, wire))[0].seq == 2
    _check_whole(ledger)
    ledger.databases.dispose()


def test_a_server_that_restarted_unnoticed_costs_the_sender_nothing(
    postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    ledger = new_ledger(tmp_path, postgres_durable_url)
    accepted(ledger, stored())
    postgres_durable.stop()
    postgres_durable.start()
    assert accepted(ledger, stored())[0].seq == 2
    assert ledger.tick().seq == 2
    ledger.databases.dispose()


# Processes


def _poster(database: str, folder: Path, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.streams.ledger_poster", database, str(folder), str(batches)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _receipts(output: str) -> set[tuple[int, str, str]]:
    """Whole lines only: the last may be cut by the kill."""
    whole = output[: output.rfind("\n") + 1].splitlines()
    return {(int(seq), event_id, leaf) for seq, event_id, leaf in (line.split() for line in whole)}


def _check_acknowledged(ledger: Ledger, receipts: set[tuple[int, str, str]]) -> None:
    _check_whole(ledger)
    kept = {(found.row.seq, found.row.event_id, found.leaf.hex()) for found in ledger.leaves(0, 1_000_000)}
    assert receipts <= kept


def _kill_mid_way(ledger: Ledger, database: str, folder: Path) -> None:
    process = _poster(database, folder, 100_000)
    until = time.monotonic() + 30
    while ledger.head().seq < 200 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    output, _ = process.communicate(timeout=30)
    receipts = _receipts(output)
    assert len(receipts) > 100
    _eventually(lambda: accepted(ledger, stored()))
    _check_acknowledged(ledger, receipts)


@pytest.mark.slow
def test_a_process_killed_while_posting_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    _kill_mid_way(new_ledger(tmp_path), "", tmp_path)


def test_a_process_killed_while_posting_loses_nothing_on_postgres(
    postgres_durable_url: str, tmp_path: Path
) -> None:
    ledger = new_ledger(tmp_path, postgres_durable_url)
    _kill_mid_way(ledger, postgres_durable_url, tmp_path)
    ledger.databases.dispose()


def test_a_server_killed_while_posting_loses_nothing(
    postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    ledger = new_ledger(tmp_path, postgres_durable_url)
    process = _poster(postgres_durable_url, tmp_path, 100_000)
    until = time.monotonic() + 30
    while ledger.head().seq < 200 and time.monotonic() < until:
        time.sleep(0.02)
    postgres_durable.kill()
    output, _ = process.communicate(timeout=60)
    postgres_durable.start()
    receipts = _receipts(output)
    assert len(receipts) > 100
    _eventually(lambda: accepted(ledger, stored()))
    _check_acknowledged(ledger, receipts)
    ledger.databases.dispose()


def _two_at_once(ledger: Ledger, database: str, folder: Path) -> None:
    processes = [_poster(database, folder, 20) for _ in range(2)]
    outputs = [process.communicate(timeout=100)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    receipts = set().union(*map(_receipts, outputs))
    assert len(receipts) == 2 * THREADS * 20 * BATCH == len(seqs(ledger))
    _check_acknowledged(ledger, receipts)


@pytest.mark.slow
def test_two_processes_post_to_one_sqlite_ledger(tmp_path: Path) -> None:
    _two_at_once(new_ledger(tmp_path), "", tmp_path)


def test_two_processes_post_to_one_postgres_ledger(postgres_url: str, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path, postgres_url)
    _two_at_once(ledger, postgres_url, tmp_path)
    ledger.databases.dispose()


def test_a_full_disk_is_away_and_not_a_lost_fact(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    accepted(ledger, stored())
    databases = open_databases(Settings(data_dir=tmp_path))
    with databases.accepting.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(databases.accepting, "connect")
    def small(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    databases.dispose()
    cramped = Ledger(databases)
    receipts: list[Receipt] = []

    def fill() -> Iterator[Receipt]:
        for _ in range(1000):
            yield accepted(cramped, stored())[0]

    with pytest.raises(LedgerUnavailable):
        receipts.extend(fill())
    roomy = Ledger(open_databases(Settings(data_dir=tmp_path)))
    assert {receipt.seq for receipt in receipts} <= set(seqs(roomy))
    accepted(roomy, stored())
    _check_whole(roomy)
