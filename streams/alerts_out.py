"""Numbered alert changes from SQL to the topic waste.alerts, in order of change_no; `feilian publisher` runs it.

One process is active at a time (lease). Its position is stored after the broker has acknowledged, so a change can come
twice; readers skip by change_no. Per alert (the key) they come in order.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiokafka.partitioner import DefaultPartitioner
from sqlalchemy import Engine, Table, select

from models.tables import AlertChange
from models.tables import AlertsOut as AlertsOutRow
from models.topics import ALERTS_TOPIC
from streams import bulk
from streams.databases import reading
from streams.leases import Lease, lead
from streams.ledger import Ledger
from streams.producing import Post, acknowledged, new_producer, persistently
from streams.topics import ensure_topics
from streams.wire import Headers

READER: Final = "kafka"
LEASE_NAME: Final = "alerts-out"
CHUNK_ROWS: Final = 500
POLL_SECONDS: Final = 0.05
_TABLE: Final[Table] = AlertsOutRow.__table__  # type: ignore[assignment]
_partition_of: Final = DefaultPartitioner()


@dataclass(frozen=True, slots=True)
class NumberedChange:
    """One change of an alert, as its readers see it; `alert` is canonical JSON of the alert after the change."""

    change_no: int
    concern: str
    key: str
    cause: str
    ordinal: int
    alert_id: str
    change: str
    changed_at: int
    alert: bytes

    def value(self) -> bytes:
        """The message: the change's own fields, and the alert as it is after it."""
        return orjson.dumps(
            {
                "change_no": self.change_no,
                "change": self.change,
                "changed_at": self.changed_at,
                "concern": self.concern,
                "key": self.key,
                "cause": self.cause,
                "ordinal": self.ordinal,
                "alert": orjson.Fragment(self.alert),
            }
        )

    def headers(self, epoch: bytes) -> Headers:
        """CloudEvents attributes, and what a reader needs to skip what it knows without decoding the value."""
        return [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_id", b"%d" % self.change_no),
            ("ce_source", b"/alerts"),
            ("ce_type", b"alert-" + self.change.encode()),
            ("epoch", epoch),
            ("change_no", b"%d" % self.change_no),
        ]


class AlertsOut:
    """Publishes the alert changes of one system to the brokers at `bootstrap`."""

    def __init__(
        self, bootstrap: str, ledger: Ledger, *, replication: int = 1, lease_seconds: float = 10.0
    ) -> None:
        self._bootstrap, self._replication = bootstrap, replication
        self._state = ledger.databases.state
        self._epoch, self._shards = ledger.meta.epoch.encode(), ledger.meta.shards
        self._lease = Lease(self._state, LEASE_NAME, ttl_seconds=lease_seconds)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`; waits while another one is active and while broker or database are away."""
        await lead(self._lease, stop, self._publish)

    async def _publish(self, _token: int) -> None:
        async def attempt() -> None:
            await asyncio.to_thread(ensure_topics, self._bootstrap, self._shards, self._replication)
            async with new_producer(self._bootstrap, "feilian-alerts-out") as producer:
                await self._stream(producer)

        await persistently("alerts out", attempt)

    async def _stream(self, producer: Any) -> None:
        told = await asyncio.to_thread(_told, self._state)
        while True:
            changes = await asyncio.to_thread(_changes, self._state, told)
            if not changes:
                await asyncio.sleep(POLL_SECONDS)
                continue
            await self._send(producer, changes)
            told = changes[-1].change_no
            await asyncio.to_thread(_store, self._state, told)

    async def _send(self, producer: Any, changes: Sequence[NumberedChange]) -> None:
        post, partitions = Post(producer), list(range(self._shards))
        for change in changes:
            key = change.alert_id.encode()
            partition = _partition_of(key, partitions, partitions)
            post.add(ALERTS_TOPIC, partition, change.value(), change.headers(self._epoch), key)
        await acknowledged(await post.send())


def _told(state: Engine) -> int:
    with reading(state) as connection:
        position = select(AlertsOutRow.change_no).where(AlertsOutRow.reader == READER)
        return connection.execute(position).scalar_one_or_none() or 0


def _changes(state: Engine, after: int) -> list[NumberedChange]:
    """The next changes. They are numbered densely and in order, so none can appear later below one seen here."""
    columns = (
        AlertChange.change_no,
        AlertChange.concern,
        AlertChange.key,
        AlertChange.cause,
        AlertChange.ordinal,
        AlertChange.alert_id,
        AlertChange.change,
        AlertChange.changed_at,
        AlertChange.body,
    )
    wanted = select(*columns).where(AlertChange.change_no > after).order_by(AlertChange.change_no)
    with reading(state) as connection:
        rows: Sequence[Sequence[Any]] = connection.execute(wanted.limit(CHUNK_ROWS)).all()
    return [NumberedChange(*row) for row in rows]


def _store(state: Engine, change_no: int) -> None:
    with state.begin() as connection:
        bulk.write(connection, _TABLE, [(READER, change_no)])
