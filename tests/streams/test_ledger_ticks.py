"""Ticks: time as data, given once a second while the lease holds and the ledger is there (DESIGN D5)."""

import threading
from pathlib import Path

import pytest

from models.errors import LedgerUnavailable
from streams import ticks
from streams.ledger import HeadAt
from streams.ticks import give_tick, run_ticks
from tests.streams.ledgers import accepted, new_ledger, stored


def test_ticks_come_while_allowed_and_outlive_a_ledger_that_was_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticks, "TICK_SECONDS", 0.01)
    ledger = new_ledger(tmp_path)
    accepted(ledger, stored())
    stop, told = threading.Event(), list[HeadAt]()
    answers = iter([True, False, True, True])
    tick = ledger.tick
    failures = iter([False, True, False, False])

    def sometimes_away() -> HeadAt:
        if next(failures):
            raise LedgerUnavailable("for a test")
        return tick()

    def may() -> bool:
        answer = next(answers, None)
        if answer is None:
            stop.set()
        return bool(answer)

    monkeypatch.setattr(ledger, "tick", sometimes_away)
    run_ticks(ledger, stop, told.append, may)
    assert [head.seq for head in told] == [1, 1]
    assert told[0].recorded_at < told[1].recorded_at


def test_a_tick_is_the_heads_time(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    accepted(ledger, stored())
    assert give_tick(ledger) == ledger.head()
