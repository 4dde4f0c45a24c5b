"""Posts at a steady pace while listening to /v1/stream: how long it takes from a post to the alert that it raises."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

import orjson

from tests.hands.ledgers import wait_until

CONNECTIONS = 24
PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Post:
    """A request, and the manifest whose alert it raises, if it raises one."""

    request: bytes
    manifest_no: str | None = None


@dataclass(slots=True)
class Watch:
    """When facts were posted that raise an alert, and when the alert came."""

    posted: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)

    def times(self) -> list[float]:
        """Seconds between the two, of all that were posted."""
        return [self.seen[manifest_no] - at for manifest_no, at in self.posted.items()]


async def posted_to_seen(
    port: int,
    token: str,
    kind: str,
    before: Sequence[Post],
    settled: Callable[[], bool],
    posts: Sequence[Post],
    rate: float,
) -> list[float]:
    """Seconds from post to alert of this kind.

    Posts `before` as fast as may be, waits until that is settled, then posts `posts` at so many a second.
    """
    watch = Watch()
    listening = asyncio.create_task(_listen(port, token, kind, watch))
    try:
        await _post_all(port, before, 0, Watch())
        await asyncio.to_thread(wait_until, settled, 60, "what goes before is judged")
        await _post_all(port, posts, rate, watch)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not watch.posted.keys() <= watch.seen.keys():
                await asyncio.sleep(0.05)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    return watch.times()


async def _listen(port: int, token: str, kind: str, watch: Watch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET /v1/stream?kind={kind} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    writer.write(asked.encode())
    while line := await reader.readline():
        if line.startswith(b"data: "):
            watch.seen.setdefault(orjson.loads(line[6:])["alert"]["key"], perf_counter())
    raise AssertionError("the stream ended")


async def _post_all(port: int, posts: Sequence[Post], rate: float, watch: Watch) -> None:
    waiting: asyncio.Queue[Post] = asyncio.Queue()
    senders = [asyncio.create_task(_send(port, waiting, watch)) for _ in range(CONNECTIONS)]
    started = perf_counter()
    for number, post in enumerate(posts):
        if rate and (ahead := started + number / rate - perf_counter()) > 0:
            await asyncio.sleep(ahead)
        waiting.put_nowait(post)
    await waiting.join()
    for sender in senders:
        sender.cancel()


async def _send(port: int, waiting: asyncio.Queue[Post], watch: Watch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        post = await waiting.get()
        if post.manifest_no is not None:
            watch.posted[post.manifest_no] = perf_counter()
        writer.write(post.request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        waiting.task_done()
