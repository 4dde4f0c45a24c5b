"""How the money of a pair was matched, acceptance by acceptance, for the settlement page and the API. Pure."""

from typing import Any

from rules.contract import State
from rules.settlement.movements import need_of
from rules.settlement.subjects import (
    DIRECT,
    FROM_DEBTOR,
    LAID,
    TO_CREDITOR,
    Document,
    Money,
    Movement,
    is_invoice,
)

_SIDES = ("origin", "destination")


def explain(state: State[Any]) -> list[dict[str, Any]]:
    """Every movement in memory by time of acceptance, once for each side that owes; then documents with money left.

    A movement says `expected_fen` (None: no price known, or money does not follow mass), `invoiced_fen`, `paid_fen`
    (what the debtor sent or the creditor received, whichever is more), `reached_fen`, `left_fen` still to pay, and its
    `documents`: each with fen, instant and how it was matched (named, or laid in order). A document says `left_fen`.
    """
    movements = [(name, v) for name, v in state.subjects.items() if type(v) is Movement and v.stated]
    movements.sort(key=lambda item: (item[1].stated[0].at, item[1].stated[0].seq))
    rows = [row for name, movement in movements for row in _movement(name, movement)]
    documents = [(name, v) for name, v in sorted(state.subjects.items()) if type(v) is Document and v.stated]
    return rows + [row for name, document in documents if (row := _document(name, document)) is not None]


def _movement(name: str, movement: Movement) -> list[dict[str, Any]]:
    if movement.owed is None:
        sides = sorted({money.side for money in (*movement.bills, *movement.pays)}) or [0]
    else:
        sides = [side for side in (0, 1) if movement.owed[side] or _has(movement, side)]
    return [_side(name, movement, side) for side in sides]


def _has(movement: Movement, side: int) -> bool:
    return any(money.side == side for money in (*movement.bills, *movement.pays))


def _side(name: str, movement: Movement, side: int) -> dict[str, Any]:
    load = movement.stated[0]
    bills = [money for money in movement.bills if money.side == side]
    pays = [money for money in movement.pays if money.side == side]
    reached = _sum(pays, TO_CREDITOR)
    return {
        "subject": name,
        "accepted_at": load.at,
        "site": load.site,
        "accepted_g": sum(grams or 0 for _, grams in load.lines),
        "bed_days": load.bed_days,
        "contract_no": movement.contract or None,
        "payer": _SIDES[side],
        "expected_fen": movement.owed[side] if movement.owed is not None else None,
        "invoiced_fen": _sum(bills, FROM_DEBTOR),
        "paid_fen": max(_sum(pays, FROM_DEBTOR), reached),
        "reached_fen": reached,
        "left_fen": need_of(movement, movement.pays, side, DIRECT),
        "documents": [_match(money) for money in (*bills, *pays)],
    }


def _sum(book: list[Money], role: int) -> int:
    return sum(money.fen for money in book if money.role & role)


def _match(money: Money) -> dict[str, Any]:
    matched = "in order" if money.laid >= LAID else "by name"
    return {"document": money.document, "at": money.at, "fen": money.fen, "matched": matched}


def _document(name: str, document: Document) -> dict[str, Any] | None:
    """A document whose money waits for a movement, or found nothing more to meet."""
    waiting = sum(share.fen for share in document.shares.values() if share.moved_at is None)
    left = waiting + sum(line.left for line in document.unnamed)
    odd = sum(line.odd for line in document.unnamed)
    if not left and not odd:
        return None
    kind = "invoice" if is_invoice(name) else "payment"
    return {"subject": name, "kind": kind, "at": document.stated[0].at, "left_fen": left, "odd_fen": odd}
