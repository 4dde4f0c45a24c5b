"""Permits of a site: its approvals and applications, the plan, what it files and is insured for. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from api.views import subjects
from models.exact import beijing_date
from models.law import Law
from rules import permits
from rules import permits_summary as summary
from rules.permits_applications import Application
from rules.permits_approvals import Approvals
from rules.permits_filings import SiteFile

_APPROVALS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class SitePermits:
    """All that is known of a site's permits besides its licences."""

    approvals: list[dict[str, Any]] = field(default_factory=list)
    applications: list[dict[str, Any]] = field(default_factory=list)
    plan: dict[str, Any] | None = None
    filings: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.approvals or self.applications or self.plan or self.filings)


def of_site(connection: Connection, law: Law, site: str, now: int) -> SitePermits:
    """What is stored of a site, as of a moment."""
    year = beijing_date(now).year
    held = subjects.of_keys(connection, permits, site, ("site", f"plan:{year}", f"planned:{year}:"))
    own = held.get(site, {})
    known = own.get("site")
    return SitePermits(
        approvals=approvals(connection, law, site, now),
        applications=applications(connection, law, site),
        plan=summary.plan(own, year),
        filings=summary.filings(known, law, site[:6], now) if isinstance(known, SiteFile) else None,
    )


def approvals(connection: Connection, law: Law, site: str, now: int) -> list[dict[str, Any]]:
    """Approvals from or to a site, those in force first, then the latest."""
    found = []
    for key, own in subjects.of_keys(connection, permits, "approval:", ("approval",)).items():
        known = own["approval"]
        ends = {end for terms in getattr(known, "stated", ()) for end in (terms.origin, terms.destination)}
        if site in ends and (told := approval_of(key, known, law, now)) is not None:
            found.append(told)
    found.sort(key=lambda one: (one["in_force"], one["last_day"]), reverse=True)
    return found[:_APPROVALS_MAX]


def approval_of(key: str, known: Any, law: Law, now: int) -> dict[str, Any] | None:
    """An approval by its key."""
    return summary.approval(key.partition(":")[2], known, law, now) if isinstance(known, Approvals) else None


def applications(connection: Connection, law: Law, site: str) -> list[dict[str, Any]]:
    """Applications from or to a site, the latest first."""
    found = []
    for key, own in subjects.of_keys(connection, permits, "application:", ("application",)).items():
        told = application_of(key, own["application"], law)
        if told is not None and site in (told["origin"], told["destination"]):
            found.append(told)
    found.sort(key=lambda one: int(one["applied_at"]), reverse=True)
    return found[:_APPROVALS_MAX]


def application_of(key: str, known: Any, law: Law) -> dict[str, Any] | None:
    """An application by its key."""
    return summary.application(key.partition(":")[2], known, law) if isinstance(known, Application) else None
