"""Requests for corrections over HTTP: by whom they are made, who sees them, and what an alert's history says of causes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from models.exact import DAY_US
from models.facts import Role
from tests import facts
from tests.api.house import Client, House, errors_of, problem_of
from tests.facts import (
    CARRIER_ORG,
    MANIFEST,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    correction_approved,
    correction_declined,
    correction_requested,
    day,
    line,
)
from tests.streams.ledgers import stored
from tests.streams.world import World, make_world

DEPARTED = facts.departed(at=day(1))
WISH = {**DEPARTED, "lines": [line(kg=200)]}
ASKED = correction_requested(DEPARTED, CARRIER_ORG, at=day(2), replacement=WISH)


async def _sealed(client: Client) -> None:
    await client.post(DEPARTED, Role.CARRIER)
    await client.post(facts.accepted(at=day(1, 15)), Role.FACILITY)


async def test_a_correction_goes_its_way_over_http(client: Client) -> None:
    await _sealed(client)
    refused = await client.post(facts.corrected(DEPARTED, day(2), lines=[line(kg=200)]), Role.CARRIER)
    assert errors_of(refused) == [("$.replacement.lines", "needs_approval")]
    assert (await client.post(ASKED, Role.CARRIER)).status_code == 201
    (waiting,) = (await client.get("/v1/corrections", Role.FACILITY)).json()["requests"]
    assert waiting["about"]["event_id"] == DEPARTED["event_id"]
    assert (waiting["status"], waiting["asked_as"]) == ("pending", "stater")
    assert (waiting["changes"], waiting["in_force"]) == (["lines.mass_kg"], DEPARTED)
    assert waiting["may_decide"] == [facts.FACILITY_ORG]
    answer = correction_approved({"event_id": waiting["event_id"]}, waiting["stated_by"], at=day(3))
    assert (await client.post(answer, Role.FACILITY)).status_code == 201
    assert (await client.post(answer, Role.FACILITY)).json()["receipts"][0]["status"] == "known"
    fact = (await client.get("/v1/facts/1")).json()
    assert (fact["corrected_by"], fact["in_force"]) == (4, WISH)
    assert (await client.get("/v1/corrections")).json() == {"requests": [], "next": None}
    (done,) = (await client.get("/v1/corrections", status="approved")).json()["requests"]
    assert (done["decided_by"], done["may_decide"]) == (4, [])


async def test_a_regulator_may_ask_where_it_is_no_party(client: Client) -> None:
    await client.post(stored())
    wire = (await client.get("/v1/facts/1")).json()["data"]
    asked = correction_requested(wire, PRODUCER_ORG, at=day(2), reason="did-not-occur")
    for role, status in ((Role.INTERMEDIARY, 422), (Role.AUDITOR, 403), (Role.REGULATOR, 201)):
        answer = await client.post(asked, role)
        assert answer.status_code == status, answer.text
    assert errors_of(await client.post(facts.again(asked), Role.INTERMEDIARY)) == [
        ("$.corrects", "may_not_request")
    ]
    (waiting,) = (await client.get("/v1/corrections", Role.PRODUCER)).json()["requests"]
    assert (waiting["asked_as"], waiting["may_decide"]) == ("regulator", [PRODUCER_ORG])


async def test_requests_are_for_whom_they_concern(client: Client) -> None:
    await _sealed(client)
    await client.post(ASKED, Role.CARRIER)
    seen = {
        role: len((await client.get("/v1/corrections", role)).json()["requests"])
        for role in (Role.CARRIER, Role.FACILITY, Role.PRODUCER, Role.INTERMEDIARY, Role.AUDITOR)
    }
    assert seen == {
        Role.CARRIER: 1,
        Role.FACILITY: 1,
        Role.PRODUCER: 1,  # Named in the fact.
        Role.INTERMEDIARY: 0,
        Role.AUDITOR: 1,
    }
    problem_of(await client.get("/v1/corrections", status="lost"), 422)
    problem_of(await client.get("/v1/corrections", before=0), 422)


async def test_requests_come_in_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from api import corrections

    monkeypatch.setattr(corrections, "PAGE", 2)
    await _sealed(client)
    for nth in range(5):
        await client.post(facts.again(ASKED, nth), Role.CARRIER)
    first = (await client.get("/v1/facts/3")).json()
    declined = correction_declined({"event_id": first["event_id"]}, CARRIER_ORG, at=day(3))
    await client.post(declined, Role.FACILITY)
    found: list[int] = []
    before: dict[str, Any] = {}
    while True:
        page = (await client.get("/v1/corrections", status="pending", **before)).json()
        found += [each["seq"] for each in page["requests"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert found == [7, 6, 5, 4]
    every = (await client.get("/v1/corrections", status="all", before=5)).json()["requests"]
    assert [(each["seq"], each["status"]) for each in every] == [(4, "pending"), (3, "declined")]


async def test_who_has_to_decide_may_read_what_it_is_about(client: Client) -> None:
    """The seller of an invoice has sealed the acceptance, and is named nowhere in it."""
    taken = facts.accepted(at=day(1))
    await client.post(taken, Role.FACILITY)
    billed = facts.invoiced(at=day(2), seller_org=TRADER_ORG, lines=[facts.money_line(manifest_no=MANIFEST)])
    await client.post(billed, Role.INTERMEDIARY)
    problem_of(await client.get("/v1/facts/1", Role.INTERMEDIARY), 404)
    wish = {**taken, "lines": [line(kg=18)]}
    asked = correction_requested(taken, facts.FACILITY_ORG, at=day(3), replacement=wish)
    assert (await client.post(asked, Role.FACILITY)).status_code == 201
    for seq in (1, 3):
        assert (await client.get(f"/v1/facts/{seq}", Role.INTERMEDIARY)).status_code == 200
    assert len((await client.get("/v1/corrections", Role.INTERMEDIARY)).json()["requests"]) == 1
    await client.post(correction_approved(asked, facts.FACILITY_ORG, at=day(4)), Role.INTERMEDIARY)
    assert (await client.get("/v1/facts/1")).json()["corrected_by"] == 4


# Causes


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A lot that came into store over a year ago, and was told of today; and one told of within 30 days."""
    world = make_world(tmp_path_factory.mktemp("late"))
    world.say(facts.stored("OLD-1", SLUDGE, at=day(0)), day(400))
    world.say(facts.stored("OLD-2", SLUDGE, at=day(371)), day(401))
    world.say(facts.departed(at=day(398), kg=5_000), day(402))
    world.say(facts.accepted(at=day(402), kg=4_000), day(402))
    world.sweep(day(900))
    world.publisher().drain()
    return world


@pytest.fixture
async def asked(late: World, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of that world."""
    house = House(tmp_path)
    house.ledger = late.ledger
    house.settings = house.settings.model_copy(update={"data_dir": late.databases.ledger.url.database})
    async with house.client() as client:
        from streams.keys import create_key
        from tests.api.house import ORGS

        client.tokens = {role: create_key(late.databases, ORGS[role], role, "test")[1] for role in Role}
        yield client


async def test_an_alert_says_that_it_is_known_only_from_a_late_fact(asked: Client) -> None:
    listed = (await asked.get("/v1/alerts", kind="storage.over_limit", limit=500)).json()["alerts"]
    alerts = {each["subject"]: (await asked.get(f"/v1/alerts/{each['alert_id']}")).json() for each in listed}
    old = alerts["lot:OLD-1"]
    assert old["known_from"] == old["changes"][0]["caused_by"]
    cause = old["known_from"]
    assert (cause["type"], cause["kind"], cause["late"]) == ("fact", "waste-stored.v1", True)
    assert cause["href"] == f"/v1/facts/{cause['seq']}"
    assert cause["occurred_at"].startswith("2025-03-03T09:00")
    fact = (await asked.get(cause["href"])).json()
    assert (fact["recorded_at"], fact["data"]["lot"]) == (cause["recorded_at"], "OLD-1")
    assert old["raised_at"] == cause["recorded_at"]
    ordinary = alerts["lot:OLD-2"]
    assert (ordinary["known_from"], ordinary["changes"][0]["caused_by"]) == (None, {"type": "time"})


async def test_thirty_days_are_not_late(asked: Client) -> None:
    from api.causes import LATE_US, Cause

    assert LATE_US == 30 * DAY_US
    assert not Cause("fact", 1, "x", 0, LATE_US).late
    assert Cause("fact", 1, "x", 0, LATE_US + 1).late
    assert not Cause("policy", 1, "x", 0, LATE_US + 1).late
    assert not Cause("fact", 1).late
    differs = (await asked.get("/v1/alerts", kind="manifest.mass_differs")).json()["alerts"][0]
    assert differs["key"] == MANIFEST
    told = (await asked.get(f"/v1/alerts/{differs['alert_id']}")).json()
    assert [change["caused_by"]["late"] for change in told["changes"]] == [False]
