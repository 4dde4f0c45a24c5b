"""The law by seq: every version of the book, read from the ledger as it grows. Used by the judge and the replay.

An edition also knows what it changed, so that a key which never asks about that is spared (models/law_edits.py).
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from models.envelope import Row, Stated
from models.exact import beijing_date
from models.law import Law, law_of
from models.law_edits import Edit, edits
from rules.contract import Rule
from streams.decode import decode


class Touch(StrEnum):
    """What an edition does to a key: nothing; findings are taken anew; its state is folded anew too."""

    SPARED = "spared"
    JUDGED = "judged"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Edition:
    """The book from one law fact on: its seq, when that was recorded, the book, and what became different."""

    seq: int
    recorded_at: int
    law: Law
    edits: tuple[Edit, ...]

    def concerns(self, rule: Rule) -> bool:
        """Whether it changed anything that a rule asks about."""
        return any(edit.matter in rule.ASKS for edit in self.edits)

    def touch(self, rule: Rule, key: str, latest_at: int) -> Touch:
        """What it does to a key of which no fact occurred after `latest_at`.

        What a rule asks about no later day than that of its latest fact cannot be answered otherwise by a policy that
        begins after it.
        """
        if not self.concerns(rule):
            return Touch.SPARED
        region, last_day = rule.region_of(key), beijing_date(latest_at)
        touching = [
            edit
            for edit in self.edits
            if edit.touches(rule.ASKS, region, None if edit.matter in rule.AHEAD else last_day)
        ]
        if any(edit.matter in rule.KEEPS for edit in touching):
            return Touch.FOLDED
        return Touch.JUDGED if touching else Touch.SPARED


@dataclass(slots=True)
class LawBook:
    """All editions so far. `upto` is the seq to which the ledger has been read."""

    upto: int = 0
    editions: list[Edition] = field(default_factory=list)
    _stated: dict[int, Stated] = field(default_factory=dict)
    _seqs: list[int] = field(default_factory=list)

    def add(self, rows: Iterable[Row]) -> None:
        """Take in law facts, and corrections of law facts, in seq order. Rows already taken in are skipped."""
        for row in rows:
            if self.editions and row.seq <= self.editions[-1].seq:
                continue
            decoded = decode(row)
            if decoded.is_correction:
                law = self._corrected(decoded.old, decoded.new, row.seq)
            elif decoded.new is not None:
                self._stated[row.seq] = decoded.new
                law = self.latest.having(decoded.new)
            self.editions.append(Edition(row.seq, row.recorded_at, law, edits(self.latest, law)))
            self._seqs.append(row.seq)

    def _corrected(self, old: Stated | None, new: Stated | None, seq: int) -> Law:
        if old is not None:
            self._stated.pop(old.seq, None)
        if new is not None:
            self._stated[new.seq] = new
        law = law_of(self._stated[number] for number in sorted(self._stated))
        return law.as_of(seq)

    @property
    def latest(self) -> Law:
        """The book after all editions."""
        return self.editions[-1].law if self.editions else Law()

    def before(self, seq: int) -> Law:
        """The book that a fact with this seq is judged under."""
        if not self._seqs or seq > self._seqs[-1]:
            return self.latest
        index = bisect_left(self._seqs, seq)
        return self.editions[index - 1].law if index else Law()

    def between(self, after: int, before: int) -> list[Edition]:
        """Editions with after < seq < before: what a key has still to take in. Nearly always none."""
        if not self._seqs or after >= self._seqs[-1]:
            return []
        return self.editions[bisect_left(self._seqs, after + 1) : bisect_left(self._seqs, before)]
