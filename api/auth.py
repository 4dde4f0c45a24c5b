"""Who is asking: a bearer key in the header, or a browser by its session (api/sessions). Used by all routes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import ceil
from typing import Annotated, Final

from fastapi import Depends, Request

from api.acting import acting, acting_as
from api.address import address_of
from api.armour import RATE
from api.fields import field_of
from api.parts import parts_of
from api.problems import ProblemError, refused
from api.reach import bounds_of_holder
from api.sessions import SAFE_METHODS, check_token_header, holder_of, sid_of
from models.access import Scope
from models.problems import Code
from streams.access_tokens import is_token
from streams.databases import REACH
from streams.key_ring import KeyRefused, token_parts
from streams.keys import Holder
from streams.throttle import Throttle

_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="feilian"'}


async def stater(request: Request) -> Holder:
    """The holder of the key in the Authorization header; ProblemError 401 without a good one."""
    scheme, _, token = field_of(request.scope, b"authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise refused(401, "unauthenticated", (), _CHALLENGE)
    holder = await acting(request, await _recognised(request, token.strip()))
    check_rate(request, holder.key_id)
    return holder


async def reader(request: Request) -> Holder:
    """As `stater`, or by the session of a browser; where that would change something, with the token of its page."""
    if "authorization" in request.headers or not sid_of(request):
        return seen_by(await stater(request))
    holder = await asyncio.to_thread(holder_of, request)
    if holder is None:
        raise refused(401, "unauthenticated/session", (), _CHALLENGE)
    if request.method not in SAFE_METHODS:
        check_token_header(request)
    return seen_by(holder)


def check_rate(request: Request, key_id: str) -> None:
    """Take one request from the key's bucket; ProblemError 429 where it is empty. The answer tells what is left."""
    parts = parts_of(request)
    request.scope[RATE] = parts.rates, key_id
    if seconds := parts.requests.take(key_id):
        raise too_many(seconds, "requests")


def too_many(seconds: float, what: str) -> ProblemError:
    """The answer to a key whose bucket is empty, with the seconds until it is not."""
    retry = {"Retry-After": str(ceil(seconds))}
    detail = f"too many {what} by this key; try again in {ceil(seconds)} seconds"
    return ProblemError(429, Code.TOO_MANY_REQUESTS, detail, headers=retry)


async def _by_token(request: Request, token: str) -> Holder:
    """The holder of an access token: its key's, so long as that is good, with what the token narrows it to."""
    parts, address = parts_of(request), address_of(request)
    tokens = parts.tokens
    if tokens is None:
        tokens = await asyncio.to_thread(parts.access_tokens)
    try:
        claims = tokens.remembered(token)
    except KeyError:
        claims = await asyncio.to_thread(tokens.recognise, token)
    if claims is None:
        raise _bad_token("this token is not good, or not any more")
    try:
        try:
            holder = parts.keys.remembered_by_id(claims.key_id, address)
        except KeyError:
            holder = await asyncio.to_thread(parts.keys.recognise_by_id, claims.key_id, address)
    except KeyRefused as error:
        raise _key_refused(error) from None
    if holder is None:
        raise _bad_token("the key of this token is revoked")
    if claims.acts_for is not None:
        holder = await acting_as(parts, holder, f"{claims.acts_for}; role={claims.role}")
    return replace(holder, scopes=holder.scopes & claims.scopes, until=claims.expires_at)


def _bad_token(detail: str) -> ProblemError:
    challenge = {"WWW-Authenticate": 'Bearer realm="feilian", error="invalid_token"'}
    return ProblemError(401, Code.UNAUTHENTICATED, detail, headers=challenge)


async def _recognised(request: Request, token: str) -> Holder:
    if is_token(token):
        return await _by_token(request, token)
    parts = parts_of(request)
    address, key_id = address_of(request), token_parts(token)[0]
    check_throttle(parts.throttle, address, key_id)
    try:
        try:
            holder = parts.keys.remembered(token, address)
        except KeyError:
            holder = await asyncio.to_thread(parts.keys.recognise, token, address)
    except KeyRefused as error:
        raise _key_refused(error) from None
    if holder is None:
        parts.throttle.wrong(address, key_id)
        raise refused(401, "unauthenticated/wrong", (), _CHALLENGE)
    parts.throttle.right(address, key_id)
    return holder


def check_throttle(throttle: Throttle, address: str, name: str) -> None:
    """ProblemError 429 while too many wrong secrets came for this name, or from this address."""
    if seconds := throttle.wait(address, name):
        retry = {"Retry-After": str(ceil(seconds))}
        raise refused(429, "too_many_wrong_secrets", (), retry)


def _key_refused(error: KeyRefused) -> ProblemError:
    if error.code is Code.KEY_EXPIRED:
        return refused(401, "key_expired", (), _CHALLENGE)
    return refused(403, error.code.value)


def seen_by(holder: Holder) -> Holder:
    """From here on this request reads as its asker: the database shows it no more (streams/databases.reading)."""
    REACH.set(bounds_of_holder(holder).text)
    return holder


def granted(scope: Scope) -> Callable[[Request], Awaitable[Holder]]:
    """A dependency: as `reader`, and the key must have this scope; ProblemError 403 where it has not."""

    async def holder_with(request: Request) -> Holder:
        return with_scope(await reader(request), scope)

    return holder_with


def with_scope(holder: Holder, scope: Scope) -> Holder:
    """The holder, where its key has this scope; ProblemError 403 where it has not."""
    if scope not in holder.scopes:
        raise refused(403, "forbidden/scope", scope=scope)
    return holder


Stater = Annotated[Holder, Depends(stater)]
Reader = Annotated[Holder, Depends(reader)]
