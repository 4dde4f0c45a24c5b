"""Who may see what: the one place where roles, organisations and regions are compared (TESTING_SECURITY 6.1 API1, 6.4).

A `Reach` is made once for a request from its Holder. Routes ask it; none decides by itself, and a test holds that. What
is foreign and what is unknown are the same False. The database holds a second wall by the same bounds (row_security).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson
from sqlalchemy import ColumnElement, Engine, LargeBinary, and_, false, literal, or_, select

from api.named_in import NamedIn
from api.reach_rows import kind_of, manifests_of, names, own_rows, parties_of, says_number
from models.envelope import Row
from models.facts.base import Role
from models.reach import (
    CLOSED,
    HANDED_OVER,
    MONEY_KINDS,
    OPEN_TO_OVERSIGHT,
    TRANSPORT_ALERTS,
    Bounds,
    Breadth,
    bounds_of,
    is_medical,
    is_of_the_way,
    manifests_said,
    orgs_said,
    region_of_org,
    says_medical,
    says_region,
    sites_said,
    sites_stored,
    state_says_region,
)
from models.tables import AlertRow
from models.tables_reading import AlertPlace

if TYPE_CHECKING:
    from streams.keys import Holder
    from streams.ledger_history import Request, Versions

Places = Iterable[tuple[str, bool]]  # Six digits of a region, and whether it is about medical waste there.
_ACTS_OF_THE_WAY: Final = frozenset({"issued", "voided", "departed", "handed_over", "arrived", "returned"})


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over to one police organisation."""

    manifests: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    alerts: frozenset[str] = frozenset()


class Known(Protocol):
    """What must be looked up to decide."""

    @property
    def state(self) -> Engine:
        """Where alerts are."""

    def owners(self, site: str) -> set[str]:
        """The organisations that are registered with a site."""

    def sites_of(self, org: str) -> frozenset[str]:
        """The sites registered for an organisation."""

    def is_health(self, site: str) -> bool:
        """Whether a site is registered as a health facility."""

    def handed(self, org: str) -> Handed:
        """What was handed over to a police organisation."""

    def rows_of(self, manifest_no: str) -> Sequence[Row]:
        """The facts that a manifest was judged from."""

    def handles_medical(self, site: str) -> bool:
        """Whether a site ever had medical waste in its books."""

    def places_of(self, alert_id: str) -> Places:
        """Where an alert belongs."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one reader may see. `holder` is who it is, for the access log."""

    holder: Holder
    bounds: Bounds
    known: Known

    # What kind of reader

    @property
    def org(self) -> str:
        """Whose reader it is."""
        return self.bounds.org

    @property
    def oversees(self) -> bool:
        """Whether it looks at others by office: regulators and auditors. They may ask about the past."""
        return self.bounds.breadth is not Breadth.OWN

    @property
    def sees_all(self) -> bool:
        """Whether nothing of what was stated is hidden from it."""
        return self.bounds.breadth is Breadth.ALL

    @property
    def governs(self) -> bool:
        """Whether totals over a region are for it: mass balances, capacity."""
        return self.bounds.breadth in {Breadth.ALL, Breadth.REGION}

    @property
    def audits(self) -> bool:
        """Whether it may read who read what, of everybody."""
        return self.holder.role is Role.AUDITOR

    @property
    def medical_only(self) -> bool:
        """Whether it sees medical waste alone."""
        return self.bounds.breadth is Breadth.MEDICAL

    @property
    def no_money(self) -> bool:
        """Whether money is not its business."""
        return self.bounds.breadth in {Breadth.MEDICAL, Breadth.TRANSPORT, Breadth.CASES}

    @property
    def way_only(self) -> bool:
        """Whether it sees the way and nothing of what is at its ends."""
        return self.bounds.breadth is Breadth.TRANSPORT

    def narrowed(self, region: str) -> str | None:
        """The part of a region (a prefix) that is its; None where none is. Owners are limited by rows, not by region."""
        if region.startswith(self.bounds.region):
            return region
        return self.bounds.region if self.bounds.region.startswith(region) else None

    def is_own(self, org: str) -> bool:
        """Whether an organisation is the reader's own."""
        return org == self.bounds.org

    # Facts

    def row(self, row: Row) -> bool:
        """Whether a ledger row may be seen."""
        if row.kind in CLOSED:
            return self.audits
        if self.bounds.breadth is Breadth.ALL or row.stated_by == self.bounds.org:
            return True
        if self.bounds.breadth is Breadth.OWN:
            return row.kind != HANDED_OVER and names(row, self.bounds.org)
        if row.kind in OPEN_TO_OVERSIGHT:
            return True
        return self._belongs(row) or any(self._in_manifest(no, row) for no in manifests_of(row))

    def _belongs(self, row: Row) -> bool:
        """Whether a row by itself lies within the bounds of a regulator."""
        said = row.data + (row.original or b"")
        if self.bounds.breadth is Breadth.CASES:
            return self._in_cases(row, said)
        if not self._says_region(row, said):
            return False
        if self.bounds.breadth is Breadth.TRANSPORT:
            return is_of_the_way(kind_of(row), said)
        if self.bounds.breadth is Breadth.MEDICAL:
            return kind_of(row) not in MONEY_KINDS and self._says_medical(said)
        return True

    def _says_region(self, row: Row, said: bytes) -> bool:
        """A fact is of the region of every site that it names; one that names none, of its organisations'."""
        region = self.bounds.region
        if says_region(said, region):
            return True
        is_placed = not region or says_region(said, "")
        return not is_placed and any(self._org_in_region(org) for org in orgs_said(said) | {row.stated_by})

    def _org_in_region(self, org: str) -> bool:
        sites = self.known.sites_of(org)
        return any(map(self.bounds.holds, sites)) or self.bounds.holds(region_of_org(org))

    def _says_medical(self, said: bytes) -> bool:
        return says_medical(said) or any(self.known.is_health(site) for site in sites_said(said))

    def _in_cases(self, row: Row, said: bytes) -> bool:
        if row.kind == HANDED_OVER:
            return b'"to_org":"%b"' % self.bounds.org.encode() in row.data
        handed = self.known.handed(self.bounds.org)
        return bool(manifests_said(said) & handed.manifests or sites_said(said) & handed.sites)

    def _in_manifest(self, number: str, row: Row) -> bool:
        """Whether a fact that says nothing of its place is on a manifest within the bounds."""
        if self.bounds.breadth is Breadth.TRANSPORT and not is_of_the_way(kind_of(row), row.data):
            return False
        if self.no_money and kind_of(row) in MONEY_KINDS:
            return False
        return self.manifest(number, self.known.rows_of(number))

    def fact(self, found: Versions) -> bool:
        """Whether a fact may be seen: it, or anything said of it; and by whoever has to decide on it."""
        return any(self.row(row) for row in (found.fact, *found.said)) or any(
            self._decides(wish) for wish in found.requests
        )

    def request(self, request: Request) -> bool:
        """Whether a request for a correction may be seen: by who asked, who may decide, and whom the fact is for."""
        return self._decides(request) or self.row(request.row)

    def _decides(self, request: Request) -> bool:
        return self.bounds.org in request.deciders

    # Subjects

    def manifest(self, number: str, rows: Iterable[Row]) -> bool:
        """Whether a manifest may be seen, given the facts that it was judged from."""
        if self.bounds.breadth is Breadth.CASES:
            return number in self.known.handed(self.bounds.org).manifests
        own = own_rows(rows, number)
        if self.bounds.breadth is Breadth.OWN:
            return any(names(row, self.bounds.org) for row in own)
        return (self.bounds.breadth is Breadth.ALL and bool(own)) or any(map(self._belongs, own))

    def manifest_rows(self, number: str, rows: Iterable[Row]) -> list[Row]:
        """What may be seen of the facts of a manifest that may be seen.

        All under its own number; of those under a linked one (拒收再转移) only what is for the reader by itself, since
        the parties and places of the one are not those of the other. Transport authorities see the way alone.
        """
        kept = [row for row in rows if says_number(row, number) or self._of_linked(row)]
        return [row for row in kept if is_of_the_way(kind_of(row), row.data)] if self.way_only else kept

    def _of_linked(self, row: Row) -> bool:
        if self.bounds.breadth is Breadth.OWN:
            return names(row, self.bounds.org)
        return self.bounds.breadth is Breadth.ALL or self._belongs(row)

    def is_moving(self, number: str, body: bytes) -> bool:
        """Whether a stored manifest counts among the reader's own loads on the road."""
        if self.bounds.breadth is Breadth.OWN:
            return b'"%b"' % self.bounds.org.encode() in body
        if self.bounds.breadth is Breadth.CASES:
            return number in self.known.handed(self.bounds.org).manifests
        within = not self.bounds.region or state_says_region(body, self.bounds.region)
        return within and (not self.medical_only or says_medical(body))

    def site(self, site: str) -> bool:
        """Whether what is judged of a site may be seen: its stock, its licences, its lineage."""
        breadth = self.bounds.breadth
        if breadth is Breadth.OWN:
            return self.bounds.org in self.known.owners(site)
        if breadth is Breadth.CASES:
            return site in self.known.handed(self.bounds.org).sites
        if breadth is Breadth.TRANSPORT or not self.bounds.holds(site):
            return False
        if breadth is Breadth.MEDICAL:
            return self.known.is_health(site) or self.known.handles_medical(site)
        return True

    def code(self, site: str, code: str) -> bool:
        """Whether a waste (code or category) at a site that may be seen is the reader's to see."""
        return not self.medical_only or is_medical(code) or self.known.is_health(site)

    def stock(self, site: str, told: dict[str, Any]) -> dict[str, Any]:
        """What may be seen of the summary of a site's stock that may be seen."""
        if not self.medical_only or self.known.is_health(site):
            return told
        kept = {
            name: [row for row in told[name] if is_medical(row["waste_code"])]
            for name in ("lots", "codes", "counts")
        }
        return {**told, **kept, "points": []}

    def summary(self, told: dict[str, Any]) -> dict[str, Any]:
        """What may be seen of the summary of a manifest that may be seen: 交通 sees no weighing at its end."""
        if not self.way_only:
            return told
        lines = [{**line, "accepted_g": None, "refused_g": None} for line in told["lines"]]
        acts = {act: at for act, at in told["acts"].items() if act in _ACTS_OF_THE_WAY}
        return {**told, "lines": lines, "acts": acts}

    def listed_site(self, site: str) -> bool:
        """As `site`, for lists over many: by what is registered, without asking the database for each."""
        if self.bounds.breadth is Breadth.OWN:
            return site in self.known.sites_of(self.bounds.org)
        if self.bounds.breadth is Breadth.MEDICAL:
            return self.bounds.holds(site) and self.known.is_health(site)
        return self.site(site)

    def carrier(self, org: str) -> bool:
        """Whether a carrier's licences may be seen."""
        if self.bounds.breadth is Breadth.OWN:
            return org == self.bounds.org
        return self.bounds.breadth is Breadth.ALL or (
            self.bounds.breadth in {Breadth.REGION, Breadth.TRANSPORT} and self._org_in_region(org)
        )

    def organisation(self, org: str) -> bool:
        """Whether an organisation's name and registered sites may be seen."""
        if self.bounds.breadth in {Breadth.OWN, Breadth.CASES}:
            return org == self.bounds.org
        return self.bounds.breadth is Breadth.ALL or self.is_own(org) or self._org_in_region(org)

    def pair(self, origin_org: str, destination_org: str) -> bool:
        """Whether the money between two organisations may be seen."""
        if self.bounds.breadth is Breadth.OWN:
            return self.bounds.org in {origin_org, destination_org}
        ends = (origin_org, destination_org)
        return self.bounds.breadth is Breadth.ALL or (
            self.bounds.breadth is Breadth.REGION and any(map(self._org_in_region, ends))
        )

    def transfer(self, body: bytes) -> bool:
        """Whether an approval or application may be seen, by the sites that its stored form names."""
        ends = sites_stored(body)
        if self.bounds.breadth in {Breadth.TRANSPORT, Breadth.MEDICAL}:
            return any(map(self.bounds.holds, ends)) and (self.way_only or says_medical(body))
        return self.bounds.breadth is Breadth.ALL or any(map(self.site, ends))

    def province(self, province: str, category: str = "") -> bool:
        """Whether the capacity of a province may be seen: by those whose region lies in it, or who see all."""
        return self.governs and (not self.bounds.region or self.bounds.region[:2] == province)

    # Alerts

    def alert(self, alert: Mapping[str, Any], places: Places | None = None) -> bool:
        """Whether an alert (a row, a change's body or a view's fields) may be seen; places are looked up if not given."""
        breadth = self.bounds.breadth
        if breadth is Breadth.ALL:
            return True
        if breadth is Breadth.OWN:
            return self.bounds.org in parties_of(alert)
        if breadth is Breadth.CASES:
            handed = self.known.handed(self.bounds.org)
            return alert["alert_id"] in handed.alerts or alert["key"] in handed.manifests | handed.sites
        if breadth is Breadth.TRANSPORT and alert["kind"] not in TRANSPORT_ALERTS:
            return False
        found = self.known.places_of(alert["alert_id"]) if places is None else places
        return any(
            self.bounds.holds(region) and (medical or not self.medical_only) for region, medical in found
        )

    def alert_of_seen(self, alert: Mapping[str, Any]) -> bool:
        """The same for an alert of a key that may be seen, folded to a moment: it has no places yet."""
        if self.medical_only:
            return alert["concern"] != "settlement" and says_medical(orjson.dumps(alert["amounts"]))
        if self.way_only:
            return alert["kind"] in TRANSPORT_ALERTS
        return self.oversees or self.bounds.org in parties_of(alert)

    def alerts_where(self) -> list[ColumnElement[bool]]:
        """The same as SQL over the alerts' rows."""
        breadth, region = self.bounds.breadth, self.bounds.region
        if breadth is Breadth.ALL:
            return []
        if breadth is Breadth.OWN:
            return [NamedIn(literal(f'"{self.bounds.org}"'.encode(), LargeBinary), AlertRow.parties)]
        if breadth is Breadth.CASES:
            return [_handed(self.known.handed(self.bounds.org))]
        placed = select(AlertPlace.alert_id).where(*within(AlertPlace.region, region))
        if breadth is Breadth.MEDICAL:
            placed = placed.where(AlertPlace.medical)
        found: list[ColumnElement[bool]] = [AlertRow.alert_id.in_(placed)]
        return [*found, AlertRow.kind.in_(sorted(TRANSPORT_ALERTS))] if self.way_only else found


def reach_of(holder: Holder, known: Known) -> Reach:
    """The reach of whoever holds a key or a session."""
    return Reach(holder, bounds_of_holder(holder), known)


def bounds_of_holder(holder: Holder) -> Bounds:
    """The bounds alone: what the database is told."""
    return bounds_of(holder.org, holder.role, holder.regulator, holder.region)


def within(column: Any, region: str) -> list[ColumnElement[bool]]:
    """That codes or sites lie in a region, as a range that an index serves in any collation."""
    return [and_(column >= region, column < f"{region[:-1]}{chr(ord(region[-1]) + 1)}")] if region else []


def _handed(handed: Handed) -> ColumnElement[bool]:
    keys = sorted(handed.manifests | handed.sites)
    if not (keys or handed.alerts):
        return false()
    return or_(AlertRow.alert_id.in_(sorted(handed.alerts)), AlertRow.key.in_(keys))
