"""Mass balance, campaigns and coverage over HTTP and as pages: exact, as known then and now, and limited to the viewer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    accepted,
    campaign_opened,
    collected,
    corrected,
    counted,
    day,
    departed,
    generated,
    instant,
    manifest_no,
    site_registered,
    stock_taken,
    stored,
    treated,
)
from tests.pages.browsing import log_in
from tests.pages.world import World, in_order

TYPED = stored("TYPED", kg=70, at=day(10))
CAMPAIGN = campaign_opened(
    "zero",
    "2026-05-31",
    effective_from="2026-04-07",
    look_back_days=30,
    scope={"region": "33", "role": "producer", "category": "HW08"},
    at=day(400),
)
FACTS = [
    site_registered(PLATER, at=day(0)),
    site_registered(KILN, "facility", at=day(0)),
    site_registered(HOSPITAL, "health-facility", at=day(0)),
    stored("LEFT", kg=100, at=day(1)),
    stored("GONE", kg=50, at=day(2)),
    TYPED,
    stored("LATER", kg=30, at=day(60)),
    accepted(kg=1000, at=day(5)),
    treated(kg=400, at=day(6)),
    stock_taken([counted(kg=590)], site=KILN, at=day(7)),
    generated("BAG", OIL, 5, site=HOSPITAL, at=day(8)),
    collected(OIL, 5, at=day(12)),
    CAMPAIGN,
    corrected(TYPED, day(405), withdrawn=True),
    departed(kg=40, lot="LEFT", at=day(410)),
    departed(manifest_no(2), kg=50, lot="GONE", at=day(420)),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("oversight"))
    for wire in in_order(FACTS):
        made.settle(instant(wire["occurred_at"]))
        made.post(wire)
    made.settle(day(460))
    yield made
    made.databases.dispose()


@pytest.fixture(scope="module")
def regulator(world: World) -> TestClient:
    return _client(world, Role.REGULATOR, None)


def _client(world: World, role: Role, org: str | None) -> TestClient:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key(role, org))
    return client


def _get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_balance_of_a_site_shows_what_a_count_did_not_find(regulator: TestClient) -> None:
    told = _get(regulator, f"/v1/balance?site={KILN}&from=2025-03-01&until=2025-03-31")
    (line,) = told["lines"]
    wanted = ("opening_g", "received_g", "handled_g", "closing_g", "unexplained_g")
    assert [line[name] for name in wanted] == [0, 1_005_000, 400_000, 595_000, 10_000]
    assert line["waste_code"] == OIL


def test_a_region_is_the_sum_of_its_sites_and_tells_its_parts(regulator: TestClient) -> None:
    told = _get(regulator, "/v1/balance?region=33&from=2025-01-01&until=2025-12-31&by=category")
    assert [part["region"] for part in told["parts"]] == ["3301", "3306"]
    (line,) = told["lines"]
    assert line["category"] == "HW08"
    for name in ("generated_g", "closing_g", "handled_g"):
        assert line[name] == sum(part[name] for part in told["parts"]) == told["total"][name]
    assert told["total"]["generated_g"] == 185_000
    assert told["rate"] == {
        "formula": "handled_of_opening_and_generated",
        "permyriad": 400 * 10_000 // 185 + 1,
    }


def test_a_period_that_ends_before_it_begins_is_refused(regulator: TestClient) -> None:
    assert regulator.get("/v1/balance?from=2025-02-01&until=2025-01-01").status_code == 422


def test_a_campaigns_list_as_known_then_and_as_known_now(regulator: TestClient) -> None:
    told = _get(regulator, "/v1/campaigns/zero")
    assert {row["lot"] for row in told["known_then"]} == {"LEFT", "GONE", "TYPED"}
    assert {row["lot"]: row["cleared_at"] for row in told["listed"]} == {
        "LEFT": None,
        "GONE": "2026-04-27T09:00:00+08:00",
    }
    assert {row["lot"] for row in told["new"]} == {"LATER"}
    assert told["regressed"] == []
    days = {row["at"][:10]: (row["lots"], row["mass_g"]) for row in told["burn_down"]}
    assert days["2026-04-08"] == (2, 150_000)
    assert days["2026-04-18"] == (2, 110_000)
    assert days["2026-04-28"] == (1, 60_000)
    assert [one["campaign"] for one in _get(regulator, "/v1/campaigns")["campaigns"]] == ["zero"]


def test_what_comes_back_after_the_second_look_has_regressed(world: World, regulator: TestClient) -> None:
    assert "LEFT" in regulator.get("/storage/campaigns").text
    world.settle(day(490))
    told = _get(regulator, "/v1/campaigns/zero")
    assert [row["lot"] for row in told["regressed"]] == ["LATER"]


@pytest.mark.parametrize(("known", "lots"), [("now", {"LEFT", "GONE"}), ("then", {"LEFT", "GONE", "TYPED"})])
def test_the_list_is_a_table_for_spreadsheets(regulator: TestClient, known: str, lots: set[str]) -> None:
    answer = regulator.get(f"/v1/campaigns/zero/list.csv?known={known}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["lot"] for row in rows} == lots
    assert {row["listed_kg"] for row in rows if row["lot"] == "LEFT"} == {"100.000"}


def test_coverage_counts_clinics_visited_in_time(regulator: TestClient) -> None:
    told = _get(regulator, "/v1/coverage?region=33&days=30")
    assert told["total"] == {"registered": 1, "served": 0, "silent": 0}
    assert [row["site"] for row in told["unserved"]] == [HOSPITAL]
    assert told["unserved"][0]["days"] == 7  # Its own policy goes before what was asked.


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/balance?site={PLATER}", 200),
        (f"/v1/balance?site={KILN}", 404),
        ("/v1/balance?region=33", 404),
        ("/v1/campaigns/none", 404),
        ("/storage/balance", 200),
        (f"/storage/balance?site={KILN}", 404),
        ("/storage/campaigns?campaign=none", 404),
        ("/storage/campaigns", 200),
        ("/storage/coverage", 200),
    ],
)
def test_a_producer_sees_its_own(world: World, path: str, status: int) -> None:
    assert _client(world, Role.PRODUCER, PRODUCER_ORG).get(path).status_code == status


def test_a_facility_sees_none_of_a_producers_list_nor_of_its_clinics(world: World) -> None:
    client = _client(world, Role.FACILITY, FACILITY_ORG)
    told = client.get("/v1/campaigns/zero").json()
    assert (told["known_then"], told["listed"], told["new"]) == ([], [], [])
    assert client.get("/v1/coverage").json()["total"]["registered"] == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["balance", "balance?region=3301&by=code&year=2025", "campaigns", "coverage"]
)
def test_the_pages_tell_it_in_both_languages(regulator: TestClient, path: str, lang: str) -> None:
    answer = regulator.get(f"/storage/{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200, answer.text
    regulator.cookies.delete("lang")
