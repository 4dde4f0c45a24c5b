"""What every answer of the API carries, and what no request may take too much of: headers, bodies, time. For api.app."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.parts import looked_at
from api.problems import ProblemError, problem_response
from models.networks import Networks, within
from models.problems import Code
from models.settings import Settings

# Set by api.auth: the buckets, and the key whose they are; here what is left becomes header fields.
RATE: Final = "feilian.rate"
Header = tuple[bytes, bytes]
_NOSNIFF: Final[Header] = (b"x-content-type-options", b"nosniff")
_NO_STORE: Final[Header] = (b"cache-control", b"no-store")
_CLOSED: Final[Header] = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_HSTS: Final[Header] = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_API: Final = "/v1/"
# What may be long, and has its own bound: a workbook of 100,000 rows.
_LONG_BODIES: Final = ("/v1/uploads", "/uploads")


def protect(message: Message, scope: Scope, https: bool) -> None:
    """Add to the start of an answer what it lacks: no guessing of types, no keeping of private data, what is left."""
    headers: list[Header] = message.setdefault("headers", [])
    if not isinstance(headers, list):
        headers = message["headers"] = list(headers)
    headers.append(_NOSNIFF)
    if https:
        headers.append(_HSTS)
    if (asked := scope.get(RATE)) is not None:
        rates, key_id = asked
        headers.extend(rates.told(key_id))
    if scope["path"].startswith(_API):
        named = {name.lower() for name, _ in headers}
        headers.extend(header for header in (_NO_STORE, _CLOSED) if header[0] not in named)


def over_https(scope: Scope, always: bool, proxies: Networks) -> bool:
    """Whether the sender came by https: here, at our proxy that says so, or because the world knows us by no other way."""
    if always or scope.get("scheme") == "https":
        return True
    if not proxies or not within((scope.get("client") or ("",))[0], proxies):
        return False
    return (b"x-forwarded-proto", b"https") in scope["headers"]


def bounded(receive: Receive, scope: Scope, limit: int) -> Receive:
    """A `receive` that gives no more of a body than is allowed; HTTPException 413 beyond that."""
    if scope["method"] in ("GET", "HEAD") or scope["path"].startswith(_LONG_BODIES):
        return receive
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, f"the body is larger than {limit} bytes", {"Connection": "close"})
        return message

    return receiving


async def in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
    """A question is answered within the deadline, or with 503; a stream that has begun may go on."""
    if scope["method"] not in ("GET", "HEAD"):
        await app(scope, receive, send)
        return
    begun = over = False

    async def sending(message: Message) -> None:
        nonlocal begun
        if over:
            return  # Somebody else has answered already.
        begun = True
        await send(message)

    # A task of its own, since work in a thread does not end when it is told to, and its asker would wait for it.
    answering = asyncio.ensure_future(app(scope, receive, sending))
    answering.add_done_callback(looked_at)
    try:
        # One who follows a feed says how long he will wait; that is not slow.
        await asyncio.wait({answering}, timeout=settings.read_seconds_max + _asked_to_wait(scope, settings))
        if begun or answering.done():
            await answering
            return
        over = True
    finally:
        answering.cancel()
    await problem_response(too_slow(settings))(scope, receive, send)


def too_slow(settings: Settings) -> ProblemError:
    """The answer in place of one that did not come in time."""
    detail = f"this took longer than {settings.read_seconds_max} seconds; ask for less at a time"
    return ProblemError(503, Code.TOO_SLOW, detail, headers={"Retry-After": "5"})


def _asked_to_wait(scope: Scope, settings: Settings) -> int:
    return settings.poll_wait_s_max if b"wait" in scope.get("query_string", b"") else 0
