"""动态清零: the list of lots over their term or due soon, sortable, with totals and a chart by city."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.pages.overview import regions_of
from api.views import storage
from api.views.alerts import AlertFilter
from api.views.storage import LotRow
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ROWS_MAX: Final = 500
_ORDERS: Final[Mapping[str, Callable[[LotRow], Any]]] = {
    "days": lambda row: (row.days, row.alert.site, row.lot),
    "mass": lambda row: (-(row.mass_g or 0), row.days),
    "city": lambda row: (row.alert.site[:4], row.days),
    "site": lambda row: (row.alert.site, row.days),
    "code": lambda row: (row.code, row.days),
}


@router.get("/storage")
def board(request: Request) -> Response:
    """The page. `region` and `show` (over, due) choose, `sort` orders, a leading `-` the other way."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    wanted = AlertFilter.of(request.query_params, viewer.reach)
    which, sort = _which(request), _sort(request)
    with reading(desk.state) as connection:
        found = storage.lots(connection, viewer.reach, wanted.region, desk.now())
    chosen = [row for row in found if which == "all" or row.over == (which == "over")]
    chosen.sort(key=_ORDERS[sort.lstrip("-")], reverse=sort.startswith("-"))
    return page(
        frame,
        "storage.html",
        pulse=desk.pulse(),
        rows=chosen[:_ROWS_MAX],
        left_out=max(0, len(chosen) - _ROWS_MAX),
        totals=_totals(found),
        cities=_cities(frame, found),
        region=wanted.region,
        which=which,
        sort=sort,
        regions=regions_of(frame),
        sort_href=lambda name: _sort_href(request, name, sort),
    )


def _which(request: Request) -> str:
    asked = request.query_params.get("show", "")
    return asked if asked in {"over", "due"} else "all"


def _sort(request: Request) -> str:
    asked = request.query_params.get("sort", "")
    return asked if asked.lstrip("-") in _ORDERS and not asked.startswith("--") else "days"


def _sort_href(request: Request, name: str, now: str) -> str:
    """The address that sorts by a column; a second time the other way."""
    kept = {key: value for key, value in request.query_params.items() if key in {"region", "show"}}
    return "/storage?" + urlencode({**kept, "sort": f"-{name}" if now == name else name})


def _totals(found: list[LotRow]) -> dict[str, int]:
    over, due = [row for row in found if row.over], [row for row in found if not row.over]
    return {
        "over_lots": len(over),
        "over_g": sum(row.mass_g or 0 for row in over),
        "over_sites": len({row.alert.site for row in over}),
        "due_lots": len(due),
        "due_g": sum(row.mass_g or 0 for row in due),
    }


def _cities(frame: Frame, found: list[LotRow]) -> list[dict[str, Any]]:
    return [
        {"name": show.place(frame.lang, total.city), "code": total.city, "total": total}
        for total in storage.by_city(found)
    ]
