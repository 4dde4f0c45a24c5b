"""产能: need against licensed capacity by category and by city, and how far each licence is used."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages import outlook
from api.pages.access import PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.pages.licences import LicenceLineRow, licences_of
from api.pages.overview import regions_of
from api.views import capacity, on_the_way
from api.views.capacity import Held
from streams.databases import beyond, reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LICENCES_SHOWN: Final = 25
_DEFAULT_PROVINCE: Final = "33"


@router.get("/capacity")
def board(request: Request) -> Response:
    """The page. `province` (two digits) and `category` choose; others than readers of all see their own licences."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    reach = viewer.reach
    province, now = _province(frame), desk.now()
    # Figures of a province are sums over everybody's books: read by the system for whom they are meant.
    with beyond(), reading(desk.state) as connection:
        found = capacity.balances(connection, province, now) if reach.province(province) else []
        held = capacity.licences(connection, province)
        category = _category(request, found)
        chosen = next((told for told in found if told["category"] == category), None)
        more = outlook.shown(frame, connection, chosen, now) if chosen else None
        way = more.told.way if more else on_the_way.loads(connection, province, now)
    held = {site: known for site, known in held.items() if reach.listed_site(site)}
    used = _used(frame, held, now, way)
    shown = len(used) if request.query_params.get("licences") == "all" else _LICENCES_SHOWN
    return page(
        frame,
        "capacity.html",
        pulse=desk.pulse(),
        province=province,
        regions=regions_of(frame),
        balances=[_shown(frame, told) for told in found],
        chosen=_shown(frame, chosen) if chosen else None,
        cities=_cities(frame, chosen, held, now) if chosen else [],
        licences=used[:shown],
        left_out=max(0, len(used) - shown),
        short=sum(told["is_short"] for told in found),
        more=more,
        percent=outlook.percent,
    )


def _province(frame: Frame) -> str:
    known = frame.desk.names.provinces() if frame.desk else []
    known = [one for one in known if frame.viewer and frame.viewer.reach.narrowed(one) is not None]
    asked = frame.request.query_params.get("province", "")
    if asked in known:
        return asked
    return _DEFAULT_PROVINCE if _DEFAULT_PROVINCE in known or not known else known[0]


def _category(request: Request, found: list[dict[str, Any]]) -> str:
    """The one asked for, else the tightest."""
    asked = request.query_params.get("category", "")
    known = [told["category"] for told in found]
    return asked if asked in known else (known[0] if known else "")


def _shown(frame: Frame, told: dict[str, Any]) -> dict[str, Any]:
    """A balance with its category's name and how much of the capacity is needed."""
    return {
        **told,
        "name": show.waste_name(frame.lang, told["category"]),
        "used_permille": show.permille_of(max(0, told["need_g"]), told["capacity_g"]),
    }


def _cities(frame: Frame, told: dict[str, Any], held: Held, now: int) -> list[dict[str, Any]]:
    """Need and licensed capacity of each city that has either."""
    licensed = capacity.licensed_by_city(held, told["category"], now)
    flows = {city["city"]: city for city in told["cities"]}
    nothing = dict.fromkeys(("generated_g", "own_g", "out_g", "in_g", "need_g"), 0)
    return [
        {
            **nothing,
            **flows.get(code, {}),
            "name": show.place(frame.lang, code),
            "licensed_g": licensed.get(code, 0),
        }
        for code in sorted(flows.keys() | licensed.keys())
    ]


def _used(frame: Frame, held: Held, now: int, way: on_the_way.Loads) -> list[LicenceLineRow]:
    """Every licensed amount, the most used first."""
    rows = [row for site, known in held.items() for row in licences_of(frame, site, known, now, way)]
    return sorted(rows, key=lambda row: (-(row.used_permille or 0), row.site, row.licence_no, row.number))
