"""Judging through Kafka and Faust, one worker and five concerns, in PostgreSQL with fsync; beside less of the same."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter, sleep

from deploy.postgres.server import Postgres
from streams import bulk
from streams.databases import reading
from streams.embedded import Embedded
from streams.ledger import Ledger
from streams.wire import SEQ_MAX
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor
from tests.hands.ledgers import copied, judge_of, process, wait_until
from tests.kafka.hands import relayed
from tests.kafka.workers import ends

PART = "Judging five concerns, PostgreSQL with fsync"
SECONDS_MAX = 300


def applied(ledger: Ledger) -> dict[tuple[str, int], int]:
    with reading(ledger.databases.state) as conn:
        found = bulk.fetch(conn, "SELECT concern, shard, applied_seq FROM positions", ())
    return {(concern, shard): seq for concern, shard, seq in found}


def sent(ledger: Ledger) -> dict[tuple[str, int], int]:
    """The last seq that was sent to each place."""
    with reading(ledger.databases.ledger) as conn:
        found = bulk.fetch(conn, "SELECT concern, shard, last_seq FROM relay_shards", ())
    return {(concern, shard): seq for concern, shard, seq in found}


def judged_in(ledger: Ledger) -> float:
    """Seconds from the last moment at which nothing was judged until all is."""
    wanted, started = sent(ledger), perf_counter()
    while not any((found := applied(ledger)).values()):
        assert perf_counter() < started + SECONDS_MAX
        begun = perf_counter()
        sleep(0.01)
    while any(found[place] < seq for place, seq in wanted.items()):
        assert perf_counter() < begun + SECONDS_MAX, "not all was judged"
        sleep(0.05)
        found = applied(ledger)
    return perf_counter() - begun


def counted_in(bootstrap: str, messages: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.counting", bootstrap, str(messages)]
    return float(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)


def read_from_the_ledger_in(ledger: Ledger) -> float:
    loop = Embedded(judge_of(ledger), ledger, ledger.databases.state, ledger.meta.shards)
    head, started = ledger.head().seq, perf_counter()
    loop.catch_up(head)
    return perf_counter() - started


def test_one_worker(
    source: Ledger, postgres_durable: Postgres, kafka_bootstrap: str, tmp_path: Path, report: Report
) -> None:
    urls = [postgres_durable.create_database(name) for name in ("bench_faust", "bench_ledger")]
    ledger, same = (copied(source, tmp_path, url) for url in urls)
    judge_of(ledger)
    facts = len(ledger.rows(0, SEQ_MAX)) - len(ledger.law_rows(0, SEQ_MAX))
    head, kafka = ledger.head().seq, {"FEILIAN_KAFKA": kafka_bootstrap}
    with process("relay", ledger.databases, tmp_path, **kafka):
        wait_until(lambda: relayed(ledger) > 0, 60, "the relay's beginning")
        first, started = relayed(ledger), perf_counter()
        wait_until(lambda: relayed(ledger) == head, SECONDS_MAX, "all relayed")
        carried = (head - first) / (perf_counter() - started)
        messages = sum(ends(kafka_bootstrap).values())
        counting = counted_in(kafka_bootstrap, messages)
        with process("worker", ledger.databases, tmp_path, **kafka):
            through_faust = judged_in(ledger)
    from_ledger = read_from_the_ledger_in(same)
    for made, url in ((ledger, urls[0]), (same, urls[1])):
        made.databases.dispose()
        postgres_durable.drop_database(url.rpartition("/")[2])
    what = f"Kafka to Faust to SQL, one worker, {facts:,} facts"
    rate = facts / through_faust
    report.note(
        PART,
        f"A fact is {messages / facts:.2f} messages here. Both floors judge or count the same facts: the first reads "
        "them from the ledger, in batches of 1,000 facts over all concerns; the second is Faust with our batches, and "
        "agents that do nothing with them. (Quix Streams is no dependency of ours, so it is not measured.)",
    )
    report.figures += [
        Figure(PART, what, rate, "facts/s", 10_000, Floor("same rows from the ledger", facts / from_ledger)),
        Figure(
            PART,
            "— beside Faust alone",
            rate,
            "facts/s",
            None,
            Floor("agents that only count", facts / counting),
        ),
        Figure(PART, "ledger to Kafka, relay", carried, "facts/s"),
    ]
