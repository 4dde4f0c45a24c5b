"""Numbers that are good once and for a short time: invitations, new passwords, login links, `state` of a provider's login.

256 random bits each; only their SHA-256 is kept, so that who reads the table can use none of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from models.canonical import sha256
from models.people import DAY_US, Purpose
from models.tables_people import OneTimeRow
from streams.clock import local_now
from streams.databases import Databases, guarded, reading

_CHARS_MAX: Final = 64
_KEPT_US: Final = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Once:
    """What a number that is still good stands for."""

    purpose: Purpose
    user_id: str | None
    key_id: str | None
    data: dict[str, Any]


def make_token(
    connection: Connection,
    purpose: Purpose,
    life_us: int,
    *,
    user_id: str | None = None,
    key_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> str:
    """A new number, good for `life_us` microseconds. What is long over is swept out on the way."""
    token, now = secrets.token_urlsafe(32), local_now()
    connection.execute(delete(OneTimeRow).where(OneTimeRow.expires_at < now - _KEPT_US))
    connection.execute(
        insert(OneTimeRow).values(
            token_sha256=sha256(token.encode()),
            purpose=purpose.value,
            user_id=user_id,
            key_id=key_id,
            data=orjson.dumps(data or {}).decode(),
            created_at=now,
            expires_at=now + life_us,
        )
    )
    return token


def look_at(databases: Databases, token: str, *purposes: Purpose) -> Once | None:
    """What a number stands for, without using it up; None where it is no good, whatever the reason."""
    with guarded(), reading(databases.ledger) as connection:
        return _look(connection, token, purposes)


def take(connection: Connection, token: str, *purposes: Purpose) -> Once | None:
    """The same, and nobody can use it again: of two who come at once, one gets it."""
    found = _look(connection, token, purposes)
    if found is None:
        return None
    query = update(OneTimeRow).where(
        OneTimeRow.token_sha256 == sha256(token.encode()), OneTimeRow.used_at.is_(None)
    )
    taken = connection.execute(query.values(used_at=local_now())).rowcount == 1
    return found if taken else None


def _look(connection: Connection, token: str, purposes: tuple[Purpose, ...]) -> Once | None:
    if not (0 < len(token) <= _CHARS_MAX and token.isascii()):
        return None
    query = select(OneTimeRow).where(
        OneTimeRow.token_sha256 == sha256(token.encode()),
        OneTimeRow.purpose.in_([purpose.value for purpose in purposes]),
        OneTimeRow.used_at.is_(None),
        OneTimeRow.expires_at > local_now(),
    )
    row = connection.execute(query).one_or_none()
    return Once(Purpose(row.purpose), row.user_id, row.key_id, orjson.loads(row.data)) if row else None
