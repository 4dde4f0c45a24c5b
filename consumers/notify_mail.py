"""Mails what happens to those who subscribed: red alerts at once, the rest together every so many minutes.

Everything that was looked through by then is done with when the mail server has taken the mail, and not before.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field, replace
from typing import Final

from consumers.following import Event, Follower, Shared, in_sql
from consumers.mail_digest import digest, is_urgent, notice
from consumers.notify_hooks import backoff_us
from models.errors import Fenced
from models.hooks import HookState, Position
from streams.clock import local_now
from streams.hook_rights import may_be_told
from streams.hook_store import Hook
from streams.mail import MailNotSent, MailRefused, configured, send
from streams.mail_store import MailStore, Subscription

log = logging.getLogger(__name__)
EVENTS_MAX: Final = 1_000  # A digest with so many goes out though it is not due.
REFUSALS_MAX: Final = 3
PAUSE_US: Final = 60 * 1_000_000  # Between two mails to one person, urgent ones too.
_FIRST_MS: Final = 30_000
_MOST_S: Final = 4 * 3600
_US: Final = 1_000_000
_DAY_US: Final = 24 * 3600 * _US


@dataclass(slots=True)
class MailWorker:
    """Runs until it is cancelled, or its subscription is removed or its address refused for good."""

    shared: Shared
    store: MailStore
    to: Subscription
    follower: Follower
    _events: list[Event] = field(default_factory=list)
    _sent_at: int = 0

    async def run(self) -> None:
        """Mail, until there is nobody to mail to."""
        while True:
            await self._collect()
            position = self.follower.position
            if not self._events:
                if self.follower.stride() and not await self._settle():
                    return
                await self.follower.growth()
                continue
            wait = max(position.due_at or 0, position.next_at, self._sent_at + PAUSE_US) - local_now()
            if wait > 0:
                await self.follower.growth(wait / _US)
            elif not await self._send():
                return

    async def _collect(self) -> None:
        """Read what there is; the first event says when the digest is due, an urgent one that it is now."""
        while len(self._events) < EVENTS_MAX and (event := await self.follower.next()) is not None:
            self._events.append(event)
            position, now = self.follower.position, local_now()
            if is_urgent(event) or len(self._events) == EVENTS_MAX:
                self.follower.position = replace(position, due_at=now)
            elif position.due_at is None:
                self.follower.position = replace(position, due_at=now + self.to.minutes * 60 * _US)
                await self._settle()

    async def _send(self) -> bool:
        """Whether to go on."""
        mail = digest(self._events, self.to, self.shared.settings.public_url.rstrip("/"))
        try:
            await asyncio.to_thread(send, self.shared.settings, mail)
        except MailNotSent as error:
            return await self._failed(error)
        self._events.clear()
        self._sent_at = local_now()
        self.follower.catch_up()
        self.follower.position = replace(
            self.follower.position, attempts=0, next_at=0, failing_since=None, due_at=None
        )
        return await self._settle()

    async def _failed(self, error: MailNotSent) -> bool:
        now, position = local_now(), self.follower.position
        attempts = position.attempts + 1
        log.warning("mail not sent", extra={"subscription": self.to.subscription_id, "error": str(error)})
        self.follower.position = replace(
            position,
            attempts=attempts,
            next_at=now + backoff_us(_FIRST_MS, _MOST_S, attempts, random.random()),
            failing_since=position.failing_since or now,
        )
        going = await self._settle()
        if going and isinstance(error, MailRefused) and attempts >= REFUSALS_MAX:
            await in_sql(self.store.bounce, self.to.subscription_id, self.shared.token)
            return False
        return going

    async def _settle(self) -> bool:
        return await in_sql(
            self.store.settle, self.to.subscription_id, self.shared.token, self.follower.position
        )


@dataclass(slots=True)
class MailWorkers:
    """All subscriptions of one notify; nothing where no mail server is configured."""

    shared: Shared
    _store: MailStore = field(init=False)
    _workers: dict[str, MailWorker] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _told: set[tuple[str, str, int]] = field(default_factory=set)
    _first: bool = True

    def __post_init__(self) -> None:
        """The same databases."""
        self._store = MailStore(self.shared.store.databases)

    async def look(self) -> None:
        """Bring the workers in line with the subscriptions that are there."""
        if not configured(self.shared.settings):
            return
        self._bury_the_dead()
        found = await asyncio.to_thread(self._store.active)
        told = await asyncio.to_thread(may_be_told, self._store.databases, [each.holder for each in found])
        active = {each.subscription_id: each for each in found if each.holder in told}
        for gone in [
            name
            for name, worker in self._workers.items()
            if name not in active or active[name].revision != worker.to.revision
        ]:
            self._tasks.pop(gone).cancel()
            del self._workers[gone]
        fresh = [each for name, each in active.items() if name not in self._tasks]
        if fresh:
            names = [each.subscription_id for each in fresh]
            places = await asyncio.to_thread(self.shared.store.positions, names)
            for each in fresh:
                if each.subscription_id in places:
                    self._begin(each, places[each.subscription_id])

    def _begin(self, to: Subscription, position: Position) -> None:
        follower = Follower(self.shared, to.subscription_id, to.holder, to.wanted, position)
        worker = MailWorker(self.shared, self._store, to, follower)
        self._workers[to.subscription_id] = worker
        self._tasks[to.subscription_id] = asyncio.create_task(worker.run(), name=to.subscription_id)

    def _bury_the_dead(self) -> None:
        for name, task in list(self._tasks.items()):
            if not task.done():
                continue
            del self._tasks[name], self._workers[name]
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Fenced):
                raise error
            if error is not None:
                log.error("mailing failed", extra={"subscription": name}, exc_info=error)

    async def tell_of(self, hooks: list[Hook], failing_since: dict[str, int]) -> None:
        """Mail to those of an organisation what its endpoints need: disabled by us, or failing for over a day.

        What was so already when this process began is not told again.
        """
        if not configured(self.shared.settings):
            return
        for hook in hooks:
            for what, since in _matters(hook, failing_since.get(hook.hook_id)):
                if (hook.hook_id, what, since) in self._told:
                    continue
                self._told.add((hook.hook_id, what, since))
                if not self._first:
                    await self._tell(hook, what)
        self._first = False

    async def _tell(self, hook: Hook, what: str) -> None:
        base = self.shared.settings.public_url.rstrip("/")
        for worker in list(self._workers.values()):
            if worker.to.holder.org == hook.holder.org:
                try:
                    await asyncio.to_thread(send, self.shared.settings, notice(hook, what, worker.to, base))
                except MailNotSent as error:
                    log.warning("notice not sent", extra={"hook": hook.hook_id, "error": str(error)})

    async def end(self) -> None:
        """End all workers."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _matters(hook: Hook, failing_since: int | None) -> list[tuple[str, int]]:
    if hook.state is HookState.DISABLED:
        return [("hook.disabled", hook.state_at)]
    if failing_since is not None and local_now() - failing_since > _DAY_US:
        return [("hook.failing", failing_since)]
    return []
