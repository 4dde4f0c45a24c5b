"""One Apache Kafka broker (KRaft) in a folder of its own; started by tests, `feilian up --kafka` and by hand."""

import argparse
import base64
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import TextIO
from uuid import uuid4

from deploy.kafka.jars import jars, java
from deploy.parts import (
    PartFailed,
    end,
    free_port,
    launch,
    listening,
    run_until_told,
    tail,
    take_folder,
    wait_until_ready,
)

READY = b"Kafka Server started"

# One broker is also its own controller; replication is 1 everywhere because there is nobody to copy to.
# After a SIGKILL the controller lets the broker register again only when the session of the killed one is over.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=2000
"""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class Broker:
    """A broker that keeps its data in `folder` and its port for as long as this object lives.

    `port` 0 takes a free one. The same folder can be opened again later, by another object.
    Raises PartMissing without Java or Maven, PartFailed when the broker does not get ready.
    """

    def __init__(self, folder: Path | str, port: int = 0, *, heap: str = "512m") -> None:
        self.folder = Path(folder).resolve()
        self.port = port or free_port()
        self._controller_port = free_port()
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: TextIO | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port`, for every client."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the broker printed, over all its starts."""
        return self.folder / "broker.log"

    @property
    def running(self) -> bool:
        """Whether the process lives (which a broker that hangs does too)."""
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 60) -> "Broker":
        """Formats the folder if it is new, starts, and returns when clients can connect."""
        if self.running:
            return self
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            # Kafka takes its own lock only after it has written to the metadata log, which spoils a broker at work.
            self._lock = take_folder(self.folder)
        self._write_settings()
        if not (self._logs / "meta.properties").exists():
            self._format()
        begin = self.log.stat().st_size if self.log.exists() else 0
        self._process = launch(self._java("kafka.Kafka", str(self._properties)), self.log, cwd=self.folder)

        def ready() -> bool:
            with self.log.open("rb") as log:
                log.seek(begin)
                return READY in log.read() and listening(self.port)

        wait_until_ready(self._process, ready, self.log, "the Kafka broker", seconds)
        return self

    def stop(self, seconds: float = 20) -> None:
        """Ends it in order; by force when that takes longer."""
        self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """SIGKILL, as a power cut would; what was acknowledged to clients must be there after start()."""
        self._end(signal.SIGKILL, 10)

    def restart(self) -> "Broker":
        """Stops if it runs, and starts again on the same port."""
        self.stop()
        return self.start()

    def __enter__(self) -> "Broker":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _logs(self) -> Path:
        return self.folder / "logs"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _write_settings(self) -> None:
        ports = {"port": self.port, "controller_port": self._controller_port}
        self._properties.write_text(PROPERTIES.format(logs=self._logs, **ports))
        (self.folder / "log4j2.properties").write_text(LOGGING)

    def _format(self) -> None:
        # Kafka's own form of an identifier; its tool for this costs one more start of a Java machine.
        cluster = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=").replace("-", "_")
        arguments = ["format", "--cluster-id", cluster, "--config", str(self._properties)]
        command = self._java("kafka.tools.StorageTool", *arguments)
        with self.log.open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, cwd=self.folder, timeout=60, check=False)
        if done.returncode != 0:
            raise PartFailed(f"Kafka's storage could not be formatted: {tail(self.log)}")

    def _java(self, main: str, *arguments: str) -> list[str]:
        # Serial collector and first compiler tier: the broker is up in two seconds and leaves cores to the tests.
        options = [f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options.append(f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}")
        return [java(), *options, "-cp", f"{jars()}/*", main, *arguments]

    def _end(self, first: signal.Signals, seconds: float) -> None:
        if self._process is not None:
            end(self._process, first, seconds)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def main() -> None:
    """Runs one broker until SIGINT or SIGTERM; prints its address when it is ready."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="the folder of its data and log")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args()
    with Broker(given.dir, given.port) as broker:
        run_until_told(broker, broker.bootstrap, "the Kafka broker")


if __name__ == "__main__":
    main()
