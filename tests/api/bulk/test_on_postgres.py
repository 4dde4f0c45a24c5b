"""The same on PostgreSQL, with two processes' worth of workers on one database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.bulk import work
from api.bulk.store import State, Uploads
from models.facts import Role
from tests import facts
from tests.api.bulk import sheets
from tests.api.house import House, problem_of
from tests.facts import day

KIND = "waste-stored.v1"


async def test_uploads_on_postgres_state_each_fact_once(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "GROUP_FACTS", 10)
    house = House(tmp_path, postgres_url)
    wires = [facts.stored(f"HW{number:05d}", at=day(1)) for number in range(40)]
    body = sheets.book_of(KIND, [*wires, facts.stored("bad lot", at=day(1))])
    async with house.client() as one, house.client() as other:
        answers = await asyncio.gather(*(sheets.send(client, body) for client in (one, other, one)))
        found = [await sheets.ended(one, answer) for answer in answers]
        assert sum(each["facts"]["accepted"] for each in found) == 40
        assert sum(each["facts"]["known"] for each in found) == 80
        assert [each["facts"]["refused"] for each in found] == [1, 1, 1]
        page = sheets.opened(await sheets.result(one, found[0])).worksheets[0]
        assert str(page["A42"].value).startswith("退回：")
        problem_of(await one.get(found[0]["result"], Role.FACILITY), 404)
    assert house.ledger.head().seq == 40
    store = Uploads(house.ledger.databases)
    assert store.clean(-1) == 3
    assert store.latest(sheets.ORG) == []


async def test_a_claim_that_ran_out_is_taken_over_and_its_worker_fenced(
    postgres_url: str, tmp_path: Path
) -> None:
    house = House(tmp_path, postgres_url)
    async with house.client() as client:
        await client.app.state.parts.uploads.stop()
        await sheets.send(client, sheets.book_of(KIND, [facts.stored("HW1", at=day(1))]))
    store = Uploads(house.ledger.databases)
    first = store.claim("one")
    assert first is not None
    assert store.claim("two") is None
    assert store.advance(first.upload_id, "one", claimed_until=0)
    second = store.claim("two")
    assert second is not None
    assert second.upload_id == first.upload_id
    assert not store.advance(first.upload_id, "one", state=State.DONE.value)
    assert store.end(first.upload_id, "two", State.DONE)
