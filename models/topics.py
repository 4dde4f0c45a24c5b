"""Concerns, topics and shards: the names by which facts travel. Used by routes, relay, judge and dashboards."""

from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final

EVENTS_TOPIC: Final = "waste.events"
ALERTS_TOPIC: Final = "waste.alerts"
SHARDS_DEFAULT: Final = 12


class Concern(StrEnum):
    """What is judged; each has its own topic, agent, rule file and key (DESIGN 3)."""

    CUSTODY = "custody"
    STORAGE = "storage"
    SETTLEMENT = "settlement"
    PERMITS = "permits"
    CAPACITY = "capacity"


def topic(concern: Concern) -> str:
    """The topic that carries a concern's facts: `waste.custody`."""
    return f"waste.{concern}"


@lru_cache(maxsize=200_000)
def shard_of(key: str, shards: int) -> int:
    """First four bytes of SHA-256(key), big-endian, modulo the shard count fixed in the ledger's meta."""
    return int.from_bytes(sha256(key.encode()).digest()[:4], "big") % shards
