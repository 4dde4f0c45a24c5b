"""Producers that can be thrown away, and batches made by hand for them. Used by the relay and by alerts out.

An idempotent producer that has failed once is not to be trusted again: it is closed, within a bound, and made anew; what
it had not acknowledged is sent again, and readers skip what they know.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError as ProducerError
from kafka.errors import KafkaError as AdminError
from sqlalchemy.exc import SQLAlchemyError

from models.errors import Fenced, LedgerUnavailable, NotForThisLedger
from models.metrics import RELAY_ERRORS, RELAY_MESSAGES
from streams.topics import MESSAGE_BYTES_MAX
from streams.wire import Headers

log = logging.getLogger(__name__)

BATCH_BYTES: Final = 256 * 1024
START_SECONDS_MAX: Final = 10.0
STOP_SECONDS_MAX: Final = 5.0
BACKOFF_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
# What comes and goes by itself when a broker or a database does; anything else is logged with its trace.
OUTAGES: Final = (ProducerError, AdminError, SQLAlchemyError, LedgerUnavailable, OSError, TimeoutError)


@asynccontextmanager
async def new_producer(bootstrap: str, client_id: str) -> AsyncIterator[Any]:
    """A started idempotent producer. Closing gives up after STOP_SECONDS_MAX, since it can hang once a broker has died."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=MESSAGE_BYTES_MAX,
        request_timeout_ms=10_000,
    )
    try:
        await asyncio.wait_for(producer.start(), START_SECONDS_MAX)
        yield producer
    finally:
        await _close(producer)


async def _close(producer: Any) -> None:
    try:
        await asyncio.wait_for(producer.stop(), STOP_SECONDS_MAX)
    except Exception as error:  # noqa: BLE001 - it is given up whatever it says
        log.warning("producer did not close", extra={"error": repr(error)})


class Post:
    """Messages on their way out, gathered into one batch for each partition; half the cost of sending them singly."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], Any] = {}
        self._full: list[tuple[tuple[str, int], Any]] = []

    def add(
        self, topic: str, partition: int, value: bytes, headers: Headers, key: bytes | None = None
    ) -> None:
        """Put one message at the end of its partition."""
        place = (topic, partition)
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            self._full.append((place, self._open.pop(place)))
            self.add(topic, partition, value, headers, key)

    async def send(self) -> list[asyncio.Future[Any]]:
        """Hand everything to the producer; each future is done when the broker has acknowledged its batch."""
        futures = []
        for (topic, partition), batch in (*self._full, *self._open.items()):
            batch.close()
            future = await self._producer.send_batch(batch, topic, partition=partition)
            future.add_done_callback(_seen)
            futures.append(future)
            RELAY_MESSAGES.labels(topic=topic).inc(batch.record_count())
        self._full, self._open = [], {}
        return futures


def _seen(future: asyncio.Future[Any]) -> None:
    """A batch that is given up together with its producer needs no complaint of its own."""
    if not future.cancelled():
        future.exception()


async def acknowledged(futures: list[asyncio.Future[Any]]) -> None:
    """Wait for all; raises the first error only when none is still under way, so that none is lost sight of."""
    results = await asyncio.gather(*futures, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def persistently(name: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Try for ever, with pauses that grow while attempts end soon after they began.

    Fenced and NotForThisLedger are not for trying again: they are raised.
    """
    failures = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await attempt()
        except (Fenced, NotForThisLedger):
            raise
        except OUTAGES as error:
            log.warning("%s interrupted", name, extra={"error": repr(error)})
        except Exception:  # Whatever it is, the ledger has the facts and a fresh start is the only cure.
            log.exception("%s failed", name)
        RELAY_ERRORS.inc()
        lasted = asyncio.get_running_loop().time() - started
        failures = 0 if lasted > BACKOFF_SECONDS[-1] else min(failures + 1, len(BACKOFF_SECONDS) - 1)
        await asyncio.sleep(BACKOFF_SECONDS[failures])
