"""The real broker behaves as we rely on: it keeps what it acknowledged, and both client libraries agree about it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaTimeoutError

from deploy.kafka.broker import Broker
from deploy.parts import PartFailed, listening
from tests.parts.fixtures import ROOT

Record = tuple[int, bytes, bytes]


def make_topic(bootstrap: str, name: str, partitions: int) -> None:
    """Creates the topic, which the broker never does by itself."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1)])
    admin.close()


async def produce(bootstrap: str, topic: str, texts: list[bytes]) -> None:
    """Sends one record per text to partition 1, each acknowledged, idempotently."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        for text in texts:
            await producer.send_and_wait(topic, text, partition=1, headers=[("seq", b"7")])
    finally:
        await producer.stop()


def read(bootstrap: str, topic: str, expected: int) -> list[Record]:
    """Reads partition 1 from its beginning with kafka-python, until `expected` records or 20 s."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    place = TopicPartition(topic, 1)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    found: list[Record] = []
    until = time.monotonic() + 20
    while len(found) < expected and time.monotonic() < until:
        for records in consumer.poll(timeout_ms=500).values():
            found += [(record.offset, record.value, dict(record.headers)["seq"]) for record in records]
    consumer.close()
    return found


async def test_a_record_of_one_library_is_read_by_the_other(kafka_bootstrap: str) -> None:
    make_topic(kafka_bootstrap, "parts.exchange", 2)
    await produce(kafka_bootstrap, "parts.exchange", ["废物".encode(), b"second"])
    assert read(kafka_bootstrap, "parts.exchange", 2) == [(0, "废物".encode(), b"7"), (1, b"second", b"7")]


async def test_a_killed_broker_still_has_what_it_acknowledged_on_the_same_port(
    tmp_path: Path, kafka_bootstrap: str
) -> None:
    with Broker(tmp_path / "killed") as broker:
        make_topic(broker.bootstrap, "parts.killed", 2)
        await produce(broker.bootstrap, "parts.killed", [b"first", b"second"])
        before = broker.bootstrap
        broker.kill()
        assert not listening(broker.port)
        broker.start()
        assert broker.bootstrap == before
        await produce(broker.bootstrap, "parts.killed", [b"third"])
        assert [text for _, text, _ in read(broker.bootstrap, "parts.killed", 3)] == [
            b"first",
            b"second",
            b"third",
        ]


def test_the_broker_makes_no_topics_by_itself(kafka_bootstrap: str) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, max_block_ms=1500)
    with pytest.raises(KafkaTimeoutError):
        producer.send("parts.never-made", b"lost").get(timeout=5)
    producer.close(timeout=1)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    assert "parts.never-made" not in admin.list_topics()
    admin.close()


def test_a_folder_at_work_is_not_opened_twice(kafka_broker: Broker, kafka_bootstrap: str) -> None:
    with pytest.raises(PartFailed, match="in use"):
        Broker(kafka_broker.folder).start()
    make_topic(kafka_bootstrap, "parts.still-there", 1)


def test_a_broker_that_cannot_start_says_why(tmp_path: Path, kafka_broker: Broker) -> None:
    with pytest.raises(PartFailed, match=r"(?s)ended with status.*Address already in use"):
        Broker(tmp_path / "late", port=kafka_broker.port).start()


def test_a_broker_ends_with_the_process_that_started_it(tmp_path: Path, kafka_broker: Broker) -> None:
    command = [sys.executable, "-m", "deploy.kafka.broker", "--dir", str(tmp_path / "orphan")]
    parent = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert parent.stdout is not None
    port = int(parent.stdout.readline().rpartition(b":")[2])
    assert listening(port)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 10
    while listening(port) and time.monotonic() < until:
        time.sleep(0.05)
    assert not listening(port)
