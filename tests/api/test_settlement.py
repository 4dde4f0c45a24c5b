"""GET /v1/settlement/{origin}/{destination}: the trader of DOMAIN 11, case 3, as a regulator and as a party read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    OTHER_FACILITY_ORG,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    accepted,
    contract_signed,
    day,
    invoiced,
    manifest_no,
    money_line,
    paid,
    price,
)
from tests.pages.world import World

M1, M2 = manifest_no(1), manifest_no(2)
PATH = f"/v1/settlement/{PRODUCER_ORG}/{FACILITY_ORG}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The undeclared trader, and one load between the two that is as it should be."""
    made = World(Path(tmp_path_factory.mktemp("money")))
    terms = [price(3000, plus_tax_permille=60, minimum_yuan="500")]
    made.post(
        contract_signed(lines=terms, mass_kg="100000", at=day(-10)),
        paid("B1", 300000, at=day(1), contract="C1", payee_org=TRADER_ORG),
        accepted(M1, SLUDGE, 40000, at=day(3)),
        paid("B2", 6000, at=day(5), contract="C1", payer_org=TRADER_ORG),
        accepted(M2, SLUDGE, 1000, at=day(6)),
        invoiced("F1", lines=[money_line(3000, manifest_no=M2, plus_tax_permille=60)], at=day(7)),
        paid("B3", 3180, at=day(8), invoice="F1"),
        paid("B4", 900, at=day(9), deposit=True),
    )
    made.settle(day(70))
    yield made
    made.databases.dispose()


def ask(world: World, role: Role, org: str | None = None, path: str = PATH) -> Any:
    token = world.key(role, org)
    return TestClient(world.app()).get(path, headers={"Authorization": f"Bearer {token}"})


def test_the_book_says_of_every_document_where_each_fen_lies_and_why(world: World) -> None:
    answer = ask(world, Role.REGULATOR)
    assert answer.status_code == 200, answer.text
    book = answer.json()
    documents = {row["subject"]: row for row in book["documents"]}
    assert list(documents) == ["invoice:F1", "payment:B1", "payment:B2", "payment:B3", "payment:B4"]
    for row in documents.values():
        assert row["net_fen"] == sum(part["fen"] for part in (*row["matched"], *row["left"]))
    assert [(part["subject"], part["why"]) for part in documents["payment:B3"]["matched"]] == [
        (f"manifest:{M2}", "through_invoice")
    ]
    assert documents["payment:B4"]["left"] == [
        {"subject": None, "fen": 900_00, "why": "deposit", "expected_fen": None}
    ]
    assert [part["why"] for part in documents["payment:B1"]["left"]] == ["no_load"]
    assert documents["invoice:F1"]["at"] == "2025-03-10T09:00:00+08:00"


def test_the_book_says_what_each_movement_comes_to_and_what_terms_say(world: World) -> None:
    book = ask(world, Role.REGULATOR).json()
    one, two = book["movements"]
    assert (one["subject"], one["expected_fen"], one["reached_fen"]) == (
        f"manifest:{M1}",
        127_200_00,
        6_000_00,
    )
    assert (two["expected_fen"], two["paid_fen"], two["left_fen"]) == (3_180_00, 3_180_00, 0)
    (contract,) = book["contracts"]
    assert contract["over_at"] == "2027-01-01T00:00:00+08:00"
    assert (contract["terms"][0]["mass_g"], contract["taken_g"]) == (100_000_000, 41_000_000)
    assert contract["terms"][0]["prices"][0]["plus_tax_permille"] == 60
    assert book["accounts"] == [
        {
            "subject": f"trader:{TRADER_ORG}",
            "org": TRADER_ORG,
            "received_fen": 300_000_00,
            "passed_on_fen": 6_000_00,
            "kept_fen": 294_000_00,
            "declared": False,
        }
    ]


def test_its_alerts_are_those_of_case_three_with_what_is_at_risk(world: World) -> None:
    alerts = ask(world, Role.REGULATOR).json()["alerts"]
    assert {alert["kind"] for alert in alerts} == {
        "payment.wrong_party",
        "payment.amount_differs",
        "payment.retained",
        "intermediary.undeclared",
        "price.below_floor",
    }
    assert all(alert["amounts"]["risk_fen"] > 0 for alert in alerts)


@pytest.mark.parametrize(
    ("role", "org", "status"),
    [
        (Role.PRODUCER, PRODUCER_ORG, 200),
        (Role.FACILITY, FACILITY_ORG, 200),
        (Role.AUDITOR, None, 200),
        (Role.INTERMEDIARY, TRADER_ORG, 404),
        (Role.PRODUCER, HOSPITAL_ORG, 404),
    ],
)
def test_the_two_and_readers_of_all_may_ask(world: World, role: Role, org: str | None, status: int) -> None:
    assert ask(world, role, org).status_code == status


def test_a_pair_without_dealings_is_not_there(world: World) -> None:
    path = f"/v1/settlement/{PRODUCER_ORG}/{OTHER_FACILITY_ORG}"
    assert ask(world, Role.REGULATOR, path=path).status_code == 404
