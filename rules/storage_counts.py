"""盘点: what a stock-take sets, and where it differs from the books beyond the tolerance; for rules.storage.

A count always sets the books. A stock-take's shortage comes off the youngest lots, and a lot named in it is set to what
was counted; the difference is kept by code and place, and alerts until a later count of that place, or of the whole
site, agrees. HJ 1259 6.3 wants a true ledger; the tolerance is ours. Opening stock-takes have nothing to differ from.
"""

from collections.abc import Iterator
from typing import Any

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law
from rules.storage_moves import (
    Moment,
    Put,
    change,
    fill_again,
    give,
    mark,
    mark_taken,
    put,
    set_clock,
    stock_of,
    weigh,
)
from rules.storage_store import Store
from rules.storage_subjects import Count, Counted, Lot, Stock, Unaged


def surplus_batch(stated: Stated, number: int) -> str:
    """The lot of what a stock-take found too much."""
    return f"stock-take-{stated.seq}-{number}"


def count(state: Store, stated: Stated, body: Any, moment: Moment) -> None:
    """Take a stock-take in: lots first, then what was counted of a code without lots."""
    place = body.place or ""
    moment = moment._replace(to="counted")
    counted: set[str] = set()
    if not body.opening:
        _compare(state, body, place, moment)
    for row in body.counts:
        if row.lot is not None:
            _count_lot(state, row, place, body.opening, moment)
            counted.add(state.lot_name(row.lot, row.waste_code))
    for number, row in enumerate(body.counts, start=1):
        if row.lot is None:
            _count_code(state, row, place, surplus_batch(stated, number), counted, body.opening, moment)


def _compare(state: Store, body: Any, place: str, moment: Moment) -> None:
    """What the books say of each code that was counted, before they are set; lots known by pieces alone tell nothing."""
    codes = dict.fromkeys(row.waste_code for row in body.counts)
    for code in codes:
        rows = [row for row in body.counts if row.waste_code == code]
        names = [state.lot_name(row.lot, code) for row in rows if row.lot is not None]
        lots = [known for name in names if isinstance(known := state.subjects.get(name), Lot)]
        if any(lot.left and not lot.weighed for lot in lots):
            continue
        expected_g = sum(lot.left for lot in lots)
        if len(names) < len(rows):
            expected_g += _rest_of(state, code, place, set(names))
        name = f"counted:{code}"
        known_counts = state.subjects.get(name)
        if known_counts is None:
            known_counts = state.subjects[name] = Counted(code, moment.org)
        assert isinstance(known_counts, Counted)
        row = Count(*moment.order, place, sum(found.mass_g for found in rows), expected_g)
        if row.counted_g != expected_g or _may_settle(known_counts.counts, place):
            known_counts.counts.append(row)
        moment.touched.add(name)


def _may_settle(counts: list[Count], place: str) -> bool:
    """Whether a count that agrees follows one that did not: at its place or the whole site; for the whole site anywhere."""
    for row in reversed(counts):
        if not place or row.place in ("", place):
            if row.counted_g != row.expected_g:
                return True
            if place or not row.place:
                return False
    return False


def _rest_of(state: Store, code: str, place: str, named: set[str]) -> int:
    """Grams of a code in lots that are not counted by name, less what is owed where the whole site is counted."""
    stock = state.subjects.get(f"code:{code}")
    if not place and isinstance(stock, Stock):
        return stock.mass_g - sum(state.lot(name).left for name in named if name in state.subjects)
    return sum(state.lot(key[1]).left for key in state.held(code, True, place) if key[1] not in named)


def _count_lot(state: Store, row: Any, place: str, opening: bool, moment: Moment) -> None:
    """盘点 of one lot: it holds what was counted."""
    code, order = row.waste_code, moment.order
    name = state.lot_name(row.lot, code)
    lot = state.lot(name, code)
    stock = stock_of(state, code, moment)
    mark(lot, name, moment)
    mark_taken(lot, stock, moment, drawn=True)
    if lot.left > 0 or row.mass_g:
        if not lot.org:
            lot.org, lot.first = moment.org, order
        is_new = not lot.since or (lot.emptied_at > 0 and lot.left <= 0)
        since = min(row.stored_since or order[0], order[0])
        if lot.emptied_at and lot.left <= 0:
            fill_again(lot, since, order[0])
        elif not lot.since and since < order[0]:
            lot.filled_at = order[0]
        set_clock(state, name, lot, stock, moment, since, place)
        declare_age(lot, row.stored_since or 0, opening and is_new, order[0])
    if not lot.weighed:
        weigh(state, name, lot, stock, order)
    _set_to(state, name, lot, stock, row.mass_g, moment)


def declare_age(lot: Lot, stored_since: int, unknown: bool, at: int) -> None:
    """A date was declared, or opening stock came without one."""
    open_ended = bool(lot.unaged) and not lot.unaged[-1].until
    if stored_since and open_ended:
        lot.unaged[-1].until = at
        if lot.unaged[-1].since == at:
            lot.unaged = lot.unaged[:-1]
    elif unknown and not stored_since and not open_ended:
        lot.unaged = (*lot.unaged, Unaged(at, 0))


def _set_to(state: Store, name: str, lot: Lot, stock: Stock, mass_g: int, moment: Moment) -> None:
    held = lot.left > 0
    if mass_g > lot.left:
        lot.total += mass_g - max(lot.left, 0)
    change(state, name, lot, stock, mass_g - lot.left, moment.order)
    lot.counted_out = held and mass_g == 0


def _count_code(
    state: Store, row: Any, place: str, surplus: str, counted: set[str], opening: bool, moment: Moment
) -> None:
    """盘点 of a code without lots: what is missing comes off the youngest, what is over is a lot named `surplus`.

    Lots in `counted` were counted by name. At the whole site, what was owed is settled by the count.
    """
    code = row.waste_code
    stock = stock_of(state, code, moment)
    stock.drawn = max(stock.drawn, moment.order)
    stock.taken = max(stock.taken, moment.order)
    held = [key[1] for key in state.held(code, True, place) if key[1] not in counted]
    missing = sum(state.lot(name).left for name in held) - row.mass_g
    while missing > 0:
        name = held.pop()
        lot = state.lot(name)
        gives = min(missing, lot.left)
        missing -= gives
        give(state, name, lot, gives, stock, moment)
        lot.counted_out = lot.left == 0
    if not place:
        stock.owed_g = 0
        stock.mass_g = stock.held_g
    if missing < 0:
        since = min(row.stored_since or 0, moment.order[0])
        found = Put(surplus, code, -missing, None, place, "back", surplus, since=since)
        put(state, found, moment)
        declare_age(state.lot(state.lot_name(surplus, code)), since, opening, moment.order[0])


def count_findings(state: Store, subject: str, known: Counted, law: Law, at: int) -> Iterator[Finding]:
    """storage.count_differs: what was counted and expected where the latest counts differ; else the last that did."""
    open_by_place: dict[str, Count] = {}
    since = 0
    last: tuple[int, int, list[Count]] | None = None
    case = Case(state.key[:6], None, known.code, site=state.key if law.names_site(state.key) else None)
    basis = ""
    for row in known.counts:
        if row.at > at:
            break
        limit = law.limit(LimitName.STOCK_TOLERANCE, case, beijing_date(row.at))
        differing = list(open_by_place.values())
        if limit is not None and _differs(row, limit.value):
            basis = limit.citation
            if not open_by_place:
                since = row.at
            if not row.place:
                open_by_place.clear()
            open_by_place[row.place] = row
        elif row.place:
            open_by_place.pop(row.place, None)
        else:
            open_by_place.clear()
        if differing and not open_by_place and since < row.at:
            last = (since, row.at, differing)
    found = (since, None, list(open_by_place.values())) if open_by_place else last
    if found is not None:
        begun, until, rows = found
        amounts = _amounts_of(known.code, rows)
        parties = (known.org,) if known.org else ()
        kind = AlertKind.STORAGE_COUNT_DIFFERS
        yield Finding(kind, subject, begun, until, amounts, state.key, parties, basis=basis)


def _differs(row: Count, permille: int) -> bool:
    return abs(row.counted_g - row.expected_g) * 1000 > permille * max(row.expected_g, 0)


def _amounts_of(code: str, rows: list[Count]) -> dict[str, int | str]:
    counted_g, expected_g = sum(row.counted_g for row in rows), sum(row.expected_g for row in rows)
    found: dict[str, int | str] = {
        "waste_code": code,
        "counted_g": counted_g,
        "expected_g": expected_g,
        "difference_g": counted_g - expected_g,
        "counted_at": max(row.at for row in rows),
    }
    if len(rows) == 1 and rows[0].place:
        found["place"] = rows[0].place
    return found


def count_turn(known: Counted, at: int) -> int | None:
    """When a count that is stated a little ahead of time comes to be."""
    return min((row.at for row in known.counts if row.at > at), default=None)
