"""POST /v1/facts: receipts, retries, conflicts, and what each role may state."""

import asyncio
from typing import Any

import pytest

from models.access import SCOPES_OF, Scope
from models.canonical import canonical, leaf_hash
from models.exact import MINUTE_US, SECOND_US, format_instant
from models.facts import FACT_TYPES, Role
from models.roles import MAY_STATE, SYSTEM_STATES
from streams.clock import local_now
from tests import facts
from tests.api.house import Client, House, errors_of, problem_of
from tests.facts import KILN, PLATER, PRODUCER_ORG, day
from tests.streams.ledgers import LEDGER_ID, fresh_id, seqs, stored


async def test_a_fact_gets_a_receipt_that_its_sender_can_recompute(client: Client, house: House) -> None:
    wire = stored()
    response = await client.post(wire)
    assert response.status_code == 201, response.text
    assert response.headers["location"] == "/v1/facts/1"
    (receipt,) = response.json()["receipts"]
    leaf = leaf_hash(
        ledger_id=LEDGER_ID,
        seq=1,
        recorded_at=receipt["recorded_at_us"],
        stated_by=PRODUCER_ORG,
        event_id=wire["event_id"],
        kind=wire["kind"],
        data=canonical(wire),
    )
    assert receipt == {
        "event_id": wire["event_id"],
        "seq": 1,
        "recorded_at": format_instant(receipt["recorded_at_us"]),
        "recorded_at_us": receipt["recorded_at_us"],
        "leaf": leaf.hex(),
        "status": "new",
        "warnings": [
            {
                "path": "$.site",
                "code": "site.unregistered",
                "message": f'site "{PLATER}" is registered to nobody; register it with "site-registered.v1"',
            }
        ],
    }
    assert house.ledger.head().seq == 1


async def test_a_batch_is_one_answer_in_its_own_order(client: Client) -> None:
    wires = [stored() for _ in range(1000)]
    response = await client.post(wires)
    assert response.status_code == 201
    receipts = response.json()["receipts"]
    assert [receipt["event_id"] for receipt in receipts] == [wire["event_id"] for wire in wires]
    assert [receipt["seq"] for receipt in receipts] == list(range(1, 1001))


async def test_a_retry_is_known_and_tells_the_same(client: Client) -> None:
    wire = stored(site="899999-NOWHERE1")
    first, second = [(await client.post(wire)).json()["receipts"][0] for _ in range(2)]
    assert (first["status"], second["status"]) == ("new", "known")
    assert {**first, "status": "known"} == second
    mixed = (await client.post([stored(), wire])).json()["receipts"]
    assert [(receipt["seq"], receipt["status"]) for receipt in mixed] == [(2, "new"), (1, "known")]


async def test_the_order_of_keys_and_blanks_do_not_make_another_fact(client: Client) -> None:
    wire = stored()
    await client.post(wire)
    turned = dict(reversed(wire.items()))
    response = await client.post(str(turned).replace("'", '"').encode())
    assert response.json()["receipts"][0]["status"] == "known"


async def test_other_content_under_a_known_id_is_a_conflict(client: Client, house: House) -> None:
    wire = stored()
    await client.post(wire)
    alone = await client.post({**wire, "mass_kg": "1"})
    assert errors_of(alone, 409) == [("$.event_id", "event_id_reused")]
    batch = await client.post([stored(), {**wire, "mass_kg": "1"}])
    assert errors_of(batch, 409) == [("$[1].event_id", "event_id_reused")]
    assert seqs(house.ledger) == [1]


async def test_corrections_are_decided_by_the_ledger(client: Client) -> None:
    wire = stored()
    correction = facts.corrected(wire, day(2), mass_kg="1")
    assert errors_of(await client.post(correction)) == [("$.corrects", "unknown_fact")]
    assert (await client.post([wire, correction])).status_code == 201


async def test_many_at_once_share_transactions_and_each_gets_its_own_answer(
    client: Client, house: House
) -> None:
    wires = [stored() for _ in range(40)]
    bad = {**wires[0], "mass_kg": "1"}
    posts = [client.post(wire) for wire in (*wires, *wires[:5], bad)]
    responses = await asyncio.gather(*posts)
    assert [response.status_code for response in responses] == [201] * 45 + [409]
    told = [response.json()["receipts"][0] for response in responses[:40]]
    assert [receipt["event_id"] for receipt in told] == [wire["event_id"] for wire in wires]
    assert sorted(receipt["seq"] for receipt in told) == list(range(1, 41)) == seqs(house.ledger)


# Roles


def test_every_kind_of_fact_has_somebody_to_state_it() -> None:
    assert MAY_STATE.keys() == FACT_TYPES.keys()
    assert {kind for kind, roles in MAY_STATE.items() if not roles} == SYSTEM_STATES
    assert not any(Role.AUDITOR in roles for roles in MAY_STATE.values())


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_states_what_the_table_says(client: Client, role: Role) -> None:
    kinds = sorted(FACT_TYPES)
    response = await client.post([{"kind": kind} for kind in kinds], role)
    if Scope.FACTS_WRITE not in SCOPES_OF[role]:
        assert problem_of(response, 403)["code"] == "forbidden"
        return
    found = errors_of(response)
    refused = {path for path, code in found if code == "role_may_not_state"}
    assert refused == {f"$[{n}].kind" for n, kind in enumerate(kinds) if role not in MAY_STATE[kind]}


async def test_a_wrong_role_is_refused_together_with_all_else(client: Client, house: House) -> None:
    good, bad = facts.accepted(at=day(3)), {**facts.accepted(at=day(3)), "lines": []}
    found = errors_of(await client.post([stored(), good, bad]))
    assert found == [
        ("$[1].kind", "role_may_not_state"),
        ("$[2].kind", "role_may_not_state"),
        ("$[2].lines", "wrong_length"),
    ]
    assert (await client.post(good, Role.FACILITY)).status_code == 201
    assert seqs(house.ledger) == [1]


# Time


async def test_ten_minutes_ahead_are_believed_and_more_is_refused(client: Client) -> None:
    def ahead(us: int) -> dict[str, Any]:
        return {**stored(), "occurred_at": format_instant(local_now() + us)}

    assert (await client.post(ahead(10 * MINUTE_US - 5 * SECOND_US))).status_code == 201
    late = await client.post(ahead(10 * MINUTE_US + 30 * SECOND_US))
    assert errors_of(late) == [("$.occurred_at", "in_the_future")]


async def test_a_replacement_may_not_be_in_the_future_either(client: Client) -> None:
    wire = stored()
    await client.post(wire)
    tomorrow = format_instant(local_now() + 1440 * MINUTE_US)
    correction = facts.corrected(wire, day(2), occurred_at=tomorrow)
    assert errors_of(await client.post(correction)) == [("$.replacement.occurred_at", "in_the_future")]


async def test_a_driven_ledger_that_another_process_drove_is_asked_for_its_time(tmp_path: Any) -> None:
    house = House(tmp_path, clock="driven")
    house.ledger.drive(day(-10))
    async with house.client() as client:
        assert errors_of(await client.post(stored())) == [("$.occurred_at", "in_the_future")]
        with house.ledger.databases.ledger.begin() as connection:
            connection.exec_driver_sql(f"UPDATE ledger_head SET recorded_at = {day(5)}")
        response = await client.post(stored())
    assert response.json()["receipts"][0]["recorded_at_us"] == day(5)


# Warnings


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"waste_code": "999-999-08"}, [("$.waste_code", "waste_code.unlisted")]),
        ({"waste_code": "900-249-42"}, [("$.waste_code", "waste_code.category_not_in_use")]),
        ({"site": "339999-X1"}, [("$.site", "region.unknown"), ("$.site", "site.unregistered")]),
        ({"event_id": "0190163d-8694-439b-aea5-966c26f8ad91"}, [("$.event_id", "event_id.not_v7")]),
    ],
)
async def test_what_is_doubtful_is_accepted_with_a_warning(
    client: Client, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await client.post(facts.site_registered(PLATER, at=day(0)))
    response = await client.post({**stored(), **changes})
    assert response.status_code == 201, response.text
    warnings = response.json()["receipts"][0]["warnings"]
    assert [(warning["path"], warning["code"]) for warning in warnings] == expected


async def test_doubts_deep_in_a_document_are_told_with_their_path(client: Client) -> None:
    await client.post(facts.site_registered(KILN, "facility", at=day(0)), Role.FACILITY)
    wire = facts.accepted(
        at=day(3),
        event_id=fresh_id(),
        origin_org=f"{PRODUCER_ORG[:17]}0",
        lines=[{**facts.line(), "method": "Q9"}, {**facts.line(no=2), "method": "S"}],
    )
    (receipt,) = (await client.post(wire, Role.FACILITY)).json()["receipts"]
    assert [(warning["path"], warning["code"]) for warning in receipt["warnings"]] == [
        ("$.origin_org", "credit_code.check_digit"),
        ("$.lines[0].method", "treatment.unknown"),
        ("$.lines[1].method", "treatment.unknown"),
    ]


@pytest.mark.parametrize(
    ("exemption_id", "at", "codes"),
    [
        ("2021-02-1", "2024-12-31 10:00", []),
        ("2021-02-1", "2025-01-01 10:00", ["exemption.not_in_force"]),
        ("2021-99-1", "2024-12-31 10:00", ["exemption.unknown"]),
    ],
)
async def test_an_exemption_is_looked_up_by_the_day_of_the_conduct(
    client: Client, exemption_id: str, at: str, codes: list[str]
) -> None:
    claim = {"exemption_id": exemption_id, "condition_met": "19 beds"}
    await client.post(facts.site_registered(PLATER, at=day(0)))
    number = facts.manifest_no(year=int(at[:4]))
    wire = facts.issued(number, at=at, event_id=fresh_id(), exemption=claim)
    (receipt,) = (await client.post(wire)).json()["receipts"]
    assert [warning["code"] for warning in receipt["warnings"]] == codes


# Keys


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic dXNlcjpwYXNz", "Bearer flk_000000000000_x", "Bearer flk_é_x"],
)
async def test_without_a_good_key_nothing_is_looked_at(
    client: Client, house: House, authorization: str
) -> None:
    response = await client.http.post(
        "/v1/facts",
        content=b"[[",
        headers=[(b"authorization", authorization.encode())] if authorization else [],
    )
    assert problem_of(response, 401)["code"] == "unauthenticated"
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert seqs(house.ledger) == []


async def test_the_right_id_with_another_secret_is_nobody(client: Client) -> None:
    token = client.tokens[Role.PRODUCER]
    response = await client.post(
        stored(), authorization=f"Bearer {token[:-1]}{'a' if token[-1] != 'a' else 'b'}"
    )
    problem_of(response, 401)


async def test_a_cookie_does_not_open_the_door(client: Client) -> None:
    cookie = await client.log_in(Role.PRODUCER)
    problem_of(await client.post(stored(), authorization="", cookie=cookie), 401)


async def test_a_revoked_key_is_forgotten_within_the_cache_time(tmp_path: Any) -> None:
    from streams.keys import list_keys, revoke_key

    house = House(tmp_path, more={"key_cache_ms": 0})
    async with house.client() as client:
        assert (await client.post(stored())).status_code == 201
        databases = house.ledger.databases
        key_id = next(key.holder.key_id for key in list_keys(databases) if key.holder.role is Role.PRODUCER)
        assert revoke_key(databases, key_id)
        assert not revoke_key(databases, key_id)
        problem_of(await client.post(stored()), 401)
    assert [key.revoked_at is not None for key in list_keys(databases) if key.holder.key_id == key_id] == [
        True
    ]
