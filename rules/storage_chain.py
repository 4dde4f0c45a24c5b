"""The chain of batch codes (HJ 1259 6.3): 入库, 出库, 委外 and 自行利用处置 under new codes, 分装合并; for rules.storage.

Readings, tested:
- a new code takes its matter from its parents, the oldest first, and the clock of the oldest, so that relabelling never
  makes waste younger; what it says beyond what they gave is in its lot, and is kept as a difference;
- what a new code leaves with its parent is still there and as old as it was, however little: it is over with the
  parent's clock until it leaves, comes under a code, or a count says that it is gone (named in one count with the new
  code, a sliver is within the tolerance);
- a parent that is not known gives nothing; one that is known under another waste code gives what it holds of that code;
- a code that names itself as its parent is ignored as such; a cycle moves matter as told, in order of time;
- a line that names a batch and parents takes what the batch holds, then from the parents through the batch; a line that
  names parents alone takes from them, and what they lack is missing in the first one named;
- of a repacking with several outputs the whole amount is noted at the first.
"""

from collections.abc import Iterable

from rules.storage_moves import Moment, Put, Take, goes_on, move_out, put, stock_of, take
from rules.storage_store import Store
from rules.storage_subjects import Link, Lot, Made, Unaged, with_row


def parents_of(state: Store, parents: Iterable[str], batch: str, code: str) -> list[str]:
    """The subjects that parents name, once each, without the batch itself; the oldest clock first."""
    names = {state.parent_name(parent, code): None for parent in parents if parent != batch}
    return sorted(names, key=lambda name: (_clock(state, name), name))


def _clock(state: Store, name: str) -> int:
    lot = state.subjects.get(name)
    return lot.since if isinstance(lot, Lot) else 0


def oldest_clock(state: Store, names: Iterable[str], at: int) -> int:
    """The oldest clock among lots, at most `at`."""
    return min([at, *(clock for name in names if (clock := _clock(state, name)))])


def chain(state: Store, what: Put, parents: list[str], moment: Moment) -> None:
    """A new code's lot is filled from its parents; where they hold nothing, 入库 is that of what was made under the code."""
    name = state.lot_name(what.batch, what.code)
    if what.how == "stored" and any(state.lot(parent).left > 0 for parent in parents):
        what = what._replace(how="output")
    stated = wanted = put(state, what, moment, oldest_clock(state, parents, moment.order[0]))
    _mark_drawn(state, what.code, moment)
    weighed = what.mass_g is not None
    down = moment._replace(to=name, gave=[])
    is_measured = weighed
    for parent in parents:
        alike = state.lot(parent).weighed == weighed
        gone = move_out(state, parent, wanted if alike or not wanted else None, down)
        wanted -= gone if alike else 0
        is_measured = is_measured and (alike or not gone)
    lot = state.lot(name)
    _note_origin(state, lot, down)
    if is_measured and wanted:
        lot.made = with_row(lot.made, Made(*moment.order, stated - wanted, stated))


def _mark_drawn(state: Store, code: str, moment: Moment) -> None:
    stock = stock_of(state, code, moment)
    stock.drawn, stock.taken = max(stock.drawn, moment.order), max(stock.taken, moment.order)


def _note_origin(state: Store, lot: Lot, moment: Moment) -> None:
    """Where a lot's matter came from; matter of unknown age is of unknown age under any code."""
    for giver, amount in moment.gave:
        lot.came_from = with_row(lot.came_from, Link(*moment.order, giver, amount))
        known = state.lot(giver)
        if known.unaged and not known.unaged[-1].until and not (lot.unaged and not lot.unaged[-1].until):
            lot.unaged = (*lot.unaged, Unaged(moment.order[0], 0))


def take_line(state: Store, what: Take, moment: Moment) -> int:
    """Take a document's line out; the clock of the oldest lot that gave, 0 where none did."""
    if not what.parents:
        return take(state, what, moment)
    parents = parents_of(state, what.parents, what.batch, what.code)
    if what.batch:
        _fill_from_parents(state, what, parents, moment)
        return take(state, what._replace(parents=()), moment)
    return _take_from(state, what, parents, moment)


def _fill_from_parents(state: Store, what: Take, parents: list[str], moment: Moment) -> None:
    lot = state.lot(state.lot_name(what.batch, what.code), what.code)
    weighed = what.mass_g is not None
    if lot.left > 0 and lot.weighed != weighed:
        return
    held = max(lot.left, 0)
    lacking = ((what.mass_g if weighed else what.pieces) or 0) - held
    if lacking > 0:
        source = f"line {moment.order[1]}/{what.line}"
        grams, pieces = (lacking, None) if weighed else (None, lacking)
        chain(state, Put(what.batch, what.code, grams, pieces, what.place, "output", source), parents, moment)


def _take_from(state: Store, what: Take, parents: list[str], moment: Moment) -> int:
    weighed = what.mass_g is not None
    wanted = (what.mass_g if weighed else what.pieces) or 0
    since = oldest_clock(state, parents, moment.order[0])
    _mark_drawn(state, what.code, moment)
    for parent in parents:
        alike = state.lot(parent).weighed == weighed
        gone = move_out(state, parent, wanted if alike or not wanted else None, moment)
        if gone and not alike:
            wanted = 0
        wanted -= gone if alike else 0
    if wanted:
        grams, pieces = (wanted, None) if weighed else (None, wanted)
        first = next(iter(what.parents))
        take(state, Take(what.line, what.code, grams, pieces, first, what.place), moment)
    return since


def repack(state: Store, inputs: list[tuple[str, int]], outputs: list[Put], moment: Moment) -> None:
    """分装合并: the new lots have the clock of the oldest input; nothing moves where it was said before."""
    names = [state.lot_name(come.batch, come.code) for come in outputs]
    givers = [f"lot:{batch}" for batch, _ in inputs]
    since = oldest_clock(state, givers, moment.order[0])
    repeated = all(_was_said(state, name, come) for name, come in zip(names, outputs, strict=True))
    down = moment._replace(to=names[0], gave=[])
    moved_g, is_measured = 0, True
    for giver, (_, grams) in zip(givers, inputs, strict=True):
        weighed = state.lot(giver).weighed
        gone = move_out(state, giver, 0 if repeated else grams if weighed else None, down)
        moved_g += gone
        is_measured = is_measured and (weighed or not gone)
    made_g = 0
    for name, come in zip(names, outputs, strict=True):
        made_g += put(state, come, moment, since)
        _mark_drawn(state, come.code, moment)
        lot = state.lot(name)
        _note_origin(state, lot, down)
        if name != names[0]:
            _note_shared(state, name, down)
    if is_measured and not repeated and made_g != moved_g:
        first = state.lot(names[0])
        first.made = with_row(first.made, Made(*moment.order, moved_g, made_g))


def _note_shared(state: Store, name: str, moment: Moment) -> None:
    shared = moment._replace(to=name, gave=[])
    for giver, _ in moment.gave:
        goes_on(state, giver, state.lot(giver), 0, shared)


def _was_said(state: Store, name: str, come: Put) -> bool:
    lot = state.subjects.get(name)
    return isinstance(lot, Lot) and (come.source, come.mass_g or -1, -1) in lot.said
