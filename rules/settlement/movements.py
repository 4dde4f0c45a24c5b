"""What lies on a movement: how much of it is still to be met, and what each document has to do with it. Pure sums."""

from collections.abc import Iterable
from typing import Final

from rules.settlement.subjects import CLOSING, DIRECT, FROM_DEBTOR, TO_CREDITOR, Money, Movement, Share

# How near a sum must be to be taken for what is owed: a reading of the matching, not a limit of the law.
NEAR_PERMILLE: Final = 50
# An intermediary keeps a margin: money that it passes on settles what it reaches from half of the sum.
PASSED_ON_PERMILLE: Final = 500


def is_near(difference: int, whole: int) -> bool:
    """Whether a shortage (or any lower sum) is small against the whole."""
    return difference * 1000 <= NEAR_PERMILLE * whole


def closes(short: int, claimed: int, role: int, need: int) -> bool:
    """Whether unnamed money that ends `short` of a need, after claiming so much in all, still settles it."""
    if is_near(short, claimed):
        return True
    return role == TO_CREDITOR and short * 1000 <= PASSED_ON_PERMILLE * need


def need_of(movement: Movement, book: Iterable[Money], side: int, role: int) -> int:
    """What money of this side and role could still meet, in fen; nothing where it is met nearly enough."""
    expected = movement.owed[side] if movement.owed is not None else 0
    if not expected:
        return 0
    sent = received = 0
    for money in book:
        if money.side == side:
            if money.laid == CLOSING and money.role & role:
                return 0
            sent += money.fen * (money.role & FROM_DEBTOR)
            received += money.fen * (money.role >> 1)
    got = max(sent * (role & FROM_DEBTOR), received * (role >> 1))
    need = expected - got
    return 0 if is_near(need, expected) else need


def is_unpaid(movement: Movement) -> bool:
    """Whether unnamed money may still come here: it is not paid, or what was paid has not reached the creditor."""
    if movement.owed is None:
        return False
    for side in (0, 1):
        if movement.owed[side]:
            if need_of(movement, movement.pays, side, DIRECT):
                return True
            sent = any(money.side == side and money.role & FROM_DEBTOR for money in movement.pays)
            if sent and need_of(movement, movement.pays, side, TO_CREDITOR):
                return True
    return False


def shares_of(movement: Movement, *, bills: bool) -> dict[str, Share]:
    """What each invoice, or each payment, has to do with this movement, from its money, which is kept in order."""
    book = movement.bills if bills else movement.pays
    if not book:
        return {}
    if not movement.stated or movement.owed is None:
        moved_at = movement.stated[0].at if movement.stated else None
        sums: dict[str, int] = {}
        for money in book:
            sums[money.document] = sums.get(money.document, 0) + money.fen
        contract, grams = movement.contract, movement.grams
        return {name: Share(moved_at, fen, None, 0, 0, False, contract, grams) for name, fen in sums.items()}
    if len(book) == 1:
        return {book[0].document: _alone(book[0], movement, movement.owed[book[0].side], bills)}
    found: dict[str, Share] = {}
    for side in (0, 1):
        if ours := [money for money in book if money.side == side]:
            _side(ours, movement, movement.owed[side], bills, found)
    return found


def _alone(money: Money, movement: Movement, expected: int, bills: bool) -> Share:
    """The share of a document that lies on a movement alone: what `_side` says of one."""
    counted = money.fen if money.role & FROM_DEBTOR or not bills else 0
    short = 0 < counted < expected
    claimed = expected if short else min(counted, expected)
    moved_at = movement.stated[0].at
    return Share(moved_at, money.fen, expected, claimed, counted, short, movement.contract, movement.grams)


def _side(book: list[Money], movement: Movement, expected: int, bills: bool, found: dict[str, Share]) -> None:
    """Run along the money of one side.

    Paid is what the debtor sent or what reached the creditor, whichever is more, so that money passed on by an
    intermediary is not counted twice; billed is what the debtor was asked for. A document claims what it meets, and
    all that was left where it is the last and leaves the movement short.
    """
    steps = _steps(book, bills)
    total = sum(counted for *_, counted in steps)
    last = -1
    if total < expected:
        last = max((i for i, step in enumerate(steps) if step[3]), default=-1)
    moved_at, contract = movement.stated[0].at, movement.contract
    for i, (name, fen, before, counted) in enumerate(steps):
        need = max(0, expected - before)
        claimed = need if i == last else min(counted, need)
        share = Share(moved_at, fen, expected, claimed, counted, i == last, contract, movement.grams)
        found[name] = _sum(found[name], share) if name in found else share


def _steps(book: list[Money], bills: bool) -> list[tuple[str, int, int, int]]:
    """Document by document, each with all its money where its first lies: its fen, what was billed or paid before it,
    and by how much it raises that.
    """
    by_document: dict[str, list[Money]] = {}
    for money in book:
        by_document.setdefault(money.document, []).append(money)
    sent = received = total = 0
    steps: list[tuple[str, int, int, int]] = []
    for name, own in by_document.items():
        fen = 0
        for money in own:
            fen += money.fen
            sent += money.fen * (money.role & FROM_DEBTOR)
            received += money.fen * (money.role >> 1)
        reached = sent if bills else max(sent, received)
        steps.append((name, fen, total, reached - total))
        total = reached
    return steps


def _sum(one: Share, other: Share) -> Share:
    """A document on both sides of one movement (two sellers under one number)."""
    return Share(
        one.moved_at,
        one.fen + other.fen,
        (one.expected or 0) + (other.expected or 0),
        one.claimed + other.claimed,
        one.counted + other.counted,
        one.short or other.short,
        one.contract,
        one.grams,
    )
