"""收运覆盖: of the small sources and clinics of a region, how many were visited within so many days. Reads only.

A site counts as served where its last visit is within the days that its region's policy sets for it, else within the
days asked for; one that never stated any waste is counted apart, since nothing may be there to fetch (MWR 21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from api.reach import Reach
from api.views import subjects
from api.views.names import Names
from models.exact import DAY_US, beijing_date
from models.facts.law import LimitName
from models.facts.registers import SiteRole
from models.law import Case, Law
from rules import storage
from rules.storage_rounds import ROUNDS, Rounds
from rules.storage_subjects import NEVER

DAYS_DEFAULT: Final = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A watched site: when it was last visited (None: never), since when waste waits, and by what measure it is served."""

    site: str
    role: str
    registered_at: int
    visited_at: int | None
    waiting_at: int | None
    days: int
    served: bool
    states_waste: bool


@dataclass(slots=True)
class Share:
    """Sites served of those registered; `silent` ones never stated any waste and were never visited."""

    registered: int = 0
    served: int = 0
    silent: int = 0

    def add(self, row: Served) -> None:
        """Count a site."""
        self.registered += 1
        self.served += row.served
        self.silent += not row.states_waste and row.visited_at is None


def sites(
    connection: Connection, names: Names, law: Law, region: str, days: int, now: int, reach: Reach
) -> list[Served]:
    """The watched sites of a region that a reader sees, the longest unvisited first."""
    found = []
    for site, known in subjects.of_keys(connection, storage, region, (ROUNDS,)).items():
        registered = names.sites.get(site)
        if not reach.listed_site(site):
            continue
        role = registered.role if registered else SiteRole.PRODUCER.value
        found.append(_served(site, role, known[ROUNDS], law, days, now))
    return sorted(found, key=lambda row: (row.served, row.visited_at or row.registered_at, row.site))


def _served(site: str, role: str, rounds: Rounds, law: Law, days: int, now: int) -> Served:
    case = Case(site[:6], SiteRole(role), site=site if law.names_site(site) else None)
    day = beijing_date(now)
    limits = [
        law.limit(name, case, day) for name in (LimitName.COVERAGE_INTERVAL, LimitName.COLLECTION_INTERVAL)
    ]
    allowed = next((limit.value for limit in limits if limit is not None), days)
    visited_at = None if rounds.visited == NEVER else rounds.visited[0]
    return Served(
        site,
        role,
        rounds.since,
        visited_at,
        None if rounds.waiting == NEVER else rounds.waiting[0],
        allowed,
        visited_at is not None and now - visited_at <= allowed * DAY_US,
        rounds.made != NEVER,
    )


def shares(rows: list[Served], digits: int) -> dict[str, Share]:
    """By the first digits of the region."""
    found: dict[str, Share] = {}
    for row in rows:
        found.setdefault(row.site[:digits], Share()).add(row)
    return dict(sorted(found.items()))
