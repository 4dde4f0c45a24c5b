"""Faust workers judge exactly what is in the ledger, whatever dies, and open no port."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.kafka.broker import Broker
from deploy.parts import free_port
from deploy.postgres.server import Postgres
from streams.app import stored_offsets
from streams.ledger import Ledger
from streams.relay import Relay
from streams.topics import ensure_topics
from tests.kafka.hands import SHARDS, fill, new_ledger, relayed, running, some_facts, until
from tests.kafka.workers import committed, delete_all, ends, judged, members, to_be_judged, worker


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


async def all_judged(ledger: Ledger, seconds: float = 60) -> None:
    wanted = to_be_judged(ledger)
    await until(lambda: judged(ledger) == wanted, seconds)


async def kafka_told(bootstrap: str) -> None:
    """The group's committed offsets reach what is in the topics now."""
    reached = ends(bootstrap)
    await until(lambda: all(committed(bootstrap).get(part, 0) >= end for part, end in reached.items()))


async def test_what_is_judged_equals_the_ledger_and_kafka_is_told_so(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    fill(ledger, some_facts(600))
    ensure_topics(kafka_bootstrap, SHARDS)
    stranger = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    stranger.send("waste.custody", b"not of this ledger", partition=0)
    stranger.close()
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_url, kafka_bootstrap, tmp_path / "log") as process:
            await all_judged(ledger)
            fill(ledger, some_facts(60, first=2_000))
            await all_judged(ledger)
            reached = ends(kafka_bootstrap)
            await until(
                lambda: all(committed(kafka_bootstrap).get(p, 0) >= end for p, end in reached.items())
            )
            assert process.listening() == []
            assert process.end() == 0


async def test_of_two_workers_one_is_killed_and_the_other_takes_over(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    async with running(Relay(kafka_bootstrap, ledger).run):
        with (
            worker(postgres_url, kafka_bootstrap, tmp_path / "a") as victim,
            worker(postgres_url, kafka_bootstrap, tmp_path / "b") as survivor,
        ):
            await until(lambda: members(kafka_bootstrap) == 2)
            fill(ledger, some_facts(300))
            await all_judged(ledger)
            fill(ledger, some_facts(1_500, first=2_000))
            victim.kill()
            await all_judged(ledger)
            assert survivor.end() == 0


async def test_a_dead_broker_stops_no_judging_and_is_used_again_when_back(
    kafka_bootstrap: str, kafka_broker: Broker, ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_url, kafka_bootstrap, tmp_path / "log") as process:
            fill(ledger, some_facts(60))
            await all_judged(ledger)
            await asyncio.to_thread(kafka_broker.kill)
            fill(ledger, some_facts(60, first=2_000))
            await all_judged(ledger, seconds=20)
            assert process.said("judging from SQL")
            await asyncio.to_thread(kafka_broker.start)
            await until(lambda: process.said("Kafka is heard again"))
            head = fill(ledger, some_facts(60, first=4_000))
            await until(lambda: relayed(ledger) == head)
            await all_judged(ledger)


async def test_topics_made_anew_are_read_from_their_beginning(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_url, kafka_bootstrap, tmp_path / "before") as process:
            fill(ledger, some_facts(600))
            await all_judged(ledger)
            assert process.end() == 0
    assert max(stored_offsets(ledger.databases.state).values()) > 300
    delete_all(kafka_bootstrap)
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_url, kafka_bootstrap, tmp_path / "after") as process:
            fill(ledger, some_facts(30, first=2_000))
            await all_judged(ledger)
            await kafka_told(kafka_bootstrap)
            assert not process.said("judging from SQL")
    assert max(ends(kafka_bootstrap).values()) < 300


async def test_a_worker_that_starts_without_a_broker_judges_from_sql(
    ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    fill(ledger, some_facts(60))
    with worker(postgres_url, f"127.0.0.1:{free_port()}", tmp_path / "log") as process:
        await all_judged(ledger, seconds=30)
        assert process.said("judging from SQL")


async def test_a_database_that_goes_away_is_waited_for(
    kafka_bootstrap: str, postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    ledger = new_ledger(postgres_durable_url)
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_durable_url, kafka_bootstrap, tmp_path / "log") as process:
            fill(ledger, some_facts(60))
            await all_judged(ledger)
            await asyncio.to_thread(postgres_durable.kill)
            await until(lambda: process.said("database away"))
            await asyncio.to_thread(postgres_durable.start)
            fill(ledger, some_facts(60, first=2_000))
            await all_judged(ledger)
            assert process.process.poll() is None
    ledger.databases.dispose()


async def test_a_bug_in_judging_ends_the_worker_loudly(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str, tmp_path: Path
) -> None:
    bug = "from streams.judge import Judge; Judge.deliver = lambda *given: 1 // 0"
    fill(ledger, some_facts(3))
    async with running(Relay(kafka_bootstrap, ledger).run):
        with worker(postgres_url, kafka_bootstrap, tmp_path / "log", before=bug) as process:
            assert await asyncio.to_thread(process.process.wait, 45) == 70
    assert "ZeroDivisionError" in (tmp_path / "log").read_text()
