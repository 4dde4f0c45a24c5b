"""Manifests: their facts in the ledger, what is known of them now, and how they stood at a chosen moment. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from models.alerts import Finding
from models.envelope import Row
from models.law import Law
from models.tables import KeyFact, SubjectRow
from models.topics import Concern
from rules import custody
from rules.custody_manifest import Manifest
from streams.concern_batch import facts_in_force
from streams.decode import Decoded, decode
from streams.keyjudge import Alert, Case
from streams.lawbook import LawBook
from streams.store import decode_subject


def fact_seqs(connection: Connection, concern: str, key: str) -> list[int]:
    """The ledger rows that a key was judged from."""
    query = select(KeyFact.seq).where(KeyFact.concern == concern, KeyFact.key == key).order_by(KeyFact.seq)
    return list(connection.execute(query).scalars())


def current(connection: Connection, manifest_no: str) -> Manifest | None:
    """What is known of a manifest now; None where nothing is."""
    query = select(SubjectRow.body).where(
        SubjectRow.concern == Concern.CUSTODY.value, SubjectRow.key == manifest_no
    )
    body = connection.execute(query).scalar_one_or_none()
    found: Manifest | None = decode_subject(custody, bytes(body)) if body is not None else None
    return found


@dataclass(frozen=True, slots=True)
class AsKnown:
    """A manifest as it stood when only the rows recorded by a moment were known: state, alerts then, and those rows."""

    manifest: Manifest | None
    alerts: list[Alert]
    rows: list[Row]


def as_known_at(manifest_no: str, rows: Iterable[Row], book: LawBook, known_at: int) -> AsKnown:
    """Fold the rows recorded up to `known_at` in their order, as the judge does, with the deadlines up to then."""
    case = Case(custody, manifest_no)
    seen: list[Decoded] = []
    latest: dict[str, Alert] = {}
    known = [row for row in sorted(rows, key=lambda row: row.seq) if row.recorded_at <= known_at]
    for row in known:
        law = _law_for(case, book, row.seq, row.recorded_at)
        case.silence(law, row.recorded_at)
        seen.append(decode(row))
        if not case.take(seen[-1], law):
            case.take_again(seen[-1], law, facts_in_force(seen, Concern.CUSTODY, manifest_no), ())
        latest.update({change.alert.alert_id: change.alert for change in case.changes})
    last = next((edition.seq for edition in reversed(book.editions) if edition.recorded_at <= known_at), 0)
    case.silence(_law_for(case, book, last + 1, known_at), known_at + 1)
    latest.update({change.alert.alert_id: change.alert for change in case.changes})
    return AsKnown(case.state.subjects.get(manifest_no), list(latest.values()), known)


def _law_for(case: Case, book: LawBook, before: int, upto: int) -> Law:
    """The law at a seq, after the case took in the policies recorded since it was judged last, each at its time."""
    if not case.state.subjects:
        case.law_seq = book.before(before).seq
    for edition in book.between(case.law_seq, before):
        if edition.recorded_at <= upto:
            case.silence(book.before(edition.seq), edition.recorded_at)
            case.new_law(edition.law, edition.recorded_at)
    return book.before(before)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A manifest as of a moment of event time: what had happened by then, by what was known, and what was wrong then."""

    manifest: Manifest | None
    findings: list[Finding]
    seqs: frozenset[int]


def as_of(manifest_no: str, rows: Sequence[Row], book: LawBook, moment: int) -> AsOf:
    """Fold the facts in force among these rows that happened by `moment`, in event order, and look at that moment."""
    decoded = [decode(row) for row in sorted(rows, key=lambda row: row.seq)]
    facts = [
        fact for fact in facts_in_force(decoded, Concern.CUSTODY, manifest_no) if fact.occurred_at <= moment
    ]
    law = book.latest
    state: Any = custody.new_state(manifest_no)
    for fact in facts:
        custody.evolve(state, fact, law)
    findings = (
        list(custody.findings(state, manifest_no, law, moment)) if manifest_no in state.subjects else []
    )
    lasting = [finding for finding in findings if finding.until is None or finding.until > moment]
    return AsOf(state.subjects.get(manifest_no), lasting, frozenset(fact.seq for fact in facts))
