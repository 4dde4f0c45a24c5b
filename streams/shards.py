"""Shards in memory and their lock: a transaction that holds the position rows of the shards it judges (DESIGN D4, D8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine

from models.envelope import Tick
from models.topics import Concern
from streams import bulk
from streams.decode import Decoded
from streams.keyjudge import Case

CASES_PER_SHARD_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """Work on one (concern, shard): rows routed there in seq order, then perhaps a tick."""

    concern: Concern
    shard: int
    rows: Sequence[Decoded] = ()
    tick: Tick | None = None


@dataclass(slots=True)
class Shard:
    """What this process has in memory of a shard; worth nothing once another process has committed (`revision`)."""

    revision: int = -1
    applied_seq: int = 0
    tick_at: int = 0
    law_seq: int = 0
    kafka_offset: int | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)  # Keys judged in the transaction under way.
    idle_until: int = 0  # No stored deadline of the shard is before this instant.


class Locked:
    """A transaction that holds the position rows of its shards, and drops what memory is stale.

    On success the cases' marks of what is unwritten are cleared; on any failure all memory of these shards goes.
    """

    def __init__(
        self, state: Engine, memory: dict[tuple[Concern, int], Shard], wanted: Iterable[tuple[Concern, int]]
    ) -> None:
        self._state, self._memory = state, memory
        self._wanted = sorted(set(wanted))
        self._begun = state.begin()

    def __enter__(self) -> tuple[Connection, dict[tuple[Concern, int], Shard]]:
        conn = self._begun.__enter__()
        try:
            self._refresh(conn)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return conn, {pair: self._memory[pair] for pair in self._wanted}

    def _refresh(self, conn: Connection) -> None:
        lock = " ORDER BY concern, shard FOR UPDATE" if conn.dialect.name == "postgresql" else ""
        concerns = sorted({concern.value for concern, _ in self._wanted})
        numbers = sorted({shard for _, shard in self._wanted})
        is_shard = "shard = ANY(%s)" if lock else "shard IN (SELECT value FROM json_each(?))"
        sql = (
            f"SELECT concern, shard, applied_seq, tick_at, law_seq, revision, kafka_offset FROM positions "
            f"WHERE {bulk.among(conn, 'concern')} AND {is_shard}{lock}"
        )
        wanted = set(self._wanted)
        for concern, shard, applied_seq, tick_at, law_seq, revision, offset in bulk.fetch(
            conn, sql, (bulk.listed(conn, concerns), bulk.listed(conn, numbers))
        ):
            pair = (Concern(concern), shard)
            if pair not in wanted:
                continue
            memory = self._memory.get(pair)
            if memory is None or memory.revision != revision:
                parked = bulk.fetch(
                    conn,
                    f"SELECT key, from_seq FROM parked WHERE concern = {bulk.mark(conn)} AND shard = {bulk.mark(conn)}",
                    (concern, shard),
                )
                self._memory[pair] = Shard(
                    revision, applied_seq, tick_at, law_seq, offset, parked=dict(parked)
                )

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        done = False
        try:
            self._begun.__exit__(kind, error, trace)
            done = error is None
        finally:
            for pair in self._wanted:
                if done:
                    _settle(self._memory[pair])
                else:
                    self._memory.pop(pair, None)


def _settle(memory: Shard) -> None:
    """After a commit: what was dirty is stored; closed keys and the oldest of too many leave memory."""
    for key in memory.touched & memory.cases.keys():
        case = memory.cases[key]
        case.written()
        if not case.state.subjects:
            del memory.cases[key]
    memory.touched.clear()
    while len(memory.cases) > CASES_PER_SHARD_MAX:
        del memory.cases[next(iter(memory.cases))]
