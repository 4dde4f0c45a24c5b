"""What moved between two organisations and what was paid for it (资金)."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from api.answers.alerts import Alert
from api.answers.basics import At, DayText, Fen, Grams


class Price(TypedDict):
    """A price line of a contract."""

    waste_code: str | None
    category: str | None
    basis: str
    price_fen: Fen
    payer: str
    minimum_fen: Fen | None
    plus_tax_permille: int | None


# A member is called `from`, which is no name in Python.
ContractTerms = TypedDict(
    "ContractTerms",
    {
        "from": DayText,
        "until": DayText,
        "amended": bool,
        "stated_at": At,
        "prices": list[Price],
        "intermediary_orgs": list[str],
        "mass_g": Grams | None,
    },
)


class Contract(TypedDict):
    """All terms that a contract ever had, and the first instant after its life."""

    contract_no: str
    over_at: At | None
    taken_g: Grams | None
    terms: list[ContractTerms]


class DocumentLaid(TypedDict):
    """A document that lies on a movement, and why."""

    document: str
    at: At
    fen: Fen
    matched: str
    why: str


class MovementPaid(TypedDict):
    """What one side owes for a movement, and what became of it."""

    subject: str
    accepted_at: At
    site: str
    accepted_g: Grams
    bed_days: int | None
    contract_no: str | None
    payer: str
    expected_fen: Fen | None
    invoiced_fen: Fen
    paid_fen: Fen
    reached_fen: Fen
    left_fen: Fen
    documents: list[DocumentLaid]


class Share(TypedDict):
    """A part of a document, and where it lies."""

    subject: str | None
    fen: Fen
    why: str
    expected_fen: Fen | None


class DocumentMatched(TypedDict):
    """A document, what it met, and what is left of it."""

    subject: str
    kind: str
    at: At
    payer_org: str
    payee_org: str
    stated_fen: Fen
    returned_fen: Fen
    net_fen: Fen
    matched: list[Share]
    left: list[Share]
    left_fen: Fen
    odd_fen: Fen


class Account(TypedDict):
    """An account outside the pair: what it received, passed on and keeps."""

    subject: str
    org: str
    received_fen: Fen
    passed_on_fen: Fen
    kept_fen: Fen
    declared: bool


class SettlementAnswer(TypedDict):
    """The book of a pair; only its alerts where nothing else is known of it."""

    origin_org: str
    destination_org: str
    contracts: NotRequired[list[Contract]]
    movements: NotRequired[list[MovementPaid]]
    documents: NotRequired[list[DocumentMatched]]
    accounts: NotRequired[list[Account]]
    alerts: list[Alert]
