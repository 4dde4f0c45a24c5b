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
COPY_FROM_ROWS: Final = 200

_PLAIN: Final = "seq, recorded_at, stated_by, event_id, kind, data, leaf"
_COLUMNS: Final = f"{_PLAIN}, original"
_STORED: Final = "f.stated_by, f.event_id, f.seq, f.recorded_at, f.kind, f.data, f.leaf"
_ON_PARTY: Final = "ON CONFLICT (document, stated_by) DO UPDATE SET last_seq = excluded.last_seq"
_ON_CORRECTION: Final = "ON CONFLICT (original_seq) DO UPDATE SET correction_seq = excluded.correction_seq"


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What the ledger has under a (stated_by, event_id)."""

    seq: int
    recorded_at: int
    kind: str
    data: bytes
    leaf: bytes


class Writer(Protocol):
    """One accepting transaction, begun by `lock`."""

    def lock(self) -> tuple[HeadAt, int]:
        """Lock the head row; it, and the database's clock (microseconds)."""

    def known(self, wanted: Sequence[Identity]) -> dict[Identity, StoredFact]:
        """Which of these the ledger already has."""

    def correction_in_force(self, original_seq: int) -> bytes | None:
        """The data of the latest correction of a fact."""

    def others_since(self, documents: Sequence[str], stated_by: str, seq: int) -> set[str]:
        """Who else has stated something on these documents after `seq`."""

    def insert(self, rows: Sequence[FactTuple]) -> None:
        """Append facts."""

    def note_parties(self, parties: Iterable[tuple[str, str, int]]) -> None:
        """(document, stated_by, last_seq), each (document, stated_by) once."""

    def note_corrections(self, corrections: Iterable[tuple[int, int]]) -> None:
        """(original_seq, correction_seq), each original once."""

    def move_head(self, head: HeadAt) -> None:
        """Write the head row."""

    def commit(self) -> None:
        """Make it durable."""

    def rollback(self) -> None:
        """Undo all of it."""


def _by_identity(rows: Iterable[Any]) -> dict[Identity, StoredFact]:
    return {
        (row[0], row[1]): StoredFact(row[2], row[3], row[4], bytes(row[5]), bytes(row[6])) for row in rows
    }


class PostgresWriter:
    """psycopg 3 in binary: arrays by unnest, and COPY for many rows."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)

    def lock(self) -> tuple[HeadAt, int]:
        """The clock is read by the statement that waits for the lock, so it may be a wait old; the head never is."""
        row = self._cursor.execute(
            "SELECT seq, recorded_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
            "FROM ledger_head FOR UPDATE"
        ).fetchone()
        return HeadAt(row[0], row[1]), row[2]

    def known(self, wanted: Sequence[Identity]) -> dict[Identity, StoredFact]:
        staters, ids = zip(*wanted, strict=True)
        rows = self._cursor.execute(
            f"SELECT {_STORED} FROM unnest(%b::text[], %b::text[]) AS w(s, e) "
            "JOIN facts f ON f.stated_by = w.s AND f.event_id = w.e",
            (list(staters), list(ids)),
        )
        return _by_identity(rows)

    def correction_in_force(self, original_seq: int) -> bytes | None:
        row = self._cursor.execute(
            "SELECT f.data FROM corrections c JOIN facts f ON f.seq = c.correction_seq WHERE c.original_seq = %b",
            (original_seq,),
        ).fetchone()
        return bytes(row[0]) if row else None

    def others_since(self, documents: Sequence[str], stated_by: str, seq: int) -> set[str]:
        rows = self._cursor.execute(
            "SELECT stated_by FROM document_parties "
            "WHERE document = ANY(%b) AND stated_by <> %b AND last_seq > %b",
            (list(documents), stated_by, seq),
        )
        return {row[0] for row in rows}

    def insert(self, rows: Sequence[FactTuple]) -> None:
        if len(rows) >= COPY_FROM_ROWS:
            self._copy(rows)
            return
        plain = [row for row in rows if row[7] is None]
        if plain:
            columns = [list(column) for column in zip(*plain, strict=True)][:7]
            self._cursor.execute(
                f"INSERT INTO facts ({_PLAIN}) SELECT * FROM unnest(%b::bigint[], %b::bigint[], "
                "%b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[])",
                columns,
            )
        corrections = [row for row in rows if row[7] is not None]
        if corrections:
            places = ", ".join(["%b"] * 8)
            self._cursor.executemany(f"INSERT INTO facts ({_COLUMNS}) VALUES ({places})", corrections)

    def _copy(self, rows: Sequence[FactTuple]) -> None:
        with self._cursor.copy(f"COPY facts ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int8", "varchar", "varchar", "varchar", "bytea", "bytea", "bytea"])
            for row in rows:
                copy.write_row(row)

    def note_parties(self, parties: Iterable[tuple[str, str, int]]) -> None:
        columns = [list(column) for column in zip(*parties, strict=True)]
        if columns:
            self._cursor.execute(
                "INSERT INTO document_parties (document, stated_by, last_seq) "
                f"SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[]) {_ON_PARTY}",
                columns,
            )

    def note_corrections(self, corrections: Iterable[tuple[int, int]]) -> None:
        for pair in corrections:
            self._cursor.execute(
                f"INSERT INTO corrections (original_seq, correction_seq) VALUES (%b, %b) {_ON_CORRECTION}",
                pair,
            )

    def move_head(self, head: HeadAt) -> None:
        self._cursor.execute("UPDATE ledger_head SET seq = %b, recorded_at = %b", tuple(head))

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()


class SqliteWriter:
    """BEGIN IMMEDIATE is the lock; the clock is this machine's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def lock(self) -> tuple[HeadAt, int]:
        self._connection.execute("BEGIN IMMEDIATE")
        row = self._connection.execute("SELECT seq, recorded_at FROM ledger_head").fetchone()
        return HeadAt(*row), local_now()

    def known(self, wanted: Sequence[Identity]) -> dict[Identity, StoredFact]:
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

    def correction_in_force(self, original_seq: int) -> bytes | None:
        row = self._connection.execute(
            "SELECT f.data FROM corrections c JOIN facts f ON f.seq = c.correction_seq WHERE c.original_seq = ?",
            (original_seq,),
        ).fetchone()
        return bytes(row[0]) if row else None

    def others_since(self, documents: Sequence[str], stated_by: str, seq: int) -> set[str]:
        rows = self._connection.execute(
            "SELECT stated_by FROM document_parties "
            "WHERE document IN (SELECT value FROM json_each(?)) AND stated_by <> ? AND last_seq > ?",
            (json.dumps(list(documents)), stated_by, seq),
        )
        return {row[0] for row in rows}

    def insert(self, rows: Sequence[FactTuple]) -> None:
        self._connection.executemany(f"INSERT INTO facts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def note_parties(self, parties: Iterable[tuple[str, str, int]]) -> None:
        self._connection.executemany(
            f"INSERT INTO document_parties (document, stated_by, last_seq) VALUES (?, ?, ?) {_ON_PARTY}",
            parties,
        )

    def note_corrections(self, corrections: Iterable[tuple[int, int]]) -> None:
        self._connection.executemany(
            f"INSERT INTO corrections (original_seq, correction_seq) VALUES (?, ?) {_ON_CORRECTION}",
            corrections,
        )

    def move_head(self, head: HeadAt) -> None:
        self._connection.execute("UPDATE ledger_head SET seq = ?, recorded_at = ?", head)

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()
