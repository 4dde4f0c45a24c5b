"""Whether stock that must be cleared can be taken in time by what is to spare; pure, a figure that pages show."""

from collections.abc import Iterable
from typing import NamedTuple


class Clearing(NamedTuple):
    """Grams over their term, and due by it; what is to spare a day; `late_g` of what is due cannot be taken by its day;
    days that clearing all of it takes, None where nothing is to spare.
    """

    over_g: int
    due_g: int
    spare_daily_g: int
    late_g: int
    days: int | None


def clearing(stock: Iterable[tuple[int, int]], spare_yearly_g: int) -> Clearing:
    """`stock`: days left (0 or less: over its term) and grams of each lot; the oldest is taken first.

    What is over its term comes first and is late already; of the rest, as much is late as is still there when its days
    are over.
    """
    lots = sorted(stock)
    daily_g = max(0, spare_yearly_g) // 365
    over_g = sum(mass_g for days, mass_g in lots if days <= 0)
    waiting_g = over_g
    late_g = 0
    for days, mass_g in lots:
        if days > 0:
            waiting_g += mass_g
            late_g = max(late_g, min(waiting_g - daily_g * days, waiting_g - over_g))
    needed = -(-waiting_g // daily_g) if daily_g else (0 if not waiting_g else None)
    return Clearing(over_g, waiting_g - over_g, daily_g, late_g, needed)
