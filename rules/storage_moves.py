"""How lots fill and empty: putting in, taking out by name or first in first out, moving on, counting; for rules.storage.

Readings (DESIGN 8 and ours, tested):
- what a line cannot measure goes whole: a line with a mass alone takes lots counted in pieces as it meets them, and a
  line with pieces alone takes weighed lots; what a line then lacks is no shortage, since nobody knows what they held;
- a lot that is named may fall below zero; what is missing where no lot is named is owed by the code, and met by the
  next of that code to come; both count in the code's balance;
- a stock-take's shortage comes off the youngest lots, and a lot named in it is set to what was counted.
"""

from bisect import bisect_left
from typing import NamedTuple

from rules.storage_subjects import Below, Lot, Order, Stock, Store


class Put(NamedTuple):
    """So much of a code comes into a lot. `how`: made, stored, output or back (see `_added`)."""

    batch: str
    code: str
    mass_g: int | None
    pieces: int | None
    place: str
    how: str
    source: str  # What tells a repeated statement from a second one.


class Take(NamedTuple):
    """So much of a code leaves: from a lot, else the oldest first."""

    line: int
    code: str
    mass_g: int | None
    pieces: int | None
    batch: str
    place: str


class Moment(NamedTuple):
    """The fact at work: its order, who is at home at the site, what it touched, and balances (g, pieces) before it."""

    order: Order
    org: str
    touched: set[str]
    before: dict[str, tuple[int, int]]


def stock_of(state: Store, code: str, moment: Moment) -> Stock:
    """A code's balance, marked as touched by this fact."""
    stock = state.stock(code)
    order = moment.order
    if stock.latest < order:
        stock.latest = order
    if not stock.org or order < stock.first:
        stock.org, stock.first = moment.org, order
    moment.touched.add(f"code:{code}")
    if code not in moment.before:
        moment.before[code] = (stock.mass_g, stock.pieces)
    return stock


def change(state: Store, name: str, lot: Lot, stock: Stock, amount: int, at: int) -> None:
    """A lot holds so much more (or less), and its code with it."""
    before = lot.left
    after = lot.left = before + amount
    held = (after if after > 0 else 0) - (before if before > 0 else 0)
    if lot.weighed:
        stock.mass_g += amount
        stock.held_g += held
    else:
        stock.pieces += amount
        stock.held_pieces += held
    if before > 0 >= after:
        state.leave(name, lot)
        lot.emptied_at, lot.counted_out = at, False
    elif after > 0 >= before:
        state.enter(name, lot)
        lot.emptied_at, lot.counted_out = 0, False


def _mark(lot: Lot, name: str, moment: Moment) -> None:
    if lot.latest < moment.order:
        lot.latest = moment.order
    moment.touched.add(name)


def _mark_taken(lot: Lot, stock: Stock, moment: Moment, *, drawn: bool) -> None:
    order = moment.order
    if lot.taken < order:
        lot.taken = order
    if stock.taken < order:
        stock.taken = order
    if drawn and stock.drawn < order:
        stock.drawn = order


def put(state: Store, what: Put, moment: Moment, since: int = 0) -> int:
    """Put something in; what was not yet known of the lot's amount. `since`: an older clock that it brings along."""
    name = state.lot_name(what.batch, what.code)
    lot = state.lot(name, what.code)
    stock = stock_of(state, what.code, moment)
    _mark(lot, name, moment)
    if not lot.org or moment.order < lot.first:
        lot.org, lot.first = moment.org, moment.order
    clock = since or moment.order[0]
    added = 0
    if not _is_repeated(lot, what):
        if what.mass_g is not None and not lot.weighed:
            _weigh(state, name, lot, stock, moment.order[0])
        amount = what.mass_g if lot.weighed else what.pieces
        added = _added(lot, what.how, amount or 0)
    if lot.emptied_at and lot.left <= 0 < lot.left + added:
        _fill_again(lot, clock, moment.order[0])
    elif not lot.since and clock < moment.order[0]:
        lot.filled_at = moment.order[0]
    _set_clock_and_place(state, name, lot, stock, moment, clock, what.place)
    if added:
        _fill(state, name, lot, stock, added, moment, drawn=what.how == "output")
    return added


def _fill_again(lot: Lot, since: int, at: int) -> None:
    """What was there is gone; what comes has its own clock."""
    lot.fillings.append((lot.since, lot.filled_at, lot.emptied_at))
    lot.since, lot.filled_at = since, at


def _fill(
    state: Store, name: str, lot: Lot, stock: Stock, added: int, moment: Moment, *, drawn: bool
) -> None:
    lot.total += added
    if lot.left < 0 or drawn:
        _mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, added, moment.order[0])
    if stock.owed_g or stock.owed_pieces:
        _meet_debt(state, name, lot, stock, min(added, lot.left), moment)


def _set_clock_and_place(
    state: Store, name: str, lot: Lot, stock: Stock, moment: Moment, since: int, place: str
) -> None:
    older = not lot.since or since < lot.since
    moves = bool(place) and moment.order > lot.placed
    if not older and not moves:
        return
    if lot.left > 0:
        state.leave(name, lot)
    if moves:
        if lot.since and lot.place != place:
            _mark_taken(lot, stock, moment, drawn=True)
        lot.place, lot.placed = place, moment.order
    if older:
        lot.since = since
    if lot.left > 0:
        state.enter(name, lot)


def _is_repeated(lot: Lot, what: Put) -> bool:
    """Whether this was said before; it is kept as said in any case."""
    said = (what.source, -1 if what.mass_g is None else what.mass_g, what.pieces or -1)
    at = bisect_left(lot.said, said)
    if at < len(lot.said) and lot.said[at] == said:
        return True
    lot.said.insert(at, said)
    return False


def _weigh(state: Store, name: str, lot: Lot, stock: Stock, at: int) -> None:
    """A lot that was only counted is weighed for the first time: its mass takes the place of its pieces."""
    emptied_at = lot.emptied_at
    change(state, name, lot, stock, -lot.left, at)
    lot.weighed, lot.emptied_at = True, emptied_at
    lot.total = lot.unstored = lot.early = 0


def _added(lot: Lot, how: str, amount: int) -> int:
    """What a statement adds: 产生 (or an acceptance) and 入库 of the same batch count once, whichever comes first."""
    if how == "made":
        known = min(amount, lot.early)
        lot.early -= known
        lot.unstored += amount - known
        return amount - known
    if how == "stored":
        known = min(amount, lot.unstored)
        lot.unstored -= known
        lot.early += amount - known
        return amount - known
    if how == "output":
        lot.unstored += amount
    return amount


def _meet_debt(state: Store, name: str, lot: Lot, stock: Stock, most: int, moment: Moment) -> None:
    """What comes after something was taken that no lot held: it was this."""
    met = min(stock.owed_g if lot.weighed else stock.owed_pieces, most)
    if met <= 0:
        return
    _mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, -met, moment.order[0])
    if lot.weighed:
        stock.owed_g -= met
        stock.mass_g += met
    else:
        stock.owed_pieces -= met
        stock.pieces += met


def take(state: Store, what: Take, moment: Moment) -> int:
    """Take something out; the clock of the oldest lot that gave, 0 where none did."""
    stock = stock_of(state, what.code, moment)
    if stock.taken < moment.order:
        stock.taken = moment.order
    if what.batch:
        return _take_named(state, what, stock, moment)
    if stock.drawn < moment.order:
        stock.drawn = moment.order
    return _take_oldest(state, what, stock, moment)


def _take_named(state: Store, what: Take, stock: Stock, moment: Moment) -> int:
    name = state.lot_name(what.batch, what.code)
    lot = state.lot(name, what.code)
    _mark(lot, name, moment)
    if lot.taken < moment.order:
        lot.taken = moment.order
    if not lot.since and not lot.left:
        lot.weighed = what.mass_g is not None
    if lot.counted_out:
        lot.counted_out, lot.emptied_at = False, moment.order[0]
    amount = what.mass_g if lot.weighed else what.pieces
    if amount is not None:
        change(state, name, lot, stock, -amount, moment.order[0])
    elif lot.left > 0:
        change(state, name, lot, stock, -lot.left, moment.order[0])
    else:
        stock.mass_g -= what.mass_g or 0
        stock.pieces -= what.pieces or 0
    return lot.since


def _take_oldest(state: Store, what: Take, stock: Stock, moment: Moment) -> int:
    begun = [key for weighed in (True, False) if (key := state.oldest(what.code, weighed, what.place))]
    missing_g, reached = _draw(state, what, True, what.mass_g, stock, moment)
    missing_pieces, reached_pieces = _draw(state, what, False, what.pieces, stock, moment)
    unmeasured = False
    if what.mass_g is None:
        until = None if missing_pieces else reached_pieces
        unmeasured = _take_whole(state, what, True, until, stock, moment)
    elif what.pieces is None:
        until = None if missing_g else reached
        unmeasured = _take_whole(state, what, False, until, stock, moment)
    if what.mass_g is None:
        if missing_pieces and not unmeasured:
            stock.owed_pieces += missing_pieces
            stock.pieces -= missing_pieces
    elif missing_g and not unmeasured and not reached_pieces:
        stock.owed_g += missing_g
        stock.mass_g -= missing_g
    return min(begun)[0] if begun else 0


_Key = tuple[int, str]


def _draw(
    state: Store, what: Take, weighed: bool, amount: int | None, stock: Stock, moment: Moment
) -> tuple[int, _Key | None]:
    """First in first out; what no lot held, and the last lot that gave."""
    reached = None
    missing = amount or 0
    while missing and (oldest := state.oldest(what.code, weighed, what.place)):
        reached = oldest
        lot = state.lot(oldest[1])
        gives = min(missing, lot.left)
        missing -= gives
        _give(state, oldest[1], lot, gives, stock, moment)
    return missing, reached


def _give(state: Store, name: str, lot: Lot, amount: int, stock: Stock, moment: Moment) -> None:
    _mark(lot, name, moment)
    _mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, -amount, moment.order[0])


def _take_whole(
    state: Store, what: Take, weighed: bool, until: _Key | None, stock: Stock, moment: Moment
) -> bool:
    """Lots that the line cannot measure, as far as it reached into the others (None: all); whether there were any."""
    found = False
    while (oldest := state.oldest(what.code, weighed, what.place)) and (until is None or oldest < until):
        lot = state.lot(oldest[1])
        _give(state, oldest[1], lot, lot.left, stock, moment)
        found = True
    return found


def move_out(state: Store, name: str, amount: int | None, moment: Moment) -> int:
    """Matter goes on into another lot: what there is up to `amount` (None: all of it). A move makes no shortage."""
    lot = state.lot(name)
    _mark(lot, name, moment)
    if lot.taken < moment.order:
        lot.taken = moment.order
    if lot.left <= 0:
        return 0
    stock = stock_of(state, lot.code, moment)
    gives = lot.left if amount is None else min(amount, lot.left)
    _give(state, name, lot, gives, stock, moment)
    return gives


def count_lot(
    state: Store, batch: str, code: str, counted_g: int, place: str, since: int, moment: Moment
) -> None:
    """盘点 of one lot: it holds what was counted."""
    name = state.lot_name(batch, code)
    lot = state.lot(name, code)
    stock = stock_of(state, code, moment)
    _mark(lot, name, moment)
    _mark_taken(lot, stock, moment, drawn=True)
    if lot.left > 0 or counted_g:
        if not lot.org:
            lot.org, lot.first = moment.org, moment.order
        clock = since or moment.order[0]
        if lot.emptied_at and lot.left <= 0:
            _fill_again(lot, clock, moment.order[0])
        elif not lot.since and clock < moment.order[0]:
            lot.filled_at = moment.order[0]
        _set_clock_and_place(state, name, lot, stock, moment, clock, place)
    if not lot.weighed:
        _weigh(state, name, lot, stock, moment.order[0])
    _set_to(state, name, lot, stock, counted_g, moment.order[0])


def _set_to(state: Store, name: str, lot: Lot, stock: Stock, mass_g: int, at: int) -> None:
    held = lot.left > 0
    if mass_g > lot.left:
        lot.total += mass_g - max(lot.left, 0)
    change(state, name, lot, stock, mass_g - lot.left, at)
    lot.counted_out = held and mass_g == 0


def count_code(
    state: Store,
    code: str,
    counted_g: int,
    place: str,
    since: int,
    surplus: str,
    counted: set[str],
    moment: Moment,
) -> None:
    """盘点 of a code without lots: what is missing comes off the youngest, what is over is a lot named `surplus`.

    Lots in `counted` were counted by name. At the whole site, what was owed is settled by the count.
    """
    stock = stock_of(state, code, moment)
    stock.drawn = max(stock.drawn, moment.order)
    stock.taken = max(stock.taken, moment.order)
    held = [key[1] for key in state.held(code, True, place) if key[1] not in counted]
    missing = sum(state.lot(name).left for name in held) - counted_g
    while missing > 0:
        name = held.pop()
        lot = state.lot(name)
        gives = min(missing, lot.left)
        missing -= gives
        _give(state, name, lot, gives, stock, moment)
        lot.counted_out = lot.left == 0
    if not place:
        stock.owed_g = 0
        stock.mass_g = stock.held_g
    if missing < 0:
        put(state, Put(surplus, code, -missing, None, place, "back", surplus), moment, since)


def close_balance(state: Store, moment: Moment) -> None:
    """After a fact: note where a code's balance went below zero, or came back."""
    at = moment.order[0]
    for name in moment.touched:
        stock = state.subjects.get(name)
        if type(stock) is not Stock:
            continue
        if stock.mass_g < 0 or stock.pieces < 0:
            if not stock.below_at:
                stock.below_at, stock.lowest_g, stock.lowest_pieces = at, 0, 0
            stock.lowest_g = min(stock.lowest_g, stock.mass_g)
            stock.lowest_pieces = min(stock.lowest_pieces, stock.pieces)
        elif stock.below_at:
            if stock.below_at < at:
                stock.past = Below(stock.below_at, at, stock.lowest_g, stock.lowest_pieces)
            stock.below_at = stock.lowest_g = stock.lowest_pieces = 0
