"""Long-poll feeds: each fact in reach exactly once and in order, whatever is asked and when; waiting, waking, bounds."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import feeds
from models.facts import Role
from streams.databases import open_databases
from streams.ledger import Ledger
from tests import facts
from tests.api.alerts import alert_row, write_changes
from tests.api.house import Client, House, problem_of
from tests.facts import CARRIER_ORG, FACILITY_ORG, KILN, PRODUCER_ORG, TRADER_ORG, day
from tests.streams.ledgers import accepted, folder_of_this_run, stored
from tests.streams.waiting import until_async


async def feed(client: Client, role: Role = Role.PRODUCER, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/facts", role, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def everything(client: Client, role: Role, after: int = 0, **query: Any) -> list[int]:
    found: list[int] = []
    while True:
        body = await feed(client, role, after=after, **query)
        found += [row["seq"] for row in body["facts"]]
        assert body["next"] >= after
        after = body["next"]
        if not body["more"]:
            return found


async def test_one_hears_what_one_stated_or_is_named_in(house: House, client: Client) -> None:
    mine = accepted(house.ledger, stored(), stored())
    about = accepted(house.ledger, facts.departed(at=day(1)), by=CARRIER_ORG)
    theirs = accepted(house.ledger, facts.stored("HWCS20250101001", at=day(1), site=KILN), by=FACILITY_ORG)
    assert await everything(client, Role.PRODUCER) == [each.seq for each in (*mine, *about)]
    assert await everything(client, Role.FACILITY) == [each.seq for each in (*about, *theirs)]
    assert await everything(client, Role.FACILITY, kind="waste-stored.v1") == [theirs[0].seq]
    assert await everything(client, Role.REGULATOR) == [1, 2, 3, 4]
    assert await everything(client, Role.INTERMEDIARY) == []


async def test_the_cursor_moves_over_what_is_not_ones_own(tmp_path: Path) -> None:
    house = House(tmp_path, more={"poll_scan_max": 10})
    accepted(house.ledger, *[stored() for _ in range(35)])
    async with house.client() as client:
        cursors = [0]
        while True:
            body = await feed(client, Role.INTERMEDIARY, after=cursors[-1])
            assert body["facts"] == []
            if not body["more"]:
                break
            cursors.append(body["next"])
        assert cursors == [0, 10, 20, 30]
        assert body["next"] == 35
        assert (await everything(client, Role.PRODUCER, limit=7)) == list(range(1, 36))


async def test_it_waits_for_a_fact_and_is_woken_by_it(house: House, client: Client) -> None:
    accepted(house.ledger, stored())
    waiting = asyncio.ensure_future(feed(client, after=1, wait=20))
    await until_async(lambda: client.app.state.parts.tails.facts.waiting == 1)
    started = time.monotonic()
    answer = await client.post(stored())
    assert answer.status_code == 201
    body = await waiting
    assert [row["seq"] for row in body["facts"]] == [2]
    assert time.monotonic() - started < 5


async def test_what_another_process_commits_is_found_too(house: House, client: Client) -> None:
    waiting = asyncio.ensure_future(feed(client, after=0, wait=20))
    await until_async(lambda: client.app.state.parts.tails.facts.waiting == 1)
    accepted(Ledger(open_databases(house.settings)), stored())
    assert [row["seq"] for row in (await waiting)["facts"]] == [1]


async def test_waiting_ends_with_a_cursor_that_has_moved(house: House, client: Client) -> None:
    waiting = asyncio.ensure_future(feed(client, Role.INTERMEDIARY, after=0, wait=1))
    await until_async(lambda: client.app.state.parts.tails.facts.waiting == 1)
    await client.post(stored())
    body = await waiting  # On a slow machine its time may have been over before the fact came.
    assert (body["facts"], body["more"]) == ([], False)
    assert (await feed(client, Role.INTERMEDIARY, after=body["next"]))["next"] == 1


async def test_only_so_many_may_ask_at_a_time(tmp_path: Path) -> None:
    house = House(tmp_path, more={"poll_clients_max": 1})
    async with house.client() as client:
        waiting = asyncio.ensure_future(feed(client, wait=20))
        await until_async(lambda: client.app.state.parts.tails.facts.waiting == 1)
        refused = await client.get("/v1/facts", Role.PRODUCER)
        assert problem_of(refused, 503)["code"] == "unavailable"
        assert refused.headers["retry-after"]
        await client.post(stored())
        await waiting
        assert (await feed(client))["more"] is False


@pytest.mark.parametrize(
    "query",
    [
        {"after": -1},
        {"after": 2**63},
        {"after": "x"},
        {"after": 5},
        {"wait": 61},
        {"wait": -1},
        {"limit": 0},
        {"limit": 501},
        {"kind": "no-such.v1"},
        {"kind": "x" * 1_000},
    ],
)
async def test_what_cannot_be_asked(client: Client, query: dict[str, Any]) -> None:
    problem_of(await client.get("/v1/facts", Role.PRODUCER, **query), 422)


async def test_nobody_asks_without_a_key(client: Client) -> None:
    for path in ("/v1/facts", "/v1/changes"):
        problem_of(await client.http.get(path), 401)


async def test_large_facts_come_few_at_a_time(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_BYTES_MAX", 600)
    accepted(house.ledger, *[stored() for _ in range(5)])
    body = await feed(client)
    assert 1 <= len(body["facts"]) < 5
    assert body["more"] is True
    assert await everything(client, Role.PRODUCER) == [1, 2, 3, 4, 5]


Act = tuple[str, int, int]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("state"), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("poll"), st.integers(0, 1), st.integers(1, 5)),
    ),
    max_size=12,
)


@dataclass
class Listener:
    """One who asks again and again with the cursor it was given; `due` is what it should have heard."""

    role: Role
    due: list[int] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    cursor: int = 0

    async def poll(self, client: Client, limit: int) -> bool:
        wait = 1 if self.heard != self.due and limit % 2 else 0
        body = await feed(client, self.role, after=self.cursor, limit=limit, wait=wait)
        self.heard += [row["seq"] for row in body["facts"]]
        self.cursor = body["next"]
        return bool(body["more"])


async def act_out(acts: list[Act], house: House, listeners: list[Listener], kept: int) -> None:
    """Between two restarts."""
    orgs = (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG)
    async with house.client() as client:
        client.app.state.parts.tails.facts.kept = kept
        for act, which, count in acts:
            if act == "poll":
                await listeners[which].poll(client, count)
                continue
            for _ in range(count):
                seq = accepted(house.ledger, stored(), by=orgs[which])[0].seq
                if which < len(listeners):
                    listeners[which].due.append(seq)


@settings(max_examples=25, deadline=None)
@given(lives=st.lists(ACTS, min_size=1, max_size=3), scan=st.integers(1, 6), kept=st.integers(1, 4))
def test_each_fact_in_reach_comes_exactly_once_and_in_order(
    lives: list[list[Act]], scan: int, kept: int
) -> None:
    """Any interleaving of stating, asking with any limit (waiting or not) and restarts of the process."""
    house = House(folder_of_this_run(), more={"poll_scan_max": scan})
    listeners = [Listener(Role.PRODUCER), Listener(Role.CARRIER)]

    async def run() -> None:
        for acts in lives:
            await act_out(acts, house, listeners, kept)
        async with house.client() as client:
            for listener in listeners:
                while await listener.poll(client, 3):
                    pass

    asyncio.run(run())
    for listener in listeners:
        assert listener.heard == listener.due
    house.ledger.databases.dispose()


async def test_changes_of_alerts_are_fed_alike(house: House, client: Client) -> None:
    numbers = 5
    write_changes(house.ledger.databases, 1, *(alert_row(n) for n in range(1, numbers + 1)))
    answer = await client.get("/v1/changes", Role.REGULATOR, limit=1)
    body = answer.json()
    assert [each["change_no"] for each in body["changes"]] == [1]
    assert body["more"] is True
    rest = (await client.get("/v1/changes", Role.REGULATOR, after=body["next"])).json()
    assert [each["change_no"] for each in rest["changes"]] == list(range(2, numbers + 1))
    assert rest["next"] == numbers
    nobody = (await client.get("/v1/changes", Role.INTERMEDIARY)).json()
    assert nobody == {"changes": [], "next": numbers, "more": False}
    problem_of(await client.get("/v1/changes", after=numbers + 1), 422)


@pytest.mark.postgres
async def test_a_reader_behind_the_databases_wall_hinders_no_other(tmp_path: Path, postgres_url: str) -> None:
    """Whoever waits first must not be the one for whom all is read: the tail is read by nobody in particular."""
    house = House(tmp_path, postgres_url)
    async with house.client() as client:
        stranger = asyncio.ensure_future(feed(client, Role.INTERMEDIARY, wait=20))
        await until_async(lambda: client.app.state.parts.tails.facts.waiting == 1)
        mine = asyncio.ensure_future(feed(client, Role.PRODUCER, wait=20))
        await until_async(lambda: client.app.state.parts.tails.facts.waiting == 2)
        accepted(house.ledger, stored())
        write_changes(house.ledger.databases, 1, alert_row(1))
        assert [row["seq"] for row in (await mine)["facts"]] == [1]
        changes = (await client.get("/v1/changes", Role.PRODUCER)).json()
        assert changes["next"] == 1
        nothing = await client.get("/v1/changes", Role.INTERMEDIARY, wait=1)
        assert nothing.json() == {"changes": [], "next": 1, "more": False}
        accepted(house.ledger, stored(), by=TRADER_ORG)
        assert [row["seq"] for row in (await stranger)["facts"]] == [2]
        assert await everything(client, Role.PRODUCER) == [1]
    house.ledger.databases.dispose()
