"""Requests for corrections over HTTP: what waits for whom, and what became of it. Blocking: FastAPI uses a thread."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query
from fastapi import Request as Asked

from api.answers.facts import Corrections
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import parts_of
from api.reach import Reach
from api.wire import row_wire
from models.envelope import Row
from models.sealed import Statement
from streams.ledger_history import PENDING, History, Request, Versions, requests

router = APIRouter(route_class=DescribedRoute)  # Under the prefix of api.questions, which includes it.
PAGE: Final = 100
_SCAN_MAX: Final = 1_000
_FOREVER: Final = 2**62
_Status = Annotated[str, Query(pattern="^(pending|approved|declined|stale|all)$")]

__all__ = [
    "PAGE",
    "found_for",
    "request_wire",
    "router",
    "versions_wire",
]


@router.get("/corrections", response_model=Corrections)
def corrections(
    request: Asked,
    reach: Asker,
    status: _Status = PENDING,
    before: Annotated[
        int, Query(ge=1, le=2**62, description="Only requests with a seq below this.")
    ] = _FOREVER,
) -> dict[str, Any]:
    """Requests for corrections, the latest first; `next` is the `before` of the page after this one, null on the last."""
    found, following = found_for(parts_of(request).ledger, reach, status, before)
    return {"requests": [request_wire(each) for each in found], "next": following}


def found_for(
    ledger: History, reach: Reach, status: str, before: int = _FOREVER
) -> tuple[list[Request], int | None]:
    """A page of requests that a reader may see, and where the next page begins."""
    found: list[Request] = []
    read = 0
    while len(found) < PAGE and read < _SCAN_MAX:
        some = requests(ledger, before, PAGE)
        for each in some:
            before, read = each.row.seq, read + 1
            if status in ("all", each.status) and reach.request(each):
                found.append(each)
                if len(found) == PAGE:
                    break
        if len(some) < PAGE:
            return found, before if len(found) == PAGE else None
    return found, before


def request_wire(request: Request) -> dict[str, Any]:
    """A request with the fact that it is about, as it was in force, and what it asks for."""
    copied, wish = orjson.loads(request.row.original or b"{}"), orjson.loads(request.row.data)
    return {
        "seq": request.row.seq,
        "recorded_at": row_wire(request.row)["recorded_at"],
        "event_id": request.row.event_id,
        "stated_by": request.row.stated_by,
        "asked_as": request.asked_as,
        "explanation": wish["explanation"],
        "about": {name: copied[name] for name in ("seq", "kind", "stated_by", "event_id")},
        "in_force": copied["data"],
        "replacement": wish.get("replacement"),
        "reason": wish.get("reason"),
        "changes": list(request.changes),
        "status": request.status,
        "decided_by": request.decision.seq if request.decision is not None else None,
        "may_decide": list(request.deciders),
    }


def versions_wire(found: Versions) -> dict[str, Any]:
    """What was said of a fact, what holds now, and which of its fields are sealed by whom."""
    return {
        "in_force": found.in_force,
        "versions": [_said(row) for row in found.said],
        "requests": [request_wire(each) for each in found.requests],
        "sealed": {name: _sealers(statements) for name, statements in found.sealed.items()},
    }


def _said(row: Row) -> dict[str, Any]:
    wire = row_wire(row)
    return {name: wire[name] for name in ("seq", "recorded_at", "stated_by", "kind", "data")}


def _sealers(statements: set[Statement]) -> list[dict[str, str]]:
    return [{"stated_by": org, "kind": kind} for org, kind in sorted(statements)]
