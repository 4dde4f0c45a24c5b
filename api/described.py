"""A route that describes itself: what it answers is its return annotation. Used by every router of the API.

The answer is written by orjson where the route's own thread is, and not validated again: tests hold real answers against
the description (tests/api/test_answers.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import wraps
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute


class DescribedRoute(APIRoute):
    """`APIRouter(route_class=DescribedRoute)`: typed for the description, written fast."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        """As any route of FastAPI."""
        end = _end_headers(given.get("openapi_extra") or {})
        super().__init__(path, _written(endpoint, given.get("status_code"), end), **given)


_SINCE: Final = "x-deprecated-since"
_SUNSET: Final = "x-sunset"
_SUCCESSOR: Final = "x-successor"
_MONTHS_LEAST: Final = 12


def ending(since: date, sunset: date, successor: str) -> dict[str, Any]:
    """What a router adds to a route that is on its way out: `@router.get("/old", **ending(...))` (docs/contracts.md).

    It goes on answering until `sunset` (UTC) at least, a year or more after `since`, when the successor was there.
    """
    if (sunset.year - since.year) * 12 + sunset.month - since.month < _MONTHS_LEAST:
        raise ValueError(f'sunset "{sunset}" is less than {_MONTHS_LEAST} months after "{since}"')
    told = {_SINCE: since.isoformat(), _SUNSET: sunset.isoformat(), _SUCCESSOR: successor}
    return {"deprecated": True, "openapi_extra": told}


def _end_headers(told: dict[str, Any]) -> dict[str, str]:
    """Deprecation (RFC 9745), Sunset (RFC 8594) and where to go; none for a route that stays."""
    if _SUNSET not in told:
        return {}
    since, sunset = (
        datetime.combine(date.fromisoformat(told[name]), datetime.min.time(), UTC)
        for name in (_SINCE, _SUNSET)
    )
    return {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": format_datetime(sunset, usegmt=True),
        "Link": f'<{told[_SUCCESSOR]}>; rel="successor-version"',
    }


def _written(endpoint: Callable[..., Any], status: int | None, headers: dict[str, str]) -> Callable[..., Any]:
    """The same endpoint, answering in bytes."""
    if asyncio.iscoroutinefunction(endpoint):

        @wraps(endpoint)
        async def waiting(*args: Any, **kwargs: Any) -> Response:
            return _response(await endpoint(*args, **kwargs), status, headers)

        return waiting

    @wraps(endpoint)
    def answering(*args: Any, **kwargs: Any) -> Response:
        return _response(endpoint(*args, **kwargs), status, headers)

    return answering


def _response(answer: Any, status: int | None, headers: dict[str, str]) -> Response:
    if not isinstance(answer, Response):
        return Response(orjson.dumps(answer), status or 200, headers, JSONResponse.media_type)
    answer.headers.update(headers)
    return answer


def plain_route(
    path: str,
    handler: Callable[[Request], Awaitable[Response]],
    signature: Callable[..., Any],
    **given: Any,
) -> APIRoute:
    """A route that `handler` answers by itself, from the bare request, and that is described by a function's signature."""

    class Plain(APIRoute):
        def get_route_handler(self) -> Any:
            return handler

    return Plain(path, signature, **given)
