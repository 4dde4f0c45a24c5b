"""Questions about permits, and the site page: lines and what is coming, approvals, plan, filings, carriers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    CARRIER_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    accepted,
    corrected,
    credit_rated,
    day,
    departed,
    insured,
    issued,
    licence_ended,
    licence_granted,
    manifest_no,
    plan_filed,
    report_filed,
    scope,
    site_registered,
    transfer_applied,
    transfer_approved,
    transfer_examined,
)
from tests.pages.browsing import log_in
from tests.pages.world import World, in_order

AWAY: Final = "320106-KILN09"
NOW: Final = day(90, 12)  # 2025-06-01, noon.


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A plater with plan, reports, insurance and an approval; a kiln whose years are its own; a carrier."""
    made = World(tmp_path_factory.mktemp("permits"))
    lines = [scope("HW08", tonnes=100, daily_kg="20000"), scope("HW17", tonnes=50)]
    cover = insured("2025-03-01", "2025-05-31", at=day(1))
    rating = credit_rated("D", at=day(3))
    made.post(
        *in_order(
            [
                site_registered(producer_class="key", at=day(0)),
                site_registered(KILN, "facility", at=day(0)),
                licence_granted(lines=lines, year_from="2024-04-01", at=day(0)),
                plan_filed(kg=40_000, at=day(1)),
                cover,
                credit_rated("A", at=day(2)),
                rating,
                corrected(rating, day(4), grade="B"),
                corrected(cover, day(5), insurer="平安产险"),
                accepted(manifest_no(1), OIL, 30_000, at=day(20)),
                accepted(manifest_no(2), OIL, 12_000, at=day(60)),
                accepted(manifest_no(3), OIL, 6_000, at=day(90, 9)),
                issued(manifest_no(4), SLUDGE, 7_000, at=day(85)),
                issued(manifest_no(5), OIL, 3_000, at=day(89)),
                departed(manifest_no(5), OIL, 3_100, at=day(90)),
                transfer_approved("A1", kg=20_000, at=day(10)),
                departed(manifest_no(6), OIL, 15_000, destination=AWAY, approval_no="A1", at=day(30)),
                transfer_applied("S1", at=day(88)),
                transfer_examined("accepted", "S1", at=day(88, 15)),
                report_filed("month", "2025-04-01", at=day(70)),
                licence_granted(
                    "Y1", holder_org=CARRIER_ORG, licence_type="transport", holder="330604-CARRY", at=day(0)
                ),
                licence_ended("Y1", "suspended", "2025-05-30", holder_org=CARRIER_ORG, at=day(80)),
            ]
        )
    )
    made.settle(NOW)
    yield made
    made.databases.dispose()


@pytest.fixture(scope="module")
def asks(world: World) -> Any:
    """Asks a question as somebody; a regulator unless told."""
    client = TestClient(world.app())

    def ask(path: str, role: Role = Role.REGULATOR, org: str | None = None) -> Any:
        return client.get(path, headers={"Authorization": f"Bearer {world.key(role, org)}"})

    return ask


def test_lines_tell_what_they_took_and_what_is_coming(asks: Any) -> None:
    oil, sludge = asks(f"/v1/sites/{KILN}/permits").json()["licences"]
    assert (oil["taken_g"], oil["booked_g"], oil["in_transit_g"]) == (18_000_000, 0, 3_100_000)
    assert (oil["daily_g"], oil["today_g"]) == (20_000_000, 6_000_000)
    assert (sludge["taken_g"], sludge["booked_g"], sludge["in_transit_g"]) == (0, 7_000_000, 0)
    assert (sludge["daily_g"], sludge["today_g"], sludge["stopped"]) == (None, None, None)


def test_a_plan_tells_what_left_of_each_code(asks: Any) -> None:
    plan = asks(f"/v1/sites/{PLATER}/permits").json()["plan"]
    assert (plan["filing_no"], plan["filed_at"]) == ("P2025", "2025-03-04T09:00:00+08:00")
    assert plan["lines"] == [
        {"waste_code": OIL, "plan_g": 40_000_000, "taken_g": 18_100_000, "destinations": []}
    ]


def test_filings_tell_what_is_missing_and_what_is_next(asks: Any) -> None:
    filings = asks(f"/v1/sites/{PLATER}/permits").json()["filings"]
    assert (filings["producer_class"], filings["missing"]) == ("key", [])
    assert filings["next"] == {"what": "month", "period": "2025-05", "limit_at": "2025-06-16T00:00:00+08:00"}
    assert (filings["insured_until"], filings["insurer"], filings["ever_insured"]) == (None, None, True)


def test_a_gap_in_the_insurance_is_among_the_alerts(asks: Any) -> None:
    alerts = asks(f"/v1/sites/{PLATER}/permits").json()["alerts"]
    assert [alert["kind"] for alert in alerts] == ["insurance.gap"]


def test_an_approval_tells_its_cap_and_what_is_used(asks: Any) -> None:
    found = asks("/v1/approvals/A1").json()
    assert (found["approved_g"], found["taken_g"], found["loads"]) == (20_000_000, 15_000_000, 1)
    assert (found["last_day"], found["in_force"], found["alerts"]) == ("2025-12-31", True, [])
    assert [one["approval_no"] for one in asks(f"/v1/sites/{PLATER}/permits").json()["approvals"]] == ["A1"]


def test_an_application_tells_its_steps_and_what_is_due(asks: Any) -> None:
    found = asks("/v1/applications/S1").json()
    assert [step["step"] for step in found["steps"]] == ["accepted"]
    (due,) = found["due"]
    assert due["is_provisional"] is False
    assert (due["step"], due["limit_at"], due["taken_at"]) == ("opinion", "2025-06-10T00:00:00+08:00", None)


def test_a_carriers_licences_and_alerts(asks: Any) -> None:
    found = asks(f"/v1/carriers/{CARRIER_ORG}").json()
    assert found["licences"] == [{"licence_no": "Y1", "stopped": "suspended"}]
    assert [alert["kind"] for alert in found["alerts"]] == ["carrier.unlicensed"]


@pytest.mark.parametrize(
    "path",
    [f"/v1/sites/{PLATER}/permits", "/v1/approvals/A1", "/v1/applications/S1"],
)
def test_permits_are_for_their_own_organisations(asks: Any, path: str) -> None:
    assert asks(path, Role.PRODUCER, PRODUCER_ORG).status_code == 200
    assert asks(path, Role.PRODUCER, HOSPITAL_ORG).status_code == 404
    assert asks(path, Role.AUDITOR).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/sites/{HOSPITAL}/permits",
        "/v1/approvals/A9",
        "/v1/applications/S9",
        f"/v1/carriers/{HOSPITAL_ORG}",
    ],
)
def test_what_is_not_there(asks: Any, path: str) -> None:
    assert asks(path).status_code == 404


def test_a_carrier_reads_its_own(asks: Any) -> None:
    assert asks(f"/v1/carriers/{CARRIER_ORG}", Role.CARRIER, CARRIER_ORG).status_code == 200
    assert asks(f"/v1/carriers/{CARRIER_ORG}", Role.PRODUCER, PRODUCER_ORG).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_site_page_shows_it(world: World, lang: str) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key())
    client.cookies.set("lang", lang)
    plater, kiln = client.get(f"/sites/{PLATER}").text, client.get(f"/sites/{KILN}").text
    told = {
        "zh": ("信用 B", "月报", "保险已中断", "2025 年管理计划"),
        "en": ("credit B", "monthly report", "not insured", "Management plan 2025"),
    }
    assert all(words in plater for words in (*told[lang], "A1", "S1", "P2025"))
    coming = {"zh": ("已预约 / 在途", "自 2025-04-01"), "en": ("Booked / in transit", "since 2025-04-01")}
    assert all(words in kiln for words in coming[lang])


def test_an_alert_about_a_site_or_a_day_says_which(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    log_in(client, world.key())
    assert f">site {PLATER}<" in client.get(f"/sites/{PLATER}").text
    assert "3306040001 · 2025-03-23" in client.get(f"/sites/{KILN}").text
