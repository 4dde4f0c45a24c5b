"""What the ledger knows while a group is decided: what is written, and what the group has noted so far. For ledger_group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from streams.ledger_sql import FactTuple, Identity, InForce, SenderTuple, StoredFact, Writer, Written

Party = tuple[str, str, str]  # Document, stater, kind.
Counted = tuple[str, str, str, str]  # Stater, day, code, kind.


@dataclass(slots=True)
class Noted:
    """What is not yet written: of a whole group, or of one submission that may still be refused."""

    rows: list[FactTuple] = field(default_factory=list)
    stored: dict[Identity, StoredFact] = field(default_factory=dict)
    parties: dict[Party, int] = field(default_factory=dict)
    corrections: dict[int, InForce] = field(default_factory=dict)
    changes: list[tuple[int, int, int | None]] = field(default_factory=list)
    senders: list[SenderTuple] = field(default_factory=list)
    warned: Counter[Counted] = field(default_factory=Counter)

    def copy(self) -> Noted:
        """The same, to note more in without consequence."""
        return Noted(
            [*self.rows],
            {**self.stored},
            {**self.parties},
            {**self.corrections},
            [*self.changes],
            [*self.senders],
            Counter(self.warned),
        )

    def take(self, other: Noted) -> None:
        """The submission is accepted."""
        self.rows += other.rows
        self.stored.update(other.stored)
        self.parties.update(other.parties)
        self.corrections.update(other.corrections)
        self.changes += other.changes
        self.warned.update(other.warned)
        self._send(other.senders)

    def _send(self, senders: Sequence[SenderTuple]) -> None:
        """Ranges of one key that follow each other are one."""
        for first, last, key_id, via in senders:
            if self.senders and self.senders[-1][1:] == (first - 1, key_id, via):
                first = self.senders.pop()[0]
            self.senders.append((first, last, key_id, via))

    def written(self) -> Written | None:
        """As it is written, in a fixed order; None where there is nothing new."""
        if not self.rows:
            return None
        return Written(
            self.rows,
            [(*names, seq) for names, seq in sorted(self.parties.items())],
            [(original, by.seq) for original, by in sorted(self.corrections.items())],
            self.changes,
            self.senders,
            [(*names, count) for names, count in sorted(self.warned.items())],
        )


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known to a submission: its own draft, its group, and what is written."""

    writer: Writer
    known: dict[Identity, StoredFact]
    noted: Noted
    draft: Noted

    def find(self, identity: Identity) -> StoredFact | None:
        """The fact under a (stated_by, event_id)."""
        return self.draft.stored.get(identity) or self.noted.stored.get(identity) or self.known.get(identity)

    def in_force(self, original_seq: int) -> InForce | None:
        """The correction in force of a fact; None where it stands as stated."""
        noted = self.draft.corrections.get(original_seq) or self.noted.corrections.get(original_seq)
        return noted or self.writer.correction_in_force(original_seq)

    def decision_on(self, original_seq: int, request_seq: int) -> int | None:
        """The seq of what decided a request about a fact; None where it is open."""
        for _, seq, decides in (*self.draft.changes, *self.noted.changes):
            if decides == request_seq:
                return seq
        return self.writer.decision_on(original_seq, request_seq)

    def spoken(self, documents: Collection[str], after: int) -> set[tuple[str, str]]:
        """Who stated which kinds on these documents after a seq: (stated_by, kind)."""
        if not documents:
            return set()
        found = self.writer.spoken(_listed(documents), after)
        for noted in (self.noted, self.draft):
            found.update(
                (stated_by, kind)
                for (document, stated_by, kind), seq in noted.parties.items()
                if seq > after and document in documents
            )
        return found


def _listed(documents: Collection[str]) -> Sequence[str]:
    return sorted(documents)
