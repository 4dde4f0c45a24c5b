"""How far each reader of changes was told, endpoints and subscriptions alike, under a lease's token. For the stores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.errors import Fenced
from models.hooks import Position
from models.tables_hooks import NotifyPosition


def put_position(connection: Connection, reader: str, position: Position) -> None:
    """Where a new reader begins."""
    connection.execute(insert(NotifyPosition).values(reader=reader, token=0, **_values(position)))


def positions(connection: Connection, readers: Iterable[str]) -> dict[str, Position]:
    """How far each of these readers was told."""
    names = Position.__slots__
    query = select(NotifyPosition.reader, *(getattr(NotifyPosition, name) for name in names))
    rows = connection.execute(query.where(NotifyPosition.reader.in_(list(readers))))
    return {row[0]: Position(*row[1:]) for row in rows}


def check_token(connection: Connection, reader: str, token: int) -> bool:
    """Whether a reader is there; Fenced where a newer lease has written its position."""
    found = connection.execute(select(NotifyPosition.token).where(NotifyPosition.reader == reader))
    last = found.scalar_one_or_none()
    if last is not None and last > token:
        raise Fenced(f'position of "{reader}" is written under a newer lease')
    return last is not None


def move_position(connection: Connection, reader: str, token: int, position: Position) -> bool:
    """Write a position; False where the reader was removed, Fenced where a newer lease has written it."""
    mine = (NotifyPosition.reader == reader) & (NotifyPosition.token <= token)
    done = connection.execute(update(NotifyPosition).where(mine).values(token=token, **_values(position)))
    return bool(done.rowcount) or check_token(connection, reader, token)


def _values(position: Position) -> dict[str, Any]:
    return {name: getattr(position, name) for name in Position.__slots__}
