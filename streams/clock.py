"""The ledger's clock as seen from a process: microseconds UTC without asking the database (DESIGN D2). Used by the door."""

import time
from dataclasses import dataclass


def local_now() -> int:
    """This machine's clock, microseconds UTC. On SQLite it is the database's clock too."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class LedgerClock:
    """An estimate of the ledger's time: corrected whenever a transaction has seen the real one.

    On a driven ledger it is the last time that this process has seen; it stands still in between.
    """

    driven: bool
    _seen_at: int = 0
    _offset: int = 0

    def saw(self, ledger_time: int) -> None:
        """A transaction has just read the ledger's time."""
        self._seen_at = max(self._seen_at, ledger_time)
        if not self.driven:
            self._offset = ledger_time - local_now()

    def now(self) -> int:
        """The ledger's time, as far as this process knows."""
        return self._seen_at if self.driven else local_now() + self._offset
