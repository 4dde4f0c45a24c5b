"""A batch followed from where it was made over its manifest into the facility, its treatment and its residue, by role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    accepted,
    collected,
    corrected,
    day,
    departed,
    generated,
    line,
    manifest_no,
    site_registered,
    stored,
    treated,
)
from tests.pages.browsing import log_in
from tests.pages.world import World, in_order

SLAG = "772-003-18"
OUT, ON, WRONG = manifest_no(1), manifest_no(2), manifest_no(3)
ENDS: dict[str, Any] = {
    "origin": KILN,
    "origin_org": FACILITY_ORG,
    "destination": OTHER_KILN,
    "destination_org": OTHER_FACILITY_ORG,
}
TYPED = accepted(WRONG, lines=[line(OIL, 1, stored_as="TYPED")], at=day(9))
FACTS = [
    site_registered(PLATER, at=day(0)),
    site_registered(HOSPITAL, "health-facility", at=day(0)),
    site_registered(KILN, "facility", at=day(0)),
    site_registered(OTHER_KILN, "facility", at=day(0)),
    generated("CS", kg=10, at=day(1)),
    stored("RK", kg=10, parents=["CS"], at=day(2)),
    stored("OTHER", kg=3, at=day(2)),
    departed(OUT, lines=[line(OIL, 10, lot="RK")], at=day(3)),
    accepted(OUT, lines=[line(OIL, 10, stored_as="K1")], at=day(3, 15)),
    treated(
        lines=[line(OIL, 10, lot="K1", method="D10")],
        residues=[{"lot": "SLAG", "waste_code": SLAG, "mass_kg": "2"}],
        at=day(5),
    ),
    departed(ON, lines=[line(SLAG, 2, lot="SLAG")], at=day(6), **ENDS),
    accepted(ON, lines=[line(SLAG, 2)], at=day(7), **ENDS),
    departed(WRONG, lines=[line(OIL, 1, lot="OTHER")], at=day(8)),
    TYPED,
    corrected(TYPED, day(10), withdrawn=True),
    generated("BAG", INFECTIOUS, 4, site=HOSPITAL, at=day(1)),
    collected(INFECTIOUS, 4, at=day(2)),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("lineage"))
    made.post(*in_order(FACTS))
    made.settle(day(12))
    yield made
    made.databases.dispose()


def _client(world: World, role: Role, org: str | None = None) -> TestClient:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key(role, org))
    return client


def _asked(client: TestClient, site: str, lot: str) -> dict[str, Any]:
    answer = client.get(f"/v1/sites/{site}/lineage?lot={lot}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _met(told: dict[str, Any]) -> dict[str, set[str]]:
    """Lots by site."""
    return {part["site"]: {lot["lot"] for lot in part["lots"]} for part in (told, *told["elsewhere"])}


def _hops(told: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(hop["document"], hop["from"], hop["to"], hop["may_see"]) for hop in told["hops"]]


WHOLE = {PLATER: {"CS", "RK"}, KILN: {"K1", "SLAG"}, OTHER_KILN: {f"{ON}/1"}}


@pytest.mark.parametrize(
    ("site", "lot", "met", "documents"),
    [
        (PLATER, "CS", {PLATER: {"CS", "RK"}, KILN: {"K1"}}, [OUT]),
        (KILN, "K1", {PLATER: {"CS", "RK"}, KILN: {"K1"}}, [OUT]),
        (KILN, "SLAG", WHOLE, [OUT, ON]),
        (OTHER_KILN, f"{ON}/1", WHOLE, [OUT, ON]),
    ],
)
def test_whoever_sees_all_follows_a_batch_over_its_manifests(
    world: World, site: str, lot: str, met: dict[str, set[str]], documents: list[str]
) -> None:
    """Forward to its treatment; a residue back to all that it came of."""
    told = _asked(_client(world, Role.REGULATOR), site, lot)
    assert _met(told) == met
    ends = {OUT: (OUT, PLATER, KILN, True), ON: (ON, KILN, OTHER_KILN, True)}
    assert _hops(told) == [ends[document] for document in documents]


def test_treatment_is_told_at_the_facility(world: World) -> None:
    told = _asked(_client(world, Role.REGULATOR), PLATER, "CS")
    (kiln,) = [part for part in told["elsewhere"] if part["site"] == KILN]
    assert [(step["from"], step["to"], step["mass_g"]) for step in kiln["steps"]] == [
        ("lot:K1", "treated", 10_000)
    ]
    assert kiln["steps"][0]["at"] == "2025-03-08T09:00:00+08:00"


def test_a_party_sees_its_own_sites_and_that_the_load_went_on(world: World) -> None:
    producer = _client(world, Role.PRODUCER, PRODUCER_ORG)
    told = _asked(producer, PLATER, "CS")
    assert _met(told) == {PLATER: {"CS", "RK"}}
    assert _hops(told) == [(OUT, PLATER, KILN, False)]
    assert producer.get(f"/v1/sites/{KILN}/lineage?lot=K1").status_code == 404
    facility = _client(world, Role.FACILITY, FACILITY_ORG)
    back = _asked(facility, KILN, "SLAG")
    assert _met(back) == {KILN: {"K1", "SLAG"}}
    assert _hops(back) == [(OUT, PLATER, KILN, False), (ON, KILN, OTHER_KILN, False)]
    assert "CS" not in facility.get(f"/v1/sites/{KILN}/lineage?lot=K1").text


def test_an_acceptance_that_was_withdrawn_leads_nowhere(world: World) -> None:
    assert _hops(_asked(_client(world, Role.REGULATOR), PLATER, "OTHER")) == []


def test_a_round_is_followed_back_to_its_stop(world: World) -> None:
    client = _client(world, Role.REGULATOR)
    kept = [lot["lot"] for lot in client.get(f"/v1/sites/{KILN}/stock").json()["stock"]["lots"]]
    (round_lot,) = [lot for lot in kept if lot.startswith("R1/")]
    assert _met(_asked(client, KILN, round_lot)) == {KILN: {round_lot}, HOSPITAL: {"BAG"}}
    own = _client(world, Role.PRODUCER, HOSPITAL_ORG)
    assert _met(_asked(own, HOSPITAL, "BAG")) == {HOSPITAL: {"BAG"}}


def test_the_page_shows_the_other_sites_to_whoever_may_see_them(world: World) -> None:
    text = _client(world, Role.REGULATOR).get(f"/sites/{PLATER}/lineage?lot=CS").text
    assert f"/sites/{KILN}/lineage?lot=K1" in text
    own = _client(world, Role.PRODUCER, PRODUCER_ORG).get(f"/sites/{PLATER}/lineage?lot=CS").text
    assert "K1" not in own
    assert OUT in own
    assert "无权查看" in own
