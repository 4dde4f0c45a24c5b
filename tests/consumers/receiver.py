"""A webhook receiver on the loopback that keeps what it is sent, and answers as it is told; for tests of notify."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook

from models.settings import Settings

LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True)
class Got:
    """One request. `at` is monotonic."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        value: dict[str, Any] = orjson.loads(self.body)
        return value


Says = Callable[[Got], int | tuple[int, dict[str, str]]]


@dataclass
class Receiver:
    """`says` decides the answer to each request; `got` has all of them, `took` those answered with 2xx."""

    port: int = 0
    says: Says = lambda _got: 204
    got: list[Got] = field(default_factory=list)
    took: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/in"

    def events(self) -> list[dict[str, Any]]:
        """Bodies that were taken, pings left out."""
        return [got.json for got in self.took if got.json["type"] != "hook.ping"]

    def seqs(self) -> list[int]:
        """The seqs of facts that were taken, in order, repeats included."""
        return [event["data"]["seq"] for event in self.events() if "seq" in event["data"]]

    def checked(self, *secrets: str) -> None:
        """Every request was signed by each of these."""
        assert self.got
        for got in self.got:
            for secret in secrets:
                Webhook(secret).verify(got.body, got.headers)


@contextmanager
def receiver(port: int = 0, box: Receiver | None = None) -> Iterator[Receiver]:
    """A server with its own threads until the end of the block; `box` goes on where an earlier one ended."""
    kept = box or Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(size)
            if len(body) != size:  # Its sender was killed in the middle of it.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.path, headers, body, time.monotonic())
            kept.got.append(got)
            said = kept.says(got)
            status, more = said if isinstance(said, tuple) else (said, {})
            if 200 <= status < 300:
                kept.took.append(got)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests say what they need."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", port), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def quick(settings: Settings, **more: Any) -> Settings:
    """Settings under which a test need not wait: loopback allowed, pauses of milliseconds."""
    given = {
        "hook_networks": LOOPBACK,
        "hook_backoff_ms": 20,
        "hook_backoff_s_max": 1,
        "hook_attempts_max": 3,
        "hook_answer_s": 3,
        "notify_poll_ms": 20,
        **more,
    }
    return settings.model_copy(update=given)
