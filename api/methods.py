"""HEAD, OPTIONS and Allow for every address, as RFC 9110 9.3.2, 9.3.7 and 15.5.6 have them. For api.app and api.problems.

Routes name one method each, so what an address allows is asked of all of them.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Message, Scope, Send

METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
# They are answered for as long as somebody listens: their heads alone would never end.
_ENDLESS: Final = frozenset({"/v1/stream", "/live"})


def allowed(request: Request) -> list[str]:
    """What may be asked of this address, by name; empty where there is no such address."""
    found = [method for method in METHODS if _is_answered(request, method)]
    if "GET" in found and request.url.path not in _ENDLESS:
        found.append("HEAD")
    return sorted([*found, "OPTIONS"]) if found else []


def _is_answered(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def options(request: Request) -> Response:
    """The answer to OPTIONS: what may be asked."""
    return Response(status_code=204, headers={"Allow": ", ".join(allowed(request))})


def without_body(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """A HEAD is the GET of the same address, of which the body is left out; anything else is as it was."""
    if scope["method"] != "HEAD" or scope["path"] in _ENDLESS:
        return scope, send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return {**scope, "method": "GET"}, sending
