"""Tells one webhook endpoint: one message in flight, in the order of its streams, until it takes it (Standard Webhooks).

A message that fails is tried again after pauses that grow. When it has failed often, the endpoint is asked by a ping:
where that is taken the message is at fault and becomes a dead letter, where it is not the endpoint is down and the
message waits, so that a receiver that was down for days loses nothing and gets everything in order.
"""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final
from uuid import uuid4

from consumers.following import Event, Follower, Shared, in_sql
from models.errors import Fenced
from models.hooks import PING, DeadState, Outcome, Position
from models.metrics import WEBHOOK_SECONDS, WEBHOOKS
from streams.changes import Change
from streams.clock import local_now
from streams.egress import Answer
from streams.hook_events import Message, of_change, of_fact, ping_body, signed_headers
from streams.hook_store import DeadLetter, Delivery, Hook
from streams.leases import AWAY

log = logging.getLogger(__name__)
GATHERED_MAX: Final = 20
GATHER_SECONDS: Final = 0.1
BACKOFF_FACTOR: Final = 3
_US: Final = 1_000_000
_HOUR_US: Final = 3600 * _US


def backoff_us(first_ms: int, most_s: int, attempts: int, chance: float) -> int:
    """The pause after so many failures: thrice as long each time up to a bound, and a fifth more or less by chance (0-1)."""
    pause: int = min(first_ms * 1000 * BACKOFF_FACTOR ** min(attempts - 1, 30), most_s * _US)
    return round(pause * (0.8 + 0.4 * chance))


@dataclass(slots=True)
class HookWorker:
    """Runs until it is cancelled, or its endpoint is removed or disabled. `hook` may be replaced while it runs."""

    shared: Shared
    hook: Hook
    follower: Follower
    redriving: bool = False
    _pending: list[Delivery] = field(default_factory=list)
    _pending_since: float = 0.0
    _failing: Message | None = None  # Read, and not yet taken by the endpoint.

    @classmethod
    def of(cls, shared: Shared, hook: Hook, position: Position) -> HookWorker:
        """One that goes on where its endpoint was told last."""
        follower = Follower(shared, hook.hook_id, hook.holder, hook.wanted, position)
        return cls(shared, hook, follower)

    def changed(self, hook: Hook) -> None:
        """People changed the endpoint: what is next is made anew by its new wishes."""
        if hook.revision == self.hook.revision:
            return
        self.hook = hook
        self.follower.wanted = hook.wanted
        self._failing = None
        self.follower.rewind()
        self.follower.nudged.set()

    async def run(self) -> None:
        """Tell, until there is nobody to tell. Cancelled, it notes what was taken, so that little is sent twice."""
        try:
            await self._run()
        except asyncio.CancelledError:
            if self._pending:
                with suppress(Fenced, *AWAY):
                    await asyncio.to_thread(self._settled)
            raise

    def _settled(self) -> None:
        store, hook_id, token = self.shared.store, self.hook.hook_id, self.shared.token
        store.settle(hook_id, token, self.follower.position, self._pending)

    async def _run(self) -> None:
        while True:
            wait = self.follower.position.next_at - local_now()
            if self.redriving:
                self.redriving = False
                await self._redrive()
            elif wait > 0:
                await self.follower.rest(wait / _US)
            elif not await self._step():
                return

    async def _step(self) -> bool:
        """Tell the next message, or wait for one; whether to go on."""
        if self._failing is not None:
            return await self._tell(self._failing)
        event = await self.follower.next()
        if event is not None:
            return await self._tell(self._message(event))
        if not await self._flush():
            return False
        await self.follower.growth()
        return True

    def _message(self, event: Event) -> Message:
        hook, ledger_id = self.hook, self.shared.ledger_id
        if isinstance(event, Change):
            return of_change(event, hook.hook_id, ledger_id, hook.body)
        return of_fact(event, hook.hook_id, ledger_id, hook.body)

    async def _tell(self, message: Message) -> bool:
        hook = self.hook
        answer = await self._post(message.webhook_id, message.body)
        if not self._pending:
            self._pending_since = monotonic()
        attempt = self.follower.position.attempts + 1
        self._pending.append(_delivery(message.webhook_id, message.type, message.position, attempt, answer))
        if answer.outcome is Outcome.DELIVERED:
            self._failing = None
            self.follower.done(message)
            return await self._flush_sometimes()
        if hook is not self.hook:
            return await self._flush()  # Changed meanwhile: what is next was made anew.
        return await self._failed(message, answer)

    async def _failed(self, message: Message, answer: Answer) -> bool:
        """What a failure comes to; whether to go on."""
        now, settings, position = local_now(), self.shared.settings, self.follower.position
        since, attempts = position.failing_since or now, position.attempts + 1
        pause = max(
            backoff_us(settings.hook_backoff_ms, settings.hook_backoff_s_max, attempts, random.random()),
            (answer.retry_after_s or 0) * _US,
        )
        self._failing = message
        self.follower.position = replace(
            position, attempts=attempts, next_at=now + pause, failing_since=since
        )
        if answer.outcome is Outcome.GONE:
            return await self._disable("gone")
        if attempts >= settings.hook_attempts_max and await self._takes_a_ping(answer):
            return await self._bury(message, answer, attempts)
        if now - since >= settings.hook_disable_hours * _HOUR_US:
            return await self._disable("failing")
        return await self._flush()

    async def _takes_a_ping(self, answer: Answer) -> bool:
        if answer.outcome is Outcome.FORBIDDEN:
            return False
        message_id = f"msg_{uuid4().hex}"
        found = await self._post(message_id, ping_body(PING, local_now(), self.hook.hook_id))
        self._pending.append(_delivery(message_id, PING, 0, 1, found))
        return found.outcome is Outcome.DELIVERED

    async def _bury(self, message: Message, answer: Answer, attempts: int) -> bool:
        now = local_now()
        letter = DeadLetter(
            hook_id=self.hook.hook_id,
            webhook_id=message.webhook_id,
            type=message.type,
            stream=message.stream,
            position=message.position,
            body=message.body,
            dead_at=now,
            attempts=attempts,
            status=answer.status,
            error=answer.error,
            state=DeadState.WAITING,
            state_at=now,
        )
        log.warning(
            "webhook message put aside", extra={"hook": letter.hook_id, "webhook_id": letter.webhook_id}
        )
        self._failing = None
        self.follower.done(message)
        return await self._flush(letter)

    async def _disable(self, reason: str) -> bool:
        if await self._flush():
            hook_id, token = self.hook.hook_id, self.shared.token
            await in_sql(self.shared.store.disable, hook_id, reason, token)
            log.warning("webhook endpoint disabled", extra={"hook": hook_id, "reason": reason})
        return False

    async def _redrive(self) -> None:
        """Send what was queued again, the earliest first; one that fails waits for people again."""
        store, hook_id = self.shared.store, self.hook.hook_id
        while letters := await in_sql(store.dead_letters, hook_id, 1, (0, ""), DeadState.QUEUED):
            (letter,) = letters
            answer = await self._post(letter.webhook_id, letter.body)
            attempt = letter.attempts + 1
            tried = _delivery(letter.webhook_id, letter.type, letter.position, attempt, answer)
            if not await in_sql(store.redriven, letter, self.shared.token, tried):
                return

    async def _post(self, message_id: str, body: bytes) -> Answer:
        async with self.shared.slots:
            now = local_now()
            headers = signed_headers(self.hook.secrets(now), message_id, now, body)
            answer = await self.shared.poster.post(self.hook.url, headers, body)
        WEBHOOKS.labels(answer.outcome.value).inc()
        WEBHOOK_SECONDS.observe(answer.latency_ms / 1000)
        return answer

    async def _flush_sometimes(self) -> bool:
        gathered = len(self._pending) >= GATHERED_MAX
        if gathered or monotonic() - self._pending_since > GATHER_SECONDS:
            return await self._flush()
        return True

    async def _flush(self, dead: DeadLetter | None = None) -> bool:
        """Store the position and what was tried; False where the endpoint was removed."""
        idle = self._failing is None and not self._pending and dead is None
        if idle and not self.follower.stride():
            return True
        pending, self._pending = self._pending, []
        store, hook_id, token = self.shared.store, self.hook.hook_id, self.shared.token
        return await in_sql(store.settle, hook_id, token, self.follower.position, pending, dead)


def _delivery(message_id: str, kind: str, position: int, attempt: int, answer: Answer) -> Delivery:
    return Delivery(
        message_id,
        kind,
        position,
        attempt,
        local_now(),
        answer.outcome,
        answer.status,
        answer.latency_ms,
        answer.error,
    )
