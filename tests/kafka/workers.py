"""Workers as processes of their own, and what they have done; used by test_worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import CoordinatorNotAvailableError
from sqlalchemy import text

from models.topics import Concern, topic
from streams.app import GROUP
from streams.decode import routes_of
from streams.ledger import Ledger
from streams.topics import topic_names

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import logging
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
logging.getLogger("kafka").setLevel(logging.CRITICAL)
from models.settings import Settings
from streams.app import run_worker
BEFORE
run_worker(Settings())
"""


class WorkerProcess:
    """One `run_worker`; `before` is Python that is run first in its process."""

    def __init__(self, url: str, bootstrap: str, log: Path, before: str = "pass") -> None:
        settings = {"FEILIAN_DATABASE": url, "FEILIAN_KAFKA": bootstrap}
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN.replace("BEFORE", before)],
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=out,
                stderr=out,
            )

    def said(self, what: str) -> bool:
        """Whether its log has this; fails when it has ended by itself."""
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        return what in self.log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait(10)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def listening(self) -> list[str]:
        """Local addresses on which it accepts connections, as the kernel writes them."""
        sockets = {os.readlink(fd) for fd in Path(f"/proc/{self.process.pid}/fd").iterdir()}
        lines = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/{self.process.pid}/net/{table}").read_text().splitlines()[1:]
        ]
        return [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets]


@contextmanager
def worker(url: str, bootstrap: str, log: Path, before: str = "pass") -> Iterator[WorkerProcess]:
    """A worker, killed at the end if the test has not ended it."""
    process = WorkerProcess(url, bootstrap, log, before)
    try:
        yield process
    finally:
        process.kill()


def judged(ledger: Ledger) -> set[tuple[str, str, int]]:
    """(concern, key, seq) of everything the judge has taken in."""
    with ledger.databases.state.connect() as connection:
        return {tuple(row) for row in connection.execute(text("SELECT concern, key, seq FROM key_facts"))}


def to_be_judged(ledger: Ledger) -> set[tuple[str, str, int]]:
    """(concern, key, seq) of everything in the ledger."""
    rows = ledger.rows(0, 100_000)
    return {(concern.value, key, row.seq) for row in rows for concern, key in routes_of(row)}


def ends(bootstrap: str) -> dict[Any, int]:
    """The next offset of each partition of the concerns."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        names: Iterable[str] = [topic(concern) for concern in Concern]
        parts = [TopicPartition(name, p) for name in names for p in consumer.partitions_for_topic(name) or ()]
        return dict(consumer.end_offsets(parts))
    finally:
        consumer.close()


def committed(bootstrap: str) -> dict[Any, int]:
    """What the workers' group has committed."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        return {part: found.offset for part, found in admin.list_group_offsets(GROUP)[GROUP].items()}
    except CoordinatorNotAvailableError:  # A new broker has first to make the topic of groups.
        return {}
    finally:
        admin.close()


def delete_all(bootstrap: str) -> None:
    """What a broker that lost its disk has: none of our topics, and no offsets of our group."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.delete_groups([GROUP])
        admin.delete_topics(list(topic_names()))
        end = time.monotonic() + 10
        while {*topic_names()} & {*admin.list_topics()}:
            assert time.monotonic() < end, "topics stay"
            time.sleep(0.05)
    finally:
        admin.close()


def members(bootstrap: str) -> int:
    """How many workers have a share of the partitions."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        group = admin.describe_groups([GROUP])[GROUP]
        return len(group["members"]) if group["group_state"] == "Stable" else 0
    except CoordinatorNotAvailableError:
        return 0
    finally:
        admin.close()
