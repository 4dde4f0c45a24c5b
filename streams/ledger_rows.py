"""Reading the ledger, in plain SQL on the driver; called by streams.ledger alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy.exc
from sqlalchemy import Connection, Engine, text

from models.envelope import Row
from models.errors import NotForThisLedger
from models.facts import CORRECTING
from streams.clock import local_now
from streams.databases import reading
from streams.ledger_types import HeadAt, LedgerMeta

_ROW: Final = "seq, recorded_at, stated_by, event_id, kind, data, original"
_FULL: Final = "seq, recorded_at, stated_by, event_id, kind, data, original, leaf"
_WHERE: Final = {"seq": "seq = {0}", "identity": "stated_by = {0} AND event_id = {0}"}


@dataclass(frozen=True, slots=True)
class FullRow:
    """A row with the leaf hash that was given out in its receipt."""

    row: Row
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A row that speaks of an earlier fact, and the request that it decides."""

    row: Row
    about: int
    decides: int | None


@contextmanager
def _cursor(engine: Engine) -> Iterator[tuple[Any, str]]:
    """The driver's own cursor (binary on PostgreSQL) in a reading transaction, and its placeholder."""
    with reading(engine) as connection:
        if not connection.in_transaction():
            connection.begin()
        driver: Any = connection.connection.driver_connection
        on_postgres = engine.dialect.name == "postgresql"
        cursor = driver.cursor(binary=True) if on_postgres else driver.cursor()
        try:
            yield cursor, "%s" if on_postgres else "?"
        finally:
            cursor.close()


def make(connection: Connection, wished: LedgerMeta) -> None:
    """The two rows that a ledger begins with; nothing where they are there."""
    connection.execute(
        text(
            "INSERT INTO ledger_meta (one, ledger_id, epoch, shards, clock, created_at) VALUES "
            "(1, :ledger_id, :epoch, :shards, :clock, :created_at) ON CONFLICT DO NOTHING"
        ),
        wished._asdict(),
    )
    connection.execute(
        text("INSERT INTO ledger_head (one, seq, recorded_at) VALUES (1, 0, 0) ON CONFLICT DO NOTHING")
    )


def meta(engine: Engine) -> LedgerMeta:
    """The meta row; NotForThisLedger where there is none."""
    with reading(engine) as connection:
        try:
            row = connection.execute(
                text("SELECT ledger_id, epoch, shards, clock, created_at FROM ledger_meta")
            ).one_or_none()
        except sqlalchemy.exc.DBAPIError as error:
            if "ledger_meta" not in str(error.orig):
                raise
            row = None
    if row is None:
        raise NotForThisLedger('this database holds no ledger yet: run "feilian init"')
    return LedgerMeta(*row)


def database_now(engine: Engine) -> int:
    """The database's clock, microseconds UTC."""
    if engine.dialect.name != "postgresql":
        return local_now()
    with reading(engine) as connection:
        now = connection.execute(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
        return int(now.scalar_one())


def head(engine: Engine) -> HeadAt:
    """The head row."""
    with _cursor(engine) as (cursor, _):
        cursor.execute("SELECT seq, recorded_at FROM ledger_head")
        row = cursor.fetchone()
    if row is None:
        raise NotForThisLedger('this database holds no ledger yet: run "feilian init"')
    return HeadAt(*row)


def rows(engine: Engine, after: int, limit: int, upto: int | None) -> list[Row]:
    """Rows in seq order."""
    with _cursor(engine) as (cursor, mark):
        bound = f"AND seq <= {mark} " if upto is not None else ""
        parameters = (after, limit) if upto is None else (after, upto, limit)
        cursor.execute(
            f"SELECT {_ROW} FROM facts WHERE seq > {mark} {bound}ORDER BY seq LIMIT {mark}", parameters
        )
        return [Row(*found) for found in cursor.fetchall()]


def rows_of(
    engine: Engine, after: int, upto: int, limit: int, org: str | None, kinds: Collection[str]
) -> list[Row]:
    """Rows with after < seq <= upto that an organisation stated or is named in, of some kinds; in seq order.

    None and no kinds admit all. Nothing but the primary key helps here, so what costs is `upto - after`.
    """
    with _cursor(engine) as (cursor, mark):
        conditions = [f"seq > {mark}", f"seq <= {mark}"]
        given: list[Any] = [after, upto]
        if org is not None:
            on_postgres = engine.dialect.name == "postgresql"
            within = f"position({mark}::bytea in {{0}}) > 0" if on_postgres else f"instr({{0}}, {mark}) > 0"
            named = f'"{org}"'.encode()
            conditions.append(
                f"(stated_by = {mark} OR {within.format('data')} OR {within.format('original')})"
            )
            given += [org, named, named]
        if kinds:
            conditions.append(f"kind {_among(mark)}")
            given.append(_listed(mark, sorted(kinds)))
        cursor.execute(
            f"SELECT {_ROW} FROM facts WHERE {' AND '.join(conditions)} ORDER BY seq LIMIT {mark}",
            (*given, limit),
        )
        return [Row(*found) for found in cursor.fetchall()]


def rows_by_seq(engine: Engine, seqs: Iterable[int], kinds: Collection[str] = ()) -> dict[int, Row]:
    """Rows by their numbers, in any order."""
    wanted = sorted(set(seqs))
    if not wanted:
        return {}
    with _cursor(engine) as (cursor, mark):
        of_kinds = f" AND kind {_among(mark)}" if kinds else ""
        parameters = (_listed(mark, wanted), *([_listed(mark, sorted(kinds))] if kinds else []))
        cursor.execute(f"SELECT {_ROW} FROM facts WHERE seq {_among(mark)}{of_kinds}", parameters)
        return {found[0]: Row(*found) for found in cursor.fetchall()}


def full_rows_by_seq(engine: Engine, seqs: Iterable[int]) -> dict[int, FullRow]:
    """Rows with their leaves by their numbers, in any order."""
    wanted = sorted(set(seqs))
    if not wanted:
        return {}
    with _cursor(engine) as (cursor, mark):
        cursor.execute(f"SELECT {_FULL} FROM facts WHERE seq {_among(mark)}", (_listed(mark, wanted),))
        return {found[0]: FullRow(Row(*found[:7]), found[7]) for found in cursor.fetchall()}


def rows_about(engine: Engine, kinds: Collection[str], after: int, upto: int) -> list[Row]:
    """Facts of these kinds and their corrections; corrections of other facts are read and dropped."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT {_ROW} FROM facts WHERE kind {_among(mark)} AND seq > {mark} AND seq <= {mark} ORDER BY seq",
            (_listed(mark, [*sorted(kinds), *sorted(CORRECTING)]), after, upto),
        )
        return [row for row in (Row(*found) for found in cursor.fetchall()) if _is_about(row, kinds)]


def _is_about(row: Row, kinds: Collection[str]) -> bool:
    if row.kind not in CORRECTING:
        return True
    return row.original is not None and orjson.loads(row.original)["kind"] in kinds


def correction_of(engine: Engine, seq: int) -> int | None:
    """The correction in force of a fact."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(f"SELECT correction_seq FROM corrections WHERE original_seq = {mark}", (seq,))
        found = cursor.fetchone()
    return int(found[0]) if found else None


def changes_of(engine: Engine, seqs: Iterable[int]) -> list[Said]:
    """All that was said about these facts afterwards, in seq order."""
    wanted = sorted(set(seqs))
    if not wanted:
        return []
    with _cursor(engine) as (cursor, mark):
        columns = ", ".join(f"f.{name}" for name in _ROW.split(", "))
        cursor.execute(
            f"SELECT {columns}, c.original_seq, c.decides FROM fact_changes c JOIN facts f ON f.seq = c.seq "
            f"WHERE c.original_seq {_among(mark)} ORDER BY c.seq",
            (_listed(mark, wanted),),
        )
        return [Said(Row(*found[:7]), found[7], found[8]) for found in cursor.fetchall()]


def spoken(engine: Engine, documents: Iterable[str], after: int) -> set[tuple[str, str]]:
    """Who stated which kinds on these documents after a seq."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT stated_by, kind FROM document_parties WHERE document {_among(mark)} AND last_seq > {mark}",
            (_listed(mark, sorted(documents)), after),
        )
        return {(found[0], found[1]) for found in cursor.fetchall()}


def last_spoken(engine: Engine, document: str) -> set[int]:
    """The last seq of each kind that each party stated on a document."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(f"SELECT last_seq FROM document_parties WHERE document = {mark}", (document,))
        return {int(found[0]) for found in cursor.fetchall()}


def latest_of_kind(engine: Engine, kind: str, before: int, limit: int) -> list[Row]:
    """Rows of a kind with seq < before, the latest first."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT {_ROW} FROM facts WHERE kind = {mark} AND seq < {mark} ORDER BY seq DESC LIMIT {mark}",
            (kind, before, limit),
        )
        return [Row(*found) for found in cursor.fetchall()]


def of_kind(engine: Engine, kind: str, after: int, limit: int) -> list[Row]:
    """Rows of a kind with seq > after, in seq order."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT {_ROW} FROM facts WHERE kind = {mark} AND seq > {mark} ORDER BY seq LIMIT {mark}",
            (kind, after, limit),
        )
        return [Row(*found) for found in cursor.fetchall()]


def full_row(engine: Engine, by: str, parameters: Sequence[object]) -> FullRow | None:
    """One row by `seq` or by `identity`."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(f"SELECT {_FULL} FROM facts WHERE {_WHERE[by].format(mark)}", parameters)
        found = cursor.fetchone()
    return FullRow(Row(*found[:7]), found[7]) if found else None


def full_rows(engine: Engine, after: int, limit: int) -> list[FullRow]:
    """Rows with leaves, in seq order."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT {_FULL} FROM facts WHERE seq > {mark} ORDER BY seq LIMIT {mark}", (after, limit)
        )
        return [FullRow(Row(*found[:7]), found[7]) for found in cursor.fetchall()]


def _among(mark: str) -> str:
    return "= ANY(%s)" if mark == "%s" else "IN (SELECT value FROM json_each(?))"


def _listed(mark: str, values: Sequence[object]) -> object:
    return list(values) if mark == "%s" else json.dumps(values)


def sender_of(engine: Engine, seq: int) -> tuple[str, str | None] | None:
    """By which key a row was sent, and by whom where that was for another; None where nobody noted it."""
    with _cursor(engine) as (cursor, mark):
        cursor.execute(
            f"SELECT last_seq, key_id, via FROM fact_senders WHERE first_seq <= {mark} ORDER BY first_seq DESC LIMIT 1",
            (seq,),
        )
        found = cursor.fetchone()
    return (found[1], found[2]) if found is not None and found[0] >= seq else None
