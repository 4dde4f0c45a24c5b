"""What is remembered of a pair: contracts, movements, documents and its unnamed money. Stored as rows by the judge.

Money is fen, masses grams, instants microseconds. `at` and `seq` are the order of a statement. Lists of statements are
sorted by it, and the first one counts: a document or an acceptance stated by several parties is one.
Nothing here holds a cycle, so the garbage collector is told to leave it alone (`gc=False`): a tenth of a fold.
"""

from bisect import bisect_left, insort
from datetime import date
from typing import Any, Final, TypeAlias

import msgspec

from models.alerts import Finding
from models.law import Law
from rules.contract import State

FROM_DEBTOR: Final = 1  # The organisation that owes has paid, or is billed.
TO_CREDITOR: Final = 2  # The organisation that is owed has received, or bills.
DIRECT: Final = FROM_DEBTOR | TO_CREDITOR
NAMED: Final = 0  # Money laid on a movement because it, or its invoice, names it.
LAID: Final = 1  # Unnamed money, laid in order.
CLOSING: Final = 2  # Unnamed money that ends here, near enough for the movement to be met.
POOL: Final = "unnamed"
BY_MASS: Final = frozenset({"tonne", "kg"})  # The bases under which money follows mass.
BY_LOAD: Final = BY_MASS | {
    "piece"
}  # And those under which it follows loads, so that a manifest's number says a sum.
FLAT: Final = frozenset({"month_flat", "year_flat"})


class Price(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A price line; no code and no category means everything. `tax_permille` comes on top of `fen` and `minimum_fen`."""

    code: str
    category: str
    basis: str
    fen: int
    payer: str
    minimum_fen: int | None = None
    tax_permille: int = 0


class Terms(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a contract says from a day on: as signed, or as amended."""

    from_day: date
    until_day: date
    amended: bool
    at: int
    seq: int
    prices: list[Price]
    intermediaries: list[str]
    grams: int | None = None


class Contract(msgspec.Struct, tag="contract", gc=False):
    """委托处置合同: all terms it ever had, and when it was ended early.

    Where it names a mass, `taken_g` were accepted under it, the last of it by the statement `taken_at`; `passed_at` is
    when that went over what was agreed on its day.
    """

    terms: list[Terms] = []
    ended: list[tuple[int, int]] = []
    taken_g: int = 0
    taken_at: tuple[int, int] = (0, 0)
    passed_at: int | None = None


class Load(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One statement of what moved, or bed-days of a period; `day` chooses the price.

    A line is its code, and grams and pieces where they are known.
    """

    at: int
    seq: int
    site: str
    day: date
    contract: str
    lines: list[tuple[str, int | None, int | None]]
    bed_days: int = 0


class Money(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """So much of a document on a movement: which side owes (0 origin, 1 destination), between whom, and how laid."""

    at: int
    seq: int
    document: str
    fen: int
    side: int
    role: int
    laid: int = NAMED


class Movement(msgspec.Struct, tag="movement", gc=False):
    """A manifest, a round or a period of bed-days; without statement while only documents name it.

    `owed` is what origin and destination owe for it, None where no price is known or money does not follow mass;
    `prices` what the origin pays a tonne, by line, tax included; `contract` the number of the contract that priced it;
    `grams` what was accepted, 0 where a line has no mass.
    """

    stated: list[Load] = []
    owed: tuple[int, int] | None = None
    prices: list[int | None] = []
    contract: str = ""
    bills: list[Money] = []
    pays: list[Money] = []
    grams: int = 0


class Line(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A line of money, tax included, and what it names ("" where nothing); `grams` is the mass it states, or 0."""

    fen: int
    contract: str = ""
    manifest: str = ""
    invoice: str = ""
    code: str = ""
    grams: int = 0


class Paper(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One statement of an invoice (payer is the buyer, payee the seller) or of a payment."""

    at: int
    seq: int
    payer: str
    payee: str
    lines: list[Line]
    prepaid: bool = False
    deposit: bool = False


class TakenBack(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One statement of a red invoice or a refund, with its own number."""

    at: int
    seq: int
    number: str
    lines: list[Line]


class Share(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a document has to do with one movement.

    `fen` of it lie there; they raise what is counted as billed or paid by `counted`, where `claimed` was to be met.
    `short`: it is the last money there, and the movement is not met. `moved_at` is None before acceptance; `expected`
    is None where no price is known; `contract` is the one that priced it; `grams` were accepted there.
    """

    moved_at: int | None
    fen: int
    expected: int | None
    claimed: int
    counted: int
    short: bool
    contract: str = ""
    grams: int = 0


class Unnamed(msgspec.Struct, array_like=True, gc=False):
    """Money of a document that names no movement: `left` waits for movements, `odd` found nothing more to meet."""

    at: int
    seq: int
    side: int
    role: int
    contract: str
    code: str
    fen: int
    left: int
    odd: int = 0
    claimed: int = 0


class Document(msgspec.Struct, tag="document", gc=False):
    """An invoice or a payment; without statement while payments name an invoice not yet stated."""

    stated: list[Paper] = []
    taken: list[TakenBack] = []
    named_by: list[str] = []
    shares: dict[str, Share] = {}
    unnamed: list[Unnamed] = []


class Pool(msgspec.Struct, tag="pool", gc=False):
    """Of the pair: how many lines of unnamed money, the order since which nothing of it moved, movements without a sum."""

    lines: int = 0
    latest: tuple[int, int] = (0, 0)
    unpriced: int = 0


class Trader(msgspec.Struct, tag="trader", gc=False):
    """Somebody outside the pair whom its money went to or came from: fen received and passed on, by month of payment.

    A month is "2025-03". `first_in` and `first_on` are the first instants of each way.
    """

    months: dict[str, tuple[int, int]] = {}
    first_in: int | None = None
    first_on: int | None = None


class Said(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One statement of an invoice number: lines are (origin, destination, fen, contract, manifest, code, grams)."""

    at: int
    seq: int
    stater: str
    seller: str
    buyer: str
    lines: list[tuple[str, str, int, str, str, str, int]]


class Statements(msgspec.Struct, tag="statements", gc=False):
    """All that was stated of an invoice number, across pairs."""

    stated: list[Said] = []


Place: TypeAlias = tuple[int, int, str]  # When it was accepted, by which statement, and the movement.
Subject: TypeAlias = Contract | Movement | Document | Pool | Trader | Statements


class PairState(State[Subject]):
    """The subjects of a key, with indexes that are never stored.

    `is_number` says that the key is an invoice number's; `whole` that nothing has left memory since the key was empty,
    so that what is not here does not exist; `has_periods` that some contract has a price by the bed-day, the month or
    the year, `has_masses` that some contract names a mass; `prices` are the answers to which contracts and prices hold
    in a stretch of days between two `turns` (ordinals on which what some contract says changes), kept until a contract
    changes; `queue` the movements by acceptance, from when it is first asked for (less those found met), and `placed`
    where each stands in it; `weights` are movements against the floors of their codes, kept by rules.settlement.floors.
    """

    __slots__ = (
        "begun",
        "contracts",
        "destination",
        "has_masses",
        "has_periods",
        "is_number",
        "memo",
        "origin",
        "placed",
        "prices",
        "queue",
        "turns",
        "waiting",
        "weights",
        "whole",
    )

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.is_number = key.startswith("invoice:")
        self.origin, _, self.destination = key.partition(">")
        self.contracts: dict[str, Contract] = {}
        self.has_periods = False
        self.has_masses = False
        self.prices: dict[object, Any] = {}
        self.turns: list[int] | None = None
        self.weights: dict[str, object] = {}
        self.queue: list[Place] | None = None
        self.placed: dict[str, Place] = {}
        self.waiting: set[str] = set()
        self.begun = False
        self.whole = True
        self.memo: tuple[str, Law, list[Finding]] | None = None

    def attach(self, subject: str, value: Subject) -> None:
        """A subject is created, changed, or loaded from its row."""
        self.subjects[subject] = value
        self.memo = None
        if type(value) is Document:
            if value.unnamed and any(line.left for line in value.unnamed):
                self.waiting.add(subject)
            else:
                self.waiting.discard(subject)
        elif type(value) is Movement:
            if self.queue is not None:
                self._place(subject, value)
        elif type(value) is Contract:
            self.contracts[subject.partition(":")[2]] = value
            self.prices.clear()
            self.turns = None
            self.has_masses |= any(terms.grams is not None for terms in value.terms)
            prices = [price for terms in value.terms for price in terms.prices]
            self.has_periods |= any(price.basis not in BY_LOAD for price in prices)

    def detach(self, subject: str) -> None:
        """A subject leaves memory."""
        self.whole = False
        self.drop(subject)

    def drop(self, subject: str) -> None:
        """A subject ceases to be."""
        del self.subjects[subject]
        self.memo = None
        self.waiting.discard(subject)
        self.weights.pop(subject, None)
        if self.queue is not None and (place := self.placed.pop(subject, None)) is not None:
            del self.queue[bisect_left(self.queue, place)]
        if subject.startswith("contract:"):
            del self.contracts[subject.partition(":")[2]]
            self.prices.clear()
            self.turns = None

    def _place(self, subject: str, movement: Movement) -> None:
        assert self.queue is not None
        known = self.placed.get(subject)
        place = (movement.stated[0].at, movement.stated[0].seq, subject) if movement.stated else None
        if known == place:
            return
        if known is not None:
            del self.queue[bisect_left(self.queue, known)]
            del self.placed[subject]
        if place is not None:
            insort(self.queue, place)
            self.placed[subject] = place

    def in_order(self) -> list[Place]:
        """All movements in memory that were accepted, the oldest first, met or not."""
        return sorted(
            (value.stated[0].at, value.stated[0].seq, name)
            for name, value in self.subjects.items()
            if type(value) is Movement and value.stated
        )

    def accepted(self) -> list[Place]:
        """Movements in memory that were accepted, the oldest first: all that may be unpaid."""
        if self.queue is None:
            self.queue = []
            for name, value in self.subjects.items():
                if type(value) is Movement:
                    self._place(name, value)
        return self.queue

    def begin(self) -> None:
        """Called before the first fact: a key that has known facts before is not whole in memory."""
        if not self.begun:
            self.begun = True
            self.whole = self.latest == (0, 0) and not self.subjects

    def movement(self, name: str) -> Movement:
        """A movement in memory, or an empty one."""
        found = self.subjects.get(name)
        return found if type(found) is Movement else Movement()

    def document(self, name: str) -> Document:
        """A document in memory, or an empty one."""
        found = self.subjects.get(name)
        return found if type(found) is Document else Document()

    def trader(self, name: str) -> Trader:
        """An account outside the pair, or an empty one."""
        found = self.subjects.get(name)
        return found if type(found) is Trader else Trader()

    def unnamed_lines(self) -> int:
        """How many lines of unnamed money there are."""
        found = self.subjects.get(POOL)
        return found.lines if type(found) is Pool else 0

    def pool(self) -> Pool:
        """The pair's unnamed money."""
        found = self.subjects.get(POOL)
        return found if type(found) is Pool else Pool()


def is_invoice(document: str) -> bool:
    """Whether the name of a document is an invoice's."""
    return document.startswith("invoice:")


def money_of(movement: Movement, document: str) -> list[Money]:
    """The movement's bills, or its payments: the book that this document belongs to."""
    return movement.bills if is_invoice(document) else movement.pays
