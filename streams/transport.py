"""What Faust needs to hand out batches and to commit the judge's own offsets (DESIGN D7). Used by streams.app.

Faust's own commit logic counts messages one by one; fed with batches it stands still or crawls. The judge commits in SQL
the offset of the next record of each partition, so that is what is given to Kafka, and Faust's own count is thrown away.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from faust.transport.drivers.aiokafka import Consumer
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP, ConsumerMessage

log = logging.getLogger(__name__)

Offsets = Mapping[tuple[str, int], int]


class BatchScheduler(DefaultSchedulingStrategy):
    """Hands on what one fetch brought, a list per partition, instead of single records in turn."""

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, list[Any]]]:
        """Each partition's records as one item."""
        return ((tp, batch) for tp, batch in records.items() if batch)


class JudgedOffsets:
    """The next offset of each (topic, partition) as committed in SQL. Read and written in Faust's main thread only.

    `load` reads them all from SQL; it runs in a thread of its own.
    """

    def __init__(self, load: Callable[[], Offsets]) -> None:
        self._load = load
        self._offsets: dict[tuple[str, int], int] = {}

    def put(self, topic: str, partition: int, offset: int) -> None:
        """The judge has committed everything below `offset`."""
        self._offsets[topic, partition] = offset

    def get(self, topic: str, partition: int) -> int | None:
        """What to commit to Kafka; None where nothing was judged yet."""
        return self._offsets.get((topic, partition))

    async def reload(self) -> Offsets:
        """What SQL says now; empty, with a warning, when SQL is away: then Kafka's own offsets do."""
        try:
            self._offsets = dict(await asyncio.to_thread(self._load))
        except Exception:  # A hint only: what comes again is skipped by seq.
            log.warning("judged offsets cannot be read, starting from Kafka's", exc_info=True)
        return self._offsets


def consumer_class(offsets: JudgedOffsets) -> type[Consumer]:
    """The Consumer to set as `app.transport.Consumer`."""

    class JudgedConsumer(Consumer):
        def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
            """`record` is a batch: its last record stands for it, its list is the value."""
            message = super()._to_message(tp, record[-1])
            message.value = record
            return message

        def _new_offset(self, tp: TP) -> int | None:
            self._acked[tp].clear()
            self._acked_index[tp].clear()
            return offsets.get(tp.topic, tp.partition)

        async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
            """A batch is no gap."""

        async def perform_seek(self) -> None:
            """Start where Kafka was told, or SQL where that is further: a crash comes between the two."""
            await super().perform_seek()
            judged = await offsets.reload()
            seeks = {}
            for tp in self.assignment():
                offset = judged.get((tp.topic, tp.partition), 0)
                if offset > (self._committed_offset[tp] or 0):
                    seeks[tp] = offset
                # Faust drops what is below its mark; topics made anew begin below it. The judge knows by seq.
                self._read_offset[tp] = None
            if seeks:
                await self.seek_wait(seeks)
                self._read_offset.update(dict.fromkeys(seeks))

    return JudgedConsumer
