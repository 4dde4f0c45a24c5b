"""The embedded Feilian: a simulated province flows into SQLite and is judged there, in one process as in `feilian up`."""

from pathlib import Path
from time import perf_counter

from deploy.demo import Demo, past_start
from deploy.founding import found
from deploy.house import EmbeddedThread
from deploy.simulator import SMALL, Province
from models.settings import Settings
from streams import bulk
from streams.clock import local_now
from streams.databases import reading
from streams.ledger import Ledger
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor
from tests.hands.ledgers import wait_until

PART = "Embedded, SQLite"


def empty(folder: Path) -> Ledger:
    return found(Settings(data_dir=folder, clock="driven"), started_at=past_start(local_now()))


def flow_in(ledger: Ledger) -> int:
    """A year of facts by the simulator; how many there were."""
    before, demo = ledger.head().seq, Demo(ledger, SMALL)
    demo.load(Province(demo.seed, demo.size, demo.first_day))
    return ledger.head().seq - before


def unnumbered(ledger: Ledger) -> int:
    with reading(ledger.databases.state) as conn:
        sql = "SELECT count(*), count(change_no) FROM alert_changes"
        changes, numbered = bulk.fetch(conn, sql, ())[0]
    assert changes
    return int(changes - numbered)


def test_a_province_flows_in_and_is_judged(tmp_path: Path, report: Report) -> None:
    alone = empty(tmp_path / "alone")
    started = perf_counter()
    floor = flow_in(alone) / (perf_counter() - started) * 60
    alone.databases.dispose()

    ledger = empty(tmp_path / "judged")
    embedded = EmbeddedThread(ledger, lambda: None)
    embedded.start()
    started = perf_counter()
    facts = flow_in(ledger)
    wait_until(lambda: embedded.judged_seq == ledger.head().seq and not unnumbered(ledger), 300, "all judged")
    rate = facts / (perf_counter() - started) * 60
    embedded.stop()
    ledger.databases.dispose()
    what = f"simulator to numbered alerts, {facts:,} facts"
    report.figures.append(
        Figure(PART, what, rate, "facts/min", 100_000, Floor("the ledger alone, unjudged", floor))
    )
