"""Questions over HTTP: a fact, a manifest, a site's stock. Reads only; blocking, so FastAPI runs each in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from sqlalchemy import select

from api.alerts import alerts_of
from api.answers.facts import FactAnswer
from api.answers.manifests import ManifestAnswer, StockAnswer
from api.asking import Asker
from api.corrections import router as corrections
from api.corrections import versions_wire
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import (
    AsOf,
    KnownAt,
    alerts_then,
    asked_moment,
    happened_rows,
    key_then,
    moment_wire,
)
from api.problems import not_found
from api.reach import Reach
from api.wire import full_row_wire, instant, row_wire
from models.envelope import Row
from models.facts.oversight import Subject
from models.tables import KeyFact, SubjectRow
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
