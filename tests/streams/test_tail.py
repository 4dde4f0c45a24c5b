"""The tail of a densely numbered stream: nothing twice, nothing skipped, whoever reads it and wherever rows come from."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import LedgerUnavailable
from streams.tail import PAGE_ROWS, Tail
from tests.streams.waiting import until_async


@dataclass
class Stream:
    """Numbers from one on; `reads` has what was asked of it."""

    last: int = 0
    reads: list[tuple[int, int]] = field(default_factory=list)
    away: bool = False

    def read(self, after: int, limit: int) -> list[int]:
        self.reads.append((after, limit))
        if self.away:
            raise LedgerUnavailable("away")
        return list(range(after + 1, min(self.last, after + limit) + 1))

    def tail(self, **more: float) -> Tail[int]:
        return Tail(self.read, lambda row: row, lambda: self.last, **{"poll_seconds": 0.01, **more})  # type: ignore[arg-type]


async def follow(tail: Tail[int], after: int, upto: int, limit: int = 7) -> list[int]:
    found: list[int] = []
    while after < upto:
        for row in await tail.known(after, limit):
            found.append(row)
            after = row
        if after < upto:
            await tail.beyond(after, 5)
    return found


async def test_all_who_follow_get_everything_in_order_by_one_reader() -> None:
    stream = Stream(last=20)
    tail = stream.tail(kept=8)
    following = [asyncio.ensure_future(follow(tail, after, 60)) for after in (0, 5, 20, 20, 20)]
    await until_async(lambda: tail.last == 20)
    for last in range(21, 61):
        stream.last = last
        await asyncio.sleep(0.001)
    for after, task in zip((0, 5, 20, 20, 20), following, strict=True):
        assert await task == list(range(after + 1, 61))
    await tail.stop()


async def test_after_asks_the_database_where_memory_ends() -> None:
    stream = Stream(last=3)
    tail = stream.tail()
    assert await tail.after(0) == [1, 2, 3]
    assert not await tail.beyond(3, 0.05)
    stream.last = 4  # Nobody has looked yet.
    assert await tail.known(3) == []
    assert await tail.after(3) == [4]
    assert await tail.after(4) == []
    await tail.stop()


async def test_waking_is_faster_than_polling_and_costs_nothing_when_nobody_waits() -> None:
    stream = Stream(last=1)
    tail = stream.tail(poll_seconds=30)
    tail.wake()
    waiting = asyncio.ensure_future(tail.beyond(1, 20))
    await until_async(lambda: tail.waiting == 1 and tail.last == 1)
    stream.last = 2
    await asyncio.get_running_loop().run_in_executor(None, tail.wake)
    assert await waiting
    await tail.stop()


async def test_a_database_that_is_away_is_waited_for() -> None:
    stream = Stream(last=1)
    tail = stream.tail()
    waiting = asyncio.ensure_future(tail.beyond(1, 10))
    await until_async(lambda: tail.last == 1)
    stream.away, stream.last = True, 2
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stream.away = False
    assert await waiting
    assert await tail.known(1) == [2]
    await tail.stop()


async def test_what_is_offered_next_in_line_is_taken_and_all_else_left_to_the_database() -> None:
    stream = Stream(last=5)
    tail = stream.tail(poll_seconds=30)
    assert not tail.offer(6)
    waiting = asyncio.ensure_future(tail.beyond(5, 10))
    await until_async(lambda: tail.last == 5)
    assert not tail.offer(5)
    assert not tail.offer(7)
    assert tail.offer(6)
    assert await waiting
    assert await tail.known(5) == [6]
    stream.last = 8
    tail.wake()
    assert await follow(tail, 5, 8) == [6, 7, 8]
    await tail.stop()


async def test_pages_end_where_they_should() -> None:
    stream = Stream(last=PAGE_ROWS)
    tail = stream.tail()
    waiting = asyncio.ensure_future(tail.beyond(PAGE_ROWS, 10))
    await until_async(lambda: tail.last == PAGE_ROWS)
    stream.last += 2 * PAGE_ROWS
    assert await waiting
    await until_async(lambda: tail.last == stream.last)
    assert list(await tail.known(PAGE_ROWS, 10**6)) == list(range(PAGE_ROWS + 1, 3 * PAGE_ROWS + 1))
    await tail.stop()


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=20), kept=st.integers(1, 5))
def test_offers_polls_and_growth_in_any_order(steps: list[tuple[int, int]], kept: int) -> None:
    async def run() -> None:
        stream = Stream()
        tail = stream.tail(kept=kept)
        readers = [asyncio.ensure_future(follow(tail, 0, total, limit)) for limit in (1, 3, 100)]
        for act, count in steps:
            if act == 0:
                for number in random.Random(count).sample(range(1, 9), 8):
                    if tail.last + number <= stream.last:
                        tail.offer(tail.last + number)
            elif act == 1:
                tail.wake()
            elif act == 2:
                await asyncio.sleep(0.002 * count)
            else:
                stream.last = min(total, stream.last + count)
        stream.last = total
        for reader in readers:
            assert await asyncio.wait_for(reader, 10) == list(range(1, total + 1))
        await tail.stop()

    total = sum(count for act, count in steps if act == 3) + 2
    asyncio.run(run())
