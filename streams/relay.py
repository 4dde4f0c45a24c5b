"""Ledger to Kafka, in seq order: one message for each (concern, shard) of a fact, all facts to waste.events, ticks to all.

One relay is active at a time (lease). Position and last seqs are stored after the broker has acknowledged, so a crash
sends again what may have been sent; judges skip by seq what they know (DESIGN D4, D5). `feilian relay` runs it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, select, update

from models.envelope import Row, Tick
from models.errors import Fenced
from models.metrics import RELAY_SEQ
from models.tables import RelayPosition, RelayShard
from models.topics import EVENTS_TOPIC, Concern, shard_of, topic
from streams import bulk
from streams.decode import routes_of
from streams.leases import Lease, lead
from streams.ledger import HeadAt, Ledger
from streams.producing import Post, acknowledged, new_producer, persistently
from streams.ticks import give_tick
from streams.topics import ensure_topics
from streams.wire import prev_header, row_headers, tick_headers

STREAM: Final = "kafka"
CHUNK_ROWS: Final = 1_000
POLL_SECONDS: Final = 0.02
LEASE_NAME: Final = "relay"
_POSITIONS: Final[Table] = RelayPosition.__table__  # type: ignore[assignment]
_SHARDS: Final[Table] = RelayShard.__table__  # type: ignore[assignment]
_TOPICS: Final = {concern: topic(concern) for concern in Concern}

Place = tuple[Concern, int]


@dataclass(slots=True)
class Sent:
    """How far has been sent: the last seq of all, and of each place; `changed` are the places since the last mark."""

    seq: int
    last: dict[Place, int]
    changed: set[Place] = field(default_factory=set)


class SentBook:
    """`Sent` in SQL. Raises Fenced when another relay has claimed the stream since."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, token: int) -> Sent:
        """Put our token on the stream, which fences every earlier holder, and read where to go on."""
        with self._engine.begin() as connection:
            bulk.write(connection, _POSITIONS, [(STREAM, 0, token)], "ignore")
            mine = RelayPosition.stream == STREAM
            connection.execute(update(RelayPosition).where(mine).values(token=token))
            seq = connection.execute(select(RelayPosition.seq).where(mine)).scalar_one()
            shards = connection.execute(select(RelayShard.concern, RelayShard.shard, RelayShard.last_seq))
            return Sent(seq, {(Concern(concern), shard): last for concern, shard, last in shards})

    def mark(self, token: int, seq: int, places: Sequence[tuple[Place, int]]) -> None:
        """Everything up to `seq` is acknowledged; `places` are the last seqs that changed."""
        with self._engine.begin() as connection:
            _need_no_flush(connection)
            mine = (RelayPosition.stream == STREAM) & (RelayPosition.token == token)
            if connection.execute(update(RelayPosition).where(mine).values(seq=seq)).rowcount != 1:
                raise Fenced(f"relay token {token} is not the latest")
            bulk.write(connection, _SHARDS, [(place[0].value, place[1], last) for place, last in places])


def _need_no_flush(connection: Connection) -> None:
    """A mark that a crash of the database forgets is sent again; waiting for its disk would halve the relay."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


@dataclass(frozen=True, slots=True)
class Underway:
    """A chunk handed to the producer, and what may be stored once all of it is acknowledged."""

    futures: list[asyncio.Future[Any]]
    seq: int
    places: list[tuple[Place, int]]


class Relay:
    """The relay of one ledger, to the brokers at `bootstrap`."""

    def __init__(
        self, bootstrap: str, ledger: Ledger, *, replication: int = 1, lease_seconds: float = 10.0
    ) -> None:
        self._bootstrap, self._replication = bootstrap, replication
        self._ledger = ledger
        self._book = SentBook(ledger.databases.ledger)
        self._lease = Lease(ledger.databases.state, LEASE_NAME, ttl_seconds=lease_seconds)
        self._epoch, self._shards = ledger.meta.epoch.encode(), ledger.meta.shards
        self._due: HeadAt | None = None
        # Rows are not read while a tick is taken, so that none beyond a tick's head is sent before it.
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`. Waits while another relay is active, and while broker or database are away.

        Raises NotForThisLedger where the topics' partitions are not the ledger's shards.
        """
        await lead(self._lease, stop, self._publish, self._beat)

    async def _beat(self) -> None:
        """Time goes on in the ledger even while the broker is away: workers then take it from there."""
        async with self._turn:
            head = await asyncio.to_thread(give_tick, self._ledger)
            self._due = self._due or head

    async def _publish(self, token: int) -> None:
        async def attempt() -> None:
            await asyncio.to_thread(ensure_topics, self._bootstrap, self._shards, self._replication)
            async with new_producer(self._bootstrap, "feilian-relay") as producer:
                sent = await asyncio.to_thread(self._book.claim, token)
                if self._due is not None and self._due.seq < sent.seq:
                    self._due = None  # Another relay has been active since.
                await self._stream(producer, token, sent)

        await persistently("relay", attempt)

    async def _stream(self, producer: Any, token: int, sent: Sent) -> None:
        """Send for ever. A chunk is encoded while the broker still writes the one before it."""
        underway: Underway | None = None
        while True:
            rows = await self._read(sent.seq)
            futures = await self._post(producer, rows, sent)
            await self._settle(underway, token)
            underway = self._noted(futures, sent) if rows else None
            if len(rows) == CHUNK_ROWS:
                continue
            await self._settle(underway, token)
            underway = None
            await self._send_due_tick(producer, sent)
            if not rows:
                await asyncio.sleep(POLL_SECONDS)

    async def _read(self, after: int) -> list[Row]:
        async with self._turn:
            upto = self._due.seq if self._due is not None else None
            return await asyncio.to_thread(self._ledger.rows, after, CHUNK_ROWS, upto)

    async def _post(self, producer: Any, rows: Sequence[Row], sent: Sent) -> list[asyncio.Future[Any]]:
        post = Post(producer)
        for row in rows:
            self._address(post, row, sent)
        return await post.send()

    def _address(self, post: Post, row: Row, sent: Sent) -> None:
        headers = row_headers(row, self._epoch)
        for place in {(concern, shard_of(key, self._shards)) for concern, key in routes_of(row)}:
            own = [*headers, prev_header(sent.last.get(place, 0))]
            post.add(_TOPICS[place[0]], place[1], row.data, own)
            sent.last[place] = row.seq
            sent.changed.add(place)
        # Round robin: partition p holds seq p+1, p+1+N, ... so that a reader sees by itself what is missing.
        own = [*headers, prev_header(max(0, row.seq - self._shards))]
        post.add(EVENTS_TOPIC, (row.seq - 1) % self._shards, row.data, own)
        sent.seq = row.seq

    def _noted(self, futures: list[asyncio.Future[Any]], sent: Sent) -> Underway:
        places = [(place, sent.last[place]) for place in sent.changed]
        sent.changed = set()
        return Underway(futures, sent.seq, places)

    async def _settle(self, underway: Underway | None, token: int) -> None:
        """Wait for the acknowledgements, then store how far they reach."""
        if underway is None:
            return
        await acknowledged(underway.futures)
        await asyncio.to_thread(self._book.mark, token, underway.seq, underway.places)
        RELAY_SEQ.set(underway.seq)

    async def _send_due_tick(self, producer: Any, sent: Sent) -> None:
        head = self._due
        if head is None or sent.seq < head.seq:
            return
        self._due = None
        post = Post(producer)
        for concern, name in _TOPICS.items():
            for shard in range(self._shards):
                tick = Tick(head.seq, head.recorded_at, sent.last.get((concern, shard), 0))
                post.add(name, shard, b"", tick_headers(tick, self._epoch))
        await acknowledged(await post.send())
