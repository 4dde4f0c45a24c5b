"""Exports of a manifest by who may see it: EPCIS with its history and corrections, and the national field names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL_ORG,
    KILN,
    MANIFEST,
    OIL,
    OTHER_FACILITY_ORG,
    PLATER,
    PRODUCER_ORG,
    accepted,
    arrived,
    confirmed,
    corrected,
    day,
    departed,
    generated,
    issued,
    line,
    observed,
    site_registered,
    treated,
)
from tests.pages.world import World, in_order
from tests.samples import sample_json

TYPED = accepted(lines=[line(OIL, "12500.5", stored_as="K1", method="D10")], at=day(3, 15))
RIGHT = [line(OIL, "12400.25", stored_as="K1", method="D10")]
FACTS = [
    site_registered(PLATER, at=day(0)),
    site_registered(KILN, "facility", at=day(0)),
    generated(
        "CS", kg="12400.25", at=day(1), containers={"container_kind": "drum", "count": 2, "ids": ["A", "B"]}
    ),
    issued(kg="12400.25", at=day(2)),
    departed(lines=[line(OIL, "12400.25", lot="CS")], at=day(3)),
    observed(at=day(3, 10)),
    arrived(at=day(3, 14)),
    TYPED,
    confirmed(at=day(4)),
    treated(
        lines=[line(OIL, "12400.25", lot="K1", method="D10")],
        residues=[{"lot": "ASH", "waste_code": "772-003-18", "mass_kg": "800"}],
        at=day(6),
    ),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("exports"))
    made.post(*in_order(FACTS))
    made.post(corrected(TYPED, day(5), lines=RIGHT), stated_by=FACILITY_ORG)
    made.settle(day(12))
    yield made
    made.databases.dispose()


def ask(world: World, path: str, role: Role = Role.REGULATOR, org: str | None = None, **headers: str) -> Any:
    with TestClient(world.app(), base_url="http://test") as client:
        key = {"authorization": f"Bearer {world.key(role, org)}"}
        return client.get(path, headers={**key, **headers})


def events(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["epcisBody"]["eventList"]
    return found


def test_a_manifest_s_history_is_told_in_order_with_its_correction(world: World) -> None:
    answer = ask(world, f"/v1/manifests/{MANIFEST}/epcis")
    assert answer.headers["content-type"] == "application/ld+json"
    found = events(answer)
    assert [(event["type"], event.get("bizStep")) for event in found] == [
        ("TransactionEvent", None),
        ("ObjectEvent", "departing"),
        ("ObjectEvent", "transporting"),
        ("ObjectEvent", "arriving"),
        ("ObjectEvent", "accepting"),
        ("ObjectEvent", "accepting"),
        ("TransactionEvent", None),
        ("TransformationEvent", "destroying"),
    ]
    wrong, right = found[4], found[5]
    assert wrong["errorDeclaration"]["reason"] == "incorrect_data"
    assert wrong["errorDeclaration"]["correctiveEventIDs"] == [right["eventID"]]
    assert [event["quantityList"][0]["quantity"] for event in (wrong, right)] == [12500.5, 12400.25]
    assert "errorDeclaration" not in right
    assert found[7]["outputQuantityList"][0]["quantity"] == 800
    assert wrong["eventTime"] < wrong["recordTime"] or wrong["eventTime"] == wrong["recordTime"]


def test_what_is_answered_passes_the_official_schema(world: World) -> None:
    validator = Draft7Validator(sample_json("epcis", "EPCIS-JSON-Schema.json"))
    for path in (f"/v1/manifests/{MANIFEST}/epcis", f"/v1/sites/{PLATER}/epcis", f"/v1/sites/{KILN}/epcis"):
        assert list(validator.iter_errors(ask(world, path).json())) == []


@pytest.mark.parametrize(
    ("org", "role", "sees"),
    [
        (PRODUCER_ORG, Role.PRODUCER, 7),  # Not what the facility did with it afterwards.
        (CARRIER_ORG, Role.CARRIER, 7),
        (FACILITY_ORG, Role.FACILITY, 8),
        (HOSPITAL_ORG, Role.PRODUCER, None),
        (OTHER_FACILITY_ORG, Role.FACILITY, None),
    ],
)
def test_who_sees_a_history(world: World, org: str, role: Role, sees: int | None) -> None:
    answer = ask(world, f"/v1/manifests/{MANIFEST}/epcis", role, org)
    unknown = ask(world, "/v1/manifests/20253301999999/epcis", role, org)
    if sees is None:
        assert answer.status_code == unknown.status_code == 404
        assert answer.json()["code"] == unknown.json()["code"] == "not_found"
    else:
        assert len(events(answer)) == sees


def test_a_site_is_told_in_pages_and_by_period(world: World) -> None:
    whole = events(ask(world, f"/v1/sites/{PLATER}/epcis"))
    assert [event["type"] for event in whole] == ["ObjectEvent", "AggregationEvent", "ObjectEvent"]
    first = ask(world, f"/v1/sites/{PLATER}/epcis?limit=1")
    assert [event["type"] for event in events(first)] == ["ObjectEvent", "AggregationEvent"]
    second = ask(world, first.headers["link"].partition(">")[0].removeprefix("<http://test"))
    assert [event["bizStep"] for event in events(second)] == ["departing"]
    late = ask(world, f"/v1/sites/{PLATER}/epcis?from=2025-03-06T00:00:00%2B08:00")
    assert [event["bizStep"] for event in events(late)] == ["departing"]
    assert events(ask(world, f"/v1/sites/{PLATER}/epcis?until=2025-03-04T00:00:00%2B08:00")) == []
    assert ask(world, f"/v1/sites/{PLATER}/epcis", Role.FACILITY, FACILITY_ORG).status_code == 404


@pytest.mark.parametrize(
    ("accept", "status", "content_type"),
    [
        ("", 200, "application/ld+json"),
        ("application/ld+json", 200, "application/ld+json"),
        ("application/json", 200, "application/json"),
        ("text/html, */*;q=0.1", 200, "application/ld+json"),
        ("application/xml", 406, "application/problem+json"),
    ],
)
def test_the_form_is_negotiated(world: World, accept: str, status: int, content_type: str) -> None:
    answer = ask(world, f"/v1/manifests/{MANIFEST}/epcis", accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)


def test_the_national_document_tells_tonnes_and_what_it_leaves_out(world: World) -> None:
    answer = ask(world, f"/v1/manifests/{MANIFEST}/national", Role.PRODUCER, PRODUCER_ORG).json()
    document = answer["manifest"]
    assert document["ldbh"] == MANIFEST
    assert document["ycsxzqhdm"] == "330106"
    assert document["sfczzdcy"] == "否"
    assert document["details"] == [
        {
            "xh": "1",
            "wxfwdm": OIL,
            "wxfwlb": "HW08",
            "wxfwmc": document["details"][0]["wxfwmc"],
            "lyczfs": "D10",
            "zysl": "12.40025",
            "jldw": "吨",
            "jssl": "12.40025",
        }
    ]
    left = {(note["path"].partition(".")[2], note["value"]) for note in answer["left_out"]}
    assert {("lines.lot", "CS"), ("lines.stored_as", "K1"), ("", "transport-observed.v1")} <= left
    assert answer["says"]["details[0].jssl"] > answer["says"]["details[0].zysl"]
    assert ask(world, f"/v1/manifests/{MANIFEST}/national", Role.PRODUCER, HOSPITAL_ORG).status_code == 404
    page = ask(world, f"/v1/sites/{PLATER}/national").json()
    assert [found["manifest"]["ldbh"] for found in page["manifests"]] == [MANIFEST]
    assert page["next"] is None
