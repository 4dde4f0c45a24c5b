"""Who asks, and how far they see: the dependency of every route that tells what others stated. Used by api/ and pages."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from api.auth import reader, seen_by
from api.parts import parts_of
from api.reach import Reach, reach_of
from api.registers import Registers
from api.views.desk import Desk
from streams.keys import Holder


def desk_of(request: Request) -> Desk:
    """The desk of this application; made at the first question."""
    state = request.app.state
    if not hasattr(state, "desk"):
        state.desk = Desk(parts_of(request).ledger)
    return cast("Desk", state.desk)


def reach_for(request: Request, holder: Holder) -> Reach:
    """The reach of a holder who asks this application; from here on the request reads for it."""
    desk = desk_of(request)
    return reach_of(seen_by(holder), Registers(desk.ledger, desk.names))


async def asker(request: Request) -> Reach:
    """As `api.auth.reader`, with what may be seen."""
    return reach_for(request, await reader(request))


Asker = Annotated[Reach, Depends(asker)]
