"""A route that describes itself: what it answers is its return annotation. Used by every router of the API.

The answer is written by orjson where the route's own thread is, and not validated again: tests hold real answers against
the description (tests/api/test_answers.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute


class DescribedRoute(APIRoute):
    """`APIRouter(route_class=DescribedRoute)`: typed for the description, written fast."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        """As any route of FastAPI."""
        super().__init__(path, _written(endpoint, given.get("status_code")), **given)


def _written(endpoint: Callable[..., Any], status: int | None) -> Callable[..., Any]:
    """The same endpoint, answering in bytes."""
    if asyncio.iscoroutinefunction(endpoint):

        @wraps(endpoint)
        async def waiting(*args: Any, **kwargs: Any) -> Response:
            return _response(await endpoint(*args, **kwargs), status)

        return waiting

    @wraps(endpoint)
    def answering(*args: Any, **kwargs: Any) -> Response:
        return _response(endpoint(*args, **kwargs), status)

    return answering


def _response(answer: Any, status: int | None) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(orjson.dumps(answer), status or 200, media_type=JSONResponse.media_type)


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
