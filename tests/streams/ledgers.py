"""Ledgers for tests of accepting: a fresh one in a folder or a PostgreSQL database, and ways to state things to it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from models.facts import Role
from models.settings import Settings
from streams.databases import LEDGER_FILE, STATE_FILE, open_databases
from streams.ledger import Accepted, Ledger, Outcome, Prepared, Receipt, Refused, Submission
from streams.ledger_reading import read_fact
from tests import facts
from tests.facts import PRODUCER_ORG, Wire, day

LEDGER_ID = "6a0b7a52-0000-4000-8000-00000000000d"


def new_ledger(folder: Path, database: str = "", clock: str = "database") -> Ledger:
    """An empty ledger; SQLite in the folder where no database is named."""
    if not database:
        copy_sqlite(_template(clock), folder)
        return Ledger(open_databases(Settings(data_dir=folder, database="")))
    return _made(Settings(data_dir=folder, database=database), clock)


def _made(settings: Settings, clock: str) -> Ledger:
    databases = open_databases(settings)
    databases.create()
    ledger = Ledger(databases)
    ledger.init(clock=clock, ledger_id=LEDGER_ID)
    return ledger


@cache
def _template(clock: str) -> Path:
    """Files of an empty ledger, made once: copying them is a hundred times faster."""
    folder = folder_of_this_run()
    _made(Settings(data_dir=folder, database=""), clock).databases.dispose()
    return folder


def folder_of_this_run() -> Path:
    """A folder that is removed when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="feilian-ledger-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def copy_sqlite(template: Path, folder: Path) -> None:
    """Copy the files of closed SQLite databases."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LEDGER_FILE, STATE_FILE):
        shutil.copyfile(template / name, folder / name)


def stored(**more: Any) -> Wire:
    """A fact without documents, new at each call."""
    return facts.stored("HWCS20250101001", at=day(1), event_id=fresh_id(), **more)


def fresh_id() -> str:
    """A UUIDv7 in shape."""
    drawn = uuid4().hex
    return f"{drawn[:8]}-{drawn[8:12]}-7{drawn[13:16]}-8{drawn[17:20]}-{drawn[20:]}"


def prepared(wire: Wire) -> Prepared:
    """A wire fact as the door reads it."""
    found = read_fact(wire)
    assert isinstance(found, Prepared), found
    return found


def say(
    ledger: Ledger, *wires: Wire, by: str = PRODUCER_ORG, at: int | None = None, role: Role | None = None
) -> Outcome:
    """State facts together; what the ledger says to it."""
    outcome = ledger.accept([Submission(by, [prepared(wire) for wire in wires], at, role)])[0]
    assert isinstance(outcome, Accepted | Refused), outcome
    return outcome


def accepted(
    ledger: Ledger, *wires: Wire, by: str = PRODUCER_ORG, at: int | None = None, role: Role | None = None
) -> tuple[Receipt, ...]:
    """State facts that the ledger takes; their receipts."""
    outcome = say(ledger, *wires, by=by, at=at, role=role)
    assert isinstance(outcome, Accepted), outcome
    return outcome.receipts


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    """Path and code of each problem of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return [(problem.path, str(problem.code)) for problem in outcome.problems]


def seqs(ledger: Ledger) -> list[int]:
    """All numbers in the ledger, in order."""
    return [row.seq for row in ledger.rows(0, 1_000_000)]
