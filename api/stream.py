"""GET /v1/stream: alert changes by server-sent events, resumed by Last-Event-ID or ?after= (DESIGN D13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.asking import Asker
from api.feed import ChangeSeen, Feed, Wanted
from api.parts import parts_of
from api.problems import refused
from api.reach import Reach
from api.wire import alert_wire, instant
from models.alerts import AlertKind, Severity
from models.metrics import STREAM_SENT
from models.problems import problem

router = APIRouter()
_HEARTBEAT: Final = b": still here\n\n"
_RETRY: Final = b"retry: 2000\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get("/v1/stream", response_class=EventStream)
async def stream(
    request: Request,
    reach: Asker,
    after: Annotated[
        int | None, Query(ge=0, description="Resume after this change_no; 0 is the beginning.")
    ] = None,
    kind: Annotated[list[AlertKind] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    region: Annotated[str, Query(pattern="^([1-8][0-9]{0,5})?$")] = "",
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventStream:
    """Changes of alerts as they happen: `id` is the change_no, `event` is alert, `data` is JSON.

    Without Last-Event-ID and `after` it begins now. A comment comes every 15 seconds.
    """
    resumed = _resumed(last_event_id)
    wanted = wanted_by(reach, kind or (), severity or (), region)
    events = _events(parts_of(request).feed, after if resumed is None else resumed, wanted)
    return EventStream(events, headers=_HEADERS)


def _resumed(last_event_id: str | None) -> int | None:
    if not last_event_id:
        return None
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 18):
        found = problem("header.last-event-id", "invalid/event_id_header")
        raise refused(422, "invalid/event_id_header", [found])
    return int(last_event_id)


def wanted_by(
    reach: Reach, kinds: list[AlertKind] | tuple[()], severities: list[Severity] | tuple[()], region: str
) -> Wanted:
    """The changes that a reader asked for and may see."""

    def wanted(change: ChangeSeen) -> bool:
        alert = change.alert
        return (
            (not kinds or alert["kind"] in kinds)
            and (not severities or alert["severity"] in severities)
            and alert["site"].startswith(region)
            and reach.alert(alert, change.places)
        )

    return wanted


async def _events(feed: Feed, after: int | None, wanted: Wanted) -> AsyncIterator[bytes]:
    yield _RETRY
    async with aclosing(feed.changes(after, wanted)) as changes:
        async for change in changes:
            if change is None:
                yield _HEARTBEAT
                continue
            STREAM_SENT.inc()
            yield b"id: %d\nevent: alert\ndata: %b\n\n" % (
                change.change_no,
                orjson.dumps(change_wire(change)),
            )


def change_wire(change: ChangeSeen) -> dict[str, object]:
    """A change as it is sent."""
    return {
        "change_no": change.change_no,
        "change": change.change,
        "changed_at": instant(change.changed_at),
        "cause": change.cause,
        "alert": alert_wire(change.alert),
    }
