"""A site's subjects in memory, with an index of its lots by code, measure and place; for rules.storage."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import merge
from typing import Any, NamedTuple

from models.law import Law, Limit
from rules.contract import State
from rules.storage_flows import Month
from rules.storage_subjects import SITE, Counted, Leaving, Lot, Point, Site, Stock, Subject

_Key = tuple[int, str]
TermKey = tuple[str, int, str]  # Code, Beijing days since 1970, temperature class.


class TermOf(NamedTuple):
    """A term and how long before its end a warning is due; `limit_at` only where the day alone says when it ends.

    Before `quiet_until` a lot of that day has no findings by its term; None where the day alone does not tell.
    """

    limit: Limit | None
    warning: Limit | None
    limit_at: int | None
    quiet_until: int | None


class Store(State[Subject]):
    """A site's subjects, with its lots above zero by code, measure and place, oldest first. Not stored: the index."""

    __slots__ = (
        "_index",
        "has_extensions",
        "has_temperatures",
        "months",
        "points",
        "points_moved",
        "site_at",
        "terms_known",
        "terms_law",
        "watched",
    )

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._index: dict[tuple[str, bool], dict[str, list[_Key]]] = {}
        self.terms_law: Law | None = None
        self.terms_known: dict[TermKey, TermOf] = {}
        self.site_at = 0  # When the latest of the site's own statements was made.
        self.has_temperatures = False  # Some place was registered with one.
        self.has_extensions = False  # Some were granted to more than a lot.
        self.months: dict[str, Month] = {}
        self.watched: dict[str, Any] = {}  # Rounds, activity and intake (rules.storage_watch).
        self.points: dict[str, Point] = {}
        self.points_moved: set[str] = set()  # Subjects of points that the fact at work changed.

    def attach(self, subject: str, value: Any) -> None:
        """A subject comes to memory; a lot that holds something is found by age."""
        self.subjects[subject] = value
        if type(value) is Lot:
            if value.left > 0:
                self.enter(subject, value)
        elif type(value) is Stock or type(value) is Leaving or type(value) is Counted:
            return
        elif type(value) is Site:
            self.site_changed(value)
        elif type(value) is Point:
            self.points[subject.removeprefix("place:")] = value
        elif type(value) is Month:
            self.months[subject] = value
        else:
            self.watched[subject] = value

    def detach(self, subject: str) -> None:
        """A subject leaves memory."""
        value: Any = self.subjects.pop(subject)
        if type(value) is Lot and value.left > 0:
            self.leave(subject, value)
        elif type(value) is Point:
            del self.points[subject.removeprefix("place:")]
        elif type(value) is Month:
            del self.months[subject]
        else:
            self.watched.pop(subject, None)

    def enter(self, subject: str, lot: Lot) -> None:
        """A lot holds something now, or is known by another age or place."""
        places = self._index.setdefault((lot.code, lot.weighed), {})
        insort(places.setdefault(lot.place, []), (lot.since, subject))

    def leave(self, subject: str, lot: Lot) -> None:
        """A lot holds nothing any more, or is about to be known by another age or place."""
        places = self._index[lot.code, lot.weighed]
        lots = places[lot.place]
        del lots[bisect_left(lots, (lot.since, subject))]
        if not lots:
            del places[lot.place]
            if not places:
                del self._index[lot.code, lot.weighed]

    def oldest(self, code: str, weighed: bool, place: str) -> _Key | None:
        """The oldest lot that holds something, at a place or at none that is known; any place where none is named."""
        places = self._index.get((code, weighed))
        if places is None:
            return None
        if len(places) == 1:
            ((name, lots),) = places.items()
            return lots[0] if not place or name in ("", place) else None
        return min(
            (lots[0] for name, lots in places.items() if not place or name in ("", place)), default=None
        )

    def held(self, code: str, weighed: bool, place: str) -> Iterator[_Key]:
        """All lots that hold something there, oldest first; not to be changed meanwhile."""
        places = self._index.get((code, weighed), {})
        return merge(*(lots for name, lots in places.items() if not place or name in ("", place)))

    def holds(self, code: str, weighed: bool) -> bool:
        """Whether any lot of a code holds something."""
        return (code, weighed) in self._index

    def holds_something(self) -> bool:
        """Whether any lot holds something."""
        return bool(self._index)

    def held_at(self, place: str) -> int:
        """Grams that lots hold at a place, all codes together."""
        return sum(
            self.lot(name).left
            for (_, weighed), places in self._index.items()
            if weighed
            for _, name in places.get(place, ())
        )

    def parent_name(self, batch: str, code: str) -> str:
        """The lot that a batch code names as a parent: of the same waste code if there is one, else of another."""
        other = f"lot:{batch}@{code}"
        return other if other in self.subjects else f"lot:{batch}"

    def lot_name(self, batch: str, code: str) -> str:
        """The subject of a batch under a code: another one where the batch is already known under another code."""
        name = f"lot:{batch}"
        known = self.subjects.get(name)
        if known is None or known.code == code or not known.code:  # type: ignore[union-attr]
            return name
        return f"lot:{batch}@{code}"

    def named_lot(self, batch: str, code: str) -> tuple[str, Lot]:
        """The lot of a batch under a code, new where it is not known, and its subject."""
        name = f"lot:{batch}"
        known = self.subjects.get(name)
        if known is None:
            lot = self.subjects[name] = Lot(code)
            return name, lot
        if type(known) is Lot and known.code == code:
            return name, known
        name = self.lot_name(batch, code)
        return name, self.lot(name, code)

    def lot(self, name: str, code: str = "") -> Lot:
        """The lot of a name, new where it is not known; a code that is given stays its code."""
        known = self.subjects.get(name)
        if known is None:
            known = self.subjects[name] = Lot(code)
        assert isinstance(known, Lot)
        if not known.code:
            known.code = code
        return known

    def stock(self, code: str) -> Stock:
        """The balance of a code, new where it is not known."""
        name = f"code:{code}"
        known = self.subjects.get(name)
        if known is None:
            known = self.subjects[name] = Stock()
        assert isinstance(known, Stock)
        return known

    def leaving(self, name: str) -> Leaving:
        """What left on a document, new where nothing is known of it."""
        known = self.subjects.get(name)
        if known is None:
            known = self.subjects[name] = Leaving()
        assert isinstance(known, Leaving)
        return known

    def site(self) -> Site:
        """The site's own terms; empty ones where nothing was stated, which are not kept."""
        known = self.subjects.get(SITE)
        return known if isinstance(known, Site) else Site()

    def site_changed(self, site: Site) -> None:
        """The site's own statements are others now: terms are looked up anew."""
        times = [row.at for row in site.registered] + [row.at for row in site.extensions]
        times += [row.at for row in site.places]
        for licence in site.licences.values():
            times += [row.at for row in licence.terms]
        self.site_at = max(times, default=0)
        self.has_extensions = bool(site.extensions)
        self.has_temperatures = any(row.temperature for row in site.places)
        self.terms_law = None

    def terms(self, law: Law) -> "dict[TermKey, TermOf]":
        """Terms by code, first day and temperature, found before under this law and this site's terms."""
        if self.terms_law is not law:
            self.terms_law, self.terms_known = law, {}
        return self.terms_known
