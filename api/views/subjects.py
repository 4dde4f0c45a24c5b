"""Stored subjects of one key, decoded: what a rule's summary is made from. Reads only."""

from typing import Any

from sqlalchemy import Connection, select

from models.tables import SubjectRow
from rules.contract import Rule
from streams.store import decode_subject


def of_key(connection: Connection, rule: Rule, key: str) -> dict[str, Any]:
    """All subjects of a key, closed ones too, by name."""
    query = select(SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == rule.CONCERN.value, SubjectRow.key == key
    )
    found = connection.execute(query.order_by(SubjectRow.subject))
    return {subject: decode_subject(rule, bytes(body)) for subject, body in found}


def of_concern(connection: Connection, rule: Rule, prefix: str = "") -> dict[str, dict[str, Any]]:
    """All subjects of the keys that begin so, by key."""
    query = (
        select(SubjectRow.key, SubjectRow.subject, SubjectRow.body)
        .where(SubjectRow.concern == rule.CONCERN.value, SubjectRow.key.like(f"{prefix}%"))
        .order_by(SubjectRow.key, SubjectRow.subject)
    )
    found: dict[str, dict[str, Any]] = {}
    for key, subject, body in connection.execute(query):
        found.setdefault(key, {})[subject] = decode_subject(rule, bytes(body))
    return found
