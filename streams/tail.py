"""The newest rows of a densely numbered stream, read once for all who follow it in one process.

Numbers are given without gaps and in order of commits (seq by the ledger, change_no by the publisher), so whoever has
seen a number has missed nothing below it. One poller reads while anybody waits; those who are far behind read for
themselves. Used by the feeds of the API and by notify.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Final, Generic, TypeVar

from streams.leases import AWAY

log = logging.getLogger(__name__)
PAGE_ROWS: Final = 500
KEPT_ROWS: Final = 5_000
# Commits that follow one another this quickly are read together.
GATHER_SECONDS: Final = 0.02
AWAY_SECONDS: Final = 1.0
R = TypeVar("R")


class Tail(Generic[R]):
    """`read(after, limit)` gives the rows above a number, in order; `newest()` the last number; both block."""

    def __init__(
        self,
        read: Callable[[int, int], Sequence[R]],
        number: Callable[[R], int],
        newest: Callable[[], int],
        poll_seconds: float = 0.25,
        kept: int = KEPT_ROWS,
    ) -> None:
        self.read, self._number, self._newest = read, number, newest
        self._poll_seconds, self.kept = poll_seconds, kept
        self._rows: list[R] = []
        self._last: int | None = None
        self._grown, self._woken = asyncio.Event(), asyncio.Event()
        self.waiting = 0
        self._missed = False  # Something was committed while nobody waited.
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def last(self) -> int:
        """The last number that was seen here; 0 before anybody waited."""
        return self._last or 0

    async def after(self, no: int, limit: int = PAGE_ROWS) -> Sequence[R]:
        """The next rows above a number; none only where the database has none."""
        held = self.held(no, limit)
        return held if held else await asyncio.to_thread(self.read, no, limit)

    async def known(self, no: int, limit: int = PAGE_ROWS) -> Sequence[R]:
        """As `after`, but none where nothing later has been seen here: for those who wait by `beyond`."""
        held = self.held(no, limit)
        return held if held is not None else await asyncio.to_thread(self.read, no, limit)

    def held(self, no: int, limit: int) -> Sequence[R] | None:
        """What is in memory; None where that does not reach back so far."""
        if self._last is None or no < self._last - len(self._rows):
            return None
        start = len(self._rows) - (self._last - no)
        return self._rows[start : start + limit] if no < self._last else []

    async def beyond(self, no: int, seconds: float) -> bool:
        """Wait until there is something above a number; False where there was nothing for so long."""
        self.waiting += 1
        try:
            self._begin()
            async with asyncio.timeout(seconds):
                while self._last is None or self._last <= no:
                    await self._grown.wait()
            return True
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1

    def wake(self) -> None:
        """From any thread: something was committed just now. Costs nothing while nobody waits: who comes next looks."""
        if not self.waiting:
            self._missed = True
        elif self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # The loop closed just now.
                self._loop.call_soon_threadsafe(self._woken.set)

    def offer(self, row: R) -> bool:
        """A row from elsewhere; whether it was the next one. If not, what lies between is in the database."""
        if self._last is None or self._number(row) != self._last + 1:
            return False
        self._take([row])
        return True

    async def stop(self) -> None:
        """End the poller."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            loop = asyncio.get_running_loop()
            if self._loop is not loop:  # Events belong to the loop on which they were first waited for.
                self._loop, self._grown, self._woken = loop, asyncio.Event(), asyncio.Event()
            # It reads for all, not for whoever came first.
            self._task = loop.create_task(self._poll(), context=Context())
        if self._missed:
            self._missed = False
            self._woken.set()

    async def _poll(self) -> None:
        while self.waiting:
            try:
                await self._look()
            except AWAY as error:
                log.warning("a stream cannot be read", extra={"error": str(error)})
                await asyncio.sleep(AWAY_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._woken.wait()
                    await asyncio.sleep(GATHER_SECONDS)
            self._woken.clear()

    async def _look(self) -> None:
        if self._last is None:
            newest = await asyncio.to_thread(self._newest)
            if self._last is None:
                self._last = newest
                self._tell()
        while True:
            before = self._last
            rows = await asyncio.to_thread(self.read, before, PAGE_ROWS)
            # What was offered meanwhile is not taken twice.
            fresh = [row for row in rows if self._number(row) > (self._last or 0)]
            if fresh:
                self._take(fresh)
            if len(rows) < PAGE_ROWS:
                return

    def _take(self, rows: Sequence[R]) -> None:
        self._rows.extend(rows)
        self._last = self._number(rows[-1])
        if len(self._rows) > 2 * self.kept:
            del self._rows[: -self.kept]
        self._tell()

    def _tell(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
