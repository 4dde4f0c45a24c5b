"""Answers about the past: as of an event time, as known at a record time. For regulators and auditors, by api.questions.

Of one key (a manifest, a site's stock) the answer is folded from its facts and is that of `feilian replay --as-of
--known-at`. Lists of alerts are read from what was judged then: see docs/bitemporal.md for which question uses which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Final

import orjson
from fastapi import Query
from pydantic import WithJsonSchema
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from api.parts import Parts
from api.problems import ProblemError, refused
from api.reach import Reach
from api.wire import alert_wire, instant
from models.envelope import Row
from models.exact import Unreadable, parse_instant
from models.facts.base import INSTANT_PATTERN
from models.problems import Code, problem
from models.tables import AlertChange, AlertRow, KeyFact
from models.topics import Concern
from rules.concerns import RULES
from streams.databases import guarded, reading
from streams.moments import FOLD_FACTS_MAX, KeyAt, Moment, TooManyToFold, key_at, moment_of
from streams.publisher import causal_order
from streams.store import alert_body

# Read by models.exact, which says what is wrong; here it is only told how an instant is spelled.
InstantText = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN})
]
AsOf = Annotated[
    InstantText | None,
    Query(max_length=40, description="What had happened by this event time (RFC 3339)."),
]
KnownAt = Annotated[
    InstantText | None,
    Query(max_length=40, description="What was recorded by this record time (RFC 3339)."),
]
SCAN_MAX: Final = 5_000
LASTING: Final = ("open", "regressed")


def parameter_instant(name: str, value: str) -> int:
    """A query parameter as microseconds; a problem where it is no instant with offset."""
    try:
        return parse_instant(value)
    except Unreadable as error:
        raise bad_parameter(name, error.text, **error.values) from None


def bad_parameter(name: str, text: str, /, **values: object) -> ProblemError:
    """A query parameter that means nothing; `text` says why (models.problems.told), the code is `invalid`."""
    found = replace(problem(f"query.{name}", text, **values), code=Code.INVALID)
    return refused(422, "invalid/parameters", [found])


def instants(reach: Reach, as_of: str | None, known_at: str | None) -> tuple[int | None, int | None]:
    """Both instants of a question; ProblemError 403 where somebody may not ask about the past."""
    if (as_of is not None or known_at is not None) and not reach.oversees:
        raise refused(403, "forbidden/past")
    return (
        parameter_instant("as_of", as_of) if as_of is not None else None,
        parameter_instant("known_at", known_at) if known_at is not None else None,
    )


def asked_moment(parts: Parts, reach: Reach, as_of: str | None, known_at: str | None) -> Moment | None:
    """The moment that a question about one key names; None where it is about now."""
    happened, known = instants(reach, as_of, known_at)
    if happened is None and known is None:
        return None
    return moment_of(parts.ledger, happened, known)


def moment_wire(moment: Moment | None) -> dict[str, Any]:
    """What an answer says of its moment; nothing where it is about now."""
    if moment is None:
        return {}
    return {"moment": {"as_of": instant(moment.event_time), "known_seq": moment.known_seq}}


# One key


def key_then(parts: Parts, concern: Concern, key: str, moment: Moment) -> tuple[KeyAt, list[Row]]:
    """A key at a moment, and the ledger rows that were known of it; ProblemError 422 where those are too many."""
    query = (
        select(KeyFact.seq)
        .where(KeyFact.concern == concern.value, KeyFact.key == key, KeyFact.seq <= moment.known_seq)
        .limit(FOLD_FACTS_MAX + 1)
    )
    with guarded(), reading(parts.databases.state) as connection:
        seqs = list(connection.execute(query).scalars())
    rows = parts.ledger.rows_by_seq(seqs) if len(seqs) <= FOLD_FACTS_MAX else {}
    if len(seqs) > FOLD_FACTS_MAX:
        raise _too_many(key)
    try:
        found = key_at(RULES[concern], key, rows.values(), parts.law.book(), moment)
    except TooManyToFold:
        raise _too_many(key) from None
    return found, [rows[seq] for seq in sorted(rows)]


def _too_many(key: str) -> ProblemError:
    """More than a request may ask for: the auditor's command has no limit."""
    return refused(422, "too_many_to_fold", key=key, most=FOLD_FACTS_MAX)


def too_many_alerts() -> ProblemError:
    """As many alerts would have to be looked at as a request may not ask for."""
    return refused(422, "too_many_to_fold/alerts", most=SCAN_MAX)


def alerts_then(concern: Concern, key: str, found: KeyAt, reach: Reach) -> list[dict[str, Any]]:
    """The alerts of a key that may be seen at a moment, by kind: `open` what lasted then, `past` what was over."""
    told = [orjson.loads(alert_body(concern, key, 0, alert)) for alert in found.alerts]
    bodies = [body for body in told if reach.alert_of_seen(body)]
    return [alert_wire(body) for body in sorted(bodies, key=lambda body: (body["kind"], body["subject"]))]


def happened_rows(rows: Sequence[Row], found: KeyAt) -> list[Row]:
    """Of the rows known then, those of facts that had happened, with all that was said of them."""
    seqs = {stated.seq for stated in found.facts}
    return [
        row
        for row in rows
        if row.seq in seqs or (row.original is not None and orjson.loads(row.original)["seq"] in seqs)
    ]


# Lists of alerts


def condition_then(conditions: Sequence[str], known_at: int) -> ColumnElement[bool]:
    """Which condition an alert had at a record time, by its row: a cleared episode never opens again."""
    over = AlertRow.cleared_at <= known_at
    open_then = or_(AlertRow.cleared_at.is_(None), ~over)
    lasted = and_(AlertRow.condition != "past", open_then)
    first = AlertRow.episode == 1
    wanted = {
        "open": and_(lasted, first),
        "regressed": and_(lasted, ~first),
        "cleared": and_(AlertRow.condition != "past", over),
        "past": AlertRow.condition == "past",
    }
    return or_(*(wanted[condition] for condition in conditions))


def lasted(as_of: int) -> ColumnElement[bool]:
    """What lasted at an event time, by what is known now."""
    return and_(
        AlertRow.standing,
        AlertRow.since <= as_of,
        or_(AlertRow.until.is_(None), AlertRow.until > as_of),
    )


def as_known(connection: Connection, alert_ids: Sequence[str], known_at: int) -> dict[str, dict[str, Any]]:
    """The bodies of alerts as they stood at a record time: each one's last change up to then."""
    columns = (
        AlertChange.concern,
        AlertChange.key,
        AlertChange.cause,
        AlertChange.ordinal,
        AlertChange.changed_at,
        AlertChange.alert_id,
        AlertChange.body,
    )
    query = select(*columns).where(AlertChange.alert_id.in_(alert_ids), AlertChange.changed_at <= known_at)
    rows = sorted(connection.execute(query), key=lambda row: causal_order(tuple(row)[:5]))
    return {row.alert_id: orjson.loads(row.body) for row in rows}


def lasted_then(body: dict[str, Any], as_of: int) -> bool:
    """Whether an alert, as it was known at some time, lasted at an event time."""
    until = body["until"]
    return bool(body["standing"]) and body["since"] <= as_of and (until is None or until > as_of)


def alerts_at(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    known_at: int,
    as_of: int | None,
    limit: int,
) -> tuple[list[dict[str, Any]], int]:
    """Bodies of alerts that lasted at a moment, the latest raised first, and how many more there are (of SCAN_MAX)."""
    lasting = [] if as_of is not None else [condition_then(LASTING, known_at)]
    query = (
        select(AlertRow.alert_id)
        .where(AlertRow.raised_at <= known_at, *lasting, *conditions)
        .order_by(AlertRow.raised_at.desc(), AlertRow.alert_id.desc())
        .limit(SCAN_MAX)
    )
    ids = list(connection.execute(query).scalars())
    bodies = as_known(connection, ids, known_at)
    told = [bodies[each] for each in ids if each in bodies]
    found = [body for body in told if as_of is None or lasted_then(body, as_of)]
    return found[:limit], max(0, len(found) - limit)
