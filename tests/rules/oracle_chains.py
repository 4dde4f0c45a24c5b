"""A site's stock the naive way with everything that can befall it in grams: chains of codes, counts, opening stock.

Lists, loops and no code shared with the rule; called by tests/rules/test_storage_oracles.py with facts in order of time,
without places. `over_spans` says by brute force when a lot is over its term.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Name = tuple[str, str]  # Batch and code.


@dataclass
class Batch:
    """A batch under one code. `made` was not yet stated as stored, `kept` not yet as made, `out` waits at the door."""

    since: int = 0
    left: int = 0
    made: int = 0
    kept: int = 0
    out: int = 0
    emptied_at: int = 0
    counted_out: bool = False
    said: set[tuple[Any, ...]] = field(default_factory=set)


class Books:
    """All of a site, fact by fact."""

    def __init__(self) -> None:
        self.batches: dict[Name, Batch] = {}
        self.first_code: dict[str, str] = {}
        self.owed: dict[str, int] = {}
        self.settled: dict[str, int] = {}
        self.below: dict[str, int] = {}
        self.gone: set[tuple[Any, ...]] = set()
        self.at = self.seq = 0

    def take_in(self, kind: str, at: int, seq: int, body: Any) -> None:
        """One fact."""
        self.at, self.seq = at, seq
        getattr(self, "_" + kind.partition(".")[0].replace("-", "_"))(body)
        for code in {code for _, code in self.batches} | set(self.owed):
            if self.balance(code) >= 0:
                self.below.pop(code, None)
            else:
                self.below.setdefault(code, at)

    def balance(self, code: str) -> int:
        """Grams of a code: all batches, less what is owed, as counts settled it."""
        held = sum(batch.left for (_, other), batch in self.batches.items() if other == code)
        return held - self.owed.get(code, 0) + self.settled.get(code, 0)

    # Facts

    def _waste_generated(self, body: Any) -> None:
        self._come(body.lot, body.waste_code, body.mass_g, "made", ("made", self.at))

    def _waste_stored(self, body: Any) -> None:
        if body.opening:
            since = body.stored_since or 0
            self._come(body.lot, body.waste_code, body.mass_g, "opening", ("opening",), since)
        elif body.parents:
            parents = self._parents(body.parents, body.lot, body.waste_code)
            how = "output" if any(self.batches[name].left > 0 for name in parents) else "stored"
            self._chain(body.lot, body.waste_code, body.mass_g, how, ("stored", self.at), parents)
        else:
            self._come(body.lot, body.waste_code, body.mass_g, "stored", ("stored", self.at))

    def _waste_released(self, body: Any) -> None:
        parents = self._parents(body.parents, body.lot, body.waste_code)
        if parents or [parent for parent in body.parents if parent != body.lot]:
            self._chain(body.lot, body.waste_code, body.mass_g, "output", ("output", self.at), parents)
            return
        batch = self._batch(body.lot, body.waste_code)
        batch.out = min(batch.out + body.mass_g, max(batch.left, 0))

    def _lot_repacked(self, body: Any) -> None:
        givers = [
            (share.lot, self.first_code[share.lot]) for share in body.inputs if share.lot in self.first_code
        ]
        since = min([self.at, *(self.batches[name].since for name in givers if self.batches[name].since)])
        told = [(("repacked", self.at), new.mass_g) for new in body.outputs]
        news = [self._find(new.lot, new.waste_code) for new in body.outputs]
        if not all(new is not None and said in new.said for new, said in zip(news, told, strict=True)):
            for share in body.inputs:
                if share.lot in self.first_code:
                    self._give((share.lot, self.first_code[share.lot]), share.mass_g)
        for new in body.outputs:
            self._come(new.lot, new.waste_code, new.mass_g, "output", ("repacked", self.at), since)

    def _stock_taken(self, body: Any) -> None:
        named = [row for row in body.counts if row.lot is not None]
        for row in named:
            batch = self._batch(row.lot, row.waste_code)
            if batch.left > 0 or row.mass_g:
                since = min(row.stored_since or self.at, self.at)
                refilled = batch.emptied_at and batch.left <= 0
                batch.since = since if refilled or not batch.since else min(since, batch.since)
            held = batch.left > 0
            self._set(batch, row.mass_g)
            batch.counted_out = held and row.mass_g == 0
        for number, row in enumerate(body.counts, start=1):
            if row.lot is None:
                self._count_code(row, number, {(other.lot, other.waste_code) for other in named})

    def _count_code(self, row: Any, number: int, named: set[Name]) -> None:
        code = row.waste_code
        held = [name for name in self._oldest(code) if name not in named]
        missing = sum(self.batches[name].left for name in held) - row.mass_g
        for name in reversed(held):
            if missing > 0:
                missing -= self._give(name, missing)
                self.batches[name].counted_out = self.batches[name].left == 0
        self.owed[code] = 0
        held_g = sum(max(batch.left, 0) for (_, other), batch in self.batches.items() if other == code)
        self.settled[code] = self.settled.get(code, 0) + held_g - self.balance(code)
        if missing < 0:
            surplus = f"stock-take-{self.seq}-{number}"
            self._come(surplus, code, -missing, "back", (surplus,), min(row.stored_since or 0, self.at))

    def _transport_departed(self, body: Any) -> None:
        for line in body.lines:
            said = (body.manifest_no, line.line, line.waste_code, line.mass_g)
            if said not in self.gone:
                self.gone.add(said)
                self._go(line)

    def _waste_treated(self, body: Any) -> None:
        for line in body.lines:
            self._go(line)
        for new in body.residues:
            self._come(new.lot, new.waste_code, new.mass_g, "made", ("made", self.at))

    def _receipt_accepted(self, body: Any) -> None:
        for line in body.lines:
            name = f"{body.manifest_no}/{line.line}"
            self._come(line.stored_as or name, line.waste_code, line.mass_g, "made", (name,))

    # Coming in

    def _find(self, batch: str, code: str) -> Batch | None:
        return self.batches.get((batch, code))

    def _batch(self, batch: str, code: str) -> Batch:
        self.first_code.setdefault(batch, code)
        return self.batches.setdefault((batch, code), Batch())

    def _come(
        self, name: str, code: str, grams: int, how: str, source: tuple[Any, ...], since: int = 0
    ) -> int:
        """So much comes in; what of it was not there yet."""
        batch = self._batch(name, code)
        clock = min(since or self.at, self.at)
        added = 0
        if (source, grams) not in batch.said:
            batch.said.add((source, grams))
            added = self._added(batch, how, grams)
        refilled = batch.emptied_at and batch.left <= 0 < batch.left + added
        batch.since = clock if refilled or not batch.since else min(clock, batch.since)
        self._set(batch, batch.left + added)
        met = max(0, min(self.owed.get(code, 0), added, batch.left))
        self.owed[code] = self.owed.get(code, 0) - met
        if met:
            self._set(batch, batch.left - met)
        return added

    def _added(self, batch: Batch, how: str, grams: int) -> int:
        """产生 and 入库 of the same matter count once; opening stock fills up; what left its store comes back to it."""
        if how == "opening":
            new = max(0, grams - max(0, batch.left))
            batch.made, batch.kept = batch.made + new, batch.kept + new
            return new
        if how == "made":
            known = min(grams, batch.kept)
            batch.kept, batch.made = batch.kept - known, batch.made + grams - known
            return grams - known
        if how == "stored":
            known = min(grams, batch.made)
            moved = min(grams - known, batch.out)
            batch.made, batch.out = batch.made - known, batch.out - moved
            batch.kept += grams - known - moved
            return grams - known - moved
        if how == "output":
            batch.made += grams
        return grams

    # Going out

    def _set(self, batch: Batch, grams: int) -> None:
        before, batch.left = batch.left, grams
        if before > 0 >= grams:
            batch.emptied_at, batch.out, batch.counted_out = self.at, 0, False
        elif grams > 0 >= before:
            batch.emptied_at, batch.counted_out = 0, False

    def _give(self, name: Name, most: int) -> int:
        batch = self.batches[name]
        gives = max(0, min(most, batch.left))
        if gives:
            self._set(batch, batch.left - gives)
        return gives

    def _oldest(self, code: str) -> list[Name]:
        held = [
            (batch.since, name) for name, batch in self.batches.items() if name[1] == code and batch.left > 0
        ]
        return [name for _, name in sorted(held)]

    def _parents(self, parents: Iterable[str], batch: str, code: str) -> list[Name]:
        """Those that are known, under this code or else under their own first one; the oldest first."""
        found = set()
        for parent in parents:
            if parent != batch and parent in self.first_code:
                found.add(
                    (parent, code) if (parent, code) in self.batches else (parent, self.first_code[parent])
                )
        return sorted(found, key=lambda name: (self.batches[name].since, name))

    def _chain(
        self, name: str, code: str, grams: int, how: str, source: tuple[Any, ...], parents: list[Name]
    ) -> None:
        since = min(
            [self.at, *(self.batches[parent].since for parent in parents if self.batches[parent].since)]
        )
        wanted = self._come(name, code, grams, how, source, since)
        for parent in parents:
            wanted -= self._give(parent, wanted)

    def _go(self, line: Any) -> None:
        code, grams = line.waste_code, line.mass_g
        if line.parents:
            parents = self._parents(line.parents, line.lot or "", code)
            if line.lot:
                lacking = grams - max(0, self._batch(line.lot, code).left)
                if lacking > 0:
                    source = ("line", self.seq, line.line)
                    self._chain(line.lot, code, lacking, "output", source, parents)
            else:
                for parent in parents:
                    grams -= self._give(parent, grams)
                if grams:
                    self._take(line.parents[0], code, grams)
                return
        if line.lot:
            self._take(line.lot, code, grams)
            return
        for name in self._oldest(code):
            grams -= self._give(name, grams)
        self.owed[code] = self.owed.get(code, 0) + grams

    def _take(self, name: str, code: str, grams: int) -> None:
        batch = self._batch(name, code)
        if batch.counted_out:
            batch.counted_out, batch.emptied_at = False, self.at
        self._set(batch, batch.left - grams)


def over_spans(turns: Iterable[int], is_over: Callable[[int], bool]) -> list[tuple[int, int | None]]:
    """When something is over, from asking at every instant at which that could change; the last may last."""
    spans: list[tuple[int, int | None]] = []
    begun = None
    for turn in sorted(set(turns)):
        if is_over(turn) and begun is None:
            begun = turn
        elif not is_over(turn) and begun is not None:
            spans.append((begun, turn))
            begun = None
    return spans if begun is None else [*spans, (begun, None)]
