"""What a licence line took in a calendar year, and when that crossed a share of the licensed amount; for rules.permits.

Only the sum and the crossings are kept, so that a busy year stays small. A sum does not mind the order of facts. A
crossing does: where a late or withdrawn acceptance may move one, the answer is False and the key is folded again.
"""

from typing import Final

import msgspec

from models.alerts import AlertKind

NEARLY_USED: Final = "nearly_used"
USED_UP: Final = "used_up"
EXCEEDED: Final = "exceeded"
KINDS: Final = {
    NEARLY_USED: AlertKind.LICENCE_NEARLY_USED,
    USED_UP: AlertKind.LICENCE_USED_UP,
    EXCEEDED: AlertKind.LICENCE_EXCEEDED,
}
# Permille of notice, full and over; None: no policy; a negative last one: from this figure on, not only above it.
Shares = tuple[int | None, int | None, int | None]
Order = tuple[int, int]


class Crossing(msgspec.Struct, array_like=True, gc=False):
    """The acceptance that crossed a share: when, what was taken before it, and what it brought."""

    at: int
    seq: int
    before_g: int
    mass_g: int
    yearly_g: int
    until: int = 0  # When a larger amount was licensed and undid it, where an acceptance has come since.


class Year(msgspec.Struct, tag="year", omit_defaults=True, gc=False):
    """One line in one year. `shares` are those it is counted under: the law's on its first day."""

    shares: Shares
    total_g: int = 0
    crossed: dict[str, Crossing] = {}


def reached(name: str, permille: int, taken_g: int, yearly_g: int) -> bool:
    """Whether a share is reached; the last one must be exceeded (LIC 12), unless a policy gives it as negative: from it on.

    以上 usually includes the figure, so the exact point is a policy (`licence_over_from`).
    """
    if name == EXCEEDED and permille >= 0:
        return taken_g * 1000 > permille * yearly_g
    permille = abs(permille)
    return taken_g * 1000 >= permille * yearly_g


_NAMES: Final = (NEARLY_USED, USED_UP, EXCEEDED)


def _named(shares: Shares) -> list[tuple[str, int]]:
    pairs = zip(_NAMES, shares, strict=True)
    return [(name, permille) for name, permille in pairs if permille is not None]


Amounts = list[tuple[int, int]]  # From which instant on how many grams a year are licensed.


def undone_at(name: str, permille: int, crossing: Crossing, taken_g: int, amounts: Amounts) -> int | None:
    """When a larger amount was licensed under which what is taken does not reach the share any more."""
    for since, yearly_g in amounts:
        if since > crossing.at and not reached(name, permille, taken_g, yearly_g):
            return since
    return None


def add_in_order(year: Year, order: Order, mass_g: int, yearly_g: int, amounts: Amounts) -> None:
    """Count an acceptance that comes after all others. Where a larger amount undid a crossing, it may cross anew."""
    before_g = year.total_g
    year.total_g = before_g + mass_g
    for share in year.shares:
        if share is not None and year.total_g * 1000 >= abs(share) * yearly_g:
            break
    else:
        if not year.crossed:
            return  # The ordinary acceptance is far from every share.
    for name, permille in _named(year.shares):
        crossing = year.crossed.get(name)
        if crossing is not None and not crossing.until and not reached(name, permille, before_g, yearly_g):
            crossing.until = undone_at(name, permille, crossing, before_g, amounts) or 0
        if (crossing is None or crossing.until) and reached(name, permille, year.total_g, yearly_g):
            year.crossed[name] = Crossing(*order, before_g, mass_g, yearly_g)


def add_late(year: Year, order: Order, mass_g: int, yearly_g: int) -> bool:
    """Count an acceptance that comes before others; False, and nothing done, where that may move a crossing.

    `yearly_g` is the line's amount throughout the year.
    """
    total_g = year.total_g + mass_g
    earlier: list[Crossing] = []
    for name, permille in _named(year.shares):
        crossing = year.crossed.get(name)
        if crossing is None:
            if reached(name, permille, total_g, yearly_g):
                return False
        elif order < (crossing.at, crossing.seq):
            if reached(name, permille, crossing.before_g + mass_g, yearly_g):
                return False
            earlier.append(crossing)
    year.total_g = total_g
    for crossing in earlier:
        crossing.before_g += mass_g
    return True
