"""Need against capacity by day: what the 365 days up to each day made, and the shortages that follow; for rules.capacity.

Days are ordinals of Beijing dates; a fact counts from 00:00 of its day, so that the order in which facts arrive is
nothing. What is kept here is worked out from sums and licences, and never stored: however it was reached, the answers
are those of counting every day anew.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from models.exact import BEIJING_OFFSET_US, DAY_US

WINDOW_DAYS: Final = 365
# Less need than this is no shortage: a laboratory's bottle in a category that nobody is licensed for.
IGNORED_G: Final = 1_000_000
UNLIMITED_G: Final = 2**62
_EPOCH_ORDINAL: Final = 719_163  # 1970-01-01
_LOOK_AHEAD: Final = 6
_CHECKPOINT_DAYS: Final = 32


def midnight(day: int) -> int:
    """00:00 Beijing time of a day."""
    return (day - _EPOCH_ORDINAL) * DAY_US - BEIJING_OFFSET_US


def day_of(at: int) -> int:
    """The ordinal of the Beijing date of an instant."""
    return (at + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL


class Room(NamedTuple):
    """From a day on: licensed grams a year, how much of them is shared with other categories, over which need
    (`most_g`) is a shortage, and on what that rests where a policy says it.
    """

    day: int
    capacity_g: int
    shared_g: int
    most_g: int
    basis: str = ""


NO_ROOM: Final = Room(0, 0, 0, IGNORED_G)


class Shortage(NamedTuple):
    """Days on which the need was over capacity, and how it was on the last of them; `until` is the first day after."""

    since: int
    until: int
    need_g: int
    room: Room


class _Checkpoint(NamedTuple):
    """How the walk stood when it came to a day: all days before it settled."""

    day: int
    need_g: int
    run: int | None
    past: Shortage | None
    slack_g: int


@lru_cache(maxsize=8192)
def _ahead(day: int) -> tuple[int, int, int]:
    """The first day of the next month, and the one or two months whose days leave the year behind until then."""
    today = date.fromordinal(day)
    horizon = date(today.year + today.month // 12, today.month % 12 + 1, 1).toordinal()
    return horizon, _month(day + 1 - WINDOW_DAYS), _month(horizon - 1 - WINDOW_DAYS)


@lru_cache(maxsize=8192)
def _month(day: int) -> int:
    """A number for the month of a day."""
    found = date.fromordinal(max(day, 1))
    return found.year * 12 + found.month


class Needs:
    """The net need of each day, and a walk over the days that holds each year's need against the rooms.

    `day` is the one last looked at; those from `_first` to before it are settled: `_run` is when the shortage that
    includes the day before began, `_past` the last one that ended, `_slack_g` at least by how much every settled day's
    need could rise without one. A change of a settled day leaves what was settled before it.
    """

    __slots__ = (
        "_checkpoints",
        "_day",
        "_days",
        "_fall_g",
        "_falls",
        "_first",
        "_need_g",
        "_past",
        "_room",
        "_room_end",
        "_rooms",
        "_run",
        "_slack_g",
        "net",
    )

    def __init__(self) -> None:
        self.net: dict[int, int] = {}
        self._days: list[int] = []  # Those of which something is known, sorted.
        self._falls: dict[
            int, int
        ] = {}  # By how much the need can rise, at most, as the days of a month leave.
        self._fall_g = 0
        self.hold_against([NO_ROOM])

    def _forget(self) -> None:
        self._day: int | None = None
        self._first = self._need_g = 0
        self._run: int | None = None
        self._past: Shortage | None = None
        self._slack_g = UNLIMITED_G
        self._checkpoints: list[_Checkpoint] = []

    def hold_against(self, rooms: list[Room]) -> None:
        """Capacity by the day it begins, the first from day 0; every day is looked at anew."""
        self._rooms = rooms
        self._room, self._room_end = rooms[0], 0  # The room asked for last, and the day on which it ends.
        self._forget()

    def shift(self, day: int, rise_g: int) -> None:
        """So much more is needed of what a day made."""
        before = self.net.get(day, 0)
        after = before + rise_g
        if after:
            self.net[day] = after
            if not before:
                self._know(day)
        elif before:
            del self.net[day]
            del self._days[bisect_left(self._days, day)]
        if before < 0 or after < 0:
            deeper_g = max(-after, 0) - max(-before, 0)
            self._fall_g += deeper_g
            month = _month(day)
            self._falls[month] = self._falls.get(month, 0) + deeper_g
        known = self._day
        if known is None or day > known:
            return
        if day < known and not self._stays_settled(day, rise_g):
            self._rewind(day)
        elif day > known - WINDOW_DAYS:
            self._need_g += rise_g

    def _know(self, day: int) -> None:
        if not self._days or day > self._days[-1]:
            self._days.append(day)
        else:
            insort(self._days, day)

    @property
    def _last(self) -> int:
        return self._days[-1] if self._days else 0

    def _stays_settled(self, day: int, rise_g: int) -> bool:
        """Whether a change of a settled day leaves every settled day's verdict as it was."""
        if self._run is not None or self._past is not None or rise_g > self._slack_g or day < self._first:
            return False
        self._slack_g -= max(rise_g, 0)
        self._drop_checkpoints(day)
        return True

    def _drop_checkpoints(self, day: int) -> None:
        while self._checkpoints and self._checkpoints[-1].day >= day:
            self._checkpoints.pop()

    def _rewind(self, day: int) -> None:
        self._drop_checkpoints(day)
        if not self._checkpoints or day < self._first:
            self._forget()
            return
        self._day, self._need_g, self._run, self._past, self._slack_g = self._checkpoints[-1]

    def room(self, day: int) -> Room:
        """Capacity on a day."""
        if self._room.day <= day < self._room_end:
            return self._room
        place = bisect_right(self._rooms, day, key=_first_day)
        self._room = self._rooms[place - 1]
        self._room_end = self._rooms[place].day if place < len(self._rooms) else UNLIMITED_G
        return self._room

    def need_on(self, day: int) -> int:
        """Grams needed in the year up to a day, and all days before it settled."""
        if self._day is None or day < self._day:
            self._forget()
            self._day = self._first = min(self._days[0], day) if self._days else day
            self._need_g = self.net.get(self._day, 0)
        while self._day < day:
            self._settle(self._day)
            if self._day > self._last + WINDOW_DAYS and self._run is None:
                self._day, self._slack_g = day, min(self._slack_g, IGNORED_G)
        return self._need_g

    def _settle(self, day: int) -> None:
        marks = self._checkpoints
        if day - (marks[-1].day if marks else self._first) >= _CHECKPOINT_DAYS:
            marks.append(_Checkpoint(day, self._need_g, self._run, self._past, self._slack_g))
        room = self.room(day)
        if self._need_g > room.most_g:
            self._run = day if self._run is None else self._run
            self._past = Shortage(self._run, day + 1, self._need_g, room)
        else:
            self._run = None
            self._slack_g = min(self._slack_g, room.most_g - self._need_g)
        self._day = day + 1
        self._need_g += self.net.get(day + 1, 0) - self.net.get(day + 1 - WINDOW_DAYS, 0)

    def shortage(self, day: int) -> Shortage | None:
        """The shortage of a day (until the day after it), else the last one before it."""
        need_g = self.need_on(day)
        room = self.room(day)
        if need_g > room.most_g:
            return Shortage(day if self._run is None else self._run, day + 1, need_g, room)
        return self._past

    def first_risk(self, day: int) -> int | None:
        """After a day without shortage: the first at which to look again, as days of relief leave the window or a
        licence ends; None where silence can bring no shortage. Not every such day has one.
        """
        need_g = self.need_on(day)
        if self._last > day:
            return day + 1
        if day >= self._rooms[-1].day and need_g + self._fall_g <= self._rooms[-1].most_g:
            return None
        horizon, one, other = _ahead(day)
        fall_g = self._falls.get(one, 0) + (self._falls.get(other, 0) if other != one else 0)
        if need_g + fall_g <= self._least_until(day, horizon):
            return horizon if self._can_come(need_g + self._fall_g, day) else None
        return day + 1

    def _least_until(self, day: int, horizon: int) -> int:
        """The least that is no shortage on any day after `day` and before `horizon`."""
        least_g = self.room(day).most_g
        if self._room_end >= horizon:
            return least_g
        rooms = self._rooms
        place = bisect_right(rooms, day, key=_first_day)
        while place < len(rooms) and rooms[place].day < horizon:
            least_g = min(least_g, rooms[place].most_g)
            place += 1
        return least_g

    def _can_come(self, most_need_g: int, day: int) -> bool:
        """Whether any room after a day is less than what can be needed at most; the last is the least, as a rule."""
        rooms = self._rooms
        if most_need_g > rooms[-1].most_g:
            return True
        place = bisect_right(rooms, day, key=_first_day) - 1
        return any(most_need_g > room.most_g for room in rooms[max(place, 0) :])

    def days_after(self, day: int) -> Iterator[tuple[int, int]]:
        """The next days on which the need or the capacity is another by silence alone, with that day's need."""
        need_g = self.need_on(day)
        leaving = bisect_right(self._days, day - WINDOW_DAYS)
        turns = {known + WINDOW_DAYS for known in self._days[leaving : leaving + _LOOK_AHEAD]}
        if self._last > day:
            turns.update(self._days[bisect_right(self._days, day) :][:_LOOK_AHEAD])
        rooms = self._rooms
        if rooms[-1].day > day:
            place = bisect_right(rooms, day, key=_first_day)
            turns.update(room.day for room in rooms[place : place + _LOOK_AHEAD])
        for turn in sorted(turns)[:_LOOK_AHEAD]:
            need_g += self.net.get(turn, 0) - self.net.get(turn - WINDOW_DAYS, 0)
            yield turn, need_g


def _first_day(room: Room) -> int:
    return room.day
