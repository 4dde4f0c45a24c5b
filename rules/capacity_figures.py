"""Figures that capacity shows and does not judge: rates, flows between cities, need by month, and licensed lines with
what they took in, which are idle, which were added, which have room near a place. Pure; asked by pages and the API.

They are read from the stored subjects of rules.capacity, by category: `known` is {category: {subject: value}}.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from models.catalogue.neighbours import nearness
from models.facts.law import RateFormula
from models.facts.registers import LicenceType
from rules.capacity_balance import sums_by_city
from rules.capacity_needs import WINDOW_DAYS
from rules.capacity_rooms import licensed_g, lines_on
from rules.capacity_subjects import (
    FROM_CITY,
    GENERATED,
    IN,
    OTHERS,
    OUT,
    OWN,
    TO_CITY,
    Month,
    Subject,
    city_of,
    holder_of,
)
from rules.permits_licences import Licence, Scope, valid_terms
from rules.rates import Rate, rate

Known = Mapping[str, Mapping[str, Subject]]
_FIRST_DAY: Final = 1
_PROVINCE_DIGITS: Final = 2


def month_of(subject: str) -> str:
    """The month in a month's subject: 2026-11."""
    return subject[10:]


def months_back(today: date, count: int) -> list[str]:
    """The month of a day and those before it, `count` in all, the oldest first."""
    number = today.year * 12 + today.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(number - count + 1, number + 1)]


# Rates


def rate_of(known: Known, region: str, first: int, last: int, formula: RateFormula) -> Rate:
    """利用处置率 of a province (two digits) or city (four), over a span of days, all categories given.

    Handled: own treatment, what was sent elsewhere, and what was treated for others as far as it is more than what was
    brought in, which is not the region's own. The opening stock is that of the books: all that was made and brought in
    before, less what was treated and sent.
    """
    handled_g = generated_g = opening_g = 0
    for subjects in known.values():
        before = _of_region(sums_by_city(subjects, _FIRST_DAY, first - 1), region)
        within = _of_region(sums_by_city(subjects, first, last), region)
        opening_g += before.made_g + before.brought_g - before.own_g - before.others_g - before.sent_g
        generated_g += within.made_g
        handled_g += within.own_g + within.sent_g + max(0, within.others_g - within.brought_g)
    return rate(formula, handled_g=handled_g, generated_g=generated_g, opening_g=max(0, opening_g))


class _Sums(NamedTuple):
    """What a region made, treated of its own and for others, sent out of it and brought in."""

    made_g: int
    own_g: int
    others_g: int
    sent_g: int
    brought_g: int


def _of_region(sums: Mapping[str, list[int]], region: str) -> _Sums:
    rows = [row for city, row in sums.items() if city.startswith(region)]
    made_g, own_g, out_g, in_g, to_g, from_g, others_g = [
        sum(row[which] for row in rows) for which in (GENERATED, OWN, OUT, IN, TO_CITY, FROM_CITY, OTHERS)
    ]
    if len(region) == _PROVINCE_DIGITS:  # What goes from city to city stays in the province.
        return _Sums(made_g, own_g, others_g, out_g, in_g)
    return _Sums(made_g, own_g, others_g, out_g + to_g, in_g + from_g)


# Flows and months


def flows(subjects: Mapping[str, Subject], months: Iterable[str]) -> dict[tuple[str, str], int]:
    """Grams moved from city to receiving site in these months."""
    wanted = set(months)
    found: dict[tuple[str, str], int] = {}
    for name, value in subjects.items():
        if isinstance(value, Month) and month_of(name) in wanted:
            for flow, mass_g in value.flows.items():
                origin, _, receiver = flow.partition(">")
                found[origin, receiver] = found.get((origin, receiver), 0) + mass_g
    return found


def matrix(moved: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """The same from city to city."""
    found: dict[tuple[str, str], int] = {}
    for (origin, receiver), mass_g in moved.items():
        ends = (origin, receiver[:4])
        found[ends] = found.get(ends, 0) + mass_g
    return found


def need_by_month(subjects: Mapping[str, Subject], months: Iterable[str], region: str) -> list[int]:
    """Net need of a province's or city's months, nothing known being nothing."""
    sums = dict.fromkeys(months, 0)
    for name, value in subjects.items():
        if isinstance(value, Month) and month_of(name) in sums and city_of(name).startswith(region):
            for row in value.days.values():
                between_g = row[FROM_CITY] - row[TO_CITY] if len(region) > _PROVINCE_DIGITS else 0
                sums[month_of(name)] += row[GENERATED] - row[OWN] - row[OUT] + row[IN] + between_g
    return list(sums.values())


# Lines


class Line(NamedTuple):
    """A licensed line on a day. `taken_g`: what its holder took in of its categories in the months asked about; where a
    holder has several lines for a category, each is credited with all of it. `since_a_year`: it was there a year before.
    """

    holder: str
    licence_no: str
    number: int
    scope: Scope
    valid_until: int
    taken_g: int
    monthly_g: tuple[int, ...]
    since_a_year: bool

    @property
    def spare_g(self) -> int:
        """What it could still take in a year: its yearly amount less what the last twelve months brought, this one too."""
        return max(0, self.scope.yearly_g - sum(self.monthly_g[-12:]))

    def is_idle(self, permille: int) -> bool:
        """Whether it was there for a year and took less than a share of its yearly amount; nothing at all is idle too."""
        less = self.taken_g * 1000 < self.scope.yearly_g * permille
        return self.since_a_year and (self.taken_g == 0 or less)


def lines_of(known: Known, day: int, months: list[str]) -> list[Line]:
    """Every line of a comprehensive licence valid on a day, by holder and number, with what it took in in these months."""
    taken = {category: _taken(subjects, months) for category, subjects in known.items()}
    found = [
        _line(name, licence, number, scope, day, taken, len(months))
        for name, licence in sorted(_licences(known).items())
        for number, scope in _scopes(licence, day)
    ]
    return sorted(found, key=lambda line: (line.holder, line.licence_no, line.number))


def _licences(known: Known) -> dict[str, Licence]:
    return {
        name: value
        for subjects in known.values()
        for name, value in subjects.items()
        if isinstance(value, Licence)
    }


def _scopes(licence: Licence, day: int) -> Iterator[tuple[int, Scope]]:
    terms = valid_terms(licence, day)
    if terms is not None and terms.licence_type == LicenceType.COMPREHENSIVE:
        yield from enumerate(terms.lines, 1)


def _taken(subjects: Mapping[str, Subject], months: list[str]) -> dict[str, list[int]]:
    """Grams by receiving site and month."""
    places = {month: place for place, month in enumerate(months)}
    found: dict[str, list[int]] = {}
    for name, value in subjects.items():
        if isinstance(value, Month) and month_of(name) in places:
            for flow, mass_g in value.flows.items():
                row = found.setdefault(flow.partition(">")[2], [0] * len(months))
                row[places[month_of(name)]] += mass_g
    return found


def _line(
    name: str,
    licence: Licence,
    number: int,
    scope: Scope,
    day: int,
    taken: Mapping[str, Mapping[str, list[int]]],
    months: int,
) -> Line:
    holder, licence_no = holder_of(name), name.split(":", 2)[2]
    rows = [taken.get(category, {}).get(holder, [0] * months) for category in set(scope.categories)]
    monthly = [sum(column) for column in zip(*rows, strict=True)]
    terms = valid_terms(licence, day)
    earlier = any(lines_on(licence, category, day - WINDOW_DAYS) for category in scope.categories)
    return Line(
        holder,
        licence_no,
        number,
        scope,
        terms.valid_until if terms else day,
        sum(monthly),
        tuple(monthly),
        earlier,
    )


def added_g(known: Known, category: str, day: int) -> int:
    """By how much the licensed capacity of a category grew in the year up to a day; below zero where it shrank."""
    licences = _licences({category: known.get(category, {})}).values()
    return licensed_g(licences, category, day)[0] - licensed_g(licences, category, day - WINDOW_DAYS)[0]


def nearest(lines: Iterable[Line], category: str, place: str) -> list[tuple[int, Line]]:
    """Lines with spare capacity whose scope has the category, with their nearness to a place: the nearest first, then
    the one with the most to spare.
    """
    found = [
        (nearness(place, line.holder), line)
        for line in lines
        if category in line.scope.categories and line.spare_g
    ]
    return sorted(found, key=lambda one: (one[0], -one[1].spare_g, one[1].holder, one[1].number))
