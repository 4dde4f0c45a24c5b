"""What a sandbox sees of the software under trial, and the faults it plays: an ASGI layer around the whole application.

It is there only where a sandbox is served (api.sandbox.install); a production ledger can never have one, since its clock
is not driven.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEEN_MAX: Final = 5_000
BODY_MAX: Final = 1024 * 1024
DOOR: Final = "/v1/facts"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and what became of it. `at` is a monotonic second; `status` 0 where the answer was cut off."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    sent: Any
    status: int
    told: Any

    @property
    def states(self) -> bool:
        """Whether it states facts for good."""
        return self.method == "POST" and self.path == DOOR and "dry_run" not in self.query

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The facts that it carried."""
        values = self.sent if isinstance(self.sent, list) else [self.sent]
        return [value for value in values if isinstance(value, dict)]


@dataclass(slots=True)
class Fault:
    """What goes wrong with requests that state facts: `lose` the answer, `busy` (503 with Retry-After), or `down`.

    `times` of them are hit; `down` hits all requests for `seconds` from the first one on.
    """

    what: str
    times: int = 1
    seconds: int = 0
    _began: float | None = field(default=None, init=False)

    def hits(self, now: float) -> bool:
        """Whether this request is hit; counts it."""
        if self.what == "down":
            if self._began is None:
                self._began = now
            return now < self._began + self.seconds
        if self.times == 0:
            return False
        self.times -= 1
        return True


class Watch:
    """Keeps the latest requests, and plays the faults that a scenario asks for."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._seen: deque[Seen] = deque(maxlen=SEEN_MAX)
        self._faults: list[Fault] = []

    def plan(self, faults: Iterable[Fault]) -> None:
        """From now on these go wrong, one after the other, and no others."""
        self._faults = list(faults)

    def since(self, at: float) -> list[Seen]:
        """What was seen from a moment on."""
        return [seen for seen in self._seen if seen.at >= at]

    def note(self, seen: Seen) -> None:
        """Keep a request."""
        self._seen.append(seen)

    def fault(self, now: float) -> Fault | None:
        """What goes wrong with a request that comes now."""
        return next((fault for fault in self._faults if fault.hits(now)), None)


class Watched:
    """The layer: everything but the sandbox's own routes is seen, and statements may be hit by a fault."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app, self._watch = app, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not _is_watched(scope["path"]):
            await self._app(scope, receive, send)
            return
        now = self._watch.clock()
        body, replay = await _read(receive)
        states = scope["method"] == "POST" and scope["path"] == DOOR
        fault = self._watch.fault(now) if states else None
        answer = _Answer(send, lost=fault is not None and fault.what == "lose")
        try:
            if fault is None or fault.what == "lose":
                await self._app(scope, replay, answer.send)
            else:
                await _unavailable(answer.send, fault)
        finally:
            self._watch.note(_seen(scope, now, body, answer))
        if answer.lost:
            await _cut(send)


def _is_watched(path: str) -> bool:
    return path.startswith("/v1/") and not path.startswith("/v1/sandbox")


@dataclass(slots=True)
class _Answer:
    """Passes an answer on, or keeps it from who waits for it."""

    to: Send
    lost: bool
    status: int = 0
    body: bytes = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif len(self.body) < BODY_MAX:
            self.body += message.get("body", b"")
        if not self.lost:
            await self.to(message)


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, and a `receive` that gives it once more."""
    body, more = b"", True
    while more and len(body) <= BODY_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": more}

    return body, replay


async def _unavailable(send: Send, fault: Fault) -> None:
    """503 as the door gives it; with Retry-After where it is only busy."""
    told = {
        "type": "urn:feilian:problem:unavailable",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the sandbox plays a server that has no time",
        "code": "unavailable",
    }
    headers = [(b"content-type", b"application/problem+json")]
    if fault.what == "busy":
        headers.append((b"retry-after", str(fault.seconds).encode()))
    await send({"type": "http.response.start", "status": HTTPStatus.SERVICE_UNAVAILABLE, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(told)})


async def _cut(send: Send) -> None:
    """An answer that ends in its middle: the server closes the connection on it."""
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"100000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _seen(scope: Scope, at: float, body: bytes, answer: _Answer) -> Seen:
    query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    headers.pop("authorization", None)
    status = 0 if answer.lost else answer.status
    return Seen(at, scope["method"], scope["path"], query, headers, _json(body), status, _json(answer.body))


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
