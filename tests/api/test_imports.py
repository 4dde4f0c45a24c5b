"""Imports: a report first, then the missing facts of one's own side; twice adds nothing, and nothing is overwritten."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import orjson
import pytest

from models.facts import Role
from tests.api.house import Client, errors_of, problem_of
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    KILN,
    MANIFEST,
    OIL,
    OTHER_FACILITY_ORG,
    PLATER,
    PRODUCER_ORG,
    day,
    departed,
)
from tests.models.interchange.test_emanifest import document as epa
from tests.models.interchange.test_emanifest import waste

NATIONAL = {
    "ldbh": MANIFEST,
    "ldkjsj": "2025-03-04 09:00:00",
    "wfycrq": "2025-03-05 09:00:00",
    "ycsxzqhdm": "330106",
    "yrsxzqhdm": "330604",
    "wfycdwdm": PRODUCER_ORG,
    "wfycdwcdbh": PLATER,
    "ysdwdm": CARRIER_ORG,
    "cph": "浙D12345",
    "wfjsdwdm": FACILITY_ORG,
    "wfjsdwcdbh": KILN,
    "ddsj": "2025-03-05 14:00:00",
    "wfjsrq": "2025-03-05 15:00:00",
    "wfjsdwyj": "接受",
    "qrsj": "2025-03-06 09:00:00",
    "details": [{"xh": "1", "wxfwdm": OIL, "wxfwlb": "HW08", "zysl": "12.5", "jldw": "吨", "jssl": "12.5"}],
}
TABLES = {
    "sites": {
        "VATEST000004": {"site": PLATER, "org": PRODUCER_ORG},
        "VAD000532119": {"site": KILN, "org": FACILITY_ORG},
    },
    "carriers": {
        "VATEST000002": {"org": CARRIER_ORG, "vehicle": "浙D12345"},
        "VATEST000001": {"org": FACILITY_ORG, "vehicle": "浙A54321"},
    },
    "waste_codes": {"D001": OIL},
}


async def send(
    client: Client, path: str, body: object, role: Role, mode: str | None = None
) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {"authorization": f"Bearer {client.tokens[role]}", "content-type": "application/json"}
    query = {"mode": mode} if mode else {}
    return await client.http.post(f"/v1/import/{path}", content=content, headers=headers, params=query)


async def report(
    client: Client, path: str, body: object, role: Role, mode: str | None = None
) -> dict[str, Any]:
    answer = await send(client, path, body, role, mode)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def statuses(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (fact["kind"].removesuffix(".v1"), fact["status"])
        for manifest in found["manifests"]
        for fact in manifest["facts"]
    ]


async def test_each_side_states_its_own_and_twice_adds_nothing(client: Client) -> None:
    producer = await report(client, "national", NATIONAL, Role.PRODUCER)
    assert statuses(producer) == [
        ("manifest-issued", "missing"),
        ("transport-departed", "missing"),
        ("transport-arrived", "not_yours"),
        ("receipt-accepted", "not_yours"),
        ("manifest-confirmed", "not_yours"),
    ]
    assert producer["receipts"] == []
    assert (await client.get("/v1/facts/1")).status_code == 404  # A report states nothing.

    first = await report(client, "national", {"manifests": [NATIONAL]}, Role.PRODUCER, "state")
    assert [receipt["status"] for receipt in first["receipts"]] == ["new", "new"]
    again = await report(client, "national", [NATIONAL], Role.PRODUCER, "state")
    assert again["receipts"] == []
    assert statuses(again)[:2] == [("manifest-issued", "present"), ("transport-departed", "present")]

    facility = await report(client, "national", NATIONAL, Role.FACILITY, "state")
    assert [receipt["status"] for receipt in facility["receipts"]] == ["new"] * 3
    assert facility["counts"] == {"present": 2, "missing": 3, "conflicts": 0, "notes": 0}
    exported = (await client.get(f"/v1/manifests/{MANIFEST}/national", Role.FACILITY)).json()["manifest"]
    assert {name: exported[name] for name in NATIONAL if name != "details"} == {
        name: value for name, value in NATIONAL.items() if name != "details"
    }


async def test_a_conflict_is_told_and_holds_back_the_whole_manifest(client: Client) -> None:
    assert (await client.post(departed(kg=12500, at=day(2)), Role.CARRIER)).status_code == 201
    other = copy.deepcopy(NATIONAL)
    other["details"][0]["zysl"] = "12500"  # type: ignore[index]
    found = await report(client, "national", other, Role.FACILITY, "state")
    assert found["receipts"] == []
    assert {status for _, status in statuses(found)} == {"held", "present"}
    (conflict,) = found["manifests"][0]["conflicts"]
    assert (conflict["path"], conflict["ours"], conflict["theirs"]) == ("$.details[0].zysl", "12.5", "12500")
    assert conflict["seq"] == 1
    assert "1000" in conflict["hint"]


async def test_a_stranger_learns_nothing_of_a_manifest(client: Client) -> None:
    assert (await client.post(departed(kg=3, at=day(2)), Role.CARRIER)).status_code == 201
    for role in (Role.INTERMEDIARY, Role.PAYER):
        found = await report(client, "national", NATIONAL, role, "state")
        assert found["manifests"][0]["conflicts"] == []
        assert {status for _, status in statuses(found)} == {"not_yours"}


async def test_a_foreign_side_cannot_be_stated_for(client: Client) -> None:
    other = {**NATIONAL, "wfjsdwdm": OTHER_FACILITY_ORG, "wfycdwdm": OTHER_FACILITY_ORG}
    found = await report(client, "national", other, Role.PRODUCER, "state")
    assert found["receipts"] == []
    assert {status for _, status in statuses(found)} == {"not_yours"}


async def test_epa_documents_are_reported_and_stated(client: Client) -> None:
    body = {"manifests": [epa(wastes=[waste(), waste(2, 55, "G")])], "tables": TABLES}
    bare = await report(client, "emanifest", epa(), Role.FACILITY)
    assert statuses(bare) == []
    assert {"no_site", "no_party"} <= {note["code"] for note in bare["manifests"][0]["notes"]}
    found = await report(client, "emanifest", body, Role.FACILITY, "state")
    assert statuses(found) == [
        ("manifest-issued", "missing"),
        ("transport-departed", "not_yours"),
        ("transport-handed-over", "not_yours"),
        ("transport-arrived", "missing"),
        ("receipt-accepted", "missing"),
    ] or found["counts"]["missing"] == len(found["receipts"])
    number = found["manifests"][0]["manifest_no"]
    assert number[0] in "89"
    assert {note["code"] for note in found["manifests"][0]["notes"]} >= {"no_density", "no_place"}
    again = await report(client, "emanifest", body, Role.FACILITY, "state")
    assert again["receipts"] == []
    assert "missing" not in again["counts"]


async def test_a_later_version_shows_what_it_says_otherwise(client: Client) -> None:
    first = {"manifests": [epa()], "tables": TABLES}
    assert (await report(client, "emanifest", first, Role.FACILITY, "state"))["receipts"]
    corrected = epa(wastes=[waste(1, 120)], status="Corrected", correctionInfo={"versionNumber": 2})
    older = epa(wastes=[waste(1, 110)], correctionInfo={"versionNumber": 1})
    both = {"manifests": [older, corrected], "tables": TABLES}
    found = await report(client, "emanifest", both, Role.FACILITY, "state")
    assert found["receipts"] == []
    told = [manifest["conflicts"] for manifest in found["manifests"]]
    assert told[0] == []
    assert {conflict["theirs"] for conflict in told[1]} == {"120"}
    assert found["manifests"][0]["notes"][-1]["code"] == "ambiguous"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("national", b"{", 400, "bad_json"),
        ("national", b'{"a":1,"a":1}', 400, "duplicate_key"),
        ("national", b"[]", 422, "empty_batch"),
        ("national", b'{"manifests": 3}', 422, "empty_batch"),
        ("national", b"[" + b",".join([b"{}"] * 201) + b"]", 422, "too_many_facts"),
        ("national", b" " * (1024 * 1024 + 1), 413, "body_too_large"),
        ("emanifest", b'{"neu": 1}', 422, "unknown_field"),
        ("emanifest", b'{"manifests": [{}], "tables": {"sites": {"X": {"site": "1"}}}}', 422, "invalid"),
        ("emanifest", b'{"manifests": [{"rejection": 1}]}', 422, "wrong_type"),
    ],
)
async def test_what_is_no_import_is_refused(
    client: Client, path: str, body: bytes, status: int, code: str
) -> None:
    assert problem_of(await send(client, path, body, Role.FACILITY), status)["code"] == code


async def test_form_is_refused_all_at_once_with_paths(client: Client) -> None:
    body = {"manifests": [{"rejection": 1}, {"wastes": [{"br": "x"}]}]}
    found = errors_of(await send(client, "emanifest", body, Role.FACILITY))
    assert ("$.manifests[0].rejection", "wrong_type") in found
    assert ("$.manifests[1].wastes[0].br", "wrong_type") in found


async def test_who_may_import(client: Client) -> None:
    unknown = await client.http.post(
        "/v1/import/national", content=b"{}", headers={"content-type": "application/json"}
    )
    assert problem_of(unknown, 401)["code"] == "unauthenticated"
    cookie = {"cookie": f"feilian_key={client.tokens[Role.FACILITY]}", "content-type": "application/json"}
    by_cookie = await client.http.post("/v1/import/national", content=b"{}", headers=cookie)
    assert by_cookie.status_code == 401  # Nothing is written on the strength of a cookie.
    assert problem_of(await send(client, "national", {}, Role.FACILITY, "write"), 422)["code"] == "not_one_of"
    wrong = await client.http.post(
        "/v1/import/national",
        content=b"{}",
        headers={"authorization": f"Bearer {client.tokens[Role.FACILITY]}", "content-type": "text/plain"},
    )
    assert problem_of(wrong, 415)["code"] == "not_json"


async def test_facts_in_the_future_are_not_stated(client: Client) -> None:
    found = await report(client, "national", {**NATIONAL, "ldkjsj": "2190-01-01"}, Role.PRODUCER, "state")
    first = found["manifests"][0]["facts"][0]
    assert first["status"] == "invalid"
    assert first["problems"][0]["code"] == "in_the_future"
