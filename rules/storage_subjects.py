"""What is known of a site's stock: lots, balances by code, what left on which document, and the site's own terms.

Used by rules.storage, which judges them. A lot (批次) is a batch code under one waste code; the same batch code under
another waste code is another lot. A lot is measured in grams once anything of it was weighed, else in pieces. What holds
them all in memory is rules.storage_store.
"""

from bisect import bisect_right
from typing import Any, Final, Protocol, TypeVar

import msgspec

from rules.permits_licences import Licence

Order = tuple[int, int]
NEVER: Final[Order] = (0, 0)
SITE: Final = "site"
R = TypeVar("R", bound="_Ordered")


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


def with_row(rows: tuple[R, ...], row: R) -> tuple[R, ...]:
    """Rows with one more in its order; nearly always it is the last."""
    if not rows or rows[-1] < row:
        return (*rows, row)
    at = bisect_right(rows, row)
    return (*rows[:at], row, *rows[at:])


class Extension(msgspec.Struct, array_like=True, order=True, gc=False):
    """延期 granted at `at`: the term is over from `until` on (00:00 Beijing after the last day). No code: any."""

    at: int
    seq: int
    until: int
    code: str = ""
    no: str = ""


class Refusal(msgspec.Struct, array_like=True, order=True, gc=False):
    """不予延期 at `at`; of a lot, a code or, where neither is named, the site."""

    at: int
    seq: int
    lot: str
    code: str


class PlaceRow(msgspec.Struct, array_like=True, order=True, gc=False):
    """A place as registered: its type, and how cold it is (empty: not said)."""

    at: int
    seq: int
    place: str
    place_type: str
    temperature: str


class Link(msgspec.Struct, array_like=True, order=True, gc=False):
    """Matter went from one lot on: into a lot or a document, or came from a lot. The amount is in the giver's measure."""

    at: int
    seq: int
    name: str
    amount: int


class Packed(msgspec.Struct, array_like=True, order=True, gc=False):
    """容器 as stated; the latest statement counts."""

    at: int
    seq: int
    kind: str
    count: int
    ids: tuple[str, ...]


class Stay(msgspec.Struct, array_like=True, order=True, gc=False):
    """Where medical waste was kept from `at` on, and how cold where that was said of the lot itself."""

    at: int
    seq: int
    place: str
    temperature: str


class Made(msgspec.Struct, array_like=True, order=True, gc=False):
    """A new batch code: what its parents gave, and what was stated, in grams, where the two are not equal."""

    at: int
    seq: int
    inputs_g: int
    outputs_g: int


class Unaged(msgspec.Struct, array_like=True, gc=False):
    """Of unknown age from `since` until its date was declared or all of it had left (0: it lasts)."""

    since: int
    until: int


class Registration(msgspec.Struct, array_like=True, order=True, gc=False):
    """建档."""

    at: int
    seq: int
    role: str
    org: str


class Lot(msgspec.Struct, tag="lot", omit_defaults=True, gc=False):
    """One batch. `left` is in grams, or in pieces while nothing of it was weighed; below zero where more was taken.

    `since` starts the clock, 0 where nothing was ever put in. It starts anew where something comes into an emptied lot,
    and `fillings` says what was there before. `filled_at` is when matter came that brought an older clock along, or came
    into an emptied lot; 0 where it is there since its clock began. `unstored` was made but not yet stated as stored, `early`
    stored but not yet stated as made, so that 产生 and 入库 of one batch count once. `released` left its store and is still
    there, so that 入库 elsewhere moves it and adds nothing. `said` tells repeated statements. Rows are tuples in order,
    since most lots have none, and thousands of lots would hold as many empty lists.
    """

    code: str = ""
    since: int = 0
    weighed: bool = False
    left: int = 0
    total: int = 0
    unstored: int = 0
    early: int = 0
    released: int = 0
    place: str = ""
    placed: Order = NEVER
    latest: Order = NEVER  # The latest fact about it,
    taken: Order = NEVER  # and the latest that took something from it or looked at what it held.
    emptied_at: int = 0
    filled_at: int = 0
    fillings: tuple[tuple[int, int, int], ...] = ()  # Clock, filled_at and emptied_at.
    counted_out: bool = False  # A stock-take, and nothing else, took the last of it.
    said: tuple[tuple[str, int, int], ...] = ()
    org: str = ""  # Who was at home at the site by the first fact that put something in.
    first: Order = NEVER
    extended: tuple[Extension, ...] = ()
    came_from: tuple[Link, ...] = ()
    went_to: tuple[Link, ...] = ()
    containers: tuple[Packed, ...] = ()
    stays: tuple[Stay, ...] = ()
    made: tuple[Made, ...] = ()
    unaged: tuple[Unaged, ...] = ()


class Below(msgspec.Struct, array_like=True, gc=False):
    """When a balance was below zero, and how far."""

    since: int
    until: int
    lowest_g: int
    lowest_pieces: int


class Stock(msgspec.Struct, tag="code", omit_defaults=True, gc=False):
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


class Left(msgspec.Struct, array_like=True, order=True, gc=False):
    """A line that left: when, and what it said (-1: not given); `since` is the clock of the oldest it took."""

    at: int
    seq: int
    line: int
    code: str
    mass_g: int
    pieces: int
    since: int


class Leaving(msgspec.Struct, tag="leaving", omit_defaults=True, gc=False):
    """What left on one manifest or round: a line stated twice the same way leaves once."""

    lines: list[Left] = []
    returned: Order = NEVER
    brought: bool = False  # This site took it in as a round's; its manifest's acceptance adds nothing.
    gave: list[Link] = []  # The lots it took from.


class Site(msgspec.Struct, tag="site", omit_defaults=True, gc=False):
    """Role, licences, extensions and places of the site, as stated."""

    registered: list[Registration] = []
    licences: dict[str, Licence] = {}
    extensions: list[Extension] = []
    refusals: list[Refusal] = []
    places: list[PlaceRow] = []


class Count(msgspec.Struct, array_like=True, gc=False):
    """盘点 of a code: at a place (empty: the site), what was counted and what the books said, in grams."""

    at: int
    seq: int
    place: str
    counted_g: int
    expected_g: int


class Counted(msgspec.Struct, tag="counted", omit_defaults=True, gc=False):
    """The stock-takes of one code that differed from the books, and the first that agreed after each."""

    code: str = ""
    org: str = ""
    counts: list[Count] = []


class Point(msgspec.Struct, tag="place", omit_defaults=True, gc=False):
    """A storage point (贮存点): what it held, all codes together, in grams from each instant on.

    `levels` forget what no limit could ask for any more (see rules.storage_points).
    """

    tracked: bool = False  # It is registered as a point now.
    org: str = ""
    latest: Order = NEVER
    levels: list[tuple[int, int]] = []


Subject = Lot | Stock | Leaving | Site | Counted | Point


def lot_subject(batch: str) -> str:
    """The subject of a batch."""
    return f"lot:{batch}"


def code_subject(code: str) -> str:
    """The subject of a code's balance."""
    return f"code:{code}"
