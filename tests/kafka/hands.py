"""A ledger with facts in it, and readers of what reached the broker; used by the tests beside it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import text

from models.envelope import Delivery, Tick
from models.settings import Settings
from models.topics import Concern, topic
from streams.databases import open_databases
from streams.ledger import Accepted, Ledger, Prepared, Submission
from streams.ledger_reading import read_fact
from streams.wire import decode
from tests.facts import Wire, accepted, day, departed, manifest_no, stater, stored, timed

SHARDS = 4


def new_ledger(url: str, clock: str = "database", shards: int = SHARDS) -> Ledger:
    """A ledger in an empty database, all tables made."""
    databases = open_databases(Settings(database=url))
    databases.create()
    ledger = Ledger(databases)
    ledger.init(shards=shards, clock=clock)
    return ledger


def open_ledger(url: str) -> Ledger:
    """One that is there, as another process sees it."""
    return Ledger(open_databases(Settings(database=url)))


def some_facts(count: int, first: int = 1) -> list[Wire]:
    """Facts of three kinds over many keys: stored, departed, accepted, in turn, a second apart."""
    makers: list[Callable[[int], Wire]] = [
        lambda n: stored(f"L{n}", site=f"330106-PLATER{n % 50:02}"),
        lambda n: departed(manifest_no(n)),
        lambda n: accepted(manifest_no(n - 1)),
    ]
    return [timed(makers[n % 3](n), day(0) + n * 1_000_000) for n in range(first, first + count)]


def prepared(wire: Wire) -> Prepared:
    """A fact as the door would take it; one with problems is the test's own mistake."""
    read = read_fact(wire)
    assert isinstance(read, Prepared), read
    return read


def fill(ledger: Ledger, facts: Iterable[Wire]) -> int:
    """Accept facts, each from whoever would state it; the head's seq after it."""
    for outcome in ledger.accept([Submission(stater(wire), [prepared(wire)]) for wire in facts]):
        assert isinstance(outcome, Accepted), outcome
    return ledger.head().seq


def read_all(bootstrap: str, topics: Iterable[str]) -> list[Any]:
    """Every record that is in these topics now, in order within each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        parts = [
            TopicPartition(name, p) for name in topics for p in consumer.partitions_for_topic(name) or ()
        ]
        consumer.assign(parts)
        consumer.seek_to_beginning()
        ends, records = consumer.end_offsets(parts), []
        until = time.monotonic() + 20
        while any(consumer.position(part) < ends[part] for part in parts):
            assert time.monotonic() < until, "the broker does not give what it says it has"
            for batch in consumer.poll(timeout_ms=200).values():
                records.extend(batch)
        return records
    finally:
        consumer.close()


def carried(bootstrap: str, epoch: str) -> dict[tuple[Concern, int], list[Delivery | Tick]]:
    """What each (concern, shard) was sent, decoded, in its order; fails on foreign records."""
    concerns = {topic(concern): concern for concern in Concern}
    found: dict[tuple[Concern, int], list[Delivery | Tick]] = defaultdict(list)
    for record in read_all(bootstrap, concerns):
        item = decode(record, epoch.encode())
        assert isinstance(item, Delivery | Tick), item
        found[concerns[record.topic], record.partition].append(item)
    return found


def relayed(ledger: Ledger) -> int:
    """How far the relay says it has sent."""
    with ledger.databases.ledger.connect() as connection:
        return connection.execute(text("SELECT max(seq) FROM relay_positions")).scalar() or 0


async def until(what: Callable[[], bool], seconds: float = 45) -> None:
    """Poll, off the loop, until it is so."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(what):
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def running(run: Callable[[asyncio.Event], Any]) -> AsyncIterator[asyncio.Event]:
    """A relay or the like, stopped at the end; what it raised is raised here."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)
