"""What is known of a holder's licences (经营许可证), and which line of which covers a code on a day; for rules.permits.

Days are ordinals of Beijing dates. Sources: LIC (scope, scale, term), DOMAIN 5: a category whole, only listed codes of
it, or all but listed ones. A list of codes narrows only the categories that its codes are of.
"""

from bisect import insort
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from models.catalogue import category_of
from models.envelope import Stated
from models.exact import add_years, beijing_midnight
from models.facts.registers import LicenceEnding, LicenceType

_NEVER: Final = date.max.toordinal()


class Scope(msgspec.Struct, array_like=True, gc=False):
    """A line of a licence: what it covers and how many grams a year its codes share."""

    categories: tuple[str, ...]
    only_codes: tuple[str, ...]
    except_codes: tuple[str, ...]
    yearly_g: int
    daily_g: int = 0  # 0: not said.
    methods: tuple[str, ...] = ()

    def covers(self, code: str) -> bool:
        """Whether a code is in scope."""
        category = category_of(code)
        if category not in self.categories or code in self.except_codes:
            return False
        listed = [known for known in self.only_codes if category_of(known) == category]
        return not listed or code in listed

    def allows(self, method: str) -> bool:
        """Whether a way of treatment is in scope; one that a receipt does not name, or the line does not list, is."""
        return not method or not self.methods or method in self.methods


class Terms(msgspec.Struct, array_like=True, order=True, gc=False):
    """颁发 or 变更: from day `start` these terms hold, until others do; valid on `valid_from` to `valid_until`."""

    start: int
    at: int
    seq: int
    granted: bool
    licence_type: str
    holder_org: str
    valid_from: int
    valid_until: int
    lines: tuple[Scope, ...]
    year_from: int = 0  # Its own years begin on the anniversaries of this day; 0: on 1 January.


class Ending(msgspec.Struct, array_like=True, order=True, gc=False):
    """暂停、恢复、吊销、注销 from day `start`."""

    start: int
    at: int
    seq: int
    ending: str


class Licence(msgspec.Struct, tag="licence", omit_defaults=True, gc=False):
    """All that is stated of one licence, by the day it takes effect."""

    terms: list[Terms] = []
    endings: list[Ending] = []


def licence_subject(licence_no: str) -> str:
    """The subject of a licence."""
    return f"licence:{licence_no}"


def _scopes(body: Any) -> tuple[Scope, ...]:
    return tuple(
        [
            Scope(
                line.categories,
                line.only_codes,
                line.except_codes,
                line.yearly_g,
                line.daily_g or 0,
                line.methods,
            )
            for line in body.lines
        ]
    )


def first_day(stated: Stated) -> int:
    """The first day whose verdict a licence fact may change."""
    body: Any = stated.body
    day = body.valid_from if stated.kind == "licence-granted.v1" else body.effective_from
    return int(day.toordinal())


def add(licence: Licence, stated: Stated) -> None:
    """Keep a statement."""
    body: Any = stated.body
    start = first_day(stated)
    if stated.kind == "licence-ended.v1":
        insort(licence.endings, Ending(start, stated.occurred_at, stated.seq, body.ending.value))
        return
    terms = Terms(
        start,
        stated.occurred_at,
        stated.seq,
        stated.kind == "licence-granted.v1",
        body.licence_type.value,
        body.holder_org,
        body.valid_from.toordinal(),
        body.valid_until.toordinal(),
        _scopes(body),
        0 if body.year_from is None else body.year_from.toordinal(),
    )
    insort(licence.terms, terms)


def terms_on(licence: Licence, day: int) -> Terms | None:
    """The terms last put in force by a day, whether or not they are valid on it."""
    found = None
    for terms in licence.terms:
        if terms.start > day:
            break
        found = terms
    return found


def ending_on(licence: Licence, day: int) -> str | None:
    """suspended, revoked or surrendered where that is so on a day; a later grant of the number begins anew."""
    granted = max((terms.start for terms in licence.terms if terms.granted and terms.start <= day), default=0)
    found = None
    for ending in licence.endings:
        if granted <= ending.start <= day:
            found = ending.ending
    return None if found == LicenceEnding.RESUMED else found


def valid_terms(licence: Licence, day: int) -> Terms | None:
    """The terms in force on a day; None where there are none, or they lapsed, or the licence is stopped."""
    terms = terms_on(licence, day)
    if terms is None or not terms.valid_from <= day <= terms.valid_until:
        return None
    return terms if ending_on(licence, day) is None else None


def line_covering(terms: Terms, code: str, method: str = "") -> int | None:
    """The number, from 1, of the first line that covers a code, and allows the method where one is named."""
    for number, scope in enumerate(terms.lines, 1):
        if scope.covers(code) and scope.allows(method):
            return number
    return None


def year_start(year_from: int, day: int) -> int:
    """The first day of the licence's year that a day is in: 1 January, or the last anniversary of `year_from`.

    A licence whose years begin on 29 February has them begin on the 28th.
    """
    on = date.fromordinal(day)
    if not year_from:
        return date(on.year, 1, 1).toordinal()
    first = date.fromordinal(year_from)
    month, day_of_month = (2, 28) if (first.month, first.day) == (2, 29) else (first.month, first.day)
    begins = date(on.year, month, day_of_month).toordinal()
    return begins if begins <= day else date(on.year - 1, month, day_of_month).toordinal()


class Slot(NamedTuple):
    """Where an acceptance counts: a licence's line, its yearly grams, the year's first day, its daily grams (0: none)."""

    licence: str
    number: int
    yearly_g: int
    year: int
    daily_g: int


def slot_for(licences: Iterable[tuple[str, Licence]], code: str, method: str, day: int) -> Slot | None:
    """The one line that takes a code in on a day: a comprehensive licence's before a collection one's, then by number."""
    found: list[tuple[bool, str, int, Terms]] = []
    for subject, licence in licences:
        terms = valid_terms(licence, day)
        if terms is None or terms.licence_type == LicenceType.TRANSPORT:
            continue
        number = line_covering(terms, code, method)
        if number is not None:
            collects = terms.licence_type == LicenceType.COLLECTION
            found.append((collects, subject, number, terms))
    if not found:
        return None
    _, subject, number, terms = min(found, key=lambda one: one[:3])
    line = terms.lines[number - 1]
    return Slot(subject, number, line.yearly_g, year_start(terms.year_from, day), line.daily_g)


def stretch(licences: Iterable[Licence], day: int) -> tuple[int, int]:
    """The days around a day, from the first to before the second, within which all licences say the same."""
    first, end = 0, _NEVER
    for licence in licences:
        turns = [one.start for one in licence.endings]
        for terms in licence.terms:
            turns += (terms.start, terms.valid_from, terms.valid_until + 1)
        for turn in turns:
            if first < turn <= day:
                first = turn
            elif day < turn < end:
                end = turn
    return first, end


def next_year(licence: Licence, slot: Slot, day: int) -> int:
    """The first day of the year after the one that a day's slot counts in."""
    terms = terms_on(licence, day)
    return year_start(terms.year_from if terms is not None else 0, slot.year + 366)


def why_not(licences: Iterable[tuple[str, Licence]], code: str, method: str, day: int) -> tuple[str, str]:
    """Why no licence covers a code and method on a day, and whose number that is about: the nearest miss first."""
    misses: list[tuple[int, str, str]] = []
    for subject, licence in licences:
        terms = terms_on(licence, day)
        if terms is None or terms.licence_type == LicenceType.TRANSPORT:
            continue
        misses.append((*_miss(licence, terms, code, method, day), subject.removeprefix("licence:")))
    if not misses:
        return "no_licence", ""
    _, reason, licence_no = min(misses)
    return reason, licence_no


def _miss(licence: Licence, terms: Terms, code: str, method: str, day: int) -> tuple[int, str]:
    if line_covering(terms, code) is None:
        return 3, "out_of_scope"
    if (reason := not_valid(licence, terms, day)) is not None:
        return (1 if reason in {"lapsed", "not_yet_valid"} else 0), reason
    return 2, "other_method"


def not_valid(licence: Licence, terms: Terms, day: int) -> str | None:
    """Why these terms do not hold on a day: stopped, lapsed (also where they end before they begin), not yet valid."""
    if (ending := ending_on(licence, day)) is not None:
        return ending
    if day > terms.valid_until:
        return "lapsed"
    return "not_yet_valid" if day < terms.valid_from else None


def yearly_amounts(licence: Licence, number: int, first: int) -> list[tuple[int, int]]:
    """From which instant on a line has how many grams in the year that begins on `first`: then, and at each change."""
    last = add_years(date.fromordinal(first), 1).toordinal() - 1
    found: list[tuple[int, int]] = []
    for day in sorted({first, *(terms.start for terms in licence.terms if first < terms.start <= last)}):
        terms = terms_on(licence, day)
        if terms is not None and len(terms.lines) >= number:
            amount = terms.lines[number - 1].yearly_g
            if not found or found[-1][1] != amount:
                found.append((beijing_midnight(date.fromordinal(day)), amount))
    return found
