"""Keeps the books of a pair: puts a document's money where it belongs, and takes it out again. Called by the rule.

Every function answers the touched subjects, or None where the pair has to be folded again, and then it has changed
nothing. What documents name is a set and commutes. Unnamed money depends on order: what comes late to it, or disturbs
what it was laid on, folds the pair again; in a pair that is whole in memory (a refold is) all is laid anew instead.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from rules.settlement.anew import lay_anew
from rules.settlement.documents import counted, taken_back
from rules.settlement.movements import shares_of
from rules.settlement.plans import Plan, plan_of
from rules.settlement.posting import link, money_order, moved, tell, without_empty
from rules.settlement.subjects import (
    NAMED,
    Document,
    Movement,
    PairState,
    Share,
    is_invoice,
    money_of,
)
from rules.settlement.traders import enter, is_undone, legs_of
from rules.settlement.unnamed import lay, open_movements

Order: TypeAlias = tuple[int, int]
IsNamed: TypeAlias = Callable[[str], bool]
_NO_PLAN: Final = Plan()
Plans: TypeAlias = dict[str, tuple[Plan, Plan]]  # What each changed document was, and is, to do.


def matters_late(state: PairState, order: Order) -> bool:
    """Whether a fact of this order comes too late for unnamed money that is laid or waits already."""
    if order > state.latest or not state.unnamed_lines():
        return False
    return order < state.latest and (order < state.pool().latest or bool(state.waiting))


def restate(
    state: PairState, name: str, edited: Document, order: Order, is_named: IsNamed
) -> set[str] | None:
    """Put a document with other statements in the place of the known one; payments that name an invoice follow it.

    `is_named` tells the subjects that the fact names: one of them that is not in memory does not exist.
    """
    if (touched := _first(state, name, edited, is_named)) is not None:
        return touched
    followers = edited.named_by if is_invoice(name) else []
    if not all(follower in state.subjects for follower in followers):
        return None
    previous = state.subjects.get(name)
    legs = legs_of(state, name, state.document(name)), legs_of(state, name, edited)
    if is_undone(*legs):
        return None
    plans = _exchange(state, name, edited, [name, *followers])
    touched = None
    if plans or not (matters_late(state, order) and _counts_otherwise(name, previous, edited)):
        touched = _carry_out(state, plans, order, is_named)
    if touched is not None:
        state.attach(name, state.subjects[name])
        return without_empty(state, touched | {name} | enter(state, *legs))
    if previous is None:
        del state.subjects[name]
    else:
        state.subjects[name] = previous
    return None


def _first(state: PairState, name: str, edited: Document, is_named: IsNamed) -> set[str] | None:
    """The ordinary path: a new document between the two, all of it named, on loads where no other of its kind lies.

    None, and nothing changed, in all other cases; it does what the general path would.
    """
    if name in state.subjects or edited.taken or len(edited.stated) != 1 or state.unnamed_lines():
        return None
    paper, pair = edited.stated[0], (state.origin, state.destination)
    if paper.payer not in pair or paper.payee not in pair:
        return None
    plan = plan_of(state, name, edited)
    if plan.unnamed or plan.flat:
        return None
    if not state.whole and not _all_here(state, {name: (_NO_PLAN, plan)}, is_named):
        return None
    bills = is_invoice(name)
    for subject in plan.named:
        known = state.subjects.get(subject)
        if type(known) is Movement and (known.bills if bills else known.pays):
            return None
    for subject, named in plan.named.items():
        movement = state.movement(subject)
        (movement.bills if bills else movement.pays).extend(named)
        if subject not in state.subjects:
            state.attach(subject, movement)
        edited.shares[subject] = shares_of(movement, bills=bills)[name]
    state.attach(name, edited)
    touched = {name, *plan.named}
    return touched | link(state, name, _NO_PLAN, plan) if plan.through else touched


def _exchange(state: PairState, name: str, edited: Document, names: list[str]) -> Plans:
    """Put the edited document in place; whose plans change by it, and how."""
    old = [plan_of(state, n, state.document(n)) for n in names]
    state.subjects[name] = edited
    new = [plan_of(state, n, state.document(n)) for n in names]
    return {n: (was, now) for n, was, now in zip(names, old, new, strict=True) if was != now}


def _counts_otherwise(name: str, known: object, edited: Document) -> bool:
    """Whether other statements count than before: then its money moved at another time, if not to another place."""
    if type(known) is not Document:
        return True
    papers = counted(name, known.stated) != counted(name, edited.stated)
    return papers or taken_back(known) != taken_back(edited)


def _carry_out(state: PairState, plans: Plans, order: Order, is_named: IsNamed) -> set[str] | None:
    if not plans:
        return set()
    unnamed = [name for name, (old, new) in plans.items() if old.unnamed != new.unnamed]
    if matters_late(state, order) or (unnamed and order < state.latest):
        return None
    if not state.whole and not _all_here(state, plans, is_named):
        return None
    edits = _edited_movements(state, plans)
    if any(plans[name][0].unnamed for name in unnamed) or _lies_unnamed(state, plans, edits):
        return lay_anew(state, order) if state.whole and order > state.latest else None
    touched = _post(state, plans, edits)
    if touched is None:
        return None
    for name, (old, new) in plans.items():
        shares = state.document(name).shares
        for subject in old.flat.keys() - new.flat.keys():
            del shares[subject]
        shares.update(new.flat)
        touched |= link(state, name, old, new)
    for name in unnamed:
        touched |= _lay(state, name, plans[name][1], order)
    return touched | set(plans)


def _all_here(state: PairState, plans: Plans, is_named: IsNamed) -> bool:
    """Whether no movement or invoice that the plans touch may have left memory."""
    for old, new in plans.values():
        if not all(map(is_named, old.unseen)) or not all(map(is_named, new.unseen)):
            return False
        for subject in old.named.keys() | new.named.keys():
            if subject not in state.subjects and not is_named(subject):
                return False
    return True


def _edited_movements(state: PairState, plans: Plans) -> dict[str, Movement]:
    """Copies of movements with the named money of the new plans on them."""
    edits: dict[str, Movement] = {}
    for name, (old, new) in plans.items():
        for subject in old.named.keys() | new.named.keys():
            if old.named.get(subject) == new.named.get(subject):
                continue
            edited = edits.setdefault(subject, _copy(state.movement(subject)))
            book = money_of(edited, name)
            book[:] = [money for money in book if money.document != name or money.laid != NAMED]
            if subject in new.named:
                book.extend(new.named[subject])
                book.sort(key=money_order)
    return edits


def _copy(known: Movement) -> Movement:
    return Movement(
        known.stated,
        known.owed,
        known.prices,
        known.contract,
        list(known.bills),
        list(known.pays),
        known.grams,
    )


def _lies_unnamed(state: PairState, plans: Plans, edits: dict[str, Movement]) -> bool:
    """Whether unnamed money lies where named money is to come or go: it then has to move on."""
    return any(
        money.laid != NAMED
        for name in plans
        for subject in edits
        for money in money_of(state.movement(subject), name)
    )


def _post(state: PairState, plans: Plans, edits: dict[str, Movement]) -> set[str] | None:
    """Put edited movements in place and tell the documents on them; None, and nothing changed, where one is away."""
    news: list[tuple[str, str, Share | None]] = []
    for subject, edited in edits.items():
        for bills in {is_invoice(name) for name in plans}:
            shares = shares_of(edited, bills=bills)
            away = [name for name in shares if name not in state.subjects]
            if away and not _is_same(state.movement(subject), shares, away, bills=bills):
                return None
            news += [(name, subject, share) for name, share in shares.items() if name not in away]
            gone = [name for name in plans if name not in shares and is_invoice(name) == bills]
            news += [(name, subject, None) for name in gone]
    for subject, edited in edits.items():
        state.attach(subject, edited)
    touched = set(edits)
    for name, subject, share in news:
        known = state.document(name).shares
        if known.get(subject) != share:
            touched.add(name)
            if share is None:
                del known[subject]
            else:
                known[subject] = share
    return touched


def _is_same(known: Movement, shares: dict[str, Share], away: list[str], *, bills: bool) -> bool:
    """Whether documents that are out of memory keep the shares that they have."""
    before = shares_of(known, bills=bills)
    return all(before.get(name) == shares[name] for name in away)


def _lay(state: PairState, name: str, plan: Plan, order: Order) -> set[str]:
    """Lay a document's unnamed money, which has just come."""
    document = state.document(name)
    document.unnamed = plan.unnamed
    laid: set[str] = set()
    for line in document.unnamed:
        laid |= lay(name, line, open_movements(state))
    state.attach(name, document)
    touched = moved(state, order, len(document.unnamed))
    for subject in laid:
        touched |= tell(state, subject, bills=is_invoice(name))
    return touched | laid
