"""Who is asking: a bearer key in the header, or for reading in a browser the same key in a cookie. Used by all routes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request

from api.parts import parts_of
from api.problems import ProblemError
from models.access import Scope
from models.problems import Code
from models.roles import READS_ALL
from streams.keys import Holder

# The pages' own; SameSite=Strict and HttpOnly when set. Nothing is ever written on its strength.
COOKIE: Final = "feilian_key"
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="feilian"'}


async def stater(request: Request) -> Holder:
    """The holder of the key in the Authorization header; ProblemError 401 without a good one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise ProblemError(401, Code.UNAUTHENTICATED, "a bearer key is needed", headers=_CHALLENGE)
    return await _recognised(request, token.strip())


async def reader(request: Request) -> Holder:
    """As `stater`, or by the cookie of a page; for requests that change nothing."""
    token = request.cookies.get(COOKIE)
    if token and "authorization" not in request.headers:
        return await _recognised(request, token)
    return await stater(request)


async def _recognised(request: Request, token: str) -> Holder:
    keys = parts_of(request).keys
    try:
        holder = keys.remembered(token)
    except KeyError:
        holder = await asyncio.to_thread(keys.recognise, token)
    if holder is None:
        raise ProblemError(
            401, Code.UNAUTHENTICATED, "this key is unknown, wrong or revoked", headers=_CHALLENGE
        )
    return holder


def sees_all(holder: Holder) -> bool:
    """Regulators and auditors read everything, others what they stated or are a party to."""
    return holder.role in READS_ALL


def granted(scope: Scope) -> Callable[[Request], Awaitable[Holder]]:
    """A dependency: as `reader`, and the key must have this scope; ProblemError 403 where it has not."""

    async def holder_with(request: Request) -> Holder:
        return with_scope(await reader(request), scope)

    return holder_with


def with_scope(holder: Holder, scope: Scope) -> Holder:
    """The holder, where its key has this scope; ProblemError 403 where it has not."""
    if scope not in holder.scopes:
        raise ProblemError(403, Code.FORBIDDEN, f'this key has no scope "{scope}"')
    return holder


Stater = Annotated[Holder, Depends(stater)]
Reader = Annotated[Holder, Depends(reader)]
