"""Decides one group of submissions under the head lock: what is known, what is new, what is refused (D2, D11).

Called by streams.ledger between `lock` and `commit`. Reads through the writer, and changes nothing but this object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from models.canonical import leaf_hash
from models.exact import beijing_date
from models.facts import ABOUT_FACTS, CORRECTING, Role
from models.problems import Problem, problem
from streams.ledger_corrections import Problems, Ruling, asked_of, rule
from streams.ledger_doubts import lateness
from streams.ledger_noted import Known, Noted
from streams.ledger_sql import Identity, InForce, StoredFact, Writer
from streams.ledger_types import (
    Accepted,
    Handling,
    HeadAt,
    Outcome,
    Prepared,
    Proceeded,
    Receipt,
    Refused,
    Submission,
)


@dataclass(slots=True)
class Group:
    """Submissions that share a transaction. `head` grows with each that is accepted."""

    ledger_id: str
    writer: Writer
    head: HeadAt
    known: dict[Identity, StoredFact]
    noted: Noted = field(default_factory=Noted)

    def decide(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """One outcome for each, in order."""
        return [self._decide_one(submission) for submission in submissions]

    def _decide_one(self, submission: Submission) -> Outcome:
        if submission.rehearsal:
            return self._rehearse(submission)
        return self._each(submission) if submission.handling is Handling.PROCEED else self._all(submission)

    def _rehearse(self, submission: Submission) -> Outcome:
        """What would be decided just now, on a copy of what the group has noted."""
        stage = replace(self, noted=self.noted.copy())
        return _rehearsed(stage._decide_one(replace(submission, rehearsal=False)))

    def _each(self, submission: Submission) -> Proceeded:
        """Every fact for itself, in order: a later one finds those before it that were accepted."""
        results: list[Receipt | Refused] = []
        for place, fact in enumerate(submission.facts):
            found = self._all(replace(submission, facts=(fact,)))
            if isinstance(found, Refused):
                results.append(Refused(tuple(_moved(problem, place) for problem in found.problems)))
            else:
                results += found.receipts
        return Proceeded(tuple(told for told in results if isinstance(told, Receipt)), tuple(results))

    def _all(self, submission: Submission) -> Outcome:
        draft = Noted()
        at = max(self.head.recorded_at, submission.recorded_at or 0)
        known = Known(self.writer, self.known, self.noted, draft)
        problems: list[Problem] = []
        receipts: list[Receipt] = []
        for place, fact in enumerate(submission.facts):
            stored = known.find((submission.stated_by, fact.event_id))
            is_known = stored is not None
            found: StoredFact | Problems
            if stored is None:
                found = self._number(submission.stated_by, submission.role, fact, at, known)
            else:
                found = stored if stored.data == fact.data else _reused(fact, stored)
            if isinstance(found, tuple):
                problems += [problem.under(f"$[{place}]") for problem in found]
                continue
            warnings = fact.warnings + lateness(fact.kind, fact.body, found.recorded_at)
            receipts.append(
                Receipt(fact.event_id, found.seq, found.recorded_at, found.leaf, is_known, warnings)
            )
            if warnings and not is_known:
                _count(submission.stated_by, fact.kind, found.recorded_at, warnings, draft)
        if problems:
            return Refused(tuple(problems))
        if submission.sender is not None and draft.rows:
            draft.senders.append((draft.rows[0][0], draft.rows[-1][0], *submission.sender))
        self.noted.take(draft)
        self.head = HeadAt(self.head.seq + len(draft.rows), at if draft.rows else self.head.recorded_at)
        return Accepted(tuple(receipts))

    def _number(
        self, stated_by: str, role: Role | None, fact: Prepared, at: int, known: Known
    ) -> StoredFact | Problems:
        draft = known.draft
        seq = self.head.seq + len(draft.rows) + 1
        ruling: Ruling | None = None
        if fact.kind in ABOUT_FACTS:
            found = rule(stated_by, role, fact, known)
            if isinstance(found, tuple):
                return found
            ruling = found
        leaf = leaf_hash(
            ledger_id=self.ledger_id,
            seq=seq,
            recorded_at=at,
            stated_by=stated_by,
            event_id=fact.event_id,
            kind=fact.kind,
            data=fact.data,
        )
        original = ruling.original if ruling is not None else None
        draft.rows.append((seq, at, stated_by, fact.event_id, fact.kind, fact.data, leaf, original))
        stored = StoredFact(seq, at, fact.kind, fact.data, leaf, original)
        draft.stored[stated_by, fact.event_id] = stored
        if ruling is None:
            for document in fact.documents:
                draft.parties[document, stated_by, fact.kind] = seq
        else:
            _note(ruling, stored, draft)
        return stored


def _note(ruling: Ruling, stored: StoredFact, draft: Noted) -> None:
    """Keep what a statement about another fact changed."""
    draft.changes.append((ruling.target, stored.seq, ruling.decides))
    for document in ruling.documents:
        draft.parties[document, ruling.stated_by, ruling.kind] = stored.seq
    if stored.kind in CORRECTING:
        draft.corrections[ruling.target] = InForce(stored.seq, stored.kind, stored.data, ruling.original)


def _count(stated_by: str, kind: str, recorded_at: int, warnings: Sequence[Problem], draft: Noted) -> None:
    day = beijing_date(recorded_at).isoformat()
    for warning in warnings:
        draft.warned[stated_by, day, warning.code.value, kind] += 1


def _moved(problem: Problem, place: int) -> Problem:
    """The problem of a fact that was decided alone, at its place in the submission."""
    return replace(problem, path=f"$[{place}]" + problem.path.removeprefix("$[0]"))


def _rehearsed(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Proceeded):
        results = tuple(
            replace(told, rehearsed=True) if isinstance(told, Receipt) else told for told in outcome.results
        )
        return Proceeded(tuple(told for told in results if isinstance(told, Receipt)), results)
    if isinstance(outcome, Accepted):
        return Accepted(tuple(replace(receipt, rehearsed=True) for receipt in outcome.receipts))
    return outcome


def wanted_by(submissions: Sequence[Submission]) -> list[Identity]:
    """All that deciding these needs to be looked up; sorted, each once."""
    wanted: set[Identity] = set()
    for submission in submissions:
        for fact in submission.facts:
            wanted.add((submission.stated_by, fact.event_id))
            if fact.kind in ABOUT_FACTS and (asked := asked_of(submission.stated_by, fact)) is not None:
                wanted.add(asked)
    return sorted(wanted)


def _reused(fact: Prepared, stored: StoredFact) -> Problems:
    return (problem("$.event_id", "event_id_reused", event_id=fact.event_id, seq=stored.seq),)
