"""A batch followed over manifests and rounds into the sites it came from and went to, as far as the viewer may see.

Called by the question and the page of lineage. A manifest's load is followed as a whole: what came of any of its lines
came of it. A round without a manifest is followed back to its stop, and not forward, since nothing names where it went.
Reads only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from api.views import subjects
from api.views.manifests import fact_seqs
from models.envelope import Stated
from models.topics import Concern
from rules import storage
from rules.storage_facts import puts_of
from rules.storage_lineage import Load, Way
from streams.concern_batch import facts_in_force
from streams.decode import decode
from streams.ledger import Ledger

HOPS_MAX: Final = 100
_BROUGHT: Final = frozenset({"receipt-accepted.v1", "waste-collected.v1"})
_LEFT: Final = frozenset({"transport-departed.v1", "waste-collected.v1"})
Told = dict[str, Any]


def across(
    connection: Connection, ledger: Ledger, site: str, start: str, sees: Callable[[str], bool]
) -> Told | None:
    """As `rules.storage.lineage` for a site that may be seen, with what it meets elsewhere; None where it is not known.

    `hops`: document, from, to (sites), may_see (the other end). `elsewhere`: by site its lots and steps, for those sites
    alone that `sees` allows. Beyond 100 hops the rest is left out (`more`).
    """
    walk = _Walk(connection, ledger, sees)
    told = walk.take(site, start, "both")
    if told is None:
        return None
    walk.follow()
    elsewhere = [part.told() for name, part in sorted(walk.parts.items()) if name != site]
    home = walk.parts[site].told()
    hops = [hop for _, hop in sorted(walk.hops.items())]
    return {**home, "subject": start, "hops": hops, "elsewhere": elsewhere, "more": home["more"] or walk.more}


@dataclass(slots=True)
class _Part:
    """What was met at one site: lots by subject, each step once."""

    site: str
    lots: dict[str, Told] = field(default_factory=dict)
    steps: dict[tuple[Any, ...], Told] = field(default_factory=dict)
    more: bool = False

    def take(self, told: Told) -> None:
        self.lots |= {lot["subject"]: lot for lot in told["lots"]}
        self.steps |= {tuple(step.values()): step for step in told["steps"]}
        self.more = self.more or told["more"]

    def told(self) -> Told:
        lots = [lot for _, lot in sorted(self.lots.items())]
        steps = sorted(self.steps.values(), key=lambda step: (step["at"], step["from"], step["to"]))
        return {"site": self.site, "lots": lots, "steps": steps, "more": self.more}


class _Walk:
    """The sites that are still to be walked, and what was found."""

    def __init__(self, connection: Connection, ledger: Ledger, sees: Callable[[str], bool]) -> None:
        self.connection, self.ledger, self.sees = connection, ledger, sees
        self.parts: dict[str, _Part] = {}
        self.hops: dict[tuple[str, str, str], Told] = {}
        self.more = False
        self._met: set[tuple[str, str, str]] = set()
        self._waiting: deque[tuple[str, Told, Way]] = deque()

    def take(self, site: str, start: str, way: Way) -> Told | None:
        """Walk one site from a subject, once."""
        if (site, start, way) in self._met:
            return None
        self._met.add((site, start, way))
        told = storage.lineage(self._load(site), start, way)
        if told is not None:
            self.parts.setdefault(site, _Part(site)).take(told)
            self._waiting.append((site, told, way))
        return told

    def _load(self, site: str) -> Load:
        return lambda names: subjects.named(self.connection, storage, site, names)

    def follow(self) -> None:
        """Over every document that was met, to the other end."""
        while self._waiting:
            site, told, way = self._waiting.popleft()
            if way != "before":
                for document in told["sent_on"]:
                    self._forward(site, document)
            if way != "after":
                for document in told["brought_by"]:
                    self._back(site, document)

    def _forward(self, site: str, document: str) -> None:
        for fact in self._facts(document, _BROUGHT):
            for other in _receivers(fact):
                if other != site and self._hop(document, site, other, sees=self.sees(other)):
                    for put in puts_of(fact, other):
                        self.take(other, f"lot:{put.batch}", "after")
                        self.take(other, f"lot:{put.batch}@{put.code}", "after")

    def _back(self, site: str, document: str) -> None:
        origins = {fact.body.origin for fact in self._facts(document, _LEFT)}  # type: ignore[union-attr]
        if "/" in document:
            origins = {document.split("/")[-2]}
        for other in sorted(origins - {site}):
            if self._hop(document, other, site, sees=self.sees(other)):
                self.take(other, f"leaving:{document}", "before")

    def _hop(self, document: str, origin: str, destination: str, *, sees: bool) -> bool:
        """Note that matter went from site to site; whether to go on there."""
        key = (document, origin, destination)
        if key not in self.hops and len(self.hops) >= HOPS_MAX:
            self.more = True
            return False
        self.hops[key] = {"document": document, "from": origin, "to": destination, "may_see": sees}
        return sees

    def _facts(self, document: str, kinds: frozenset[str]) -> list[Stated]:
        """The facts in force of a manifest, of these kinds; none of a round, which has no key of its own."""
        if "/" in document:
            return []
        found = self.ledger.rows_by_seq(fact_seqs(self.connection, Concern.CUSTODY, document))
        facts = facts_in_force((decode(row) for _, row in sorted(found.items())), Concern.CUSTODY, document)
        return [
            fact
            for fact in facts
            if fact.kind in kinds and fact.body.manifest_no == document  # type: ignore[union-attr]
        ]


def _receivers(fact: Stated) -> list[str]:
    body: Any = fact.body
    return sorted({body.destination, getattr(body, "receiver", None) or body.destination})
