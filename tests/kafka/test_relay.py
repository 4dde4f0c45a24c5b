"""The relay sends every row once to every place of it, in order, and loses nothing whatever dies."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.kafka.broker import Broker
from models.envelope import Delivery, Row, Tick
from models.errors import Fenced
from models.topics import EVENTS_TOPIC, Concern, shard_of
from streams.decode import routes_of
from streams.ledger import Ledger
from streams.relay import Relay, SentBook
from tests.kafka.hands import SHARDS, carried, fill, new_ledger, read_all, relayed, running, some_facts, until


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


def routed(ledger: Ledger) -> dict[tuple[Concern, int], list[Row]]:
    """What each place should get."""
    found: dict[tuple[Concern, int], list[Row]] = {(c, s): [] for c in Concern for s in range(SHARDS)}
    for row in ledger.rows(0, 100_000):
        for place in sorted({(concern, shard_of(key, SHARDS)) for concern, key in routes_of(row)}):
            found[place].append(row)
    return found


def without_repeats(items: list[Delivery | Tick]) -> list[Delivery]:
    """Deliveries in the order of their first coming; a repeat must say the same."""
    first: dict[int, Delivery] = {}
    for item in items:
        if isinstance(item, Delivery):
            assert first.setdefault(item.row.seq, item) == item
    return list(first.values())


def assert_all_carried(bootstrap: str, ledger: Ledger) -> None:
    """Every place got its rows, in seq order, each naming the one before it."""
    got = carried(bootstrap, ledger.meta.epoch)
    for place, rows in routed(ledger).items():
        deliveries = without_repeats(got[place])
        assert [delivery.row for delivery in deliveries] == rows
        assert [delivery.prev for delivery in deliveries] == [0, *(row.seq for row in rows[:-1])][: len(rows)]


def event_seqs(bootstrap: str) -> list[int]:
    return sorted(int(dict(record.headers)["seq"]) for record in read_all(bootstrap, [EVENTS_TOPIC]))


async def test_every_row_reaches_every_place_of_it_once_and_in_order(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    head = fill(ledger, some_facts(1_200))
    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
        head = fill(ledger, some_facts(30, first=5_000))
        await until(lambda: relayed(ledger) == head)
    assert_all_carried(kafka_bootstrap, ledger)
    assert event_seqs(kafka_bootstrap) == list(range(1, head + 1))


async def test_every_place_gets_ticks_that_name_its_last_row(kafka_bootstrap: str, ledger: Ledger) -> None:
    head = fill(ledger, some_facts(50))
    places = [(concern, shard) for concern in Concern for shard in range(SHARDS)]

    def ticked() -> bool:
        got = carried(kafka_bootstrap, ledger.meta.epoch)
        return all(
            sum(isinstance(item, Tick) and item.head_seq == head for item in got[p]) > 1 for p in places
        )

    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
        await until(ticked)
    got, rows = carried(kafka_bootstrap, ledger.meta.epoch), routed(ledger)
    for place in places:
        last = got[place][-1]
        assert isinstance(last, Tick)
        assert last.last_seq == max((row.seq for row in rows[place]), default=0)
        times = [item.time for item in got[place] if isinstance(item, Tick)]
        assert times == sorted(set(times))


async def test_a_relay_killed_before_it_noted_what_it_sent_loses_nothing(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str
) -> None:
    head = fill(ledger, some_facts(100))
    command = [sys.executable, "-m", "tests.kafka.relay_that_dies", kafka_bootstrap, postgres_url]
    died = await asyncio.to_thread(subprocess.run, command, timeout=30, capture_output=True)
    assert died.returncode == -9, died.stderr.decode()
    assert relayed(ledger) == 0
    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
    assert_all_carried(kafka_bootstrap, ledger)
    assert event_seqs(kafka_bootstrap) == sorted([*range(1, head + 1)] * 2)


async def test_a_broker_that_dies_and_comes_back_misses_nothing(
    kafka_bootstrap: str, kafka_broker: Broker, ledger: Ledger
) -> None:
    head = fill(ledger, some_facts(60))
    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
        await asyncio.to_thread(kafka_broker.kill)
        before, head = ledger.head(), fill(ledger, some_facts(60, first=900))
        await until(
            lambda: ledger.head().recorded_at > before.recorded_at + 1_000_000
        )  # Time goes on meanwhile.
        await asyncio.to_thread(kafka_broker.start)
        await until(lambda: relayed(ledger) == head)
    assert_all_carried(kafka_bootstrap, ledger)


async def test_of_two_relays_one_is_active_and_the_other_takes_over(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    head = fill(ledger, some_facts(40))
    async with running(Relay(kafka_bootstrap, ledger).run) as stop_first:
        await until(lambda: relayed(ledger) == head)
        async with running(Relay(kafka_bootstrap, ledger).run):
            head = fill(ledger, some_facts(40, first=900))
            await until(lambda: relayed(ledger) == head)
            stop_first.set()
            head = fill(ledger, some_facts(40, first=1800))
            await until(lambda: relayed(ledger) == head)
    assert event_seqs(kafka_bootstrap) == list(range(1, head + 1))


def test_a_relay_that_slept_through_its_lease_cannot_note_anything(ledger: Ledger) -> None:
    sleeper, next_one = SentBook(ledger.databases.ledger), SentBook(ledger.databases.ledger)
    sleeper.claim(1)
    assert next_one.claim(2).seq == 0
    with pytest.raises(Fenced):
        sleeper.mark(1, 99, [((Concern.CUSTODY, 0), 99)])
    next_one.mark(2, 7, [((Concern.CUSTODY, 0), 7)])
    again = next_one.claim(3)
    assert (again.seq, again.last) == (7, {(Concern.CUSTODY, 0): 7})
