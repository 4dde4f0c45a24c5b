"""Creates Kafka's topics with the ledger's shard count and checks those that exist; the command line calls it."""

from time import monotonic, sleep
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from models.errors import NotForThisLedger
from models.topics import ALERTS_TOPIC, EVENTS_TOPIC, Concern, topic

DAY_MS: Final = 24 * 60 * 60 * 1000
# A correction carries two bodies, and the door takes up to 1 MiB of facts at a time.
MESSAGE_BYTES_MAX: Final = 4 * 1024 * 1024
CONCERN_RETENTION_MS: Final = 7 * DAY_MS
PUBLIC_RETENTION_MS: Final = 30 * DAY_MS
SETTLE_SECONDS_MAX: Final = 15.0


def topic_names() -> tuple[str, ...]:
    """Every topic of ours, the concerns' first."""
    return (*(topic(concern) for concern in Concern), EVENTS_TOPIC, ALERTS_TOPIC)


def ensure_topics(bootstrap: str, shards: int, replication: int = 1) -> tuple[str, ...]:
    """Create what is missing, each with `shards` partitions; returns the names created.

    Raises NotForThisLedger where an existing topic has another partition count: routing would split a key's facts.
    Raises kafka.errors.KafkaError when the broker cannot be reached.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="feilian-topics")
    try:
        existing = _partitions(admin)
        missing = [name for name in topic_names() if name not in existing]
        created = tuple(name for name in missing if _create(admin, name, shards, replication))
        _check(_settled(admin), shards)
    finally:
        admin.close()
    return created


def _create(admin: Any, name: str, shards: int, replication: int) -> bool:
    """False when another process was faster."""
    wanted = {
        name: {"num_partitions": shards, "replication_factor": replication, "configs": topic_configs(name)}
    }
    try:
        admin.create_topics(wanted, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        return False
    return True


def topic_configs(name: str) -> dict[str, str]:
    """What a topic is made with. Times are the broker's: a driven ledger's years would be out of retention, or refused."""
    public = name in (EVENTS_TOPIC, ALERTS_TOPIC)
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(PUBLIC_RETENTION_MS if public else CONCERN_RETENTION_MS),
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
        "message.timestamp.type": "LogAppendTime",
    }


def _partitions(admin: Any) -> dict[str, int]:
    return {found["name"]: len(found["partitions"]) for found in admin.describe_topics()}


def _settled(admin: Any) -> dict[str, int]:
    """Once all topics of ours have partitions: one that another process is just making has none for a moment."""
    until = monotonic() + SETTLE_SECONDS_MAX
    while True:
        found = _partitions(admin)
        if all(found.get(name) for name in topic_names()) or monotonic() > until:
            return found
        sleep(0.05)


def _check(existing: dict[str, int], shards: int) -> None:
    for name in topic_names():
        if existing.get(name) != shards:
            raise NotForThisLedger(
                f'topic "{name}" has {existing.get(name, 0)} partitions, the ledger has {shards} shards'
            )
