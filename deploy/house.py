"""Everything in one command: the API with the embedded loop, or with a local broker and its processes. For `feilian up`."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from deploy.kafka.broker import Broker
from deploy.protocol import Impatient
from models.errors import FeilianError
from models.settings import Settings
from streams.embedded import Embedded
from streams.judge import Judge
from streams.ledger import Ledger
from streams.ledger_types import HeadAt
from streams.publisher import Publisher

log = logging.getLogger(__name__)
STOP_SECONDS: Final = 10
RESTART_SECONDS: Final = 1.0


class PortTaken(FeilianError):
    """Somebody else listens where we were told to."""


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket; PortTaken where the port is in use. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortTaken(
            f"port {port} on {host} is taken ({error.strerror}); choose another, as in PORT=8001"
        ) from None
    bound.listen(1024)
    bound.set_inheritable(True)
    return bound


def serve(app: FastAPI, sock: socket.socket) -> None:
    """Answer HTTP until SIGINT or SIGTERM; open streams are ended after two seconds."""
    with contextlib.suppress(KeyboardInterrupt):
        server(app).run(sockets=[sock])


def server(app: FastAPI) -> Server:
    """What answers: impatient with who dawdles, without a banner, and believing nobody but our own proxies."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        http=Impatient,
        limit_concurrency=app.state.parts.settings.connections_max,
        server_header=False,
        proxy_headers=False,  # Whom we believe is a setting of ours (trusted_proxies).
        backlog=1024,
    )
    return Server(config)


class Server(uvicorn.Server):
    """Tells open streams that the process ends, so that nobody waits for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM."""
        app: Any = self.config.app
        app.state.ending = True
        super().handle_exit(sig, frame)


class EmbeddedThread:
    """The embedded loop and the publisher beside the API, in a thread of its own."""

    def __init__(self, ledger: Ledger, numbered: Callable[[], None]) -> None:
        databases, shards = ledger.databases, ledger.meta.shards
        self._ledger = ledger
        self._loop = Embedded(Judge(databases.state, ledger, shards), ledger, databases.state, shards)
        self._publisher = Publisher(databases.state)
        self._numbered = numbered
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="embedded", daemon=True)
        ledger.on_commit.append(lambda _seq: self._wake.set())
        self.now: Callable[[], HeadAt] = ledger.tick

    def start(self) -> None:
        """Judge from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End after the transaction under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join(STOP_SECONDS)

    @property
    def judged_seq(self) -> int:
        """The seq up to which everything is judged."""
        return self._loop.upto

    @property
    def alive(self) -> bool:
        """Whether it still judges; a bug ends it, and then the process is not ready."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run(lambda: self.now(), self._stop, self._wake, self._judged)
        except Exception:
            log.critical("the embedded loop failed", exc_info=True)
            raise

    def _judged(self) -> None:
        if self._publisher.anything_new() and self._publisher.drain():
            self._numbered()


class Child:
    """One `feilian` process; started again when it ends by itself."""

    def __init__(self, command: str, environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def tend(self) -> None:
        """Start it where it does not run, at most once a second."""
        ended = self._process is None or self._process.poll() is not None
        if ended and time.monotonic() - self._started_at > RESTART_SECONDS:
            if self._process is not None:
                log.warning("process ended and is started again", extra={"command": self._command})
            self._started_at = time.monotonic()
            command = [sys.executable, "-m", "deploy.cli", *self._command.split()]
            self._process = subprocess.Popen(command, env=self._environment, process_group=0)

    def stop(self) -> None:
        """Ask it to end, and insist after ten seconds."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Processes:
    """Broker, relay, publisher and Faust workers of a local Feilian, watched by a thread."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._broker = Broker(settings.data_dir.resolve() / "kafka")
        self._settings, self._workers = settings, workers
        self._children: list[Child] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="processes", daemon=True)

    def start(self) -> str:
        """Start all of them; the broker's address."""
        self._broker.start()
        environment = {
            **os.environ,
            "FEILIAN_DATABASE": self._settings.database,
            "FEILIAN_DATA_DIR": str(self._settings.data_dir.resolve()),
            "FEILIAN_KAFKA": self._broker.bootstrap,
            "FEILIAN_PUBLIC_URL": self._settings.public_url,
        }
        commands = ["relay", "publisher", "notify", *["worker"] * self._workers]
        self._children = [Child(command, environment) for command in commands]
        self._thread.start()
        return self._broker.bootstrap

    def _watch(self) -> None:
        while not self._stop.is_set():
            for child in self._children:
                child.tend()
            self._stop.wait(0.5)

    def stop(self) -> None:
        """End all of them, the broker last."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        for child in self._children:
            child.stop()
        self._broker.stop()


@contextlib.contextmanager
def raised_by_sigterm() -> Iterator[None]:
    """Until uvicorn takes the signals over, SIGTERM ends us as Ctrl-C does, so that children are ended too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def application(settings: Settings, ledger: Ledger) -> FastAPI:
    """The web application over this process's own ledger."""
    return create_app(settings, databases=ledger.databases, ledger=ledger)


def write_private(path: Path, text: str) -> None:
    """A file that only its owner reads."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
