"""The embedded loop: reads the ledger directly and judges all concerns, one process, no broker (DESIGN D6).

`feilian up` runs it beside the API; a Faust worker falls back to it when ticks stop coming.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Final

from sqlalchemy import Engine

from models.envelope import Row, Tick
from models.topics import Concern, shard_of
from streams import bulk
from streams.databases import reading
from streams.decode import Decoded, decode
from streams.judge import Judge, LedgerReader
from streams.leases import AWAY
from streams.ledger_types import HeadAt
from streams.shards import Part

log = logging.getLogger(__name__)
CHUNK: Final = 1_000
TICK_SECONDS: Final = 1
RETRY_SECONDS_MAX: Final = 5.0


class Embedded:
    """Judges from the ledger itself. `only` limits it to some shards, as a worker's fallback needs."""

    def __init__(
        self,
        judge: Judge,
        ledger: LedgerReader,
        state: Engine,
        shards: int,
        only: Collection[tuple[Concern, int]] | None = None,
    ) -> None:
        self._judge, self._ledger, self._state, self._shards = judge, ledger, state, shards
        every = [(concern, shard) for concern in Concern for shard in range(shards)]
        self._mine = frozenset(only if only is not None else every)
        self._upto: int | None = None

    @property
    def upto(self) -> int:
        """The seq to which this loop has judged; it begins where the shard that is furthest behind stands."""
        if self._upto is None:
            with reading(self._state) as conn:
                rows = bulk.fetch(conn, "SELECT concern, shard, applied_seq FROM positions", ())
            mine = [seq for concern, shard, seq in rows if (Concern(concern), shard) in self._mine]
            self._upto = min(mine, default=0)
        return self._upto

    def step(self, limit: int = CHUNK, upto: int | None = None) -> int:
        """Judge the next rows in one transaction; how many rows there were."""
        rows = self._ledger.rows(self.upto, limit, upto)
        if rows:
            self._judge.judge(self._parts(rows))
            self._upto = rows[-1].seq
        return len(rows)

    def _parts(self, rows: Sequence[Row]) -> list[Part]:
        found: dict[tuple[Concern, int], list[Decoded]] = defaultdict(list)
        for row in rows:
            decoded = decode(row)
            shards = {(concern, shard_of(key, self._shards)) for concern, key in decoded.routes}
            for pair in shards & self._mine:
                found[pair].append(decoded)
        return [Part(concern, shard, mine) for (concern, shard), mine in sorted(found.items())]

    def catch_up(self, upto: int) -> int:
        """Judge all rows up to a seq; how many there were."""
        count = 0
        while self.upto < upto and (done := self.step(upto=upto)):
            count += done
        return count

    def tick(self, tick: Tick) -> None:
        """Apply a tick to all shards, after the rows that it says are there."""
        self.catch_up(tick.head_seq)
        self._judge.judge([Part(concern, shard, (), tick) for concern, shard in sorted(self._mine)])

    def sweep(self, head: HeadAt) -> None:
        """Judge all rows up to the head's seq, and every deadline up to its time: what an idle loop would have done."""
        self.tick(Tick(head.seq, head.recorded_at, head.seq))

    def run(
        self,
        now: Callable[[], HeadAt],
        stop: threading.Event,
        wake: threading.Event,
        judged: Callable[[], None] = lambda: None,
    ) -> None:
        """Judge until stopped: rows when woken, a tick each second. A database that is away is waited for.

        `now` lifts the ledger's head to the present (Ledger.tick); `judged` is called after each transaction.
        """
        failures, next_tick = 0, monotonic()
        while not stop.is_set():
            try:
                if wake.wait(max(0.0, next_tick - monotonic())):
                    wake.clear()
                while not stop.is_set() and monotonic() < next_tick and self.step():
                    judged()
                if monotonic() >= next_tick:
                    self.sweep(now())
                    judged()
                    next_tick = monotonic() + TICK_SECONDS
                failures = 0
            except AWAY as error:
                failures += 1
                log.warning("database away, judging waits", extra={"error": str(error)})
                self._upto = None
                stop.wait(min(0.2 * 2**failures, RETRY_SECONDS_MAX))
