"""What there is to say of a province's category beyond its balance: rate, flows, need to come, emergency, lines, stock.

Reads only; the API answers with it and the capacity page shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from api.views import on_the_way, storage, subjects
from models.catalogue import category_of
from models.catalogue.neighbours import neighbours
from models.exact import beijing_date
from models.facts.law import EmergencyDeclared, LimitName, RateFormula
from models.law import Case, Law
from rules import capacity
from rules.capacity_balance import state_of
from rules.capacity_clearing import Clearing, clearing
from rules.capacity_figures import (
    Known,
    Line,
    added_g,
    flows,
    lines_of,
    matrix,
    months_back,
    nearest,
    need_by_month,
    rate_of,
)
from rules.capacity_needs import WINDOW_DAYS
from rules.capacity_rooms import daily_g_of
from rules.capacity_surge import plan_on
from rules.forecast import Expected, forecast, full_between
from rules.rates import Rate

MONTHS_BEHIND: Final = 37  # Three years to reckon the need to come with, and the month in progress.
MONTHS_AHEAD: Final = 6
SURGE_DAYS_MAX: Final = 31
_YEAR: Final = 13  # Months from the first of the month a year ago on, this one included.
NO_LIMIT: Final = 0


@dataclass(frozen=True, slots=True)
class PrintedRate:
    """A rate with the policy that chose its formula."""

    region: str
    rate: Rate
    basis: str


@dataclass(frozen=True, slots=True)
class SurgeDay:
    """A day of an emergency: need against what licences and the plan take; `shortfall_g` is 0 where it suffices."""

    day: date
    need_g: int
    capacity_g: int
    planned_g: int
    expected_g: int | None

    @property
    def shortfall_g(self) -> int:
        """How much too little, by what is recorded."""
        return max(0, self.need_g - self.capacity_g)

    @property
    def expected_shortfall_g(self) -> int | None:
        """How much too little, by what the plan expects."""
        return None if self.expected_g is None else max(0, self.expected_g - self.capacity_g)


@dataclass(frozen=True, slots=True)
class RegionSurge:
    """The emergencies of one region; the latest day first."""

    region: str
    plan: EmergencyDeclared
    days: tuple[SurgeDay, ...]


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A line with what is on the way to it, and when its year is full."""

    line: Line
    idle: bool
    booked_g: int
    moving_g: int
    year_g: int
    earliest: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it, of one category of a province on a day."""

    province: str
    category: str
    today: date
    since: date
    rates: tuple[PrintedRate, ...]
    matrix: Mapping[tuple[str, str], int]
    known_months: tuple[int, ...]  # Whole months, the oldest first: what is to come is reckoned from them.
    behind: tuple[tuple[str, int], ...]
    ahead: tuple[tuple[str, Expected], ...]
    surges: tuple[RegionSurge, ...]
    lines: tuple[UsedLine, ...]
    way: on_the_way.Loads  # Of the whole province, whatever the code.
    idle_permille: int
    by_method: Mapping[str, int]
    added_g: int
    clearing: Clearing


def known_of(connection: Connection, province: str, category: str = "") -> Known:
    """Stored months and licences by category; of one category alone where it is named."""
    found = subjects.of_keys(connection, capacity, f"{province}:{category}", ("city:", "licence:"))
    return {key.partition(":")[2]: of_key for key, of_key in found.items()}


def outlook(connection: Connection, law: Law, province: str, category: str, now: int) -> Outlook:
    """Everything at once; each part is its own question of the same subjects."""
    today = beijing_date(now)
    known = known_of(connection, province)
    months = months_back(today, MONTHS_BEHIND)
    mine = known.get(category, {})
    whole = _since_first(need_by_month(mine, months, province)[:-1])
    balance = capacity.balance(mine, f"{province}:{category}", now)
    way = on_the_way.loads(connection, province, now)
    lines = _lines(law, known, province, category, way, today)
    return Outlook(
        province=province,
        category=category,
        today=today,
        since=date.fromisoformat(f"{months[-_YEAR]}-01"),
        rates=tuple(_rates(law, mine, province, today)),
        matrix=matrix(flows(mine, months[-_YEAR:])),
        known_months=tuple(whole),
        behind=tuple(zip(months[-1 - min(len(whole), _YEAR - 1) : -1], whole[-(_YEAR - 1) :], strict=True)),
        ahead=tuple(zip(_months_ahead(today), forecast(whole, MONTHS_AHEAD), strict=False)),
        surges=tuple(_surges(law, mine, province, category, today)),
        lines=tuple(lines),
        way=way,
        idle_permille=_idle_permille(law, province, today),
        by_method=_by_method(lines),
        added_g=added_g(known, category, today.toordinal()),
        clearing=clearing(
            _stock(connection, province, category, now), balance["capacity_g"] - balance["need_g"]
        ),
    )


def _since_first(needs: list[int]) -> list[int]:
    """Whole months from the first of which anything is known."""
    first = next((place for place, need_g in enumerate(needs) if need_g), len(needs))
    return needs[first:]


def _months_ahead(today: date) -> list[str]:
    """The month in progress and those after it."""
    number = today.year * 12 + today.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(number, number + MONTHS_AHEAD)]


def _rates(law: Law, mine: Mapping[str, Any], province: str, today: date) -> list[PrintedRate]:
    """Of the province, then of each of its cities, over the trailing year."""
    cities = sorted({name[5:9] for name in mine if name.startswith("city:")})
    last = today.toordinal()
    return [
        printed_rate(law, {"": mine}, region, last - WINDOW_DAYS + 1, last) for region in (province, *cities)
    ]


def printed_rate(law: Law, known: Known, region: str, first: int, last: int) -> PrintedRate:
    """A region's rate over a span of days, by the formula in force there on the last of them."""
    policy = law.rate_formula(Case(region.ljust(6, "0")), date.fromordinal(last))
    formula = policy.formula if policy else RateFormula.OPENING_AND_GENERATED
    return PrintedRate(
        region, rate_of(known, region, first, last, formula), policy.citation if policy else ""
    )


def _idle_permille(law: Law, province: str, today: date) -> int:
    limit = law.limit(LimitName.IDLE_SHARE, Case(f"{province}0000"), today)
    return limit.value if limit else NO_LIMIT


def _surges(
    law: Law, mine: Mapping[str, Any], province: str, category: str, today: date
) -> list[RegionSurge]:
    plans = [plan for plan in law.emergencies(province) if plan.category == category]
    regions = {plan.scope.region for plan in plans if len(plan.scope.region) in (0, 2, 4)}
    state = state_of(mine, f"{province}:{category}")
    found = []
    for region in sorted({"" if len(region) < 4 else region for region in regions}):
        surge = state.surge(region, law)
        if surge is None:
            continue
        first = min(plan.effective_from for plan in surge.plans)
        last = min(today, max(plan.last_day for plan in surge.plans)).toordinal()
        in_force = plan_on(surge.plans, last) or max(surge.plans, key=lambda plan: plan.effective_from)
        since = max(first.toordinal(), last - SURGE_DAYS_MAX + 1)
        days = [
            SurgeDay(date.fromordinal(day), need_g, ceiling.capacity_g, ceiling.planned_g, ceiling.expected_g)
            for day, need_g, ceiling in surge.days(since, last)
        ]
        found.append(RegionSurge(region or province, in_force, tuple(reversed(days))))
    return found


def _lines(
    law: Law, known: Known, province: str, category: str, way: on_the_way.Loads, today: date
) -> list[UsedLine]:
    """The lines that dispose of a category; what was booked and moves counts to each line of its holder for it."""
    months = months_back(today, _YEAR)
    permille = _idle_permille(law, province, today)
    return [
        _used(line, way, permille, today)
        for line in lines_of(known, today.toordinal(), months)
        if category in line.scope.categories
    ]


def _used(line: Line, way: on_the_way.Loads, permille: int, today: date) -> UsedLine:
    coming = [
        load
        for (site, code), load in way.items()
        if site == line.holder and category_of(code) in line.scope.categories
    ]
    year_g = sum(line.monthly_g[-today.month :])
    year_end = min(date(today.year, 12, 31), date.fromordinal(line.valid_until))
    earliest, latest = full_between(today, year_end, line.scope.yearly_g - year_g, line.monthly_g[:-1])
    return UsedLine(
        line,
        line.is_idle(permille),
        sum(load.booked_g for load in coming),
        sum(load.moving_g for load in coming),
        year_g,
        earliest,
        latest,
    )


def _by_method(lines: list[UsedLine]) -> dict[str, int]:
    """Licensed grams a year by method; a line of several methods counts whole in each, "" is not said."""
    found: dict[str, int] = {}
    for used in lines:
        for method in used.line.scope.methods or ("",):
            found[method] = found.get(method, 0) + used.line.scope.yearly_g
    return dict(sorted(found.items()))


def _stock(connection: Connection, province: str, category: str, now: int) -> list[tuple[int, int]]:
    """Lots over their term, or due soon, by the storage alerts that are open."""
    lots = storage.lots(connection, None, province, now)
    return [(lot.days, lot.mass_g) for lot in lots if lot.mass_g and category_of(lot.code) == category]


def spare_near(
    connection: Connection, province: str, category: str, place: str, now: int
) -> list[tuple[int, Line]]:
    """Lines with room for a category, the nearest to a place first: of the province and of those that border on it."""
    today = beijing_date(now)
    months = months_back(today, _YEAR)
    found: list[Line] = []
    for other in (province, *sorted(neighbours(province))):
        found += lines_of(known_of(connection, other, category), today.toordinal(), months)
    return nearest(found, category, place)


def daily_g(line: Line) -> int:
    """What a line takes a day."""
    return daily_g_of(line.scope)
