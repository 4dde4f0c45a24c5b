"""总览: the numbers, the newest alerts as they come, and where they are. `/` and its fragment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, fragment, page
from api.pages.rows import lines_of, text_of
from api.views import alerts
from api.views.alerts import SEVERITIES, AlertFilter, Counts
from api.views.overview import Numbers, numbers
from models.alerts import ALERTS, AlertKind
from models.catalogue import regions
from models.topics import Concern
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_CITIES_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A city or province by name, with its open alerts by severity."""

    code: str
    name: str
    counts: dict[str, int]
    cities: tuple[Place, ...] = ()

    @property
    def total(self) -> int:
        """All open alerts there."""
        return sum(self.counts.values())

    @property
    def worst(self) -> str:
        """The worst severity that is open there."""
        return next((name for name in SEVERITIES if self.counts.get(name)), "")


@router.get("/")
def overview(request: Request) -> Response:
    """The page. `kind`, `severity`, `region`, `condition` choose; `before` goes on from a page's last row."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    wanted = AlertFilter.of(request.query_params, viewer.reach)
    pulse = desk.pulse()
    with reading(desk.state) as connection:
        after = alerts.last_change_no(connection)
        found = alerts.newest(connection, wanted, request.query_params.get("before", ""))
    return page(
        frame,
        "overview.html",
        pulse=pulse,
        live_url=f"/live?rows=1&after={after}&{wanted.query()}",
        rows=lines_of(frame, found.alerts),
        before=found.before,
        kind_groups=_kind_groups(frame),
        severities=SEVERITIES,
        regions=regions_of(frame),
        **_figures(frame, wanted, numbers(desk.state, viewer.reach, pulse.head.seq)),
    )


@router.get("/fragments/overview")
def refreshed(request: Request) -> Response:
    """Numbers, cities and kinds anew; asked for when the live feed says that something changed."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    wanted = AlertFilter.of(request.query_params, viewer.reach)
    found = numbers(desk.state, viewer.reach, desk.pulse().head.seq)
    return fragment(frame, "parts/overview_refresh.html", **_figures(frame, wanted, found))


def _figures(frame: Frame, wanted: AlertFilter, found: Numbers) -> dict[str, Any]:
    return {
        "n": found,
        "wanted": wanted,
        "cities": _cities(frame, found.counts),
        "kinds": _kinds(frame, found.counts),
    }


def _kind_groups(frame: Frame) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds by concern, with their titles."""
    return [
        (
            frame.say(f"concern.{concern}"),
            [
                (kind.value, text_of(frame.lang, kind).title)
                for kind, about in ALERTS.items()
                if about.concern is concern
            ],
        )
        for concern in Concern
    ]


def _kinds(frame: Frame, counts: Counts) -> list[dict[str, Any]]:
    """Kinds that have open alerts, the most frequent first."""
    ordered = sorted(counts.by_kind.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        {
            "kind": kind,
            "number": number,
            "title": text_of(frame.lang, kind).title,
            "severity": ALERTS[AlertKind(kind)].severity.value,
        }
        for kind, number in ordered
    ]


def _provinces(frame: Frame) -> list[str]:
    return frame.desk.names.provinces() if frame.desk else []


def regions_of(frame: Frame) -> list[Place]:
    """Provinces that have sites (all while none has), each with its cities of the catalogue."""
    every = [region.code[:2] for region in regions() if region.level == "province"]
    return [
        Place(code, show.place(frame.lang, code), {}, tuple(_cities_of(frame, code)))
        for code in _provinces(frame) or every
    ]


def _cities_of(frame: Frame, province: str) -> list[Place]:
    return [
        Place(city.code[:4], show.place(frame.lang, city.code), {})
        for city in regions()
        if city.level == "city" and city.code.startswith(province) and not city.grouping
    ]


def _cities(frame: Frame, counts: Counts) -> list[Place]:
    """Every city of a single province; of several only those with something open, the worst first."""
    provinces = _provinces(frame)
    known = [city.code for city in _cities_of(frame, provinces[0])] if len(provinces) == 1 else []
    codes = [*known, *sorted(code for code in counts.by_city if code and code not in known)]
    found = [Place(code, show.place(frame.lang, code), counts.by_city.get(code, {})) for code in codes]
    if not known:
        found.sort(key=lambda city: (-city.counts.get("red", 0), -city.total, city.code))
    return found[:_CITIES_MAX]
