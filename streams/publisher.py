"""Numbers alert changes densely, so that every reader can resume by one number (DESIGN D13). One process at a time."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from models.errors import Fenced
from models.metrics import CHANGE_NO
from streams import bulk
from streams.databases import reading
from streams.leases import AWAY, Lease

log = logging.getLogger(__name__)
CHUNK: Final = 2_000
POLL_SECONDS: Final = 0.05
LEASE_SECONDS: Final = 10
_KIND_ORDER: Final = {"l": 0, "s": 0, "t": 1, "r": 2}

_NUMBER_POSTGRES: Final = (
    "UPDATE alert_changes c SET change_no = n.change_no FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], "
    "%s::integer[]) AS n(change_no, concern, key, cause, ordinal) WHERE c.concern = n.concern AND c.key = n.key "
    "AND c.cause = n.cause AND c.ordinal = n.ordinal AND c.change_no IS NULL"
)
_NUMBER_SQLITE: Final = (
    "UPDATE alert_changes SET change_no = ? WHERE concern = ? AND key = ? AND cause = ? AND ordinal = ? "
    "AND change_no IS NULL"
)


def causal_order(row: Sequence[Any]) -> tuple[Any, ...]:
    """Changes by time, at one time by what caused them (facts by seq, then silence), then by place."""
    concern, key, cause, ordinal, changed_at = row
    return (changed_at, _KIND_ORDER[cause[0]], int(cause[1:]), concern, key, ordinal)


class Publisher:
    """Gives committed changes their numbers; a change never gets two, and no number is left out."""

    def __init__(self, state: Engine) -> None:
        self._state = state

    def step(self) -> int:
        """Number what is committed and has no number; how many there were."""
        with self._state.begin() as conn:
            mark = bulk.mark(conn)
            found = bulk.fetch(
                conn,
                "SELECT concern, key, cause, ordinal, changed_at FROM alert_changes WHERE change_no IS NULL "
                f"ORDER BY changed_at LIMIT {mark}",
                (CHUNK,),
            )
            if not found:
                return 0
            last = self._last(conn)
            ordered = sorted(found, key=causal_order)
            rows = [(last + n, *row[:4]) for n, row in enumerate(ordered, 1)]
            if conn.dialect.name == "postgresql":
                columns = tuple([list(column) for column in zip(*rows, strict=True)])
                done = conn.exec_driver_sql(_NUMBER_POSTGRES, columns)
            else:
                done = conn.exec_driver_sql(_NUMBER_SQLITE, rows)
            if done.rowcount != len(rows):
                raise Fenced("another publisher numbered some of these changes first")
        CHANGE_NO.set(last + len(rows))
        return len(rows)

    def drain(self) -> int:
        """Number all there is; how many there were."""
        count = 0
        while done := self.step():
            count += done
        return count

    @staticmethod
    def _last(conn: Connection) -> int:
        found = bulk.fetch(conn, "SELECT max(change_no) FROM alert_changes", ())[0][0]
        return int(found) if found is not None else 0

    def anything_new(self) -> bool:
        """Whether a change waits for its number; cheaper than a writing transaction, which SQLite has one of."""
        with reading(self._state) as conn:
            return bool(bulk.fetch(conn, "SELECT 1 FROM alert_changes WHERE change_no IS NULL LIMIT 1", ()))

    def run(self, lease: Lease, stop: threading.Event, numbered: Callable[[], None] = lambda: None) -> None:
        """Number until stopped, while the lease is ours."""
        held_until = 0.0
        while not stop.wait(POLL_SECONDS):
            try:
                if monotonic() >= held_until:
                    if lease.hold() is None:
                        stop.wait(1.0)
                        continue
                    held_until = monotonic() + LEASE_SECONDS / 3
                if self.anything_new() and self.drain():
                    numbered()
            except (IntegrityError, Fenced) as error:
                held_until = 0.0
                log.warning("another publisher is at work", extra={"error": str(error)})
            except AWAY as error:
                log.warning("database away, numbering waits", extra={"error": str(error)})
                stop.wait(1.0)
        with suppress(*AWAY):
            lease.release()
