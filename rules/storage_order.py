"""Whether a fact that comes late can be taken in without folding the site again; for rules.storage.

A late fact at order `o` ends as the refold does where nothing that it could have changed was decided after `o`:
- nothing at all was stated after it of its codes and lots;
- it only puts in, and since then nothing of its codes was drawn first in first out, counted or moved, nothing was
  taken from its lots, and no balance was below zero;
- it takes, and since then only other lots of its codes grew: what it takes was there, and still is.
"""

from models.envelope import Stated
from rules.storage_facts import (
    CHAINED,
    DOCUMENTED,
    MATTER,
    SIMPLE,
    batches_of,
    document_of,
    left_as,
    puts_of,
    takes_of,
)
from rules.storage_moves import Put, Take
from rules.storage_store import Store
from rules.storage_subjects import Leaving, Lot, Order, Stock


def may_come_late(state: Store, stated: Stated) -> bool:
    """Whether folding this late fact now gives what folding it in order gives."""
    if stated.kind not in MATTER or any(point.latest > stated.order for point in state.points.values()):
        return False
    document = document_of(stated)
    if document and not _document_allows(state, stated, document):
        return False
    batches = list(batches_of(stated, state.key))
    if not _same_codes(state, batches):
        return False
    if _is_latest(state, batches, stated.order):
        return True
    chained = stated.kind in CHAINED and stated.body.parents  # type: ignore[union-attr]
    return stated.kind in SIMPLE and not chained and _commutes(state, stated)


def _document_allows(state: Store, stated: Stated, document: str) -> bool:
    """A document's first statement counts, a return looks at what left, an acceptance at what a round brought."""
    if stated.kind == "waste-collected.v1" and stated.body.manifest_no is not None:  # type: ignore[union-attr]
        return False
    known = state.subjects.get(document)
    if not isinstance(known, Leaving):
        return True
    if known.brought or known.returned > stated.order:
        return False
    if stated.kind not in DOCUMENTED:
        return all((left.at, left.seq) < stated.order for left in known.lines)
    said = [left_as(known, gone) for gone in takes_of(stated, state.key)]
    return not any(said)


def _same_codes(state: Store, batches: list[tuple[str, str]]) -> bool:
    """The first statement of a batch says which code it has, so a late one with another code may be the first."""
    for batch, code in batches:
        lot = state.subjects.get(f"lot:{batch}")
        if code and isinstance(lot, Lot) and lot.code != code:
            return False
    return True


def _is_latest(state: Store, batches: list[tuple[str, str]], order: Order) -> bool:
    """Whether nothing was stated after it of its codes and lots."""
    for batch, code in batches:
        if code and _stated_after(state.subjects.get(f"code:{code}"), order):
            return False
        lot = state.subjects.get(f"lot:{batch}")
        if isinstance(lot, Lot):
            if lot.latest > order:
                return False
            if _stated_after(state.subjects.get(f"code:{lot.code}"), order):
                return False
    return True


def _stated_after(stock: object, order: Order) -> bool:
    return isinstance(stock, Stock) and stock.latest > order


def _commutes(state: Store, stated: Stated) -> bool:
    puts, takes = puts_of(stated, state.key), takes_of(stated, state.key)
    if takes:
        codes = [gone.code for gone in takes]
        if len(set(codes)) < len(codes) or any(come.code in codes for come in puts):
            return False
    return all(_put_commutes(state, come, stated) for come in puts) and all(
        _take_commutes(state, gone, stated) for gone in takes
    )


def _was_below(stock: Stock, at: int) -> bool:
    return bool(stock.below_at) or (stock.past is not None and stock.past.until >= at)


def _put_commutes(state: Store, come: Put, stated: Stated) -> bool:
    order = stated.order
    stock = state.subjects.get(f"code:{come.code}")
    if isinstance(stock, Stock) and (
        stock.drawn > order or stock.owed_g or stock.owed_pieces or _was_below(stock, order[0])
    ):
        return False
    if come.how == "opening" or come.temperature:
        return False
    lot = state.subjects.get(f"lot:{come.batch}")
    if not isinstance(lot, Lot):
        return True
    if lot.fillings or lot.filled_at or lot.emptied_at or lot.left < 0:
        return False
    return lot.taken < order and lot.placed < order and come.place in ("", lot.place)


def _take_commutes(state: Store, gone: Take, stated: Stated) -> bool:
    order = stated.order
    stock = state.subjects.get(f"code:{gone.code}")
    if not isinstance(stock, Stock) or gone.mass_g is None or gone.parents or stock.taken > order:
        return False
    owes = stock.owed_g or stock.owed_pieces or stock.mass_g != stock.held_g
    if owes or stock.held_pieces or stock.pieces or _was_below(stock, order[0]):
        return False
    if gone.batch:
        lot = state.subjects.get(f"lot:{gone.batch}")
        return isinstance(lot, Lot) and lot.weighed and lot.latest < order and gone.mass_g <= lot.left
    missing = gone.mass_g
    for _, name in state.held(gone.code, True, gone.place):
        lot = state.lot(name)
        if lot.latest > order:
            return False
        missing -= lot.left
        if missing <= 0:
            return True
    return False
