"""What the law finds wrong with a pair's subjects, each from when until when; `at` plays no part in it. Used by the rule.

Readings (DESIGN 8): a term is over from 00:00 Beijing after its last day. More than what is owed shows at once, less
when the payment term is over; both against all movements that a document met. A correction, a refund or the rest of
the money ends it. The payment term is looked up by the region in the organisation's credit code where no site is known.
"""

from collections.abc import Iterable, Iterator

from models.alerts import AlertKind, Finding
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Law
from rules.settlement.contracts import named_parties
from rules.settlement.documents import counted, taken_back
from rules.settlement.masses import Facts, mass_differs, states_no_more, worth_g
from rules.settlement.subjects import FROM_DEBTOR, Document, PairState, is_invoice
from rules.settlement.terms import beyond, calendar_of_term, term_over


def document_findings(state: PairState, name: str, document: Document, law: Law) -> Iterable[Finding]:
    """Of an invoice: its amount. Of a payment: its amount, its movement and its parties."""
    if not document.stated or _is_plain(state, name, document):
        return ()
    return _findings(state, name, document, law)


def _findings(state: PairState, name: str, document: Document, law: Law) -> Iterator[Finding]:
    papers = counted(name, document.stated)
    known = Facts(state, name, document, papers)
    if (finding := _amount_differs(known, law)) is not None:
        yield finding
    if is_invoice(name):
        if (finding := mass_differs(known, law)) is not None:
            yield finding
        return
    if (finding := _without_movement(known, law)) is not None:
        yield finding
    if (finding := _wrong_party(known)) is not None:
        yield finding


def _is_plain(state: PairState, name: str, document: Document) -> bool:
    """The ordinary case, in which nothing can be found: stated once, between the two, met in full when it came."""
    if len(document.stated) != 1 or document.taken or document.unnamed:
        return False
    paper, pair = document.stated[0], (state.origin, state.destination)
    if paper.payer not in pair or paper.payee not in pair:
        return False
    for share in document.shares.values():
        if share.counted != share.claimed or share.moved_at is None or share.moved_at > paper.at:
            return False
    return not is_invoice(name) or states_no_more(document)


# Amounts


def _amount_differs(known: Facts, law: Law) -> Finding | None:
    """What the document brought, against what it was to meet; unnamed money beyond that is too much."""
    if not known.judged:
        return None
    expected = sum(share.expected or 0 for share in known.judged)
    difference = sum(share.counted - share.claimed for share in known.judged) + _unmet(known)
    if not difference and not known.document.taken:
        return None
    if difference < 0 and (short := _too_little(known, law, expected, difference)) is not None:
        return short
    return _too_much(known, law, expected, difference)


def _unmet(known: Facts) -> int:
    is_bill = is_invoice(known.name)
    return sum(
        line.odd + line.left for line in known.document.unnamed if not is_bill or line.role & FROM_DEBTOR
    )


def _kind(known: Facts) -> AlertKind:
    return AlertKind.INVOICE_AMOUNT_DIFFERS if is_invoice(known.name) else AlertKind.PAYMENT_AMOUNT_DIFFERS


def _amounts(known: Facts, expected: int, difference: int) -> dict[str, int | str]:
    brought = "invoiced_fen" if is_invoice(known.name) else "paid_fen"
    amounts: dict[str, int | str] = {
        "expected_fen": expected,
        brought: expected + difference,
        "difference_fen": difference,
        "risk_fen": abs(difference),
    }
    accepted = sum(share.grams for share in known.judged)
    if accepted and expected:
        amounts |= worth_g(is_invoice(known.name), accepted, expected, difference)
    if known.contracts:
        amounts["contract_no"] = known.contracts[0]
    return amounts


def _too_little(known: Facts, law: Law, expected: int, difference: int) -> Finding | None:
    """From the end of the payment term of the last movement that is short."""
    moved = [share.moved_at for share in known.judged if share.short and share.moved_at is not None]
    ends = [(term_over(law, LimitName.PAYMENT_TERM, known.region, at) or 0, at) for at in moved]
    if not beyond(law, known.region, known.at, difference, expected):
        return None
    over_at, moved_at = max(ends, default=(0, 0))
    if not over_at:
        return None
    amounts = _amounts(known, expected, difference)
    amounts |= calendar_of_term(law, LimitName.PAYMENT_TERM, known.region, moved_at)
    return known.finding(_kind(known), max(known.at, over_at), None, amounts)


def _too_much(known: Facts, law: Law, expected: int, difference: int) -> Finding | None:
    """From when the first movement stood against it; a declared prepayment from the end of its contract."""

    def is_beyond(amount: int) -> bool:
        at, region = known.at, known.region
        return amount > 0 and beyond(law, region, at, amount, expected)

    since = max(known.at, min(share.moved_at for share in known.judged if share.moved_at is not None))
    if (contract_end := known.prepaid_until()) is not None:
        since = max(since, contract_end)
    back = _still_to_come_back(known)
    gross = difference + sum(fen for _, fen in back)
    if not is_beyond(gross) or (back and not known.net_fen):
        return None
    until, amount = None, gross
    for at, fen in back:
        amount -= fen
        if not is_beyond(amount):
            until = at
            break
    if until is not None and until <= since:
        return None
    shown = difference if until is None else gross
    return known.finding(_kind(known), since, until, _amounts(known, expected, shown))


def _still_to_come_back(known: Facts) -> list[tuple[int, int]]:
    """What red invoices and refunds took back, and when: until then it was there."""
    return [(taken.at, sum(line.fen for line in taken.lines)) for taken in taken_back(known.document)]


# Movement


def _without_movement(known: Facts, law: Law) -> Finding | None:
    """Money that nothing moved against in its term; until something does, or it is refunded."""
    waiting = _waiting(known)
    until = None if waiting else _moved_at(known)
    if not waiting and (until is None or until <= known.at):
        return None
    ends = known.prepaid_until()
    over_at = term_over(law, LimitName.MOVEMENT_TERM, known.region, known.at)
    if ends is not None:
        over_at = max(ends, known.at)
    if over_at is None or (until is not None and until <= over_at):
        return None
    net = known.net_fen
    amounts: dict[str, int | str] = {
        "paid_fen": net,
        "waiting_fen": waiting,
        "limit_at": over_at,
        "risk_fen": waiting or net,
    }
    if ends is None:
        amounts |= calendar_of_term(law, LimitName.MOVEMENT_TERM, known.region, known.at)
    if stated := known.stated_g:
        amounts["risk_g"] = stated
    if known.contracts:
        amounts["contract_no"] = known.contracts[0]
    return known.finding(AlertKind.PAYMENT_WITHOUT_MOVEMENT, over_at, until, amounts)


def _waiting(known: Facts) -> int:
    """Money for movements not yet accepted; unnamed money too where the payment met nothing.

    Where there are movements without a price, unnamed money may be for them.
    """
    named = sum(share.fen for share in known.document.shares.values() if share.moved_at is None)
    if known.matched or known.state.pool().unpriced:
        return named
    return named + sum(line.left for line in known.document.unnamed)


def _moved_at(known: Facts) -> int | None:
    """When the last of the money had a movement against it: the first movement for unnamed money, all for named."""
    shares = known.document.shares.values()
    if any(share.moved_at is None for share in shares):
        return known.taken_back_at()
    instants = [share.moved_at for share in shares if share.moved_at is not None]
    if not instants:
        return None
    return min(instants) if known.document.unnamed else max(instants)


# Parties


def _wrong_party(known: Facts) -> Finding | None:
    """Payer or payee is neither of the pair nor an intermediary of the contract; until all is refunded."""
    pair = {known.state.origin, known.state.destination}
    if all(paper.payer in pair and paper.payee in pair for paper in known.papers):
        return None
    strangers = []
    priced_by = [share.contract for share in known.document.shares.values() if share.contract]
    for paper in known.papers:
        order = (paper.at, paper.seq)
        allowed = named_parties(known.state, known.contracts + priced_by, beijing_date(paper.at), order)
        strangers += [org for org in (paper.payer, paper.payee) if org not in allowed]
    if not strangers:
        return None
    net = known.net_fen
    until = None if net else known.taken_back_at()
    if until is not None and until <= known.at:
        return None
    amounts: dict[str, int | str] = {
        "paid_fen": net,
        "strangers": ", ".join(sorted(set(strangers))),
        "risk_fen": net,
    }
    if stated := known.stated_g:
        amounts["risk_g"] = stated
    return known.finding(AlertKind.PAYMENT_WRONG_PARTY, known.at, until, amounts)
