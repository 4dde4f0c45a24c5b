"""One simulated ledger, and copies of its rows for each hand: what the tests that hold the hands together begin with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Table

from deploy.founding import record_defaults
from deploy.migrations import upgrade
from deploy.simulator import Said, simulate
from models.settings import Settings
from models.tables import LedgerBase
from models.topics import SHARDS_DEFAULT
from streams import bulk
from streams.databases import Databases, open_databases, reading
from streams.judge import Judge
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Prepared, Submission

START = date(2025, 3, 3)
SEED = 20_260_815


def new_ledger(folder: Path, database: str = "") -> Ledger:
    """An empty ledger with tables, before init."""
    databases = open_databases(Settings(data_dir=folder, database=database, clock="driven"))
    upgrade(databases)
    return Ledger(databases)


def fill(ledger: Ledger, said: list[Said], started_at: int) -> None:
    """Make a driven ledger of these facts, as the door would accept them."""
    ledger.init(shards=SHARDS_DEFAULT, clock="driven")
    record_defaults(ledger, started_at)
    for start in range(0, len(said), 500):
        submissions = [
            Submission(fact.stated_by, [_prepared(fact)], fact.recorded_at)
            for fact in said[start : start + 500]
        ]
        for outcome in ledger.accept(submissions):
            assert isinstance(outcome, Accepted), outcome


def _prepared(said: Said) -> Prepared:
    read = read_fact(said.wire)
    assert isinstance(read, Prepared), read
    return read


def copied(source: Ledger, folder: Path, database: str = "") -> Ledger:
    """A ledger with the same rows, meta and head, and nothing judged."""
    copy = new_ledger(folder, database)
    with reading(source.databases.ledger) as read, copy.databases.ledger.begin() as write:
        for table in LedgerBase.metadata.sorted_tables:
            _copy_table(read, write, table)
    return copy


def _copy_table(read: Connection, write: Connection, table: Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = [tuple(row) for row in bulk.fetch(read, f"SELECT {names} FROM {table.name}", ())]
    bulk.write(write, table, rows, "ignore")


def judge_of(ledger: Ledger) -> Judge:
    """A judge over the ledger's own state tables."""
    judge = Judge(ledger.databases.state, ledger, ledger.meta.shards)
    judge.ensure_positions()
    return judge


@contextmanager
def process(
    command: str, databases: Databases, folder: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """One `feilian` process over these databases; it is ended in any case."""
    started = subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", *command.split()],
        env={
            **os.environ,
            "FEILIAN_DATABASE": str(databases.ledger.url.render_as_string(hide_password=False))
            if databases.on_postgres
            else "",
            "FEILIAN_DATA_DIR": str(folder),
            **environment,
        },
        process_group=0,
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_until(condition: object, seconds: float, what: str) -> None:
    """Poll until a condition holds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


__all__ = ["SEED", "START", "copied", "fill", "judge_of", "new_ledger", "process", "simulate", "wait_until"]
