"""The accepting transaction's SQL, once for each database, on the driver itself; called by streams.ledger alone.

The order is the contract of D2: lock the head row, only then look up what is known, then write and move the head.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Protocol

from streams.clock import local_now
from streams.ledger_types import HeadAt

FactTuple = tuple[int, int, str, str, str, bytes, bytes, bytes | None]
Identity = tuple[str, str]
SenderTuple = tuple[
    int, int, str, str | None
]  # First seq, last seq, key, and by whom it was sent for another.

_PLAIN: Final = "seq, recorded_at, stated_by, event_id, kind, data, leaf"
_COLUMNS: Final = f"{_PLAIN}, original"
_EIGHT: Final = ", ".join(["%b"] * 8)
_STORED: Final = "f.stated_by, f.event_id, f.seq, f.recorded_at, f.kind, f.data, f.leaf, f.original"
_PARTY: Final = "document, stated_by, kind, last_seq"
_SENDER: Final = "first_seq, last_seq, key_id, via"
_ON_PARTY: Final = "ON CONFLICT (document, stated_by, kind) DO UPDATE SET last_seq = excluded.last_seq"
_ON_CORRECTION: Final = "ON CONFLICT (original_seq) DO UPDATE SET correction_seq = excluded.correction_seq"

_WARNED: Final = "org, day, code, kind, count"
_ON_WARNED: Final = (
    "ON CONFLICT (org, day, code, kind) DO UPDATE SET count = warnings_counted.count + excluded.count"
)


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What the ledger has under a (stated_by, event_id)."""

    seq: int
    recorded_at: int
    kind: str
    data: bytes
    leaf: bytes
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """The correction in force of a fact, or the approval that put it in force."""

    seq: int
    kind: str
    data: bytes
    original: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The locked head, the database's clock (microseconds), and what of the wanted is known."""

    head: HeadAt
    database_now: int
    known: dict[Identity, StoredFact]


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction appends, each (document, stated_by, kind) and each original_seq once.

    `changes` are (original_seq, seq, the request that it decides); `senders` say by which key which rows were sent;
    `warnings` are (org, day, code, kind, how many more).
    """

    rows: Sequence[FactTuple]
    parties: Sequence[tuple[str, str, str, int]]
    corrections: Sequence[tuple[int, int]]
    changes: Sequence[tuple[int, int, int | None]]
    senders: Sequence[SenderTuple] = ()
    warnings: Sequence[tuple[str, str, str, str, int]] = ()


class Writer(Protocol):
    """One accepting transaction: `open`, then questions, then `close` or `rollback`."""

    def open(self, wanted: Sequence[Identity]) -> Opened:
        """Begin, lock the head row, and look up which of these the ledger already has."""

    def correction_in_force(self, original_seq: int) -> InForce | None:
        """The latest correction of a fact."""

    def decision_on(self, original_seq: int, request_seq: int) -> int | None:
        """The seq of what decided a request about a fact."""

    def spoken(self, documents: Sequence[str], after: int) -> set[tuple[str, str]]:
        """Who stated which kinds on these documents after a seq: (stated_by, kind)."""

    def close(self, written: Written | None, head: HeadAt) -> None:
        """Write the new rows and the head, and commit; without `written` only the head."""

    def rollback(self) -> None:
        """Undo all of it."""


def _by_identity(rows: Iterable[Any]) -> dict[Identity, StoredFact]:
    return {
        (row[0], row[1]): StoredFact(
            row[2], row[3], row[4], bytes(row[5]), bytes(row[6]), None if row[7] is None else bytes(row[7])
        )
        for row in rows
    }


_IN_FORCE: Final = (
    "SELECT f.seq, f.kind, f.data, f.original FROM corrections c JOIN facts f ON f.seq = c.correction_seq "
    "WHERE c.original_seq = {0}"
)
_DECISION: Final = "SELECT seq FROM fact_changes WHERE original_seq = {0} AND decides = {0}"


def _in_force(found: Sequence[Any]) -> InForce | None:
    return InForce(found[0][0], found[0][1], bytes(found[0][2]), bytes(found[0][3])) if found else None


_KNOWN: Final = (
    f"SELECT {_STORED} FROM unnest(%b::text[], %b::text[]) AS w(s, e) "
    "JOIN facts f ON f.stated_by = w.s AND f.event_id = w.e"
)
_WRITE: Final = (
    f"WITH new_facts AS (INSERT INTO facts ({_PLAIN}) SELECT * FROM unnest(%b::bigint[], %b::bigint[], "
    "%b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[])), "
    f"parties AS (INSERT INTO document_parties ({_PARTY}) "
    f"SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[]) {_ON_PARTY}), "
    f"senders AS (INSERT INTO fact_senders ({_SENDER}) "
    "SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[])) "
    "UPDATE ledger_head SET seq = %b, recorded_at = %b"
)

_WARN: Final = (
    f"INSERT INTO warnings_counted ({_WARNED}) "
    f"SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[]) {_ON_WARNED}"
)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into columns, also where there are none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


class PostgresWriter:
    """psycopg 3, in autocommit with BEGIN and COMMIT spelled out: four round trips in all.

    No pipelines: after one that ends in a transaction, PostgreSQL 15 does not start the time-out of idle transactions,
    and a process that froze just then would hold the head row, and every other process, for ever.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)

    def open(self, wanted: Sequence[Identity]) -> Opened:
        """The clock is read by the statement that waits for the lock, so it may be a wait old; the head never is."""
        lock = self._connection.execute(
            "BEGIN; SELECT seq, recorded_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
            "FROM ledger_head FOR UPDATE"
        )
        lock.nextset()
        seq, recorded_at, now = lock.fetchone()
        known: dict[Identity, StoredFact] = {}
        if wanted:
            # In READ COMMITTED a statement sees what was committed before it began: here, with the lock in hand.
            columns = [list(column) for column in zip(*wanted, strict=True)]
            known = _by_identity(self._ask(_KNOWN, columns))
        return Opened(HeadAt(seq, recorded_at), now, known)

    def _ask(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        return list(self._cursor.execute(sql, parameters).fetchall())

    def correction_in_force(self, original_seq: int) -> InForce | None:
        return _in_force(self._ask(_IN_FORCE.format("%b"), (original_seq,)))

    def decision_on(self, original_seq: int, request_seq: int) -> int | None:
        found = self._ask(_DECISION.format("%b"), (original_seq, request_seq))
        return found[0][0] if found else None

    def spoken(self, documents: Sequence[str], after: int) -> set[tuple[str, str]]:
        found = self._ask(
            "SELECT stated_by, kind FROM document_parties WHERE document = ANY(%b) AND last_seq > %b",
            (list(documents), after),
        )
        return {(row[0], row[1]) for row in found}

    def close(self, written: Written | None, head: HeadAt) -> None:
        if written is None:
            self._cursor.execute("UPDATE ledger_head SET seq = %b, recorded_at = %b", tuple(head))
        else:
            self._write(written, head)
        self._connection.execute("COMMIT")

    def _write(self, written: Written, head: HeadAt) -> None:
        """Facts, parties and head are one statement, which is one round trip; corrections are few."""
        plain = [row[:7] for row in written.rows if row[7] is None]
        facts = _columns(plain, 7)
        parties = _columns(written.parties, 4)
        senders = _columns(written.senders, 4)
        self._cursor.execute(_WRITE, [*facts, *parties, *senders, *head])
        for row in written.rows:
            if row[7] is not None:
                self._cursor.execute(f"INSERT INTO facts ({_COLUMNS}) VALUES ({_EIGHT})", row)
        for pair in written.corrections:
            self._cursor.execute(
                f"INSERT INTO corrections (original_seq, correction_seq) VALUES (%b, %b) {_ON_CORRECTION}",
                pair,
            )
        for change in written.changes:
            self._cursor.execute(
                "INSERT INTO fact_changes (original_seq, seq, decides) VALUES (%b, %b, %b)", change
            )
        if written.warnings:
            self._cursor.execute(_WARN, _columns(written.warnings, 5))

    def rollback(self) -> None:
        self._connection.execute("ROLLBACK")


class SqliteWriter:
    """BEGIN IMMEDIATE is the lock; the clock is this machine's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def open(self, wanted: Sequence[Identity]) -> Opened:
        self._connection.execute("BEGIN IMMEDIATE")
        head = self._connection.execute("SELECT seq, recorded_at FROM ledger_head").fetchone()
        return Opened(HeadAt(*head), local_now(), self._known(wanted))

    def _known(self, wanted: Sequence[Identity]) -> dict[Identity, StoredFact]:
        found: dict[Identity, StoredFact] = {}
        for stater, pairs in groupby(sorted(wanted), key=lambda pair: pair[0]):
            ids = json.dumps([event_id for _, event_id in pairs])
            rows = self._connection.execute(
                f"SELECT {_STORED} FROM facts f "
                "WHERE f.stated_by = ? AND f.event_id IN (SELECT value FROM json_each(?))",
                (stater, ids),
            )
            found.update(_by_identity(rows))
        return found

    def correction_in_force(self, original_seq: int) -> InForce | None:
        return _in_force(self._connection.execute(_IN_FORCE.format("?"), (original_seq,)).fetchall())

    def decision_on(self, original_seq: int, request_seq: int) -> int | None:
        found = self._connection.execute(_DECISION.format("?"), (original_seq, request_seq)).fetchone()
        return found[0] if found else None

    def spoken(self, documents: Sequence[str], after: int) -> set[tuple[str, str]]:
        rows = self._connection.execute(
            "SELECT stated_by, kind FROM document_parties "
            "WHERE document IN (SELECT value FROM json_each(?)) AND last_seq > ?",
            (json.dumps(list(documents)), after),
        )
        return {(row[0], row[1]) for row in rows}

    def close(self, written: Written | None, head: HeadAt) -> None:
        if written is not None:
            many = self._connection.executemany
            many(f"INSERT INTO facts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", written.rows)
            many(
                f"INSERT INTO document_parties ({_PARTY}) VALUES (?, ?, ?, ?) {_ON_PARTY}",
                written.parties,
            )
            many(
                f"INSERT INTO corrections (original_seq, correction_seq) VALUES (?, ?) {_ON_CORRECTION}",
                written.corrections,
            )
            many(
                "INSERT INTO fact_changes (original_seq, seq, decides) VALUES (?, ?, ?)",
                written.changes,
            )
            many(
                f"INSERT INTO warnings_counted ({_WARNED}) VALUES (?, ?, ?, ?, ?) {_ON_WARNED}",
                written.warnings,
            )
            many(f"INSERT INTO fact_senders ({_SENDER}) VALUES (?, ?, ?, ?)", written.senders)
        self._connection.execute("UPDATE ledger_head SET seq = ?, recorded_at = ?", head)
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()
