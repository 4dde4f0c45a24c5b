"""What is known of one province and category: flows by city and day, licences, and what each day's need was against them.

For rules.capacity. Need of a day is what the 365 days up to it made, less own treatment, less what went out of the
province, plus what came in (DOMAIN 7). Days are ordinals of Beijing dates; a fact counts from 00:00 of its day, so that
the order in which facts arrive is nothing. Sums are kept beside the subjects and never stored.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

import msgspec

from models.exact import BEIJING_OFFSET_US, DAY_US
from models.facts.registers import LicenceType
from rules.contract import State
from rules.permits_licences import Licence, valid_terms

PROVINCE: Final = "province"
WINDOW_DAYS: Final = 365
# Less need than this is no shortage: a laboratory's bottle in a category that nobody is licensed for.
IGNORED_G: Final = 1_000_000
GENERATED, OWN, OUT, IN, TO_CITY, FROM_CITY = range(6)
_EPOCH_ORDINAL: Final = 719_163  # 1970-01-01


class Month(msgspec.Struct, tag="month"):
    """Grams of one city by day: generated, own treatment, out of the province, into it, to and from other cities."""

    days: dict[str, list[int]] = {}  # By the ordinal of the day.


class Moved(msgspec.Struct, array_like=True, order=True):
    """A statement of how much of the category went from one city to another; cities are four digits."""

    at: int
    seq: int
    accepted: bool
    origin: str
    receiver: str
    mass_g: int


class Transfer(msgspec.Struct, tag="transfer"):
    """What is stated of one manifest or stop of a round: the same said twice counts once."""

    stated: list[Moved] = []


class Province(msgspec.Struct, tag="province"):
    """The subject that findings are about; what it is judged by is in the others."""


Subject = Month | Transfer | Licence | Province
Flow = tuple[str, int, int]  # City, day, which sum.


class Room(NamedTuple):
    """Licensed grams a year from a day on, and how much of them is shared with other categories."""

    day: int
    capacity_g: int
    shared_g: int


class Shortage(NamedTuple):
    """Days on which the need was over capacity, and how it was on the last of them; `until` is the first day after."""

    since: int
    until: int
    need_g: int
    room: Room


NO_ROOM: Final = Room(0, 0, 0)


def midnight(day: int) -> int:
    """00:00 Beijing time of a day."""
    return (day - _EPOCH_ORDINAL) * DAY_US - BEIJING_OFFSET_US


def month_subject(city: str, day: int) -> str:
    """The subject of a city's month."""
    return f"city:{city}:{date.fromordinal(day).isoformat()[:7]}"


def is_short(need_g: int, room: Room) -> bool:
    """Whether a need is a shortage."""
    return need_g > room.capacity_g and need_g > IGNORED_G


def rooms_of(licences: list[Licence], category: str) -> list[Room]:
    """Capacity by the day it begins: comprehensive licences valid and not stopped; each line once, shared or not."""
    days = {0}
    for licence in licences:
        days.update(ending.start for ending in licence.endings)
        for terms in licence.terms:
            days.update((terms.start, terms.valid_from, terms.valid_until + 1))
    found: list[Room] = []
    for day in sorted(days):
        capacity_g = shared_g = 0
        for licence in licences:
            terms_then = valid_terms(licence, day)
            if terms_then is None or terms_then.licence_type != LicenceType.COMPREHENSIVE:
                continue
            for line in terms_then.lines:
                if category in line.categories:
                    capacity_g += line.yearly_g
                    shared_g += line.yearly_g if len(line.categories) > 1 else 0
        if not found or found[-1][1:] != (capacity_g, shared_g):
            found.append(Room(day, capacity_g, shared_g))
    return found


def contributions(transfer: Transfer, province: str) -> dict[Flow, int]:
    """What a movement adds to which sums: each amount once; an acceptance says it all where a round was accepted too."""
    stated = [moved for moved in transfer.stated if moved.accepted] or transfer.stated
    found: dict[Flow, int] = {}
    counted = set()
    for moved in stated:
        said = (moved.origin, moved.receiver, moved.mass_g)
        if said in counted:
            continue
        counted.add(said)
        day = day_of(moved.at)
        inside = moved.origin[:2] == province and moved.receiver[:2] == province
        if moved.origin[:2] == province:
            flow = (moved.origin, day, TO_CITY if inside else OUT)
            found[flow] = found.get(flow, 0) + moved.mass_g
        if moved.receiver[:2] == province:
            flow = (moved.receiver, day, FROM_CITY if inside else IN)
            found[flow] = found.get(flow, 0) + moved.mass_g
    return found


class Balance(State[Subject]):
    """The subjects of a key, with each day's net need, capacity by day, and the need of the day last looked at.

    `_day` is that day; those from `_first` to before it are settled: `_run` is when the shortage that includes the day
    before began, `_past` the last one that ended, `_slack_g` at least by how much every settled day's need could rise
    without one. Where no licence was ever stated, the ledger is not this province's, and what is brought in is no need.
    """

    __slots__ = (
        "_day",
        "_days",
        "_fall_g",
        "_first",
        "_last",
        "_licensed",
        "_need_g",
        "_net",
        "_past",
        "_rooms",
        "_run",
        "_slack_g",
    )

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._net: dict[int, int] = {}
        self._days: list[int] = []  # Those of which something is known, sorted.
        self._fall_g = 0  # By how much the need could rise, at most, as days leave the window.
        self._first = self._last = 0
        self._licensed = False
        self._rooms: list[Room] | None = None
        self._day: int | None = None
        self._need_g = 0
        self._run: int | None = None
        self._past: Shortage | None = None
        self._slack_g = 0

    @property
    def province(self) -> str:
        """Two digits."""
        return self.key[:2]

    @property
    def category(self) -> str:
        """HW and two digits."""
        return self.key[3:]

    def attach(self, subject: str, value: Subject) -> None:
        """A subject comes to memory; its sums with it."""
        self.subjects[subject] = value
        if type(value) is Month:
            for day, sums in value.days.items():
                self._shift(int(day), self._net_of(sums))
        elif type(value) is Licence:
            self.licences_changed()

    def detach(self, subject: str) -> None:
        """A subject leaves."""
        value = self.subjects.pop(subject)
        if type(value) is Month:
            for day, sums in value.days.items():
                self._shift(int(day), -self._net_of(sums))
        elif type(value) is Licence:
            self.licences_changed()

    def licences_changed(self) -> None:
        """Capacity is counted anew, and with it every day."""
        self._rooms = self._day = None
        licensed = any(type(value) is Licence for value in self.subjects.values())
        if licensed is not self._licensed:
            self._licensed = licensed
            self._net, self._days, self._fall_g, self._last = {}, [], 0, 0
            for value in self.subjects.values():
                if type(value) is Month:
                    for day, sums in value.days.items():
                        self._shift(int(day), self._net_of(sums))

    def _net_of(self, sums: list[int]) -> int:
        """What a city's day adds to the need of the province."""
        net_g = sums[GENERATED] - sums[OWN] - sums[OUT] - sums[TO_CITY] + sums[FROM_CITY]
        return net_g + sums[IN] if self._licensed else net_g

    def add(self, flow: Flow, mass_g: int) -> str:
        """So much more in a city's sum (or less); the subject it is kept in, gone where nothing is left in it."""
        city, day, which = flow
        subject = month_subject(city, day)
        month = self.subjects.get(subject)
        if not isinstance(month, Month):
            month = self.subjects[subject] = Month({})
        sums = month.days.setdefault(str(day), [0] * 6)
        before = self._net_of(sums)
        sums[which] += mass_g
        self._shift(day, self._net_of(sums) - before)
        if not any(sums):
            del month.days[str(day)]
            if not month.days:
                del self.subjects[subject]
        return subject

    def _shift(self, day: int, rise_g: int) -> None:
        before = self._net.get(day, 0)
        after = before + rise_g
        if after:
            self._net[day] = after
            if not before:
                insort(self._days, day)
        elif before:
            del self._net[day]
            del self._days[bisect_left(self._days, day)]
        self._fall_g += max(-after, 0) - max(-before, 0)
        self._last = max(self._last, day)
        if self._day is None or day > self._day:
            return
        if day < self._day:
            unsettles = self._run is not None or self._past is not None or rise_g > self._slack_g
            if unsettles or day < self._first:
                self._day = None
                return
            self._slack_g -= max(rise_g, 0)
        if day > self._day - WINDOW_DAYS:
            self._need_g += rise_g

    def rooms(self) -> list[Room]:
        """Capacity by the day it begins."""
        if self._rooms is None:
            licences = [value for value in self.subjects.values() if isinstance(value, Licence)]
            self._rooms = rooms_of(licences, self.category)
        return self._rooms

    def room(self, day: int) -> Room:
        """Capacity on a day."""
        rooms = self._rooms or self.rooms()
        if day >= rooms[-1].day:
            return rooms[-1]
        return rooms[bisect_right(rooms, day, key=_first_day) - 1]

    def need_on(self, day: int) -> int:
        """Grams needed in the year up to a day, and all days before it settled."""
        if self._day is None or day < self._day:
            self._day = self._first = min(self._days[0], day) if self._days else day
            self._need_g = self._net.get(self._day, 0)
            self._run = self._past = None
            self._slack_g = 2**62
        while self._day < day:
            self._settle()
            if self._day > self._last + WINDOW_DAYS and self._run is None:
                self._day, self._slack_g = day, min(self._slack_g, IGNORED_G)
        return self._need_g

    def _settle(self) -> None:
        day = self._day
        assert day is not None
        room = self.room(day)
        if is_short(self._need_g, room):
            self._run = day if self._run is None else self._run
            self._past = Shortage(self._run, day + 1, self._need_g, room)
        else:
            self._run = None
            self._slack_g = min(self._slack_g, max(room.capacity_g, IGNORED_G) - self._need_g)
        self._day = day + 1
        self._need_g += self._net.get(day + 1, 0) - self._net.get(day + 1 - WINDOW_DAYS, 0)

    def shortage(self, day: int) -> Shortage | None:
        """The shortage of a day (until the day after it), else the last one before it."""
        need_g = self.need_on(day)
        room = self.room(day)
        if is_short(need_g, room):
            return Shortage(day if self._run is None else self._run, day + 1, need_g, room)
        return self._past

    def first_risk(self, day: int) -> int | None:
        """After a day without shortage: the first on which silence could bring one, as days of relief leave the window
        or a licence ends; None where it cannot.
        """
        most_g = self.need_on(day) + self._fall_g
        if self._last > day or is_short(most_g, self.room(day)):
            return day + 1
        if self.rooms()[-1].day > day:
            for room in self.rooms():
                if room.day > day and is_short(most_g, room):
                    return room.day
        return None

    def days_after(self, day: int) -> Iterator[tuple[int, int]]:
        """The next days on which the need or the capacity is another by silence alone, with that day's need."""
        need_g = self.need_on(day)
        leaving = bisect_right(self._days, day - WINDOW_DAYS)
        turns = {known + WINDOW_DAYS for known in self._days[leaving : leaving + _LOOK_AHEAD]}
        if self._last > day:
            turns.update(self._days[bisect_right(self._days, day) :])
        if self.rooms()[-1].day > day:
            turns.update(room.day for room in self.rooms() if room.day > day)
        for turn in sorted(turns)[:_LOOK_AHEAD]:
            need_g += self._net.get(turn, 0) - self._net.get(turn - WINDOW_DAYS, 0)
            yield turn, need_g


_LOOK_AHEAD: Final = 6


def _first_day(room: Room) -> int:
    return room.day


def day_of(at: int) -> int:
    """The ordinal of the Beijing date of an instant."""
    return (at + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL


def state_moved(transfer: Transfer, moved: Moved) -> None:
    """Keep a statement of a movement."""
    insort(transfer.stated, moved)
