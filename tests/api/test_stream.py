"""The live stream: resumed by number, filtered, beating when idle, and never skipping for a slow reader (DESIGN D13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.feed import ChangeSeen, Feed, TooManyReaders
from models.alerts import AlertKind
from models.facts import Role
from tests.api.alerts import alert_row, write_changes
from tests.api.house import Client, House, problem_of
from tests.facts import OTHER_FACILITY_ORG

BOUND_SECONDS = 15


def _all(_change: ChangeSeen) -> bool:
    return True


async def _until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        while not true():
            await asyncio.sleep(0.005)


async def _numbers(feed: Feed, after: int | None, count: int) -> list[int]:
    """The numbers of the next changes that are no heartbeats."""
    found: list[int] = []
    async with asyncio.timeout(BOUND_SECONDS), aclosing(feed.changes(after, _all)) as changes:
        async for change in changes:
            if change is not None:
                found.append(change.change_no)
            if len(found) == count:
                break
    return found


async def test_a_reader_gets_what_was_and_then_what_comes(house: House) -> None:
    databases = house.ledger.databases
    write_changes(databases, 1, *(alert_row(n) for n in range(1, 4)))
    feed = Feed(databases, poll_seconds=0.01)
    reading = asyncio.create_task(_numbers(feed, 1, 4))
    await _until(lambda: feed.listening)
    write_changes(databases, 4, *(alert_row(n) for n in range(4, 6)))
    assert await reading == [2, 3, 4, 5]
    await feed.stop()


async def test_a_reader_without_a_number_begins_now(house: House) -> None:
    databases = house.ledger.databases
    write_changes(databases, 1, *(alert_row(n) for n in range(1, 4)))
    feed = Feed(databases, poll_seconds=0.01, heartbeat_seconds=0.05)
    async with asyncio.timeout(BOUND_SECONDS), aclosing(feed.changes(None, _all)) as changes:
        assert await anext(changes) is None  # A heartbeat: it listens, and nothing old came.
        write_changes(databases, 4, alert_row(4))
        while (change := await anext(changes)) is None:
            pass
    assert change.change_no == 4
    await feed.stop()


async def test_many_readers_who_join_at_any_time_each_get_everything_once(house: House) -> None:
    databases = house.ledger.databases
    feed = Feed(databases, poll_seconds=0.005)
    readers = []
    for n in range(1, 31):
        write_changes(databases, n, alert_row(n))
        readers.append(asyncio.create_task(_numbers(feed, 0, 40)))
        await asyncio.sleep(0.003)
    write_changes(databases, 31, *(alert_row(n) for n in range(31, 41)))
    for numbers in await asyncio.gather(*readers):
        assert numbers == list(range(1, 41))
    await feed.stop()


async def test_a_reader_slower_than_its_queue_is_sent_back_to_the_database(house: House) -> None:
    databases = house.ledger.databases
    feed = Feed(databases, poll_seconds=0.01, queue_max=2)
    found: list[int] = []
    async with asyncio.timeout(BOUND_SECONDS), aclosing(feed.changes(0, _all)) as changes:
        write_changes(databases, 1, alert_row(1))
        for n in range(1, 12):
            change = await anext(changes)
            assert change is not None
            found.append(change.change_no)
            if n == 1:
                write_changes(databases, 2, *(alert_row(m) for m in range(2, 12)))
                await _until(lambda: feed.lagging)
    assert found == list(range(1, 12))
    await feed.stop()


async def test_a_wake_is_faster_than_the_poll(house: House) -> None:
    databases = house.ledger.databases
    feed = Feed(databases, poll_seconds=600, heartbeat_seconds=0.1)
    async with asyncio.timeout(BOUND_SECONDS), aclosing(feed.changes(0, _all)) as changes:
        assert await anext(changes) is None
        for n in (1, 2):
            write_changes(databases, n, alert_row(n))
            assert await anext(changes) is None
            await asyncio.to_thread(feed.wake)
            while (change := await anext(changes)) is None:
                pass
            assert change.change_no == n
    await feed.stop()


async def test_streams_are_bounded(house: House) -> None:
    feed = Feed(house.ledger.databases, poll_seconds=0.01, clients_max=1, heartbeat_seconds=0.01)
    async with aclosing(feed.changes(0, _all)) as first:
        await anext(first)
        with pytest.raises(TooManyReaders):
            await anext(feed.changes(0, _all))
    async with aclosing(feed.changes(0, _all)) as again:
        assert await anext(again) is None
    await feed.stop()


# Over HTTP


@dataclass
class Event:
    """One server-sent event."""

    number: int
    name: str
    data: dict[str, Any]


@asynccontextmanager
async def _stream(
    address: str, token: str, query: dict[str, Any] | None = None, last: str | None = None
) -> AsyncIterator[AsyncIterator[Event | None]]:
    headers = {"authorization": f"Bearer {token}", **({"last-event-id": last} if last else {})}
    async with (
        asyncio.timeout(BOUND_SECONDS),
        httpx.AsyncClient(timeout=BOUND_SECONDS) as http,
        http.stream("GET", f"{address}/v1/stream", params=query or {}, headers=headers) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[Event | None]:
    """Events, and None for each comment."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if not line and "data" in fields:
            yield Event(int(fields["id"]), fields["event"], orjson.loads(fields["data"]))
            fields = {}
        elif line.startswith(":"):
            yield None
        elif line:
            fields[name] = value


async def test_changes_arrive_as_events_and_resume_by_the_last_id(house: House) -> None:
    databases, token = house.ledger.databases, house.tokens[Role.REGULATOR]
    write_changes(databases, 1, *(alert_row(n) for n in range(1, 4)))
    with house.served() as address:
        async with _stream(address, token, {"after": 0}) as events:
            first = [await anext(events) for _ in range(3)]
            write_changes(databases, 4, alert_row(4))
            fourth = await anext(events)
        async with _stream(address, token, {"after": 0}, last="3") as events:
            again = await anext(events)
    assert [event.number for event in first if event] == [1, 2, 3]
    assert fourth is not None
    assert again == fourth
    assert (fourth.number, fourth.name) == (4, "alert")
    alert = fourth.data["alert"]
    assert fourth.data["change"] == "raised"
    assert alert["region"] == {"code": "330604", "zh": "绍兴市", "en": "Shaoxing"}
    assert alert["title"]["en"] == "Accepted mass differs from loaded mass"
    assert alert["raised_at"] == "2025-03-13T09:04:00+08:00"
    assert "shard" not in alert


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "manifest.mass_differs"}, [1, 4]),
        ({"severity": "red"}, [2]),
        ({"severity": ["red", "notice"]}, [2, 3]),
        ({"region": "3302"}, [3]),
        ({"region": "33"}, [1, 2, 3, 4]),
        ({"kind": ["storage.due_soon", "storage.over_limit"], "region": "3306"}, [2]),
    ],
)
async def test_a_stream_can_be_narrowed(house: House, query: dict[str, Any], expected: list[int]) -> None:
    rows = (
        alert_row(1),
        alert_row(2, AlertKind.STORAGE_OVER_LIMIT),
        alert_row(3, AlertKind.STORAGE_DUE_SOON, site="330206-KILN02"),
        alert_row(4),
    )
    write_changes(house.ledger.databases, 1, *rows)
    with house.served() as address:
        async with _stream(address, house.tokens[Role.AUDITOR], {"after": 0, **query}) as events:
            found = [await anext(events) for _ in expected]
    assert [event.number for event in found if event] == expected


async def test_a_party_sees_only_its_own(house: House) -> None:
    write_changes(
        house.ledger.databases, 1, alert_row(1, parties=[OTHER_FACILITY_ORG]), alert_row(2), alert_row(3)
    )
    with house.served() as address:
        async with _stream(address, house.tokens[Role.PRODUCER], {"after": 0}) as events:
            found = [await anext(events) for _ in range(2)]
    assert [event.number for event in found if event] == [2, 3]


async def test_an_idle_stream_beats(tmp_path: Path) -> None:
    house = House(tmp_path, more={"heartbeat_s": 1})
    with house.served() as address:
        async with _stream(address, house.tokens[Role.REGULATOR]) as events:
            assert await anext(events) is None


async def test_a_stream_needs_a_key_and_good_parameters(client: Client) -> None:
    problem_of(await client.http.get("/v1/stream"), 401)
    problem_of(await client.get("/v1/stream", kind="no.such"), 422)
    problem_of(await client.get("/v1/stream", after=-1), 422)
    headers = {"authorization": f"Bearer {client.tokens[Role.REGULATOR]}", "last-event-id": "x"}
    problem_of(await client.http.get("/v1/stream", headers=headers), 422)


async def test_a_process_with_streams_open_ends_soon(house: House) -> None:
    token = house.tokens[Role.REGULATOR]
    with house.served() as address:
        streaming = _stream(address, token, {"after": 0})
        await streaming.__aenter__()
    # `served` has seen the server end though a stream was open; the reader sees its end too.
    await streaming.__aexit__(None, None, None)
