"""Ticks: once a second one process lifts the ledger's head to now (DESIGN D5). Run by the relay's process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from models.errors import LedgerUnavailable
from models.exact import SECOND_US
from models.metrics import LEDGER_SEQ, TICK_TIME, TICKS
from streams.ledger import Ledger
from streams.ledger_types import HeadAt

log = logging.getLogger(__name__)
TICK_SECONDS: Final = 1.0


def give_tick(ledger: Ledger) -> HeadAt:
    """One tick, counted: all facts up to `seq` are recorded at or before it, all later ones at or after `recorded_at`."""
    head = ledger.tick()
    TICKS.inc()
    TICK_TIME.set(head.recorded_at / SECOND_US)
    LEDGER_SEQ.set(head.seq)
    return head


def run_ticks(
    ledger: Ledger,
    stop: threading.Event,
    on_tick: Callable[[HeadAt], None],
    may: Callable[[], bool] = lambda: True,
) -> None:
    """Ticks until stopped, while `may` says that this process is the one (its lease). A ledger away is waited for."""
    while not stop.wait(TICK_SECONDS):
        try:
            if may():
                on_tick(give_tick(ledger))
        except LedgerUnavailable as error:
            log.warning("no tick, the ledger is away", extra={"reason": str(error)})
