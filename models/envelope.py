"""What travels between the hands: ledger rows, deliveries, ticks, and a decoded fact as the law sees it.

These are made by the million and hold no cycles, so they are structs that the garbage collector need not watch.
"""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from models.facts import AnyFact


class Row(msgspec.Struct, frozen=True, gc=False):
    """One ledger row. `recorded_at` is microseconds UTC; `original` is set for corrections only."""

    seq: int
    recorded_at: int
    stated_by: str
    event_id: str
    kind: str
    data: bytes
    original: bytes | None = None


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """A row on its way to one (concern, shard); `prev` is the seq routed there before it, 0 at first."""

    row: Row
    prev: int


class Tick(msgspec.Struct, frozen=True, gc=False):
    """Time as data (DESIGN D5): no fact after `head_seq` is earlier than `time`; `last_seq` is this shard's last.

    Deadlines before `time` are due. One at `time` is not: a fact of that very time may still come, and goes first.
    """

    head_seq: int
    time: int
    last_seq: int


class Stated(msgspec.Struct, frozen=True, gc=False):
    """A fact with what the ledger knows of it. A corrected fact keeps its original's seq, stater and recorded_at."""

    seq: int
    recorded_at: int
    stated_by: str
    event_id: str
    kind: str
    occurred_at: int
    body: "AnyFact"

    @property
    def order(self) -> tuple[int, int]:
        """Where a refold puts it: by event time, then by seq."""
        return (self.occurred_at, self.seq)
