"""The ledger: append-only, densely numbered, hashed (DESIGN D1-D3, D11). The door, simulator, relay and judge call it.

All methods block; call them from a thread of your own. Any of them may raise LedgerUnavailable: nothing was promised
then, and the same facts can be given again, since a fact that got in after all is recognised by its event_id.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from time import perf_counter
from typing import Any, TypeVar
from uuid import uuid4

from models.envelope import Row
from models.errors import NotForThisLedger
from models.facts import LAW_KINDS
from models.metrics import ACCEPT_GROUP_FACTS, ACCEPT_GROUP_SECONDS, FACTS_ACCEPTED, FACTS_KNOWN, LEDGER_SEQ
from models.topics import SHARDS_DEFAULT
from streams import ledger_rows
from streams.clock import LedgerClock, local_now
from streams.databases import AWAY, BROKEN, Databases, guarded
from streams.ledger_group import Group, wanted_by
from streams.ledger_rows import FullRow, Said
from streams.ledger_sql import Opened, PostgresWriter, SqliteWriter, Writer
from streams.ledger_types import (
    Accepted,
    HeadAt,
    LedgerMeta,
    Outcome,
    Prepared,
    Receipt,
    Refused,
    Submission,
)

__all__ = [
    "Accepted",
    "HeadAt",
    "Ledger",
    "LedgerMeta",
    "Outcome",
    "Prepared",
    "Receipt",
    "Refused",
    "Submission",
]

T = TypeVar("T")


class Ledger:
    """One ledger in one database. `on_commit` is called with the new head's seq after facts were committed."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.on_commit: list[Callable[[int], None]] = []

    # What it is

    def init(
        self, shards: int = SHARDS_DEFAULT, clock: str = "database", ledger_id: str | None = None
    ) -> LedgerMeta:
        """Fix what the ledger is; again with the same wishes changes nothing, with others is NotForThisLedger."""
        with guarded(), self.databases.ledger.begin() as connection:
            ledger_rows.make(
                connection,
                LedgerMeta(ledger_id or str(uuid4()), secrets.token_hex(8), shards, clock, local_now()),
            )
        self.__dict__.pop("meta", None)
        meta = self.meta
        wishes = {"shards": shards, "clock": clock, "ledger_id": ledger_id or meta.ledger_id}
        for name, wish in wishes.items():
            if (fixed := getattr(meta, name)) != wish:
                raise NotForThisLedger(f'{name} of this ledger is "{fixed}", not "{wish}"')
        return meta

    @cached_property
    def meta(self) -> LedgerMeta:
        """What was fixed by init; NotForThisLedger where there was none."""
        with guarded():
            return ledger_rows.meta(self.databases.ledger)

    @cached_property
    def clock(self) -> LedgerClock:
        """The ledger's time as this process knows it."""
        clock = LedgerClock(self.meta.driven)
        clock.saw(self.head().recorded_at if clock.driven else self._database_now())
        return clock

    @property
    def opened(self) -> bool:
        """Whether `now` and `meta` are known without asking the database."""
        return "clock" in self.__dict__

    def look_at_clock(self) -> None:
        """Ask for the ledger's time: a driven one may have been driven by another process."""
        self.clock.saw(self.head().recorded_at if self.meta.driven else self._database_now())

    def now(self) -> int:
        """The ledger's time, microseconds UTC, without asking the database."""
        return self.clock.now()

    # Accepting

    def accept(self, submissions: Sequence[Submission]) -> list[Outcome | Exception]:
        """Accept a group in one transaction: one outcome for each submission, in order.

        Where the transaction fails for the sake of a submission's content, each is tried alone, and the one that
        fails has its exception as outcome. Raises LedgerUnavailable when the database is away (nothing is promised),
        NotForThisLedger when recorded_at is given to a ledger that is not driven.
        """
        if not self.meta.driven and any(submission.recorded_at is not None for submission in submissions):
            raise NotForThisLedger("recorded_at is the ledger's own; only a driven ledger takes it")
        try:
            return list(self._accept_together(submissions))
        except BROKEN as error:
            if len(submissions) == 1:
                return [error]
            return [self._accept_alone(submission) for submission in submissions]

    def _accept_alone(self, submission: Submission) -> Outcome | Exception:
        try:
            return self._accept_together([submission])[0]
        except BROKEN as error:
            return error

    def _accept_together(self, submissions: Sequence[Submission]) -> list[Outcome]:
        return self._twice(lambda: self._accept_once(submissions))

    def _accept_once(self, submissions: Sequence[Submission]) -> list[Outcome]:
        started = perf_counter()
        with self._writer() as writer:
            opened = writer.open(wanted_by(submissions))
            group = Group(self.meta.ledger_id, writer, self._timed(opened), opened.known)
            outcomes = group.decide(submissions)
            if group.noted.rows:
                writer.close(group.noted.written(), group.head)
            else:
                writer.rollback()
        _count(outcomes, group, perf_counter() - started)
        if group.noted.rows:
            self._committed(group.head)
        return outcomes

    def _timed(self, opened: Opened) -> HeadAt:
        """The head as of now: what the next fact is recorded at."""
        seq, recorded_at = opened.head
        if self.meta.driven:
            self.clock.saw(recorded_at)
            return opened.head
        self.clock.saw(opened.database_now)
        return HeadAt(seq, max(recorded_at, opened.database_now))

    def _committed(self, head: HeadAt) -> None:
        LEDGER_SEQ.set(head.seq)
        if self.meta.driven:
            self.clock.saw(head.recorded_at)
        for hook in self.on_commit:
            hook(head.seq)

    # Time

    def tick(self) -> HeadAt:
        """Lift the head's recorded_at to the clock's now: no later fact can be earlier (D5).

        A driven ledger's time stands still: there it only tells the head.
        """
        return self._lift(0)

    def drive(self, to: int) -> HeadAt:
        """Lift a driven ledger's time (microseconds UTC), never back; NotForThisLedger where it is not driven."""
        if not self.meta.driven:
            raise NotForThisLedger(
                f'ledger "{self.meta.ledger_id}" has the database\'s clock and is not driven'
            )
        return self._lift(to)

    def _lift(self, to: int) -> HeadAt:
        head = self._twice(lambda: self._lift_once(to))
        if self.meta.driven:
            self.clock.saw(head.recorded_at)
        return head

    def _lift_once(self, to: int) -> HeadAt:
        with self._writer() as writer:
            head = self._timed(writer.open(()))
            head = HeadAt(head.seq, max(head.recorded_at, to))
            writer.close(None, head)
        return head

    # Reading

    def head(self) -> HeadAt:
        """The last seq, and the earliest time that a later fact can have."""
        with guarded():
            return ledger_rows.head(self.databases.ledger)

    def rows(self, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Rows with after < seq (<= upto), in seq order, at most `limit`."""
        with guarded():
            return ledger_rows.rows(self.databases.ledger, after, limit, upto)

    def rows_of(
        self, after: int, upto: int, limit: int, org: str | None = None, kinds: Collection[str] = ()
    ) -> list[Row]:
        """Of the rows with after < seq <= upto the first that name an organisation, of some kinds; in seq order."""
        with guarded():
            return ledger_rows.rows_of(self.databases.ledger, after, upto, limit, org, kinds)

    def rows_by_seq(self, seqs: Iterable[int], kinds: Collection[str] = ()) -> dict[int, Row]:
        """These rows by seq, of these kinds where some are named; one that does not exist is left out."""
        with guarded():
            return ledger_rows.rows_by_seq(self.databases.ledger, seqs, kinds)

    def full_rows_by_seq(self, seqs: Iterable[int]) -> dict[int, FullRow]:
        """These rows with their leaves by seq; one that does not exist is left out."""
        with guarded():
            return ledger_rows.full_rows_by_seq(self.databases.ledger, seqs)

    def law_rows(self, after: int, upto: int) -> list[Row]:
        """Law facts, and corrections of law facts, with after < seq <= upto, in seq order."""
        return self.rows_about(LAW_KINDS, after, upto)

    def rows_about(self, kinds: Collection[str], after: int, upto: int) -> list[Row]:
        """Facts of these kinds, and corrections of them, with after < seq <= upto, in seq order."""
        with guarded():
            return ledger_rows.rows_about(self.databases.ledger, kinds, after, upto)

    def row(self, seq: int) -> FullRow | None:
        """One row with its leaf."""
        with guarded():
            return ledger_rows.full_row(self.databases.ledger, "seq", (seq,))

    def find(self, stated_by: str, event_id: str) -> FullRow | None:
        """The row that an organisation stated under an event_id."""
        with guarded():
            return ledger_rows.full_row(self.databases.ledger, "identity", (stated_by, event_id.lower()))

    def sender_of(self, seq: int) -> tuple[str, str | None] | None:
        """By which key a fact was sent, and by whom where that was for another; None where nobody noted it."""
        with guarded():
            return ledger_rows.sender_of(self.databases.ledger, seq)

    def correction_of(self, seq: int) -> int | None:
        """The seq of the latest correction of a fact; None where it stands as stated."""
        with guarded():
            return ledger_rows.correction_of(self.databases.ledger, seq)

    def changes_of(self, *seqs: int) -> list[Said]:
        """Corrections, requests and decisions about these facts, in seq order."""
        with guarded():
            return ledger_rows.changes_of(self.databases.ledger, seqs)

    def spoken(self, documents: Iterable[str], after: int) -> set[tuple[str, str]]:
        """Who stated which kinds on these documents after a seq: (stated_by, kind)."""
        with guarded():
            return ledger_rows.spoken(self.databases.ledger, documents, after)

    def last_spoken(self, document: str) -> set[int]:
        """The last seq of each kind that each party stated on a document, however recently."""
        with guarded():
            return ledger_rows.last_spoken(self.databases.ledger, document)

    def latest_of_kind(self, kind: str, before: int, limit: int) -> list[Row]:
        """Rows of a kind with seq < before, the latest first."""
        with guarded():
            return ledger_rows.latest_of_kind(self.databases.ledger, kind, before, limit)

    def of_kind(self, kind: str, after: int, limit: int) -> list[Row]:
        """Rows of a kind with seq > after, in seq order."""
        with guarded():
            return ledger_rows.of_kind(self.databases.ledger, kind, after, limit)

    def leaves(self, after: int, limit: int) -> list[FullRow]:
        """Rows with their leaves, in seq order: what verifying reads."""
        with guarded():
            return ledger_rows.full_rows(self.databases.ledger, after, limit)

    # The driver

    def _database_now(self) -> int:
        with guarded():
            return ledger_rows.database_now(self.databases.ledger)

    def _twice(self, work: Callable[[], T]) -> T:
        """A pooled connection may have died long ago; what the first try did after all is recognised by the second."""
        try:
            return work()
        except AWAY:
            self.databases.accepting.dispose()
        with guarded():
            return work()

    @contextmanager
    def _writer(self) -> Iterator[Writer]:
        """A transaction on a connection of its own; rolled back, and the connection given up where it broke."""
        pooled = self.databases.accepting.raw_connection()
        connection: Any = pooled.driver_connection
        writer: Writer = (
            PostgresWriter(connection) if self.databases.on_postgres else SqliteWriter(connection)
        )
        try:
            yield writer
        except BaseException:
            try:
                writer.rollback()
            except BROKEN:
                pooled.invalidate()
            raise
        finally:
            with suppress(*AWAY):
                pooled.close()


def _count(outcomes: Sequence[Outcome], group: Group, seconds: float) -> None:
    ACCEPT_GROUP_SECONDS.observe(seconds)
    ACCEPT_GROUP_FACTS.observe(len(group.noted.rows))
    counts: dict[str, int] = {}
    for row in group.noted.rows:
        counts[row[4]] = counts.get(row[4], 0) + 1
    for kind, count in counts.items():
        FACTS_ACCEPTED.labels(kind).inc(count)
    known = sum(
        receipt.known and not receipt.rehearsed
        for outcome in outcomes
        if isinstance(outcome, Accepted)
        for receipt in outcome.receipts
    )
    if known:
        FACTS_KNOWN.inc(known)
