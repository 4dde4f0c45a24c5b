"""Storage 贮存: how long each lot of a site has been there, and whether the books went below zero; called by the judge.

Key: the site. Subjects: "lot:<batch>", "code:<waste code>", "leaving:<manifest or round>", "counted:<waste code>",
"place:<storage point>" and "site". What each fact does to the stock is in storage_facts, how lots fill and empty in
storage_moves, under which batch codes in storage_chain, stock-takes in storage_counts, points in storage_points, terms in
storage_terms and what is wrong in storage_findings. Beside them storage_watch keeps "month:<year-month>" (what flowed),
"rounds", "activity:<measure>" and "intake".

First in first out depends on order, so a late fact folds the site again, unless storage_order shows that nothing it
could have changed was decided since; a correction always does.
"""

from bisect import insort
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final, cast

from models.alerts import Finding
from models.envelope import Stated
from models.exact import DAY_US, beijing_midnight
from models.facts.law import LimitName
from models.law import Law, Matter
from models.topics import Concern
from rules import permits_licences, storage_rounds, storage_watch
from rules.contract import QUIET, Assessed, State, site_region
from rules.permits_licences import Licence
from rules.storage_activity import report
from rules.storage_counts import count_findings, count_turn
from rules.storage_facts import DOCUMENTED, MATTER, apply, document_of, home_org, names_of
from rules.storage_findings import assess_lot, below_spans, code_findings, lot_findings, lot_turn
from rules.storage_lineage import lineage
from rules.storage_moves import Moment, close_balance
from rules.storage_order import may_come_late
from rules.storage_points import place_registered, point_findings, point_turn
from rules.storage_store import Store
from rules.storage_subjects import (
    SITE,
    Counted,
    Extension,
    Leaving,
    Lot,
    PlaceRow,
    Point,
    Refusal,
    Registration,
    Site,
    Stock,
    Subject,
    with_row,
)
from rules.storage_summary import summary

CONCERN: Final = Concern.STORAGE
SUBJECT: Final = Subject | storage_watch.Watched
ASKS: frozenset[Matter] = storage_watch.ASKS | {
    LimitName.STORAGE_TERM,
    LimitName.STORAGE_DUE_SOON,
    LimitName.POINT_MASS,
    LimitName.STOCK_TOLERANCE,
    LimitName.REPACK_TOLERANCE,
}
KEEPS: frozenset[Matter] = frozenset()
AHEAD: frozenset[Matter] = storage_watch.AHEAD
region_of = site_region
_LICENCES: Final = frozenset({"licence-granted.v1", "licence-changed.v1", "licence-ended.v1"})
_SITE_FACTS: Final = _LICENCES | {"site-registered.v1", "extension-granted.v1", "extension-refused.v1"}

__all__ = [
    "AHEAD",
    "ASKS",
    "CONCERN",
    "KEEPS",
    "SUBJECT",
    "assess",
    "evolve",
    "findings",
    "is_open",
    "lineage",
    "named",
    "new_state",
    "next_change",
    "region_of",
    "retract",
    "summary",
]


def new_state(key: str) -> Store:
    """Nothing is known of this site."""
    return Store(key)


def named(key: str, stated: Stated) -> Iterable[str]:
    """The documents, lots, codes, months and places of the fact."""
    if stated.kind in MATTER:
        return chain(names_of(stated, key), storage_watch.named(stated))
    if stated.kind == storage_watch.REPORTED:
        return storage_watch.named(stated)
    if stated.kind == "site-registered.v1":
        body: Any = stated.body
        return [f"place:{place.place}" for place in body.places]
    return names_of(stated, key) if stated.kind == "extension-granted.v1" else ()


def evolve(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Take a fact in; None where it comes late and the site must be folded again."""
    store: Store = state  # type: ignore[assignment]
    kind, order = stated.kind, (stated.occurred_at, stated.seq)
    if kind not in MATTER:
        if kind in _SITE_FACTS:
            return None if order < state.latest else _of_site(store, stated)
        return report(store, stated) if kind == storage_watch.REPORTED else set()
    if order < state.latest and not (
        may_come_late(store, stated) and storage_watch.may_come_late(store, stated)
    ):
        return None
    to = document_of(stated) if kind in DOCUMENTED else "treated"
    moment = Moment(order, home_org(stated, state.key), set(), {}, to, [])
    apply(store, stated, moment)
    close_balance(store, moment)
    storage_watch.observe(store, stated, moment)
    if store.points_moved:
        moment.touched.update(store.points_moved)
        store.points_moved.clear()
    return moment.touched


def retract(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """What was drawn after it may be otherwise without it, so the site is folded again."""
    refolds = stated.kind in MATTER or stated.kind in _SITE_FACTS or stated.kind == storage_watch.REPORTED
    return None if refolds else set()


def _of_site(state: Store, stated: Stated) -> set[str]:
    """Role, licences and extensions: they change the terms of all lots in store."""
    body: Any = stated.body
    if stated.kind == "extension-granted.v1" and body.lot is not None:
        name = f"lot:{body.lot}"
        lot = state.lot(name)
        lot.extended = with_row(lot.extended, _extension(stated))
        return {name}
    site = state.site()
    state.subjects.setdefault(SITE, site)
    touched: set[str] = set()
    if stated.kind == "extension-granted.v1":
        insort(site.extensions, _extension(stated))
    elif stated.kind == "extension-refused.v1":
        insort(site.refusals, Refusal(*stated.order, body.lot or "", body.waste_code or ""))
    elif stated.kind == "site-registered.v1":
        insort(site.registered, Registration(*stated.order, body.role.value, body.org))
        for place in body.places:
            row = PlaceRow(*stated.order, place.place, place.place_type, place.temperature or "")
            insort(site.places, row)
            place_registered(state, row, body.org)
        state.points_moved.clear()
        touched = storage_rounds.register(state, stated, holds=state.holds_something())
    else:
        permits_licences.add(site.licences.setdefault(body.licence_no, Licence()), stated)
    state.site_changed(site)
    return touched | set(state.subjects)


def _extension(stated: Stated) -> Extension:
    body: Any = stated.body
    until = beijing_midnight(body.valid_until) + DAY_US
    return Extension(*stated.order, until, body.waste_code or "", body.approval_no or "")


def findings(state: State[Any], subject: str, law: Law, at: int) -> Iterable[Finding]:
    """Lots due soon and over their term (mass_g left, stored_g, stored_at, limit_at), of unknown age, or of another mass
    than their parents gave; codes below zero (lowest_g) or counted otherwise; points that hold too much.
    """
    value = state.subjects[subject]
    store = cast("Store", state)
    if type(value) is Lot:
        found = lot_findings(store, subject, value, law, at)
        return storage_watch.lot_findings(store, subject, value, law, at, found) if law.campaigns else found
    if type(value) is Stock:
        below = value.below_at or value.past is not None
        return code_findings(store, subject, value, at) if below else ()
    if type(value) is Leaving or type(value) is Site:
        return ()
    if type(value) is Counted:
        return count_findings(store, subject, value, law, at)
    if type(value) is Point:
        return point_findings(store, subject, value, law, at)
    return storage_watch.findings(store, subject, value, law, at)


def next_change(state: State[Any], subject: str, law: Law, at: int) -> int | None:
    """When a lot is next due soon or over; or what is stated a little ahead of time comes to be."""
    value = state.subjects[subject]
    store = cast("Store", state)
    if type(value) is Lot:
        turn = lot_turn(store, value, law, at)
        return storage_watch.lot_turn(store, value, law, at, turn) if law.campaigns else turn
    if type(value) is Stock:
        if value.below_at <= at and value.past is None:
            return None
        turns = [turn for span in below_spans(value) for turn in span[:2]]
        return min((turn for turn in turns if turn is not None and turn > at), default=None)
    if type(value) is Leaving or type(value) is Site:
        return None
    if type(value) is Counted:
        return count_turn(value, at)
    if type(value) is Point:
        return point_turn(value, at)
    return storage_watch.next_change(store, subject, value, law, at)


def assess(state: State[Any], subject: str, law: Law, at: int) -> Assessed:
    """Findings and the next change of a subject; most of what a fact touches has neither."""
    value = state.subjects[subject]
    if type(value) is Lot:
        if not law.campaigns:
            return assess_lot(state, subject, value, law, at)  # type: ignore[arg-type]
    elif type(value) is Stock:
        if not value.below_at and value.past is None:
            return QUIET
    elif type(value) is Leaving or type(value) is Site:
        return QUIET
    return list(findings(state, subject, law, at)), next_change(state, subject, law, at)


def is_open(state: State[Any], subject: str) -> bool:
    """Lots that hold something can be drawn from by any fact, and with them their code; the site's terms hold for all."""
    value = state.subjects[subject]
    if type(value) is Lot:
        return value.left > 0
    if type(value) is Stock:
        return bool(value.held_g or value.held_pieces or value.mass_g or value.pieces)
    if type(value) is Point:
        return value.tracked
    if type(value) is Counted:
        return True
    return type(value) is Site or storage_watch.is_open(value)
