"""Whether Kafka still brings time to this worker, and judging from SQL while it does not (DESIGN D5). Used by streams.app.

A thread of its own: it goes on when Faust's loop hangs, and before Faust has ever started.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from models.errors import LedgerUnavailable
from streams.embedded import Embedded
from streams.judge import Judge
from streams.leases import Lease
from streams.ledger import HeadAt, Ledger
from streams.ticks import give_tick

log = logging.getLogger(__name__)

SILENT_SECONDS: Final = 3.0
# A worker that has just joined its group waits for the others to notice before it is given anything.
JOINING_SECONDS: Final = 15.0
STEP_SECONDS: Final = 1.0
LEASE_NAME: Final = "fallback"
LEASE_SECONDS: Final = 5.0
EXIT_BUG: Final = 70


class Silence:
    """Knows when this worker last heard facts or ticks from Kafka.

    Written by Faust's thread alone, read by any: every field is set in one step.
    """

    def __init__(self) -> None:
        self._heard_at = monotonic() - SILENT_SECONDS
        self._busy = 0
        self._joined_at: float | None = None
        self._parts: int | None = None

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Facts or ticks of our epoch have come and are being judged; as long as that takes it is not Kafka's silence."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._heard_at = monotonic()

    def joining(self) -> None:
        """The broker answers, and Faust asks for its share."""
        self._joined_at = monotonic()

    def assigned(self, parts: int) -> None:
        """This worker has so many partitions now; with none, it has nothing to hear."""
        self._heard_at = monotonic()
        self._parts = parts

    def lasting(self) -> bool:
        """Whether SQL must do instead of Kafka."""
        if self._busy:
            return False
        if self._parts is None and self._joined_at is not None:
            return monotonic() - self._joined_at > JOINING_SECONDS
        return self._parts != 0 and monotonic() - self._heard_at > SILENT_SECONDS


class Fallback:
    """Judges all shards from SQL while there is silence. Of several workers one does, by lease; two would be harmless."""

    def __init__(self, judge: Judge, ledger: Ledger, silence: Silence) -> None:
        self._judge, self._ledger, self._silence = judge, ledger, silence
        self._lease = Lease(ledger.databases.state, LEASE_NAME, ttl_seconds=LEASE_SECONDS)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fallback", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stop.set()
        self._thread.join(LEASE_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(STEP_SECONDS):
            if not self._silence.lasting():
                continue
            try:
                self._instead()
            except (SQLAlchemyError, LedgerUnavailable) as error:
                log.warning("database away, judging waits", extra={"error": repr(error)})
            except Exception:
                log.critical("judging from SQL failed", exc_info=True)
                logging.shutdown()
                os._exit(EXIT_BUG)

    def _instead(self) -> None:
        """Until Kafka is heard again. A new loop each time, since Kafka has moved the shards on meanwhile."""
        if self._lease.hold() is None:
            return
        log.warning("no ticks from Kafka, judging from SQL")
        loop = Embedded(self._judge, self._ledger, self._ledger.databases.state, self._ledger.meta.shards)
        try:
            while self._needed():
                head = give_tick(self._ledger)
                if self._caught_up(loop, head):
                    loop.sweep(head)
                    self._stop.wait(STEP_SECONDS)
        finally:
            self._lease.release()
        log.info("Kafka is heard again")

    def _caught_up(self, loop: Embedded, head: HeadAt) -> bool:
        while loop.upto < head.seq:
            if not self._needed():
                return False
            loop.step(upto=head.seq)
        return True

    def _needed(self) -> bool:
        return not self._stop.is_set() and self._silence.lasting() and self._lease.hold() is not None
