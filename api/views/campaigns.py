"""动态清零 as campaigns: the frozen list, as known then and as known now, its burn-down by day, and what came after.

Made of the alerts storage.over_limit and of what happened to them (alert_changes): so "as known then" is what this
system said at that time, and "as known now" what it says of that time today. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection, select

from api.reach import Reach, within
from api.views import alerts
from api.views.alerts import AlertView
from api.views.names import Names
from models.alerts import AlertKind
from models.catalogue import category_of
from models.exact import BEIJING_OFFSET_US, DAY_US
from models.facts.law import CampaignOpened, Scope
from models.facts.registers import SiteRole
from models.tables import AlertChange, AlertRow
from rules.storage_campaign import baseline_at, look_back_at, target_at
from streams.lawbook import LawBook


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and when it was recorded."""

    policy: CampaignOpened
    recorded_at: int

    @property
    def frozen_at(self) -> int:
        """00:00 of its baseline day."""
        return baseline_at(self.policy)

    @property
    def known_at(self) -> int:
        """What was known when the list was frozen: by then, or by its recording where that was later."""
        return max(self.frozen_at, self.recorded_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """A lot on the list. `left_g` (or pieces) as of now; `until` None while it is over its term."""

    alert: AlertView
    listed_g: int
    target_at: int
    look_back_at: int | None

    @property
    def lot(self) -> str:
        """Its batch code."""
        return str(self.alert.amounts.get("lot", ""))

    @property
    def code(self) -> str:
        """Its waste code."""
        return str(self.alert.amounts.get("waste_code", ""))

    @property
    def cleared_at(self) -> int | None:
        """When it was no longer over its term."""
        return self.alert.until


@dataclass(frozen=True, slots=True)
class Left:
    """How much of the list was still there at the end of a day (microseconds of its midnight after)."""

    at: int
    lots: int
    mass_g: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything a campaign's page tells. `known_then` is the list as it was frozen; `listed` as known now."""

    campaign: Campaign
    known_then: list[Listed]
    listed: list[Listed]
    burn_down: list[Left]
    new: list[AlertView]  # Over their term since, and still so.
    regressed: list[AlertView]  # Of those, where the list had been cleared, from the second look on.


def recorded(book: LawBook) -> list[Campaign]:
    """All campaigns in force by the book, the latest first; each with when it was first recorded."""
    first: dict[str, int] = {}
    for edition in book.editions:
        for policy in edition.law.recorded():
            if isinstance(policy, CampaignOpened):
                first.setdefault(policy.campaign, edition.recorded_at)
    known = [policy for policy in book.latest.recorded() if isinstance(policy, CampaignOpened)]
    found = [Campaign(policy, first[policy.campaign]) for policy in known]
    return sorted(found, key=lambda one: (one.frozen_at, one.recorded_at), reverse=True)


def progress(
    connection: Connection, names: Names, campaign: Campaign, reach: Reach, region: str, now: int
) -> Progress:
    """How a campaign stands, in a part of its region where one is given, as far as a reader sees."""
    changes = _changes(connection, names, campaign, reach, region)
    then = [
        _listed(campaign, view, view)
        for view in _at(changes, campaign.known_at)
        if _was_listed(campaign, view)
    ]
    latest = [rows[-1] for rows in changes.values()]
    listed = [
        _listed(campaign, view, changes[view.alert_id][0])
        for view in latest
        if view.standing and _is_listed(campaign, view) and view.since <= campaign.frozen_at
    ]
    carried = [view for view in latest if view.standing and _is_listed(campaign, view)]
    new = [view for view in latest if view.lasting and not _is_listed(campaign, view)]
    return Progress(
        campaign,
        _sorted(then),
        _sorted(listed),
        _burn_down(campaign, carried, changes, now),
        sorted(new, key=lambda view: (view.since, view.site)),
        _regressed(listed, new, now),
    )


def _changes(
    connection: Connection, names: Names, campaign: Campaign, reach: Reach, region: str
) -> dict[str, list[AlertView]]:
    """All that happened to over-term alerts in the campaign's scope, by alert, in order."""
    scope = campaign.policy.scope
    wanted = max(scope.region, region, key=len)
    if not (wanted.startswith(scope.region) and wanted.startswith(region)):
        return {}
    query = (
        select(AlertChange.changed_at, AlertChange.body)
        .join(AlertRow, AlertRow.alert_id == AlertChange.alert_id)
        .where(AlertRow.kind == AlertKind.STORAGE_OVER_LIMIT.value, *within(AlertRow.site, wanted))
        .where(*reach.alerts_where())
        .order_by(AlertChange.changed_at, AlertChange.change_no, AlertChange.ordinal)
    )
    found: dict[str, list[AlertView]] = {}
    for changed_at, body in connection.execute(query):
        view = alerts.alert_of(orjson.loads(body))
        if _in_scope(scope, names, view):
            found.setdefault(view.alert_id, []).append(replace(view, conduct_at=changed_at))
    return found


def _in_scope(scope: Scope, names: Names, view: AlertView) -> bool:
    """By code, category and the role that the site is registered with now; a producer where it is not registered."""
    code = str(view.amounts.get("waste_code", ""))
    site = names.sites.get(view.site)
    return (
        scope.site in (None, view.site)
        and scope.waste_code in (None, code)
        and scope.category in (None, category_of(code))
        and scope.role in (None, site.role if site is not None else SiteRole.PRODUCER)
    )


def _at(changes: dict[str, list[AlertView]], at: int) -> list[AlertView]:
    """What was told of each alert by an instant. A change's time is kept in `conduct_at`."""
    told = ([view for view in rows if view.conduct_at <= at] for rows in changes.values())
    return [rows[-1] for rows in told if rows]


def _was_listed(campaign: Campaign, view: AlertView) -> bool:
    return view.lasting and view.since <= campaign.frozen_at


def _is_listed(campaign: Campaign, view: AlertView) -> bool:
    """By its clock, as the rule has it: relabelled matter stays on the list."""
    limit_at = view.amounts.get("limit_at")
    over = isinstance(limit_at, int) and limit_at <= campaign.frozen_at
    return over and (view.until is None or view.until > campaign.frozen_at)


def _listed(campaign: Campaign, view: AlertView, first: AlertView) -> Listed:
    region = view.site[:6]
    policy = campaign.policy
    return Listed(view, _stated_g(first), target_at(policy, region), look_back_at(policy, region))


def _stated_g(view: AlertView) -> int:
    """What is left, or of one that was over before it was known what there was."""
    stored_g = view.amounts.get("stored_g")
    return view.mass_g() or (stored_g if isinstance(stored_g, int) else 0)


def _sorted(rows: list[Listed]) -> list[Listed]:
    return sorted(rows, key=lambda row: (row.cleared_at is not None, -row.listed_g, row.alert.site, row.lot))


def _burn_down(
    campaign: Campaign, listed: list[AlertView], changes: dict[str, list[AlertView]], now: int
) -> list[Left]:
    """Day by day from the baseline on, as known now: what was there, with the mass that was last stated by then."""
    found = []
    start = (campaign.frozen_at + BEIJING_OFFSET_US) // DAY_US
    end = (now + BEIJING_OFFSET_US) // DAY_US
    for day in range(start, end + 1):
        at = min((day + 1) * DAY_US - BEIJING_OFFSET_US, now)
        there = [view for view in listed if view.since <= at and (view.until is None or view.until > at)]
        mass_g = sum(_mass_at(changes[view.alert_id], at) for view in there)
        found.append(Left(at, len(there), mass_g))
    return found


def _mass_at(rows: Iterable[AlertView], at: int) -> int:
    mass_g = 0
    for number, view in enumerate(rows):
        if number and view.conduct_at > at:
            break
        mass_g = _stated_g(view) if not number else view.mass_g() or mass_g
    return mass_g


def _regressed(listed: list[Listed], new: list[AlertView], now: int) -> list[AlertView]:
    cleared = {
        (row.alert.site, row.code): row.cleared_at
        for row in listed
        if row.cleared_at is not None and row.look_back_at is not None and now >= row.look_back_at
    }
    return [
        view
        for view in new
        if view.since >= cleared.get((view.site, str(view.amounts.get("waste_code", ""))), now + 1)
    ]
