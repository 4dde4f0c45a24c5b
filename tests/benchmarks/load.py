"""Offers ready-made HTTP requests as fast as they are answered, from a process of its own; `offer` starts it.

It knows no more of HTTP than it needs, so that it takes as little as can be of the cores that it shares.
"""

import asyncio
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import uvloop

CREATED = b"HTTP/1.1 201"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offered:
    """What came of it: seconds of each request, seconds in all, and the first answer that was not 201."""

    times: list[float]
    seconds: float
    refusal: bytes | None


class Sender(asyncio.Protocol):
    """One connection, kept open: sends the next request when the last is answered."""

    def __init__(self, requests: Iterator[bytes], times: list[float], refusals: list[bytes]) -> None:
        self._requests, self._times, self._refusals = requests, times, refusals
        self._answer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # That of uvloop does not say so.
        self._next()

    def data_received(self, data: bytes) -> None:
        """Go on once the answer is whole."""
        self._answer += data
        end = self._answer.find(b"\r\n\r\n")
        length = _LENGTH.search(self._answer) if end >= 0 else None
        if length is None or len(self._answer) < end + 4 + int(length[1]):
            return
        self._times.append(perf_counter() - self._sent_at)
        if not self._answer.startswith(CREATED):
            self._refusals.append(self._answer)
        self._answer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up has refused."""
        if not self.done.done():
            self._refusals.append(f"connection lost: {exc!r}".encode())
            self.done.set_result(None)

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None or self._refusals:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = perf_counter()
        self._transport.write(request)


async def _run(port: int, connections: int, requests: Sequence[bytes]) -> Offered:
    left, times, refusals = iter(requests), [], []  # type: ignore[var-annotated]
    loop = asyncio.get_running_loop()
    started = perf_counter()
    senders = [
        (await loop.create_connection(lambda: Sender(left, times, refusals), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(sender.done for sender in senders))
    return Offered(times, perf_counter() - started, refusals[0] if refusals else None)


def offer(port: int, connections: int, requests: Sequence[bytes]) -> Offered:
    """Send all requests over so many connections; fails where one is not answered with 201."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "requests", Path(folder) / "offered"
        given.write_bytes(pickle.dumps(requests))
        command = [sys.executable, "-m", "tests.benchmarks.load", str(port), str(connections)]
        subprocess.run([*command, str(given), str(found)], check=True, timeout=100)
        offered: Offered = pickle.loads(found.read_bytes())
    assert offered.refusal is None, offered.refusal[-600:]
    assert len(offered.times) == len(requests)
    return offered


def main() -> None:
    """In the process of its own: port, connections, a file of requests, a file for what came of it."""
    port, connections, given, found = sys.argv[1:]
    requests = pickle.loads(Path(given).read_bytes())
    # By its importable name, or the reader would look for it in its own __main__.
    from tests.benchmarks import load

    offered = uvloop.run(load._run(int(port), int(connections), requests))
    Path(found).write_bytes(pickle.dumps(offered))


if __name__ == "__main__":
    main()
