"""Accepting over HTTP, on PostgreSQL with fsync: how many facts a second, and how long their senders wait."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import psycopg
import pytest

from deploy.founding import found
from deploy.parts import free_port, listening
from deploy.simulator import Simulation
from models.settings import Settings
from streams.ledger import Ledger
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor, percentile
from tests.benchmarks.load import Offered, offer
from tests.benchmarks.posts import BATCH_FACTS, UNLIMITED, batch_posts, keys_for, single_posts
from tests.hands.ledgers import process, wait_until

PART = "Accepting, PostgreSQL with fsync"
SINGLE_CONNECTIONS, SINGLES = 64, 20_000
BATCH_CONNECTIONS, BATCHES = 8, 600
WARM = 1_000
GROUP_ROWS = 2_000


@pytest.fixture
def ledger(postgres_durable_url: str) -> Iterator[Ledger]:
    made = found(Settings(database=postgres_durable_url))
    yield made
    made.databases.dispose()


@contextmanager
def served(ledger: Ledger, folder: Path) -> Iterator[int]:
    """`feilian serve` on this ledger; its port."""
    port = free_port()
    with process(f"serve --port {port}", ledger.databases, folder, **UNLIMITED):
        wait_until(lambda: listening(port), 30, "the server")
        yield port


@contextmanager
def bare(folder: Path) -> Iterator[int]:
    """The same server without a database; its port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare_server", str(port), str(folder)]
    started = subprocess.Popen(command, env={**os.environ, **UNLIMITED})
    try:
        wait_until(lambda: listening(port), 30, "the bare server")
        yield port
    finally:
        started.terminate()
        started.wait(15)


def rate(offered: Offered, facts: int) -> float:
    return len(offered.times) * facts / offered.seconds


def copied_per_second(database: str) -> float:
    """COPY of the very rows that were accepted, as many in a transaction as a group holds, into a table just like theirs."""
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("CREATE TABLE copied (LIKE facts INCLUDING ALL)")
        rows = conn.execute("SELECT * FROM facts ORDER BY seq").fetchall()
        started = perf_counter()
        for start in range(0, len(rows), GROUP_ROWS):
            with conn.transaction(), conn.cursor().copy("COPY copied FROM STDIN") as copy:
                for row in rows[start : start + GROUP_ROWS]:
                    copy.write_row(row)
        return len(rows) / (perf_counter() - started)


def test_single_facts(ledger: Ledger, simulation: Simulation, tmp_path: Path, report: Report) -> None:
    said, tokens = simulation.facts, keys_for(ledger, simulation.facts)
    warm = single_posts(said, tokens, 0, WARM)
    posts = single_posts(said, tokens, WARM, SINGLES)
    before = ledger.head().seq
    with served(ledger, tmp_path) as port:
        offer(port, SINGLE_CONNECTIONS, warm)
        real = offer(port, SINGLE_CONNECTIONS, posts)
    assert ledger.head().seq == before + WARM + SINGLES
    plain = Settings(data_dir=tmp_path / "bare")
    tokens = keys_for(found(plain), said)
    with bare(plain.data_dir) as port:
        offer(port, SINGLE_CONNECTIONS, single_posts(said, tokens, 0, WARM))
        floor = offer(port, SINGLE_CONNECTIONS, single_posts(said, tokens, WARM, SINGLES))
    name = "same server, no database"
    what = f"single facts, {SINGLE_CONNECTIONS} senders"
    report.figures += [
        Figure(PART, what, rate(real, 1), "facts/s", 3_000, Floor(name, rate(floor, 1))),
        Figure(
            PART,
            "— median wait",
            percentile(real.times, 0.5),
            "ms",
            None,
            Floor(name, percentile(floor.times, 0.5)),
        ),
        Figure(
            PART,
            "— p99 wait",
            percentile(real.times, 0.99),
            "ms",
            50,
            Floor(name, percentile(floor.times, 0.99)),
        ),
    ]


def test_batches_of_a_hundred(ledger: Ledger, simulation: Simulation, tmp_path: Path, report: Report) -> None:
    said, tokens = simulation.facts, keys_for(ledger, simulation.facts)
    warm = batch_posts(said, tokens, 0, 20)
    posts = batch_posts(said, tokens, 10_000_000, BATCHES)
    before = ledger.head().seq
    with served(ledger, tmp_path) as port:
        offer(port, BATCH_CONNECTIONS, warm)
        real = offer(port, BATCH_CONNECTIONS, posts)
    assert ledger.head().seq == before + (len(warm) + len(posts)) * BATCH_FACTS
    url = ledger.databases.ledger.url.render_as_string(hide_password=False)
    floor = Floor("COPY of the same rows", copied_per_second(url))
    what = f"batches of {BATCH_FACTS}, {BATCH_CONNECTIONS} senders"
    report.figures += [
        Figure(PART, what, rate(real, BATCH_FACTS), "facts/s", 15_000, floor),
        Figure(PART, "— p99 wait", percentile(real.times, 0.99), "ms"),
    ]
