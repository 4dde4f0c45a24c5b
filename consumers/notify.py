"""`feilian notify`: tells webhook endpoints and mail subscriptions what happens. One process is active at a time (lease).

Numbers in SQL decide what comes next and how far each was told. waste.alerts, read by kafka-python without a group, says
that there is something new and brings it: what comes in order is told as it came, a gap is read from SQL, a repeat is
skipped. Without a broker SQL alone is followed, as in `feilian up`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from consumers.alerts_in import AlertsIn
from consumers.following import Shared, in_sql
from consumers.notify_hooks import HookWorker
from consumers.notify_mail import MailWorkers
from models.errors import Fenced
from models.hooks import HookState, Position, Stream
from models.metrics import HOOK_DEAD_LETTERS, HOOK_LAG, HOOKS, HOOKS_FAILING
from models.settings import Settings
from streams.changes import change_no_before, changes_after, last_change_no
from streams.egress import Poster
from streams.hook_rights import may_be_told
from streams.hook_store import Hook, HookStore
from streams.leases import AWAY, Lease, lead
from streams.ledger import Ledger
from streams.tail import Tail

log = logging.getLogger(__name__)
LEASE_NAME: Final = "notify"
LOOK_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 5.0


@dataclass(slots=True, eq=False)
class Notify:
    """`run` until stopped. `wake` may be called from any thread whenever facts or changes were committed."""

    settings: Settings
    ledger: Ledger
    lease_seconds: float = 10.0
    poster: Poster | None = None
    _shared: Shared | None = None
    _workers: dict[str, HookWorker] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _fenced: Fenced | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`; waits while another one is active."""
        lease = Lease(self.ledger.databases.state, LEASE_NAME, ttl_seconds=self.lease_seconds)
        await lead(lease, stop, self._work)

    def wake(self) -> None:
        """Something was committed just now."""
        shared = self._shared
        if shared is not None:
            shared.changes.wake()
            shared.facts.wake()

    async def _work(self, token: int) -> None:
        shared = self._shared = _shared(self.settings, self.ledger, self.poster, token)
        mail = MailWorkers(shared)
        state = self.ledger.databases.state
        incoming = AlertsIn(self.settings.kafka, self.ledger.meta.epoch, shared.changes, state)
        incoming.start()
        try:
            while True:
                try:
                    await self._look(shared, mail)
                except AWAY as error:
                    log.warning("notify cannot read", extra={"error": str(error)})
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            incoming.stop()
            self._shared = None
            await self._end(mail)
            await shared.changes.stop()
            await shared.facts.stop()
            if self.poster is None:
                await shared.poster.close()

    async def _end(self, mail: MailWorkers) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._workers.clear()
        await mail.end()

    async def _look(self, shared: Shared, mail: MailWorkers) -> None:
        """Bring the workers in line with the endpoints that are there, and what they tell of with the metrics."""
        self._bury_the_dead()
        hooks = await asyncio.to_thread(shared.store.all)
        active = {hook.hook_id: hook for hook in hooks if hook.state is HookState.ACTIVE}
        told = await asyncio.to_thread(
            may_be_told, self.ledger.databases, [hook.holder for hook in active.values()]
        )
        active = {hook_id: hook for hook_id, hook in active.items() if hook.holder in told}
        for hook_id in self._tasks.keys() - active.keys():
            self._tasks.pop(hook_id).cancel()
            del self._workers[hook_id]
        await self._begin(shared, [hook for hook_id, hook in active.items() if hook_id not in self._tasks])
        queued = await asyncio.to_thread(shared.store.queued)
        for hook_id, worker in self._workers.items():
            worker.changed(active[hook_id])
            if hook_id in queued:
                worker.redriving = True
                worker.follower.nudged.set()
        await self._measure(shared, hooks)
        await mail.look()
        await mail.tell_of(hooks, self._failing())

    def _failing(self) -> dict[str, int]:
        """Since when endpoints fail that do."""
        found = {hook_id: worker.follower.position.failing_since for hook_id, worker in self._workers.items()}
        return {hook_id: since for hook_id, since in found.items() if since is not None}

    def _bury_the_dead(self) -> None:
        """Workers that ended are begun again while their endpoint is active; a newer lease ends all of us."""
        for hook_id, task in list(self._tasks.items()):
            if not task.done():
                continue
            del self._tasks[hook_id], self._workers[hook_id]
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Fenced):
                raise error
            if error is not None:
                log.error("telling an endpoint failed", extra={"hook": hook_id}, exc_info=error)

    async def _begin(self, shared: Shared, hooks: list[Hook]) -> None:
        if not hooks:
            return
        found = await asyncio.to_thread(shared.store.positions, [hook.hook_id for hook in hooks])
        newest = await asyncio.to_thread(last_change_no, self.ledger.databases.state)
        for hook in hooks:
            if hook.hook_id in found:
                position = await still_good(self.ledger, found[hook.hook_id], newest)
                worker = HookWorker.of(shared, hook, position)
                self._workers[hook.hook_id] = worker
                self._tasks[hook.hook_id] = asyncio.create_task(worker.run(), name=hook.hook_id)

    async def _measure(self, shared: Shared, hooks: list[Hook]) -> None:
        for state in HookState:
            HOOKS.labels(state.value).set(sum(hook.state is state for hook in hooks))
        HOOKS_FAILING.set(len(self._failing()))
        lags = [worker.follower.lag() for worker in self._workers.values()]
        for stream in Stream:
            HOOK_LAG.labels(stream.value).set(max((lag[stream] for lag in lags), default=0))
        HOOK_DEAD_LETTERS.set(await asyncio.to_thread(shared.store.waiting_letters))


async def still_good(ledger: Ledger, position: Position, newest: int) -> Position:
    """The position; after a rebuild, which gives changes their numbers anew, where the same instant stands now."""
    if position.change_no <= newest:
        return position
    again = await in_sql(change_no_before, ledger.databases.state, position.changed_at)
    log.warning("change numbers began anew", extra={"was": position.change_no, "now": again})
    return replace(position, change_no=again)


def _shared(settings: Settings, ledger: Ledger, poster: Poster | None, token: int) -> Shared:
    state, poll = ledger.databases.state, settings.notify_poll_ms / 1000

    def read(after: int, limit: int) -> list[Any]:
        return changes_after(state, after, limit)

    changes = Tail(read, lambda change: change.change_no, lambda: last_change_no(state), poll)
    facts = Tail(ledger.rows, lambda row: row.seq, lambda: ledger.head().seq, poll)
    store = HookStore(ledger.databases)
    return Shared(settings, ledger, store, poster or Poster(settings), changes, facts, token)


class NotifyThread:
    """Notify in a thread of its own, beside the API and the embedded loop; `wake` from any thread."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._notify = Notify(settings, ledger)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    @property
    def wake(self) -> Callable[[], None]:
        """Something was committed just now."""
        return self._notify.wake

    def start(self) -> None:
        """Tell from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End after the posts under way were given up."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(AGAIN_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._running())

    async def _running(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        while not self._stop.is_set():
            try:
                await self._notify.run(self._stop)
            except Exception:
                log.exception("notify failed and begins again")
                await asyncio.sleep(AGAIN_SECONDS)
