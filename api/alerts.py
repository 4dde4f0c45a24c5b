"""Alerts over HTTP: a list with its cursor, one with its history. Reads only; blocking, so FastAPI runs each in a thread."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from api.answers.alerts import AlertAnswer, Alerts
from api.asking import Asker
from api.causes import causes_of
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import (
    SCAN_MAX,
    AsOf,
    InstantText,
    KnownAt,
    as_known,
    bad_parameter,
    condition_then,
    instants,
    lasted,
    lasted_then,
    parameter_instant,
    too_many_alerts,
)
from api.problems import not_found
from api.reach import Reach, within
from api.wire import alert_wire, explained, instant
from models.alerts import AlertKind, Severity
from models.facts.oversight import Subject
from models.tables import AlertChange, AlertRow
from models.topics import Concern
from streams.databases import guarded, reading

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
ROWS_MAX: Final = 500
_Condition = Annotated[str, Query(pattern="^(open|cleared|past|regressed)$")]


@router.get("/alerts", response_model=Alerts)
def alerts(
    request: Request,
    reach: Asker,
    kind: Annotated[list[AlertKind] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    condition: Annotated[list[_Condition] | None, Query()] = None,
    region: Annotated[str, Query(pattern="^([1-8][0-9]{0,5})?$")] = "",
    site: Annotated[str | None, Query(max_length=31)] = None,
    since: Annotated[
        InstantText | None, Query(description="Raised at or after this instant (RFC 3339).")
    ] = None,
    until: Annotated[InstantText | None, Query(description="Raised before this instant (RFC 3339).")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, json_schema_extra={"format": "cursor"})] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:
    """Alerts, the latest raised first; `next` is the cursor of the page after this one, null on the last.

    `known_at`: as they stood then. `as_of`: those that lasted at that event time, by what is known (or was, at
    `known_at`).
    """
    parts = parts_of(request)
    happened, known = instants(reach, as_of, known_at)
    conditions: list[ColumnElement[bool]] = [*within(AlertRow.site, region), *reach.alerts_where()]
    for column, values in (
        (AlertRow.kind, kind),
        (AlertRow.severity, severity),
        (AlertRow.condition, condition if known is None else None),
    ):
        if values:
            conditions.append(column.in_([str(value) for value in values]))
    if site is not None:
        conditions.append(AlertRow.site == site)
    conditions += _raised(since, until)
    if cursor is not None:
        conditions.append(_after(cursor))
    if known is not None:
        asked = [AlertRow.raised_at <= known, *([condition_then(condition, known)] if condition else [])]
        return _page_as_known(parts, [*conditions, *asked], limit, known, happened)
    return _page(parts, [*conditions, *([lasted(happened)] if happened is not None else [])], limit)


def _raised(since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(AlertRow.raised_at >= parameter_instant("since", since))
    if until is not None:
        found.append(AlertRow.raised_at < parameter_instant("until", until))
    return found


def _page_as_known(
    parts: Parts,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    known_at: int,
    as_of: int | None,
) -> dict[str, Any]:
    """A page of alerts as they stood at a record time; of those that lasted at an event time where one is named."""
    found: list[dict[str, Any]] = []
    after: list[ColumnElement[bool]] = []
    scanned = 0
    with guarded(), reading(parts.databases.state) as connection:
        while True:
            rows = _dicts(connection, _newest([*conditions, *after], limit + 1))
            bodies = as_known(connection, [row["alert_id"] for row in rows], known_at)
            for row in rows:
                body = bodies.get(row["alert_id"])
                if body is not None and (as_of is None or lasted_then(body, as_of)):
                    found.append(body)
            scanned += len(rows)
            if len(found) > limit or len(rows) <= limit:
                break
            if scanned >= SCAN_MAX:
                raise too_many_alerts()
            after = [_after(_cursor(rows[-1]))]
    return {
        "alerts": [alert_wire(body) for body in found[:limit]],
        "next": _cursor(found[limit - 1]) if len(found) > limit else None,
    }


def _newest(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    order = (AlertRow.raised_at.desc(), AlertRow.alert_id.desc())
    return select(AlertRow.__table__).where(*conditions).order_by(*order).limit(limit)


def _page(parts: Parts, conditions: Sequence[ColumnElement[bool]], limit: int) -> dict[str, Any]:
    query = _newest(conditions, limit + 1)
    with guarded(), reading(parts.databases.state) as connection:
        found = _dicts(connection, query)
    more = len(found) > limit
    return {
        "alerts": [alert_wire(row) for row in found[:limit]],
        "next": _cursor(found[limit - 1]) if more else None,
    }


def _dicts(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [row._asdict() for row in connection.execute(query)]


def _cursor(row: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(f"{row['raised_at']}:{row['alert_id']}".encode()).decode().rstrip("=")


def _after(cursor: str) -> ColumnElement[bool]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        raised_at, alert_id = int(text.partition(":")[0]), text.partition(":")[2]
    except (ValueError, binascii.Error):
        raise bad_parameter("cursor", "invalid/cursor") from None
    same_time = and_(AlertRow.raised_at == raised_at, AlertRow.alert_id < alert_id)
    return or_(AlertRow.raised_at < raised_at, same_time)


@router.get("/alerts/{alert_id}", response_model=AlertAnswer)
def alert(
    request: Request, reach: Asker, alert_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
) -> dict[str, Any]:
    """One alert with its explanation, the law on the day of the conduct, and all that happened to it."""
    parts = parts_of(request)
    changes = (
        select(AlertChange.__table__)
        .where(AlertChange.alert_id == alert_id)
        .order_by(AlertChange.changed_at, AlertChange.change_no, AlertChange.ordinal)
        .limit(ROWS_MAX)
    )
    with guarded(), reading(parts.databases.state) as connection:
        found = _dicts(connection, select(AlertRow.__table__).where(AlertRow.alert_id == alert_id))
        history = _dicts(connection, changes)
    if not found or not reach.alert(found[0]):
        raise not_found(f'alert "{alert_id}"')
    note_alert(parts, reach, alert_id, orjson.loads(found[0]["parties"]), len(history))
    return {
        **alert_wire(found[0]),
        **explained(found[0], parts.law()),
        **_history(parts, history),
    }


def note_alert(parts: Parts, reach: Reach, alert_id: str, parties: Sequence[str], rows: int) -> None:
    """An alert was shown to somebody: told where it is not about them alone."""
    if any(not reach.is_own(party) for party in parties):
        parts.reads.note(reach.holder, Subject.ALERT, alert_id, rows)


def _history(parts: Parts, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """All changes in order, each with what caused it; `known_from` is the late fact that first showed the alert."""
    causes = causes_of(parts.ledger, {change["cause"] for change in changes})
    first = causes[changes[0]["cause"]] if changes else None
    return {
        "known_from": first.wire() if first is not None and first.late else None,
        "changes": [{**_change(change), "caused_by": causes[change["cause"]].wire()} for change in changes],
    }


def _change(change: dict[str, Any]) -> dict[str, Any]:
    return {
        "change_no": change["change_no"],
        "change": change["change"],
        "changed_at": instant(change["changed_at"]),
        "cause": change["cause"],
        "alert": alert_wire(orjson.loads(change["body"])),
    }


def alerts_of(parts: Parts, concern: Concern, key: str, reach: Reach) -> list[dict[str, Any]]:
    """The alerts of a key that a reader may see, the latest raised first."""
    query = (
        select(AlertRow.__table__)
        .where(AlertRow.concern == concern.value, AlertRow.key == key, *reach.alerts_where())
        .order_by(AlertRow.raised_at.desc(), AlertRow.alert_id)
        .limit(ROWS_MAX)
    )
    with guarded(), reading(parts.databases.state) as connection:
        found = _dicts(connection, query)
    return [alert_wire(row) for row in found]
