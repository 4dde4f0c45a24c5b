"""Alert changes as they are numbered, to the many readers of one process, by one poller (DESIGN D13). Used by api.stream.

A reader resumes by change_no. It first reads the database up to the present, then hears the poller; one that is too slow
for its queue is sent back to the database, so no memory grows with it and nothing is skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import func, select

from models.errors import LedgerUnavailable
from models.metrics import STREAM_CLIENTS, STREAM_LAGGED
from models.tables import AlertChange
from streams.changes import places_of
from streams.databases import Databases, guarded, reading

log = logging.getLogger(__name__)
PAGE_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """One numbered change; `alert` is the alert after it, as stored (instants are microseconds)."""

    change_no: int
    change: str
    changed_at: int
    cause: str
    alert: dict[str, Any]
    places: tuple[tuple[str, bool], ...] = ()  # Where it belongs: regions, and whether it is medical there.


Wanted = Callable[[ChangeSeen], bool]


class TooManyReaders(LedgerUnavailable):
    """This process has as many streams open as it is allowed."""


@dataclass(slots=True, eq=False)
class _Listener:
    queue: asyncio.Queue[ChangeSeen]
    lagged: bool = False


@dataclass(slots=True)
class Feed:
    """The changes of one database, for the readers of one process."""

    databases: Databases
    poll_seconds: float = 0.1
    queue_max: int = 1000
    clients_max: int = 1000
    heartbeat_seconds: float = 15.0
    _listeners: set[_Listener] = field(default_factory=set)
    _last: int = 0
    _task: asyncio.Task[None] | None = None
    _joining: asyncio.Lock = field(default_factory=asyncio.Lock)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    @property
    def listening(self) -> int:
        """How many readers there are."""
        return len(self._listeners)

    @property
    def lagging(self) -> int:
        """How many of them are on their way back to the database."""
        return sum(listener.lagged for listener in self._listeners)

    def wake(self) -> None:
        """From any thread: changes were numbered just now; do not wait for the next poll."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def changes(self, after: int | None, wanted: Wanted) -> AsyncGenerator[ChangeSeen | None, None]:
        """Changes with change_no > after that are wanted, for ever; None is a heartbeat. Without `after` from now on."""
        if len(self._listeners) >= self.clients_max:
            raise TooManyReaders(f'"{self.clients_max}" streams are open already')
        listener = _Listener(asyncio.Queue(self.queue_max))
        done = after if after is not None else await asyncio.to_thread(last_change_no, self.databases)
        await self._join(listener)
        try:
            while True:
                listener.lagged = False
                async for change in self._stored(done):
                    done = change.change_no
                    if wanted(change):
                        yield change
                async for heard in self._heard(listener):
                    if heard is None:
                        yield None
                    elif heard.change_no > done:
                        done = heard.change_no
                        if wanted(heard):
                            yield heard
        finally:
            self._leave(listener)

    async def _stored(self, after: int) -> AsyncGenerator[ChangeSeen, None]:
        while found := await asyncio.to_thread(stored_changes, self.databases, after, PAGE_ROWS):
            for change in found:
                yield change
            after = found[-1].change_no

    async def _heard(self, listener: _Listener) -> AsyncGenerator[ChangeSeen | None, None]:
        """Until the queue ran over; what it holds then is read from the database."""
        while not listener.lagged:
            try:
                async with asyncio.timeout(self.heartbeat_seconds):
                    heard = await listener.queue.get()
            except TimeoutError:
                yield None
                continue
            if not listener.lagged:
                yield heard
        STREAM_LAGGED.inc()
        while not listener.queue.empty():
            listener.queue.get_nowait()

    async def _join(self, listener: _Listener) -> None:
        """Once joined, whatever is numbered is either in the database already or will be heard."""
        async with self._joining:
            if self._task is None or self._task.done():
                self._last = await asyncio.to_thread(last_change_no, self.databases)
                self._loop = asyncio.get_running_loop()
                self._listeners.add(listener)
                # The poller reads for all, not for whoever came first.
                self._task = self._loop.create_task(self._poll(), context=Context())
            self._listeners.add(listener)
        STREAM_CLIENTS.inc()

    def _leave(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        STREAM_CLIENTS.dec()

    async def _poll(self) -> None:
        """While anybody listens. A database that is away is waited for: listeners hear of it by silence."""
        while self._listeners:
            try:
                await self._poll_once()
            except LedgerUnavailable as error:
                log.warning("alert changes cannot be read", extra={"reason": str(error)})
                await asyncio.sleep(1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.poll_seconds):
                    await self._woken.wait()
            self._woken.clear()

    async def _poll_once(self) -> None:
        found = await asyncio.to_thread(stored_changes, self.databases, self._last, PAGE_ROWS)
        for change in found:
            for listener in self._listeners:
                _offer(listener, change)
        if found:
            self._last = found[-1].change_no

    async def stop(self) -> None:
        """End the poller; open streams end with their connections."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


def _offer(listener: _Listener, change: ChangeSeen) -> None:
    try:
        listener.queue.put_nowait(change)
    except asyncio.QueueFull:
        listener.lagged = True


def last_change_no(databases: Databases) -> int:
    """The last number given; 0 where there is none. Blocks."""
    with guarded(), reading(databases.state) as connection:
        return int(connection.execute(select(func.max(AlertChange.change_no))).scalar_one() or 0)


def stored_changes(databases: Databases, after: int, limit: int) -> Sequence[ChangeSeen]:
    """Changes with change_no > after, in order. Blocks."""
    query = (
        select(
            AlertChange.change_no,
            AlertChange.change,
            AlertChange.changed_at,
            AlertChange.cause,
            AlertChange.body,
            AlertChange.alert_id,
        )
        .where(AlertChange.change_no > after)
        .order_by(AlertChange.change_no)
        .limit(limit)
    )
    with guarded(), reading(databases.state) as connection:
        rows = connection.execute(query).all()
        places = places_of(connection, {row.alert_id for row in rows})
    return [
        ChangeSeen(row[0] or 0, row[1], row[2], row[3], orjson.loads(row[4]), tuple(places.get(row[5], ())))
        for row in rows
    ]
