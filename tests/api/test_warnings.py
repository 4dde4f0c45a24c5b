"""Warnings are counted once for each new fact, whatever is sent again; each organisation reads its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.exact import DAY_US, beijing_date, format_instant
from models.facts import Role
from streams.clock import local_now
from streams.ledger_doubts import doubts_of, lateness
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests import facts
from tests.api.house import Client, House, problem_of
from tests.facts import PRODUCER_ORG, Wire, day, instant
from tests.streams.ledgers import prepared, stored

UNLISTED = "waste_code.unlisted"


def _doubtful(**more: Any) -> Wire:
    return stored(code="999-999-08", **more)


async def _counts(client: Client, role: Role = Role.PRODUCER, **query: Any) -> dict[tuple[str, str], int]:
    response = await client.get("/v1/warnings/counts", role, **query)
    assert response.status_code == 200, response.text
    found: dict[tuple[str, str], int] = {}
    for row in response.json()["counts"]:
        key = (row["org"], row["code"])
        found[key] = found.get(key, 0) + row["count"]
    return {key: count for key, count in found.items() if key[1] == UNLISTED}


async def test_each_new_fact_counts_once_whatever_comes_again(client: Client, house: House) -> None:
    one, two = _doubtful(), _doubtful()
    await client.post(one)
    await client.post([one, two, two])
    await client.post([one, _doubtful(), {**one, "mass_kg": "3"}])  # Refused: the third is a conflict.
    await client.http.post(
        "/v1/facts?dry_run=true",
        json=_doubtful(),
        headers={"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"},
    )
    assert await _counts(client) == {(PRODUCER_ORG, UNLISTED): 2}


async def test_what_was_counted_is_there_after_a_new_start(house: House) -> None:
    async with house.client() as client:
        await client.post([_doubtful(), _doubtful()])
    async with house.client() as client:
        await client.post(_doubtful())
        assert await _counts(client) == {(PRODUCER_ORG, UNLISTED): 3}


async def test_everybody_reads_their_own_and_regulators_all(client: Client) -> None:
    await client.post(_doubtful())
    assert await _counts(client, Role.CARRIER) == {}
    assert await _counts(client, Role.CARRIER, org=PRODUCER_ORG) == {}
    assert await _counts(client, Role.AUDITOR) == {(PRODUCER_ORG, UNLISTED): 1}
    assert await _counts(client, Role.AUDITOR, org=PRODUCER_ORG) == {(PRODUCER_ORG, UNLISTED): 1}


async def test_days_make_weeks_that_begin_on_monday(client: Client) -> None:
    await client.post(_doubtful())
    today = beijing_date(local_now())
    by_week = (await client.get("/v1/warnings/counts", Role.PRODUCER)).json()["counts"]
    by_day = (await client.get("/v1/warnings/counts", Role.PRODUCER, by="day")).json()["counts"]
    assert {row["since"] for row in by_day} == {today.isoformat()}
    assert {row["since"] for row in by_week} == {(today - timedelta(days=today.weekday())).isoformat()}


async def test_a_span_that_ends_before_it_begins_is_refused(client: Client) -> None:
    response = await client.get("/v1/warnings/counts", since="2026-02-01", until="2026-01-01")
    assert problem_of(response, 422)["errors"][0]["path"] == "query.until"


# What is doubted


def _codes(wire: Wire) -> list[tuple[str, str]]:
    found = read_fact(wire)
    assert isinstance(found, Prepared), found
    return [(warning.path, str(warning.code)) for warning in found.warnings]


@pytest.mark.parametrize(
    ("kg", "vehicle", "doubted"),
    [
        ("49000", "浙D12345", False),
        ("49000.001", "浙D12345", True),
        ("490000", "浙嘉兴货0312", False),
    ],
)
def test_a_road_vehicle_weighs_49_tonnes_at_most(kg: str, vehicle: str, doubted: bool) -> None:
    wire = facts.departed(at=day(1), vehicle=vehicle, lines=[facts.line(kg=kg)])
    assert (("$.lines", "mass.over_one_vehicle") in _codes(wire)) is doubted


@pytest.mark.parametrize(
    ("kg", "weighing", "doubted"),
    [("20", "weighbridge", False), ("19.999", "weighbridge", True), ("2.5", "scale", False)],
)
def test_a_weighbridge_shows_twenty_kilograms_at_least(kg: str, weighing: str, doubted: bool) -> None:
    wire = facts.accepted(at=day(1), lines=[facts.line(kg=kg)], weighing=weighing)
    assert (("$.lines", "mass.small_for_weighbridge") in _codes(wire)) is doubted


@pytest.mark.parametrize(
    ("code", "amount", "doubted"),
    [
        ("900-249-08", {"pieces": 3}, True),
        ("900-249-08", {"pieces": 3, "mass_kg": "5"}, False),
        ("841-001-01", {"pieces": 3}, False),
    ],
)
def test_only_medical_waste_is_counted_without_a_mass(code: str, amount: Wire, doubted: bool) -> None:
    line = {"line": 1, "waste_code": code, **amount}
    assert (
        ("$.lines[0]", "pieces.without_mass") in _codes(facts.departed(at=day(1), lines=[line]))
    ) is doubted
    wire = {name: value for name, value in stored(code=code).items() if name != "mass_kg"} | amount
    assert (("$.mass_kg", "pieces.without_mass") in _codes(wire)) is doubted


@pytest.mark.parametrize(
    ("plate", "doubted"),
    [
        ("浙D12345", False),
        ("浙D·12345", False),
        ("浙AD12345", False),
        ("浙A1234挂", False),
        ("粤Z1234港", False),
        ("浙嘉兴货0312", False),
        ("D12345", True),
        ("浙D1234", True),
        ("浙DI2345", True),
        ("浙112345", True),
        ("ZJD12345", True),
    ],
)
def test_plates_have_known_forms(plate: str, doubted: bool) -> None:
    wire = facts.departed(at=day(1), vehicle=plate)
    assert (("$.vehicle", "plate.unknown_form") in _codes(wire)) is doubted


@pytest.mark.parametrize(
    ("number", "at", "codes"),
    [
        ("20253301000001", "2025-06-01 10:00", []),
        ("20253301000001", "2026-01-02 10:00", []),
        ("20253301000001", "2027-01-02 10:00", ["manifest_no.year"]),
        ("20263301000001", "2025-12-31 10:00", ["manifest_no.year"]),
        ("20253201000001", "2025-06-01 10:00", ["manifest_no.province"]),
        ("33012025000001", "2025-06-01 10:00", ["manifest_no.year", "manifest_no.province"]),
    ],
)
def test_a_manifest_number_has_its_year_and_province(number: str, at: str, codes: list[str]) -> None:
    found = [code for path, code in _codes(facts.departed(number, at=at)) if path == "$.manifest_no"]
    assert found == codes


@pytest.mark.parametrize(
    ("number", "doubted"),
    [
        ("26332000000000000001", False),
        ("12345678", False),
        ("3300231130-12345678", False),
        ("033002311301-12345678", False),
        ("123456789", True),
        ("INV-1", True),
    ],
)
def test_invoice_numbers_have_known_forms(number: str, doubted: bool) -> None:
    wire = facts.invoiced(at=day(1)) | {"invoice_no": number}
    assert (("$.invoice_no", "invoice_no.form") in _codes(wire)) is doubted


@pytest.mark.parametrize(
    ("happened", "recorded", "late"),
    [
        ("2025-06-01 10:00", "2025-07-15 23:59", False),
        ("2025-06-01 10:00", "2025-07-16 00:00", True),
        ("2025-06-30 23:59", "2025-07-15 12:00", False),
        ("2025-12-20 10:00", "2026-01-15 12:00", False),
        ("2025-12-20 10:00", "2026-01-16 00:00", True),
        ("2025-06-01 10:00", "2026-06-02 10:00", True),
        ("2025-06-01 10:00", "2026-06-02 10:01", False),  # History, entered when a firm joins.
    ],
)
def test_late_is_what_comes_after_its_months_report(happened: str, recorded: str, late: bool) -> None:
    fact = prepared({**stored(), "occurred_at": format_instant(instant(happened))})
    found = lateness(fact.kind, fact.body, instant(recorded))
    assert [str(warning.code) for warning in found] == (["fact.late"] if late else [])
    licence = prepared(facts.licence_granted(at=happened))
    assert lateness(licence.kind, licence.body, instant(recorded)) == ()


async def test_a_late_fact_is_told_so_each_time_it_is_sent(client: Client) -> None:
    late = {**stored(), "occurred_at": format_instant(local_now() - 60 * DAY_US)}
    told = [(await client.post(late)).json()["receipts"][0]["warnings"] for _ in range(2)]
    assert told[0] == told[1]
    assert "fact.late" in [warning["code"] for warning in told[0]]


def test_ordinary_facts_are_asked_little() -> None:
    body = prepared(facts.licence_granted(at=day(1))).body
    assert doubts_of(body) == ()
