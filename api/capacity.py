"""Questions about capacity over HTTP: balances of a province, and all that is to say of one category. Reads only.

For those who see all: what a province makes and may take is made of what everybody stated. Masses are grams.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from api.answers.capacity import BalancesAnswer, CategoryAnswer, RateAnswer, SpareAnswer
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.problems import not_found, refused
from api.reach import Reach
from api.views import capacity, outlook
from models.catalogue import region
from models.facts.base import Day
from models.problems import problem
from rules.capacity_figures import Line
from streams.databases import beyond, guarded, reading

router = APIRouter(prefix="/v1/capacity", route_class=DescribedRoute)
NEAREST_MAX = 20
_Province = Annotated[str, Path(pattern="^[1-8][0-9]$")]
_Category = Annotated[str, Path(pattern="^HW[0-9]{2}$")]


@router.get("/{province}", response_model=BalancesAnswer)
def balances(request: Request, reach: Asker, province: _Province) -> dict[str, Any]:
    """Need of the trailing year against licensed capacity, by category and city, the tightest first."""
    parts = _asked(request, reach, province)
    with beyond(), guarded(), reading(parts.databases.state) as connection:
        found = capacity.balances(connection, province, parts.ledger.now())
    return {"province": province, "balances": found}


@router.get("/{province}/rate", response_model=RateAnswer)
def rate(
    request: Request,
    reach: Asker,
    province: _Province,
    since: Annotated[Day, Query(description="The first day.")],
    until: Annotated[Day, Query(description="The last day.")],
    city: Annotated[str | None, Query(pattern="^[1-8][0-9]{3}$")] = None,
    category: Annotated[str | None, Query(pattern="^HW[0-9]{2}$")] = None,
) -> dict[str, Any]:
    """利用处置率 of a span of days with its formula, of a province or one of its cities, of all waste or one category."""
    parts = _asked(request, reach, province)
    if since > until or (city is not None and city[:2] != province):
        raise refused(422, "invalid/parameters", [problem("query", "contradiction/span")])
    with beyond(), guarded(), reading(parts.databases.state) as connection:
        known = outlook.known_of(connection, province, category or "")
    printed = outlook.printed_rate(parts.law(), known, city or province, since.toordinal(), until.toordinal())
    return {"since": since.isoformat(), "until": until.isoformat(), **_rate(printed)}


@router.get("/{province}/{category}", response_model=CategoryAnswer)
def category(request: Request, reach: Asker, province: _Province, category: _Category) -> dict[str, Any]:
    """Rate with its formula, flows between cities, need behind and to come, emergencies by day, lines, stock to clear."""
    parts = _asked(request, reach, province)
    now, law = parts.ledger.now(), parts.law()
    with beyond(), guarded(), reading(parts.databases.state) as connection:
        found = outlook.outlook(connection, law, province, category, now)
    return {
        "province": province,
        "category": category,
        "day": found.today.isoformat(),
        "since": found.since.isoformat(),
        "rates": [_rate(printed) for printed in found.rates],
        "flows": [
            {"origin": origin, "destination": destination, "mass_g": mass_g}
            for (origin, destination), mass_g in sorted(found.matrix.items())
        ],
        "need_by_month": [{"month": month, "need_g": need_g} for month, need_g in found.behind],
        "forecast": [{"month": month, **expected._asdict()} for month, expected in found.ahead],
        "emergencies": [_surge(surge) for surge in found.surges],
        "lines": [_used(used) for used in found.lines],
        "idle_permille": found.idle_permille,
        "licensed_by_method_g": dict(found.by_method),
        "added_in_a_year_g": found.added_g,
        "stock_to_clear": found.clearing._asdict(),
    }


@router.get("/{province}/{category}/spare", response_model=SpareAnswer)
def spare(
    request: Request,
    reach: Asker,
    province: _Province,
    category: _Category,
    near: Annotated[str, Query(pattern="^[1-8][0-9]{3}([0-9]{2})?$")],
) -> dict[str, Any]:
    """Lines with room for the category, the nearest to a place first: its city, its province, bordering provinces."""
    parts = _asked(request, reach, province)
    with beyond(), guarded(), reading(parts.databases.state) as connection:
        found = outlook.spare_near(connection, province, category, near, parts.ledger.now())
    return {
        "near": near,
        "lines": [
            {"nearness": nearness, "spare_g": line.spare_g, **_line(line)}
            for nearness, line in found[:NEAREST_MAX]
        ],
        "left_out": max(0, len(found) - NEAREST_MAX),
    }


def _asked(request: Request, reach: Reach, province: str) -> Parts:
    """Figures of a province are sums over everybody's books: they are read by the system for whom they are meant."""
    if not reach.governs:
        raise refused(403, "forbidden/province")
    if region(province) is None or not reach.province(province):
        raise not_found(f'province "{province}"')
    return parts_of(request)


def _rate(printed: outlook.PrintedRate) -> dict[str, Any]:
    found = printed.rate._asdict()
    return {"region": printed.region, **found, "formula": printed.rate.formula.value, "basis": printed.basis}


def _surge(surge: outlook.RegionSurge) -> dict[str, Any]:
    return {
        "region": surge.region,
        "emergency": surge.plan.emergency,
        "vehicles": list(surge.plan.vehicles),
        "days": [
            {
                **asdict(day),
                "day": day.day.isoformat(),
                "shortfall_g": day.shortfall_g,
                "expected_shortfall_g": day.expected_shortfall_g,
            }
            for day in surge.days
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "holder": line.holder,
        "licence_no": line.licence_no,
        "line": line.number,
        "categories": list(line.scope.categories),
        "only_codes": list(line.scope.only_codes),
        "except_codes": list(line.scope.except_codes),
        "methods": list(line.scope.methods),
        "yearly_g": line.scope.yearly_g,
        "daily_g": outlook.daily_g(line),
        "taken_g": line.taken_g,
        "valid_until": date.fromordinal(line.valid_until).isoformat(),
    }


def _used(used: outlook.UsedLine) -> dict[str, Any]:
    return {
        **_line(used.line),
        "idle": used.idle,
        "booked_g": used.booked_g,
        "in_transit_g": used.moving_g,
        "this_year_g": used.year_g,
        "full_earliest": used.earliest.isoformat() if used.earliest else None,
        "full_latest": used.latest.isoformat() if used.latest else None,
    }
