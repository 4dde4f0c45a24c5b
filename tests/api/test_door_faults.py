"""The door while things break: a database away, too many waiting, a process killed; nothing acknowledged is lost (D1)."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from deploy.postgres.server import Postgres
from models.facts import Role
from tests.api.house import House, problem_of
from tests.streams.ledgers import seqs, stored

BOUND_SECONDS = 20


async def _eventually(ask: Callable[[], Any], status: int) -> httpx.Response:
    until = time.monotonic() + BOUND_SECONDS
    while True:
        response: httpx.Response = await ask()
        if response.status_code == status or time.monotonic() > until:
            assert response.status_code == status, response.text
            return response
        await asyncio.sleep(0.05)


async def test_a_database_that_is_down_is_503_with_retry_after_and_then_all_is_well(
    postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    house = House(tmp_path, postgres_durable_url, more={"key_cache_ms": 60_000})
    async with house.client() as client:
        assert (await client.post(stored())).status_code == 201
        postgres_durable.stop()
        wire = stored()
        for response in (await client.post(wire), await client.get("/v1/facts/1", Role.PRODUCER)):
            assert problem_of(response, 503)["code"] == "unavailable"
            assert int(response.headers["retry-after"]) >= 1
        assert (await client.http.get("/healthz")).status_code == 200
        assert (await client.http.get("/readyz")).status_code == 503
        postgres_durable.start()
        receipt = (await _eventually(lambda: client.post(wire), 201)).json()["receipts"][0]
        assert receipt["seq"] == 2
        assert (await client.http.get("/readyz")).status_code == 200
    assert seqs(house.ledger) == [1, 2]
    house.ledger.databases.dispose()


async def test_a_key_that_cannot_be_looked_up_is_503_and_not_401(
    postgres_durable: Postgres, postgres_durable_url: str, tmp_path: Path
) -> None:
    house = House(tmp_path, postgres_durable_url)
    async with house.client() as client:
        postgres_durable.stop()
        problem_of(await client.post(stored()), 503)
        postgres_durable.start()
        await _eventually(lambda: client.post(stored()), 201)
    house.ledger.databases.dispose()


async def test_too_many_waiting_facts_are_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, more={"waiting_facts_max": 10})
    free = threading.Event()
    accept = house.ledger.accept

    def slow(submissions: Any) -> Any:
        free.wait(BOUND_SECONDS)
        return accept(submissions)

    monkeypatch.setattr(house.ledger, "accept", slow)
    async with house.client() as client:
        posts = [asyncio.create_task(client.post([stored() for _ in range(6)])) for _ in range(4)]
        done, _ = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED, timeout=BOUND_SECONDS)
        assert {problem_of(task.result(), 503)["code"] for task in done} == {"unavailable"}
        free.set()
        statuses = sorted([(await post).status_code for post in posts])
    assert 201 in statuses
    assert statuses[-1] == 503
    assert len(seqs(house.ledger)) == 6 * statuses.count(201)


async def test_a_sender_that_waits_too_long_is_told_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.ledger_acceptor.PATIENCE_SECONDS", 0.2)
    free = threading.Event()
    accept = house.ledger.accept

    def slow(submissions: Any) -> Any:
        free.wait(BOUND_SECONDS)
        return accept(submissions)

    monkeypatch.setattr(house.ledger, "accept", slow)
    wire = stored()
    async with house.client() as client:
        problem_of(await client.post(wire), 503)
        free.set()
        again = await client.post(wire)
    assert again.json()["receipts"][0]["status"] == "known"


# Processes


def _serve(folder: str, database: str, pipe: Any) -> None:
    from api.app import create_app
    from models.settings import Settings
    from tests.api.house import served

    with served(create_app(Settings(data_dir=Path(folder), database=database))) as address:
        pipe.send(address)
        signal.pause()


def _start(house: House) -> tuple[multiprocessing.process.BaseProcess, str]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(str(house.folder), house.database, theirs), daemon=True)
    process.start()
    assert ours.poll(60)
    return process, ours.recv()


async def _post_until_it_dies(address: str, token: str, receipts: dict[str, int]) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=BOUND_SECONDS) as http:
        while True:
            wires = [stored() for _ in range(3)]
            try:
                response = await http.post("/v1/facts", content=orjson.dumps(wires))
            except httpx.TransportError:
                return
            assert response.status_code == 201, response.text
            receipts.update({told["event_id"]: told["seq"] for told in response.json()["receipts"]})


async def _kill_while_posting(house: House) -> None:
    process, address = _start(house)
    receipts: dict[str, int] = {}
    token = house.tokens[Role.PRODUCER]
    posters = [asyncio.create_task(_post_until_it_dies(address, token, receipts)) for _ in range(8)]
    until = time.monotonic() + BOUND_SECONDS
    while len(receipts) < 150 and time.monotonic() < until:
        await asyncio.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.gather(*posters)
    process.join(10)
    rows = house.ledger.rows(0, 1_000_000)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.event_id for row in rows}) == len(rows)
    assert len(receipts) >= 150
    assert receipts.items() <= {row.event_id: row.seq for row in rows}.items()


@pytest.mark.slow
async def test_an_api_process_killed_while_posting_loses_nothing_on_sqlite(house: House) -> None:
    await _kill_while_posting(house)


async def test_an_api_process_killed_while_posting_loses_nothing_on_postgres(
    postgres_durable_url: str, tmp_path: Path
) -> None:
    house = House(tmp_path, postgres_durable_url)
    await _kill_while_posting(house)
    house.ledger.databases.dispose()


async def test_two_api_processes_share_one_ledger(postgres_url: str, tmp_path: Path) -> None:
    house = House(tmp_path, postgres_url)
    started = [_start(house) for _ in range(2)]
    headers = {"authorization": f"Bearer {house.tokens[Role.PRODUCER]}", "content-type": "application/json"}
    wires = [stored() for _ in range(120)]

    async def post_all(address: str, chosen: list[Any]) -> dict[str, int]:
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=BOUND_SECONDS) as http:
            posts = [http.post("/v1/facts", content=orjson.dumps(wire)) for wire in chosen]
            answers = [response.json()["receipts"][0] for response in await asyncio.gather(*posts)]
        return {answer["event_id"]: answer["seq"] for answer in answers}

    halves = await asyncio.gather(post_all(started[0][1], wires[:80]), post_all(started[1][1], wires[40:]))
    for process, _ in started:
        process.kill()
        process.join(10)
    told = {**halves[0], **halves[1]}
    assert halves[0].items() <= told.items()  # Both told the same of what both were sent.
    assert sorted(told.values()) == seqs(house.ledger) == list(range(1, 121))
    house.ledger.databases.dispose()
