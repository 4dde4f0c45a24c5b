"""Topics are made once, with the ledger's shard count, and never accepted with another one."""

import pytest
from kafka import KafkaAdminClient

from models.errors import NotForThisLedger
from models.topics import ALERTS_TOPIC, EVENTS_TOPIC
from streams.topics import ensure_topics, topic_names


def test_topics_are_made_once(kafka_bootstrap: str) -> None:
    assert set(ensure_topics(kafka_bootstrap, 3)) == set(topic_names())
    assert ensure_topics(kafka_bootstrap, 3) == ()
    assert {EVENTS_TOPIC, ALERTS_TOPIC, "waste.custody", "waste.capacity"} <= set(topic_names())


def test_a_missing_topic_is_made_beside_the_others(kafka_bootstrap: str) -> None:
    ensure_topics(kafka_bootstrap, 3)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_topics([ALERTS_TOPIC])
    admin.close()
    assert ensure_topics(kafka_bootstrap, 3) in ((ALERTS_TOPIC,), ())


def test_another_shard_count_is_refused(kafka_bootstrap: str) -> None:
    ensure_topics(kafka_bootstrap, 3)
    with pytest.raises(NotForThisLedger, match="has 3 partitions, the ledger has 4 shards"):
        ensure_topics(kafka_bootstrap, 4)
