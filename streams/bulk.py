"""Bulk writes and reads in each database's quickest way, built from the table's own definition. Used by the judge's store.

PostgreSQL takes one statement of arrays (unnest); SQLite takes executemany. Neither knows anything of the rows' meaning.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Boolean, Connection, Integer, LargeBinary, Table
from sqlalchemy.types import BigInteger, TypeEngine

ROWS_MAX: Final = 5_000


def _pg_type(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, BigInteger):
        return "bigint"
    if isinstance(kind, Integer):
        return "integer"
    if isinstance(kind, Boolean):
        return "boolean"
    if isinstance(kind, LargeBinary):
        return "bytea"
    return "text"


@lru_cache(maxsize=64)
def _insert_sql(table: Table, dialect: str, on_conflict: str) -> str:
    columns = [column.name for column in table.columns]
    names = ", ".join(f'"{name}"' for name in columns)
    if dialect == "postgresql":
        # Binary arrays (%b): the driver writes text ones in Python, escaping each value.
        arrays = ", ".join(f"%b::{_pg_type(column.type)}[]" for column in table.columns)
        body = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"
    else:
        body = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' for _ in columns)})"
    keys = [column.name for column in table.primary_key]
    if on_conflict == "error":
        return body
    target = ", ".join(f'"{name}"' for name in keys)
    if on_conflict == "ignore":
        return f"{body} ON CONFLICT ({target}) DO NOTHING"
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    return f"{body} ON CONFLICT ({target}) DO UPDATE SET {changes}"


def write(
    conn: Connection, table: Table, rows: Sequence[tuple[Any, ...]], on_conflict: str = "update"
) -> None:
    """Insert rows given in the table's column order; `on_conflict` is update, ignore or error."""
    dialect = conn.dialect.name
    sql = _insert_sql(table, dialect, on_conflict)
    for start in range(0, len(rows), ROWS_MAX):
        chunk = rows[start : start + ROWS_MAX]
        if dialect == "postgresql":
            conn.exec_driver_sql(sql, tuple([list(column) for column in zip(*chunk, strict=True)]))
        else:
            conn.exec_driver_sql(sql, list(chunk))


def delete(conn: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete rows by primary key, given in its column order."""
    if not keys:
        return
    columns = list(table.primary_key)
    if conn.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{_pg_type(column.type)}[]" for column in columns)
        names = ", ".join(f'"{column.name}"' for column in columns)
        sql = f"DELETE FROM {table.name} WHERE ({names}) IN (SELECT * FROM unnest({arrays}))"
        conn.exec_driver_sql(sql, tuple([list(column) for column in zip(*keys, strict=True)]))
    else:
        where = " AND ".join(f'"{column.name}" = ?' for column in columns)
        conn.exec_driver_sql(f"DELETE FROM {table.name} WHERE {where}", list(keys))


def among(conn: Connection, column: str) -> str:
    """A condition that a text column is among a list, given as one parameter made by `listed`."""
    if conn.dialect.name == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(?))"


def listed(conn: Connection, values: Iterable[str] | Iterable[int]) -> Any:
    """The parameter for `among`."""
    if conn.dialect.name == "postgresql":
        return list(values)
    return orjson.dumps(list(values)).decode()


def each_pair(conn: Connection) -> str:
    """What stands after FROM to join, by index, the rows of `n`: pairs (key, subject) given as `paired` makes them."""
    if conn.dialect.name == "postgresql":
        return "unnest(%b::text[], %b::text[]) AS n(key, subject) JOIN"
    pair = "json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS subject"
    return f"(SELECT {pair} FROM json_each(?)) AS n CROSS JOIN"


def paired(conn: Connection, pairs: Iterable[tuple[str, str]]) -> tuple[Any, ...]:
    """The parameters for `each_pair`, in the pairs' order."""
    found = list(pairs)
    if conn.dialect.name == "postgresql":
        return ([key for key, _ in found], [subject for _, subject in found])
    return (orjson.dumps(found).decode(),)


def mark(conn: Connection) -> str:
    """The driver's placeholder for one value."""
    return "%s" if conn.dialect.name == "postgresql" else "?"


def fetch(conn: Connection, sql: str, parameters: tuple[Any, ...]) -> Sequence[Any]:
    """All rows of a query in the driver's own placeholders, as plain tuples."""
    return conn.exec_driver_sql(sql, parameters).fetchall()
