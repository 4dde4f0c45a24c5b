"""When a lot is due soon and over its term, and when a balance was below zero; for rules.storage.

Sources: duty.storage_one_year for licence holders, the province's rule or the campaign for producers, MWR 17 for
hospitals, LIC 20 for collection licences (DOMAIN 2, 4); which of them holds is a policy. Readings: the last day is the
same date next year, over from 00:00 Beijing after it; due soon from so many days before the last day, not for terms
under 60 days; an extension counts from when it was granted. What left before a registration, licence or extension is
judged without it. A stock-take clears no lot that is over its term.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.exact import BEIJING_OFFSET_US, DAY_US, HOUR_US, beijing_date
from models.facts.law import LimitName, Unit
from models.facts.registers import LicenceType, SiteRole
from models.law import Case, Law, Limit
from rules.permits_licences import line_covering
from rules.storage_subjects import Extension, Lot, Site, Stock, Store, TermOf

_SHORT_US: Final = 60 * DAY_US
_EVER: Final = 2**62


class Span(NamedTuple):
    """Something is so from `since` until `until` (None: it lasts); which clock is meant, and the end of its term."""

    since: int
    until: int | None
    stored_at: int
    limit_at: int


class Terms(NamedTuple):
    """A lot's limit, when it is over by it or by an extension, and the spans of being due soon and over."""

    limit: Limit
    limit_at: int
    due_soon: list[Span]
    over: list[Span]


def role_at(site: Site, at: int, known_until: int) -> SiteRole:
    """The role registered by `at`, else the first one; without any, what the licences say; else a producer."""
    known = [row for row in site.registered if row.at <= known_until]
    if known:
        before = [row for row in known if row.at <= at]
        return SiteRole((before[-1] if before else known[0]).role)
    types = {
        terms.licence_type
        for licence in site.licences.values()
        for terms in licence.terms
        if terms.at <= known_until
    }
    if LicenceType.COMPREHENSIVE in types:
        return SiteRole.FACILITY
    return SiteRole.COLLECTOR if LicenceType.COLLECTION in types else SiteRole.PRODUCER


def licence_type_at(site: Site, code: str, day: date, known_until: int) -> LicenceType | None:
    """Under which type of licence a code is held on a day; a comprehensive licence comes before a collection one."""
    types = set()
    for licence in site.licences.values():
        terms = None
        for row in licence.terms:
            if row.start <= day.toordinal() and row.at <= known_until:
                terms = row
        if (
            terms is not None
            and day.toordinal() <= terms.valid_until
            and line_covering(terms, code) is not None
        ):
            types.add(terms.licence_type)
    for licence_type in (LicenceType.COMPREHENSIVE, LicenceType.COLLECTION):
        if licence_type in types:
            return licence_type
    return None


def org_at(site: Site, known_until: int) -> str:
    """Who was registered by then."""
    return next((row.org for row in reversed(site.registered) if row.at <= known_until), "")


def _term_of(state: Store, code: str, since: int, law: Law, known_until: int) -> TermOf:
    """The term of a clock, as known until an instant; kept where nothing stated of the site came after that."""
    number = (since + BEIJING_OFFSET_US) // DAY_US
    known = state.terms(law)
    found = known.get((code, number)) if known_until >= state.site_at else None
    if found is None:
        site = state.site()
        day = beijing_date(since)
        role = role_at(site, since, known_until)
        licence_type = licence_type_at(site, code, day, known_until) if site.licences else None
        case = Case(state.key[:6], role, code, licence_type)
        limit = law.limit(LimitName.STORAGE_TERM, case, day, stored=True)
        warning = law.limit(LimitName.STORAGE_DUE_SOON, case, day, stored=True)
        by_day = limit is not None and limit.unit is not Unit.HOURS
        limit_at = law.deadline(since, limit) if limit is not None and by_day else None
        found = TermOf(limit, warning, limit_at)
        if known_until >= state.site_at and len(site.registered) <= 1:
            known[code, number] = found
    return found


def _quiet_until(state: Store, lot: Lot, law: Law) -> int:
    """An instant before which this lot has no findings; 0 where that is not seen at a glance."""
    if lot.fillings:
        return 0
    if not lot.since or (lot.left <= 0 and not lot.emptied_at):
        return _EVER
    limit, warning, limit_at = _term_of(
        state, lot.code, lot.since, law, _EVER if lot.left > 0 else lot.emptied_at
    )
    if limit is None:
        return _EVER
    if limit_at is None:
        limit_at = law.deadline(lot.since, limit)
    if limit_at - lot.since < _SHORT_US:
        return limit_at
    return limit_at - (_warned_before(warning, limit) or 0)


def terms_of(state: Store, lot: Lot, law: Law) -> Terms | None:
    """The lot's term and its spans; None where nothing was ever in it, or no policy speaks."""
    fillings = [Filling(*filling, False) for filling in lot.fillings]
    if lot.left > 0 or lot.emptied_at:
        fillings.append(
            Filling(lot.since, lot.filled_at, 0 if lot.left > 0 else lot.emptied_at, lot.counted_out)
        )
    found = None
    for filling in fillings:
        terms = _terms_of(state, lot, filling, law)
        if terms is not None and found is not None:
            terms = terms._replace(due_soon=found.due_soon + terms.due_soon, over=found.over + terms.over)
        found = terms or found
    return found


class Filling(NamedTuple):
    """What was in a lot from when its clock began until it was empty (0: it is there)."""

    since: int
    filled_at: int
    emptied_at: int
    counted_out: bool


def _terms_of(state: Store, lot: Lot, filling: Filling, law: Law) -> Terms | None:
    site = state.site()
    known_until = filling.emptied_at or _EVER
    limit, warning, known_at = _term_of(state, lot.code, filling.since, law, known_until)
    if limit is None:
        return None
    due_soon: list[Span] = []
    over: list[Span] = []
    first, clock = filling.filled_at, filling.since
    limit_at = law.deadline(clock, limit) if known_at is None else known_at
    before_us = _warned_before(warning, limit) if limit_at - clock >= _SHORT_US else None
    for extension in _extensions(site, lot, known_until):
        if extension.until > limit_at:
            _add_span(over, Span(max(limit_at, first), extension.at, clock, limit_at))
            if before_us is not None:
                until = min(extension.at, limit_at)
                _add_span(due_soon, Span(max(limit_at - before_us, first), until, clock, limit_at))
                before_us = _warned_before(warning, None)
            limit_at = extension.until
    stays = filling.counted_out and filling.emptied_at >= limit_at
    end = None if stays or not filling.emptied_at else filling.emptied_at
    _add_span(over, Span(max(limit_at, first), end, clock, limit_at))
    if before_us is not None:
        until = limit_at if end is None else min(end, limit_at)
        _add_span(due_soon, Span(max(limit_at - before_us, first), until, clock, limit_at))
    return Terms(limit, limit_at, due_soon, over)


def _add_span(spans: list[Span], span: Span) -> None:
    if span.until is None or span.until > span.since:
        spans.append(span)


def _warned_before(warning: Limit | None, limit: Limit | None) -> int | None:
    """How long before a term is over it is due soon: so many days before the last day, or hours before the hour."""
    if warning is None:
        return None
    if limit is not None and limit.unit is Unit.HOURS:
        return warning.value * (HOUR_US if warning.unit is Unit.HOURS else DAY_US)
    if warning.unit is Unit.HOURS:
        return warning.value * HOUR_US
    return (warning.value * (365 if warning.unit is Unit.YEARS else 1) + 1) * DAY_US


def _extensions(site: Site, lot: Lot, known_until: int) -> Iterable[Extension]:
    """Those of the lot, its code and the site, in the order they were granted, while the lot was there."""
    if not lot.extended and not site.extensions:
        return ()
    of_site = [row for row in site.extensions if not row.code or row.code == lot.code]
    own = [row for row in lot.extended if not row.code or row.code == lot.code]
    return sorted(row for row in own + of_site if row.at < known_until)


def latest(spans: Iterable[Span], at: int) -> Span | None:
    """The last span that has begun; one that ends later than `at` lasts."""
    found = None
    for span in spans:
        if span.since <= at and (found is None or span.since >= found.since):
            found = span
    if found is not None and found.until is not None and found.until > at:
        return found._replace(until=None)
    return found


def lot_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterator[Finding]:
    """storage.due_soon and storage.over_limit. Amounts: what is left, what there was, clock and end of the term."""
    quiet_until = _quiet_until(state, lot, law)
    if at < quiet_until or (lot.left <= 0 and lot.emptied_at < quiet_until):
        return
    terms = terms_of(state, lot, law)
    if terms is None:
        return
    for kind, spans in (
        (AlertKind.STORAGE_DUE_SOON, terms.due_soon),
        (AlertKind.STORAGE_OVER_LIMIT, terms.over),
    ):
        span = latest(spans, at)
        if span is not None:
            yield Finding(
                kind,
                subject,
                span.since,
                span.until,
                _amounts(subject, lot, terms.limit, span),
                state.key,
                _parties(state, lot.org, _EVER if lot.left > 0 else lot.emptied_at),
                basis=terms.limit.citation,
            )


def _amounts(subject: str, lot: Lot, limit: Limit, span: Span) -> dict[str, int | str]:
    """What was put in and, while it lasts, what is left; when the clock began, and the end of the term meant."""
    found: dict[str, int | str] = {"lot": batch_of(subject), "waste_code": lot.code}
    found["stored_g" if lot.weighed else "stored_pieces"] = lot.total
    if span.until is None:
        found["mass_g" if lot.weighed else "pieces"] = max(lot.left, 0)
    found |= {"stored_at": span.stored_at, "limit_at": span.limit_at}
    if limit.duty is not None:
        found["duty"] = limit.duty
    return found


def batch_of(subject: str) -> str:
    """The batch code of a lot's subject."""
    return subject.removeprefix("lot:").partition("@")[0]


def _parties(state: Store, first_org: str, known_until: int) -> tuple[str, ...]:
    """Who is registered for the site, else who was first at home there with this lot or code."""
    org = org_at(state.site(), known_until) or first_org
    return (org,) if org else ()


def lot_turn(state: Store, lot: Lot, law: Law, at: int) -> int | None:
    """The next instant at which the lot's findings begin or end."""
    quiet_until = _quiet_until(state, lot, law)
    if lot.left <= 0 and lot.emptied_at < quiet_until:
        return None
    if at < quiet_until and lot.left > 0 and not (lot.filled_at or lot.extended or state.site().extensions):
        return quiet_until if quiet_until < _EVER else None
    terms = terms_of(state, lot, law)
    if terms is None:
        return None
    turns = [turn for span in (*terms.due_soon, *terms.over) for turn in span[:2]]
    return min((turn for turn in turns if turn is not None and turn > at), default=None)


def below_spans(stock: Stock) -> list[Span]:
    """When the balance was below zero, the latest last."""
    spans = [Span(stock.past.since, stock.past.until, 0, 0)] if stock.past is not None else []
    return [*spans, Span(stock.below_at, None, 0, 0)] if stock.below_at else spans


def code_findings(state: Store, subject: str, stock: Stock, at: int) -> Iterator[Finding]:
    """storage.below_zero, with how far below it was at worst."""
    span = latest(below_spans(stock), at)
    if span is None:
        return
    lowest_g, lowest_pieces, known_until = stock.lowest_g, stock.lowest_pieces, _EVER
    if stock.past is not None and span.since == stock.past.since:
        lowest_g, lowest_pieces, known_until = stock.past.lowest_g, stock.past.lowest_pieces, stock.past.until
    amounts: dict[str, int | str] = {"waste_code": subject.removeprefix("code:"), "lowest_g": lowest_g}
    if lowest_pieces:
        amounts["lowest_pieces"] = lowest_pieces
    parties = _parties(state, stock.org, known_until)
    yield Finding(AlertKind.STORAGE_BELOW_ZERO, subject, span.since, span.until, amounts, state.key, parties)
