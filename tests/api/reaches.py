"""Readers for tests of what may be seen: a register of who is who without a database, and a reach for any role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from api.reach import Handed, Places, Reach, reach_of
from models.access import RegulatorKind
from models.envelope import Row
from models.facts import Role
from streams.keys import Holder
from tests.facts import (
    COLLECTOR,
    COLLECTOR_ORG,
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    REGULATOR_ORG,
)

SITES = {
    PLATER: PRODUCER_ORG,
    HOSPITAL: HOSPITAL_ORG,
    KILN: FACILITY_ORG,
    OTHER_KILN: OTHER_FACILITY_ORG,
    COLLECTOR: COLLECTOR_ORG,
}


@dataclass
class Paper:
    """What is registered, on paper."""

    manifests: dict[str, list[Row]] = field(default_factory=dict)
    cases: dict[str, Handed] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    medical: set[str] = field(default_factory=set)

    @property
    def state(self) -> Engine:
        raise AssertionError("paper has no database")

    def owners(self, site: str) -> set[str]:
        return {SITES[site]} if site in SITES else set()

    def sites_of(self, org: str) -> frozenset[str]:
        return frozenset(site for site, owner in SITES.items() if owner == org)

    def is_health(self, site: str) -> bool:
        return site == HOSPITAL

    def handed(self, org: str) -> Handed:
        return self.cases.get(org, Handed())

    def rows_of(self, manifest_no: str) -> Sequence[Row]:
        return self.manifests.get(manifest_no, [])

    def handles_medical(self, site: str) -> bool:
        return site in self.medical

    def places_of(self, alert_id: str) -> Places:
        return self.places.get(alert_id, ())


def reach(
    role: Role,
    org: str = REGULATOR_ORG,
    regulator: RegulatorKind | None = None,
    region: str = "",
    known: Paper | None = None,
) -> Reach:
    """The reach of a reader."""
    return reach_of(
        Holder("0123456789ab", org, role, "test", regulator=regulator, region=region), known or Paper()
    )
