"""Working days and the ends of terms in Beijing time; rules ask here when a deadline is over.

Readings (DESIGN 8, DOMAIN 1 and 2): the day itself is not counted, and a term is over from 00:00 Beijing
time of the day after its last day. A year whose calendar is not published counts Monday to Friday and is
provisional.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from models.exact import DAY_US, Instant, add_years, beijing_date, beijing_midnight

_SATURDAY: Final = 5


def natural_days_after(start: Instant, days: int) -> Instant:
    """00:00 Beijing time after the `days`-th calendar day that follows the day of `start`."""
    return beijing_midnight(beijing_date(start)) + (days + 1) * DAY_US


def one_year_after(start: Instant) -> Instant:
    """00:00 Beijing time after the same date next year (29 February: 28 February), DOMAIN 2."""
    return beijing_midnight(add_years(beijing_date(start), 1)) + DAY_US


@dataclass(frozen=True)
class WorkCalendar:
    """What differs from Monday to Friday, as days `off` and at `work`, and the `years` that are published."""

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day (工作日), swapped weekends included."""
        if day in self.work:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def provisional(self, day: date) -> bool:
        """Whether the year of `day` has no published calendar, so that Monday to Friday is only assumed."""
        return day.year not in self.years

    def is_provisional_between(self, start: Instant, end: Instant) -> bool:
        """Whether a day counted in a term from `start` to `end` (its overdue instant) is provisional."""
        first = beijing_date(start + DAY_US).year
        last = beijing_date(end - 1).year
        return any(year not in self.years for year in range(first, last + 1))

    def overdue_after(self, start: Instant, days: int) -> Instant:
        """00:00 Beijing time after the `days`-th working day after the day of `start`, for 0 after that day itself.

        ValueError below 0.
        """
        return _overdue_after(self, beijing_date(start), days)

    def with_days(self, off: Iterable[date] = (), work: Iterable[date] = ()) -> WorkCalendar:
        """The same calendar with these days off and at work; what is said last about a day holds.

        A day named as both is at work: whether a notice contradicts itself is decided at the door, and the
        law must be able to take in whatever was accepted.
        """
        new_work = frozenset(work)
        new_off = frozenset(off) - new_work
        return WorkCalendar(
            off=(self.off - new_work) | new_off, work=(self.work - new_off) | new_work, years=self.years
        )

    def with_year(self, year: int, off: Iterable[date] = (), work: Iterable[date] = ()) -> WorkCalendar:
        """The same calendar with `year` published; what was said of its days before is forgotten.

        A notice may also name days of a neighbouring year (a swapped weekend in late December).
        """
        kept = WorkCalendar(
            off=frozenset(day for day in self.off if day.year != year),
            work=frozenset(day for day in self.work if day.year != year),
            years=self.years | {year},
        )
        return kept.with_days(off, work)


@lru_cache(maxsize=16_384)
def _overdue_after(calendar: WorkCalendar, day: date, days: int) -> Instant:
    if days < 0:
        raise ValueError(f'number of working days "{days}" is below 0')
    ordinal = day.toordinal()
    while days:
        ordinal += 1
        days -= calendar.is_working(date.fromordinal(ordinal))
    return beijing_midnight(date.fromordinal(ordinal + 1))
