"""Questions about the past: of every key and moment they answer what `feilian replay --as-of --known-at` answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api import past
from api.app import create_app
from api.show import second
from consumers.replay import Folded, as_of
from models.exact import DAY_US, HOUR_US, format_instant
from models.facts import Role
from models.topics import Concern
from rules import custody, storage
from streams import moments
from streams.keys import create_key
from streams.moments import moment_of, seq_known_at
from tests import facts
from tests.api.house import ORGS, Client, problem_of
from tests.facts import (
    FACILITY_ORG,
    MANIFEST,
    TRADER_ORG,
    correction_approved,
    correction_requested,
    day,
    line,
    money_line,
)
from tests.pages.province import END, LATE, all_facts
from tests.pages.world import World, in_order

LASTING = ("open", "regressed")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The little province of the pages, with late and corrected facts and every concern in it."""
    made = World(tmp_path_factory.mktemp("past"))
    made.post(*in_order(all_facts()))
    made.settle(END)
    return made


async def _client(world: World) -> AsyncIterator[Client]:
    tokens = {role: create_key(world.databases, ORGS[role], role, "test")[1] for role in Role}
    app = create_app(world.settings, databases=world.databases, ledger=world.ledger)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Client(http, tokens, app)


@pytest.fixture
async def client(province: World) -> AsyncIterator[Client]:
    """A client of the province."""
    async for made in _client(province):
        yield made


def _moments(world: World) -> list[tuple[int | None, int | None]]:
    """(as_of, known_at): now, and then at and around the times at which something was recorded."""
    rows = [row for row in world.ledger.rows(0, 10_000) if not row.kind.endswith("-set.v1")]
    times = sorted({row.recorded_at for row in rows})
    some = times[:: max(1, len(times) // 6)]
    later = some[len(some) // 2]
    found: list[tuple[int | None, int | None]] = [(None, at) for at in (*some, some[-1] - 1)]
    found += [(at, None) for at in some]
    return [*found, *((at - DAY_US, later) for at in some), (END - HOUR_US, END)]


def _folded(world: World, happened: int | None, known: int | None) -> Folded:
    moment = moment_of(world.ledger, happened, known)
    return as_of(
        world.ledger, world.ledger.meta.shards, event_time=moment.event_time, known_seq=moment.known_seq
    )


def _query(happened: int | None, known: int | None) -> dict[str, Any]:
    named = {"as_of": happened, "known_at": known}
    return {name: format_instant(at) for name, at in named.items() if at is not None}


def _found(alerts: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {
        (
            each["kind"],
            each["subject"],
            each["condition"],
            each["since"],
            each["until"],
            str(sorted(each["amounts"].items())),
        )
        for each in alerts
    }


def _told(folded: Folded, concern: Concern, key: str) -> set[tuple[Any, ...]]:
    found = set()
    for (of, name), alert in folded.alerts():
        if (of, name) == (concern, key):
            finding = alert.finding
            until = format_instant(finding.until) if finding.until is not None else None
            since = format_instant(finding.since)
            found.add(
                (
                    finding.kind,
                    finding.subject,
                    alert.condition,
                    since,
                    until,
                    str(sorted(finding.amounts.items())),
                )
            )
    return found


async def test_every_manifest_and_stock_is_what_the_replay_says(province: World, client: Client) -> None:
    compared = alerted = 0
    for happened, known in _moments(province):
        folded, query = _folded(province, happened, known), _query(happened, known)
        for (concern, key), case in folded.cases.items():
            if concern is Concern.CUSTODY and key.isdigit():  # The others are vehicles.
                answer = (await client.get(f"/v1/manifests/{key}", **query)).json()
                (subject,) = case.state.subjects.values() or (None,)
                told = custody.summary(subject)["status"] if subject is not None else None
                assert (answer["manifest"] or {}).get("status") == told
            elif concern is Concern.STORAGE:
                answer = (await client.get(f"/v1/sites/{key}/stock", **query)).json()
                law = folded.book.latest
                stock = storage.summary(case.state.subjects, law, key)
                assert [lot["mass_g"] for lot in answer["stock"]["lots"]] == [
                    lot["mass_g"] for lot in stock["lots"]
                ]
            else:
                continue
            assert _found(answer["alerts"]) == _told(folded, concern, key), (key, query)
            compared, alerted = compared + 1, alerted + bool(answer["alerts"])
    assert compared > 100
    assert alerted > 10


async def test_the_list_of_alerts_known_then_is_what_the_replay_says_lasted(
    province: World, client: Client
) -> None:
    several = 0
    for happened, known in _moments(province):
        if happened is not None or known is None:
            continue
        answer = await client.get(
            "/v1/alerts", limit=500, known_at=format_instant(known), condition=list(LASTING)
        )
        found = {(each["kind"], each["key"], each["subject"]) for each in answer.json()["alerts"]}
        folded = _folded(province, None, known)
        assert found == {
            (alert.finding.kind, key, alert.finding.subject)
            for (_, key), alert in folded.alerts()
            if alert.condition in LASTING
        }, second(known)
        several += len(found) > 3
    assert several > 2


async def test_what_lasted_at_an_event_time_is_told_by_what_is_known_now(client: Client) -> None:
    everything = (await client.get("/v1/alerts", limit=500)).json()["alerts"]
    for at in (END, END - 10 * DAY_US, END - 30 * DAY_US):
        text = format_instant(at)
        found = (await client.get("/v1/alerts", limit=500, as_of=text)).json()["alerts"]
        assert {each["alert_id"] for each in found} == {
            each["alert_id"]
            for each in everything
            if each["standing"] and each["since"] <= text and (each["until"] is None or each["until"] > text)
        }


async def test_both_times_are_asked_together(client: Client) -> None:
    known, happened = format_instant(END - 5 * DAY_US), format_instant(END - 20 * DAY_US)
    as_known = (await client.get("/v1/alerts", limit=500, known_at=known)).json()["alerts"]
    both = (await client.get("/v1/alerts", limit=500, known_at=known, as_of=happened)).json()["alerts"]
    assert [each["alert_id"] for each in both] == [
        each["alert_id"]
        for each in as_known
        if each["standing"]
        and each["since"] <= happened
        and (each["until"] is None or each["until"] > happened)
    ]


async def test_pages_of_the_past_follow_each_other(client: Client) -> None:
    known = format_instant(END)
    whole = (await client.get("/v1/alerts", limit=500, known_at=known)).json()["alerts"]
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await client.get("/v1/alerts", limit=3, known_at=known, **cursor)).json()
        found += page["alerts"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [each["alert_id"] for each in found] == [each["alert_id"] for each in whole]


# DOMAIN 11, case 10


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> World:
    """12.5 t accepted and typed as 125; billed, so that the payer has to agree to the correction."""
    made = World(tmp_path_factory.mktemp("corrected"))
    typed = facts.accepted(at=day(1, 15), kg=125_000)
    billed = facts.invoiced(at=day(2), lines=[money_line(manifest_no=MANIFEST)], seller_org=TRADER_ORG)
    asked = correction_requested(
        typed, FACILITY_ORG, at=day(3), replacement={**typed, "lines": [line(kg=12_500)]}
    )
    made.post(facts.departed(at=day(1), kg=12_500), typed, billed)
    made.post(asked, stated_by=FACILITY_ORG)
    made.post(correction_approved(asked, FACILITY_ORG, at=day(4)), stated_by=TRADER_ORG)
    made.settle(day(5))
    return made


async def test_a_correction_clears_the_alert_and_what_was_known_before_still_shows_it(
    corrected: World,
) -> None:
    async for client in _client(corrected):
        now = (await client.get(f"/v1/manifests/{MANIFEST}")).json()
        (alert,) = [each for each in now["alerts"] if each["kind"] == "manifest.mass_differs"]
        assert (alert["condition"], alert["cleared_because"]) == ("cleared", "correction")
        history = (await client.get(f"/v1/alerts/{alert['alert_id']}")).json()["changes"]
        assert [each["change"] for each in history] == ["raised", "cleared"]
        before: dict[str, Any] = {"known_at": format_instant(day(3, 12))}
        then = (await client.get(f"/v1/manifests/{MANIFEST}", **before)).json()
        assert [each["condition"] for each in then["alerts"]] == ["open"]
        assert then["manifest"]["lines"][0]["accepted_g"] == 125_000_000
        listed = (await client.get("/v1/alerts", kind="manifest.mass_differs", **before)).json()["alerts"]
        assert [(each["alert_id"], each["condition"]) for each in listed] == [(alert["alert_id"], "open")]
        happened: dict[str, Any] = {"as_of": format_instant(day(3, 12))}
        assert (await client.get(f"/v1/manifests/{MANIFEST}", **happened)).json()["alerts"] == []


async def test_a_facts_versions_are_told_as_they_were_known(corrected: World) -> None:
    seqs = {row.kind: row.seq for row in corrected.ledger.rows(0, 10_000)}
    typed, asked = seqs["receipt-accepted.v1"], seqs["correction-requested.v1"]
    async for client in _client(corrected):
        now = (await client.get(f"/v1/facts/{typed}")).json()
        assert [each["kind"] for each in now["versions"]] == [
            "correction-requested.v1",
            "correction-approved.v1",
        ]
        assert now["corrected_by"] == seqs["correction-approved.v1"]
        assert now["in_force"]["lines"][0]["mass_kg"] == "12500"
        assert now["sealed"]["lines.mass_kg"] == [{"stated_by": TRADER_ORG, "kind": "invoice-issued.v1"}]
        assert "occurred_at" in now["sealed"]
        assert now["requests"][0]["status"] == "approved"
        before: dict[str, Any] = {"known_at": format_instant(day(3, 12))}
        then = (await client.get(f"/v1/facts/{typed}", **before)).json()
        assert (then["corrected_by"], then["in_force"]["lines"][0]["mass_kg"]) == (None, "125000")
        assert (then["requests"][0]["status"], then["requests"][0]["may_decide"]) == ("pending", [TRADER_ORG])
        early: dict[str, Any] = {"known_at": format_instant(day(2, 12))}
        problem_of(await client.get(f"/v1/facts/{asked}", **early), 404)
        problem_of(await client.get(f"/v1/facts/{typed}", as_of=format_instant(day(1, 14))), 404)
        assert (await client.get(f"/v1/facts/{typed}", as_of=format_instant(day(1, 15)))).status_code == 200


# What is refused


async def test_only_who_sees_all_asks_about_the_past(client: Client) -> None:
    for path in ("/v1/alerts", f"/v1/manifests/{MANIFEST}", "/v1/facts/1", "/v1/sites/330106-PLATER01/stock"):
        for name in ("as_of", "known_at"):
            query: dict[str, Any] = {name: format_instant(END)}
            problem_of(await client.get(path, Role.PRODUCER, **query), 403)
            problem_of(await client.get(path, **dict[str, Any]({name: "yesterday"})), 422)


async def test_what_was_not_known_yet_is_not_there(client: Client) -> None:
    early: dict[str, Any] = {"known_at": "2020-01-01T00:00:00+08:00"}
    problem_of(await client.get(f"/v1/manifests/{MANIFEST}", **early), 404)
    problem_of(await client.get("/v1/facts/1", **early), 404)
    assert (await client.get("/v1/alerts", **early)).json() == {"alerts": [], "next": None}


async def test_what_would_cost_too_much_is_refused_with_a_hint(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "FOLD_FACTS_MAX", 1)
    query: dict[str, Any] = {"known_at": format_instant(END)}
    refused = problem_of(await client.get(f"/v1/manifests/{LATE}", **query), 422)
    assert refused["code"] == "too_many_to_fold"
    assert "feilian replay" in refused["detail"]
    monkeypatch.setattr(past, "FOLD_FACTS_MAX", 5_000)
    monkeypatch.setattr(moments, "FOLD_FACTS_MAX", 1)
    problem_of(await client.get(f"/v1/manifests/{LATE}", **query), 422)


def test_the_last_seq_known_is_found_at_its_very_instant(province: World) -> None:
    rows = province.ledger.rows(0, 10_000)
    for row in rows[-20:]:
        known = [each.seq for each in rows if each.recorded_at <= row.recorded_at]
        assert seq_known_at(province.ledger, row.recorded_at) == max(known)
        earlier = [each.seq for each in rows if each.recorded_at < row.recorded_at]
        assert seq_known_at(province.ledger, row.recorded_at - 1) == max(earlier)
    assert seq_known_at(province.ledger, 0) == 0
