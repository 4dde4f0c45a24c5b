"""A site's stock the naive way: lists, loops and no code shared with the rule, for facts given in grams without places.

Called by tests/rules/test_storage.py with facts in order of time; it knows generation, storage, acceptance, departure
and treatment.
"""

from dataclasses import dataclass, field
from typing import Any

YEAR_US = 365 * 24 * 3_600_000_000


@dataclass
class Batch:
    """A batch under one code, in grams."""

    code: str
    since: int
    made: int = 0
    stored: int = 0
    out: int = 0
    emptied_at: int | None = None
    said: list[tuple[Any, ...]] = field(default_factory=list)

    def left(self) -> int:
        """What is there; below zero where more was taken."""
        return max(self.made, self.stored) - self.out


class Books:
    """All of a site, fact by fact."""

    def __init__(self) -> None:
        self.batches: dict[tuple[str, str], Batch] = {}
        self.first_code: dict[str, str] = {}
        self.owed: dict[str, int] = {}
        self.gone: set[tuple[Any, ...]] = set()
        self.below: dict[str, int] = {}

    def take_in(self, kind: str, at: int, body: Any) -> None:
        """One fact."""
        if kind in ("waste-generated.v1", "waste-stored.v1"):
            self._come(body.lot, body.waste_code, body.mass_g, at, kind, (kind, at, body.mass_g))
        elif kind == "receipt-accepted.v1":
            for line in body.lines:
                name = line.stored_as or f"{body.manifest_no}/{line.line}"
                said: tuple[Any, ...] = (body.manifest_no, line.line, line.mass_g)
                self._come(name, line.waste_code, line.mass_g, at, "waste-generated.v1", said)
        else:
            for line in body.lines:
                said = (getattr(body, "manifest_no", None), line.line, line.waste_code, line.mass_g)
                if said[0] is None or said not in self.gone:
                    self.gone.add(said)
                    self._go(line, at)
            for new in getattr(body, "residues", ()):
                self._come(new.lot, new.waste_code, new.mass_g, at, "residue", (at, new.mass_g))
        for code in {code for _, code in self.batches} | set(self.owed):
            if self.balance(code) >= 0:
                self.below.pop(code, None)
            else:
                self.below.setdefault(code, at)

    def balance(self, code: str) -> int:
        """Grams of a code."""
        held = sum(batch.left() for (_, other), batch in self.batches.items() if other == code)
        return held - self.owed.get(code, 0)

    def _batch(self, name: str, code: str, at: int) -> Batch:
        self.first_code.setdefault(name, code)
        return self.batches.setdefault((name, code), Batch(code, at))

    def _come(self, name: str, code: str, grams: int, at: int, kind: str, said: tuple[Any, ...]) -> None:
        batch = self._batch(name, code, at)
        if not batch.said:
            batch.since = at
        if said in batch.said:
            return
        batch.said.append(said)
        before = batch.left()
        if kind == "waste-stored.v1":
            batch.stored += grams
        else:
            batch.made += grams
        added = batch.left() - before
        if batch.emptied_at and before <= 0 < before + added:
            batch.since, batch.emptied_at = at, None
        met = min(self.owed.get(code, 0), added, max(batch.left(), 0))
        self.owed[code] = self.owed.get(code, 0) - met
        if met:
            self._out(batch, met, at)

    def _go(self, line: Any, at: int) -> None:
        if line.lot:
            self._out(self._batch(line.lot, line.waste_code, at), line.mass_g, at)
            return
        missing = line.mass_g
        of_code = [
            (b.since, n, b) for (n, c), b in self.batches.items() if c == line.waste_code and b.left() > 0
        ]
        for _, _, batch in sorted(of_code, key=lambda row: row[:2]):
            gives = min(missing, batch.left())
            if gives:
                self._out(batch, gives, at)
                missing -= gives
        self.owed[line.waste_code] = self.owed.get(line.waste_code, 0) + missing

    def _out(self, batch: Batch, grams: int, at: int) -> None:
        before = batch.left()
        batch.out += grams
        if before > 0 >= batch.left():
            batch.emptied_at = at
