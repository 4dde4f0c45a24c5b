"""查阅记录: who looked at whose records is itself a fact (records-read.v1). Gathered in memory, stated every few seconds.

Noting never blocks or fails a read, and memory is bounded. What was noted is lost only where the process is killed
outright, or where the ledger is away for so long that the bound is reached; the latter is counted and logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from uuid import uuid4

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from models.errors import LedgerUnavailable, NotForThisLedger
from models.exact import format_instant
from models.facts import READ
from models.facts.oversight import READS_MAX, Subject
from models.metrics import READS_LOST, READS_NOTED
from models.tables_reading import ReadRow
from rules.defaults import SYSTEM_ORG
from streams.databases import beyond, guarded, reading
from streams.keys import Holder
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Prepared, Submission

log = logging.getLogger(__name__)
_INDEXED_FACTS: Final = 200
_Key = tuple[str, str, str, str | None, str, str]


@dataclass(slots=True)
class _Noted:
    """One reader and one thing, until it is stated."""

    holder: Holder
    at: int
    rows: int
    times: int = 1

    def wire(self, what: str, subject: str) -> dict[str, Any]:
        """As the fact has it; what is not said is left out."""
        holder = self.holder
        told: dict[str, Any] = {
            "org": holder.org,
            "role": holder.role.value,
            "regulator": holder.regulator.value if holder.regulator else None,
            "region": holder.region or None,
            "reader": holder.key_id[:64],
            "via": holder.via,
            "at": format_instant(self.at),
            "what": what,
            "subject": subject[:120],
            "rows": self.rows,
            "times": self.times,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(slots=True)
class ReadLog:
    """Made once for the application. `note` may be called from any thread."""

    ledger: Ledger
    flush_seconds: float = 3.0
    waiting_max: int = 20_000
    _waiting: dict[_Key, _Noted] = field(default_factory=dict)
    _unsent: list[Prepared] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _flushing: Lock = field(default_factory=Lock)
    _task: asyncio.Task[None] | None = None

    def note(self, holder: Holder, what: Subject, subject: str, rows: int = 1) -> None:
        """Somebody was told this. Repeated within the flush it is one reading with its count."""
        key = (holder.org, holder.role.value, holder.key_id, holder.via, what.value, subject)
        with self._lock:
            known = self._waiting.get(key)
            if known is not None:
                known.times += 1
                known.rows = max(known.rows, rows)
            elif len(self._waiting) < self.waiting_max:
                self._waiting[key] = _Noted(holder, self.ledger.now(), rows)
            else:
                READS_LOST.inc()
                return
        READS_NOTED.labels(what.value).inc()

    def start(self) -> None:
        """Begin to state what is noted, on the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """State what is noted and end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self.flush)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self.flush_seconds)
            await asyncio.to_thread(self.flush)

    def flush(self) -> int:
        """State what was noted so far; how many facts that made. What the ledger cannot take now is kept. Blocks."""
        with self._flushing:
            try:
                return self._flush()
            except (LedgerUnavailable, NotForThisLedger) as error:
                log.warning("who read what waits for the ledger", extra={"reason": str(error)})
            except Exception:
                log.exception(
                    "who read what cannot be stated"
                )  # The reads go on, and the next flush tries again.
            return 0

    def _flush(self) -> int:
        done = 0
        while prepared := self._next():
            with beyond():
                (outcome,) = self.ledger.accept([Submission(SYSTEM_ORG, [prepared])])
            if isinstance(outcome, Exception):
                raise outcome
            if not isinstance(outcome, Accepted):
                log.error("a reading was refused and is dropped", extra={"reason": str(outcome)})
                READS_LOST.inc()
            self._unsent.clear()
            done += 1
        return done

    def _next(self) -> Prepared | None:
        """The fact that is to be stated next; kept with its event_id until the ledger has it."""
        if not self._unsent and (reads := self._taken()):
            now = format_instant(self.ledger.now())
            wire = {"kind": READ, "event_id": _event_id(), "occurred_at": now, "reads": reads}
            read = read_fact(wire)
            if isinstance(read, Prepared):
                self._unsent.append(read)
            else:
                log.error("a reading is not well-formed and is dropped", extra={"reason": str(read)})
                READS_LOST.inc(len(reads))
                return self._next()
        return self._unsent[0] if self._unsent else None

    def _taken(self) -> list[dict[str, Any]]:
        with self._lock:
            keys = list(self._waiting)[:READS_MAX]
            return [self._waiting.pop(key).wire(key[4], key[5]) for key in keys]


def _event_id() -> str:
    """A random id with the version of one that is ordered by time, which is what senders are asked for."""
    drawn = uuid4().hex
    return f"{drawn[:8]}-{drawn[8:12]}-7{drawn[13:16]}-8{drawn[17:20]}-{drawn[20:]}"


@dataclass(frozen=True, slots=True)
class WasRead:
    """One reading as it is told: `seq` is the fact that states it, `reading` its wire form."""

    seq: int
    place: int
    reading: dict[str, Any]


def reads_of(ledger: Ledger, what: Subject, subject: str, before: int, limit: int) -> Sequence[WasRead]:
    """Who read a subject, in facts with seq < before, the latest first. Brings the index up to date first. Blocks."""
    with beyond():
        index(ledger)
        query = (
            select(ReadRow.seq, ReadRow.place)
            .where(ReadRow.what == what.value, ReadRow.subject == subject, ReadRow.seq < before)
            .order_by(ReadRow.seq.desc(), ReadRow.place)
            .limit(limit)
        )
        with guarded(), reading(ledger.databases.ledger) as connection:
            found = [(row.seq, row.place) for row in connection.execute(query)]
        rows = ledger.rows_by_seq({seq for seq, _ in found})
    bodies = {seq: orjson.loads(row.data)["reads"] for seq, row in rows.items()}
    return [WasRead(seq, place, bodies[seq][place]) for seq, place in found]


def index(ledger: Ledger) -> None:
    """Take the readings stated since into the index; several processes may do so at once, with the same result."""
    engine = ledger.databases.ledger
    while True:
        with guarded(), reading(engine) as connection:
            done = int(connection.execute(select(func.max(ReadRow.seq))).scalar_one() or 0)
        rows = ledger.of_kind(READ, done, _INDEXED_FACTS)
        if not rows:
            return
        entries = list(_entries((row.seq, orjson.loads(row.data)["reads"]) for row in rows))
        dialect = postgresql if ledger.databases.on_postgres else sqlite
        with guarded(), engine.begin() as connection:
            connection.execute(dialect.insert(ReadRow).on_conflict_do_nothing(), entries)


def _entries(facts: Iterable[tuple[int, list[dict[str, Any]]]]) -> Iterable[dict[str, Any]]:
    for seq, reads in facts:
        for place, read in enumerate(reads):
            yield {"what": read["what"], "subject": read["subject"], "seq": seq, "place": place}
