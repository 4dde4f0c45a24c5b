"""The pages' live feed: rows of alerts as they change, and a pulse each second; server-sent events for hx-sse.

`alert` events carry a rendered row with the change's number as id, so that a browser resumes where it stopped. What a
row says and whom it is for is decided here, by the same filter as the page's address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.auth import seen_by
from api.feed import ChangeSeen
from api.pages.access import PageRoute, desk_and_viewer, frame_of
from api.pages.frame import HEADERS, Frame, part
from api.pages.rows import line_of
from api.parts import parts_of
from api.sessions import holder_of
from api.views.alerts import AlertFilter, alert_of
from api.views.desk import Desk, Pulse
from models.errors import LedgerUnavailable

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PULSE_S: Final = 1.0
_RECHECK_S: Final = 15.0


@dataclass(slots=True)
class Feeding:
    """One browser that listens. `rows`: whether its page has a list of alerts."""

    frame: Frame
    desk: Desk
    wanted: AlertFilter
    rows: bool
    after: int | None

    async def events(self) -> AsyncIterator[bytes]:
        """Events until the browser goes, or its key is no longer good."""
        changes = parts_of(self.frame.request).feed.changes(self.after, self._is_wanted)
        coming = asyncio.ensure_future(anext(changes))
        pulse_at, check_at = monotonic(), monotonic() + _RECHECK_S
        try:
            while not self._is_ending() and (monotonic() < check_at or await self._is_known()):
                if monotonic() >= check_at:
                    check_at = monotonic() + _RECHECK_S
                done, _ = await asyncio.wait({coming}, timeout=max(0.0, pulse_at - monotonic()))
                if monotonic() >= pulse_at:
                    yield _pulse(await self._pulse())
                    pulse_at = monotonic() + PULSE_S
                if done:
                    if (change := coming.result()) is not None:
                        yield await run_in_threadpool(self._row, change)
                    coming = asyncio.ensure_future(anext(changes))
        except (StopAsyncIteration, LedgerUnavailable):
            return  # The browser comes back by itself, with the last number it saw.
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, LedgerUnavailable):
                await coming
            await changes.aclose()

    def _is_ending(self) -> bool:
        """Whether the server is going down: it sets `app.state.ending` when it is told to, and waits for streams to end."""
        return bool(getattr(self.frame.request.app.state, "ending", False))

    async def _is_known(self) -> bool:
        return await run_in_threadpool(holder_of, self.frame.request) is not None

    def _is_wanted(self, change: ChangeSeen) -> bool:
        return self.rows and self.wanted.admits(alert_of(change.alert), change.places)

    async def _pulse(self) -> Pulse:
        recent = self.desk.recent_pulse()
        return recent if recent is not None else await run_in_threadpool(self.desk.pulse)

    def _row(self, change: ChangeSeen) -> bytes:
        """`shows`: whether the row belongs into the list; one that does not any more is only marked where it stands."""
        alert = alert_of(change.alert)
        self.desk.names.refresh()
        row = line_of(self.frame, alert, fresh=True)
        told = {
            "alert_id": alert.alert_id,
            "change": change.change,
            "shows": self.wanted.is_listed(alert),
            "severity": self.frame.say(f"severity.{alert.severity}"),
            "title": row.title,
            "html": part(self.frame, "parts/alert_row.html", row=row),
        }
        return b"id: %d\nevent: alert\ndata: %s\n\n" % (change.change_no, orjson.dumps(told))


def _pulse(pulse: Pulse) -> bytes:
    told = {
        "seq": pulse.head.seq,
        "at": pulse.head.recorded_at,
        "age_s": pulse.age_s,
        "stale": pulse.is_stale,
    }
    return b"event: pulse\ndata: %s\n\n" % orjson.dumps(told)


@router.get("/live")
async def live(request: Request) -> Response:
    """Goes on after `Last-Event-ID`, else after `?after=`, the last change that the page was made with."""
    frame = await run_in_threadpool(frame_of, request)
    desk, viewer = desk_and_viewer(frame)
    seen_by(
        viewer.reach.holder
    )  # The frame was made in a thread, and what is read from here on is in this task.
    feeding = Feeding(
        frame=frame,
        desk=desk,
        wanted=AlertFilter.of(request.query_params, viewer.reach),
        rows=request.query_params.get("rows") == "1",
        after=_number(request.headers.get("last-event-id")) or _number(request.query_params.get("after")),
    )
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(feeding.events(), media_type="text/event-stream", headers=headers)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None
