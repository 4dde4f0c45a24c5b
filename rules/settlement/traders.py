"""What goes through somebody outside the pair: money received, money passed on, and what is kept. Used by books, the rule.

A payment whose payee is outside the pair is money received there, one whose payer is outside is money passed on, both
less what was refunded; so a chain of go-betweens is an account for each of them. What an account keeps is read by the
calendar month (Beijing): of what came in up to the end of a month, the share of the policy may be missing at the end of
the next month; what is passed on later counts from the first instant of the month in which it was. Accounts are sums,
so that they grow by the month and not by the payment.
"""

from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.exact import beijing_date, beijing_midnight
from models.facts.law import LimitName
from models.law import Law
from rules.settlement.documents import net_lines
from rules.settlement.subjects import Document, PairState, Trader, is_invoice
from rules.settlement.terms import permille_of

_PREFIX: Final = "trader:"
_MONTHS_TO_PASS_ON: Final = 2  # From the month of receipt to the one from which what is missing counts.


class Leg(NamedTuple):
    """One payment as an account outside the pair sees it."""

    at: int
    received_fen: int
    passed_on_fen: int
    receives: bool
    passes_on: bool


Legs = dict[str, Leg]


def legs_of(state: PairState, name: str, document: Document | None) -> Legs:
    """The accounts outside the pair that a payment concerns; none where it stays between the two, as nearly all do."""
    if document is None or not document.stated or is_invoice(name):
        return {}
    paper = document.stated[0]
    pair = (state.origin, state.destination)
    if (paper.payer in pair and paper.payee in pair) or paper.deposit:
        return {}
    net = sum(fen for _, _, fen in net_lines(name, document))
    found: Legs = {}
    for org in {paper.payer, paper.payee}.difference(pair):
        receives, passes_on = paper.payee == org, paper.payer == org
        found[org] = Leg(paper.at, net * receives, net * passes_on, receives, passes_on)
    return found


def is_undone(old: Legs, new: Legs) -> bool:
    """Whether a payment no longer is where, or when, it was: an account's first instants cannot be taken out again."""
    return any(org not in new or new[org][:1] + new[org][3:] != leg[:1] + leg[3:] for org, leg in old.items())


def enter(state: PairState, old: Legs, new: Legs) -> set[str]:
    """Put what a payment brings to accounts in the place of what it brought; nothing of `old` is undone."""
    touched = set()
    for org, leg in new.items():
        if leg == (before := old.get(org)):
            continue
        known = state.trader(name := _PREFIX + org)
        month = beijing_date(leg.at).isoformat()[:7]
        received, passed_on = known.months.get(month, (0, 0))
        if before is not None:
            received, passed_on = received - before.received_fen, passed_on - before.passed_on_fen
        months = {**known.months, month: (received + leg.received_fen, passed_on + leg.passed_on_fen)}
        edited = Trader(
            dict(sorted(months.items())),
            _earlier(known.first_in, leg.at) if leg.receives else known.first_in,
            _earlier(known.first_on, leg.at) if leg.passes_on else known.first_on,
        )
        state.attach(name, edited)
        touched.add(name)
    return touched


def named_anew(state: PairState, intermediaries: set[str]) -> set[str]:
    """The accounts of organisations that a contract names, or no longer does."""
    return {name for org in intermediaries if (name := _PREFIX + org) in state.subjects}


def _earlier(known: int | None, at: int) -> int:
    return at if known is None else min(known, at)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _start_of(month: int) -> int:
    return beijing_midnight(date(month // 12, month % 12 + 1, 1))


def trader_findings(state: PairState, name: str, trader: Trader, law: Law) -> Iterator[Finding]:
    """Of an account outside the pair: that no contract names it, and what it keeps."""
    org = name.removeprefix(_PREFIX)
    received = sum(fen for fen, _ in trader.months.values())
    passed_on = sum(fen for _, fen in trader.months.values())
    both = received and passed_on and not _is_declared(state, org)
    if both and trader.first_in is not None and trader.first_on is not None:
        span, flow = (max(trader.first_in, trader.first_on), None), (received, passed_on)
        yield _finding(state, org, AlertKind.INTERMEDIARY_UNDECLARED, span, flow, received)
    yield from _retained(state, org, trader, law)


def _is_declared(state: PairState, org: str) -> bool:
    """Whether any contract of the pair ever named it; on which days is held against each payment."""
    return any(org in terms.intermediaries for c in state.contracts.values() for terms in c.terms)


def _retained(state: PairState, org: str, trader: Trader, law: Law) -> Iterator[Finding]:
    """From the start of the month in which too much is missing to that in which it no longer is."""
    if not trader.months:
        return
    months = {_number(month): flow for month, flow in trader.months.items()}
    whole = range(min(months), max(months) + _MONTHS_TO_PASS_ON + 1)
    came = list(accumulate(months.get(month, (0, 0))[0] for month in whole))
    went = list(accumulate(months.get(month, (0, 0))[1] for month in whole))
    since: int | None = None
    last = (0, 0)
    for i in range(_MONTHS_TO_PASS_ON, len(whole)):
        start = _start_of(whole[i])
        received, passed_on = came[i - _MONTHS_TO_PASS_ON], went[i]
        share = permille_of(law, LimitName.RETAINED_SHARE, state.origin[2:8], start)
        kept = received - passed_on
        if share is not None and kept * 1000 > share * received:
            since, last = (start if since is None else since), (received, passed_on)
        elif since is not None:
            yield _keeps(state, org, (since, start), last)
            since = None
    if since is not None:
        yield _keeps(state, org, (since, None), last)


def _keeps(state: PairState, org: str, span: tuple[int, int | None], flow: tuple[int, int]) -> Finding:
    return _finding(state, org, AlertKind.PAYMENT_RETAINED, span, flow, flow[0] - flow[1])


def _finding(
    state: PairState,
    org: str,
    kind: AlertKind,
    span: tuple[int, int | None],
    flow: tuple[int, int],
    risk_fen: int,
) -> Finding:
    received, passed_on = flow
    kept = max(0, received - passed_on)
    amounts: dict[str, int | str] = {
        "intermediary": org,
        "received_fen": received,
        "passed_on_fen": passed_on,
        "kept_fen": kept,
        "kept_permille": kept * 1000 // received,
        "risk_fen": risk_fen,
    }
    parties = tuple(sorted({state.origin, state.destination, org}))
    return Finding(kind, _PREFIX + org, *span, amounts, state.origin[2:8], parties)
