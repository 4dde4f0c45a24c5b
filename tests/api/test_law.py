"""The question about the law: what holds for a case on a day, on what it rests, and what it overrides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from models.facts import Role
from rules.defaults import SYSTEM_ORG
from streams.keys import create_key
from tests.api.house import ORGS, Client, House
from tests.facts import KILN, day
from tests.facts.law import code_list_published, limit_set
from tests.streams.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path / "world")
    made.say(
        limit_set("storage_term", 60, "days", scope={"region": "3306"}, effective_from="2025-06-01"),
        day(0),
        SYSTEM_ORG,
    )
    made.say(
        code_list_published(codes=[{"waste_code": "321-099-48", "name": "锡渣", "hazard": "T"}]),
        day(0),
        SYSTEM_ORG,
    )
    return made


@pytest.fixture
async def client(world: World, tmp_path: Path) -> AsyncIterator[Client]:
    tokens = {role: create_key(world.databases, ORGS[role], role, "test")[1] for role in Role}
    app = create_app(House(tmp_path).settings, ledger=world.ledger)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Client(http, tokens, app)


async def asked(client: Client, **query: str) -> dict[str, Any]:
    """With a producer's key: the law is for everybody who has one."""
    headers = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"}
    answer = await client.http.get("/v1/law", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def held(client: Client, name: str, **query: str) -> Any:
    return (await asked(client, **query))["policies"].get(name)


async def test_the_most_specific_policy_holds_and_names_what_it_overrides(client: Client) -> None:
    for on, value in (("2025-05-31", "years"), ("2025-06-01", "days")):
        found = await held(client, "storage_term", day=on, site=KILN)
        assert found is not None
        assert found["unit"] == value
    assert found["scope"] == {"region": "3306"}
    assert found["citation"] == "a policy for tests"
    assert [row["scope"] for row in found["overrides"]] == [{"region": ""}]
    assert found["seq"] > found["overrides"][0]["seq"]


async def test_role_and_code_narrow_the_case(client: Client) -> None:
    found = await held(
        client, "storage_term", day="2025-07-01", site=KILN, role="facility", waste_code="841-001-01"
    )
    assert found is not None
    assert (found["value"], found["unit"], found["duty"]) == (72, "hours", "duty.medical_handover")
    assert await held(client, "price-floor-set", day="2025-07-01", waste_code="900-249-08") is None
    floor = await held(client, "price-floor-set", day="2025-07-01", waste_code="336-064-17")
    assert floor is not None
    assert floor["floor_yuan_per_tonne"] == "1000.00"


async def test_a_code_is_told_by_the_edition_of_the_day(client: Client) -> None:
    query = {"waste_code": "321-099-48"}
    before = (await asked(client, day="2024-12-31", **query))["waste_code"]
    after = (await asked(client, day="2025-01-01", **query))["waste_code"]
    assert (before["listed"], before["edition"], before["recorded"]) == (False, "2021", False)
    assert (after["listed"], after["edition"], after["name"]) == (True, "2025", "锡渣")


async def test_a_day_says_whether_its_calendar_is_only_assumed(client: Client) -> None:
    known = (await client.get("/v1/law", day="2026-10-10")).json()["calendar"]
    assert known == {"year": 2026, "is_working_day": True, "is_provisional": False}
    assumed = (await client.get("/v1/law", day="2027-01-01")).json()["calendar"]
    assert assumed == {"year": 2027, "is_working_day": True, "is_provisional": True}


async def test_without_a_day_it_is_the_ledgers_and_what_is_malformed_is_refused(client: Client) -> None:
    found = (await client.get("/v1/law")).json()
    assert found["day"] == "2025-03-03"
    assert found["waste_code"] is None
    assert (await client.get("/v1/law", waste_code="1")).status_code == 422
    assert (await client.get("/v1/law", region="9")).status_code == 422
    assert (await client.http.get("/v1/law")).status_code == 401
