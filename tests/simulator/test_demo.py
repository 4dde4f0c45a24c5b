"""The demo's feeder on a real ledger: the past goes in once, and life goes on from where it stopped."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.demo import Demo, past_start
from deploy.founding import found
from deploy.simulator import Province, ProvinceSize
from models.exact import DAY_US
from models.settings import Settings
from streams.ledger import Ledger

TINY = ProvinceSize(producers=60, hospitals=1, clinics=3)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = found(Settings(data_dir=tmp_path, clock="driven"), started_at=1)
    yield made
    made.databases.dispose()


def a_demo(ledger: Ledger) -> Demo:
    return Demo(ledger, size=TINY, days=25, rate=400.0)


def a_province(demo: Demo) -> Province:
    return Province(demo.seed, demo.size, demo.first_day)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_the_past_goes_in_and_ends_today(ledger: Ledger) -> None:
    demo = a_demo(ledger)
    seen: list[tuple[int, int]] = []
    demo.load(a_province(demo), lambda done, total: seen.append((done, total)))
    assert ledger.head().seq > 600
    assert ledger.head().recorded_at == past_start(ledger.meta.created_at) + 400 * DAY_US
    assert seen[-1] == (25, 25)


def test_a_second_start_adds_nothing_to_the_past(ledger: Ledger) -> None:
    demo = a_demo(ledger)
    demo.load(a_province(demo))
    head = ledger.head()
    again = a_demo(ledger)
    again.load(a_province(again))
    assert ledger.head() == head


def test_an_interrupted_past_is_completed(ledger: Ledger, tmp_path: Path) -> None:
    other = found(Settings(data_dir=tmp_path / "other", clock="driven"), started_at=1)
    demo, whole = a_demo(ledger), a_demo(other)
    whole.load(a_province(whole))

    def stop_half_way(done: int, _total: int) -> None:
        if done == 12:
            demo.stopped.set()

    demo.load(a_province(demo), stop_half_way)
    assert ledger.head().seq < other.head().seq
    demo.stopped.clear()
    demo.load(a_province(demo))
    assert ledger.head().seq == other.head().seq
    other.databases.dispose()


def test_life_goes_on_until_it_is_stopped(ledger: Ledger) -> None:
    demo = a_demo(ledger)
    thread = threading.Thread(target=demo.run)
    thread.start()
    today = past_start(ledger.meta.created_at) + 400 * DAY_US
    try:
        wait_for(lambda: ledger.head().recorded_at > today + DAY_US)
    finally:
        demo.stopped.set()
        thread.join(10)
    assert not thread.is_alive()
    head = ledger.head()
    again = a_demo(ledger)
    again.stopped.set()
    again.live(a_province(again))
    assert ledger.head() == head


def test_the_command_loads_and_judges_days_and_again_adds_none(tmp_path: Path) -> None:
    command = ["demo", "--data", str(tmp_path), "--days", "5"]
    first = CliRunner().invoke(main, command, env={"COLUMNS": "200"})
    assert first.exit_code == 0, first.output
    again = CliRunner().invoke(main, command, env={"COLUMNS": "200"})
    assert again.exit_code == 0, again.output
    said = [re.search(r"(\d+) facts of 5 days", result.output) for result in (first, again)]
    assert said[0] is not None
    assert said[1] is not None
    assert int(said[0][1]) == int(said[1][1]) > 1_000
