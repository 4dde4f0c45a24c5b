"""Questions: facts, alerts with filters and pages, a manifest, a site's stock; who may read what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.app import create_app
from models.alerts import AlertKind
from models.canonical import leaf_hash
from models.facts import Role
from streams.keys import create_key
from tests import facts
from tests.api.alerts import alert_row, write_alerts, write_changes
from tests.api.house import ORGS, Client, House, problem_of
from tests.facts import CARRIER_ORG, KILN, MANIFEST, OTHER_FACILITY_ORG, PLATER, REGULATOR_ORG, day
from tests.streams.ledgers import stored
from tests.streams.world import World, make_world

# Facts


async def test_a_fact_is_shown_with_all_that_its_leaf_is_made_of(client: Client) -> None:
    wire = stored()
    (receipt,) = (await client.post(wire)).json()["receipts"]
    found = (await client.get("/v1/facts/1")).json()
    assert found["data"] == wire
    assert (found["leaf"], found["corrected_by"]) == (receipt["leaf"], None)
    leaf = leaf_hash(
        ledger_id=found["ledger_id"],
        seq=found["seq"],
        recorded_at=found["recorded_at_us"],
        stated_by=found["stated_by"],
        event_id=found["event_id"],
        kind=found["kind"],
        data=orjson.dumps(found["data"], option=orjson.OPT_SORT_KEYS),
    )
    assert leaf.hex() == found["leaf"]


async def test_a_corrected_fact_names_its_correction_and_a_correction_its_original(client: Client) -> None:
    wire = stored()
    await client.post([wire, facts.corrected(wire, day(2), mass_kg="1")])
    assert (await client.get("/v1/facts/1")).json()["corrected_by"] == 2
    assert (await client.get("/v1/facts/2")).json()["original"]["data"] == wire


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRODUCER, 200),
        (Role.CARRIER, 200),
        (Role.FACILITY, 200),
        (Role.INTERMEDIARY, 404),
        (Role.REGULATOR, 200),
        (Role.AUDITOR, 200),
    ],
)
async def test_a_fact_is_read_by_its_stater_its_parties_and_those_who_see_all(
    client: Client, role: Role, status: int
) -> None:
    await client.post(facts.departed(at=day(1)), Role.CARRIER)
    assert (await client.get("/v1/facts/1", role)).status_code == status


async def test_what_is_not_there_and_what_is_not_yours_look_alike(client: Client) -> None:
    await client.post(stored())
    foreign = await client.get("/v1/facts/1", Role.FACILITY)
    absent = await client.get("/v1/facts/2", Role.FACILITY)
    assert problem_of(foreign, 404).keys() == problem_of(absent, 404).keys()
    assert foreign.json()["detail"].replace("1", "2") == absent.json()["detail"]


async def test_questions_need_a_key_and_take_a_pages_cookie(client: Client) -> None:
    await client.post(stored())
    problem_of(await client.http.get("/v1/facts/1"), 401)
    cookie = {"cookie": await client.log_in(Role.REGULATOR)}
    client.http.cookies.clear()
    for sent, status in ((cookie, 200), ({"cookie": "sid=" + "A" * 43}, 401), ({"cookie": "other=1"}, 401)):
        assert (await client.http.get("/v1/facts/1", headers=sent)).status_code == status
    both = {**cookie, "authorization": "Bearer flk_000000000000_wrong"}
    problem_of(await client.http.get("/v1/facts/1", headers=both), 401)


# Alerts


@pytest.fixture
async def alerted(house: House) -> AsyncIterator[Client]:
    """A client of a house with some alerts."""
    over, soon = AlertKind.STORAGE_OVER_LIMIT, AlertKind.STORAGE_DUE_SOON
    rows = (
        alert_row(1),
        alert_row(2, over, condition="cleared", cleared_at=day(11), cleared_because="ended"),
        alert_row(3, soon, site="330206-KILN02", parties=[OTHER_FACILITY_ORG]),
        alert_row(4, condition="past"),
        alert_row(5, over),
    )
    write_alerts(house.ledger.databases, *rows)
    write_changes(house.ledger.databases, 1, *rows)
    async with house.client() as client:
        yield client


def _numbers(response: httpx.Response) -> list[int]:
    assert response.status_code == 200, response.text
    return [int(alert["key"][-4:]) for alert in response.json()["alerts"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"kind": "storage.over_limit"}, [5, 2]),
        ({"kind": ["storage.over_limit", "storage.due_soon"]}, [5, 3, 2]),
        ({"severity": "notice"}, [3]),
        ({"condition": "open"}, [5, 3, 1]),
        ({"condition": ["past", "cleared"]}, [4, 2]),
        ({"region": "3302"}, [3]),
        ({"region": "11"}, []),
        ({"site": "330206-KILN02"}, [3]),
        ({"since": "2025-03-13T09:04:00+08:00"}, [5, 4]),
        ({"until": "2025-03-13T01:04:00Z"}, [3, 2, 1]),
        ({"limit": 2}, [5, 4]),
    ],
)
async def test_alerts_are_narrowed_by_what_is_asked(
    alerted: Client, query: dict[str, Any], expected: list[int]
) -> None:
    assert _numbers(await alerted.get("/v1/alerts", **query)) == expected


async def test_pages_follow_each_other_without_gap_or_overlap(house: House) -> None:
    write_alerts(house.ledger.databases, *(alert_row(n, raised_at=day(10) + n // 4) for n in range(1, 24)))
    found: list[int] = []
    cursor: dict[str, Any] = {}
    async with house.client() as client:
        for _ in range(8):
            response = await client.get("/v1/alerts", limit=5, **cursor)
            found += _numbers(response)
            if (following := response.json()["next"]) is None:
                break
            cursor = {"cursor": following}
    assert len(found) == 23
    assert sorted(found) == list(range(1, 24))


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x"},
        {"condition": "closed"},
        {"limit": 501},
        {"cursor": "%%%"},
        {"cursor": "eA"},
        {"since": "yesterday"},
        {"since": "2025-03-13T09:04:00"},
        {"region": "0"},
        {"region": "33%"},
    ],
)
async def test_parameters_that_mean_nothing_are_problems(client: Client, query: dict[str, Any]) -> None:
    problem = problem_of(await client.get("/v1/alerts", **query), 422)
    assert problem["errors"][0]["path"].startswith(f"query.{next(iter(query))}")


async def test_a_party_sees_its_own_alerts_only(alerted: Client) -> None:
    assert _numbers(await alerted.get("/v1/alerts", Role.PRODUCER)) == [5, 4, 2, 1]
    assert _numbers(await alerted.get("/v1/alerts", Role.INTERMEDIARY)) == []
    theirs = (await alerted.get("/v1/alerts", kind="storage.due_soon")).json()["alerts"][0]["alert_id"]
    assert (await alerted.get(f"/v1/alerts/{theirs}")).status_code == 200
    problem_of(await alerted.get(f"/v1/alerts/{theirs}", Role.PRODUCER), 404)
    problem_of(await alerted.get(f"/v1/alerts/{'0' * 32}", Role.PRODUCER), 404)
    problem_of(await alerted.get("/v1/alerts/x"), 422)


async def test_an_alert_explains_itself(alerted: Client) -> None:
    listed = (await alerted.get("/v1/alerts", kind="manifest.mass_differs", condition="open")).json()
    alert = (await alerted.get(f"/v1/alerts/{listed['alerts'][0]['alert_id']}")).json()
    assert alert["explanation"]["zh"]["title"] == "接受重量与起运重量不符"
    assert alert["explanation"]["en"]["advice"].startswith("Have the destination")
    assert alert["duty"] == "duty.manifest"
    assert alert["amounts"] == {"loaded_g": 180_000, "accepted_g": 150_000}
    assert [(change["change"], change["change_no"]) for change in alert["changes"]] == [("raised", 1)]


# What was judged


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A drum in store at the kiln for too long, and a load that never arrived."""
    world = make_world(tmp_path_factory.mktemp("questions"))
    world.say(
        facts.site_registered(site=KILN, org=ORGS[Role.FACILITY], role="facility", at=day(0)),
        stated_by=REGULATOR_ORG,
    )
    world.say(facts.stored("HWCS20250101001", site=KILN, kg=180, at=day(0)), stated_by=ORGS[Role.FACILITY])
    world.say(facts.issued(at=day(1)))
    world.say(facts.departed(at=day(1)))
    made = facts.generated("MADE", facts.SLUDGE, 7, site=KILN, at=day(395, 9))
    kept = facts.stored("KEPT", facts.SLUDGE, 7, site=KILN, parents=["MADE"], at=day(395, 10))
    for wire in (made, kept):
        world.say(wire, stated_by=ORGS[Role.FACILITY])
    world.sweep(day(400))
    world.publisher().drain()
    return world


@pytest.fixture
async def judged(world: World, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of the judged world."""
    house_settings = House(tmp_path).settings
    tokens = {role: create_key(world.databases, ORGS[role], role, "test")[1] for role in Role}
    app = create_app(house_settings, ledger=world.ledger)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Client(http, tokens, app)


async def test_a_manifest_is_shown_with_its_facts_and_alerts(judged: Client) -> None:
    found = (await judged.get(f"/v1/manifests/{MANIFEST}")).json()
    assert found["manifest"]["status"] == "departed"
    assert found["manifest"]["acts"]["departed"] == "2025-03-04T09:00:00+08:00"
    (leg,) = found["manifest"]["legs"]
    assert (leg["carrier"], leg["since"], leg["until"]) == (CARRIER_ORG, "2025-03-04T09:00:00+08:00", None)
    assert found["manifest"]["holder"] == {
        "since": "2025-03-04T09:00:00+08:00",
        "org": CARRIER_ORG,
        "role": "carrier",
    }
    assert [fact["kind"] for fact in found["facts"]] == ["manifest-issued.v1", "transport-departed.v1"]
    assert "manifest.in_transit_too_long" in [alert["kind"] for alert in found["alerts"]]


async def test_a_manifest_is_for_its_parties(judged: Client) -> None:
    assert (await judged.get(f"/v1/manifests/{MANIFEST}", Role.CARRIER)).status_code == 200
    problem_of(await judged.get(f"/v1/manifests/{MANIFEST}", Role.INTERMEDIARY), 404)
    problem_of(await judged.get("/v1/manifests/20253301999999"), 404)
    problem_of(await judged.get("/v1/manifests/1"), 422)


async def test_a_sites_stock_is_shown_with_the_end_of_each_term(judged: Client) -> None:
    found = (await judged.get(f"/v1/sites/{KILN}/stock")).json()
    lot = found["stock"]["lots"][0]
    assert (lot["lot"], lot["mass_g"]) == ("HWCS20250101001", 180_000)
    assert lot["limit_at"] == "2026-03-04T00:00:00+08:00"
    assert "storage.over_limit" in [alert["kind"] for alert in found["alerts"]]


async def test_a_batch_is_followed_both_ways_by_its_sites_organisation(judged: Client) -> None:
    asked = f"/v1/sites/{KILN}/lineage"
    for batch in ("MADE", "KEPT"):
        found = (await judged.get(asked, lot=batch)).json()
        (step,) = found["steps"]
        assert (step["from"], step["to"], step["mass_g"]) == ("lot:MADE", "lot:KEPT", 7_000)
        assert step["at"] == "2026-04-02T10:00:00+08:00"
        assert [lot["lot"] for lot in found["lots"]] == ["KEPT", "MADE"]
        assert found["more"] is False
    assert (await judged.get(asked, Role.FACILITY, lot="KEPT")).status_code == 200
    problem_of(await judged.get(asked, Role.PRODUCER, lot="KEPT"), 404)
    problem_of(await judged.get(asked, lot="NONE"), 404)
    problem_of(await judged.get(asked, lot="a b"), 422)
    sent = (await judged.get(f"/v1/sites/{PLATER}/lineage", manifest_no=MANIFEST)).json()
    assert sent["subject"] == f"leaving:{MANIFEST}"


async def test_a_sites_stock_is_for_its_own_organisation(judged: Client) -> None:
    assert (await judged.get(f"/v1/sites/{KILN}/stock", Role.FACILITY)).status_code == 200
    problem_of(await judged.get(f"/v1/sites/{KILN}/stock", Role.PRODUCER), 404)
    problem_of(await judged.get("/v1/sites/330106-NOBODY/stock"), 404)
    assert (await judged.get(f"/v1/sites/{PLATER}/stock")).status_code == 200


async def test_an_alerts_citation_is_the_law_of_the_day_of_the_conduct(judged: Client) -> None:
    listed = (await judged.get("/v1/alerts", kind="storage.over_limit")).json()["alerts"]
    alert = (await judged.get(f"/v1/alerts/{listed[0]['alert_id']}")).json()

    assert alert["citation"]["duty"] == "duty.storage_one_year"
    assert alert["citation"]["law"]
