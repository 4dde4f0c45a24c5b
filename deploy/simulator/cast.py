"""Who plays: sites, facilities with what they hold, contracts, streams of waste. Plain data, changed by the flows."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from deploy.simulator.journal import Org, Wire
from deploy.simulator.trade import Plant


class Lot(NamedTuple):
    """A batch on hand: its code, grams, and the day (since the origin) on which its clock began."""

    batch: str
    waste_code: str
    mass_g: int
    day: int


@dataclass(slots=True)
class Site:
    """A site of an organisation; `region` is its city's six digits."""

    site: str
    org: Org
    region: str


@dataclass(slots=True)
class Carrier:
    """A haulier with its lorries and transport licence."""

    org: Org
    plates: list[str]
    licence_no: str


@dataclass(slots=True)
class LicenceShare:
    """A line of a facility's licence: categories, grams a year, and how much of it is spoken for by streams."""

    categories: tuple[str, ...]
    planned_g: int = 0
    yearly_g: int = 0
    methods: tuple[str, ...] = ()
    daily_g: int = 0  # A ceiling for each day; 0: none.


@dataclass(slots=True)
class Facility:
    """A licensed facility: what it may take, what it holds untreated, and its own residues on hand."""

    base: Site
    plant: Plant
    shares: list[LicenceShare]
    licence_no: str = ""
    held: deque[Lot] = field(default_factory=deque)
    residues: list[Lot] = field(default_factory=list)
    residue_contract: "Contract | None" = None
    collected: dict[str, int] = field(
        default_factory=dict
    )  # Grams by code that rounds brought, not yet treated.
    pieces: dict[str, int] = field(default_factory=dict)  # And pieces, where nothing was weighed.
    onward: dict[str, "Contract"] = field(default_factory=dict)
    onward_due: dict[str, int] = field(default_factory=dict)
    closed_until: int = 0  # No loads before this day: its licence is suspended.
    staged: bool = False  # It serves one irregularity only.

    @property
    def is_final(self) -> bool:
        """Whether waste ends here; a collector only passes it on."""
        return self.plant is not Plant.COLLECTOR

    def methods(self, category: str) -> str:
        """The method by which it handles a category; another way of disposal for what its licence does not name."""
        for share in self.shares:
            if category in share.categories and share.methods:
                return share.methods[share.categories.index(category)]
        return "D16"


@dataclass(slots=True)
class Contract:
    """A contract of a pair: price by code ("" for all), in fen a tonne, a bed-day or a month; who pays, how it is billed."""

    no: str
    origin: Org
    facility: Facility
    prices_fen: dict[str, int]
    bought: bool = False
    basis: str = "tonne"  # Or kg (the price is still kept a tonne), bed_day, month_flat.
    weekly: bool = False
    named: bool = True
    body: Wire = field(default_factory=dict)
    unbilled: list["Due"] = field(default_factory=list)

    @property
    def seller(self) -> Org:
        """Who issues invoices: the facility sells its service, or the producer sells its waste."""
        return self.origin if self.bought else self.facility.base.org

    @property
    def buyer(self) -> Org:
        """Who pays."""
        return self.facility.base.org if self.bought else self.origin


@dataclass(slots=True)
class Due:
    """Money owed for one accepted movement."""

    manifest_no: str
    amount_fen: int
    mass_g: int
    waste_code: str
    accepted_at: int
    known_at: int


@dataclass(slots=True)
class Stream:
    """One code that a site makes: a lot every so many days, shipped by the lorry-load or by age."""

    site: Site
    waste_code: str
    yearly_g: int
    every_days: int
    load_g: int
    contract: Contract
    phase: int
    days_max: int
    stock: list[Lot] = field(default_factory=list)
    stock_g: int = 0
    own_permille: int = 0
    names_lots: bool = True
