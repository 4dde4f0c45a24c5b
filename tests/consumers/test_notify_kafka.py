"""Notify on a real broker: what waste.alerts brings, and processes killed at any point beside a receiver that goes down."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import groupby, pairwise
from typing import Any

import pytest
from sqlalchemy import text

from consumers import notify
from consumers.alerts_in import AlertsIn, decoded
from consumers.notify import Notify
from models.facts import Role
from models.hooks import Filter, HookBody, Position
from models.settings import Settings
from streams.alerts_out import AlertsOut
from streams.changes import Change
from streams.hook_store import HookStore
from streams.keys import Holder
from streams.ledger import Ledger
from streams.tail import Tail
from tests.api.alerts import alert_row, write_changes
from tests.consumers.receiver import Receiver, quick, receiver
from tests.facts import PRODUCER_ORG
from tests.kafka.hands import new_ledger, running, until
from tests.streams.ledgers import accepted, stored

PRODUCER = Holder("key", PRODUCER_ORG, Role.PRODUCER, "test")
KILLS = 5
ROUND = 12  # Facts and changes between two kills.


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


def hook(ledger: Ledger, box: Receiver) -> str:
    store = HookStore(ledger.databases)
    wanted = Filter(own=True)
    return store.create(
        PRODUCER, box.url, "", HookBody.THIN, wanted, Position(0, 0, ledger.head().seq), 9
    ).hook_id


@contextmanager
def process(bootstrap: str, ledger: Ledger) -> Iterator[subprocess.Popen[bytes]]:
    """A notify that is killed with SIGKILL at the end of the block."""
    url = ledger.databases.ledger.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.consumers.notify_alone", bootstrap, url]
    started = subprocess.Popen(command, process_group=0)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGKILL)
        started.wait()


def checked(box: Receiver, seqs: list[int], changes: list[int]) -> None:
    """All came, in order but for repeats, and a repeat has the id of its first coming."""
    for name, expected in (("seq", seqs), ("change_no", changes)):
        came = [got for got in box.took if name in got.json["data"]]
        numbers = [got.json["data"][name] for got in came]
        assert list(dict.fromkeys(numbers)) == expected
        ids = sorted((got.json["data"][name], got.id) for got in came)
        assert all(len({each[1] for each in same}) == 1 for _, same in groupby(ids, lambda each: each[0]))
        assert len({got.id for got in came}) == len(expected)
        for before, after in pairwise(numbers):
            assert after <= before + 1, "something was told before what comes before it"


async def test_killed_again_and_again_it_loses_nothing_and_keeps_the_order(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    with receiver() as box:
        port = box.port
        hook(ledger, box)
    chance, changes = random.Random(7), 0
    seqs: list[int] = []

    def happen() -> None:
        nonlocal changes
        seqs.extend(accepted(ledger, stored())[0].seq for _ in range(ROUND))
        write_changes(ledger.databases, changes + 1, *(alert_row(changes + n) for n in range(1, ROUND + 1)))
        changes += ROUND

    async with running(AlertsOut(kafka_bootstrap, ledger).run):
        for kill in range(KILLS):
            was = len(box.took)
            with process(kafka_bootstrap, ledger):
                happen()
                down = kill % 2 == 0
                if down:
                    await asyncio.sleep(chance.uniform(0.5, 1.5))
                with receiver(port, box):
                    # Killed in the middle: after some of what is due was taken.
                    some = was + chance.randint(1, ROUND)
                    await until(lambda some=some: len(box.took) >= some)  # type: ignore[misc]
        with process(kafka_bootstrap, ledger), receiver(port, box):
            last = (len(seqs), changes)
            await until(lambda: told(box) >= last)
    checked(box, seqs, list(range(1, changes + 1)))


def told(box: Receiver) -> tuple[int, int]:
    """How many different facts and changes were taken."""
    ids: dict[str, set[str]] = {"seq": set(), "change_no": set()}
    for got in list(box.took):
        for name, found in ids.items():
            if name in got.json["data"]:
                found.add(got.id)
    return (len(ids["seq"]), len(ids["change_no"]))


@asynccontextmanager
async def notifying(settings: Settings, ledger: Ledger) -> AsyncIterator[None]:
    async with running(Notify(settings, ledger, lease_seconds=2).run):
        yield


async def test_what_the_topic_brings_is_told_without_waiting_for_the_poll(
    kafka_bootstrap: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQL is polled once a minute here: only the broker can have brought it."""
    monkeypatch.setattr(notify, "LOOK_SECONDS", 0.05)
    with receiver() as box:
        hook(ledger, box)
        write_changes(ledger.databases, 1, alert_row(1))
        async with running(AlertsOut(kafka_bootstrap, ledger).run):
            await until(lambda: _published(ledger) == 1)
            settings = quick(Settings(kafka=kafka_bootstrap), notify_poll_ms=60_000)
            async with notifying(settings, ledger):
                await until(lambda: len(box.took) == 1)
                await asyncio.sleep(3)  # The consumer has found its partitions' ends.
                write_changes(ledger.databases, 2, *(alert_row(n) for n in range(2, 8)))
                await until(lambda: len(box.took) == 7, 20)
    checked(box, [], list(range(1, 8)))


def _published(ledger: Ledger) -> int:
    with ledger.databases.state.connect() as connection:
        return connection.execute(text("SELECT max(change_no) FROM alerts_out")).scalar() or 0


# What comes out of the topic, without a broker


def change(number: int) -> Change:
    return Change(number, "custody", "k", f"s{number}", 0, "raised", number, {})


@pytest.mark.parametrize("order", [[1, 2, 3, 4], [4, 3, 2, 1], [2, 2, 1, 1, 4, 3], [3, 1, 4, 2, 1]])
async def test_records_in_any_order_are_taken_in_order(order: list[int]) -> None:
    tail: Tail[Change] = Tail(lambda _after, _limit: [], lambda found: found.change_no, lambda: 0, 60)
    waiting = asyncio.ensure_future(tail.beyond(3, 10))
    await asyncio.sleep(0.1)
    incoming = AlertsIn("", "epoch", tail)
    for number in order:
        incoming.take([change(number)])
    assert await waiting
    assert [found.change_no for found in await tail.known(0)] == [1, 2, 3, 4]
    await tail.stop()


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (None, {"epoch": b"e"}),
        (b"{}", {"epoch": b"e"}),
        (b"[1]", {"epoch": b"e"}),
        (b"\xff", {"epoch": b"e"}),
        (b'{"change_no":1}', {}),
        (b'{"change_no":1}', {"epoch": b"other"}),
    ],
)
def test_what_is_no_change_of_this_ledger_is_left_aside(value: bytes | None, headers: dict[str, Any]) -> None:
    assert decoded(value, headers, b"e") is None
