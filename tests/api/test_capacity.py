"""Questions about capacity: balances, and of a category rate, flows, emergencies, lines and spare capacity nearby."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    accepted,
    collected,
    day,
    departed,
    emergency_declared,
    generated,
    issued,
    licence_granted,
    manifest_no,
    scope,
    treated,
)
from tests.pages.browsing import log_in
from tests.pages.world import World, in_order

AWAY: Final = "320106-KILN09"
CLINIC: Final = "330602-HOSPITAL07"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Case 7 in Shaoxing, and a year of sludge."""
    made = World(tmp_path_factory.mktemp("capacity"))
    plan = emergency_declared(
        {KILN: 150_000},
        scope={"region": "3306"},
        effective_from="2025-03-05",
        effective_until="2025-03-20",
        expected_daily_kg="250000",
        vehicles=["浙D12345"],
        at=day(0),
    )
    sludge = [
        licence_granted("L1", lines=[scope("HW17", tonnes=100, methods=["R4", "D9"])], at=day(0)),
        licence_granted("L2", lines=[scope("HW17", "HW22", tonnes=50)], holder=OTHER_KILN, at=day(0)),
        licence_granted("L3", lines=[scope("HW17", tonnes=70)], holder=AWAY, at=day(0)),
        generated("OLD", SLUDGE, 5_310, at=day(1)),
        generated("NEW", SLUDGE, 89_130, at=day(400)),
        treated(SLUDGE, 60_590, site=PLATER, own_waste=True, at=day(410)),
        accepted(manifest_no(1), SLUDGE, 30_020, destination=KILN, at=day(411)),
        issued(manifest_no(5), SLUDGE, 4_000, at=day(415)),
        departed(manifest_no(6), SLUDGE, 3_000, at=day(419)),
    ]
    medical = [
        licence_granted(
            "M1",
            lines=[scope("HW01", tonnes=21_900, daily_kg="60000")],
            holder="330602-MEDICAL01",
            at=day(0),
        ),
        generated("A", INFECTIOUS, 247_000, site=CLINIC, at=day(3)),
        collected(INFECTIOUS, 1_000, origin=HOSPITAL, at=day(4)),
    ]
    made.post(*in_order([plan, *sludge, *medical]))
    made.settle(day(420))
    yield made
    made.databases.dispose()


def _get(world: World, path: str, role: Role = Role.REGULATOR, status: int = 200, **query: Any) -> Any:
    client = TestClient(world.app(), base_url="http://testserver")
    org = HOSPITAL_ORG if role is Role.PRODUCER else None
    headers = {"authorization": f"Bearer {world.key(role, org)}"}
    answer = client.get(f"/v1/capacity/{path}", params=query, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_balances_of_a_province_the_tightest_first(world: World) -> None:
    found = _get(world, "33")["balances"]
    assert [told["category"] for told in found] == ["HW17", "HW01", "HW22"]
    assert found[0]["capacity_g"] == 150_000_000


@pytest.mark.parametrize(
    ("where", "handled_g", "basis_points"),
    [({"city": "3301"}, 90_610_000, 9594), ({"city": "3306"}, 0, None), ({}, 60_590_000, 6416)],
)
def test_the_worked_balance_of_hangzhou_prints_its_formula(
    world: World, where: dict[str, Any], handled_g: int, basis_points: int | None
) -> None:
    span: dict[str, Any] = {"since": "2026-01-01", "until": "2026-12-31", "category": "HW17"}
    found = _get(world, "33/rate", **span, **where)
    assert (found["handled_g"], found["basis_points"]) == (handled_g, basis_points)
    assert found["formula"] == "handled_of_opening_and_generated"
    assert found["basis"].startswith("Feilian default")


def test_a_category_with_all_that_is_to_say(world: World) -> None:
    found = _get(world, "33/HW17")
    assert found["flows"] == [{"origin": "3301", "destination": "3306", "mass_g": 30_020_000}]
    first = next(line for line in found["lines"] if line["holder"] == KILN)
    assert (first["taken_g"], first["booked_g"], first["in_transit_g"]) == (30_020_000, 4_000_000, 3_000_000)
    assert (first["methods"], first["idle"]) == (["R4", "D9"], False)
    other = next(line for line in found["lines"] if line["holder"] == OTHER_KILN)
    assert (other["taken_g"], other["idle"]) == (0, True)
    assert found["licensed_by_method_g"] == {"": 50_000_000, "D9": 100_000_000, "R4": 100_000_000}
    assert found["forecast"][0]["low_g"] <= found["forecast"][0]["mid_g"] <= found["forecast"][0]["high_g"]
    assert found["need_by_month"][-1]["month"] == "2026-03"


def test_an_emergency_shows_each_day_and_the_tonnes_that_are_too_little(world: World) -> None:
    (surge,) = _get(world, "33/HW01")["emergencies"]
    assert (surge["region"], surge["vehicles"], len(surge["days"])) == ("3306", ["浙D12345"], 16)
    days = {one.pop("day"): one for one in surge["days"]}
    assert days["2025-03-06"] == {
        "need_g": 247_000_000,
        "capacity_g": 210_000_000,
        "planned_g": 150_000_000,
        "expected_g": 250_000_000,
        "shortfall_g": 37_000_000,
        "expected_shortfall_g": 40_000_000,
    }
    assert days["2025-03-07"]["shortfall_g"] == 0


def test_spare_capacity_is_told_from_near_to_far(world: World) -> None:
    found = _get(world, "33/HW17/spare", near="3306")["lines"]
    assert [(line["nearness"], line["holder"], line["spare_g"]) for line in found] == [
        (0, KILN, 69_980_000),
        (1, OTHER_KILN, 50_000_000),
        (2, AWAY, 70_000_000),
    ]


def test_who_may_ask_and_what_is_refused(world: World) -> None:
    _get(world, "33", Role.PRODUCER, 403)
    _get(world, "34/HW17", Role.AUDITOR)
    _get(world, "19", status=404)
    _get(world, "33/rate", status=422, since="2026-02-01", until="2026-01-31")
    _get(world, "33/rate", status=422, since="2026-01-01", until="2026-01-31", city="3201")
    _get(world, "33/HW1", status=422)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["利用处置量 ÷（期初贮存量＋产生量）", "95.94", "闲置", "30.0"]),
        ("en", ["handled ÷ (opening stock + generated)", "95.94", "idle", "30.0"]),
    ],
)
def test_the_page_prints_the_rate_with_its_formula_flows_and_idle_lines(
    world: World, lang: str, said: list[str]
) -> None:
    page = _page(world, "HW17", lang)
    assert [text for text in said if text not in page] == []


@pytest.mark.parametrize(("lang", "said"), [("zh", ["缺口", "37.0"]), ("en", ["Shortfall", "37.0", "40.0"])])
def test_the_page_shows_the_days_of_an_emergency(world: World, lang: str, said: list[str]) -> None:
    page = _page(world, "HW01", lang)
    assert [text for text in said if text not in page] == []


def _page(world: World, category: str, lang: str) -> str:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key(Role.REGULATOR))
    answer = client.get("/capacity", params={"province": "33", "category": category, "lang": lang})
    assert answer.status_code == 200
    text: str = answer.text
    return text.replace("\u00a0", " ")


def test_the_page_of_a_facility_shows_its_licences_and_nothing_of_others(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key(Role.FACILITY, HOSPITAL_ORG))
    page = client.get("/capacity", params={"province": "33", "lang": "en"}).text
    assert "L1 #1" not in page
    assert "opening stock" not in page
