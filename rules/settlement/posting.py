"""Small entries in a pair's books that books, loads and anew share: shares told to documents, links, counts, empties."""

from collections.abc import Iterable

from rules.settlement.contracts import Valuation
from rules.settlement.movements import shares_of
from rules.settlement.plans import Plan
from rules.settlement.subjects import POOL, Document, Load, Money, Movement, PairState, Pool


def money_order(money: Money) -> tuple[int, int, str, int, int]:
    """How money is kept on a movement."""
    return (money.at, money.seq, money.document, money.laid, money.side)


def valued(state: PairState, stated: list[Load], bills: list[Money], pays: list[Money]) -> Movement:
    """A movement with what it comes to under the contracts known."""
    if not stated:
        return Movement([], None, [], "", bills, pays)
    value = Valuation(state, stated[0])
    return Movement(stated, value.owed, value.prices, value.contract, bills, pays, accepted_g(stated[0]))


def accepted_g(load: Load) -> int:
    """What was accepted, 0 where a line has no mass."""
    found = 0
    for _, grams, _ in load.lines:
        if grams is None:
            return 0
        found += grams
    return found


def is_unpriced(movement: Movement) -> bool:
    """Whether something moved and no sum follows from it."""
    return bool(movement.stated) and movement.owed is None


def tell(state: PairState, subject: str, *, bills: bool) -> set[str]:
    """Give the documents on a movement their shares anew; those whose share changed."""
    movement = state.movement(subject)
    (movement.bills if bills else movement.pays).sort(key=money_order)
    touched: set[str] = set()
    for name, share in shares_of(movement, bills=bills).items():
        document = state.subjects.get(name)
        if type(document) is Document and document.shares.get(subject) != share:
            document.shares[subject] = share
            touched.add(name)
    return touched


def link(state: PairState, name: str, old: Plan, new: Plan) -> set[str]:
    """Note on invoices which payment names them, or no longer does."""
    touched = old.through ^ new.through
    for subject in touched:
        invoice = state.document(subject)
        others = {*invoice.named_by} - {name}
        invoice.named_by = sorted({*others, name} if subject in new.through else others)
        state.attach(subject, invoice)
    return touched


def moved(state: PairState, order: tuple[int, int], lines: int = 0) -> set[str]:
    """Note that unnamed money moved at a fact of this order, perhaps with so many lines more of it."""
    pool = state.pool()
    state.attach(POOL, Pool(pool.lines + lines, max(pool.latest, order), pool.unpriced))
    return {POOL}


def count_unpriced(state: PairState, more: int) -> set[str]:
    """Count movements without a sum."""
    pool = state.pool()
    if more:
        state.attach(POOL, Pool(pool.lines, pool.latest, pool.unpriced + more))
    return {POOL} if more else set()


def without_empty(state: PairState, touched: Iterable[str]) -> set[str]:
    """The touched subjects, after those that say nothing any more have ceased to be."""
    found = set(touched)
    for name in found:
        value = state.subjects.get(name)
        if value is not None and _is_empty(value):
            state.drop(name)
    return found


def _is_empty(value: object) -> bool:
    if type(value) is Movement:
        return not (value.stated or value.bills or value.pays)
    if type(value) is Document:
        return not (value.stated or value.taken or value.named_by)
    return type(value) is Pool and not (value.lines or value.unpriced)
