"""Questions of oversight over HTTP: mass balances, clearing campaigns with their lists, coverage. Reads only; blocking.

Those who see all may ask about any region; others about their own sites, lots and organisation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.answers.oversight import CampaignAnswer, CampaignsAnswer, CoverageAnswer, MassBalanceAnswer
from api.asking import Asker, desk_of
from api.bulk.neutral import csv_cell
from api.described import DescribedRoute
from api.parts import parts_of
from api.past import bad_parameter
from api.problems import not_found
from api.questions import note_site
from api.reach import Reach
from api.views import balance, campaigns, coverage
from api.views.alerts import AlertView
from api.views.campaigns import Campaign, Listed, Progress
from api.views.coverage import Share
from api.views.desk import Desk
from api.wire import instant
from models.exact import beijing_date
from models.facts.base import Day
from models.facts.law import RateFormula
from models.facts.oversight import Subject
from models.law import Case, Law
from rules.storage_balance import Line, by_category, handled_permyriad
from streams.databases import guarded, reading

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_Region = Annotated[str, Query(pattern="^([1-8][0-9]|[1-8][0-9]{3}|[1-8][0-9]{5})?$")]
_LIST_COLUMNS: Final = (
    "region",
    "site",
    "lot",
    "waste_code",
    "listed_kg",
    "over_since",
    "target_at",
    "cleared_at",
    "look_back_at",
    "alert_id",
)


class CsvResponse(Response):
    """A table for spreadsheets."""

    media_type = "text/csv"


# Mass balance


@router.get("/balance", response_model=MassBalanceAnswer)
def mass_balance(
    request: Request,
    reach: Asker,
    region: _Region = "",
    site: Annotated[str | None, Query(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")] = None,
    since: Annotated[Day | None, Query(alias="from", description="The first day; default 1 January.")] = None,
    until: Annotated[Day | None, Query(description="The last day; default 31 December.")] = None,
    by: Literal["code", "category"] = "code",
) -> dict[str, Any]:
    """The balance of a site or of a region's sites over a period of Beijing days (default: this year).

    opening + generated + opened + received + returned = handled + sent + closing + unexplained, in grams, by code or
    category; `counted_g` and `relabelled_g` are the unexplained by name, `between_g` is what was sent within the region
    and not taken in there.
    """
    desk = _desk(request)
    first, last = _period(desk, since, until)
    place = site if site is not None else reach.narrowed(region)
    if place is None or not (reach.listed_site(place) if site is not None else reach.governs):
        raise not_found(f'balance of "{site or region}"')
    with guarded(), reading(desk.state) as connection:
        told = balance.of_region(connection, place, first, last)
    if site is not None:
        note_site(parts_of(request), reach, site, len(told.lines))
    lines = told.lines if by == "code" else by_category(told.lines)
    what = "waste_code" if by == "code" else "category"
    return {
        "region": region,
        "site": site,
        "from": first.isoformat(),
        "until": last.isoformat(),
        "lines": [{what: name, **_line(line)} for name, line in lines.items()],
        "parts": [{"region": part, **_line(line)} for part, line in told.parts.items()],
        "total": _line(told.whole),
        "rate": _rate(desk.law(), region or (site or "")[:6], told.whole, last),
    }


def _period(desk: Desk, since: date | None, until: date | None) -> tuple[date, date]:
    year = (since or until or beijing_date(desk.now())).year
    first, last = since or date(year, 1, 1), until or date(year, 12, 31)
    if first > last:
        raise bad_parameter("until", "contradiction/period", until=last, since=first)
    return first, last


def _line(line: Line) -> dict[str, int]:
    return {**asdict(line), "between_g": line.between_g}


def _rate(law: Law, region: str, line: Line, day: date) -> dict[str, Any]:
    """利用处置率 by the region's formula, else over what was generated; the formula is told beside it."""
    policy = law.rate_formula(Case(region), day)
    formula = policy.formula if policy is not None else RateFormula.GENERATED
    return {"formula": formula.value, "permyriad": handled_permyriad(line, formula)}


# Campaigns


@router.get("/campaigns", response_model=CampaignsAnswer)
def all_campaigns(request: Request, _reach: Asker) -> dict[str, Any]:
    """All campaigns recorded, the latest baseline first."""
    return {"campaigns": [_campaign(one) for one in campaigns.recorded(_desk(request).book())]}


@router.get("/campaigns/{name}", response_model=CampaignAnswer)
def one_campaign(
    request: Request,
    reach: Asker,
    name: Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,32}$")],
    region: _Region = "",
) -> dict[str, Any]:
    """A campaign's list as known then and as known now, its burn-down by day, what is new and what regressed."""
    found = _progress(_desk(request), reach, name, region)
    return {
        **_campaign(found.campaign),
        "known_then": [_listed(row) for row in found.known_then],
        "listed": [_listed(row) for row in found.listed],
        "burn_down": [
            {"at": instant(left.at), "lots": left.lots, "mass_g": left.mass_g} for left in found.burn_down
        ],
        "new": [_over(view) for view in found.new],
        "regressed": [_over(view) for view in found.regressed],
    }


@router.get("/campaigns/{name}/list.csv", response_class=CsvResponse)
def campaign_list(
    request: Request,
    reach: Asker,
    name: Annotated[str, Path(pattern="^[0-9A-Za-z_-]{1,32}$")],
    region: _Region = "",
    known: Literal["now", "then"] = "now",
) -> Response:
    """The list as a table for spreadsheets, as known now or as it was frozen."""
    found = _progress(_desk(request), reach, name, region)
    text = io.StringIO()
    table = csv.DictWriter(text, _LIST_COLUMNS, lineterminator="\r\n")
    table.writeheader()
    table.writerows(_csv_row(row) for row in (found.listed if known == "now" else found.known_then))
    parts_of(request).reads.note(reach.holder, Subject.EXPORT, f"campaign:{name}", len(found.listed))
    headers = {"Content-Disposition": f'attachment; filename="{name}-{known}.csv"'}
    return CsvResponse("\ufeff" + text.getvalue(), headers=headers)  # The mark is for Excel.


def _progress(desk: Desk, reach: Reach, name: str, region: str) -> Progress:
    found = next((one for one in campaigns.recorded(desk.book()) if one.policy.campaign == name), None)
    if found is None:
        raise not_found(f'campaign "{name}"')
    with guarded(), reading(desk.state) as connection:
        return campaigns.progress(connection, desk.names, found, reach, region, desk.now())


def _campaign(one: Campaign) -> dict[str, Any]:
    policy = one.policy
    return {
        "campaign": policy.campaign,
        "name": policy.name,
        "region": policy.scope.region,
        "citation": policy.citation,
        "baseline_at": instant(one.frozen_at),
        "recorded_at": instant(one.recorded_at),
        "target_day": policy.target_day.isoformat(),
        "targets": {target.region: target.target_day.isoformat() for target in policy.targets},
        "look_back_days": policy.look_back_days,
    }


def _listed(row: Listed) -> dict[str, Any]:
    return {
        "site": row.alert.site,
        "lot": row.lot,
        "waste_code": row.code,
        "listed_g": row.listed_g,
        "over_since": instant(row.alert.since),
        "target_at": instant(row.target_at),
        "cleared_at": instant(row.cleared_at),
        "look_back_at": instant(row.look_back_at),
        "alert_id": row.alert.alert_id,
    }


def _csv_row(row: Listed) -> dict[str, Any]:
    told = _listed(row)
    grams = told.pop("listed_g")
    kilograms = f"{grams // 1000}.{grams % 1000:03d}"
    whole = {"region": row.alert.site[:6], **told, "listed_kg": kilograms}
    return {name: csv_cell(value) for name, value in whole.items()}


def _over(view: AlertView) -> dict[str, Any]:
    return {
        "site": view.site,
        "lot": view.amounts.get("lot"),
        "waste_code": view.amounts.get("waste_code"),
        "mass_g": view.mass_g(),
        "over_since": instant(view.since),
        "alert_id": view.alert_id,
    }


# Coverage


@router.get("/coverage", response_model=CoverageAnswer)
def collection_coverage(
    request: Request,
    reach: Asker,
    region: _Region = "",
    days: Annotated[int, Query(ge=1, le=3650)] = coverage.DAYS_DEFAULT,
) -> dict[str, Any]:
    """Small sources and clinics served within the days their region sets (else within `days`), of those registered."""
    desk = _desk(request)
    now = desk.now()
    with guarded(), reading(desk.state) as connection:
        rows = coverage.sites(connection, desk.names, desk.law(), region, days, now, reach)
    return {
        "at": instant(now),
        "total": _shares(rows, 0).get("", asdict(Share())),
        "regions": _shares(rows, min((digits for digits in (2, 4, 6) if digits > len(region)), default=6)),
        "unserved": [
            {
                "site": row.site,
                "role": row.role,
                "days": row.days,
                "visited_at": instant(row.visited_at),
                "waiting_at": instant(row.waiting_at),
            }
            for row in rows
            if not row.served
        ],
    }


def _shares(rows: Iterable[coverage.Served], digits: int) -> dict[str, dict[str, int]]:
    return {part: asdict(share) for part, share in coverage.shares(list(rows), digits).items()}


def _desk(request: Request) -> Desk:
    """The pages' own desk, so that names and the law are read once for both."""
    desk = desk_of(request)
    desk.names.refresh()
    return desk
