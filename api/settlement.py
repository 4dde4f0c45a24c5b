"""GET /v1/settlement/{origin}/{destination}: a pair's book as judged so far, every fen of it with why it lies there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from sqlalchemy import select

from api.answers.settlement import SettlementAnswer
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import parts_of
from api.problems import not_found
from api.views.money import PairBook, pair_book
from api.wire import alert_wire, instant
from models.facts.oversight import Subject
from models.tables import AlertRow
from models.topics import Concern
from rules.routes import pair_key
from rules.settlement.agreed_mass import names_mass
from rules.settlement.contracts import end_of
from rules.settlement.subjects import Contract
from streams.databases import guarded, reading

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_ALERTS_MAX = 500
_Org = Annotated[str, Path(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")]


@router.get("/settlement/{origin_org}/{destination_org}", response_model=SettlementAnswer)
def pair(request: Request, reach: Asker, origin_org: _Org, destination_org: _Org) -> dict[str, Any]:
    """What moved between two organisations and what was paid for it; for both of them and for readers of all.

    Movements tell what is owed, billed, paid, had reached the creditor and is left, and which document lies there and
    why; documents tell what they met, what is left of them and why; amounts are fen, masses grams.
    """
    key = pair_key(origin_org, destination_org)
    if not reach.pair(origin_org, destination_org):
        raise not_found(f'pair "{key}"')
    query = (
        select(AlertRow.__table__)
        .where(AlertRow.concern == Concern.SETTLEMENT.value, AlertRow.key == key, *reach.alerts_where())
        .order_by(AlertRow.raised_at.desc(), AlertRow.alert_id)
        .limit(_ALERTS_MAX)
    )
    with guarded(), reading(parts_of(request).databases.state) as connection:
        book = pair_book(connection, key)
        alerts = [dict(row) for row in connection.execute(query).mappings()]
    if book is None and not alerts:
        raise not_found(f'pair "{key}"')
    documents = len(book.documents) + len(book.movements) if book is not None else 0
    parts_of(request).reads.note(reach.holder, Subject.PAIR, key, documents)
    told = _book(book) if book is not None else {}
    return {
        "origin_org": origin_org,
        "destination_org": destination_org,
        **told,
        "alerts": [alert_wire(row) for row in alerts],
    }


def _book(book: PairBook) -> dict[str, Any]:
    return {
        "contracts": [_contract(number, contract) for number, contract in sorted(book.contracts.items())],
        "movements": [_movement(row) for row in book.movements],
        "documents": [{**row, "at": instant(row["at"])} for row in book.documents],
        "accounts": book.accounts,
    }


def _movement(row: dict[str, Any]) -> dict[str, Any]:
    documents = [{**document, "at": instant(document["at"])} for document in row["documents"]]
    return {**row, "accepted_at": instant(row["accepted_at"]), "documents": documents}


def _contract(number: str, contract: Contract) -> dict[str, Any]:
    """All terms it ever had, in the order they were stated, and the first instant after its life."""
    return {
        "contract_no": number,
        "over_at": instant(end_of(contract)),
        "taken_g": contract.taken_g if names_mass(contract) else None,
        "terms": [
            {
                "from": terms.from_day.isoformat(),
                "until": terms.until_day.isoformat(),
                "amended": terms.amended,
                "stated_at": instant(terms.at),
                "prices": [
                    {
                        "waste_code": price.code or None,
                        "category": price.category or None,
                        "basis": price.basis,
                        "price_fen": price.fen,
                        "payer": price.payer,
                        "minimum_fen": price.minimum_fen,
                        "plus_tax_permille": price.tax_permille or None,
                    }
                    for price in terms.prices
                ],
                "intermediary_orgs": terms.intermediaries,
                "mass_g": terms.grams,
            }
            for terms in contract.terms
        ],
    }
