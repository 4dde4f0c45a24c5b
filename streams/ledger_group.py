"""Decides one group of submissions under the head lock: what is known, what is new, what is refused (D2, D11).

Called by streams.ledger between `lock` and `commit`. Reads through the writer, and changes nothing but this object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from models.canonical import canonical, leaf_hash
from models.facts import CORRECTED, FACT_TYPES
from models.facts.followup import FactCorrected
from models.problems import Code, Problem
from streams.ledger_documents import documents_of
from streams.ledger_sql import FactTuple, Identity, StoredFact, Writer, Written
from streams.ledger_types import Accepted, HeadAt, Outcome, Prepared, Receipt, Refused, Submission


@dataclass(slots=True)
class Noted:
    """What is not yet written: of a whole group, or of one submission that may still be refused."""

    rows: list[FactTuple] = field(default_factory=list)
    stored: dict[Identity, StoredFact] = field(default_factory=dict)
    parties: dict[tuple[str, str], int] = field(default_factory=dict)
    corrections: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def take(self, other: Noted) -> None:
        """The submission is accepted."""
        self.rows += other.rows
        self.stored.update(other.stored)
        self.parties.update(other.parties)
        self.corrections.update(other.corrections)

    def written(self) -> Written | None:
        """As it is written, in a fixed order; None where there is nothing new."""
        if not self.rows:
            return None
        return Written(
            self.rows,
            [(*names, seq) for names, seq in sorted(self.parties.items())],
            [(original, correction) for original, (correction, _) in sorted(self.corrections.items())],
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
        draft = Noted()
        at = max(self.head.recorded_at, submission.recorded_at or 0)
        problems: list[Problem] = []
        receipts: list[Receipt] = []
        for place, fact in enumerate(submission.facts):
            stored = self._find(draft, (submission.stated_by, fact.event_id))
            known = stored is not None
            if stored is None:
                found = self._number(submission.stated_by, fact, at, draft)
            else:
                found = stored if stored.data == fact.data else _reused(fact, stored)
            if isinstance(found, Problem):
                problems.append(found.under(f"$[{place}]"))
                continue
            receipts.append(
                Receipt(fact.event_id, found.seq, found.recorded_at, found.leaf, known, fact.warnings)
            )
        if problems:
            return Refused(tuple(problems))
        self.noted.take(draft)
        self.head = HeadAt(self.head.seq + len(draft.rows), at if draft.rows else self.head.recorded_at)
        return Accepted(tuple(receipts))

    def _find(self, draft: Noted, identity: Identity) -> StoredFact | None:
        return draft.stored.get(identity) or self.noted.stored.get(identity) or self.known.get(identity)

    def _number(self, stated_by: str, fact: Prepared, at: int, draft: Noted) -> StoredFact | Problem:
        seq = self.head.seq + len(draft.rows) + 1
        documents = fact.documents
        original: bytes | None = None
        if fact.kind == CORRECTED:
            target = self._correct(stated_by, fact, draft)
            if isinstance(target, Problem):
                return target
            original, documents = target.original, target.documents
            draft.corrections[target.seq] = (seq, fact.data)
        leaf = leaf_hash(
            ledger_id=self.ledger_id,
            seq=seq,
            recorded_at=at,
            stated_by=stated_by,
            event_id=fact.event_id,
            kind=fact.kind,
            data=fact.data,
        )
        draft.rows.append((seq, at, stated_by, fact.event_id, fact.kind, fact.data, leaf, original))
        for document in documents:
            draft.parties[document, stated_by] = seq
        stored = StoredFact(seq, at, fact.kind, fact.data, leaf)
        draft.stored[stated_by, fact.event_id] = stored
        return stored

    # Corrections

    def _correct(self, stated_by: str, fact: Prepared, draft: Noted) -> Target | Problem:
        """The fact that a correction is about, or why its stater may not correct it (alone)."""
        body = cast("FactCorrected", fact.body)
        stored = self._find(draft, (stated_by, body.corrects))
        if stored is None:
            return Problem("$.corrects", Code.UNKNOWN_FACT, f'you stated no fact "{body.corrects}"')
        if stored.kind == CORRECTED:
            message = f'"{body.corrects}" is a correction; correct the fact that it corrects once more'
            return Problem("$.corrects", Code.CORRECT_THE_ORIGINAL, message)
        replaced = (body.replacement or {}).get("kind", stored.kind)
        if replaced != stored.kind:
            message = f'"{body.corrects}" is a "{stored.kind}" and cannot become a "{replaced}"'
            return Problem("$.replacement.kind", Code.REPLACEMENT_DIFFERS, message)
        in_force = self._in_force(stored, draft)
        bodies = (orjson.loads(stored.data), in_force, body.replacement)
        documents = tuple(dict.fromkeys(name for known in bodies for name in _documents(stored.kind, known)))
        others = self._others_since(documents, stated_by, stored.seq, draft)
        if others:
            return _needs_approval(body.corrects, others)
        return Target(stored.seq, documents, _original(stated_by, body.corrects, stored, in_force))

    def _in_force(self, stored: StoredFact, draft: Noted) -> Any:
        """The body that holds now; None where the fact was withdrawn."""
        noted = draft.corrections.get(stored.seq) or self.noted.corrections.get(stored.seq)
        correction = noted[1] if noted else self.writer.correction_in_force(stored.seq)
        if correction is None:
            return orjson.loads(stored.data)
        return orjson.loads(correction).get("replacement")

    def _others_since(self, documents: Sequence[str], stated_by: str, seq: int, draft: Noted) -> set[str]:
        if not documents:
            return set()
        others = self.writer.others_since(documents, stated_by, seq)
        for parties in (self.noted.parties, draft.parties):
            others.update(
                party
                for (document, party), last in parties.items()
                if party != stated_by and last > seq and document in documents
            )
        return others


@dataclass(frozen=True, slots=True)
class Target:
    """The fact that a correction is about: its seq, all documents concerned, and what is copied into the correction."""

    seq: int
    documents: tuple[str, ...]
    original: bytes


def wanted_by(submissions: Sequence[Submission]) -> list[Identity]:
    """All that deciding these needs to be looked up; sorted, each once."""
    return sorted(
        {
            (submission.stated_by, event_id)
            for submission in submissions
            for fact in submission.facts
            for event_id in _asked_of(fact)
        }
    )


def _asked_of(fact: Prepared) -> tuple[str, ...]:
    if fact.kind == CORRECTED:
        return (fact.event_id, cast("FactCorrected", fact.body).corrects)
    return (fact.event_id,)


def _documents(kind: str, body: Any) -> tuple[str, ...]:
    return documents_of(kind, FACT_TYPES[kind].model_validate(body)) if body is not None else ()


def _original(stated_by: str, event_id: str, stored: StoredFact, in_force: Any) -> bytes:
    return canonical(
        {
            "seq": stored.seq,
            "recorded_at": stored.recorded_at,
            "stated_by": stated_by,
            "kind": stored.kind,
            "event_id": event_id,
            "data": in_force,
        }
    )


def _reused(fact: Prepared, stored: StoredFact) -> Problem:
    message = f'event_id "{fact.event_id}" is fact {stored.seq} already, with other content'
    return Problem("$.event_id", Code.EVENT_ID_REUSED, message)


def _needs_approval(corrects: str, others: set[str]) -> Problem:
    parties = ", ".join(f'"{party}"' for party in sorted(others)[:5])
    message = (
        f'{parties} stated something on the document of "{corrects}" since; '
        'state "correction-requested.v1" and have one of them approve it'
    )
    return Problem("$.corrects", Code.NEEDS_APPROVAL, message)
