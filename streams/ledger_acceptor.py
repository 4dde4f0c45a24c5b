"""Group commit: requests that wait at the same time share one accepting transaction (DESIGN D2). Used by the door.

One thread writes. It takes all that waits, up to a bound, and answers them together; meanwhile the next group gathers.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Final

from models.errors import LedgerUnavailable
from models.metrics import ACCEPT_WAITING_FACTS
from streams.ledger import Ledger
from streams.ledger_types import Outcome, Submission

log = logging.getLogger(__name__)
PATIENCE_SECONDS: Final = 10
WATCH_SECONDS: Final = 0.1
_Waiting = tuple[Submission, "asyncio.Future[Outcome]"]


class Acceptor:
    """The ledger's door for asyncio. `start` it on the loop that submits; `stop` lets what waits be decided first."""

    def __init__(self, ledger: Ledger, group_facts_max: int = 2000, waiting_facts_max: int = 20_000) -> None:
        self._ledger = ledger
        self._group_facts_max = group_facts_max
        self._waiting_facts_max = waiting_facts_max
        self._waiting: deque[_Waiting] = deque()
        self._facts = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._asked: deque[tuple[float, asyncio.Future[Outcome]]] = deque()
        self._watch: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to accept, from the running loop."""
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._watch = self._loop.create_task(self._lose_patience())
        self._thread = threading.Thread(target=self._run, name="accept", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Decide what waits, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        if self._watch is not None:
            self._watch.cancel()

    async def submit(self, submission: Submission) -> Outcome:
        """The outcome, once it is committed. LedgerUnavailable when too many wait, or it takes too long.

        After LedgerUnavailable the facts may still get in; sent again they are recognised.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._enqueue(submission, future)
        self._asked.append((monotonic() + PATIENCE_SECONDS, future))
        return await future

    async def _lose_patience(self) -> None:
        """One watch for all who wait, since a timer for each costs more than the rest of waiting."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            while self._asked and (self._asked[0][1].done() or self._asked[0][0] < monotonic()):
                _, future = self._asked.popleft()
                if not future.done():
                    message = f"ledger did not answer within {PATIENCE_SECONDS} seconds"
                    future.set_exception(LedgerUnavailable(message))

    def _enqueue(self, submission: Submission, future: asyncio.Future[Outcome]) -> None:
        with self._changed:
            if self._stopping:
                raise LedgerUnavailable("this process is stopping")
            if self._facts and self._facts + len(submission.facts) > self._waiting_facts_max:
                raise LedgerUnavailable(f'"{self._facts}" facts are waiting already')
            self._waiting.append((submission, future))
            self._facts += len(submission.facts)
            self._changed.notify()

    # The thread

    def _run(self) -> None:
        while group := self._take():
            outcomes = self._decide([submission for submission, _ in group])
            answers = [(future, outcome) for (_, future), outcome in zip(group, outcomes, strict=True)]
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_answer, answers)

    def _take(self) -> list[_Waiting]:
        """The next group, at least one submission; empty once stopped."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            group: list[_Waiting] = []
            facts = 0
            while self._waiting:
                size = len(self._waiting[0][0].facts)
                if group and facts + size > self._group_facts_max:
                    break
                group.append(self._waiting.popleft())
                facts += size
            self._facts -= facts
            ACCEPT_WAITING_FACTS.set(self._facts)
            return group

    def _decide(self, submissions: Sequence[Submission]) -> Sequence[Outcome | Exception]:
        try:
            return self._ledger.accept(submissions)
        except LedgerUnavailable as error:
            log.warning("ledger unavailable", extra={"reason": str(error)})
            return [error] * len(submissions)
        except Exception as error:
            log.exception("accepting failed")  # The thread must live, and each sender be told.
            return [error] * len(submissions)


def _answer(answers: Sequence[tuple[asyncio.Future[Outcome], Outcome | Exception]]) -> None:
    for future, outcome in answers:
        if future.done():  # Its sender went away, or lost patience.
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
