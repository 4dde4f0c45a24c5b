"""A small running system for tests of pages: a driven ledger, judged by the embedded loop and published; its keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from api.app import create_app
from models.facts import Role
from models.settings import Settings
from rules.defaults import SYSTEM_ORG, default_facts
from streams.databases import Databases, open_databases
from streams.embedded import Embedded
from streams.judge import Judge
from streams.keys import create_key
from streams.ledger import Accepted, Ledger, Prepared, Submission
from streams.ledger_reading import read_fact
from streams.publisher import Publisher
from tests.api.conform import conforming
from tests.facts import AUDITOR_ORG, PRODUCER_ORG, REGULATOR_ORG, Wire, day, instant, stater

SHARDS = 3


@dataclass
class World:
    """Facts go in by `post`; `settle` judges them up to an instant and numbers the changes."""

    folder: Path
    clock: str = "driven"
    database: str = ""  # A PostgreSQL address; empty for SQLite.
    databases: Databases = field(init=False)
    ledger: Ledger = field(init=False)
    judge: Judge = field(init=False)
    embedded: Embedded = field(init=False)
    publisher: Publisher = field(init=False)
    settings: Settings = field(init=False)
    staters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Makes the databases, with the default law recorded."""
        self.settings = Settings(data_dir=self.folder, database=self.database, stream_poll_ms=20, port=0)
        self.databases = open_databases(self.settings)
        self.databases.create()
        self.ledger = Ledger(self.databases)
        self.ledger.init(SHARDS, self.clock)
        self.judge = Judge(self.databases.state, self.ledger, SHARDS)
        self.judge.ensure_positions()
        self.embedded = Embedded(self.judge, self.ledger, self.databases.state, SHARDS)
        self.publisher = Publisher(self.databases.state)
        self.post(*default_facts(), stated_by=SYSTEM_ORG, at=day(-1) if self.clock == "driven" else None)

    def post(self, *wires: Wire, stated_by: str | None = None, at: int | None = None) -> None:
        """Accept facts as the door would, each recorded when it happened unless told; a refusal is a mistake in a test."""
        for wire in wires:
            prepared = read_fact(wire)
            assert isinstance(prepared, Prepared), prepared
            recorded_at = None
            if self.clock == "driven":
                recorded_at = at if at is not None else instant(wire["occurred_at"])
            by = stated_by or self.staters.get(wire.get("corrects", "")) or stater(wire)
            self.staters[wire["event_id"]] = by
            (outcome,) = self.ledger.accept([Submission(by, [prepared], recorded_at)])
            assert isinstance(outcome, Accepted), outcome

    def settle(self, at: int | None = None) -> None:
        """Let time pass to `at` and judge all of it."""
        head = self.ledger.drive(at) if at is not None else self.ledger.tick()
        self.embedded.sweep(head)
        self.publisher.drain()

    def app(self) -> FastAPI:
        """The application on this ledger."""
        return conforming(create_app(self.settings, databases=self.databases, ledger=self.ledger))

    def key(self, role: Role = Role.REGULATOR, org: str | None = None) -> str:
        """A key to log in with."""
        orgs = {Role.REGULATOR: REGULATOR_ORG, Role.AUDITOR: AUDITOR_ORG, Role.PRODUCER: PRODUCER_ORG}
        _, token = create_key(self.databases, org or orgs[role], role, "test")
        return token


def in_order(wires: Iterable[Wire]) -> list[Wire]:
    """Facts by when they happened."""
    return sorted(wires, key=lambda wire: instant(wire["occurred_at"]))
