"""A small Feilian for tests: a driven ledger with the default policies, a judge, the embedded loop and a publisher."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import Settings
from models.topics import Concern, shard_of
from rules.defaults import SYSTEM_ORG, default_facts
from streams import bulk
from streams.databases import Databases, open_databases, reading
from streams.embedded import Embedded
from streams.judge import Judge
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, HeadAt, Prepared, Submission
from streams.publisher import Publisher
from tests.facts import When, Wire, day, instant, stater, timed

SHARDS = 4


def prepared(wire: Wire) -> Prepared:
    """A wire fact as the door reads it; a test's fact is well-formed."""
    found = read_fact(wire)
    assert isinstance(found, Prepared), found
    return found


@dataclass
class World:
    """One ledger and the hands that tests try on it."""

    databases: Databases
    ledger: Ledger

    def judge(self) -> Judge:
        """A fresh judge, as another process would have it."""
        judge = Judge(self.databases.state, self.ledger, SHARDS)
        judge.ensure_positions()
        return judge

    def embedded(self, judge: Judge | None = None) -> Embedded:
        """The embedded loop over a fresh judge, or the given one."""
        return Embedded(judge or self.judge(), self.ledger, self.databases.state, SHARDS)

    def publisher(self) -> Publisher:
        """The publisher of this world's changes."""
        return Publisher(self.databases.state)

    def say(self, wire: Wire, at: When | None = None, stated_by: str | None = None) -> int:
        """Accept one fact at a time of the driven clock; its seq."""
        return self.say_all([wire], at, stated_by)[0]

    def say_all(
        self, wires: Iterable[Wire], at: When | None = None, stated_by: str | None = None
    ) -> list[int]:
        """Accept facts, each in a submission of its own, at one time."""
        recorded = None if at is None else instant(at)
        seqs = []
        for wire in wires:
            whole = timed(wire, recorded if recorded is not None else day(0))
            when = recorded if recorded is not None else instant(whole["occurred_at"])
            outcome = self.ledger.accept([Submission(stated_by or stater(whole), [prepared(whole)], when)])[0]
            assert isinstance(outcome, Accepted), outcome
            seqs.append(outcome.receipts[0].seq)
        return seqs

    def sweep(self, at: When, loop: Embedded | None = None) -> HeadAt:
        """Judge all facts, and every deadline up to and at an instant."""
        head = HeadAt(self.ledger.head().seq, instant(at) + 1)
        (loop or self.embedded()).sweep(head)
        return head

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the state database."""
        with reading(self.databases.state) as conn:
            return [tuple(row) for row in bulk.fetch(conn, sql, parameters)]

    def alerts(self) -> list[tuple[str, str, str]]:
        """Kind, subject and condition of all alerts."""
        return [
            (kind, subject, condition)
            for kind, subject, condition in self.rows(
                "SELECT kind, subject, condition FROM alerts ORDER BY kind, subject, episode"
            )
        ]

    def changes(self, concern: Concern) -> list[tuple[str, str]]:
        """Change and cause of a concern's alert changes, in the order of time."""
        found = self.rows("SELECT concern, change, cause FROM alert_changes ORDER BY changed_at, ordinal")
        return [(change, cause) for name, change, cause in found if name == concern]


def shard(concern: Concern, key: str) -> tuple[Concern, int]:
    """Where a key is judged."""
    return (concern, shard_of(key, SHARDS))


def make_world(folder: Path, database: str = "", *, policies: bool = True) -> World:
    """A new world in a folder, or in a PostgreSQL database."""
    databases = open_databases(Settings(data_dir=folder, database=database))
    databases.create()
    ledger = Ledger(databases)
    ledger.init(shards=SHARDS, clock="driven", ledger_id="6a0b7a52-0000-4000-8000-000000000001")
    if policies:
        facts = [prepared(wire) for wire in default_facts()]
        outcome = ledger.accept([Submission(SYSTEM_ORG, facts, day(-30))])[0]
        assert isinstance(outcome, Accepted), outcome
    return World(databases, ledger)
