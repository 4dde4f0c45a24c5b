"""Facts read into statements of a pair, and documents read as money: what counts, what was taken back, whose it is."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

from models.envelope import Stated
from models.exact import beijing_date
from rules.settlement.subjects import (
    FROM_DEBTOR,
    TO_CREDITOR,
    Document,
    Line,
    Load,
    PairState,
    Paper,
    Price,
    Said,
    TakenBack,
    Terms,
    is_invoice,
)

BY_ORDER: Final = attrgetter("at", "seq")
ACCEPTED: Final = frozenset(
    {"receipt-accepted.v1", "waste-collected.v1", "pipeline-metered.v1", "activity-reported.v1"}
)
PAPERS: Final = frozenset({"invoice-issued.v1", "payment-made.v1"})
RETURNS: Final = frozenset({"invoice-reversed.v1", "payment-refunded.v1"})
CONTRACTS: Final = frozenset({"contract-signed.v1", "contract-amended.v1", "contract-ended.v1"})


def subject_of(stated: Stated) -> str:
    """The subject of a pair's key that a fact is a statement about; "" for an activity that nothing is billed by."""
    body: Any = stated.body
    kind = stated.kind
    if kind == "receipt-accepted.v1":
        return f"manifest:{body.manifest_no}"
    if kind == "waste-collected.v1":
        named = f"manifest:{body.manifest_no}" if body.manifest_no else ""
        return named or f"round:{body.round_id}@{body.origin}"
    if kind == "pipeline-metered.v1":
        return f"pipeline:{body.pipeline}@{body.day.isoformat()}"
    if kind == "activity-reported.v1":
        return f"activity:{body.site}@{body.period_from}" if body.measure == "bed_days" else ""
    if kind in CONTRACTS:
        return f"contract:{body.contract_no}"
    return _document_of(kind, body)


def _document_of(kind: str, body: Any) -> str:
    if kind == "invoice-issued.v1":
        return f"invoice:{body.invoice_no}"
    if kind == "invoice-reversed.v1":
        return f"invoice:{body.reverses_invoice_no}"
    if kind == "payment-made.v1":
        return f"payment:{body.bank_reference}"
    if kind == "payment-refunded.v1":
        return f"payment:{body.refunds_bank_reference}"
    return ""


def with_tax(fen: int, permille: int | None) -> int:
    """An amount with the VAT that comes on top of it, rounded half up to fen, as an invoice's line does."""
    return fen + (fen * permille + 500) // 1000 if permille else fen


def lines_of(state_key: str, body: Any) -> list[Line]:
    """The document's lines that belong to this pair."""
    origin, _, destination = state_key.partition(">")
    return [
        Line(
            with_tax(line.amount_fen, line.plus_tax_permille),
            line.contract_no or "",
            line.manifest_no or "",
            line.invoice_no or "",
            line.waste_code or "",
            line.mass_g or 0,
        )
        for line in body.lines
        if line.origin_org == origin and line.destination_org == destination
    ]


def paper_of(key: str, stated: Stated) -> Paper:
    """An invoice or payment as stated, as far as this pair goes."""
    body: Any = stated.body
    lines = lines_of(key, body)
    if stated.kind == "invoice-issued.v1":
        return Paper(stated.occurred_at, stated.seq, body.buyer_org, body.seller_org, lines)
    return Paper(
        stated.occurred_at, stated.seq, body.payer_org, body.payee_org, lines, body.prepayment, body.deposit
    )


def taken_back_of(key: str, stated: Stated) -> TakenBack:
    """A red invoice or a refund, as far as this pair goes."""
    body: Any = stated.body
    number = body.invoice_no if stated.kind == "invoice-reversed.v1" else body.bank_reference
    return TakenBack(stated.occurred_at, stated.seq, number, lines_of(key, body))


def load_of(stated: Stated) -> Load:
    """An acceptance, a round, or the bed-days of a period (priced by its first day)."""
    body: Any = stated.body
    at, seq = stated.occurred_at, stated.seq
    if stated.kind == "activity-reported.v1":
        return Load(at, seq, body.site, beijing_date(body.period_from), "", [], body.amount)
    lines = [(line.waste_code, line.mass_g, line.pieces) for line in body.lines]
    return Load(at, seq, body.origin, beijing_date(at), getattr(body, "contract_no", None) or "", lines)


def terms_of(stated: Stated) -> Terms:
    """A contract's terms as signed or amended."""
    body: Any = stated.body
    amended = stated.kind == "contract-amended.v1"
    return Terms(
        body.effective_from if amended else body.valid_from,
        body.valid_until,
        amended,
        stated.occurred_at,
        stated.seq,
        [
            Price(
                line.waste_code or "",
                line.category or "",
                line.basis.value,
                line.price_fen,
                line.payer.value,
                line.minimum_fen,
                line.plus_tax_permille or 0,
            )
            for line in body.lines
        ],
        list(body.intermediary_orgs),
        body.mass_g,
    )


def said_of(stated: Stated) -> Said:
    """A statement of an invoice number, with all its lines."""
    body: Any = stated.body
    lines = [
        (
            line.origin_org,
            line.destination_org,
            with_tax(line.amount_fen, line.plus_tax_permille),
            line.contract_no or "",
            line.manifest_no or "",
            line.waste_code or "",
            line.mass_g or 0,
        )
        for line in body.lines
    ]
    return Said(
        stated.occurred_at, stated.seq, stated.stated_by, body.seller_org, body.buyer_org, sorted(lines)
    )


def counted(name: str, papers: list[Paper]) -> list[Paper]:
    """The statements that count: the first of a payment, the first by each seller of an invoice number."""
    if len(papers) < 2 or not is_invoice(name):
        return papers[:1]
    firsts: dict[str, Paper] = {}
    for paper in papers:
        firsts.setdefault(paper.payee, paper)
    return list(firsts.values())


def taken_back(document: Document) -> list[TakenBack]:
    """Red invoices or refunds, each number once, in order."""
    firsts: dict[str, TakenBack] = {}
    for taken in document.taken:
        firsts.setdefault(taken.number, taken)
    return list(firsts.values())


def net_lines(name: str, document: Document) -> Iterator[tuple[Paper, Line, int]]:
    """Every line that counts with what is left of it.

    What is taken back comes off the lines that name the same manifest, else off the last lines first.
    """
    lines = [(paper, line) for paper in counted(name, document.stated) for line in paper.lines]
    left = [line.fen for _, line in lines]
    for taken in taken_back(document):
        for back in taken.lines:
            _take(back, [line for _, line in lines], left)
    for (paper, line), fen in zip(lines, left, strict=True):
        yield paper, line, fen


def _take(back: Line, lines: list[Line], left: list[int]) -> None:
    fen = back.fen
    same = [i for i, line in enumerate(lines) if back.manifest and line.manifest == back.manifest]
    for i in same or range(len(lines) - 1, -1, -1):
        cut = min(fen, left[i])
        left[i] -= cut
        fen -= cut


def direction(state: PairState, paper: Paper) -> tuple[int, int] | None:
    """Which side's debt a document is about (0 origin's, 1 destination's) and between whom; None among strangers."""
    for side, (debtor, creditor) in enumerate(
        ((state.origin, state.destination), (state.destination, state.origin))
    ):
        role = FROM_DEBTOR * (paper.payer == debtor) + TO_CREDITOR * (paper.payee == creditor)
        if role:
            return side, role
    return None
