"""A manifest (转移联单) and a site's stock (贮存), as judged so far or as of a moment."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from api.answers.alerts import Alert
from api.answers.basics import At, Grams
from api.answers.facts import FactRow


class Moment(TypedDict):
    """Of which moment an answer is: event time, and the last seq that was known."""

    as_of: At | None
    known_seq: int


class ManifestLine(TypedDict):
    """A line; null where nothing of the kind was stated, or only pieces."""

    line: int
    waste_code: str
    issued_g: Grams | None
    loaded_g: Grams | None
    accepted_g: Grams | None
    refused_g: Grams | None


class Leg(TypedDict):
    """One carrier's part of the way."""

    carrier: str
    vehicle: str
    since: At
    until: At | None


class Held(TypedDict):
    """Who has the load from an instant on."""

    since: At
    org: str
    role: Literal["origin", "carrier", "destination"]


class Seen(TypedDict):
    """What was seen of the vehicle on the way."""

    observation: str
    vehicle: str
    at: At
    until: At | None
    region: str | None


class Manifest(TypedDict):
    """Status, parties, lines, and when each act first happened."""

    status: Literal[
        "draft", "issued", "departed", "arrived", "accepted", "refused", "returned", "confirmed", "voided"
    ]
    origin: str
    origin_org: str
    carriers: list[str]
    destination: str
    destination_org: str
    receivers: list[str]
    vehicles: list[str]
    lines: list[ManifestLine]
    acts: dict[str, At]
    legs: list[Leg]
    holders: list[Held]
    holder: Held | None
    went_on: list[str]
    came_from: list[str]
    observations: list[Seen]


class ManifestAnswer(TypedDict):
    """A manifest with the facts it was judged from, in ledger order, and its alerts."""

    manifest_no: str
    manifest: Manifest | None
    facts: list[FactRow]
    alerts: list[Alert]
    moment: NotRequired[Moment]


class ContainersInStore(TypedDict):
    """What a lot is in; `shared` are ids that other lots name too."""

    container_kind: str
    count: int
    ids: list[str]
    shared: list[str]


class LotInStore(TypedDict):
    """A lot that holds something; mass or pieces, the other is null."""

    lot: str
    waste_code: str
    mass_g: Grams | None
    pieces: int | None
    stored_at: At
    place: str | None
    containers: ContainersInStore | None
    age_known: bool
    limit_at: At | None
    basis: str | None
    extended_until: At | None


class CodeInStore(TypedDict):
    """The balance of a code; below zero where more left than came."""

    waste_code: str
    mass_g: Grams
    pieces: int
    lots: int


class PointInStore(TypedDict):
    """A storage point (贮存点) and what it may hold."""

    place: str
    mass_g: Grams
    limit_g: Grams | None


class CountThatDiffered(TypedDict):
    """The latest stock-take of a code that differed."""

    waste_code: str
    place: str | None
    counted_at: At
    counted_g: Grams
    expected_g: Grams


class Stock(TypedDict):
    """Lots, the oldest first; balances by code; points; counts."""

    lots: list[LotInStore]
    codes: list[CodeInStore]
    points: list[PointInStore]
    counts: list[CountThatDiffered]


class StockAnswer(TypedDict):
    """What is in store at a site, and the alerts about it."""

    site: str
    stock: Stock
    alerts: list[Alert]
    moment: NotRequired[Moment]


class ContainersTold(TypedDict):
    """What a lot is in, as stated last."""

    container_kind: str
    count: int
    ids: list[str]


class LineageLot(TypedDict):
    """A lot that was met: what is left of it, and what there was in all."""

    subject: str
    lot: str
    waste_code: str
    stored_at: At | None
    mass_g: Grams | None
    pieces: int | None
    stored_g: Grams | None
    stored_pieces: int | None
    containers: ContainersTold | None


# Two members are called `from`, which is no name in Python.
LineageStep = TypedDict(
    "LineageStep", {"at": At | None, "from": str, "to": str, "mass_g": Grams | None, "pieces": int | None}
)
LineageHop = TypedDict("LineageHop", {"document": str, "from": str, "to": str, "may_see": bool})


class LineagePart(TypedDict):
    """What was met at one site."""

    site: str
    lots: list[LineageLot]
    steps: list[LineageStep]
    more: bool


class LineageAnswer(LineagePart):
    """Where a batch came from and where it went, here and elsewhere."""

    subject: str
    hops: list[LineageHop]
    elsewhere: list[LineagePart]
