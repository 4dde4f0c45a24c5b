"""How the money of a pair was matched, movement by movement and document by document, for the page and the API. Pure.

Every fen of a document is told once: on a movement or a flat price, or left, each with a word of `WHY`.
"""

from collections import defaultdict
from typing import Any, Final, TypeAlias

from rules.contract import State
from rules.settlement.documents import counted, direction, net_lines, taken_back
from rules.settlement.movements import need_of
from rules.settlement.subjects import (
    CLOSING,
    DIRECT,
    FROM_DEBTOR,
    LAID,
    NAMED,
    TO_CREDITOR,
    Document,
    Money,
    Movement,
    PairState,
    Trader,
    is_invoice,
)

Row: TypeAlias = dict[str, Any]
_SIDES: Final = ("origin", "destination")
# Why money lies where it does, and why it is left; docs/alerts.md and api.words say each in words.
WHY: Final = frozenset(
    {
        "named",  # Its line names the manifest.
        "through_invoice",  # The invoice that it names names the manifest.
        "in_order",  # It names no manifest and is laid on the oldest load not yet met.
        "in_order_to_the_end",  # As before, and near enough to the sum for the load to be met.
        "flat",  # A price by month or year, whatever the loads.
        "not_accepted",  # Left: the manifest it names has not been accepted.
        "no_load",  # Left: nothing of its scope is owed yet.
        "more_than_owed",  # Left: all that was owed is met.
        "deposit",  # Left: security, which pays for no movement.
        "outside",  # Left: it went neither from nor to either of the two.
    }
)


def explain(state: State[Any]) -> list[Row]:
    """Movements in memory by time of acceptance, once for each side that owes; documents; accounts outside the pair.

    A movement says `expected_fen` (None: no price known, or money does not follow loads), `invoiced_fen`, `paid_fen`
    (what the debtor sent or the creditor received, whichever is more), `reached_fen`, `left_fen` still to pay, and its
    `documents`: each with fen, instant and why it lies there. A document says what was stated, what was taken back,
    what of the rest met which movement (`matched`), and what is `left`, each with fen and why. An account says what it
    received, passed on and keeps, and whether a contract names it.
    """
    assert isinstance(state, PairState)
    movements = [(name, v) for name, v in state.subjects.items() if type(v) is Movement and v.stated]
    movements.sort(key=lambda item: (item[1].stated[0].at, item[1].stated[0].seq))
    rows = [row for name, movement in movements for row in _movement(state, name, movement)]
    laid = _laid(state)
    documents = [(name, v) for name, v in sorted(state.subjects.items()) if type(v) is Document and v.stated]
    rows += [_document(state, name, document, laid[name]) for name, document in documents]
    return rows + [_account(state, n, v) for n, v in sorted(state.subjects.items()) if type(v) is Trader]


# Movements


def _movement(state: PairState, name: str, movement: Movement) -> list[Row]:
    if movement.owed is None:
        sides = sorted({money.side for money in (*movement.bills, *movement.pays)}) or [0]
    else:
        sides = [side for side in (0, 1) if movement.owed[side] or _has(movement, side)]
    return [_side(state, name, movement, side) for side in sides]


def _has(movement: Movement, side: int) -> bool:
    return any(money.side == side for money in (*movement.bills, *movement.pays))


def _side(state: PairState, name: str, movement: Movement, side: int) -> Row:
    load = movement.stated[0]
    bills = [money for money in movement.bills if money.side == side]
    pays = [money for money in movement.pays if money.side == side]
    reached = _sum(pays, TO_CREDITOR)
    return {
        "subject": name,
        "accepted_at": load.at,
        "site": load.site,
        "accepted_g": sum(grams or 0 for _, grams, _ in load.lines),
        "bed_days": load.bed_days,
        "contract_no": movement.contract or None,
        "payer": _SIDES[side],
        "expected_fen": movement.owed[side] if movement.owed is not None else None,
        "invoiced_fen": _sum(bills, FROM_DEBTOR),
        "paid_fen": max(_sum(pays, FROM_DEBTOR), reached),
        "reached_fen": reached,
        "left_fen": need_of(movement, movement.pays, side, DIRECT),
        "documents": [_match(state, name, money) for money in (*bills, *pays)],
    }


def _sum(book: list[Money], role: int) -> int:
    return sum(money.fen for money in book if money.role & role)


def _match(state: PairState, movement: str, money: Money) -> Row:
    matched = "in order" if money.laid >= LAID else "by name"
    why = _why(state, movement, money)
    return {"document": money.document, "at": money.at, "fen": money.fen, "matched": matched, "why": why}


def _why(state: PairState, movement: str, money: Money) -> str:
    if money.laid != NAMED:
        return "in_order_to_the_end" if money.laid == CLOSING else "in_order"
    number = movement.partition(":")[2]
    papers = state.document(money.document).stated
    named = any(line.manifest == number for paper in papers for line in paper.lines)
    return "named" if named else "through_invoice"


# Documents


def _laid(state: PairState) -> dict[str, list[tuple[str, Money]]]:
    found: dict[str, list[tuple[str, Money]]] = defaultdict(list)
    for name, value in state.subjects.items():
        if type(value) is Movement:
            for money in (*value.bills, *value.pays):
                found[money.document].append((name, money))
    return found


def _document(state: PairState, name: str, document: Document, laid: list[tuple[str, Money]]) -> Row:
    papers = counted(name, document.stated)
    net = list(net_lines(name, document))
    matched = [_met(state, subject, document, money) for subject, money in laid]
    flat = [(due, share) for due, share in sorted(document.shares.items()) if due.startswith("contract:")]
    matched += [_row(due, share.fen, "flat", share.expected) for due, share in flat]
    left = [row for row in matched if row["why"] == "not_accepted"] + _left(state, document, net)
    return {
        "subject": name,
        "kind": "invoice" if is_invoice(name) else "payment",
        "at": papers[0].at,
        "payer_org": papers[0].payer,
        "payee_org": papers[0].payee,
        "stated_fen": sum(line.fen for paper in papers for line in paper.lines),
        "returned_fen": sum(line.fen for taken in taken_back(document) for line in taken.lines),
        "net_fen": sum(fen for *_, fen in net),
        "matched": [row for row in matched if row["why"] != "not_accepted"],
        "left": left,
        "left_fen": sum(row["fen"] for row in left if row["why"] != "more_than_owed"),
        "odd_fen": sum(row["fen"] for row in left if row["why"] == "more_than_owed"),
    }


def _row(subject: str | None, fen: int, why: str, expected: int | None = None) -> Row:
    return {"subject": subject, "fen": fen, "why": why, "expected_fen": expected}


def _met(state: PairState, subject: str, document: Document, money: Money) -> Row:
    share = document.shares.get(subject)
    if not state.movement(subject).stated:
        return _row(subject, money.fen, "not_accepted")
    return _row(subject, money.fen, _why(state, subject, money), share.expected if share else None)


def _left(state: PairState, document: Document, net: list[tuple[Any, Any, int]]) -> list[Row]:
    """What lies nowhere: waiting, more than was owed, a deposit, or money among others than the pair."""
    waiting = sum(line.left for line in document.unnamed)
    odd = sum(line.odd for line in document.unnamed)
    deposit = sum(fen for *_, fen in net) if document.stated[0].deposit else 0
    outside = 0 if deposit else sum(fen for paper, _, fen in net if direction(state, paper) is None)
    told = (("no_load", waiting), ("more_than_owed", odd), ("deposit", deposit), ("outside", outside))
    return [_row(None, fen, why) for why, fen in told if fen]


# Accounts outside the pair


def _account(state: PairState, name: str, trader: Trader) -> Row:
    org = name.partition(":")[2]
    received = sum(fen for fen, _ in trader.months.values())
    passed_on = sum(fen for _, fen in trader.months.values())
    named = any(org in terms.intermediaries for c in state.contracts.values() for terms in c.terms)
    return {
        "subject": name,
        "org": org,
        "received_fen": received,
        "passed_on_fen": passed_on,
        "kept_fen": received - passed_on,
        "declared": named,
    }
