"""The law by seq: every version of the book, read from the ledger as it grows. Used by the judge and the replay."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from models.envelope import Row, Stated
from models.law import Law, law_of
from streams.decode import decode


@dataclass(frozen=True, slots=True)
class Edition:
    """The book from one law fact on: its seq, when that was recorded, and the book."""

    seq: int
    recorded_at: int
    law: Law


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
            self.editions.append(Edition(row.seq, row.recorded_at, law))
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
