"""Whether an organisation states a fact of its own side: by models.own_side, and by who registered which site.

Used by every door. The register is read from the ledger and kept in memory; a fact that registers a site, or corrects
that, is seen two seconds later at most, and at once by the process that accepted it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from models.access import RegulatorKind
from models.facts import CORRECTED, CORRECTING, FACT_TYPES
from models.facts.base import Fact, Role
from models.language import Both
from models.own_side import OWN_SIDE, Side
from models.problems import Code, Problem, problem
from models.regulators import may_not
from streams.databases import beyond
from streams.decode import decode
from streams.ledger import Ledger
from streams.ledger_types import Prepared, Receipt

REGISTERED: Final = "site-registered.v1"
# What may change the register: a correction may be of a registration.
_REGISTERING: Final = frozenset({REGISTERED, *CORRECTING})
_FRESH_SECONDS: Final = 2.0
Owners = Mapping[str, str]


class SiteRegister:
    """Which organisation each registered site belongs to, by the facts in force.

    Who registers a site first has it; only a regulator, who registers for another, gives it to somebody else.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._said: dict[str, dict[int, tuple[str, str]]] = {}  # By site and seq: (org, stated by).
        self._upto = 0
        self._fresh_until = 0.0
        self._lock = threading.Lock()
        # How often it was outdated, and up to which of these times it was read again; and how often it was read.
        self._outdated, self._refreshed, self._reads = 1, 0, 0
        self.owners: dict[str, str] = {}

    @property
    def loaded(self) -> bool:
        """Whether all is in it that this process knows to be registered."""
        return self._refreshed >= self._outdated

    @property
    def stale(self) -> bool:
        """Whether `refresh` has something to do."""
        return monotonic() >= self._fresh_until

    def outdate(self) -> None:
        """Something was registered in this process: `refresh` before the next fact is looked at."""
        self._outdated += 1
        self._fresh_until = 0.0

    def learn(self, stated_by: str, facts: Sequence[Prepared], receipts: Sequence[Receipt]) -> None:
        """What this process accepted just now: registrations are known at once, without asking; corrections are read.

        Blocks nobody: what comes while somebody reads is read next.
        """
        about = {fact.event_id: fact for fact in facts if fact.kind in _REGISTERING}
        for receipt in receipts:
            fact = about.get(receipt.event_id)
            if fact is None or receipt.known:
                continue
            if fact.kind != REGISTERED or not self._lock.acquire(blocking=False):
                self.outdate()
                continue
            try:
                if receipt.seq > self._upto:  # Else it was read already, and perhaps a correction of it too.
                    body: Any = fact.body
                    self._said.setdefault(body.site, {})[receipt.seq] = (body.org, stated_by)
                    self._settle(body.site)
            finally:
                self._lock.release()

    def refresh(self) -> None:
        """Read what was registered since. Blocks; LedgerUnavailable where the ledger is away.

        Of many who ask at once the first reads for all: those who waited for it find what they came for.
        """
        reads = self._reads
        with self._lock, beyond():
            if self._reads > reads and self.loaded:
                return
            outdated = self._outdated
            head = self._ledger.head().seq
            changed: set[str] = set()
            for row in self._ledger.rows_about(frozenset({REGISTERED}), self._upto, head):
                decoded = decode(row)
                for stated in (decoded.old, decoded.new):
                    if stated is None:
                        continue
                    body: Any = stated.body
                    site = body.site
                    said = self._said.setdefault(site, {})
                    changed.add(site)
                    if stated is decoded.old:
                        said.pop(stated.seq, None)
                    else:
                        said[stated.seq] = (body.org, stated.stated_by)
            for site in changed:
                self._settle(site)
            self._upto, self._refreshed, self._reads = head, outdated, self._reads + 1
            self._fresh_until = monotonic() + _FRESH_SECONDS

    def _settle(self, site: str) -> None:
        owner: str | None = None
        for _, (org, stated_by) in sorted(self._said[site].items()):
            if owner is None or stated_by != org:
                owner = org
        if owner is None:
            self.owners.pop(site, None)
        else:
            self.owners[site] = owner


class OwnSide:
    """Looks at the facts of one request, in order: a site that an earlier one registers counts for the later ones."""

    def __init__(
        self, org: str, role: Role, owners: Owners, regulator: RegulatorKind | None = None, region: str = ""
    ) -> None:
        self._org = org
        self._role = role
        self._regulator = regulator
        self._region = region
        self._new: dict[str, str] = {}
        self._owners = owners

    def look(self, fact: Prepared) -> Prepared | tuple[Problem, ...]:
        """The fact, with a warning where its site is unregistered; or what makes it another's to state."""
        if self._role is Role.REGULATOR:
            wrong = may_not(fact.kind, fact.data, fact.body, self._regulator, self._region)
            return fact if wrong is None else (wrong,)
        if fact.kind == CORRECTED:
            return self._replacement(fact)
        found = self._about(fact.kind, fact.body)
        if found is None:
            return fact
        if isinstance(found.code, Code):
            return (found,)
        return replace(fact, warnings=(*fact.warnings, found))

    def _replacement(self, fact: Prepared) -> Prepared | tuple[Problem, ...]:
        """What replaces a fact must be of the stater's own side too; what was stated may have been otherwise."""
        wire = fact.body.replacement  # type: ignore[attr-defined]
        if wire is None:
            return fact
        body = FACT_TYPES[wire["kind"]].model_validate(wire)
        found = self._about(wire["kind"], body)
        if found is None or not isinstance(found.code, Code):
            return fact
        return (found.under("$.replacement"),)

    def _about(self, kind: str, body: Fact) -> Problem | None:
        sides = OWN_SIDE.get(kind, {}).get(self._role)
        if not sides:
            return None
        foreign: Problem | None = None
        for side in sides:
            site = getattr(body, side.site) if side.site is not None else None
            if not self._names(side, body, site):
                continue
            owner = (self._owners.get(site) or self._new.get(site, "")) if site is not None else self._org
            if owner == self._org:
                return None
            if not owner:
                return self._unregistered(kind, body, side, site)
            foreign = foreign or _not_your_site(side, site)
        return foreign or _not_your_side(sides, self._org)

    def _names(self, side: Side, body: Any, site: str | None) -> bool:
        if side.org is None:
            return site is not None
        named = getattr(body, side.org)
        return bool(self._org in named if isinstance(named, tuple) else named == self._org)

    def _unregistered(self, kind: str, body: Any, side: Side, site: Any) -> Problem | None:
        if kind == REGISTERED:
            self._new[site] = body.org
            return None
        return problem(f"$.{side.site}", "site.unregistered/named", site=site)


def _not_your_site(side: Side, site: Any) -> Problem:
    return problem(f"$.{side.site}", "not_your_site/named", site=site)


def _not_your_side(sides: Sequence[Side], org: str) -> Problem:
    fields = [side.org or side.site for side in sides]
    named = Both("或".join(f"“{field}”" for field in fields), " or ".join(f'"{field}"' for field in fields))
    return problem(f"$.{fields[0]}", "not_your_side/named", named=named, org=org)
