"""What api/reach.py must look up to decide: who owns which site, what was handed over, where an alert belongs.

These are reads of the system's own, behind the wall that holds for the asker: the answer is only yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, select

from api.reach import Handed, Places
from api.views.names import Names
from models.envelope import Row
from models.facts import CORRECTING
from models.facts.registers import SiteRole
from models.tables import KeyFact, SubjectRow
from models.tables_reading import AlertPlace
from models.topics import Concern
from streams.concern_batch import facts_in_force
from streams.databases import Databases, beyond, guarded, reading
from streams.decode import decode
from streams.ledger import Ledger

ROWS_MAX: Final = 500
_REGISTERED: Final = "site-registered.v1"
_NOTHING: Final = Handed()


@dataclass(frozen=True, slots=True)
class Registers:
    """Looks things up in the ledger and the state, and by the names that the pages keep in memory."""

    ledger: Ledger
    names: Names

    @property
    def state(self) -> Engine:
        """Where alerts are."""
        return self.ledger.databases.state

    @property
    def _databases(self) -> Databases:
        return self.ledger.databases

    def owners(self, site: str) -> set[str]:
        """Who registered as the operator of a site, or was registered as it; corrected registrations as corrected."""
        with beyond():
            found = self.ledger.rows_by_seq(
                self._seqs(Concern.STORAGE, site, None), (_REGISTERED, *CORRECTING)
            )
        decoded = [decode(row) for _, row in sorted(found.items())]
        stated = facts_in_force(decoded, Concern.STORAGE, site)
        bodies: list[Any] = [fact.body for fact in stated if fact.kind == _REGISTERED]
        return {body.org for body in bodies}

    def sites_of(self, org: str) -> frozenset[str]:
        """The sites registered for an organisation, by what was recorded until two seconds ago."""
        self.names.refresh()
        return self.names.sites_of(org)

    def is_health(self, site: str) -> bool:
        """Whether a site is registered as a health facility."""
        self.names.refresh()
        known = self.names.sites.get(site)
        return known is not None and known.role == SiteRole.HEALTH_FACILITY

    def handed(self, org: str) -> Handed:
        """What was handed over to a police organisation."""
        self.names.refresh()
        return self.names.handed.get(org, _NOTHING)

    def rows_of(self, manifest_no: str) -> list[Row]:
        """The facts that a manifest was judged from, the first ROWS_MAX of them."""
        with beyond():
            found = self.ledger.rows_by_seq(self._seqs(Concern.CUSTODY, manifest_no, ROWS_MAX))
        return [found[seq] for seq in sorted(found)]

    def handles_medical(self, site: str) -> bool:
        """Whether a site ever had medical waste in its books: the storage rule keeps a subject for each code."""
        query = select(SubjectRow.subject).where(
            SubjectRow.concern == Concern.STORAGE.value,
            SubjectRow.key == site,
            SubjectRow.subject >= "code:841-",
            SubjectRow.subject < "code:841.",
        )
        with beyond(), guarded(), reading(self._databases.state) as connection:
            return any(name.endswith("-01") for (name,) in connection.execute(query))

    def places_of(self, alert_id: str) -> Places:
        """Where an alert belongs."""
        query = select(AlertPlace.region, AlertPlace.medical).where(AlertPlace.alert_id == alert_id)
        with beyond(), guarded(), reading(self._databases.state) as connection:
            return [(region, bool(medical)) for region, medical in connection.execute(query)]

    def _seqs(self, concern: Concern, key: str, limit: int | None) -> list[int]:
        query = select(KeyFact.seq).where(KeyFact.concern == concern.value, KeyFact.key == key)
        with guarded(), reading(self._databases.state) as connection:
            return list(connection.execute(query.order_by(KeyFact.seq).limit(limit)).scalars())
