"""What is done with credentials is noted here, in the transaction that does it: log in, fail, lock, invite, make a key.

Used by streams/people, streams/sessions, streams/keys and the pages. There is never a secret in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from models.metrics import CREDENTIAL_EVENTS
from models.people import Act, Outcome
from models.tables_people import CredentialEvent
from streams.clock import local_now
from streams.databases import Databases, guarded, reading

OPERATOR: Final = "operator"
NOBODY: Final = "nobody"
SYSTEM: Final = "system"
ROWS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and from where: `user:<id>`, `key:<id>`, `operator` at the command line, or `nobody` known."""

    actor: str
    address: str = ""


AT_THE_CONSOLE: Final = By(OPERATOR)


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the log; `at` is microseconds UTC."""

    event_id: str
    at: int
    actor: str
    act: Act
    outcome: Outcome
    subject: str
    address: str
    detail: str


def note(
    connection: Connection,
    act: Act,
    by: By,
    *,
    org: str = "",
    subject: str = "",
    detail: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Write one line; `org` is the organisation whose administrators see it, empty where none is known."""
    now = local_now()
    connection.execute(
        insert(CredentialEvent).values(
            event_id=f"{now:016x}{secrets.token_hex(8)}",
            at=now,
            org=org,
            actor=by.actor[:24],
            act=act.value,
            outcome=outcome.value,
            subject=_plain(subject, 120),
            address=_plain(by.address, 45),
            detail=_plain(detail, 200),
        )
    )
    CREDENTIAL_EVENTS.labels(act, outcome).inc()


def log_of(databases: Databases, org: str, before: str = "", limit: int = ROWS_MAX) -> Sequence[Noted]:
    """An organisation's lines, newest first, older than the line `before`."""
    query = select(CredentialEvent).where(CredentialEvent.org == org)
    if before:
        query = query.where(CredentialEvent.event_id < before)
    query = query.order_by(CredentialEvent.event_id.desc()).limit(min(limit, ROWS_MAX))
    with guarded(), reading(databases.ledger) as connection:
        rows = connection.execute(query).all()
    return [
        Noted(
            row.event_id,
            row.at,
            row.actor,
            Act(row.act),
            Outcome(row.outcome),
            row.subject,
            row.address,
            row.detail,
        )
        for row in rows
    ]


def _plain(text: str, length: int) -> str:
    """What a stranger typed, on one line and cut."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[: length * 2])[:length]
