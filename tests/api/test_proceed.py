"""Prefer: handling=proceed takes the good facts of a batch; a dry run answers as the real call would, and writes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.prefer import wishes_of
from api.problems import ProblemError
from models.facts import Role
from streams.ledger_types import Handling
from tests import facts
from tests.api.house import Client, House, errors_of, problem_of
from tests.facts import PLATER, PRODUCER_ORG, day
from tests.streams.ledgers import fresh_id, seqs, stored

PROCEED = "handling=proceed"


async def _post(client: Client, body: object, *, dry_run: bool = False, prefer: str = "") -> httpx.Response:
    path = "/v1/facts?dry_run=true" if dry_run else "/v1/facts"
    sent = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"} | (
        {"prefer": prefer} if prefer else {}
    )
    return await client.http.post(path, json=body, headers=sent)


def _statuses(response: httpx.Response) -> list[str]:
    return [result["status"] for result in response.json()["results"]]


def _errors(response: httpx.Response) -> list[list[tuple[str, str]]]:
    results = response.json()["results"]
    return [[(error["path"], error["code"]) for error in result.get("errors", [])] for result in results]


# Proceed


async def test_good_facts_are_taken_and_the_others_reported_in_order(client: Client, house: House) -> None:
    good, known = stored(), stored()
    await client.post(known)
    bad, reused = {**stored(), "mass_kg": "x", "colour": 1}, {**known, "mass_kg": "7"}
    response = await _post(client, [bad, good, 7, known, reused, stored()], prefer=PROCEED)
    assert response.status_code == 200
    assert response.headers["preference-applied"] == "handling=proceed"
    body = response.json()
    assert (body["accepted"], body["refused"]) == (3, 3)
    assert _statuses(response) == ["refused", "new", "refused", "known", "refused", "new"]
    assert _errors(response) == [
        [("$[0].mass_kg", "bad_mass"), ("$[0].colour", "unknown_field")],
        [],
        [("$[2]", "wrong_type")],
        [],
        [("$[4].event_id", "event_id_reused")],
        [],
    ]
    assert body["results"][1]["receipt"]["event_id"] == good["event_id"]
    assert seqs(house.ledger) == [1, 2, 3]


async def test_a_retry_gets_the_same_answers_with_known_for_new(client: Client, house: House) -> None:
    batch = [stored(), {**stored(), "pieces": 0}, stored()]
    first, second = [(await _post(client, batch, prefer=PROCEED)).json() for _ in range(2)]
    for result in first["results"]:
        if result["status"] == "new":
            result["status"] = result["receipt"]["status"] = "known"
    assert first == second
    assert seqs(house.ledger) == [1, 2]


async def test_all_good_is_created_and_all_bad_is_refused(client: Client, house: House) -> None:
    whole = await _post(client, [stored(), stored()], prefer=PROCEED)
    assert (whole.status_code, _statuses(whole)) == (201, ["new", "new"])
    none = await _post(client, [{"kind": "x"}, 7], prefer=PROCEED)
    assert errors_of(none) == [("$[0].kind", "unknown_kind"), ("$[1]", "wrong_type")]
    assert seqs(house.ledger) == [1, 2]


async def test_a_correction_is_decided_by_what_was_accepted_before_it(client: Client) -> None:
    wire, bad = stored(), {**stored(), "mass_kg": "0"}
    batch = [wire, facts.corrected(wire, day(2), mass_kg="1"), bad, facts.corrected(bad, day(2), mass_kg="2")]
    response = await _post(client, batch, prefer=PROCEED)
    assert _statuses(response) == ["new", "new", "refused", "refused"]
    assert _errors(response)[3] == [("$[3].corrects", "unknown_fact")]


async def test_the_same_id_twice_in_a_batch_is_known_or_reused(client: Client) -> None:
    wire = stored()
    response = await _post(client, [wire, wire, {**wire, "mass_kg": "9"}], prefer=PROCEED)
    assert _statuses(response) == ["new", "known", "refused"]


async def test_a_fact_alone_is_handled_as_ever(client: Client) -> None:
    response = await _post(client, stored(), prefer=PROCEED)
    assert response.status_code == 201
    assert len(response.json()["receipts"]) == 1


async def test_without_the_preference_one_bad_fact_refuses_all(client: Client, house: House) -> None:
    for prefer in ("", "handling=strict", "respond-async, wait=10"):
        errors_of(await _post(client, [stored(), 7], prefer=prefer))
    assert seqs(house.ledger) == []


async def test_a_thousand_bad_facts_get_a_bounded_answer(client: Client) -> None:
    bad = [{"kind": "waste-stored.v1", **{f"x{n}": 1 for n in range(40)}} for _ in range(999)]
    response = await _post(client, [stored(), *bad], prefer=PROCEED)
    assert (response.status_code, response.json()["refused"]) == (200, 999)
    assert all(result["errors"] for result in response.json()["results"][1:])
    assert sum(len(result.get("errors", [])) for result in response.json()["results"]) <= 2000


@pytest.mark.parametrize(
    ("headers", "handling", "applied"),
    [
        ([], Handling.STRICT, ""),
        (["handling=proceed"], Handling.PROCEED, "handling=proceed"),
        (['Handling = "Proceed"; foo=1'], Handling.PROCEED, "handling=proceed"),
        (["handling=lenient"], Handling.PROCEED, "handling=lenient"),
        (["handling=strict, handling=proceed"], Handling.STRICT, "handling=strict"),
        (["respond-async", "wait=5, handling=proceed"], Handling.PROCEED, "handling=proceed"),
        (["handling=procede"], Handling.STRICT, ""),
        (["handling"], Handling.STRICT, ""),
        (["," * 100_000 + "handling=proceed"], Handling.STRICT, ""),
    ],
)
def test_preferences_are_read_as_rfc_7240_has_them(
    headers: list[str], handling: Handling, applied: str
) -> None:
    wishes = wishes_of(b"", headers)
    assert (wishes.handling, wishes.applied) == (handling, applied)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"dryrun=true", "unknown_parameter"),
        (b"dry_run=yes", "not_one_of"),
        (b"dry_run", "not_one_of"),
        (b"dry_run=true&dry_run=false", "repeated_parameter"),
        (b"dry_run=true&\xff=1", "unknown_parameter"),
    ],
)
def test_a_misspelt_dry_run_is_never_accepted_in_earnest(query: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        wishes_of(query, [])
    assert [str(found.code) for found in caught.value.problems] == [code]


# Dry run


async def test_a_dry_run_answers_and_leaves_nothing_behind(client: Client, house: House) -> None:
    wire, known = stored(), stored()
    receipt = (await client.post(known)).json()["receipts"][0]
    dry = await _post(client, [wire, known], dry_run=True)
    assert (dry.status_code, dry.json()["dry_run"]) == (201, True)
    assert "location" not in dry.headers
    new, there = dry.json()["receipts"]
    assert (new["status"], new["seq"], new["leaf"], new["recorded_at"]) == ("new", None, None, None)
    assert there == {**receipt, "status": "known"}
    assert seqs(house.ledger) == [1]
    assert (await client.post(wire)).json()["receipts"][0]["seq"] == 2


async def test_dry_runs_beside_real_calls_see_them_and_are_not_seen(client: Client, house: House) -> None:
    wires = [stored() for _ in range(20)]
    calls = [_post(client, wire, dry_run=place % 2 == 0) for place, wire in enumerate(wires)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    real = sorted(answer.json()["receipts"][0]["seq"] for answer in answers[1::2])
    assert real == list(range(1, 11)) == seqs(house.ledger)


def _candidates() -> list[Any]:
    """Facts of all sorts that meet each other: good, known, reused, malformed, corrections, doubtful."""
    one, two = stored(), stored(code="999-999-08")
    return [
        one,
        two,
        {**one, "mass_kg": "1"},
        {**two, "event_id": fresh_id()},
        {**one, "event_id": fresh_id(), "site": "339999-X1"},
        {**one, "event_id": "1"},
        {**two, "colour": "red", "mass_kg": "-1"},
        facts.corrected(one, day(2), mass_kg="5"),
        facts.corrected(one, day(3), mass_kg="6"),
        facts.corrected(two, day(2), waste_code="900-249-08"),
        {**facts.accepted(at=day(3))},
        7,
    ]


def _told(response: httpx.Response) -> Any:
    """An answer without what only a real call has."""
    body = response.json()
    body.pop("dry_run", None)
    for told in [*body.get("receipts", []), *(r.get("receipt", {}) for r in body.get("results", []))]:
        for name in ("seq", "leaf", "recorded_at", "recorded_at_us"):
            told.pop(name, None)
    return response.status_code, body


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_dry_run_and_the_real_call_answer_alike(tmp_path_factory: Any, data: st.DataObject) -> None:
    house = House(tmp_path_factory.mktemp("house"))
    candidates = _candidates()
    picks = st.lists(st.integers(0, len(candidates) - 1), min_size=1, max_size=6)
    batches = data.draw(st.lists(st.tuples(picks, st.booleans()), min_size=1, max_size=4))

    async def run() -> None:
        async with house.client() as client:
            for places, proceeds in batches:
                batch = [candidates[place] for place in places]
                prefer = PROCEED if proceeds else ""
                before = seqs(house.ledger)
                dry = await _post(client, batch, dry_run=True, prefer=prefer)
                assert seqs(house.ledger) == before
                real = await _post(client, batch, prefer=prefer)
                assert _told(dry) == _told(real)

    asyncio.run(run())
    house.ledger.databases.dispose()


async def test_a_dry_run_of_what_nobody_may_state_is_refused_alike(client: Client) -> None:
    body = {"kind": "licence-granted.v1"}
    dry, real = await _post(client, body, dry_run=True), await _post(client, body)
    assert problem_of(dry, 422) == problem_of(real, 422)


async def test_a_registration_on_trial_registers_nothing(client: Client) -> None:
    registered = facts.site_registered(PLATER, at=day(0), org=PRODUCER_ORG)
    assert (await _post(client, registered, dry_run=True)).status_code == 201
    (receipt,) = (await client.post(stored())).json()["receipts"]
    assert "site.unregistered" in [warning["code"] for warning in receipt["warnings"]]
