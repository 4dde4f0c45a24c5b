"""How lots fill and empty: putting in, taking out by name or first in first out, moving on; for rules.storage.

Readings (DESIGN 8 and ours, tested):
- what a line cannot measure goes whole: a line with a mass alone takes lots counted in pieces as it meets them, and a
  line with pieces alone takes weighed lots; what a line then lacks is no shortage, since nobody knows what they held;
- a lot that is named may fall below zero; what is missing where no lot is named is owed by the code, and met by the
  next of that code to come; both count in the code's balance;
- opening stock (期初库存) adds what its lot does not hold already.
"""

from bisect import bisect_left, insort
from typing import NamedTuple

from rules.storage_points import point_moved
from rules.storage_store import Store
from rules.storage_subjects import Below, Leaving, Link, Lot, Order, Packed, Stay, Stock, with_row


class Put(NamedTuple):
    """So much of a code comes into a lot. `how`: made, stored, opening, output or back (see `_added`)."""

    batch: str
    code: str
    mass_g: int | None
    pieces: int | None
    place: str
    how: str
    source: str  # What tells a repeated statement from a second one.
    since: int = 0  # An older clock that it brings along.
    containers: Packed | None = None
    temperature: str = ""


class Take(NamedTuple):
    """So much of a code leaves: from a lot, else the oldest first."""

    line: int
    code: str
    mass_g: int | None
    pieces: int | None
    batch: str
    place: str
    parents: tuple[str, ...] = ()


class Moment(NamedTuple):
    """The fact at work: its order, who is at home at the site, what it touched, balances by code with what they were before
    it (g, pieces), where matter goes, and what gave it.
    """

    order: Order
    org: str
    touched: set[str]
    before: dict[str, tuple[Stock, int, int]]
    to: str
    gave: list[tuple[str, int]]


def stock_of(state: Store, code: str, moment: Moment) -> Stock:
    """A code's balance, as this fact found it kept in `before`; `close_balance` says whether it is touched."""
    known = moment.before.get(code)
    if known is not None:
        return known[0]
    stock = state.stock(code)
    order = moment.order
    if stock.latest < order:
        stock.latest = order
    if not stock.org or order < stock.first:
        stock.org, stock.first = moment.org, order
    moment.before[code] = (stock, stock.mass_g, stock.pieces)
    return stock


def change(state: Store, name: str, lot: Lot, stock: Stock, amount: int, order: Order) -> None:
    """A lot holds so much more (or less), and its code and place with it."""
    before = lot.left
    after = lot.left = before + amount
    held = (after if after > 0 else 0) - (before if before > 0 else 0)
    if lot.weighed:
        stock.mass_g += amount
        stock.held_g += held
        if lot.place in state.points:
            point_moved(state, lot.place, held, order)
    else:
        stock.pieces += amount
        stock.held_pieces += held
    if before > 0 >= after:
        state.leave(name, lot)
        lot.released = 0
        lot.emptied_at, lot.counted_out = order[0], False
    elif after > 0 >= before:
        state.enter(name, lot)
        lot.emptied_at, lot.counted_out = 0, False


def mark(lot: Lot, name: str, moment: Moment) -> None:
    """A fact is about this lot."""
    if lot.latest < moment.order:
        lot.latest = moment.order
    moment.touched.add(name)


def mark_taken(lot: Lot, stock: Stock, moment: Moment, *, drawn: bool) -> None:
    """A fact took from this lot, or looked at what it held; `drawn`: its outcome depended on what was there."""
    order = moment.order
    if lot.taken < order:
        lot.taken = order
    if stock.taken < order:
        stock.taken = order
    if drawn and stock.drawn < order:
        stock.drawn = order


def put(state: Store, what: Put, moment: Moment, since: int = 0) -> int:
    """Put something in; what was not yet known of the lot's amount. `since`: an older clock that it brings along."""
    name, lot = state.named_lot(what.batch, what.code)
    stock = stock_of(state, what.code, moment)
    mark(lot, name, moment)
    order = moment.order
    at = order[0]
    if not lot.org or order < lot.first:
        lot.org, lot.first = moment.org, order
    clock = min(since or what.since or at, at)
    added = 0
    if not _is_repeated(lot, what):
        if what.mass_g is not None and not lot.weighed:
            weigh(state, name, lot, stock, order)
        amount = what.mass_g if lot.weighed else what.pieces
        added = _added(lot, what.how, amount or 0)
    if lot.emptied_at and lot.left <= 0 < lot.left + added:
        fill_again(lot, clock, at)
    elif not lot.since and clock < at:
        lot.filled_at = at
    set_clock(state, name, lot, stock, moment, clock, what.place)
    if what.containers is not None:
        lot.containers = with_row(lot.containers, what.containers)
    if (what.place or what.temperature) and what.code.endswith("-01"):
        lot.stays = with_row(lot.stays, Stay(*order, what.place, what.temperature))
    if added:
        _fill(state, name, lot, stock, added, moment, drawn=what.how in _LOOKS)
    elif what.how in _LOOKS:
        mark_taken(lot, stock, moment, drawn=True)
    return added


_LOOKS = frozenset({"output", "opening"})  # What they add depends on what was there.


def fill_again(lot: Lot, since: int, at: int) -> None:
    """What was there is gone; what comes has its own clock."""
    if lot.unaged and not lot.unaged[-1].until:
        lot.unaged[-1].until = lot.emptied_at
    lot.fillings = (*lot.fillings, (lot.since, lot.filled_at, lot.emptied_at))
    lot.since, lot.filled_at = since, at


def _fill(
    state: Store, name: str, lot: Lot, stock: Stock, added: int, moment: Moment, *, drawn: bool
) -> None:
    lot.total += added
    if lot.left < 0 or drawn:
        mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, added, moment.order)
    if stock.owed_g or stock.owed_pieces:
        _meet_debt(state, name, lot, stock, min(added, lot.left), moment)


def set_clock(
    state: Store, name: str, lot: Lot, stock: Stock, moment: Moment, since: int, place: str
) -> None:
    """The lot's clock is the older one, its place the later one."""
    older = not lot.since or since < lot.since
    moves = bool(place) and moment.order > lot.placed
    if not older and not moves:
        return
    if lot.left > 0:
        state.leave(name, lot)
    if moves:
        if lot.since and lot.place != place:
            mark_taken(lot, stock, moment, drawn=True)
        move_place(state, lot, place, moment.order)
    if older:
        lot.since = since
    if lot.left > 0:
        state.enter(name, lot)


def move_place(state: Store, lot: Lot, place: str, order: Order) -> None:
    """A lot is somewhere else from now on (empty: not known where), and points hold more or less for it."""
    if state.points and lot.weighed and lot.left > 0 and lot.place != place:
        point_moved(state, lot.place, -lot.left, order)
        point_moved(state, place, lot.left, order)
    lot.place, lot.placed = place, order


def _is_repeated(lot: Lot, what: Put) -> bool:
    """Whether this was said before; it is kept as said in any case."""
    said = (what.source, -1 if what.mass_g is None else what.mass_g, what.pieces or -1)
    if not lot.said:
        lot.said = (said,)
        return False
    at = bisect_left(lot.said, said)
    if at < len(lot.said) and lot.said[at] == said:
        return True
    lot.said = (*lot.said[:at], said, *lot.said[at:])
    return False


def weigh(state: Store, name: str, lot: Lot, stock: Stock, order: Order) -> None:
    """A lot that was only counted is weighed for the first time: its mass takes the place of its pieces."""
    if lot.left:
        emptied_at = lot.emptied_at
        change(state, name, lot, stock, -lot.left, order)
        lot.emptied_at = emptied_at
    lot.weighed = True
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
        moved = min(amount - known, lot.released)
        lot.released -= moved
        new = amount - known - moved
        lot.early += new
        return new
    if how == "opening":
        added = max(amount - max(lot.left, 0), 0)
        lot.unstored += added
        lot.early += added
        return added
    if how == "output":
        lot.unstored += amount
    return amount


def _meet_debt(state: Store, name: str, lot: Lot, stock: Stock, most: int, moment: Moment) -> None:
    """What comes after something was taken that no lot held: it was this."""
    met = min(stock.owed_g if lot.weighed else stock.owed_pieces, most)
    if met <= 0:
        return
    mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, -met, moment.order)
    lot.went_to = with_row(lot.went_to, Link(*moment.order, "owed", met))
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
    name, lot = state.named_lot(what.batch, what.code)
    mark(lot, name, moment)
    if lot.taken < moment.order:
        lot.taken = moment.order
    if not lot.since and not lot.left:
        lot.weighed = what.mass_g is not None
    if lot.counted_out:
        lot.counted_out, lot.emptied_at = False, moment.order[0]
    amount = what.mass_g if lot.weighed else what.pieces
    if amount is None and lot.left > 0:
        amount = lot.left
    if amount is None:
        stock.mass_g -= what.mass_g or 0
        stock.pieces -= what.pieces or 0
    else:
        change(state, name, lot, stock, -amount, moment.order)
    goes_on(state, name, lot, amount or 0, moment)
    return lot.since


def goes_on(state: Store, name: str, lot: Lot, amount: int, moment: Moment) -> None:
    """Note where matter went, and on a document's side what gave it (HJ 1259: each step points at the one before)."""
    lot.went_to = with_row(lot.went_to, Link(*moment.order, moment.to, amount))
    moment.gave.append((name, amount))
    document = state.subjects.get(moment.to)
    if type(document) is Leaving:
        insort(document.gave, Link(*moment.order, name, amount))


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
        give(state, oldest[1], lot, gives, stock, moment)
    return missing, reached


def give(state: Store, name: str, lot: Lot, amount: int, stock: Stock, moment: Moment) -> None:
    """A lot gives so much of what it holds."""
    mark(lot, name, moment)
    mark_taken(lot, stock, moment, drawn=True)
    change(state, name, lot, stock, -amount, moment.order)
    goes_on(state, name, lot, amount, moment)


def _take_whole(
    state: Store, what: Take, weighed: bool, until: _Key | None, stock: Stock, moment: Moment
) -> bool:
    """Lots that the line cannot measure, as far as it reached into the others (None: all); whether there were any."""
    found = False
    while (oldest := state.oldest(what.code, weighed, what.place)) and (until is None or oldest < until):
        lot = state.lot(oldest[1])
        give(state, oldest[1], lot, lot.left, stock, moment)
        found = True
    return found


def move_out(state: Store, name: str, amount: int | None, moment: Moment) -> int:
    """Matter goes on into another lot: what there is up to `amount` (None: all of it). A move makes no shortage."""
    lot = state.lot(name)
    mark(lot, name, moment)
    if lot.taken < moment.order:
        lot.taken = moment.order
    if lot.left <= 0:
        return 0
    stock = stock_of(state, lot.code, moment)
    gives = lot.left if amount is None else min(amount, lot.left)
    give(state, name, lot, gives, stock, moment)
    return gives


def close_balance(state: Store, moment: Moment) -> None:
    """After a fact: note where a code's balance went below zero, or came back; one that never was has no findings."""
    at = moment.order[0]
    for code, (stock, _, _) in moment.before.items():
        if stock.mass_g >= 0 and stock.pieces >= 0 and not stock.below_at and stock.past is None:
            state.noted.add(f"code:{code}")
            continue
        moment.touched.add(f"code:{code}")
        if stock.mass_g < 0 or stock.pieces < 0:
            if not stock.below_at:
                stock.below_at, stock.lowest_g, stock.lowest_pieces = at, 0, 0
            stock.lowest_g = min(stock.lowest_g, stock.mass_g)
            stock.lowest_pieces = min(stock.lowest_pieces, stock.pieces)
        elif stock.below_at:
            if stock.below_at < at:
                stock.past = Below(stock.below_at, at, stock.lowest_g, stock.lowest_pieces)
            stock.below_at = stock.lowest_g = stock.lowest_pieces = 0
