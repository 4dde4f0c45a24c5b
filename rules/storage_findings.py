"""What is wrong with lots and balances: terms, unknown ages, mass changed with its code, below zero; for rules.storage."""

from collections.abc import Iterable, Iterator
from itertools import chain

from models.alerts import AlertKind, Finding
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law, Limit
from rules.contract import QUIET, Assessed
from rules.resting import calendar_of
from rules.storage_store import Store
from rules.storage_subjects import Lot, Made, Refusal, Stock
from rules.storage_terms import EVER, Span, batch_of, latest, org_at, quiet_until, terms_of


def lot_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with a lot: its age unknown, its mass other than its parents', due soon, over its term."""
    quiet = quiet_until(state, lot, law)
    if at < quiet or (lot.left <= 0 and lot.emptied_at < quiet):
        return _other_findings(state, subject, lot, law, at) if lot.unaged or lot.made else ()
    return chain(_other_findings(state, subject, lot, law, at), _term_findings(state, subject, lot, law, at))


def _other_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterator[Finding]:
    if lot.unaged:
        yield from _age_findings(state, subject, lot, at)
    if lot.made:
        yield from _made_findings(state, subject, lot, law, at)


def _term_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterator[Finding]:
    terms = terms_of(state, lot, law)
    if terms is None:
        return
    for kind, spans in (
        (AlertKind.STORAGE_DUE_SOON, terms.due_soon),
        (AlertKind.STORAGE_OVER_LIMIT, terms.over),
    ):
        span = latest(spans, at)
        if span is not None:
            yield Finding(
                kind,
                subject,
                span.since,
                span.until,
                _amounts(state, subject, lot, terms.limit, span, law),
                state.key,
                _parties(state, lot.org, EVER if lot.left > 0 else lot.emptied_at),
                basis=terms.limit.citation,
            )


def _amounts(
    state: Store, subject: str, lot: Lot, limit: Limit, span: Span, law: Law
) -> dict[str, int | str]:
    """What was put in and, while it lasts, what is left; when the clock began, the end of the term meant, and by which
    extension or whether by a provisional calendar; when a longer one was refused.
    """
    found: dict[str, int | str] = {"lot": batch_of(subject), "waste_code": lot.code}
    found["stored_g" if lot.weighed else "stored_pieces"] = lot.total
    if span.until is None:
        found["mass_g" if lot.weighed else "pieces"] = max(lot.left, 0)
    found |= {"stored_at": span.stored_at, "limit_at": span.limit_at}
    if span.extension is not None:
        found["extended_at"] = span.extension.at
        if span.extension.no:
            found["extension_no"] = span.extension.no
    else:
        found |= calendar_of(law, span.stored_at, limit)
    refusals = state.site().refusals
    if refusals and (refused_at := _refused_at(refusals, batch_of(subject), lot, span)):
        found["extension_refused_at"] = refused_at
    if limit.duty is not None:
        found["duty"] = limit.duty
    return found


def _refused_at(refusals: list[Refusal], batch: str, lot: Lot, span: Span) -> int:
    """The latest refusal for the lot, its code or the site, while it was there; 0 without any."""
    until = span.until or EVER
    return max(
        (
            row.at
            for row in refusals
            if span.stored_at <= row.at < until and row.lot in ("", batch) and row.code in ("", lot.code)
        ),
        default=0,
    )


def _what(subject: str, lot: Lot) -> dict[str, int | str]:
    return {"lot": batch_of(subject), "waste_code": lot.code}


def _unaged_spans(lot: Lot) -> list[Span]:
    """When the age of what a lot held was unknown; what left is of no more interest."""
    found = []
    for row in lot.unaged:
        gone_at = lot.emptied_at if lot.left <= 0 and not lot.counted_out else 0
        until = row.until or gone_at or None
        if until is None or until > row.since:
            found.append(Span(row.since, until, lot.since, 0))
    return found


def _age_findings(state: Store, subject: str, lot: Lot, at: int) -> Iterator[Finding]:
    """storage.age_unknown, with what is there while it lasts."""
    span = latest(_unaged_spans(lot), at)
    if span is None:
        return
    amounts = _what(subject, lot)
    if span.until is None:
        amounts["mass_g" if lot.weighed else "pieces"] = max(lot.left, 0)
    parties = _parties(state, lot.org, EVER if lot.left > 0 else lot.emptied_at)
    yield Finding(AlertKind.STORAGE_AGE_UNKNOWN, subject, span.since, span.until, amounts, state.key, parties)


def _made_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterator[Finding]:
    """storage.repack_differs: what parents gave and what was stated, where the two differ beyond the tolerance."""
    case = Case(state.key[:6], None, lot.code, site=state.key if law.names_site(state.key) else None)
    found = []
    basis = ""
    for row in lot.made:
        limit = law.limit(LimitName.REPACK_TOLERANCE, case, beijing_date(row.at))
        if limit is not None and row.at <= at and _is_beyond(row, limit.value):
            found.append(row)
            basis = limit.citation
    if not found:
        return
    inputs_g, outputs_g = sum(row.inputs_g for row in found), sum(row.outputs_g for row in found)
    amounts: dict[str, int | str] = {
        **_what(subject, lot),
        "inputs_g": inputs_g,
        "outputs_g": outputs_g,
        "difference_g": outputs_g - inputs_g,
    }
    parties = _parties(state, lot.org, EVER)
    kind = AlertKind.STORAGE_REPACK_DIFFERS
    yield Finding(kind, subject, found[0].at, None, amounts, state.key, parties, basis=basis)


def _parties(state: Store, first_org: str, known_until: int) -> tuple[str, ...]:
    """Who is registered for the site, else who was first at home there with this lot or code."""
    org = org_at(state.site(), known_until) or first_org
    return (org,) if org else ()


def _is_beyond(row: Made, permille: int) -> bool:
    return abs(row.outputs_g - row.inputs_g) * 1000 > permille * row.inputs_g


def assess_lot(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Assessed:
    """Findings and the next change of a lot; for most there are none, and the first warning is what comes next."""
    if not lot.unaged and not lot.made:
        quiet = quiet_until(state, lot, law)
        if lot.left <= 0:
            if lot.emptied_at < quiet:
                return QUIET
        elif at < quiet and not (lot.filled_at or lot.extended or state.has_extensions):
            return ((), quiet) if quiet < EVER else QUIET
    return list(lot_findings(state, subject, lot, law, at)), lot_turn(state, lot, law, at)


def lot_turn(state: Store, lot: Lot, law: Law, at: int) -> int | None:
    """The next instant at which the lot's findings begin or end."""
    if lot.unaged or lot.made:
        spans = _unaged_spans(lot)
        turns = [row.at for row in lot.made] + [
            turn for span in spans for turn in span[:2] if turn is not None
        ]
        others = [turn for turn in turns if turn > at]
        turn = _term_turn(state, lot, law, at)
        return min(others if turn is None else [*others, turn], default=None)
    return _term_turn(state, lot, law, at)


def _term_turn(state: Store, lot: Lot, law: Law, at: int) -> int | None:
    quiet = quiet_until(state, lot, law)
    if lot.left <= 0:
        if lot.emptied_at < quiet:
            return None
    elif at < quiet and not (lot.filled_at or lot.extended or state.has_extensions):
        return quiet if quiet < EVER else None
    terms = terms_of(state, lot, law)
    if terms is None:
        return None
    turns = [turn for span in (*terms.due_soon, *terms.over) for turn in span[:2]]
    return min((turn for turn in turns if turn is not None and turn > at), default=None)


def below_spans(stock: Stock) -> list[Span]:
    """When the balance was below zero, the latest last."""
    spans = [Span(stock.past.since, stock.past.until, 0, 0)] if stock.past is not None else []
    return [*spans, Span(stock.below_at, None, 0, 0)] if stock.below_at else spans


def code_findings(state: Store, subject: str, stock: Stock, at: int) -> Iterator[Finding]:
    """storage.below_zero, with how far below it was at worst."""
    span = latest(below_spans(stock), at)
    if span is None:
        return
    lowest_g, lowest_pieces, known_until = stock.lowest_g, stock.lowest_pieces, EVER
    if stock.past is not None and span.since == stock.past.since:
        lowest_g, lowest_pieces, known_until = stock.past.lowest_g, stock.past.lowest_pieces, stock.past.until
    amounts: dict[str, int | str] = {"waste_code": subject.removeprefix("code:"), "lowest_g": lowest_g}
    if lowest_pieces:
        amounts["lowest_pieces"] = lowest_pieces
    parties = _parties(state, stock.org, known_until)
    yield Finding(AlertKind.STORAGE_BELOW_ZERO, subject, span.since, span.until, amounts, state.key, parties)
