"""Questions over HTTP: facts, alerts, a manifest, a site's stock. Reads only; blocking, so FastAPI runs each in a thread."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from api.answers.alerts import AlertAnswer, Alerts
from api.answers.facts import FactAnswer
from api.answers.manifests import ManifestAnswer, StockAnswer
from api.asking import Asker
from api.causes import causes_of
from api.corrections import router as corrections
from api.corrections import versions_wire
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import (
    SCAN_MAX,
    AsOf,
    InstantText,
    KnownAt,
    alerts_then,
    as_known,
    asked_moment,
    bad_parameter,
    condition_then,
    happened_rows,
    instants,
    key_then,
    lasted,
    lasted_then,
    moment_wire,
    parameter_instant,
    too_many_alerts,
)
from api.problems import not_found
from api.reach import Reach, within
from api.wire import alert_wire, explained, full_row_wire, instant, row_wire
from models.alerts import AlertKind, Severity
from models.envelope import Row
from models.facts.oversight import Subject
from models.tables import AlertChange, AlertRow, KeyFact, SubjectRow
from models.topics import Concern
from rules import custody, storage
from streams.databases import beyond, guarded, reading
from streams.ledger import Ledger
from streams.ledger_history import versions
from streams.moments import Moment
from streams.store import decode_subject

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
router.include_router(corrections)
FACTS_MAX: Final = 500
_Condition = Annotated[str, Query(pattern="^(open|cleared|past|regressed)$")]
_RULES: Final[dict[Concern, Any]] = {Concern.CUSTODY: custody, Concern.STORAGE: storage}


@router.get("/facts/{seq}", response_model=FactAnswer)
def fact(
    request: Request,
    reach: Asker,
    seq: Annotated[int, Path(ge=1, le=2**62)],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:
    """One fact as the ledger has it, with all that its leaf hash is made of, and all that was said of it since.

    With `known_at` only what had been said by then; with `as_of` only where it had happened by then.
    """
    ledger = parts_of(request).ledger
    found = ledger.row(seq)
    moment = asked_moment(parts_of(request), reach, as_of, known_at)
    told = versions(ledger, seq, moment.known_seq if moment else None)
    if found is None or told is None or not reach.fact(told):
        raise not_found(f"fact {seq}")
    if moment and (seq > moment.known_seq or (as_of is not None and not told.happened_by(moment.event_time))):
        raise not_found(f"fact {seq}")
    corrected_by = told.corrected_by if told.fact.seq == seq else None
    if not reach.is_own(told.fact.stated_by):
        parts_of(request).reads.note(reach.holder, Subject.FACT, str(seq), 1 + len(told.said))
    return {
        **full_row_wire(found, ledger.meta.ledger_id, corrected_by),
        **versions_wire(told),
        **_sender(ledger, reach, seq, found.row.stated_by),
    }


def _sender(ledger: Ledger, reach: Reach, seq: int, stated_by: str) -> dict[str, Any]:
    """By which key it was sent: told to who stated it and to who oversees, and to no other party."""
    if not (reach.oversees or reach.is_own(stated_by)):
        return {}
    sender = ledger.sender_of(seq)
    return {"sent_by": {"key_id": sender[0], "via": sender[1]} if sender is not None else None}


# Alerts


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
        .limit(FACTS_MAX)
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


# Subjects


@router.get("/manifests/{number}", response_model=ManifestAnswer)
def manifest(
    request: Request,
    reach: Asker,
    number: Annotated[str, Path(pattern="^[0-9]{14}$")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:
    """A manifest as judged so far, the facts it was judged from in ledger order, and its alerts; or as of a moment."""
    parts = parts_of(request)
    moment = asked_moment(parts, reach, as_of, known_at)
    with beyond():  # Whether it is theirs depends on all that was stated under its number.
        rows = _facts(parts, Concern.CUSTODY, number)
    if not reach.manifest(number, rows):
        raise not_found(f'manifest "{number}"')
    if moment is not None:
        return _manifest_then(parts, reach, number, moment)
    subjects = _subjects(parts, Concern.CUSTODY, number)
    seen = reach.manifest_rows(number, rows)
    note_manifest(parts, reach, number, seen)
    return {
        "manifest_no": number,
        "manifest": next((_manifest(value, reach) for value in subjects.values()), None),
        "facts": [row_wire(row) for row in seen],
        "alerts": alerts_of(parts, Concern.CUSTODY, number, reach),
    }


def note_manifest(parts: Parts, reach: Reach, number: str, seen: Sequence[Row]) -> None:
    """A manifest was shown to somebody: told where others stated any of it."""
    if any(not reach.is_own(row.stated_by) for row in seen):
        parts.reads.note(reach.holder, Subject.MANIFEST, number, len(seen))


def _manifest_then(parts: Parts, reach: Reach, number: str, moment: Moment) -> dict[str, Any]:
    with beyond():
        found, rows = key_then(parts, Concern.CUSTODY, number, moment)
    seen = reach.manifest_rows(number, happened_rows(rows, found))
    if not reach.manifest(number, rows):
        raise not_found(f'manifest "{number}"')
    note_manifest(parts, reach, number, seen)
    subjects = found.case.state.subjects
    return {
        "manifest_no": number,
        "manifest": next((_manifest(value, reach) for value in subjects.values()), None),
        "facts": [row_wire(row) for row in seen],
        "alerts": alerts_then(Concern.CUSTODY, number, found, reach),
        **moment_wire(moment),
    }


@router.get("/sites/{site}/stock", response_model=StockAnswer)
def stock(
    request: Request,
    reach: Asker,
    site: Annotated[str, Path(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:
    """What is in store at a site as judged so far, and the alerts about it; or as of a moment. For whom it concerns."""
    parts = parts_of(request)
    moment = asked_moment(parts, reach, as_of, known_at)
    if not reach.site(site):
        raise not_found(f'site "{site}"')
    if moment is not None:
        return _stock_then(parts, reach, site, moment)
    subjects = _subjects(parts, Concern.STORAGE, site)
    if not subjects:
        raise not_found(f'site "{site}"')
    told = reach.stock(site, storage.summary(subjects, parts.law(), site))
    note_site(parts, reach, site, len(told["lots"]))
    return {
        "site": site,
        "stock": _stock(told),
        "alerts": alerts_of(parts, Concern.STORAGE, site, reach),
    }


def note_site(parts: Parts, reach: Reach, site: str, rows: int) -> None:
    """What is kept of a site was shown to somebody: told where it is not their own."""
    if not any(reach.is_own(org) for org in reach.known.owners(site)):
        parts.reads.note(reach.holder, Subject.SITE, site, rows)


def _stock_then(parts: Parts, reach: Reach, site: str, moment: Moment) -> dict[str, Any]:
    with beyond():  # The site is theirs to see, and a fold needs all that was stated of it.
        found, rows = key_then(parts, Concern.STORAGE, site, moment)
    if not rows:
        raise not_found(f'site "{site}"')
    law = parts.law.book().before(moment.known_seq + 1)
    told = reach.stock(site, storage.summary(found.case.state.subjects, law, site))
    note_site(parts, reach, site, len(told["lots"]))
    return {
        "site": site,
        "stock": _stock(told),
        "alerts": alerts_then(Concern.STORAGE, site, found, reach),
        **moment_wire(moment),
    }


def _manifest(subject: Any, reach: Reach) -> dict[str, Any]:
    """Instants as the wire has them. What meets at a vehicle or a pipeline is no manifest."""
    found = reach.summary(custody.summary(subject))
    return {
        **found,
        "acts": {act: instant(at) for act, at in found["acts"].items()},
        "legs": [_timed(leg) for leg in found["legs"]],
        "holders": [_timed(held) for held in found["holders"]],
        "holder": _timed(found["holder"]) if found["holder"] else None,
        "observations": [_timed(seen) for seen in found["observations"]],
    }


_INSTANTS: Final = frozenset({"at", "since", "until"})


def _timed(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: instant(value) if name in _INSTANTS and value is not None else value
        for name, value in told.items()
    }


def _stock(found: dict[str, Any]) -> dict[str, Any]:
    lots = [
        {**lot, **{name: instant(lot[name]) for name in ("stored_at", "limit_at", "extended_until")}}
        for lot in found["lots"]
    ]
    counts = [{**count, "counted_at": instant(count["counted_at"])} for count in found["counts"]]
    return {**found, "lots": lots, "counts": counts}


def _subjects(parts: Parts, concern: Concern, key: str) -> dict[str, Any]:
    """All stored subjects of a key, closed ones too."""
    query = select(SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == concern.value, SubjectRow.key == key
    )
    with guarded(), reading(parts.databases.state) as connection:
        found = connection.execute(query.order_by(SubjectRow.subject)).all()
    return {subject: decode_subject(_RULES[concern], bytes(body)) for subject, body in found}


def _seqs(parts: Parts, concern: Concern, key: str, limit: int | None) -> list[int]:
    query = select(KeyFact.seq).where(KeyFact.concern == concern.value, KeyFact.key == key)
    with guarded(), reading(parts.databases.state) as connection:
        return list(connection.execute(query.order_by(KeyFact.seq).limit(limit)).scalars())


def _facts(parts: Parts, concern: Concern, key: str) -> list[Row]:
    rows = parts.ledger.rows_by_seq(_seqs(parts, concern, key, FACTS_MAX))
    return [rows[seq] for seq in sorted(rows)]


def alerts_of(parts: Parts, concern: Concern, key: str, reach: Reach) -> list[dict[str, Any]]:
    """The alerts of a key that a reader may see, the latest raised first."""
    query = (
        select(AlertRow.__table__)
        .where(AlertRow.concern == concern.value, AlertRow.key == key, *reach.alerts_where())
        .order_by(AlertRow.raised_at.desc(), AlertRow.alert_id)
        .limit(FACTS_MAX)
    )
    with guarded(), reading(parts.databases.state) as connection:
        found = _dicts(connection, query)
    return [alert_wire(row) for row in found]
