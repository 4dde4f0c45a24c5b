"""What an edition of the law book changed, so that only what it touches is judged again (DESIGN D12). Used by the judge.

A change of the calendar is one of every term in working days that may count a changed day, and of nothing else.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from models.calendar import WorkCalendar
from models.facts.law import CitationSet, CodeListPublished, HolidaysPublished, LimitSet, Policy, Unit
from models.law import Law, Matter

# Farther back a term is not followed: it is then taken to touch every day.
_WORKING_DAYS_MAX: Final = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that became different: on what matter, in which region (a prefix), for cases from which day on."""

    matter: Matter
    region: str
    first_day: date

    def touches(self, asks: Collection[Matter], region: str, last_day: date | None) -> bool:
        """Whether whoever asks about these matters, in this region and of no day after `last_day`, may be told otherwise.

        `region` is a prefix too, "" for any; `last_day` None where later days are asked about.
        """
        return (
            self.matter in asks
            and (self.region.startswith(region) or region.startswith(self.region))
            and (last_day is None or self.first_day <= last_day)
        )


def edits(old: Law, new: Law) -> tuple[Edit, ...]:
    """All that differs between two editions."""
    found = [_of_policy(policy) for policy in _differing(old.recorded(), new.recorded())]
    found += [Edit(CitationSet, "", row.effective_from) for row in _differing(old.citations, new.citations)]
    found += [Edit(CodeListPublished, "", row.effective_from) for row in _differing(old.lists, new.lists)]
    if old.calendar != new.calendar:
        found.append(Edit(HolidaysPublished, "", date.min))
        found += _of_calendar(old, new)
    return tuple(dict.fromkeys(found))


def _differing(old: Iterable[T], new: Iterable[T]) -> list[T]:
    """What only one of them has; by identity, since an equal one recorded anew may only be judged once too often."""
    before, after = {id(item): item for item in old}, {id(item): item for item in new}
    return [item for key, item in (before | after).items() if (key in before) != (key in after)]


def _of_policy(policy: Policy) -> Edit:
    if isinstance(policy, LimitSet):
        return Edit(
            policy.limit,
            policy.scope.region,
            date.min if policy.applies_to_stored else policy.effective_from,
        )
    return Edit(type(policy), policy.scope.region, policy.effective_from)


def _of_calendar(old: Law, new: Law) -> Iterator[Edit]:
    """Terms in working days that may count a day which is now another, or no longer provisional."""
    first = _first_changed(old.calendar, new.calendar)
    for policy in new.recorded():
        if isinstance(policy, LimitSet) and policy.unit is Unit.WORKING_DAYS:
            yield Edit(policy.limit, policy.scope.region, _first_start(old.calendar, first, policy.value))


def _first_changed(old: WorkCalendar, new: WorkCalendar) -> date:
    changed = (
        (old.off ^ new.off) | (old.work ^ new.work) | {date(year, 1, 1) for year in old.years ^ new.years}
    )
    return min(changed)


def _first_start(calendar: WorkCalendar, first: date, working_days: int) -> date:
    """The earliest day from which a term of so many working days reaches `first`; before it both calendars agree."""
    if working_days > _WORKING_DAYS_MAX:
        return date.min
    day = first
    while working_days and day > date.min:
        day -= timedelta(1)
        working_days -= calendar.is_working(day)
    return day
