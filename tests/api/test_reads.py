"""The access log: who read whose records is a fact, gathered, stated once, told to whom it concerns."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson

from models.access import RegulatorKind
from models.errors import LedgerUnavailable
from models.facts import READ, Role
from models.facts.oversight import Subject
from rules.defaults import SYSTEM_ORG
from streams.keys import Holder, create_key
from streams.readings import ReadLog
from tests.api.house import Client, House, problem_of
from tests.facts import FACILITY_ORG, MANIFEST, PRODUCER_ORG, REGULATOR_ORG, departed, weighed
from tests.streams.ledgers import fresh_id, stored

LOOKER = Holder("a1b2c3d4e5f6", REGULATOR_ORG, Role.REGULATOR, "test")


def stated(house: House) -> list[dict[str, Any]]:
    """All readings in the ledger."""
    rows = house.ledger.of_kind(READ, 0, 1000)
    assert all(row.stated_by == SYSTEM_ORG for row in rows)
    return [read for row in rows for read in orjson.loads(row.data)["reads"]]


async def a_fact(client: Client) -> str:
    answer = await client.post(stored())
    return str(answer.json()["receipts"][0]["seq"])


async def flushed(client: Client) -> int:
    return await asyncio.to_thread(client.app.state.parts.reads.flush)


async def test_a_foreign_read_is_stated_and_told_to_the_party(house: House, client: Client) -> None:
    seq = await a_fact(client)
    for _ in range(3):
        assert (await client.get(f"/v1/facts/{seq}", Role.REGULATOR)).status_code == 200
    assert await flushed(client) == 1
    (read,) = stated(house)
    assert (read["org"], read["role"], read["what"], read["subject"], read["times"]) == (
        REGULATOR_ORG,
        "regulator",
        "fact",
        seq,
        3,
    )
    told = (await client.get("/v1/reads", Role.PRODUCER, subject=f"fact:{seq}")).json()
    assert [each["org"] for each in told["reads"]] == [REGULATOR_ORG]
    assert told["reads"][0]["reader"] is None
    audited = (await client.get("/v1/reads", Role.AUDITOR, subject=f"fact:{seq}")).json()
    assert audited["reads"][0]["reader"] == read["reader"]


async def test_ones_own_is_nobodys_news(house: House, client: Client) -> None:
    seq = await a_fact(client)
    assert (await client.get(f"/v1/facts/{seq}", Role.PRODUCER)).status_code == 200
    assert await flushed(client) == 0
    assert stated(house) == []


async def test_what_is_not_told_is_not_a_reading(house: House, client: Client) -> None:
    seq = await a_fact(client)
    assert (await client.get(f"/v1/facts/{seq}", Role.CARRIER)).status_code == 404
    problem_of(await client.get("/v1/reads", Role.CARRIER, subject=f"fact:{seq}"), 404)
    assert await flushed(client) == 0


async def test_nobody_may_state_a_reading(client: Client) -> None:
    read = {"org": PRODUCER_ORG, "role": "producer", "reader": "k", "at": "2025-03-03T09:00:00+08:00"}
    wire = {
        "kind": READ,
        "event_id": fresh_id(),
        "occurred_at": "2025-03-03T09:00:00+08:00",
        "reads": [{**read, "what": "site", "subject": "330106-PLATER01", "rows": 1, "times": 1}],
    }
    for role in client.tokens:
        answer = await client.post(wire, role)
        assert (answer.status_code, answer.json()["code"]) in {
            (422, "role_may_not_state"),
            (403, "forbidden"),
        }, role


async def test_the_facts_of_the_log_are_for_auditors(house: House, client: Client) -> None:
    client.app.state.parts.reads.note(
        Holder("k", FACILITY_ORG, Role.FACILITY, "test"), Subject.SITE, "330106-PLATER01"
    )
    await flushed(client)
    (row,) = house.ledger.of_kind(READ, 0, 10)
    assert (await client.get(f"/v1/facts/{row.seq}", Role.AUDITOR)).status_code == 200
    for role in (Role.FACILITY, Role.REGULATOR, Role.PRODUCER):
        problem_of(await client.get(f"/v1/facts/{row.seq}", role), 404)


async def test_the_police_look_unseen(house: House, client: Client) -> None:
    seq = await a_fact(client)
    police = Holder("p" * 12, REGULATOR_ORG, Role.REGULATOR, "p", regulator=RegulatorKind.POLICE)
    client.app.state.parts.reads.note(police, Subject.FACT, seq)
    await flushed(client)
    assert (await client.get("/v1/reads", Role.PRODUCER, subject=f"fact:{seq}")).json()["reads"] == []
    told = (await client.get("/v1/reads", Role.AUDITOR, subject=f"fact:{seq}")).json()
    assert [read["regulator"] for read in told["reads"]] == ["police"]


async def test_a_process_that_is_told_to_stop_states_what_it_has(house: House) -> None:
    async with house.client() as client:
        client.app.state.parts.reads.note(LOOKER, Subject.MANIFEST, MANIFEST, 7)
    assert [(read["subject"], read["rows"]) for read in stated(house)] == [(MANIFEST, 7)]


async def test_pages_of_the_log_go_on_where_the_last_ended(client: Client) -> None:
    seq = await a_fact(client)
    for _ in range(3):
        await client.get(f"/v1/facts/{seq}", Role.REGULATOR)
        await flushed(client)
    first = (await client.get("/v1/reads", Role.PRODUCER, subject=f"fact:{seq}", limit=2)).json()
    assert len(first["reads"]) == 2
    rest = (
        await client.get("/v1/reads", Role.PRODUCER, subject=f"fact:{seq}", before=first["next"], limit=2)
    ).json()
    assert len(rest["reads"]) == 1
    assert rest["next"] is None


async def test_a_subject_that_means_nothing_is_refused(client: Client) -> None:
    for subject in ("manifest:", "nothing:1", "20253301000001", "fact:" + "9" * 30):
        answer = await client.get("/v1/reads", Role.AUDITOR, subject=subject)
        assert answer.status_code == (404 if subject.startswith("fact:") else 422)


class Away:
    """A ledger that is away for so many tries."""

    def __init__(self, house: House, tries: int) -> None:
        self.real, self.tries, self.said = house.ledger, tries, []  # type: ignore[var-annotated]

    def now(self) -> int:
        return self.real.now()

    def accept(self, submissions: Any) -> Any:
        self.said.append(submissions[0].facts[0].event_id)
        if self.tries:
            self.tries -= 1
            raise LedgerUnavailable("away")
        return self.real.accept(submissions)


def test_a_ledger_that_is_away_loses_no_reading_and_doubles_none(house: House) -> None:
    away = Away(house, 2)
    log = ReadLog(away)  # type: ignore[arg-type]
    log.note(LOOKER, Subject.SITE, "330106-PLATER01")
    assert [log.flush(), log.flush()] == [0, 0]
    log.note(LOOKER, Subject.SITE, "330604-KILN01")
    assert log.flush() == 2
    assert len(set(away.said[:3])) == 1  # The same fact again, under the same id.
    assert sorted(read["subject"] for read in stated(house)) == ["330106-PLATER01", "330604-KILN01"]


def test_memory_is_bounded_and_the_read_goes_on(house: House) -> None:
    log = ReadLog(house.ledger, waiting_max=3)
    for number in range(10):
        log.note(LOOKER, Subject.FACT, str(number))
    log.note(LOOKER, Subject.FACT, "0")
    assert log.flush() == 1
    assert [(read["subject"], read["times"]) for read in stated(house)] == [("0", 2), ("1", 1), ("2", 1)]


def test_many_readings_are_stated_in_several_facts(house: House) -> None:
    log = ReadLog(house.ledger)
    for number in range(450):
        log.note(LOOKER, Subject.FACT, str(number))
    assert log.flush() == 3
    assert len(stated(house)) == 450


async def test_regulators_state_what_is_theirs(house: House, tmp_path: Path) -> None:
    async with house.client() as client:

        async def code(regulator: RegulatorKind, region: str, body: Any) -> str:
            token = create_key(
                house.ledger.databases,
                REGULATOR_ORG,
                Role.REGULATOR,
                "r",
                regulator=regulator,
                region=region,
            )[1]
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = await client.http.post("/v1/facts", content=orjson.dumps(body), headers=headers)
            return "" if answer.status_code == 201 else str(answer.json()["code"])

        def fact(kind: str, **more: Any) -> dict[str, Any]:
            return {"kind": kind, "event_id": fresh_id(), "occurred_at": "2025-03-03T09:00:00+08:00", **more}

        def clue(site: str) -> dict[str, Any]:
            return fact("clue-recorded.v1", site=site, source="hotline", text="smoke")

        def limit(scope: dict[str, Any]) -> dict[str, Any]:
            named = {"limit": "storage_term", "value": 2, "unit": "days"}
            return fact("limit-set.v1", scope=scope, effective_from="2025-01-01", citation="test", **named)

        def case(**what: list[str]) -> dict[str, Any]:
            return fact("case-exported.v1", case_no="1", to_org=PRODUCER_ORG, reason="r", **what)

        e, h, t, p = RegulatorKind
        site = "330106-PLATER01"
        assert await code(e, "3301", clue(site)) == ""
        assert await code(e, "3302", clue(site)) == "outside_region"
        assert await code(p, "", clue(site)) == ""
        assert await code(t, "33", limit({"region": "33"})) == "regulator_may_not_state"
        assert await code(h, "33", limit({"region": "33", "category": "HW01"})) == ""
        assert await code(h, "33", limit({"region": "33", "role": "health-facility"})) == ""
        assert await code(h, "33", limit({"region": "33"})) == "not_medical"
        assert await code(h, "33", limit({"region": "33", "category": "HW08"})) == "not_medical"
        assert await code(e, "33", limit({"region": "3301"})) == ""
        assert await code(e, "33", limit({})) == "outside_region"
        assert await code(e, "3301", limit({"region": "33"})) == "outside_region"
        assert await code(e, "", limit({})) == ""
        assert await code(p, "", case(sites=[site])) == "regulator_may_not_state"
        assert await code(e, "3301", case(sites=[site])) == ""
        assert await code(e, "3302", case(sites=[site])) == "outside_region"
        await client.post([departed(event_id=fresh_id()), weighed(event_id=fresh_id())], Role.FACILITY)
        assert await code(e, "65", case(manifests=[MANIFEST])) == "outside_region"
