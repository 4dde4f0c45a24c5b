"""The Faust agents, one for each concern: each hands the batches of its topic to the judge. Made by streams.app.

Faust acknowledges what an agent raised on, so nothing may leave an agent's loop: a database that is away is waited for,
anything unexpected ends the process, and whoever supervises it starts it again.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final

import faust
from aiokafka import ConsumerRecord
from faust.types import StreamT, TopicT
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.envelope import Delivery, Tick
from models.errors import LedgerUnavailable
from models.topics import Concern, topic
from streams.judge import Judge
from streams.silence import EXIT_BUG, Silence
from streams.transport import JudgedOffsets
from streams.wire import Foreign, decode

log = logging.getLogger(__name__)

AWAY: Final = (OperationalError, InterfaceError, PoolTimeout, LedgerUnavailable)
RETRY_SECONDS_FIRST: Final = 0.2
RETRY_SECONDS_MAX: Final = 5.0

Batch = Sequence[ConsumerRecord]


class Bench:
    """What the agents of a worker share: one judge, the offsets it has committed, and an ear for silence."""

    def __init__(self, judge: Judge, epoch: str, offsets: JudgedOffsets, silence: Silence) -> None:
        self._judge, self._epoch = judge, epoch.encode()
        self._offsets, self._silence = offsets, silence

    async def judge(self, concern: Concern, batch: Batch) -> None:
        """Judge one batch of one partition; returns when it is committed in SQL, however long that takes."""
        last = batch[-1]
        items = self._ours(concern, batch)
        with self._silence.hearing() if items else nullcontext():
            offset = await self._committed(concern, last.partition, items, last.offset + 1)
        if offset is not None:
            self._offsets.put(last.topic, last.partition, offset)

    def _ours(self, concern: Concern, batch: Batch) -> list[Delivery | Tick]:
        items: list[Delivery | Tick] = []
        foreign: Foreign | None = None
        for record in batch:
            item = decode(record, self._epoch)
            if isinstance(item, Foreign):
                foreign = item
            else:
                items.append(item)
        if foreign is not None:
            extra = {"concern": concern, "count": len(batch) - len(items), "reason": foreign.reason}
            log.warning("foreign records skipped", extra=extra)
        return items

    async def _committed(
        self, concern: Concern, shard: int, items: list[Delivery | Tick], offset: int
    ) -> int | None:
        pause = RETRY_SECONDS_FIRST
        while True:
            try:
                return await asyncio.to_thread(self._judge.deliver, concern, shard, items, offset)
            except AWAY as error:
                log.warning("database away, judging waits", extra={"concern": concern, "error": repr(error)})
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_SECONDS_MAX)
            except Exception:
                log.critical("judging failed", extra={"concern": concern, "shard": shard}, exc_info=True)
                logging.shutdown()
                os._exit(EXIT_BUG)


async def judge_batches(bench: Bench, concern: Concern, batches: StreamT[Any]) -> None:
    """An agent's whole life."""
    async for batch in batches:
        await bench.judge(concern, batch)


def raw_topic(app: faust.App, concern: Concern) -> TopicT:
    """A concern's topic, whose records reach the agent as they are."""
    return app.topic(
        topic(concern), key_type=None, value_type=None, key_serializer="raw", value_serializer="raw"
    )


def add_agents(app: faust.App, bench: Bench) -> None:
    """One agent for each concern, one batch at a time each."""

    @app.agent(raw_topic(app, Concern.CUSTODY))
    async def judge_custody(batches: StreamT[Any]) -> None:
        await judge_batches(bench, Concern.CUSTODY, batches)

    @app.agent(raw_topic(app, Concern.STORAGE))
    async def judge_storage(batches: StreamT[Any]) -> None:
        await judge_batches(bench, Concern.STORAGE, batches)

    @app.agent(raw_topic(app, Concern.SETTLEMENT))
    async def judge_settlement(batches: StreamT[Any]) -> None:
        await judge_batches(bench, Concern.SETTLEMENT, batches)

    @app.agent(raw_topic(app, Concern.PERMITS))
    async def judge_permits(batches: StreamT[Any]) -> None:
        await judge_batches(bench, Concern.PERMITS, batches)

    @app.agent(raw_topic(app, Concern.CAPACITY))
    async def judge_capacity(batches: StreamT[Any]) -> None:
        await judge_batches(bench, Concern.CAPACITY, batches)
