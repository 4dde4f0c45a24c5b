"""Stored subjects of one key, decoded: what a rule's summary is made from. Reads only."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from models.tables import SubjectRow
from rules.contract import Rule
from streams.store import decode_subject

_NAMES_MAX = 200  # Names in one question to the database.


def of_key(connection: Connection, rule: Rule, key: str) -> dict[str, Any]:
    """All subjects of a key, closed ones too, by name."""
    query = select(SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == rule.CONCERN.value, SubjectRow.key == key
    )
    found = connection.execute(query.order_by(SubjectRow.subject))
    return {subject: decode_subject(rule, bytes(body)) for subject, body in found}


def open_of_key(connection: Connection, rule: Rule, key: str) -> dict[str, Any]:
    """The subjects of a key that still matter (what is in store, licences): a small part of a busy key."""
    query = select(SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == rule.CONCERN.value, SubjectRow.key == key, SubjectRow.is_open
    )
    found = connection.execute(query.order_by(SubjectRow.subject))
    return {subject: decode_subject(rule, bytes(body)) for subject, body in found}


def named(connection: Connection, rule: Rule, key: str, names: Collection[str]) -> dict[str, Any]:
    """The subjects of a key that have these names, closed ones too."""
    found: dict[str, Any] = {}
    wanted = sorted(names)
    for first in range(0, len(wanted), _NAMES_MAX):
        query = select(SubjectRow.subject, SubjectRow.body).where(
            SubjectRow.concern == rule.CONCERN.value,
            SubjectRow.key == key,
            SubjectRow.subject.in_(wanted[first : first + _NAMES_MAX]),
        )
        found |= {name: decode_subject(rule, bytes(body)) for name, body in connection.execute(query)}
    return found


def of_keys(connection: Connection, rule: Rule, keys: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Subjects whose names begin with one of `names`, of the keys that begin with `keys`: by key, then by name."""
    named = or_(*(SubjectRow.subject.like(f"{name}%") for name in names))
    query = select(SubjectRow.key, SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == rule.CONCERN.value, SubjectRow.key.like(f"{keys}%"), named
    )
    found: dict[str, dict[str, Any]] = {}
    for key, subject, body in connection.execute(query.order_by(SubjectRow.key, SubjectRow.subject)):
        found.setdefault(key, {})[subject] = decode_subject(rule, bytes(body))
    return found
