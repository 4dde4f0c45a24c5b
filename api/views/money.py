"""Settlement in money: what each finding puts at risk, totals by pair, and how a pair's money was matched. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api.views import subjects
from api.views.alerts import AlertView
from rules import settlement
from rules.settlement.subjects import Contract


def stake_fen(alert: AlertView) -> int:
    """Fen at stake in one finding, never negative, as the law says: what is waited for, owed, kept, or under the floor."""
    value = alert.amounts.get("risk_fen")
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
    accounts: list[dict[str, Any]]


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
        documents=[row for row in told if "net_fen" in row],
        accounts=[row for row in told if "org" in row],
    )
