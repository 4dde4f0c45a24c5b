"""Beijing days and hours of a simulation, counted from its first day; and the working days of the official calendar."""

import datetime
from functools import lru_cache

from models.calendar import WorkCalendar
from models.catalogue import holidays
from models.exact import DAY_US, HOUR_US, SECOND_US, beijing_midnight


class Days:
    """Day 0 is the first day; `at(day, hour)` is an instant of it in microseconds."""

    def __init__(self, first: datetime.date) -> None:
        self.first = first
        self.origin = beijing_midnight(first)
        self.calendar: WorkCalendar = holidays()
        self._ordinal = first.toordinal()

    def at(self, day: int, hours: int = 0, seconds: int = 0) -> int:
        """An instant: Beijing midnight of a day, plus hours and seconds."""
        return self.origin + day * DAY_US + hours * HOUR_US + seconds * SECOND_US

    def date(self, day: int) -> datetime.date:
        """The calendar day; day may be negative."""
        return datetime.date.fromordinal(self._ordinal + day)

    def number(self, day: datetime.date) -> int:
        """The day's number since the first."""
        return day.toordinal() - self._ordinal

    def of(self, at: int) -> int:
        """The day's number of an instant."""
        return (at - self.origin) // DAY_US

    def working(self, day: int) -> bool:
        """Whether people work on that day."""
        return _working(self.calendar, self._ordinal + day)

    def next_working(self, day: int) -> int:
        """The first working day from `day` on."""
        while not self.working(day):
            day += 1
        return day


@lru_cache(maxsize=8192)
def _working(calendar: WorkCalendar, ordinal: int) -> bool:
    return calendar.is_working(datetime.date.fromordinal(ordinal))
