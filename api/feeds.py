"""Feeds by long poll, for those who cannot be called: GET /v1/facts?after= and GET /v1/changes?after=.

Both streams are densely numbered in the order of commits, so a cursor that has passed a number has missed nothing below
it. `next` moves over what is not the asker's too: nothing is looked through twice. One answer looks through a bounded
number of rows; a waiting request holds no thread and no connection of the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Depends, Query, Request

from api.answers import hooks as answers
from api.asking import reach_for
from api.auth import granted
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import bad_parameter
from api.wire import alert_wire, instant, row_wire
from models.access import Scope
from models.alerts import AlertKind, Severity
from models.envelope import Row
from models.facts import FACT_TYPES
from models.hooks import Filter
from streams.changes import Change, changes_after, last_change_no, shown_changes
from streams.databases import beyond
from streams.hook_events import wants_change
from streams.keys import Holder
from streams.tail import PAGE_ROWS, Tail

router = APIRouter(prefix="/v1", route_class=DescribedRoute, tags=["feeds"])
# Facts may be as large as a request; so many bytes of them are answered at once.
_BYTES_MAX: Final = 4 * 1024 * 1024
_ROWS_AT_ONCE: Final = 10_000  # Looked through in one go in the database: some ten milliseconds.
R = TypeVar("R", Row, Change)
After = Annotated[int, Query(ge=0, le=2**62, description="`next` of the answer before; 0 is the beginning.")]
Wait = Annotated[int, Query(ge=0, le=60, description="Seconds to wait for something new.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Kinds = Annotated[list[str] | None, Query(max_length=100, description="Only facts of these kinds.")]


@router.get("/facts")
async def fact_feed(
    request: Request,
    holder: Annotated[Holder, Depends(granted(Scope.FACTS_READ))],
    after: After = 0,
    wait: Wait = 0,
    limit: Limit = 100,
    kind: Kinds = None,
) -> answers.FactFeed:
    """Facts that the asker may read with seq > after, in order; waits where there is none yet."""
    parts = parts_of(request)
    kinds = frozenset(kind or ())
    if unknown := kinds - FACT_TYPES.keys():
        raise bad_parameter("kind", "invalid/kind", kind=min(unknown)[:40])
    # What an organisation is named in is found in SQL; what regulators see of all is most of what there is.
    reach = reach_for(request, holder)
    org = None if reach.oversees else holder.org

    def read(no: int, rows: int, limit: int) -> tuple[list[Row], int]:
        upto = min(no + rows, parts.ledger.head().seq)
        with beyond():  # The wall would look at every row; it is asked about those that are answered.
            found = parts.ledger.rows_of(no, upto, limit, org, kinds)
        return found, found[-1].seq if len(found) == limit else upto

    def wanted(row: Row) -> bool:
        return (not kinds or row.kind in kinds) and reach.row(row)

    feed = _Feed(parts.tails.facts, read, wanted, lambda row: row.seq, _row_bytes)
    with parts.tails.place("facts"):
        await _check_after(after, feed.tail, lambda: parts.ledger.head().seq)
        found, following, more = await feed.answer(parts, after, limit, wait)
    shown = await asyncio.to_thread(parts.ledger.rows_by_seq, [row.seq for row in found])
    rows: list[Any] = [row_wire(shown[row.seq]) for row in found if row.seq in shown]
    return {"facts": rows, "next": following, "more": more}


@router.get("/changes")
async def change_feed(
    request: Request,
    holder: Annotated[Holder, Depends(granted(Scope.ALERTS_READ))],
    after: After = 0,
    wait: Wait = 0,
    limit: Limit = 100,
    kind: Annotated[list[AlertKind] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    region: Annotated[str, Query(pattern="^([1-8][0-9]{0,5})?$")] = "",
) -> answers.ChangeFeed:
    """Changes of alerts that the asker may read with change_no > after, in order; waits where there is none yet."""
    parts = parts_of(request)
    # A value that is asked for twice is asked for.
    asked = Filter(kinds=tuple(dict.fromkeys(kind or ())), severities=tuple(dict.fromkeys(severity or ())))
    state = parts.databases.state
    reach = reach_for(request, holder)

    def newest() -> int:
        with beyond():
            return last_change_no(state)

    def read(no: int, rows: int, _limit: int) -> tuple[Sequence[Change], int]:
        # How far was looked does not depend on what the database shows of it to this asker.
        upto = min(no + min(rows, PAGE_ROWS), newest())
        with beyond():
            found = changes_after(state, no, PAGE_ROWS)
        return [each for each in found if each.change_no <= upto], upto

    def wanted(change: Change) -> bool:
        at_place = str(change.alert["site"]).startswith(region)
        return at_place and wants_change(asked, change) and reach.alert(change.alert, change.places)

    feed = _Feed(parts.tails.changes, read, wanted, lambda change: change.change_no, lambda _change: 2_000)
    with parts.tails.place("changes"):
        await _check_after(after, feed.tail, newest)
        found, following, more = await feed.answer(parts, after, limit, wait)
    shown = await asyncio.to_thread(shown_changes, state, [each.change_no for each in found])
    wires = [_change_wire(each) for each in found if each.change_no in shown]
    return {"changes": wires, "next": following, "more": more}


def _row_bytes(row: Row) -> int:
    return len(row.data) + len(row.original or b"")


def _change_wire(change: Change) -> answers.ChangeRow:
    return {
        "change_no": change.change_no,
        "change": change.change,
        "changed_at": instant(change.changed_at) or "",
        "cause": change.cause,
        "alert": alert_wire(change.alert),
    }


async def _check_after(after: int, tail: Tail[R], newest: Callable[[], int]) -> None:
    """A cursor beyond the end was given out by another ledger, or before a restore: to wait there would skip facts."""
    if after > tail.last and after > await asyncio.to_thread(newest):
        raise bad_parameter("after", "invalid/after")


@dataclass(slots=True)
class _Feed(Generic[R]):
    """`read(after, rows, limit)` looks through so many rows of the database for at most so many, and tells how far."""

    tail: Tail[R]
    read: Callable[[int, int, int], tuple[Sequence[R], int]]
    wanted: Callable[[R], bool]
    number: Callable[[R], int]
    size: Callable[[R], int]

    async def answer(self, parts: Parts, after: int, limit: int, wait: int) -> tuple[list[R], int, bool]:
        """What there is, how far was looked, and whether there is more; waits while there is nothing at all."""
        until = monotonic() + min(wait, parts.settings.poll_wait_s_max)
        room = parts.settings.poll_scan_max
        while True:
            found, after, room, ended = await self._look(after, limit, room)
            if found or room <= 0:
                return found, after, not ended
            left = until - monotonic()
            if left <= 0 or not await self.tail.beyond(after, left):
                return [], after, False

    async def _look(self, after: int, limit: int, room: int) -> tuple[list[R], int, int, bool]:
        """Rows from `after` on until there are enough, no room is left, or the end is reached."""
        found: list[R] = []
        size = 0
        while room > 0:
            page, upto = await self._page(after, min(room, _ROWS_AT_ONCE), limit)
            if upto <= after:
                return found, after, room, True
            # What somebody may see may have to be looked up.
            for row in await asyncio.to_thread(list, filter(self.wanted, page)):
                size += self.size(row)
                if found and size > _BYTES_MAX:
                    return found, self.number(found[-1]), room, False
                found.append(row)
                if len(found) == limit:
                    return found, self.number(row), room, False
            room, after = room - (upto - after), upto
            await asyncio.sleep(0)
        return found, after, room, False

    async def _page(self, after: int, rows: int, limit: int) -> tuple[Sequence[R], int]:
        held = self.tail.held(after, min(rows, PAGE_ROWS))
        if held:
            return held, self.number(held[-1])
        return await asyncio.to_thread(self.read, after, rows, limit)
