"""Pages of corrections and of the past: a fact's versions, requests that wait, what was known and what had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from models.alerts import ALERTS, AlertKind
from models.facts import Role
from models.tables import AlertRow
from streams.databases import reading
from streams.keys import create_key
from tests import facts
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    MANIFEST,
    PLATER,
    SLUDGE,
    TRADER_ORG,
    correction_approved,
    correction_requested,
    day,
    line,
    money_line,
)
from tests.pages.browsing import log_in
from tests.pages.conftest import logged_in
from tests.pages.province import registered
from tests.pages.world import World

DIFFERS = ALERTS[AlertKind.MANIFEST_MASS_DIFFERS].zh.title
LOADED = facts.departed(at=day(1), kg=12_500)
TYPED = facts.accepted(at=day(1, 15), kg=125_000)
ASKED = correction_requested(
    TYPED,
    FACILITY_ORG,
    at=day(3),
    replacement={**TYPED, "lines": [line(kg=12_500)]},
    explanation="小数点错位",
)
WAITS = correction_requested(
    LOADED, facts.CARRIER_ORG, at=day(4, 10), reason="did-not-occur", explanation="never left"
)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Case 10 of DOMAIN 11, a request that waits, and a lot that was recorded a year after it came into store."""
    made = World(tmp_path_factory.mktemp("corrected"))
    made.post(*registered())
    made.post(LOADED, TYPED)
    made.post(facts.invoiced(at=day(2), lines=[money_line(manifest_no=MANIFEST)], seller_org=TRADER_ORG))
    made.post(ASKED, stated_by=FACILITY_ORG)
    made.post(correction_approved(ASKED, FACILITY_ORG, at=day(4)), stated_by=TRADER_ORG)
    made.post(WAITS, stated_by=facts.CARRIER_ORG)
    made.post(facts.stored("HWCS20240101001", SLUDGE, 900, at=day(-380)), at=day(5))
    made.settle(day(6))
    yield made
    made.databases.dispose()


@pytest.fixture(scope="module")
def reader(corrected: World) -> TestClient:
    """A regulator."""
    return logged_in(corrected, Role.REGULATOR)


def _as(world: World, org: str, role: Role) -> TestClient:
    client = TestClient(create_app(world.settings, databases=world.databases, ledger=world.ledger))
    _, token = create_key(world.databases, org, role, "test")
    log_in(client, token)
    return client


def _seq(world: World, kind: str) -> int:
    return next(row.seq for row in world.ledger.rows(0, 10_000) if row.kind == kind)


def _words(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_facts_page_tells_what_holds_what_was_said_and_what_is_sealed(
    corrected: World, reader: TestClient, lang: str
) -> None:
    text = _words(reader.get(f"/facts/{_seq(corrected, 'receipt-accepted.v1')}?lang={lang}").text)
    reader.cookies.delete("lang")
    said, sealed = text.partition('id="h-said"')[2], text.partition('id="h-sealed"')[2]
    assert "<del>125 t</del> <ins>12.5 t</ins>" in text
    assert "小数点错位" in said
    assert ("已同意" if lang == "zh" else "approved") in said
    assert ("发票" if lang == "zh" else "Invoice") in sealed
    assert f'href="/manifests/{MANIFEST}"' in text


def test_the_row_of_a_decision_leads_to_the_fact_it_is_about(corrected: World, reader: TestClient) -> None:
    number = _seq(corrected, "receipt-accepted.v1")
    for kind in ("correction-requested.v1", "correction-approved.v1"):
        assert f"#{number}</span></h1>" in reader.get(f"/facts/{_seq(corrected, kind)}").text


@pytest.mark.parametrize("path", ["/facts/0", "/facts/999999", "/facts/x", "/facts/9999999999999999999999"])
def test_a_fact_that_is_not_there_has_no_page(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_a_fact_is_for_whom_it_concerns(corrected: World) -> None:
    path = f"/facts/{_seq(corrected, 'receipt-accepted.v1')}"
    assert _as(corrected, TRADER_ORG, Role.INTERMEDIARY).get(path).status_code == 200
    assert _as(corrected, HOSPITAL_ORG, Role.PRODUCER).get(path).status_code == 404


def test_requests_wait_on_a_page_of_their_own(corrected: World, reader: TestClient) -> None:
    waiting = reader.get("/corrections").text
    assert "never left" in waiting
    assert "小数点错位" not in waiting
    assert "小数点错位" in reader.get("/corrections?status=approved").text
    assert "never left" in reader.get("/corrections?status=all&before=999999").text
    assert "没有待处理的更正请求" in reader.get("/corrections?status=declined").text
    assert "没有待处理的更正请求" in reader.get("/corrections?status=all&before=1").text


def test_a_request_is_shown_to_whom_it_concerns(corrected: World) -> None:
    for org, role, sees in (
        (FACILITY_ORG, Role.FACILITY, True),
        (facts.CARRIER_ORG, Role.CARRIER, True),
        (HOSPITAL_ORG, Role.PRODUCER, False),
    ):
        assert ("never left" in _as(corrected, org, role).get("/corrections").text) == sees


def test_a_manifest_shows_the_requests_that_wait_about_its_facts(reader: TestClient) -> None:
    waiting = reader.get(f"/manifests/{MANIFEST}").text.partition('id="h-wishes"')[2]
    assert "never left" in waiting
    assert "小数点错位" not in waiting
    assert 'id="h-wishes"' not in reader.get(f"/manifests/{MANIFEST}?known_at=2025-03-06T12:00").text


# The past


def test_the_look_back_shows_what_lasted_then(reader: TestClient) -> None:
    empty = reader.get("/past").text
    assert 'name="known_at"' in empty
    then = reader.get("/past?known_at=2025-03-06T12:00").text
    assert DIFFERS in then
    assert "known_at=2025-03-06T12:00:59" in then
    assert DIFFERS not in reader.get("/past?known_at=2025-03-08T12:00").text
    assert DIFFERS not in reader.get("/past?known_at=2025-03-08T12:00&as_of=2025-03-04T16:00").text
    assert DIFFERS in reader.get("/past?known_at=2025-03-06T12:00&as_of=2025-03-04T16:00").text
    assert DIFFERS not in reader.get("/past?known_at=2025-03-06T12:00&as_of=2025-03-04T12:00").text
    assert "时间格式不正确" in reader.get("/past?known_at=yesterday").text


def test_a_site_is_shown_as_of_a_moment(reader: TestClient) -> None:
    lot = "HWCS20240101001"
    path = f"/sites/{PLATER}"
    assert lot in reader.get(path).text
    assert lot not in reader.get(f"{path}?known_at=2025-03-07T12:00").text
    assert lot in reader.get(f"{path}?known_at=2025-03-08T12:00").text
    assert lot not in reader.get(f"{path}?as_of=2024-01-01T00:00").text
    shown = reader.get(f"{path}?as_of=2024-03-01T00:00").text
    assert lot in shown
    assert "只含 2024-03-01 00:00 及以前发生的事" in shown


def test_every_page_offers_another_moment_to_who_may_look_back(corrected: World, reader: TestClient) -> None:
    for path, action in (("/", "/past"), (f"/sites/{PLATER}", f"/sites/{PLATER}"), ("/storage", "/past")):
        assert f'action="{action}"' in reader.get(path).text
    facility = _as(corrected, FACILITY_ORG, Role.FACILITY)
    assert 'name="known_at"' not in facility.get("/").text
    assert facility.get("/past").status_code == 403
    assert facility.get(f"/sites/{facts.KILN}?known_at=2025-03-08T12:00").status_code in {403, 404}


def test_an_alert_that_a_late_fact_brought_says_so(corrected: World, reader: TestClient) -> None:
    with reading(corrected.databases.state) as connection:
        query = select(AlertRow.alert_id, AlertRow.kind)
        ids = {row[1]: row[0] for row in connection.execute(query)}
    late = reader.get(f"/alerts/{ids['storage.over_limit']}").text
    seq = next(row.seq for row in corrected.ledger.rows(0, 10_000) if b"HWCS20240101001" in row.data)
    assert "迟至 2025-03-08 09:00 才由“入库”得知，事情发生于 2024-02-17 09:00" in late
    assert f'href="/facts/{seq}"' in late
    assert "迟报 30 天以上" in late
    ordinary = reader.get(f"/alerts/{ids['manifest.mass_differs']}").text
    assert "才由" not in ordinary
    approval = _seq(corrected, "correction-approved.v1")
    assert f'href="/facts/{approval}"' in ordinary.partition('id="h-changes"')[2]
    assert "更正使其不再成立" in ordinary
