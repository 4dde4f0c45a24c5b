"""What is known of a site's stock: lots, balances by code, what left on which document, and the site's own terms.

Used by rules.storage, which judges them. A lot (批次) is a batch code under one waste code; the same batch code under
another waste code is another lot. A lot is measured in grams once anything of it was weighed, else in pieces.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import merge
from typing import Final, NamedTuple

import msgspec

from models.law import Law, Limit
from rules.contract import State
from rules.permits_licences import Licence

Order = tuple[int, int]
NEVER: Final[Order] = (0, 0)
SITE: Final = "site"


class Extension(msgspec.Struct, array_like=True, order=True):
    """延期 granted at `at`: the term is over from `until` on (00:00 Beijing after the last day). No code: any."""

    at: int
    seq: int
    until: int
    code: str = ""


class Registration(msgspec.Struct, array_like=True, order=True):
    """建档."""

    at: int
    seq: int
    role: str
    org: str


class Lot(msgspec.Struct, tag="lot", omit_defaults=True):
    """One batch. `left` is in grams, or in pieces while nothing of it was weighed; below zero where more was taken.

    `since` starts the clock, 0 where nothing was ever put in. It starts anew where something comes into an emptied lot,
    and `fillings` says what was there before. `filled_at` is when matter came that brought an older clock along, or came
    into an emptied lot; 0 where it is there since its clock began. `unstored` was made but not yet stated as stored, `early`
    stored but not yet stated as made, so that 产生 and 入库 of one batch count once. `said` tells repeated statements.
    """

    code: str = ""
    since: int = 0
    weighed: bool = False
    left: int = 0
    total: int = 0
    unstored: int = 0
    early: int = 0
    place: str = ""
    placed: Order = NEVER
    latest: Order = NEVER  # The latest fact about it,
    taken: Order = NEVER  # and the latest that took something from it or looked at what it held.
    emptied_at: int = 0
    filled_at: int = 0
    fillings: list[tuple[int, int, int]] = []  # Clock, filled_at and emptied_at.
    counted_out: bool = False  # A stock-take, and nothing else, took the last of it.
    said: list[tuple[str, int, int]] = []
    org: str = ""  # Who was at home at the site by the first fact that put something in.
    first: Order = NEVER
    extended: list[Extension] = []


class Below(msgspec.Struct, array_like=True):
    """When a balance was below zero, and how far."""

    since: int
    until: int
    lowest_g: int
    lowest_pieces: int


class Stock(msgspec.Struct, tag="code", omit_defaults=True):
    """The balance of one code: lots less what was taken that no lot held (`owed`: to be met by what comes next)."""

    org: str = ""
    first: Order = NEVER
    mass_g: int = 0
    pieces: int = 0
    held_g: int = 0  # What lots above zero hold.
    held_pieces: int = 0
    owed_g: int = 0
    owed_pieces: int = 0
    latest: Order = NEVER  # The latest fact about the code,
    taken: Order = NEVER  # the latest that took something,
    drawn: Order = NEVER  # and the latest whose outcome depended on what was there.
    below_at: int = 0
    lowest_g: int = 0
    lowest_pieces: int = 0
    past: Below | None = None


class Left(msgspec.Struct, array_like=True, order=True):
    """A line that left: when, and what it said (-1: not given); `since` is the clock of the oldest it took."""

    at: int
    seq: int
    line: int
    code: str
    mass_g: int
    pieces: int
    since: int


class Leaving(msgspec.Struct, tag="leaving", omit_defaults=True):
    """What left on one manifest or round: a line stated twice the same way leaves once."""

    lines: list[Left] = []
    returned: Order = NEVER
    brought: bool = False  # This site took it in as a round's; its manifest's acceptance adds nothing.


class Site(msgspec.Struct, tag="site", omit_defaults=True):
    """Role, licences and extensions of the site, as stated."""

    registered: list[Registration] = []
    licences: dict[str, Licence] = {}
    extensions: list[Extension] = []


class TermOf(NamedTuple):
    """A term and how long before its end a warning is due; `limit_at` only where the day alone says when it ends."""

    limit: Limit | None
    warning: Limit | None
    limit_at: int | None


Subject = Lot | Stock | Leaving | Site
_Key = tuple[int, str]


def lot_subject(batch: str) -> str:
    """The subject of a batch."""
    return f"lot:{batch}"


def code_subject(code: str) -> str:
    """The subject of a code's balance."""
    return f"code:{code}"


class Store(State[Subject]):
    """A site's subjects, with its lots above zero by code, measure and place, oldest first. Not stored: the index."""

    __slots__ = ("_index", "_law", "_terms", "site_at")

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._index: dict[tuple[str, bool], dict[str, list[_Key]]] = {}
        self._law: Law | None = None
        self._terms: dict[tuple[str, int], TermOf] = {}
        self.site_at = 0  # When the latest of the site's own statements was made.

    def attach(self, subject: str, value: Subject) -> None:
        """A subject comes to memory; a lot that holds something is found by age."""
        self.subjects[subject] = value
        if type(value) is Lot:
            if value.left > 0:
                self.enter(subject, value)
        elif type(value) is Site:
            self.site_changed(value)

    def detach(self, subject: str) -> None:
        """A subject leaves memory."""
        value = self.subjects.pop(subject)
        if type(value) is Lot and value.left > 0:
            self.leave(subject, value)

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

    def lot_name(self, batch: str, code: str) -> str:
        """The subject of a batch under a code: another one where the batch is already known under another code."""
        name = f"lot:{batch}"
        known = self.subjects.get(name)
        if known is None or known.code == code or not known.code:  # type: ignore[union-attr]
            return name
        return f"lot:{batch}@{code}"

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
        for licence in site.licences.values():
            times += [row.at for row in licence.terms]
        self.site_at = max(times, default=0)
        self._law = None

    def terms(self, law: Law) -> dict[tuple[str, int], TermOf]:
        """Terms by code and first day (Beijing days since 1970), found before under this law and this site's terms."""
        if self._law is not law:
            self._law, self._terms = law, {}
        return self._terms
