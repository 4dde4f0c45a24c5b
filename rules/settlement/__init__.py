"""Settlement 资金: whether money followed the matter between an origin and a destination. Called by the judge.

Keys: "<origin_org>><destination_org>", and "invoice:<number>" where all statements of a number meet. Subjects of a pair:
"contract:<no>", "manifest:<no>" (also "round:<id>@<site>" and "activity:<site>@<from>" for rounds and bed-days),
"invoice:<no>", "payment:<bank reference>", "trader:<org>" (somebody outside the pair whom its money goes through), and
"unnamed" (counts of the pair). The subject of an invoice key is the key.

What is owed. An acceptance is worth the sum over its lines of mass times the price of the code on that day, rounded
half up to fen by line; a period its bed-days times the price. A line's own code is looked up before its category, and
that before a price for everything; in the contract the acceptance names, else in those in force. Where a line has no
price or no mass, or money does not follow mass, no sum is known: such movements are never unpaid, and their money never
differs. A piece is priced like a mass; a minimum charge is the least that a load comes to by a price line; VAT that
comes on top is added line by line, half up. A flat price is owed for a whole number of months (a yearly one of
twelfths): the nearest to the sum. A deposit is money for nothing.

Who owes. The price line says. A document is about the debt of the side that pays, or whose creditor is paid. Billed is
what the debtor was asked for. Paid is what the debtor sent or what reached the creditor, whichever is more, so that
money passed on by a trader is not counted twice. A document stated by several parties is one, an acceptance too: the
first statement, in order of (occurred_at, seq), counts.

What meets what. A line meets the manifest it names; else a payment is spread over what its invoice names, in
proportion to the invoice's lines; else the money is unnamed, and `unnamed` says how it is laid on the oldest movements
not yet paid. What is left of it is too much as soon as its document met anything, unless a prepayment was declared;
before that it waits for movement. Named money goes before unnamed: where it comes to a movement that unnamed money was
laid on, all is laid anew (`anew`). Red invoices and refunds lessen their document.

Order. What documents name is a set: statements go in and out in any order, and `shares_of` computes the same. Unnamed
money depends on order: a fact that comes too late for it, that changes a document with such money, or a contract that
changes known prices, answers None, and so does a fact whose documents or movements may have left memory. Subjects that
are met leave; none of those that stay is ever computed from one that left, since every subject holds its own shares
and sums. So facts in order do in a live pair exactly what they do in a refold.
"""

from collections.abc import Callable, Collection
from typing import Any, Final, TypeAlias

from models.alerts import Finding
from models.envelope import Stated
from models.exact import beijing_midnight
from models.facts.law import LimitName, PriceFloorSet, ToleranceSet
from models.law import Law, Matter
from models.topics import Concern
from rules.contract import QUIET, Assessed, State, any_region
from rules.routes import invoice_key
from rules.settlement import documents as read
from rules.settlement.agreed_mass import contract_findings
from rules.settlement.books import Order, restate
from rules.settlement.explain import explain
from rules.settlement.floors import movement_findings
from rules.settlement.invoices import invoice_findings
from rules.settlement.loads import restate_contract, restate_load
from rules.settlement.movements import is_unpaid
from rules.settlement.spans import next_edge, standing
from rules.settlement.subjects import Contract, Document, Movement, PairState, Statements, Subject, Trader
from rules.settlement.traders import trader_findings
from rules.settlement.verdicts import document_findings

CONCERN: Final = Concern.SETTLEMENT
SUBJECT: Final = Subject
ASKS: frozenset[Matter] = frozenset(
    {
        LimitName.PAYMENT_TERM,
        LimitName.MOVEMENT_TERM,
        LimitName.AMOUNT_TOLERANCE,
        LimitName.FLOOR_SHARE,
        LimitName.RETAINED_SHARE,
        LimitName.CONTRACT_TERM,
        PriceFloorSet,
        ToleranceSet,
    }
)
KEEPS: frozenset[Matter] = frozenset()
AHEAD: frozenset[Matter] = frozenset({LimitName.RETAINED_SHARE})
region_of = any_region
_INVOICES: Final = "invoice:"
_TOO_LATE: Final[Order] = (-1, 0)  # A retraction concerns what was laid since the fact came.
Put: TypeAlias = Callable[[list[Any], Any], list[Any]]

__all__ = [
    "AHEAD",
    "ASKS",
    "CONCERN",
    "KEEPS",
    "SUBJECT",
    "assess",
    "evolve",
    "explain",
    "findings",
    "is_open",
    "named",
    "new_state",
    "next_change",
    "region_of",
    "retract",
]


def new_state(key: str) -> PairState:
    """The empty state of a pair or an invoice number."""
    return PairState(key)


def named(key: str, stated: Stated) -> Collection[str]:
    """What the fact is about, and the manifests and invoices that its lines name."""
    if key.startswith(_INVOICES):
        return (key,)
    subject = read.subject_of(stated)
    if stated.kind not in read.PAPERS and stated.kind not in read.RETURNS:
        return (subject,) if subject else ()
    body: Any = stated.body
    origin, _, destination = key.partition(">")
    found = {subject}
    for line in body.lines:
        if line.origin_org == origin and line.destination_org == destination:
            if line.manifest_no:
                found.add(f"manifest:{line.manifest_no}")
            if line.invoice_no:
                found.add(f"invoice:{line.invoice_no}")
    return found


def evolve(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Take a fact in; None: fold the key again."""
    return _change(state, stated, _with, stated.order)


def retract(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Take a fact out again; None where unnamed money or prices depend on it."""
    assert isinstance(state, PairState)
    if state.pool().lines or stated.kind in read.CONTRACTS:
        return None
    return _change(state, stated, _without, _TOO_LATE)


def _change(state: State[Any], stated: Stated, put: Put, order: Order) -> set[str] | None:
    assert isinstance(state, PairState)
    if not state.begun:
        state.begin()
    state.memo = None
    if state.is_number:
        return _invoice_key(state, stated, put)
    subject = read.subject_of(stated)
    kind = stated.kind
    if kind in read.ACCEPTED:
        if not subject:
            return set()
        known = state.subjects.get(subject)
        loads = put(known.stated if type(known) is Movement else [], read.load_of(stated))
        return restate_load(state, subject, loads, order)
    if kind in read.CONTRACTS:
        return _contract(state, subject, stated)
    if kind in read.PAPERS or kind in read.RETURNS:
        return _document(state, subject, stated, put, order)
    return set()


def _with(known: list[Any], statement: Any) -> list[Any]:
    return sorted([*known, statement], key=read.BY_ORDER) if known else [statement]


def _without(known: list[Any], statement: Any) -> list[Any]:
    return [other for other in known if other.seq != statement.seq]


def _document(state: PairState, subject: str, stated: Stated, put: Put, order: Order) -> set[str] | None:
    known = state.subjects.get(subject)
    edited = Document()
    if type(known) is Document:
        edited = Document(known.stated, known.taken, known.named_by, known.shares, known.unnamed)
    if stated.kind in read.PAPERS:
        edited.stated = put(edited.stated, read.paper_of(state.key, stated))
    else:
        edited.taken = put(edited.taken, read.taken_back_of(state.key, stated))
    return restate(state, subject, edited, order, lambda name: name in named(state.key, stated))


def _contract(state: PairState, subject: str, stated: Stated) -> set[str] | None:
    known = state.contracts.get(subject.partition(":")[2], Contract())
    if stated.kind == "contract-ended.v1":
        edited = Contract(known.terms, sorted([*known.ended, stated.order]))
        return restate_contract(state, subject, edited, stated.occurred_at, stated.order)
    terms = read.terms_of(stated)
    edited = Contract(_with(known.terms, terms), known.ended)
    return restate_contract(state, subject, edited, beijing_midnight(terms.from_day), stated.order)


def _invoice_key(state: PairState, stated: Stated, put: Put) -> set[str]:
    """A red invoice is a statement of its own number; what it takes back is judged in the pair."""
    body: Any = stated.body
    if stated.kind not in {"invoice-issued.v1", "invoice-reversed.v1"}:
        return set()
    if state.key != invoice_key(body.invoice_no):
        return set()
    found = state.subjects.get(state.key)
    known = found.stated if isinstance(found, Statements) else []
    statements = put(known, read.said_of(stated))
    if statements:
        state.attach(state.key, Statements(statements))
    elif state.key in state.subjects:
        state.drop(state.key)
    return {state.key}


def _is_unsettled(document: Document) -> bool:
    for share in document.shares.values():
        if share.short or share.moved_at is None:
            return True
    return any(line.left for line in document.unnamed) if document.unnamed else False


def _spans(state: PairState, subject: str, law: Law) -> list[Finding]:
    """All that is, was or will by silence be found; kept until the state changes, since the judge asks twice."""
    memo = state.memo
    if memo is not None and memo[0] == subject and memo[1] is law:
        return memo[2]
    value = state.subjects[subject]
    found: list[Finding] = []
    if type(value) is Movement:
        found = movement_findings(state, subject, value, law)
    elif type(value) is Document:
        found = list(document_findings(state, subject, value, law))
    elif type(value) is Contract:
        found = list(contract_findings(state, subject, value))
    elif type(value) is Trader:
        found = list(trader_findings(state, subject, value, law))
    elif type(value) is Statements:
        found = list(invoice_findings(subject, value))
    state.memo = (subject, law, found)
    return found


def findings(state: State[Any], subject: str, law: Law, at: int) -> list[Finding]:
    """What is wrong with a subject at an instant."""
    assert isinstance(state, PairState)
    spans = _spans(state, subject, law)
    return standing(spans, at) if spans else []


def next_change(state: State[Any], subject: str, law: Law, at: int) -> int | None:
    """When silence alone changes it next."""
    assert isinstance(state, PairState)
    spans = _spans(state, subject, law)
    return next_edge(spans, at) if spans else None


def assess(state: State[Any], subject: str, law: Law, at: int) -> Assessed:
    """Findings and the next change of a subject."""
    assert isinstance(state, PairState)
    spans = _spans(state, subject, law)
    return (standing(spans, at), next_edge(spans, at)) if spans else QUIET


def is_open(state: State[Any], subject: str) -> bool:
    """Contracts and counts stay; movements until they are paid; documents while money waits or leaves one short."""
    value = state.subjects[subject]
    if type(value) is Movement:
        return is_unpaid(value)
    if type(value) is Document:
        return _is_unsettled(value)
    return not isinstance(value, Statements)
