"""回看: the alerts that lasted at a chosen moment, by what was known then. For regulators and auditors."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from api.pages.access import NoRight, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import page
from api.pages.moment import moment_asked
from api.pages.rows import lines_of
from api.past import alerts_at
from api.views.alerts import AlertFilter, alert_of
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ALERTS_MAX: Final = 200


@router.get("/past")
def past(request: Request) -> Response:
    """The page; `known_at` and `as_of` choose the moment, `region` and `kind` narrow as on the overview."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    if not viewer.reach.oversees:
        raise NoRight
    moment = moment_asked(frame)
    wanted = AlertFilter.of({**request.query_params, "condition": "all"}, viewer.reach)
    found: list[dict[str, object]] = []
    left_out = 0
    if moment is not None and not moment.wrong:
        with reading(desk.state) as connection:
            found, left_out = alerts_at(
                connection, wanted.where(), moment.known_at, moment.as_of, _ALERTS_MAX
            )
    return page(
        frame,
        "past.html",
        pulse=desk.pulse(),
        moment=moment,
        rows=lines_of(frame, [alert_of(body) for body in found]),
        left_out=left_out,
    )
