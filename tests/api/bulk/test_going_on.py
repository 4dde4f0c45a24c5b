"""An upload goes on after a crash, stops when it is told to, and states each fact once however many read it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.bulk import work, worker
from api.bulk.store import State, Uploads
from models.errors import LedgerUnavailable
from models.facts import Role
from streams.ledger_types import Outcome
from tests import facts
from tests.api.bulk import sheets
from tests.api.house import Client, House, problem_of
from tests.facts import PRODUCER_ORG, Wire, day

KIND = "waste-stored.v1"


def lots(count: int) -> list[Wire]:
    return [facts.stored(f"HW{number:05d}", at=day(1, 9, number % 60)) for number in range(count)]


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "GROUP_FACTS", 10)


class Crash(BaseException):
    """As if the process were gone: nothing of ours catches it."""


@contextmanager
def crashing(monkeypatch: pytest.MonkeyPatch, group: int, *, after_commit: bool) -> Iterator[None]:
    """The worker dies at a group, before the ledger takes it or after, and can release nothing."""
    calls = 0
    outcome = worker.Stating.outcome

    def dying(self: worker.Stating, future: Any) -> Outcome:
        nonlocal calls
        calls += 1
        if calls == group and not after_commit:
            raise Crash
        found = outcome(self, future)
        if calls == group:
            raise Crash
        return found

    with monkeypatch.context() as patch:
        patch.setattr(worker.Stating, "outcome", dying)
        yield


@pytest.mark.parametrize("after_commit", [False, True])
async def test_another_process_goes_on_where_one_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_commit: bool
) -> None:
    house = House(tmp_path)
    with crashing(monkeypatch, 3, after_commit=after_commit):
        async with house.client() as client:
            answer = await sheets.send(client, sheets.book_of(KIND, lots(55)))
            upload_id = answer.json()["upload_id"]
            async with asyncio.timeout(30):
                while (await client.get(f"/v1/uploads/{upload_id}", Role.PRODUCER)).json()["rows_read"] < 20:
                    await asyncio.sleep(0.01)
    monkeypatch.setattr("api.bulk.store.CLAIM_S", 0)
    _let_go(house, upload_id)
    async with house.client() as client:
        found = await sheets.followed(client, upload_id)
        assert (found["state"], found["rows_read"]) == ("done", 55)
        assert found["facts"]["accepted"] + found["facts"]["known"] == 55
        assert found["facts"]["known"] <= 20
        page = sheets.opened(await sheets.result(client, found)).worksheets[0]
        assert sum(str(cell.value).startswith(("已受理", "早已受理")) for cell in page["A"]) == 55
    assert house.ledger.head().seq == 55
    assert len({row.event_id for row in house.ledger.rows(0, 1000)}) == 55


def _let_go(house: House, upload_id: str) -> None:
    """The claim of the dead worker runs out."""
    from sqlalchemy import update

    from models.tables_uploads import UploadRow

    with house.ledger.databases.ledger.begin() as connection:
        connection.execute(update(UploadRow).where(UploadRow.upload_id == upload_id).values(claimed_until=0))


async def test_a_process_that_goes_down_leaves_the_rest_to_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, first = worker.Stating.outcome, threading.Event()

    def slowly(self: worker.Stating, future: Any) -> Outcome:
        first.set()
        self.stopping.wait(20)
        return outcome(self, future)

    with monkeypatch.context() as patch:
        patch.setattr(worker.Stating, "outcome", slowly)
        async with house.client() as client:
            upload_id = (await sheets.send(client, sheets.book_of(KIND, lots(55)))).json()["upload_id"]
            assert await asyncio.to_thread(first.wait, 20)
    assert house.ledger.head().seq < 55
    async with house.client() as client:
        found = await sheets.followed(client, upload_id)
    assert (found["state"], found["facts"]["accepted"], found["facts"]["known"]) == ("done", 55, 0)


async def test_two_uploads_of_one_file_at_once_state_each_fact_once(house: House) -> None:
    body = sheets.book_of(KIND, lots(60))
    async with house.client() as one, house.client() as other:
        answers = await asyncio.gather(
            sheets.send(one, body), sheets.send(other, body), sheets.send(one, body)
        )
        found = [await sheets.ended(one, answer) for answer in answers]
    assert house.ledger.head().seq == 60
    assert sum(each["facts"]["accepted"] for each in found) == 60
    assert sum(each["facts"]["known"] for each in found) == 120


async def test_of_one_organisation_one_upload_is_read_at_a_time(house: House, client: Client) -> None:
    store = Uploads(house.ledger.databases)
    await client.app.state.parts.uploads.stop()
    for role in (Role.PRODUCER, Role.PRODUCER, Role.FACILITY):
        assert (await sheets.send(client, sheets.book_of(KIND, lots(1)), role)).status_code == 202
    claimed = [store.claim("a"), store.claim("b"), store.claim("c")]
    assert [upload.org if upload else None for upload in claimed][:1] == [PRODUCER_ORG]
    assert len({upload.org for upload in claimed if upload}) == 2
    assert claimed[2] is None


async def test_an_upload_stops_when_it_is_cancelled(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    outcome = worker.Stating.outcome

    def waiting(self: worker.Stating, future: Any) -> Outcome:
        begun.set()
        assert go_on.wait(20)
        return outcome(self, future)

    monkeypatch.setattr(worker.Stating, "outcome", waiting)
    upload_id = (await sheets.send(client, sheets.book_of(KIND, lots(60)))).json()["upload_id"]
    assert await asyncio.to_thread(begun.wait, 20)
    headers = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"}
    answer = await client.http.delete(f"/v1/uploads/{upload_id}", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    go_on.set()
    problem_of(await client.http.delete(f"/v1/uploads/{upload_id}", headers=headers), 409)
    problem_of(await client.get(f"/v1/uploads/{upload_id}/result", Role.PRODUCER), 409)
    monkeypatch.setattr(worker.Stating, "outcome", outcome)
    again = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, lots(60))))
    assert again["facts"]["accepted"] + again["facts"]["known"] == 60
    assert house.ledger.head().seq == 60


async def test_a_ledger_that_is_away_for_a_moment_costs_nothing(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failures = house.ledger.accept, iter([True, True])

    def failing(submissions: Any) -> Any:
        if next(failures, False):
            raise LedgerUnavailable("away")
        return accept(submissions)

    monkeypatch.setattr(worker, "_AGAIN_S", 0.01)
    monkeypatch.setattr(house.ledger, "accept", failing)
    found = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, lots(25))))
    assert (found["state"], found["facts"]["accepted"]) == ("done", 25)


async def test_no_more_than_so_many_may_wait(tmp_path: Path) -> None:
    house = House(tmp_path, more={"uploads_waiting_max": 2})
    async with house.client() as client:
        await client.app.state.parts.uploads.stop()
        body = sheets.book_of(KIND, lots(1))
        assert [(await sheets.send(client, body)).status_code for _ in range(3)] == [202, 202, 429]
        assert (await sheets.send(client, body, Role.FACILITY)).status_code == 202


async def test_files_are_thrown_away_after_their_days(house: House, client: Client) -> None:
    found = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, lots(1))))
    store = Uploads(house.ledger.databases)
    assert store.clean(1) == 0
    assert store.clean(-1) == 1
    problem_of(await client.get(f"/v1/uploads/{found['upload_id']}", Role.PRODUCER), 404)
    assert house.ledger.head().seq == 1


def test_states_that_end_are_the_ones_that_are_never_worked_on() -> None:
    from api.bulk.store import _TO_DO, ENDED

    assert ENDED | set(_TO_DO) | {State.RECEIVING} == set(State)
