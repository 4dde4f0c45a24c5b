"""What settlement alerts are about in money: how much is at risk, and in which direction. Reads only."""

from collections.abc import Iterable, Mapping
from typing import Final

from api.views.alerts import AlertView

# The first of these that a finding names is what is at stake; which are named depends on the kind.
_AT_STAKE: Final = (
    "at_risk_fen",
    "left_fen",
    "difference_fen",
    "unmatched_fen",
    "paid_fen",
    "due_fen",
    "amount_fen",
    "expected_fen",
)


def stake_fen(amounts: Mapping[str, int | str]) -> int:
    """Fen at stake in one finding, never negative; 0 where it names none."""
    for name in _AT_STAKE:
        value = amounts.get(name)
        if isinstance(value, int):
            return abs(value)
    return 0


def at_risk_fen(found: Iterable[AlertView]) -> int:
    """Fen at stake in several alerts."""
    return sum(stake_fen(alert.amounts) for alert in found)
