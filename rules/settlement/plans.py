"""Where the money of a document belongs by what it names, before anything is laid: manifests, a flat price, or nothing."""

from collections.abc import Iterator

import msgspec

from models.exact import beijing_date
from rules.settlement.contracts import agreed, flat_fen, flat_price, only_by_period
from rules.settlement.documents import counted, direction, net_lines
from rules.settlement.subjects import (
    FROM_DEBTOR,
    Document,
    Line,
    Money,
    PairState,
    Paper,
    Price,
    Share,
    Unnamed,
    is_invoice,
)


class Plan(msgspec.Struct, gc=False):
    """Money by the movement it names, unnamed money, shares of flat contracts, invoices it came by; `unseen` of them.

    Of a number that two sellers issued each has money of its own, since each may be about the other side's debt.
    """

    named: dict[str, list[Money]] = {}
    unnamed: list[Unnamed] = []
    flat: dict[str, Share] = {}
    through: set[str] = set()
    unseen: set[str] = set()


def plan_of(state: PairState, name: str, document: Document) -> Plan:
    """The plan of a document, given contracts and invoices as known. A deposit pays for nothing."""
    plan = Plan()
    if not document.stated or document.stated[0].deposit:
        return plan
    if (
        len(document.stated) == 1 and not document.taken
    ):  # The ordinary case: nothing to leave out or to take off.
        paper = document.stated[0]
        if (way := direction(state, paper)) is not None:
            for line in paper.lines:
                _place(state, plan, name, paper, line, line.fen, way)
        return plan
    for paper, line, fen in net_lines(name, document):
        way = direction(state, paper)
        if way is not None:
            _place(state, plan, name, paper, line, fen, way)
    return plan


def _place(
    state: PairState, plan: Plan, name: str, paper: Paper, line: Line, fen: int, way: tuple[int, int]
) -> None:
    """By the flat price; else by manifest; else by what the invoice names; else it is unnamed."""
    periodic = False
    if state.has_periods:
        agreements = agreed(state, line.contract, beijing_date(paper.at))
        if (flat := flat_price(agreements, line.code)) is not None:
            _flat(plan, name, paper, fen, way, *flat)
            return
        periodic = only_by_period(agreements)
    if line.manifest and not periodic:
        _named(plan, name, paper, line.manifest, fen, way)
        return
    parts = [(line, fen)] if is_invoice(name) or not line.invoice else _through(state, plan, line, fen)
    for part, share in parts:
        if part.manifest and not periodic:
            _named(plan, name, paper, part.manifest, share, way)
        else:
            _unnamed(plan, paper, part, share, way)


def _named(plan: Plan, name: str, paper: Paper, manifest: str, fen: int, way: tuple[int, int]) -> None:
    known = plan.named.setdefault(f"manifest:{manifest}", [])
    if known and known[-1].seq == paper.seq:
        fen += known.pop().fen
    known.append(Money(paper.at, paper.seq, name, fen, way[0], way[1]))


def _unnamed(plan: Plan, paper: Paper, line: Line, fen: int, way: tuple[int, int]) -> None:
    """Lines of one scope are one sum: a weekly bill is compared as a whole."""
    for known in plan.unnamed:
        if (known.seq, known.contract, known.code) == (paper.seq, line.contract, line.code):
            known.fen += fen
            known.left += fen
            return
    plan.unnamed.append(Unnamed(paper.at, paper.seq, way[0], way[1], line.contract, line.code, fen, fen))


def _flat(
    plan: Plan, name: str, paper: Paper, fen: int, way: tuple[int, int], contract: str, price: Price
) -> None:
    """A flat price is owed for a whole number of months, at least one: the nearest is what the money is held against."""
    scope = price.code or price.category
    subject = f"contract:{contract}/{scope}" if scope else f"contract:{contract}"
    known = plan.flat.get(subject)
    fen += known.fen if known is not None else 0
    counts = not is_invoice(name) or way[1] & FROM_DEBTOR
    expected = flat_fen(price, fen) if fen else 0
    plan.flat[subject] = Share(
        paper.at,
        fen,
        expected,
        expected if counts else 0,
        fen if counts else 0,
        bool(counts and fen < expected),
    )


def _through(state: PairState, plan: Plan, line: Line, fen: int) -> Iterator[tuple[Line, int]]:
    """A payment's line spread over what its invoice names, in proportion to the invoice's lines as issued."""
    subject = f"invoice:{line.invoice}"
    plan.through.add(subject)
    found = state.subjects.get(subject)
    if type(found) is not Document:
        plan.unseen.add(subject)
    papers = counted(subject, found.stated) if type(found) is Document else []
    theirs = [part for paper in papers for part in paper.lines]
    whole = sum(part.fen for part in theirs)
    if not whole or not any(part.manifest for part in theirs):
        yield line, fen
        return
    done = spent = 0
    for part in theirs:
        done += part.fen
        share = fen * done // whole - spent
        spent += share
        yield Line(share, line.contract or part.contract, part.manifest, "", line.code or part.code), share
