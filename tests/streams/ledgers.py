"""Ledgers for tests of accepting: a fresh one in a folder or a PostgreSQL database, and ways to state things to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from models.settings import Settings
from streams.databases import open_databases
from streams.ledger import Accepted, Ledger, Outcome, Prepared, Receipt, Refused, Submission
from streams.ledger_reading import read_fact
from tests import facts
from tests.facts import PRODUCER_ORG, Wire, day

LEDGER_ID = "6a0b7a52-0000-4000-8000-00000000000d"


def new_ledger(folder: Path, database: str = "", clock: str = "database") -> Ledger:
    """An empty ledger; SQLite in the folder where no database is named."""
    databases = open_databases(Settings(data_dir=folder, database=database))
    databases.create()
    ledger = Ledger(databases)
    ledger.init(clock=clock, ledger_id=LEDGER_ID)
    return ledger


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


def say(ledger: Ledger, *wires: Wire, by: str = PRODUCER_ORG, at: int | None = None) -> Outcome:
    """State facts together; what the ledger says to it."""
    outcome = ledger.accept([Submission(by, [prepared(wire) for wire in wires], at)])[0]
    assert isinstance(outcome, Accepted | Refused), outcome
    return outcome


def accepted(
    ledger: Ledger, *wires: Wire, by: str = PRODUCER_ORG, at: int | None = None
) -> tuple[Receipt, ...]:
    """State facts that the ledger takes; their receipts."""
    outcome = say(ledger, *wires, by=by, at=at)
    assert isinstance(outcome, Accepted), outcome
    return outcome.receipts


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    """Path and code of each problem of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return [(problem.path, str(problem.code)) for problem in outcome.problems]


def seqs(ledger: Ledger) -> list[int]:
    """All numbers in the ledger, in order."""
    return [row.seq for row in ledger.rows(0, 1_000_000)]
