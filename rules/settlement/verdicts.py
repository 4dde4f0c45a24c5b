"""What the law finds wrong with a pair's subjects, each from when until when; `at` plays no part in it. Used by the rule.

Readings (DESIGN 8): a term is over from 00:00 Beijing after its last day. More than what is owed shows at once, less
when the payment term is over; both against all movements that a document met. A correction, a refund or the rest of
the money ends it. The payment term is looked up by the region in the organisation's credit code where no site is known.
"""

from collections.abc import Iterator
from typing import Final

from models.alerts import AlertKind, Finding
from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.facts.law import LimitName, Unit
from models.law import Case, Law
from rules.settlement.contracts import named_parties, prepaid_until
from rules.settlement.documents import counted, net_lines, taken_back
from rules.settlement.subjects import FROM_DEBTOR, Document, PairState, Paper, is_invoice

_UNKNOWN: Final = object()


def term_over(law: Law, name: LimitName, region: str, start: int) -> int | None:
    """The instant at which a term is over, worked out once a day and region; None where no policy speaks."""
    key = ("settlement", name, region, (start + BEIJING_OFFSET_US) // DAY_US)
    known = law.memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        limit = law.limit(name, Case(region=region), beijing_date(start))
        by_hours = limit is not None and limit.unit is Unit.HOURS
        known = law.memo[key] = (
            None if limit is None else (law.deadline(start, limit) - (start if by_hours else 0), by_hours)
        )
    if known is None:
        return None
    over_at: int = known[0] + (start if known[1] else 0)
    return over_at


def permille_of(law: Law, name: LimitName, region: str, at: int) -> int | None:
    """A share that is in force on a day in a region, worked out once; None where no policy speaks."""
    key = ("settlement", name, region, (at + BEIJING_OFFSET_US) // DAY_US)
    known = law.memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        limit = law.limit(name, Case(region=region), beijing_date(at))
        known = law.memo[key] = limit.value if limit is not None else None
    found: int | None = known
    return found


def beyond(law: Law, region: str, at: int, difference: int, whole: int) -> bool:
    """Whether a difference is more than the tolerated share of a whole; without policy nothing is."""
    permille = permille_of(law, LimitName.AMOUNT_TOLERANCE, region, at)
    return permille is not None and abs(difference) * 1000 > permille * whole


def document_findings(state: PairState, name: str, document: Document, law: Law) -> Iterator[Finding]:
    """Of an invoice: its amount. Of a payment: its amount, its movement and its parties."""
    papers = counted(name, document.stated)
    if not papers:
        return
    known = Facts(state, name, document, papers)
    if (finding := _amount_differs(known, law)) is not None:
        yield finding
    if is_invoice(name):
        return
    if (finding := _without_movement(known, law)) is not None:
        yield finding
    if (finding := _wrong_party(known)) is not None:
        yield finding


class Facts:
    """A document with what its verdicts ask for."""

    def __init__(self, state: PairState, name: str, document: Document, papers: list[Paper]) -> None:
        self.state, self.name, self.document, self.papers = state, name, document, papers
        self.at = papers[0].at
        self.region = state.origin[2:8]
        self.matched = [s for s in document.shares.values() if s.moved_at is not None]
        self.judged = [s for s in self.matched if s.expected is not None]

    @property
    def parties(self) -> tuple[str, ...]:
        """The pair, and whoever pays or is paid."""
        parties = {self.state.origin, self.state.destination}
        parties.update(org for paper in self.papers for org in (paper.payer, paper.payee))
        return tuple(sorted(parties))

    @property
    def net_fen(self) -> int:
        """What is left of the document."""
        return sum(fen for _, _, fen in net_lines(self.name, self.document))

    @property
    def contracts(self) -> list[str]:
        """The contracts that its lines name."""
        return sorted({line.contract for paper in self.papers for line in paper.lines if line.contract})

    def finding(
        self, kind: AlertKind, since: int, until: int | None, amounts: dict[str, int | str]
    ) -> Finding:
        """A finding about this document."""
        return Finding(kind, self.name, since, until, amounts, self.region, self.parties)

    def taken_back_at(self) -> int | None:
        """When the last of it was taken back."""
        return max((taken.at for taken in taken_back(self.document)), default=None)

    def prepaid_until(self) -> int | None:
        """When the contract of a declared prepayment ends."""
        first = self.papers[0]
        if not first.prepaid:
            return None
        order = (first.at, first.seq)
        return prepaid_until(self.state, self.contracts, beijing_date(first.at), order)


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
    }
    if known.contracts:
        amounts["contract_no"] = known.contracts[0]
    return amounts


def _too_little(known: Facts, law: Law, expected: int, difference: int) -> Finding | None:
    """From the end of the payment term of the last movement that is short."""
    ends = [
        term_over(law, LimitName.PAYMENT_TERM, known.region, share.moved_at)
        for share in known.judged
        if share.short and share.moved_at is not None
    ]
    if not beyond(law, known.region, known.at, difference, expected):
        return None
    if not ends or (over_at := max((end for end in ends if end is not None), default=None)) is None:
        return None
    return known.finding(_kind(known), max(known.at, over_at), None, _amounts(known, expected, difference))


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
    amounts: dict[str, int | str] = {"paid_fen": net, "waiting_fen": waiting, "limit_at": over_at}
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
    amounts: dict[str, int | str] = {"paid_fen": net, "strangers": ", ".join(sorted(set(strangers)))}
    return known.finding(AlertKind.PAYMENT_WRONG_PARTY, known.at, until, amounts)
