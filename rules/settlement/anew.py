"""Does all matching of a pair again from its statements; for a pair that is whole in memory. Used by books and loads."""

from rules.settlement.movements import is_unpaid
from rules.settlement.plans import Plan, plan_of
from rules.settlement.posting import is_unpriced, link, tell, valued, without_empty
from rules.settlement.subjects import POOL, Document, Movement, PairState, Pool, money_of
from rules.settlement.unnamed import lay, offer

_NO_PLAN = Plan()


def lay_anew(state: PairState, order: tuple[int, int]) -> set[str]:
    """Named money first, all that is known of it; then unnamed money and movements in the order in which they came.

    `order` is that of the fact that asked for it: what is older than this comes too late from now on.
    """
    before = set(state.subjects)
    documents = {name: value for name, value in state.subjects.items() if type(value) is Document}
    movements = {name: value for name, value in state.subjects.items() if type(value) is Movement}
    for name, movement in movements.items():
        state.attach(name, valued(state, movement.stated, [], []))
    for name, document in documents.items():
        document.named_by, document.shares, document.unnamed = [], {}, []
        state.attach(name, document)
    plans = {name: plan_of(state, name, document) for name, document in documents.items()}
    for name, plan in plans.items():
        _name(state, name, documents[name], plan)
    _replay(state, documents, plans)
    _count(state, [(line.at, line.seq) for plan in plans.values() for line in plan.unnamed], order)
    for name in [name for name, value in state.subjects.items() if type(value) is Movement]:
        tell(state, name, bills=True)
        tell(state, name, bills=False)
    return without_empty(state, before | set(state.subjects) | {POOL})


def _name(state: PairState, name: str, document: Document, plan: Plan) -> None:
    document.shares = dict(plan.flat)
    for subject, named in plan.named.items():
        movement = state.movement(subject)
        money_of(movement, name).extend(named)
        state.attach(subject, movement)
    link(state, name, _NO_PLAN, plan)


def _replay(state: PairState, documents: dict[str, Document], plans: dict[str, Plan]) -> None:
    came = [
        (value.stated[0].at, value.stated[0].seq, name)
        for name, value in state.subjects.items()
        if type(value) is Movement and value.stated
    ]
    paid = {(line.at, line.seq, name) for name, plan in plans.items() for line in plan.unnamed}
    here: list[tuple[str, Movement]] = []
    for at, seq, name in sorted([*came, *paid]):
        document = documents.get(name)
        if document is None:
            movement = state.movement(name)
            here.append((name, movement))
            for other in offer(state, movement):
                state.attach(other, documents[other])
            continue
        for line in plans[name].unnamed:
            if (line.at, line.seq) == (at, seq):
                lay(name, line, [(n, m) for n, m in here if is_unpaid(m)])
                document.unnamed.append(line)
        state.attach(name, document)


def _count(state: PairState, lines: list[tuple[int, int]], order: tuple[int, int]) -> None:
    unpriced = sum(type(value) is Movement and is_unpriced(value) for value in state.subjects.values())
    latest = max([order, *lines]) if lines else (0, 0)
    state.attach(POOL, Pool(len(lines), latest, unpriced))
