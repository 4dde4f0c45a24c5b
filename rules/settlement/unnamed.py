"""Unnamed money: laid on the oldest movements of its scope that are not met. Used by books alone.

Money that finds something owed when it comes is laid on the oldest first. Where it ends near a whole number of
movements (NEAR_PERMILLE of all it claimed), the last is met and the odd fen are done with; otherwise the last is met in
part. A payment that finds nothing owed waits, and is laid on movements as they come until it is used up; an invoice
that was ahead is done with the first.
"""

from collections.abc import Iterable, Iterator

from rules.settlement.movements import closes, is_near, is_unpaid, need_of
from rules.settlement.subjects import (
    CLOSING,
    LAID,
    Document,
    Money,
    Movement,
    PairState,
    Unnamed,
    is_invoice,
    money_of,
)


def open_movements(state: PairState) -> Iterator[tuple[str, Movement]]:
    """Movements in memory that unnamed money may come to, the oldest first; looked at only as far as money reaches.

    One that is met leaves the queue: whatever may open it again attaches it anew.
    """
    queue, at = state.accepted(), 0
    while at < len(queue):
        name = queue[at][2]
        movement = state.movement(name)
        if is_unpaid(movement):
            at += 1
            yield name, movement
        else:
            del queue[at], state.placed[name]


def _in_scope(line: Unnamed, movement: Movement) -> bool:
    if line.contract and line.contract != movement.contract:
        return False
    return not line.code or any(code == line.code for code, *_ in movement.stated[0].lines)


def _take(name: str, line: Unnamed, movement: Movement, need: int) -> None:
    fen = min(need, line.left)
    line.left -= fen
    line.claimed += need
    short = need - fen
    laid = CLOSING if short and closes(short, line.claimed, line.role, need) else LAID
    money_of(movement, name).append(Money(line.at, line.seq, name, fen, line.side, line.role, laid))


def lay(name: str, line: Unnamed, movements: Iterable[tuple[str, Movement]]) -> set[str]:
    """Lay money that has come on what is owed, the oldest first; the movements it was laid on."""
    touched: set[str] = set()
    for subject, movement in movements:
        if not line.left:
            break
        if not _in_scope(line, movement):
            continue
        need = need_of(movement, money_of(movement, name), line.side, line.role)
        if not need:
            continue
        if need > line.left and line.claimed and is_near(line.left, line.claimed):
            break
        _take(name, line, movement, need)
        touched.add(subject)
    if line.claimed:
        line.odd, line.left = line.odd + line.left, 0
    return touched


def offer(state: PairState, movement: Movement) -> set[str]:
    """Offer a movement that has come to money that waits, the oldest first; the documents that were laid on it."""
    touched: set[str] = set()
    for name, line in waiting_lines(state):
        if not _in_scope(line, movement):
            continue
        need = need_of(movement, money_of(movement, name), line.side, line.role)
        if not need:
            continue
        _take(name, line, movement, need)
        touched.add(name)
        if is_invoice(name) or is_near(line.left, need):
            line.odd, line.left = line.odd + line.left, 0
    return touched


def waiting_lines(state: PairState) -> list[tuple[str, Unnamed]]:
    """Lines of money that wait, the oldest first."""
    found: list[tuple[int, int, int, str, Unnamed]] = []
    for name in state.waiting:
        document = state.subjects[name]
        if type(document) is Document:
            found.extend(
                (line.at, line.seq, i, name, line) for i, line in enumerate(document.unnamed) if line.left
            )
    found.sort(key=lambda item: (item[0], item[1], item[3], item[2]))
    return [(name, line) for _, _, _, name, line in found]
