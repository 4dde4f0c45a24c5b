"""Settlement in money: what each finding puts at risk, totals by pair, and how a pair's money was matched. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from api.views import subjects
from api.views.alerts import AlertView
from models.alerts import AlertKind
from rules import settlement
from rules.settlement.subjects import Contract

_STAKE: Final[dict[str, str]] = {
    AlertKind.PAYMENT_WITHOUT_MOVEMENT: "waiting_fen",
    AlertKind.MOVEMENT_WITHOUT_PAYMENT: "expected_fen",
    AlertKind.INVOICE_AMOUNT_DIFFERS: "difference_fen",
    AlertKind.PAYMENT_AMOUNT_DIFFERS: "difference_fen",
    AlertKind.PAYMENT_WRONG_PARTY: "paid_fen",
    AlertKind.INVOICE_DUPLICATED: "invoiced_fen",
    AlertKind.INVOICE_CONTRADICTED: "invoiced_fen",
}
_TONNE_G: Final = 1_000_000


def stake_fen(alert: AlertView) -> int:
    """Fen at stake in one finding, never negative: what is waited for, owed, too much or little, or under the floor."""
    told = alert.amounts
    if alert.kind == AlertKind.PRICE_BELOW_FLOOR:
        missing = _fen(told.get("floor_fen_per_tonne")) - _fen(told.get("price_fen_per_tonne"))
        return max(0, missing * _fen(told.get("accepted_g")) // _TONNE_G)
    return abs(_fen(told.get(_STAKE.get(alert.kind, ""))))


def _fen(value: int | str | None) -> int:
    return value if isinstance(value, int) else 0


def at_risk_fen(found: Iterable[AlertView]) -> int:
    """Fen at stake in several findings; of several about one document or movement the largest counts."""
    largest: dict[tuple[str, str], int] = {}
    for alert in found:
        about = (alert.key, alert.subject)
        largest[about] = max(largest.get(about, 0), stake_fen(alert))
    return sum(largest.values())


@dataclass(frozen=True, slots=True)
class PairTotal:
    """A pair's open findings and what they put at risk."""

    pair: str
    findings: int
    stake_fen: int


def by_pair(found: Iterable[AlertView]) -> list[PairTotal]:
    """Pairs with open findings, the most money first."""
    groups: dict[str, list[AlertView]] = {}
    for alert in found:
        if alert.pair is not None:
            groups.setdefault(alert.pair, []).append(alert)
    totals = [PairTotal(pair, len(alerts), at_risk_fen(alerts)) for pair, alerts in groups.items()]
    return sorted(totals, key=lambda total: (-total.stake_fen, total.pair))


@dataclass(frozen=True, slots=True)
class PairBook:
    """All that is stored of a pair: its contracts by number, and movements and documents as `explain` tells them."""

    contracts: dict[str, Contract]
    movements: list[dict[str, Any]]
    documents: list[dict[str, Any]]


def pair_book(connection: Connection, pair: str) -> PairBook | None:
    """The book of a pair `origin>destination`; None where nothing is known of it."""
    stored = subjects.of_key(connection, settlement, pair)
    if not stored:
        return None
    state = settlement.new_state(pair)
    for name, value in stored.items():
        state.attach(name, value)
    told = settlement.explain(state)
    return PairBook(
        contracts=dict(state.contracts),
        movements=[row for row in told if "accepted_at" in row],
        documents=[row for row in told if "accepted_at" not in row],
    )
