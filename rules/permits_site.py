"""A site in permits: receipts held against its licences, departures against its plan, and what it has to file.

Called by rules.permits, whose docstring says how all this is read.
"""

from collections.abc import Iterable
from typing import Any, Final

from models.alerts import Finding
from models.envelope import Stated
from models.law import Law
from rules import permits_filings as filings
from rules import permits_licences as licences
from rules import permits_plans as plans
from rules import permits_receipts as receipts
from rules.permits_amounts import Year
from rules.permits_counting import rebuild, recount
from rules.permits_filings import SiteFile
from rules.permits_findings import (
    day_finding,
    day_turns,
    delivery_finding,
    unlicensed,
    year_findings,
    year_turns,
)
from rules.permits_licences import Licence
from rules.permits_plans import Departure, Plan, Planned
from rules.permits_receipts import Delivery, day_of, taken
from rules.permits_state import DayTotal, Holder

LICENCES: Final = frozenset({"licence-granted.v1", "licence-changed.v1", "licence-ended.v1"})
_MOVEMENTS: Final = frozenset(
    {"transport-arrived.v1", "receipt-accepted.v1", "waste-collected.v1", "pipeline-metered.v1"}
)
_FILINGS: Final = frozenset({"site-registered.v1", "report-filed.v1", "insurance-registered.v1"})
_DEPARTED: Final = "transport-departed.v1"
_PLAN: Final = "plan-filed.v1"
_ARRIVED: Final = "transport-arrived.v1"


def named(key: str, stated: Stated) -> Iterable[str]:
    """The subjects that a fact adds to; licences, years, plans and what is crossed are in memory anyway.

    A departure is about its origin and an acceptance about its receiver, who may be the same site.
    """
    if stated.kind == _ARRIVED:
        return (receipts.delivery_subject(stated),)
    if stated.kind in _MOVEMENTS:
        return receipts.delivery_subject(stated), receipts.day_subject(stated.occurred_at)
    if stated.kind == _DEPARTED:
        return plans.named_by_departure(stated)
    if stated.kind in LICENCES:
        body: Any = stated.body
        return (licences.licence_subject(body.licence_no),)
    return (filings.SUBJECT,)


def is_open(state: Holder, subject: str) -> bool:
    """Licences, years and plans matter to facts that do not name them; the rest to facts that do."""
    value = state.subjects[subject]
    if isinstance(value, Planned):
        return value.crossed is not None
    if isinstance(value, SiteFile):
        return filings.is_open(value)
    return isinstance(value, Licence | Year | Plan)


def evolve(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    """Keep what was stated."""
    if stated.kind in _MOVEMENTS:
        return _receive(state, stated, law)
    if stated.kind == _DEPARTED:
        return plans.depart(state, stated, law)
    if stated.kind in LICENCES:
        return _license(state, stated, law)
    if stated.kind in _FILINGS:
        return filings.evolve(state, stated)
    if stated.kind == _PLAN:
        touched = plans.file_plan(state, stated, law)
        return None if touched is None else touched | filings.evolve(state, stated)
    return set()


def _receive(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    subject = receipts.delivery_subject(stated)
    known = state.subjects.get(subject)
    delivery = known if isinstance(known, Delivery) else Delivery()
    if stated.kind == _ARRIVED:
        receipts.add(delivery, stated)
        if known is None:
            state.attach(subject, delivery)
        return {subject}
    before = taken(delivery) if delivery.receipts else {}
    receipts.add(delivery, stated)
    in_order = stated.order > state.latest
    touched = recount(state, law, before, taken(delivery), stated, in_order=in_order)
    if touched is None and not state.refolding:
        receipts.remove(delivery, stated)
        return None
    if known is None:
        state.attach(subject, delivery)
    return _recounted(state, law) if touched is None else touched | {subject}


def _recounted(state: Holder, law: Law) -> set[str]:
    """Everything counted anew; all subjects that were and are."""
    before = set(state.subjects)
    rebuild(state, law)
    return before | set(state.subjects)


def _license(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    """Terms for days to come change no verdict; others do, and need every receipt in memory."""
    body: Any = stated.body
    is_ahead = licences.first_day(stated) > day_of(state.latest[0])
    if not is_ahead and not state.refolding:
        return None
    subject = licences.licence_subject(body.licence_no)
    licence = state.licences.get(subject, Licence())
    licences.add(licence, stated)
    state.attach(subject, licence)
    if is_ahead:
        return {subject} | {name for name in state.subjects if name.startswith(f"{subject}#")}
    return _recounted(state, law)


def retract(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    """Forget a movement where that moves no crossing; a licence or a plan taken back folds the key again."""
    if stated.kind in LICENCES or stated.kind == _PLAN:
        return None
    if stated.kind == _DEPARTED:
        return plans.forget_departure(state, stated)
    if stated.kind in _FILINGS:
        return filings.retract(state, stated)
    if stated.kind not in _MOVEMENTS:
        return set()
    subject = receipts.delivery_subject(stated)
    delivery = state.subjects[subject]
    assert isinstance(delivery, Delivery)
    before = taken(delivery)
    receipts.remove(delivery, stated)
    touched = recount(state, law, before, taken(delivery), stated, in_order=False)
    if touched is None:
        receipts.add(delivery, stated)
        return None
    if delivery.is_empty():
        state.detach(subject)
    return touched | {subject}


def findings(state: Holder, subject: str, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with a receipt, a departure, a line's year or day, a plan, or what is filed."""
    value = state.subjects[subject]
    if isinstance(value, Delivery):
        return _one(delivery_finding(state, subject, value, law, at))
    if isinstance(value, Year):
        return list(year_findings(state, subject, value, at)) if value.crossed else ()
    if isinstance(value, Departure):
        return [one for one in plans.departure_findings(state, subject, value) if one.since <= at]
    if isinstance(value, Planned):
        return () if value.crossed is None else _one(plans.planned_finding(state, subject, value, at))
    if isinstance(value, DayTotal):
        return _one(day_finding(state, subject, value, law, at))
    return filings.findings(state, value, law, at) if isinstance(value, SiteFile) else ()


def _one(found: Finding | None) -> tuple[Finding, ...]:
    return () if found is None else (found,)


def next_change(state: Holder, subject: str, law: Law, at: int) -> int | None:
    """The end of a year or day with crossings, the next thing to file; else only what was stated ahead of its time."""
    value = state.subjects[subject]
    if isinstance(value, Delivery):
        if not value.receipts or value.arrived_at <= at:
            return None
        return value.arrived_at if unlicensed(state, value) else None
    if isinstance(value, Departure):
        return value.stated[0].at if value.stated[0].at > at else None
    if isinstance(value, SiteFile):
        return filings.next_change(state, value, law, at)
    turns: Iterable[int]
    if isinstance(value, Year) and value.crossed:
        turns = year_turns(state, subject, value)
    elif isinstance(value, Planned) and value.crossed is not None:
        year = int(subject.split(":")[1])
        turns = (value.crossed.at, plans.planned_end(value, year))
    elif isinstance(value, DayTotal):
        turns = day_turns(state, subject, value, law)
    else:
        return None
    return min([turn for turn in turns if turn > at], default=None)
