"""The Faust worker: application, settings and start; `feilian worker` calls `run_worker`.

No web server (`faust worker` would open one on all interfaces whatever the settings say, so its machinery is started
here instead of its command), no tables, no files, no topics of Faust's own.
"""

import logging
import os
import signal
import threading
import time
from typing import Any, Final

import faust
import mode
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from models.errors import LedgerUnavailable
from models.settings import Settings
from models.topics import Concern, topic
from streams import bulk
from streams.agents import Bench, add_agents
from streams.databases import open_databases, reading
from streams.judge import Judge
from streams.ledger import Ledger
from streams.silence import Fallback, Silence
from streams.topics import ensure_topics
from streams.transport import BatchScheduler, JudgedOffsets, Offsets, consumer_class

log = logging.getLogger(__name__)

GROUP: Final = "feilian-judge"
BATCH_RECORDS: Final = 500
# Batches that wait for each agent; Faust's own default counts records and would hold millions of them.
WAITING_BATCHES: Final = 16
RETRY_SECONDS: Final = 1.0
STOP_SECONDS_MAX: Final = 15.0


class _App(faust.App):
    def _create_directories(self) -> None:
        """Nothing of ours is kept in files."""


class _Worker(faust.Worker):
    """Leaves logging as the command line has set it up, and does not stop for ever."""

    def _setup_logging(self) -> None:
        self.spinner = None

    def _install_signal_handlers_unix(self) -> None:
        self.loop.add_signal_handler(signal.SIGINT, self._on_sigint)
        self.loop.add_signal_handler(signal.SIGTERM, self._on_sigterm)

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
        # What is judged is in SQL, so leaving the hard way loses nothing.
        last_resort = threading.Timer(STOP_SECONDS_MAX, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        super()._schedule_shutdown(signal)


def make_app(bootstrap: str, bench: Bench, offsets: JudgedOffsets, silence: Silence) -> faust.App:
    """The application with its five agents; nothing is connected yet."""
    app = _App(
        GROUP,
        broker=";".join(f"kafka://{server.strip()}" for server in bootstrap.split(",")),
        ConsumerScheduler=BatchScheduler,
        agent_supervisor=mode.CrashingSupervisor,
        autodiscover=False,
        broker_commit_interval=1.0,
        broker_heartbeat_interval=3.0,
        broker_max_poll_interval=600.0,
        broker_max_poll_records=BATCH_RECORDS,
        broker_session_timeout=10.0,
        producer_request_timeout=30.0,
        stream_buffer_maxsize=WAITING_BATCHES,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    app.transport.Consumer = consumer_class(offsets)  # type: ignore[misc]  # As Faust's own manual does.
    add_agents(app, bench)

    @app.on_partitions_assigned.connect(weak=False)
    async def on_assigned(app: Any, assigned: Any, **_: Any) -> None:
        silence.assigned(len(assigned))

    return app


def stored_offsets(state: Engine) -> Offsets:
    """The next Kafka offset of each partition whose judge has stored one."""
    with reading(state) as connection:
        rows = bulk.fetch(
            connection,
            "SELECT concern, shard, kafka_offset FROM positions WHERE kafka_offset IS NOT NULL",
            (),
        )
    return {(topic(Concern(concern)), shard): offset for concern, shard, offset in rows}


def run_worker(settings: Settings) -> None:
    """Judge what Kafka brings until SIGTERM or SIGINT, and from SQL whenever Kafka is silent. Leaves by SystemExit.

    Waits for a database or a broker that is away. Raises NotForThisLedger where there is no ledger, or where the
    topics' partitions are not its shards.
    """
    databases = open_databases(settings)
    ledger = Ledger(databases)
    judge = _judge_when_there(ledger)
    silence = Silence()
    fallback = Fallback(judge, ledger, silence)
    fallback.start()
    _wait_for_broker(settings.kafka, ledger.meta.shards)
    silence.joining()
    offsets = JudgedOffsets(lambda: stored_offsets(databases.state))
    bench = Bench(judge, ledger.meta.epoch, offsets, silence)
    app = make_app(settings.kafka, bench, offsets, silence)
    try:
        _Worker(app, quiet=True, redirect_stdouts=False).execute_from_commandline()
    finally:
        fallback.stop()
        databases.dispose()


def _judge_when_there(ledger: Ledger) -> Judge:
    while True:
        try:
            judge = Judge(ledger.databases.state, ledger, ledger.meta.shards)
            judge.ensure_positions()
        except (LedgerUnavailable, OperationalError) as error:
            log.warning("database away, the worker waits", extra={"error": repr(error)})
            time.sleep(RETRY_SECONDS)
        else:
            return judge


def _wait_for_broker(bootstrap: str, shards: int) -> None:
    """Meanwhile the fallback judges."""
    while True:
        try:
            ensure_topics(bootstrap, shards)
        except (KafkaError, OSError) as error:
            log.warning("broker away, the worker waits", extra={"error": repr(error)})
            time.sleep(RETRY_SECONDS)
        else:
            return
