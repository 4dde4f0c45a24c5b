"""Counts what is taken in against licence lines, or says that the key must be folded again; for rules.permits."""

from collections.abc import Iterable

from models.envelope import Stated
from models.law import Law
from rules.permits_amounts import KINDS, Amounts, Year, add_in_order, add_late, reached
from rules.permits_licences import Slot, yearly_amounts
from rules.permits_receipts import Delivery, Order, Taken, day_of, day_subject, taken
from rules.permits_state import DayTotal, Holder, year_subject

Share = tuple[Order, Slot, int]  # So many grams of one statement, on one licence line.


def shares_of(state: Holder, lines: Iterable[tuple[Taken, Order]]) -> list[Share]:
    """What these lines add to which licence line and year; nothing for pieces and for what no licence covers."""
    sums: dict[tuple[Order, Slot], int] = {}
    for (_, _, code, mass_g, method), order in lines:
        if mass_g is not None:
            slot = state.slot(code, method, day_of(order[0]))
            if slot is not None:
                sums[order, slot] = sums.get((order, slot), 0) + mass_g
    return [(order, slot, mass_g) for (order, slot), mass_g in sums.items()]


def recount(
    state: Holder,
    law: Law,
    before: dict[Taken, Order],
    after: dict[Taken, Order],
    stated: Stated,
    *,
    in_order: bool,
) -> set[str] | None:
    """Count what a statement changed; the years and days touched.

    None, and nothing done, where a crossing may move, or where a day is touched that is not the statement's own, since
    only that one is sure to be in memory.
    """
    if before == after:
        return set()
    if in_order and not before and len(after) == 1:
        for line, order in after.items():
            if (touched := _count_one(state, law, line, order)) is not None:
                return touched
    lost = shares_of(state, before.items() - after.items()) if before else []
    gained = shares_of(state, after.items() - before.items() if before else after.items())
    if not _may_count(state, law, lost + gained, day_of(stated.occurred_at)):
        return None
    if not _count(state, law, lost, gained, in_order=in_order):
        return None
    touched = {year_subject(slot) for _, slot, _ in lost + gained}
    for sign, shares in ((1, gained), (-1, lost)):
        for share in shares:
            if share[1].daily_g:
                touched.add(_count_day(state, share, sign))
    return touched


def _count_one(state: Holder, law: Law, line: Taken, order: Order) -> set[str] | None:
    """The ordinary receipt, one line after all others, counted; None, and nothing done, where it is not so ordinary."""
    _, _, code, mass_g, method = line
    if mass_g is None or (slot := state.slot(code, method, day_of(order[0]))) is None:
        return set()
    if slot.daily_g or _outdated(state, law, slot):
        return None
    _add_in_order(state, law, (order, slot, mass_g))
    return {year_subject(slot)}


def _count(state: Holder, law: Law, lost: list[Share], gained: list[Share], *, in_order: bool) -> bool:
    """Count shares in their years; False, and nothing done, where a crossing may move."""
    if not lost and in_order:
        for share in gained:
            _add_in_order(state, law, share)
        return True
    if not lost and len(gained) == 1:
        return _add_one_late(state, law, gained[0])
    return _apply_quietly(state, law, lost, gained)


def _may_count(state: Holder, law: Law, shares: list[Share], day: int) -> bool:
    """Whether the years are counted under the policies of now, and only a statement's own day would be touched."""
    return not any(
        _outdated(state, law, slot) or (slot.daily_g and day_of(order[0]) != day) for order, slot, _ in shares
    )


def _count_day(state: Holder, share: Share, sign: int) -> str:
    """Add to or take from a day's sum of a line with a daily ceiling; the day's subject."""
    order, slot, mass_g = share
    subject = day_subject(order[0])
    known = state.subjects.get(subject)
    day = known if isinstance(known, DayTotal) else DayTotal()
    line = f"{slot.licence}#{slot.number}"
    day.taken_g[line] = day.taken_g.get(line, 0) + sign * mass_g
    if not day.taken_g[line]:
        del day.taken_g[line]
    if day.taken_g:
        state.attach(subject, day)
    elif known is not None:
        state.detach(subject)
    return subject


def _outdated(state: Holder, law: Law, slot: Slot) -> bool:
    """Whether a year is counted under shares that a later policy replaced."""
    year = state.subjects.get(year_subject(slot))
    return isinstance(year, Year) and year.shares != state.shares(law, slot.licence, slot.year)


def _year(state: Holder, law: Law, slot: Slot) -> Year:
    subject = year_subject(slot)
    year = state.subjects.get(subject)
    if not isinstance(year, Year):
        year = Year(state.shares(law, slot.licence, slot.year))
        state.attach(subject, year)
    return year


def _amounts(state: Holder, slot: Slot) -> Amounts:
    return yearly_amounts(state.licences[slot.licence], slot.number, slot.year)


def _add_in_order(state: Holder, law: Law, share: Share) -> None:
    order, slot, mass_g = share
    year = _year(state, law, slot)
    add_in_order(year, order, mass_g, slot.yearly_g, _amounts(state, slot) if year.crossed else [])


def _has_one_amount(state: Holder, slot: Slot) -> bool:
    return len(_amounts(state, slot)) == 1


def _add_one_late(state: Holder, law: Law, share: Share) -> bool:
    order, slot, mass_g = share
    if not _has_one_amount(state, slot):
        return False
    if year_subject(slot) in state.subjects:
        return add_late(_year(state, law, slot), order, mass_g, slot.yearly_g)
    _add_in_order(state, law, share)
    return True


def _apply_quietly(state: Holder, law: Law, lost: list[Share], gained: list[Share]) -> bool:
    """Several changes at once, where no crossing is near; else False, and nothing done."""
    gains: dict[Slot, int] = {slot: 0 for _, slot, _ in lost}
    for _, slot, mass_g in gained:
        gains[slot] = gains.get(slot, 0) + mass_g
    if not all(_is_far_from_crossing(state, law, slot, gain_g) for slot, gain_g in gains.items()):
        return False
    for order, slot, mass_g in gained:
        add_late(_year(state, law, slot), order, mass_g, slot.yearly_g)
    for _, slot, mass_g in lost:
        year = _year(state, law, slot)
        year.total_g -= mass_g
        if not year.total_g:
            state.detach(year_subject(slot))
    return True


def _is_far_from_crossing(state: Holder, law: Law, slot: Slot, gain_g: int) -> bool:
    known = state.subjects.get(year_subject(slot))
    year = known if isinstance(known, Year) else Year(state.shares(law, slot.licence, slot.year))
    if not _has_one_amount(state, slot):
        return False
    named = zip(KINDS, year.shares, strict=True)
    total_g = year.total_g + gain_g
    return not any(
        permille is not None and reached(name, permille, total_g, slot.yearly_g) for name, permille in named
    )


def rebuild(state: Holder, law: Law) -> None:
    """Count everything anew, where all subjects are in memory."""
    for subject in [name for name, value in state.subjects.items() if isinstance(value, Year | DayTotal)]:
        state.detach(subject)
    deliveries = [value for value in state.subjects.values() if isinstance(value, Delivery)]
    shares = [share for delivery in deliveries for share in shares_of(state, taken(delivery).items())]
    for share in sorted(shares):
        _add_in_order(state, law, share)
        if share[1].daily_g:
            _count_day(state, share, 1)
