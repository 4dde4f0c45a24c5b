"""An emergency's days: what a region needs against what its licences and the plan's facilities take a day; pure.

duty.epidemic: governments coordinate collection, transport and disposal (SWL 91, CODE 545). DOMAIN 4, 10: the plan is
dated rows of facilities and tonnes a day. A facility that is both licensed and planned takes the larger of the two. A
plan of a province (or of the whole country) is held against the province, one of a city against the city; one of a
county replaces licence checks there, and is not held against a need, since needs are known by city.

A day's need is what that day made, less own treatment, less sent out plus brought in. The day in progress can only show
that it is over; one that follows a short day counts with it until it is over itself.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from models.facts.law import EmergencyDeclared
from models.law import Law
from rules.capacity_needs import Needs
from rules.capacity_rooms import Licences, daily_g_of, lines_on, turns_of
from rules.capacity_subjects import holder_of

NO_PLANS: tuple[EmergencyDeclared, ...] = ()


class Ceiling(NamedTuple):
    """From a day on: grams a day in all, how much of it only by the plan, and whose plan; "" where none is in force."""

    day: int
    capacity_g: int
    planned_g: int
    emergency: str
    expected_g: int | None = None


class Shortfall(NamedTuple):
    """A run of days over the ceiling; `until` is None while it lasts. The figures are of `day`."""

    since: int
    until: int | None
    day: int
    need_g: int
    ceiling: Ceiling


def plans_of(law: Law, region: str, category: str) -> tuple[EmergencyDeclared, ...]:
    """Plans held against a region: of exactly it, or of the whole country against a province; nearly always none."""
    key = ("capacity", "plans", region, category)
    found = law.memo.get(key)
    if found is None:
        regions = {region, ""} if len(region) == 2 else {region}
        found = law.memo[key] = tuple(
            plan
            for plan in law.emergencies(region)
            if plan.scope.region in regions and plan.category == category
        )
    return found


def plan_on(plans: tuple[EmergencyDeclared, ...], ordinal: int) -> EmergencyDeclared | None:
    """The plan in force on a day."""
    day = date.fromordinal(max(ordinal, 1))
    return next((plan for plan in plans if plan.holds_on(day)), None)


def ceilings_of(
    plans: tuple[EmergencyDeclared, ...], licences: Licences, region: str, category: str
) -> list[Ceiling]:
    """Ceilings by the day they begin, the first from day 0."""
    if not plans:
        return [_ceiling(plans, licences, region, category, 0)]
    days = turns_of(licences.values())
    for plan in plans:
        days.add(plan.effective_from.toordinal())
        days.update(_after(plan.effective_until))
        for facility in plan.facilities:
            days.update([facility.valid_from.toordinal()] if facility.valid_from else [])
            days.update(_after(facility.valid_until))
    found: list[Ceiling] = []
    for day in sorted(days):
        ceiling = _ceiling(plans, licences, region, category, day)
        if not found or found[-1][1:] != ceiling[1:]:
            found.append(ceiling)
    return found


def _after(last: date | None) -> list[int]:
    return [last.toordinal() + 1] if last else []


def _ceiling(
    plans: tuple[EmergencyDeclared, ...], licences: Licences, region: str, category: str, ordinal: int
) -> Ceiling:
    licensed = _licensed_g(licences, region, category, ordinal)
    plan = plan_on(plans, ordinal)
    if plan is None:
        return Ceiling(ordinal, sum(licensed.values()), 0, "")
    planned = dict(licensed)
    day = date.fromordinal(max(ordinal, 1))
    for facility in plan.facilities:
        if facility.takes_on(day):
            planned[facility.site] = max(planned.get(facility.site, 0), facility.daily_g)
    capacity_g = sum(planned.values())
    by_plan_g = capacity_g - sum(licensed.values())
    return Ceiling(ordinal, capacity_g, by_plan_g, plan.emergency, plan.expected_daily_g)


def _licensed_g(licences: Licences, region: str, category: str, day: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for subject, licence in licences.items():
        holder = holder_of(subject)
        if holder.startswith(region):
            daily_g = sum(daily_g_of(line) for line in lines_on(licence, category, day))
            if daily_g:
                found[holder] = found.get(holder, 0) + daily_g
    return found


class Surge:
    """The days of a region's emergencies on which its need was over the ceiling, kept as needs change."""

    __slots__ = ("_needs", "_short", "ceilings", "plans")

    def __init__(
        self,
        needs: Needs,
        plans: tuple[EmergencyDeclared, ...],
        licences: Licences,
        region: str,
        category: str,
    ) -> None:
        self.plans = plans
        self.ceilings = ceilings_of(plans, licences, region, category)
        self._needs = needs
        self._short = sorted(day for day in needs.net if self._is_short(day))

    def ceiling(self, day: int) -> Ceiling:
        """What is taken on a day at most."""
        return self.ceilings[bisect_right(self.ceilings, day, key=_first_day) - 1]

    def _is_short(self, day: int) -> bool:
        ceiling = self.ceiling(day)
        return ceiling.emergency != "" and self._needs.net.get(day, 0) > ceiling.capacity_g

    def changed(self, day: int) -> None:
        """The need of a day is another."""
        place = bisect_left(self._short, day)
        known = place < len(self._short) and self._short[place] == day
        if self._is_short(day):
            if not known:
                insort(self._short, day)
        elif known:
            del self._short[place]

    def shortfall(self, today: int) -> Shortfall | None:
        """The run of short days that lasts, else the last one that ended by today.

        The figures are those of the run's last day that is over; on its first day, of the day so far.
        """
        place = bisect_right(self._short, today) - 1
        if place < 0:
            return None
        last = self._short[place]
        since = self._short[self._run_start(place)]
        lasts = last == today or (last == today - 1 and self.ceiling(today).emergency != "")
        shown = last - 1 if last == today > since else last
        return Shortfall(
            since, None if lasts else last + 1, shown, self._needs.net[shown], self.ceiling(shown)
        )

    def _run_start(self, place: int) -> int:
        """The place of the first of the consecutive days that end at `place`."""
        low, high = 0, place
        while low < high:
            middle = (low + high) // 2
            if self._short[place] - self._short[middle] == place - middle:
                high = middle
            else:
                low = middle + 1
        return low

    def next_change(self, today: int) -> int | None:
        """The next day on which silence changes what is found."""
        place = bisect_right(self._short, today)
        upcoming = self._short[place] if place < len(self._short) else None
        last = self._short[place - 1] if place else None
        if last is not None and last >= today - 1 and (last == today or self.ceiling(today).emergency):
            return today + 1
        return upcoming

    def days(self, first: int, last: int) -> Iterator[tuple[int, int, Ceiling]]:
        """Each day of an emergency with its need and ceiling."""
        for day in range(first, last + 1):
            ceiling = self.ceiling(day)
            if ceiling.emergency:
                yield day, self._needs.net.get(day, 0), ceiling


def _first_day(ceiling: Ceiling) -> int:
    return ceiling.day
