"""What the capacity page shows of a category beyond its balance: emergencies, rate, flows, forecast, lines, room nearby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from api import show
from api.pages.frame import Frame
from api.views import outlook
from api.views.outlook import Outlook, PrintedRate, UsedLine
from models.exact import format_tonnes
from rules.capacity_figures import Line
from rules.forecast import MONTHS_MIN, is_seasonal

LINES_SHOWN: Final = 15
NEAR_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Near:
    """Where a shortfall is, and lines with room, the nearest first."""

    place: str
    lines: tuple[tuple[int, Line], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An outlook with what the template needs beside it."""

    told: Outlook
    rate: PrintedRate
    cities: tuple[tuple[str, PrintedRate], ...]
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    lines: tuple[UsedLine, ...]
    left_out: int
    idle: int
    near: Near | None
    forecast_hint: str
    methods: str


def shown(frame: Frame, connection: Connection, chosen: dict[str, Any], now: int) -> Shown:
    """The outlook of a balance's category, as its page tells it."""
    desk = frame.desk
    assert desk is not None
    province, category = chosen["province"], chosen["category"]
    told = outlook.outlook(connection, desk.law(), province, category, now)
    lines = sorted(told.lines, key=_by_use)
    all_lines = frame.request.query_params.get("lines") == "all"
    ends = sorted(told.matrix)
    return Shown(
        told=told,
        rate=told.rates[0],
        cities=tuple(
            (show.place(frame.lang, one.region), one)
            for one in told.rates[1:]
            if one.rate.generated_g or one.rate.handled_g
        ),
        origins=tuple(dict.fromkeys(origin for origin, _ in ends)),
        destinations=tuple(sorted({destination for _, destination in ends})),
        lines=tuple(lines if all_lines else lines[:LINES_SHOWN]),
        left_out=0 if all_lines else max(0, len(lines) - LINES_SHOWN),
        idle=sum(used.idle for used in lines),
        near=_near(connection, told, chosen, now),
        forecast_hint=_forecast_hint(frame, told),
        methods=_methods(frame, told),
    )


def _by_use(used: UsedLine) -> tuple[int, str, int]:
    """The most used first."""
    return (-(used.line.taken_g * 1000 // used.line.scope.yearly_g), used.line.holder, used.line.number)


def _near(connection: Connection, told: Outlook, chosen: dict[str, Any], now: int) -> Near | None:
    """Asked where something is short: a region of an emergency, else the city that needs most."""
    surging = next((one.region for one in told.surges if one.days and one.days[0].shortfall_g), None)
    if surging is None and not chosen["is_short"]:
        return None
    neediest = max(chosen["cities"], key=lambda city: (city["need_g"], city["city"]), default=None)
    city = neediest["city"] if neediest else told.province
    place = surging if surging is not None and len(surging) == 4 else city
    lines = outlook.spare_near(connection, told.province, told.category, place, now)
    return Near(place, tuple(lines[:NEAR_SHOWN]))


def _forecast_hint(frame: Frame, told: Outlook) -> str:
    if not told.ahead:
        return frame.say("outlook.forecast_none", n=MONTHS_MIN)
    return frame.say(
        "outlook.forecast_seasonal" if is_seasonal(told.known_months) else "outlook.forecast_mean"
    )


def _methods(frame: Frame, told: Outlook) -> str:
    """Licensed amounts by method, in words."""
    named = [
        f"{method or frame.say('outlook.method_unknown')} {show.tonnes(mass_g, 0)}"
        for method, mass_g in told.by_method.items()
    ]
    return frame.say("outlook.methods", list="，".join(named)) if named else ""


def percent(basis_points: int | None) -> str:
    """`95.94 %`; nothing of nothing."""
    if basis_points is None:
        return show.NOTHING
    return f"{format_tonnes(basis_points * 10_000, 2)}{show.NBSP}%"
