"""The judge: rows of a shard in, one SQL transaction of states, alerts, changes and position out (DESIGN D4-D9, D14).

Called by Faust agents (`deliver`), by the embedded loop (`judge`) and, over tables in memory, by nobody else: whoever
calls, the same rows give the same tables.
"""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, Table

from models.envelope import Delivery, Row, Tick
from models.metrics import JUDGE_APPLIED_SEQ, JUDGE_BATCH_SECONDS, JUDGE_DUPLICATES, JUDGE_GAPS
from models.tables import Position
from models.topics import Concern, shard_of
from rules.concerns import RULES
from rules.contract import Rule
from streams import bulk
from streams.concern_batch import ConcernBatch
from streams.decode import Decoded, decode
from streams.lawbook import LawBook
from streams.shards import Locked, Part, Shard
from streams.store import Writer

log = logging.getLogger(__name__)
POSITIONS: Final[Table] = Position.__table__  # type: ignore[assignment]
HEAL_CHUNK: Final = 2_000
LAG_MAX: Final = 5_000  # A quiet shard's position may stay this far behind before it is written.
FOREVER: Final = 2**62


class LedgerReader(Protocol):
    """What the judge reads of the ledger."""

    def rows(self, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Rows with after < seq <= upto, in seq order."""

    def rows_by_seq(self, seqs: Iterable[int]) -> Mapping[int, Row]:
        """The named rows."""

    def law_rows(self, after: int, upto: int) -> list[Row]:
        """Law facts and corrections of law facts with after < seq <= upto, in seq order."""


class Judge:
    """Judges shards of the concerns, over one state database and one ledger.

    Threads may call it: calls about one concern wait for each other, those about several take the concerns in order.
    """

    def __init__(
        self, state: Engine, ledger: LedgerReader, shards: int, rules: Mapping[Concern, Rule] | None = None
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._shards = shards
        self._rules = dict(rules or RULES)
        self._book = LawBook()
        self._memory: dict[tuple[Concern, int], Shard] = {}
        # SQLite has one writer: threads that wait here in turn are served fairly, those that wait in SQLite are not.
        alone = threading.RLock() if state.dialect.name == "sqlite" else None
        self._guards = {concern: alone or threading.RLock() for concern in self._rules}
        self._law_guard = threading.Lock()

    def ensure_positions(self) -> None:
        """Make the position rows that are missing; each is later the lock of its shard."""
        rows = [(c.value, shard, 0, 0, 0, 0, None) for c in self._rules for shard in range(self._shards)]
        with self._state.begin() as conn:
            bulk.write(conn, POSITIONS, rows, "ignore")

    def committed_offset(self, concern: Concern, shard: int) -> int | None:
        """The Kafka offset stored with the shard's last commit."""
        with self._state.connect() as conn:
            sql = f"SELECT kafka_offset FROM positions WHERE concern = {bulk.mark(conn)} AND shard = {bulk.mark(conn)}"
            found = bulk.fetch(conn, sql, (concern.value, shard))
        return found[0][0] if found else None

    # Hands

    def deliver(
        self, concern: Concern, shard: int, items: Sequence[Delivery | Tick], offset: int | None = None
    ) -> int | None:
        """Judge a batch from Kafka: duplicates are skipped, gaps read from the ledger. Returns the offset to commit.

        Raises sqlalchemy's OperationalError where a database is away; nothing is then applied.
        """
        with self._guards[concern]:
            if self._nothing_new(concern, shard, items):
                return offset
            with self._transaction((concern, shard)) as (conn, shards):
                part = self._healed(concern, shard, shards[concern, shard].applied_seq, items)
                self._judge(conn, shards, [part], offset)
        return offset

    def judge(self, parts: Sequence[Part]) -> None:
        """Judge parts of several shards in one transaction: the embedded loop's way. Rows already applied are skipped."""
        with ExitStack() as held:
            for concern in sorted({part.concern for part in parts}):
                held.enter_context(self._guards[concern])
            busy = [
                part
                for part in parts
                if part.rows or (part.tick and not self._nothing_new(part.concern, part.shard, [part.tick]))
            ]
            if not busy:
                return
            with self._transaction(*((part.concern, part.shard) for part in busy)) as (conn, shards):
                self._judge(conn, shards, busy, None)

    def _nothing_new(self, concern: Concern, shard: int, items: Sequence[Delivery | Tick]) -> bool:
        """Only ticks that change nothing: no unseen fact, no deadline, no new law. Spares a transaction a second."""
        memory = self._memory.get((concern, shard))
        if memory is None:
            return False
        for item in items:
            if (
                isinstance(item, Delivery)
                or item.last_seq > memory.applied_seq
                or item.time > memory.idle_until
            ):
                return False
            if item.head_seq > memory.applied_seq + LAG_MAX:
                return False
            self._read_law(item.head_seq)
            if memory.law_seq < self._book.before(item.head_seq + 1).seq:
                return False
        return True

    def _healed(self, concern: Concern, shard: int, applied: int, items: Sequence[Delivery | Tick]) -> Part:
        rows: list[Decoded] = []
        tick: Tick | None = None
        for item in items:
            if isinstance(item, Tick):
                tick = item if tick is None or item.time >= tick.time else tick
                continue
            if item.row.seq <= applied:
                JUDGE_DUPLICATES.labels(concern.value).inc()
                continue
            if item.prev > applied:
                rows.extend(self._missing(concern, shard, applied, item.row.seq - 1))
            rows.append(decode(item.row))
            applied = item.row.seq
        if tick is not None and tick.last_seq > applied:
            rows.extend(self._missing(concern, shard, applied, tick.last_seq))
        return Part(concern, shard, rows, tick)

    def _missing(self, concern: Concern, shard: int, after: int, upto: int) -> Iterable[Decoded]:
        """What Kafka did not bring: rows of this shard with after < seq <= upto, from the ledger."""
        JUDGE_GAPS.labels(concern.value).inc()
        log.warning(
            "gap healed from the ledger",
            extra={"concern": concern, "shard": shard, "after": after, "upto": upto},
        )
        while after < upto:
            rows = self._ledger.rows(after, HEAL_CHUNK, upto)
            if not rows:
                return
            for row in rows:
                decoded = decode(row)
                if any(c is concern and shard_of(key, self._shards) == shard for c, key in decoded.routes):
                    yield decoded
            after = rows[-1].seq

    # The transaction

    def _transaction(self, *wanted: tuple[Concern, int]) -> Locked:
        return Locked(self._state, self._memory, wanted)

    def _judge(
        self,
        conn: Connection,
        shards: dict[tuple[Concern, int], Shard],
        parts: Sequence[Part],
        offset: int | None,
    ) -> None:
        self._read_law(max((_last_seq(part) for part in parts), default=0))
        writer = Writer()
        for concern in self._rules:
            mine = [part for part in parts if part.concern is concern]
            if mine:
                with JUDGE_BATCH_SECONDS.labels(concern.value).time():
                    ConcernBatch(self, conn, self._rules[concern], shards, writer).run(mine)
        for part in parts:
            _advance(shards[part.concern, part.shard], part, self._book)
        writer.flush(conn)
        self._write_positions(conn, shards, parts, offset)
        for part in parts:
            shards[part.concern, part.shard].idle_until = (
                self._next_due(conn, part) if part.tick is not None else 0
            )
            JUDGE_APPLIED_SEQ.labels(part.concern.value, str(part.shard)).set(
                shards[part.concern, part.shard].applied_seq
            )

    @staticmethod
    def _next_due(conn: Connection, part: Part) -> int:
        mark = bulk.mark(conn)
        sql = f"SELECT min(next_change_at) FROM subjects WHERE concern = {mark} AND shard = {mark}"
        found = bulk.fetch(conn, sql, (part.concern.value, part.shard))[0][0]
        return FOREVER if found is None else int(found)

    def _read_law(self, upto: int) -> None:
        with self._law_guard:
            if upto > self._book.upto:
                self._book.add(self._ledger.law_rows(self._book.upto, upto))
                self._book.upto = upto

    def _write_positions(
        self,
        conn: Connection,
        shards: dict[tuple[Concern, int], Shard],
        parts: Sequence[Part],
        offset: int | None,
    ) -> None:
        rows = []
        for part in parts:
            memory = shards[part.concern, part.shard]
            memory.revision += 1
            memory.kafka_offset = offset if offset is not None else memory.kafka_offset
            rows.append(
                (
                    part.concern.value,
                    part.shard,
                    memory.applied_seq,
                    memory.tick_at,
                    memory.law_seq,
                    memory.revision,
                    memory.kafka_offset,
                )
            )
        bulk.write(conn, POSITIONS, rows)

    # What a batch of a concern needs of its judge

    @property
    def book(self) -> LawBook:
        """The law as far as it has been read."""
        return self._book

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return self._shards

    def rows_by_seq(self, seqs: Iterable[int]) -> Mapping[int, Row]:
        """Ledger rows for a refold."""
        return self._ledger.rows_by_seq(seqs)


def _last_seq(part: Part) -> int:
    last = part.rows[-1].row.seq if part.rows else 0
    return max(last, part.tick.head_seq if part.tick is not None else 0)


def _advance(memory: Shard, part: Part, book: LawBook) -> None:
    if part.rows:
        memory.applied_seq = max(memory.applied_seq, part.rows[-1].row.seq)
    if part.tick is not None:
        memory.applied_seq = max(memory.applied_seq, part.tick.head_seq)
        if part.tick.time >= memory.tick_at:  # An older one was passed over, its policies too.
            memory.tick_at = part.tick.time
            memory.law_seq = max(memory.law_seq, book.before(part.tick.head_seq + 1).seq)
