"""What moves, and under which contracts: puts acceptances, rounds, bed-days and contract terms in the books of a pair."""

from rules.settlement.agreed_mass import count, is_late, names_mass, recount
from rules.settlement.anew import lay_anew
from rules.settlement.books import Order, matters_late
from rules.settlement.contracts import end_of
from rules.settlement.movements import shares_of
from rules.settlement.plans import plan_of
from rules.settlement.posting import count_unpriced, is_unpriced, moved, tell, valued, without_empty
from rules.settlement.subjects import Contract, Document, Load, Movement, PairState
from rules.settlement.traders import named_anew
from rules.settlement.unnamed import offer


def restate_load(state: PairState, name: str, stated: list[Load], order: Order) -> set[str] | None:
    """Give a movement other statements; the first one counts."""
    if name not in state.subjects and stated and not (state.has_masses or state.unnamed_lines()):
        return _first(state, name, stated)
    if not state.has_masses:
        return _restate(state, name, stated, order)
    known = state.movement(name)
    is_new = stated[:1] != known.stated[:1]
    if is_new and is_late(state, known, order):
        return None
    touched = _restate(state, name, stated, order)
    if touched is None or not is_new:
        return touched
    return touched | count(state, state.movement(name))


def _first(state: PairState, name: str, stated: list[Load]) -> set[str]:
    """The ordinary path: a movement that nothing is known of, and no money that waits for one."""
    movement = valued(state, stated, [], [])
    state.attach(name, movement)
    if movement.owed is not None:
        return {name}
    pool = state.pool()
    waiting = set() if pool.unpriced else state.waiting  # The first without a sum concerns them.
    return {name, *waiting} | count_unpriced(state, 1)


def _restate(state: PairState, name: str, stated: list[Load], order: Order) -> set[str] | None:
    known = state.movement(name)
    edited = valued(state, stated, known.bills, known.pays)
    if stated[:1] == known.stated[:1]:
        edited = Movement(
            stated, known.owed, known.prices, known.contract, known.bills, known.pays, known.grams
        )
        state.attach(name, edited)
        return {name}
    if (edited.owed or known.owed) and matters_late(state, order):
        return None
    if any(money.laid for money in [*known.bills, *known.pays]):
        return _anew(state, name, edited, order) if order > state.latest else None
    touched = _told(state, name, known, edited)
    if touched is None:
        return None
    touched |= _counted(state, known, edited)
    if edited.owed is not None and (laid := offer(state, edited)):
        for document in laid:
            state.attach(document, state.document(document))
        touched |= laid | moved(state, order)
        touched |= tell(state, name, bills=True) | tell(state, name, bills=False)
    return without_empty(state, touched)


def _anew(state: PairState, name: str, edited: Movement, order: Order) -> set[str] | None:
    if not state.whole:
        return None
    state.attach(name, edited)
    return lay_anew(state, order)


def _told(state: PairState, name: str, known: Movement, edited: Movement) -> set[str] | None:
    """Put a movement in place and tell the documents on it; None, and nothing changed, where one is away."""
    news = {}
    for bills in (True, False):
        before, after = shares_of(known, bills=bills), shares_of(edited, bills=bills)
        news.update({document: share for document, share in after.items() if before.get(document) != share})
    if not all(document in state.subjects for document in news):
        return None
    state.attach(name, edited)
    for document, share in news.items():
        state.document(document).shares[name] = share
    return {name, *news}


def _counted(state: PairState, known: Movement, edited: Movement) -> set[str]:
    """Count movements without a sum; the first and the last of them concern all payments that wait."""
    more = is_unpriced(edited) - is_unpriced(known)
    before = state.pool().unpriced
    touched = count_unpriced(state, more)
    return touched | state.waiting if more and not (before and before + more) else touched


def restate_contract(
    state: PairState, name: str, edited: Contract, effect: int, order: Order
) -> set[str] | None:
    """Give a contract other terms from an instant on.

    Where everything known is earlier than the effect (and the contract had not ended by then), only declared
    prepayments that are still open can be concerned. Otherwise every movement and document of the pair has to be at
    hand; what was laid is laid anew where a sum or a plan changes.
    """
    known = state.contracts.get(name.partition(":")[2], Contract())
    end = end_of(known)
    is_ahead = order > state.latest and effect > state.latest[0] and (end is None or end > state.latest[0])
    if not is_ahead and (not state.whole or order < state.latest):
        return None
    names_anew = names_mass(edited) and not names_mass(known)
    if names_anew and not state.whole:
        return None
    before = None if is_ahead else _worth(state)
    edited.taken_g, edited.taken_at, edited.passed_at = known.taken_g, known.taken_at, known.passed_at
    state.attach(name, edited)
    named = {org for contract in (known, edited) for terms in contract.terms for org in terms.intermediaries}
    touched = {name} | named_anew(state, named) | (moved(state, order) if state.pool().lines else set())
    if before is None:
        if names_anew:
            recount(state)
        return touched | _prepayments(state)
    if before != _worth(state):
        touched |= lay_anew(state, order)
    recount(state)
    return touched | set(state.subjects)


def _worth(state: PairState) -> list[object]:
    """What movements come to and where documents belong, under the contracts known."""
    found: list[object] = []
    for name, value in state.subjects.items():
        if type(value) is Movement:
            worth = valued(state, value.stated, [], [])
            found.append((name, worth.owed, worth.prices, worth.contract))
        elif type(value) is Document:
            found.append(plan_of(state, name, value))
    return found


def _prepayments(state: PairState) -> set[str]:
    return {
        name
        for name, value in state.subjects.items()
        if type(value) is Document and any(paper.prepaid for paper in value.stated)
    }
