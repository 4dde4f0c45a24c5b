"""/quality: an organisation's quality of data, by what its new facts were warned about, week by week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from api.pages.access import PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.parts import parts_of
from api.warnings import Count, counted, period
from models.problem_meanings import MEANINGS

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ROWS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Trend:
    """One code of one organisation: counts by week, in the order of the weeks of the page."""

    org: str
    org_name: str
    code: str
    title: str
    weeks: tuple[int, ...]
    kinds: tuple[str, ...]

    @property
    def total(self) -> int:
        """Over all weeks."""
        return sum(self.weeks)


@router.get("/quality")
def quality(request: Request) -> Response:
    """One's own; regulators and auditors see all organisations, the most warned first."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    parts = parts_of(request)
    rows = counted(parts, *period(parts, None, None), None if viewer.reach.sees_all else viewer.org)
    weeks = sorted({row[0] for row in rows})
    return page(
        frame,
        "quality.html",
        pulse=desk.pulse(),
        weeks=weeks,
        trends=trends(frame, rows, weeks)[:_ROWS_MAX],
        of_all=viewer.reach.sees_all,
    )


def trends(frame: Frame, rows: list[Count], weeks: list[date]) -> list[Trend]:
    """By organisation and code, the most frequent first."""
    sums: dict[tuple[str, str], Counter[date]] = {}
    kinds: dict[tuple[str, str], Counter[str]] = {}
    for week, org, code, kind, count in rows:
        sums.setdefault((org, code), Counter())[week] += count
        kinds.setdefault((org, code), Counter())[kind] += count
    found = [
        Trend(
            org,
            frame.org_name(org),
            code,
            MEANINGS[code].title.zh if frame.lang == "zh" else MEANINGS[code].title.en,
            tuple(by_week[week] for week in weeks),
            tuple(frame.say(kind) for kind, _ in kinds[org, code].most_common(2)),
        )
        for (org, code), by_week in sums.items()
    ]
    return sorted(found, key=lambda trend: (-trend.total, trend.org, trend.code))
