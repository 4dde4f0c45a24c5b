"""Three pages beside 动态清零: the mass balance, a clearing campaign with its burn-down, and collection coverage."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, Viewer, page
from api.pages.overview import regions_of
from api.parts import parts_of
from api.questions import note_site
from api.views import balance, campaigns, coverage
from api.views.campaigns import Campaign, Left
from api.views.desk import Desk
from models.exact import DAY_US, beijing_date
from models.facts.law import RateFormula
from models.law import Case
from rules.storage_balance import Line, by_category, handled_permyriad
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ROWS_MAX: Final = 300
_DAYS_SHOWN: Final = 40
_YEARS_SHOWN: Final = 6


def _region(frame: Frame) -> str:
    asked = frame.request.query_params.get("region", "")
    return asked if asked.isascii() and asked.isdigit() and len(asked) in {2, 4, 6} else ""


# Mass balance


@router.get("/storage/balance")
def balance_page(request: Request) -> Response:
    """The page. `region` and `year` choose, `by` code or category; `site` shows one site, its organisation's own too."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    site = request.query_params.get("site") or _own_site(desk, viewer)
    known = desk.names.sites.get(site)
    reach = viewer.reach
    region = reach.narrowed(_region(frame))
    if (known is None and not reach.governs) or (known is not None and not reach.listed_site(site)):
        raise NotThere
    if region is None:
        raise NotThere
    now = beijing_date(desk.now())
    year = _year(request, now.year)
    where = site if known is not None else region
    with reading(desk.state) as connection:
        told = balance.of_region(connection, where, date(year, 1, 1), date(year, 12, 31))
    if known is not None:
        note_site(parts_of(request), reach, site, len(told.lines))
    by_code = request.query_params.get("by") == "code"
    policy = desk.law().rate_formula(Case(where[:6]), min(told.last, now))
    formula = policy.formula if policy is not None else RateFormula.GENERATED
    return page(
        frame,
        "balance.html",
        pulse=desk.pulse(),
        region=region,
        site=site if known is not None else "",
        place=frame.site_name(site) if known is not None else _place(frame, where),
        year=year,
        years=range(now.year, now.year - _YEARS_SHOWN, -1),
        by_code=by_code,
        lines=_named(frame, told.lines if by_code else by_category(told.lines)),
        parts=[(_part(frame, part), line) for part, line in told.parts.items()][:_ROWS_MAX],
        whole=told.whole,
        rate=handled_permyriad(told.whole, formula),
        formula=formula.value,
        regions=regions_of(frame),
    )


def _own_site(desk: Desk, viewer: Viewer) -> str:
    """The first site of somebody who may see only their own; empty for others, who see regions."""
    return "" if viewer.reach.oversees else min(desk.names.sites_of(viewer.org), default="")


def _year(request: Request, this: int) -> int:
    asked = request.query_params.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 2000 <= int(asked) <= this else this


def _place(frame: Frame, region: str) -> str:
    return show.place(frame.lang, region) if region else frame.say("balance.everywhere")


def _part(frame: Frame, part: str) -> str:
    return frame.site_name(part) if "-" in part else show.place(frame.lang, part)


def _named(frame: Frame, lines: dict[str, Line]) -> list[tuple[str, str, Line]]:
    """The most generated and received first."""
    rows = [(code, show.waste_name(frame.lang, code), line) for code, line in lines.items()]
    return sorted(rows, key=lambda row: (-(row[2].generated_g + row[2].received_g), row[0]))


# Campaigns


@router.get("/storage/campaigns")
def campaign_page(request: Request) -> Response:
    """The page of the campaign that `campaign` names, else of the latest; `region` limits it."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    known = campaigns.recorded(desk.book())
    chosen = _chosen(known, request.query_params.get("campaign"))
    region, now = _region(frame), desk.now()
    told = None
    if chosen is not None:
        with reading(desk.state) as connection:
            told = campaigns.progress(connection, desk.names, chosen, viewer.reach, region, now)
    return page(
        frame,
        "campaign.html",
        pulse=desk.pulse(),
        known=known,
        chosen=chosen,
        told=told,
        region=region,
        regions=regions_of(frame),
        burn_down=_shown_days(told.burn_down) if told else [],
        cleared=sum(row.cleared_at is not None for row in told.listed) if told else 0,
        late=[row for row in told.listed if row.cleared_at is None and row.target_at <= now] if told else [],
        listed=told.listed[:_ROWS_MAX] if told else [],
        left_out=max(0, len(told.listed) - _ROWS_MAX) if told else 0,
    )


def _chosen(known: list[Campaign], name: str | None) -> Campaign | None:
    if name is not None and all(one.policy.campaign != name for one in known):
        raise NotThere
    return next((one for one in known if name in (None, one.policy.campaign)), None)


def _shown_days(days: list[Left]) -> list[dict[str, Any]]:
    """The days on which something changed, with the first and the last; evenly thinned where they are many."""
    kept = [
        left
        for number, left in enumerate(days)
        if number in (0, len(days) - 1)
        or (left.lots, left.mass_g) != (days[number - 1].lots, days[number - 1].mass_g)
    ]
    step = -(-len(kept) // _DAYS_SHOWN) or 1
    thinned = [*kept[:-1:step], *kept[-1:]]
    return [
        {"day": show.day(left.at - DAY_US if left.at % DAY_US == 0 else left.at), "left": left}
        for left in thinned
    ]


# Coverage


@router.get("/storage/coverage")
def coverage_page(request: Request) -> Response:
    """The page. `region` and `days` choose."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    region, days = _region(frame), _days(request)
    with reading(desk.state) as connection:
        rows = coverage.sites(connection, desk.names, desk.law(), region, days, desk.now(), viewer.reach)
    digits = min((known for known in (4, 6) if known > len(region)), default=6)
    unserved = [row for row in rows if not row.served]
    return page(
        frame,
        "coverage.html",
        pulse=desk.pulse(),
        region=region,
        regions=regions_of(frame),
        days=days,
        whole=coverage.shares(rows, 0).get("", coverage.Share()),
        shares=[
            (show.place(frame.lang, part), share) for part, share in coverage.shares(rows, digits).items()
        ],
        unserved=unserved[:_ROWS_MAX],
        left_out=max(0, len(unserved) - _ROWS_MAX),
    )


def _days(request: Request) -> int:
    asked = request.query_params.get("days", "")
    return (
        int(asked)
        if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 3650
        else coverage.DAYS_DEFAULT
    )
