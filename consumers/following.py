"""How one reader goes through both streams of events: what it wants in the order of its numbers, nothing twice.

Base of the workers of endpoints and of mail subscriptions. A cursor moves over what is not wanted too, so that nothing
is looked at twice; it is stored with the next thing that is told, or once it has moved far.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, ParamSpec, TypeVar

from models.envelope import Row
from models.hooks import Filter, Position, Stream
from models.settings import Settings
from streams.changes import Change
from streams.egress import Poster
from streams.hook_events import (
    Message,
    may_be_told_of_change,
    may_be_told_of_fact,
    wants_change,
    wants_fact,
)
from streams.hook_store import HookStore
from streams.keys import Holder
from streams.leases import AWAY
from streams.ledger import Ledger
from streams.tail import Tail

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
Event = Change | Row
AWAY_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 5.0
# A cursor that only moved over what is not wanted is stored after so many.
STRIDE: Final = 5_000


async def in_sql(work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Do it in a thread, again and again while the database is away: nothing is told meanwhile."""
    while True:
        try:
            return await asyncio.to_thread(work, *values, **named)
        except AWAY as error:
            log.warning("notify cannot write", extra={"error": str(error)})
            await asyncio.sleep(AWAY_SECONDS)


@dataclass(slots=True)
class Shared:
    """What all workers of one notify work with, under one lease's token."""

    settings: Settings
    ledger: Ledger
    store: HookStore
    poster: Poster
    changes: Tail[Change]
    facts: Tail[Row]
    token: int
    slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """So many posts are under way at a time."""
        self.slots = asyncio.Semaphore(self.settings.notify_concurrency)

    @property
    def ledger_id(self) -> str:
        """Part of every message's id."""
        return self.ledger.meta.ledger_id


@dataclass(slots=True)
class Follower:
    """`position` is what was told (and stored); `_read` is how far the streams were looked through, at or after it."""

    shared: Shared
    reader: str
    holder: Holder
    wanted: Filter
    position: Position
    nudged: asyncio.Event = field(default_factory=asyncio.Event)
    _read: dict[Stream, int] = field(init=False)
    _pages: dict[Stream, deque[Event]] = field(init=False)
    _changed_at: int = field(init=False)
    _turn: tuple[Stream, ...] = (Stream.CHANGES, Stream.FACTS)

    def __post_init__(self) -> None:
        """Begins where it was told last."""
        self.rewind()

    def rewind(self) -> None:
        """Look through the streams again from what was told last."""
        self._read = {Stream.CHANGES: self.position.change_no, Stream.FACTS: self.position.seq}
        self._pages = {Stream.CHANGES: deque(), Stream.FACTS: deque()}
        self._changed_at = self.position.changed_at

    async def next(self) -> Event | None:
        """The next event that is wanted, by turns from both streams; None where neither has one now."""
        for stream in self._turn:
            event = await self._seek(stream)
            if event is not None:
                other = Stream.FACTS if stream is Stream.CHANGES else Stream.CHANGES
                self._turn = (other, stream)
                return event
        return None

    async def _seek(self, stream: Stream) -> Event | None:
        page = self._pages[stream]
        while True:
            while page:
                event = page.popleft()
                if self._passes(event):
                    return event
            tail: Tail[Change] | Tail[Row] = (
                self.shared.changes if stream is Stream.CHANGES else self.shared.facts
            )
            found: Sequence[Event] = await tail.known(self._read[stream])
            if not found:
                return None
            page.extend(found)
            await asyncio.sleep(0)

    def _passes(self, event: Event) -> bool:
        """Whether an event is wanted and may be told; it is read either way."""
        if isinstance(event, Change):
            self._read[Stream.CHANGES], self._changed_at = event.change_no, event.changed_at
            return wants_change(self.wanted, event) and may_be_told_of_change(self.holder, event)
        self._read[Stream.FACTS] = event.seq
        return wants_fact(self.wanted, event, self.holder.org) and may_be_told_of_fact(self.holder, event)

    def lag(self) -> dict[Stream, int]:
        """How many changes and facts there are beyond what was looked through."""
        ends = {Stream.CHANGES: self.shared.changes.last, Stream.FACTS: self.shared.facts.last}
        return {stream: max(0, end - self._read[stream]) for stream, end in ends.items()}

    def done(self, message: Message) -> None:
        """A message is told or put aside: the position moves to it, and failures are over."""
        fresh = replace(self.position, attempts=0, next_at=0, failing_since=None)
        if message.stream is Stream.CHANGES:
            self.position = replace(fresh, change_no=message.position, changed_at=message.at)
        else:
            self.position = replace(fresh, seq=message.position)
        self._read[message.stream] = max(self._read[message.stream], message.position)

    def stride(self) -> bool:
        """Move the position to where looking has come, if that is far ahead; whether it moved. Only while nothing waits."""
        changes, facts = self._read[Stream.CHANGES], self._read[Stream.FACTS]
        if max(changes - self.position.change_no, facts - self.position.seq) < STRIDE:
            return False
        self.catch_up()
        return True

    def catch_up(self) -> None:
        """Everything that was looked through is done with."""
        self.position = replace(
            self.position,
            change_no=self._read[Stream.CHANGES],
            changed_at=self._changed_at,
            seq=self._read[Stream.FACTS],
        )

    async def growth(self, seconds: float = IDLE_SECONDS) -> None:
        """Wait for anything new in either stream, or for a nudge."""
        waits = [
            asyncio.ensure_future(self.shared.changes.beyond(self._read[Stream.CHANGES], seconds)),
            asyncio.ensure_future(self.shared.facts.beyond(self._read[Stream.FACTS], seconds)),
            asyncio.ensure_future(self.nudged.wait()),
        ]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            self.nudged.clear()

    async def rest(self, seconds: float) -> None:
        """Wait so long, or for a nudge."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self.nudged.wait()
        self.nudged.clear()
