"""For whom a request speaks: its key's own organisation, or by the header `Feilian-For` one that delegated to it."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from fastapi import Request

from api.fields import field_of, fields_of
from api.parts import Parts, parts_of
from api.problems import ProblemError
from models.facts.base import Role
from models.problems import Code, Problem
from streams.delegations import acting_for
from streams.key_ring import KeyRefused
from streams.keys import Holder

HEADER: Final = "feilian-for"
_NAME: Final = HEADER.encode()
_VALUE: Final = re.compile(r"([0-9A-HJ-NPQRTUWXY]{18})(?:\s*;\s*role=([a-z]+))?").fullmatch


async def acting(request: Request, holder: Holder) -> Holder:
    """The holder, or as it acts for the organisation that the header names; ProblemError 403 where it may not."""
    if _NAME not in fields_of(request.scope):
        return holder
    return await acting_as(parts_of(request), holder, field_of(request.scope, _NAME))


async def acting_as(parts: Parts, holder: Holder, wanted: str) -> Holder:
    """The same for a value as the header has it: a credit code, and perhaps `; role=…`."""
    found = _VALUE(wanted.strip())
    if found is None or (found[2] is not None and found[2] not in _ROLES):
        message = "a credit code, and perhaps a role: 91330106MADEMPRDXM; role=producer"
        raise ProblemError(
            400, Code.INVALID, "header Feilian-For", [Problem("Feilian-For", Code.BAD_FORMAT, message)]
        )
    org, role = found[1], Role(found[2]) if found[2] else None
    if org == holder.org and role in (None, holder.role):
        return holder
    if holder.via is not None:
        if org == holder.via or org != holder.org:
            raise ProblemError(403, Code.NOT_DELEGATED, "what acts for one organisation acts for no other")
        return holder
    try:
        delegations = parts.delegations.remembered(holder.org, org)
    except KeyError:
        delegations = await asyncio.to_thread(parts.delegations.look_up, holder.org, org)
    try:
        return acting_for(holder, org, role, delegations)
    except KeyRefused as error:
        raise ProblemError(403, error.code, str(error)) from None


_ROLES: Final = frozenset(role.value for role in Role)
