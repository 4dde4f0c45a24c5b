"""When a lot is due soon and over its term; for rules.storage.

Sources: duty.storage_one_year for licence holders, the province's rule or the campaign for producers, MWR 17 for
hospitals, LIC 20 for collection licences (DOMAIN 2, 4); which of them holds is a policy. Readings: the last day is the
same date next year, over from 00:00 Beijing after it; due soon from so many days before the last day, not for terms
under 60 days; an extension counts from when it was granted. What left before a registration, licence or extension is
judged without it. A stock-take clears no lot that is over its term. Medical waste is judged by how cold it is kept
(GB39707 5.4.6): each stay by its own hours since the clock began, so that moving it to the cold undoes nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from models.exact import BEIJING_OFFSET_US, DAY_US, HOUR_US, beijing_date
from models.facts.base import TemperatureClass
from models.facts.law import LimitName, Unit
from models.facts.registers import LicenceType, SiteRole
from models.law import Case, Law, Limit
from rules.permits_licences import line_covering
from rules.storage_store import Store, TermOf
from rules.storage_subjects import Extension, Lot, Site

_SHORT_US: Final = 60 * DAY_US
EVER: Final = 2**62
_ROLES: Final = {role.value: role for role in SiteRole}


class Span(NamedTuple):
    """Something is so from `since` until `until` (None: it lasts); which clock is meant, the end of its term, and the
    extension that set it.
    """

    since: int
    until: int | None
    stored_at: int
    limit_at: int
    extension: Extension | None = None


class Terms(NamedTuple):
    """A lot's limit, when it is over by it or by an extension, and the spans of being due soon and over."""

    limit: Limit
    limit_at: int
    due_soon: list[Span]
    over: list[Span]


def role_at(site: Site, at: int, known_until: int) -> SiteRole:
    """The role registered by `at`, else the first one; without any, what the licences say; else a producer."""
    if len(site.registered) == 1 and site.registered[0].at <= known_until:
        return _ROLES[site.registered[0].role]
    if not site.registered and not site.licences:
        return SiteRole.PRODUCER
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


def _term_of(
    state: Store, code: str, since: int, law: Law, known_until: int, temperature: str = ""
) -> TermOf:
    """The term of a clock, as known until an instant; kept where nothing stated of the site came after that."""
    number = (since + BEIJING_OFFSET_US) // DAY_US
    known = state.terms(law)
    if known_until >= state.site_at:
        found = known.get((code, number, temperature))
        if found is not None:
            return found
    site = state.site()
    found = _look_up(state, site, code, since, law, known_until, temperature)
    if known_until >= state.site_at and len(site.registered) <= 1:
        known[code, number, temperature] = found
    return found


def _look_up(
    state: Store, site: Site, code: str, since: int, law: Law, known_until: int, temperature: str
) -> TermOf:
    number = (since + BEIJING_OFFSET_US) // DAY_US
    case = Case(
        state.key[:6],
        role_at(site, since, known_until),
        code,
        licence_type_at(site, code, beijing_date(since), known_until) if site.licences else None,
        TemperatureClass(temperature) if temperature else None,
        state.key if law.names_site(state.key) else None,
    )
    key = ("storage term", case, number)
    known: TermOf | None = law.memo.get(key)
    if known is None:
        known = law.memo[key] = _of_case(case, since, law)
    return known


def _of_case(case: Case, since: int, law: Law) -> TermOf:
    """The term of all clocks of a day."""
    number = (since + BEIJING_OFFSET_US) // DAY_US
    day = beijing_date(since)
    limit = law.limit(LimitName.STORAGE_TERM, case, day, stored=True)
    warning = law.limit(LimitName.STORAGE_DUE_SOON, case, day, stored=True)
    if limit is None:
        return TermOf(None, warning, None, EVER)
    if limit.unit is Unit.HOURS:
        return TermOf(limit, warning, None, None)
    limit_at = law.deadline(since, limit)
    # A term that is long for the latest clock of the day is long for all of them.
    shortest = limit_at - ((number + 1) * DAY_US - BEIJING_OFFSET_US)
    quiet_until = limit_at - (_warned_before(warning, limit) or 0) if shortest >= _SHORT_US else None
    return TermOf(limit, warning, limit_at, quiet_until)


def quiet_until(state: Store, lot: Lot, law: Law) -> int:
    """An instant before which no term makes findings of this lot; 0 where that is not seen at a glance."""
    if lot.fillings or (lot.stays and knows_temperature(state, lot)):
        return 0
    since = lot.since
    known_until = EVER if lot.left > 0 else lot.emptied_at
    if not since or not known_until:
        return EVER
    known = None
    if known_until >= state.site_at and state.terms_law is law:
        known = state.terms_known.get((lot.code, (since + BEIJING_OFFSET_US) // DAY_US, ""))
    if known is None:
        known = _term_of(state, lot.code, since, law, known_until)
    if known.quiet_until is not None:
        return known.quiet_until
    limit = known.limit
    if limit is None:
        return EVER
    limit_at = known.limit_at if known.limit_at is not None else law.deadline(since, limit)
    if limit_at - since < _SHORT_US:
        return limit_at
    return limit_at - (_warned_before(known.warning, limit) or 0)


def knows_temperature(state: Store, lot: Lot) -> bool:
    """Whether it was ever said how cold this lot or a place of the site is."""
    return state.has_temperatures or any(stay.temperature for stay in lot.stays)


class Filling(NamedTuple):
    """What was in a lot from when its clock began until it was empty (0: it is there)."""

    since: int
    filled_at: int
    emptied_at: int
    counted_out: bool


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


def _terms_of(state: Store, lot: Lot, filling: Filling, law: Law) -> Terms | None:
    site = state.site()
    known_until = filling.emptied_at or EVER
    stays = _stays(state, site, lot, filling.since, known_until)
    if len(stays) > 1:
        return _terms_by_stay(state, lot, filling, law, stays)
    limit, warning, known_at, _ = _term_of(state, lot.code, filling.since, law, known_until, stays[0][1])
    if limit is None:
        return None
    due_soon: list[Span] = []
    over: list[Span] = []
    first, clock = filling.filled_at, filling.since
    limit_at = law.deadline(clock, limit) if known_at is None else known_at
    before_us = _warned_before(warning, limit) if limit_at - clock >= _SHORT_US else None
    granted: Extension | None = None
    for extension in _extensions(site, lot, known_until):
        if extension.until > max(
            limit_at, extension.at
        ):  # One that ran out before it was granted ended nothing.
            _add_span(over, Span(max(limit_at, first), extension.at, clock, limit_at, granted))
            if before_us is not None:
                until = min(extension.at, limit_at)
                _add_span(due_soon, Span(max(limit_at - before_us, first), until, clock, limit_at, granted))
                before_us = _warned_before(warning, None)
            limit_at, granted = extension.until, extension
    end = _end_of(filling, limit_at)
    _add_span(over, Span(max(limit_at, first), end, clock, limit_at, granted))
    if before_us is not None:
        until = limit_at if end is None else min(end, limit_at)
        _add_span(due_soon, Span(max(limit_at - before_us, first), until, clock, limit_at, granted))
    return Terms(limit, limit_at, due_soon, over)


def _end_of(filling: Filling, limit_at: int) -> int | None:
    """When a filling left; a count that took the last of it after its term ends nothing."""
    stays = filling.counted_out and filling.emptied_at >= limit_at
    return None if stays or not filling.emptied_at else filling.emptied_at


def _stays(state: Store, site: Site, lot: Lot, since: int, known_until: int) -> list[tuple[int, str]]:
    """From when on a lot was kept how cold; one row where nothing is known of it."""
    found = [(since, "")]
    if not lot.stays or not knows_temperature(state, lot):
        return found
    by_place = {row.place: row.temperature for row in site.places if row.at <= known_until}
    for stay in lot.stays:
        if stay.at >= known_until:
            break
        temperature = stay.temperature or by_place.get(stay.place, "")
        if stay.at <= since:
            found = [(since, temperature)]
        elif temperature != found[-1][1]:
            found.append((stay.at, temperature))
    return found


def _terms_by_stay(
    state: Store, lot: Lot, filling: Filling, law: Law, stays: list[tuple[int, str]]
) -> Terms | None:
    """Over while the hours of where it is have passed since its clock began; no warning, and no extension, of hours."""
    over: list[Span] = []
    found: Terms | None = None
    known_until = filling.emptied_at or EVER
    for number, (start, temperature) in enumerate(stays):
        limit, _, known_at, _ = _term_of(state, lot.code, filling.since, law, known_until, temperature)
        if limit is None:
            continue
        limit_at = law.deadline(filling.since, limit) if known_at is None else known_at
        is_last = number + 1 == len(stays)
        end = _end_of(filling, limit_at) if is_last else stays[number + 1][0]
        begun = max(limit_at, start, filling.filled_at)
        if over and over[-1].until == begun and (end is None or end > begun):
            over[-1] = over[-1]._replace(until=end)
        else:
            _add_span(over, Span(begun, end, filling.since, limit_at))
        found = Terms(limit, limit_at, [], over)
    return found


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


def batch_of(subject: str) -> str:
    """The batch code of a lot's subject."""
    return subject.removeprefix("lot:").partition("@")[0]
