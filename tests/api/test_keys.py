"""/v1/keys, /v1/delegations, /v1/me: an organisation manages its own and acts by delegation; nobody reaches further."""

from typing import Any

import httpx
import pytest

from models.access import SCOPES_OF, RegulatorKind
from models.facts import Role
from streams.keys import create_key
from tests import facts
from tests.api.house import Client, House, errors_of, problem_of
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL_ORG,
    PLATER,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
    VENDOR_ORG,
    day,
)
from tests.streams.ledgers import fresh_id, stored


async def call(
    client: Client, method: str, path: str, token: str, body: Any = None, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.request(
        method, path, json=body, headers={"authorization": f"Bearer {token}", **named}
    )


async def made(client: Client, role: Role = Role.PRODUCER, **wish: Any) -> dict[str, Any]:
    response = await call(client, "POST", "/v1/keys", client.tokens[role], {"name": "x", **wish})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def delegated(client: Client, **wish: Any) -> dict[str, Any]:
    """By the producer to the vendor."""
    body = {"delegate": VENDOR_ORG, **wish}
    response = await call(client, "POST", "/v1/delegations", client.tokens[Role.PRODUCER], body)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


# Oneself


@pytest.mark.parametrize("role", list(Role))
async def test_a_key_is_told_who_it_is(client: Client, role: Role) -> None:
    me = (await client.get("/v1/me", role)).json()
    assert (me["role"], me["via"], me["scopes"]) == (role.value, None, sorted(SCOPES_OF[role]))
    assert me["regulator"] == ("environment" if role is Role.REGULATOR else None)
    assert me["organisation"]["check_digit_holds"]
    assert me["limits"]["batch_facts_max"] == 1000


async def test_an_organisation_is_shown_its_sites(client: Client) -> None:
    await client.post(facts.site_registered(PLATER, at=day(0)))
    me = (await client.get("/v1/me", Role.PRODUCER)).json()
    assert me["organisation"]["sites"] == [{"site": PLATER, "org": PRODUCER_ORG}]
    mine = await client.get(f"/v1/organisations/{PRODUCER_ORG}", Role.PRODUCER)
    assert mine.json() == me["organisation"]
    assert (await client.get(f"/v1/organisations/{PRODUCER_ORG}", Role.REGULATOR)).json() == mine.json()
    for other in (PRODUCER_ORG, CARRIER_ORG):
        problem_of(await client.get(f"/v1/organisations/{other}", Role.FACILITY), 404)


# Keys


async def test_a_key_is_made_used_rotated_and_revoked(client: Client) -> None:
    mine = client.tokens[Role.PRODUCER]
    first = await made(client, scopes=["facts:write"], days=90)
    assert (first["org"], first["role"], first["scopes"]) == (PRODUCER_ORG, "producer", ["facts:write"])
    assert (await call(client, "POST", "/v1/facts", first["token"], stored())).status_code == 201
    rotated = await call(client, "POST", f"/v1/keys/{first['key_id']}/rotate", mine, {"overlap_days": 1})
    assert rotated.status_code == 201
    second = rotated.json()
    assert second["lineage"] == first["key_id"]
    for token in (first["token"], second["token"]):
        assert (await call(client, "POST", "/v1/facts", token, stored())).status_code == 201
    third = await call(client, "POST", f"/v1/keys/{second['key_id']}/rotate", mine)
    assert errors_of(third) == [("$.key_id", "too_many_live_keys")]
    gone = await call(client, "DELETE", f"/v1/keys/{first['key_id']}", mine)
    assert gone.json()["revoked_at"] is not None
    refused = await call(client, "POST", "/v1/facts", first["token"], stored())
    assert problem_of(refused, 401)["code"] == "unauthenticated"
    again = await call(client, "DELETE", f"/v1/keys/{first['key_id']}", mine)
    assert again.json() == gone.json()
    over = await call(client, "POST", f"/v1/keys/{first['key_id']}/rotate", mine)
    assert errors_of(over) == [("$.key_id", "key_over")]


async def test_no_answer_but_the_first_has_a_secret(client: Client) -> None:
    first = await made(client)
    secret = first["token"].split("_", 2)[2]
    listed = await call(client, "GET", "/v1/keys", client.tokens[Role.PRODUCER])
    assert first["key_id"] in listed.text
    assert secret not in listed.text
    assert "token" not in listed.json()["keys"][-1]


@pytest.mark.parametrize(
    ("wish", "errors"),
    [
        ({"name": ""}, [("body.name", "invalid")]),
        ({"name": "a\u0000b"}, [("body.name", "invalid")]),
        ({"days": 401}, [("body.days", "invalid")]),
        ({"days": 0}, [("body.days", "invalid")]),
        ({"days": "9"}, [("body.days", "invalid")]),
        ({"scopes": ["planets:move"]}, [("body.scopes[0]", "invalid")]),
        ({"role": "regulator"}, [("body.role", "invalid")]),
        ({"org": FACILITY_ORG}, [("body.org", "invalid")]),
        ({"scopes": []}, [("$.scopes", "wrong_length")]),
        ({"scopes": ["audit:read"]}, [("$.scopes", "scope_not_of_role")]),
        ({"allow": ["10.0.0.1/8"]}, [("$.allow", "bad_format")]),
        ({"allow": ["1.1.1.1"] * 51}, [("body.allow", "invalid")]),
    ],
)
async def test_what_cannot_be_wished_for(
    client: Client, wish: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    mine = client.tokens[Role.PRODUCER]
    response = await call(client, "POST", "/v1/keys", mine, {"name": "x", **wish})
    assert errors_of(response) == errors, response.text
    assert len((await call(client, "GET", "/v1/keys", mine)).json()["keys"]) == 1


async def test_a_key_gives_no_more_than_it_has(client: Client) -> None:
    narrow = await made(client, scopes=["keys:manage", "facts:read"])
    wider = await call(
        client, "POST", "/v1/keys", narrow["token"], {"name": "x", "scopes": ["facts:read", "facts:write"]}
    )
    assert errors_of(wider) == [("$.scopes", "scope_not_of_role")]
    plain = await call(client, "POST", "/v1/keys", narrow["token"], {"name": "x"})
    assert plain.json()["scopes"] == ["facts:read"]
    full = (await made(client))["key_id"]
    for method, path in (("DELETE", f"/v1/keys/{full}"), ("POST", f"/v1/keys/{full}/rotate")):
        assert problem_of(await call(client, method, path, narrow["token"]), 403)["code"] == "forbidden"


async def test_keys_of_others_are_not_there(client: Client) -> None:
    theirs = (await made(client, Role.FACILITY))["key_id"]
    mine = client.tokens[Role.PRODUCER]
    for key_id in (theirs, "000000000000"):
        for method, path in (("DELETE", f"/v1/keys/{key_id}"), ("POST", f"/v1/keys/{key_id}/rotate")):
            found = problem_of(await call(client, method, path, mine), 404)
            assert found["detail"].replace(key_id, "?") == 'key "?" is not there, or not yours to see'
    listed = (await call(client, "GET", "/v1/keys", mine)).json()["keys"]
    assert {key["org"] for key in listed} == {PRODUCER_ORG}


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/delegations"])
async def test_keys_are_managed_by_a_key_that_may(client: Client, path: str) -> None:
    plain = await made(client)
    for method in ("GET", "POST"):
        body = {"name": "x", "delegate": VENDOR_ORG} if method == "POST" else None
        response = await call(client, method, path, plain["token"], body)
        assert response.status_code in (403, 422)
        if method == "GET":
            assert problem_of(response, 403)["code"] == "forbidden"


async def test_a_regulators_key_makes_keys_of_its_kind_and_region_only(client: Client, house: House) -> None:
    _, token = create_key(
        house.ledger.databases,
        REGULATOR_ORG,
        Role.REGULATOR,
        "x",
        scopes=SCOPES_OF[Role.REGULATOR],
        regulator=RegulatorKind.HEALTH,
        region="3301",
    )
    response = await call(client, "POST", "/v1/keys", token, {"name": "x"})
    assert (response.json()["regulator"], response.json()["region"]) == ("health", "3301")
    national = (await made(client, Role.REGULATOR))["key_id"]
    assert problem_of(await call(client, "POST", f"/v1/keys/{national}/rotate", token), 403)


async def test_an_address_that_is_not_allowed(client: Client) -> None:
    key = await made(client, allow=["10.9.0.0/16"])
    refused = await call(client, "GET", "/v1/me", key["token"])
    assert problem_of(refused, 403)["code"] == "address_not_allowed"
    forged = await call(client, "GET", "/v1/me", key["token"], x_forwarded_for="10.9.1.1")
    assert problem_of(forged, 403)["code"] == "address_not_allowed"


async def test_behind_our_own_proxy_the_sender_is_who_it_says(tmp_path: Any) -> None:
    async with House(tmp_path, more={"trusted_proxies": "127.0.0.1"}).client() as client:
        key = await made(client, allow=["10.9.0.0/16"])
        for forwarded, status in (("10.9.1.1", 200), ("10.8.1.1", 403), ("10.9.1.1, 10.8.1.1", 403)):
            response = await call(client, "GET", "/v1/me", key["token"], x_forwarded_for=forwarded)
            assert response.status_code == status, forwarded


# Delegations


async def test_a_vendor_states_for_an_organisation_and_the_ledger_knows_by_which_key(client: Client) -> None:
    vendor = client.tokens[Role.VENDOR]
    wire = stored()
    alone = await call(client, "POST", "/v1/facts", vendor, wire)
    assert errors_of(alone) == [("$.kind", "role_may_not_state")]
    early = await call(client, "POST", "/v1/facts", vendor, wire, feilian_for=PRODUCER_ORG)
    assert problem_of(early, 403)["code"] == "not_delegated"
    given = await delegated(client, scopes=["facts:write", "facts:read"])
    sent = await call(client, "POST", "/v1/facts", vendor, wire, feilian_for=PRODUCER_ORG)
    assert sent.status_code == 201, sent.text
    own = (await client.post(stored())).json()["receipts"][0]
    fact = (await client.get("/v1/facts/1", Role.PRODUCER)).json()
    me = (await call(client, "GET", "/v1/me", vendor, feilian_for=PRODUCER_ORG)).json()
    assert (me["org"], me["role"], me["via"]) == (PRODUCER_ORG, "producer", VENDOR_ORG)
    assert me["scopes"] == ["facts:read", "facts:write"]
    assert fact["stated_by"] == PRODUCER_ORG
    assert fact["sent_by"] == {"key_id": me["key_id"], "via": VENDOR_ORG}
    plain = (await client.get(f"/v1/facts/{own['seq']}", Role.PRODUCER)).json()
    assert plain["sent_by"] == {"key_id": client.tokens[Role.PRODUCER].split("_")[1], "via": None}
    gone = await call(
        client, "DELETE", f"/v1/delegations/{given['delegation_id']}", client.tokens[Role.PRODUCER]
    )
    assert gone.json()["revoked_at"] is not None
    for path in ("/v1/facts/1", "/v1/me"):
        late = await call(client, "GET", path, vendor, feilian_for=PRODUCER_ORG)
        assert problem_of(late, 403)["code"] == "delegation_over"


async def test_a_delegate_has_what_key_and_delegation_share(client: Client) -> None:
    await delegated(client, scopes=["facts:read"])
    vendor = client.tokens[Role.VENDOR]
    me = (await call(client, "GET", "/v1/me", vendor, feilian_for=f"{PRODUCER_ORG}; role=producer")).json()
    assert me["scopes"] == ["facts:read"]
    refused = await call(client, "POST", "/v1/facts", vendor, stored(), feilian_for=PRODUCER_ORG)
    assert problem_of(refused, 403)["code"] == "forbidden"
    keys = await call(client, "GET", "/v1/keys", vendor, feilian_for=PRODUCER_ORG)
    assert problem_of(keys, 403)["code"] == "forbidden"


@pytest.mark.parametrize("value", ["", "x", f"{PRODUCER_ORG}; role=king", f"{PRODUCER_ORG}, {FACILITY_ORG}"])
async def test_for_whom_is_a_credit_code(client: Client, value: str) -> None:
    response = await call(client, "GET", "/v1/me", client.tokens[Role.VENDOR], feilian_for=value)
    assert errors_of(response, 400) == [("Feilian-For", "bad_format")]


async def test_for_oneself_is_no_delegation(client: Client) -> None:
    mine = client.tokens[Role.PRODUCER]
    assert (await call(client, "GET", "/v1/me", mine, feilian_for=PRODUCER_ORG)).json()["via"] is None
    other = await call(client, "GET", "/v1/me", mine, feilian_for=f"{PRODUCER_ORG}; role=facility")
    assert problem_of(other, 403)["code"] == "not_delegated"


@pytest.mark.parametrize(
    ("wish", "errors"),
    [
        ({"delegate": PRODUCER_ORG}, [("$.delegate", "contradiction")]),
        ({"delegate": "somebody"}, [("body.delegate", "invalid")]),
        ({"scopes": ["keys:manage"]}, [("$.scopes", "scope_not_of_role")]),
        ({"scopes": ["audit:read"]}, [("$.scopes", "scope_not_of_role")]),
        ({"scopes": []}, [("$.scopes", "wrong_length")]),
        ({"days": 401}, [("body.days", "invalid")]),
        ({"org": FACILITY_ORG}, [("$.org", "not_your_side")]),
        ({"role": "facility"}, [("$.org", "not_your_side")]),
    ],
)
async def test_what_cannot_be_delegated(
    client: Client, wish: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    body = {"delegate": VENDOR_ORG, **wish}
    response = await call(client, "POST", "/v1/delegations", client.tokens[Role.PRODUCER], body)
    assert errors_of(response) == errors, response.text


async def test_a_regulator_delegates_for_organisations_of_its_region(client: Client, house: House) -> None:
    _, city = create_key(
        house.ledger.databases,
        REGULATOR_ORG,
        Role.REGULATOR,
        "x",
        scopes=SCOPES_OF[Role.REGULATOR],
        region="3301",
    )
    body = {"delegate": VENDOR_ORG, "org": HOSPITAL_ORG, "role": "producer"}
    given = await call(client, "POST", "/v1/delegations", city, body)
    assert given.status_code == 201
    for changes in ({"org": FACILITY_ORG}, {"org": None}, {"role": None}):
        response = await call(client, "POST", "/v1/delegations", city, {**body, **changes})
        assert errors_of(response) == [("$.org", "not_your_side")]
    for role in ("regulator", "auditor", "vendor"):
        response = await call(client, "POST", "/v1/delegations", city, {**body, "role": role})
        assert errors_of(response) == [("$.role", "not_one_of")]
    path = f"/v1/delegations/{given.json()['delegation_id']}"
    problem_of(await call(client, "DELETE", path, client.tokens[Role.FACILITY]), 404)
    assert (await call(client, "DELETE", path, city)).json()["revoked_at"] is not None


async def test_a_delegation_is_seen_and_ended_by_both_and_by_nobody_else(client: Client) -> None:
    given = await delegated(client)
    path = f"/v1/delegations/{given['delegation_id']}"
    for role in (Role.PRODUCER, Role.VENDOR):
        listed = (await client.get("/v1/delegations", role)).json()["delegations"]
        assert [one["delegation_id"] for one in listed] == [given["delegation_id"]]
    assert (await client.get("/v1/delegations", Role.FACILITY)).json() == {"delegations": []}
    problem_of(await call(client, "DELETE", path, client.tokens[Role.FACILITY]), 404)
    problem_of(await call(client, "DELETE", "/v1/delegations/000000000000", client.tokens[Role.VENDOR]), 404)
    assert (await call(client, "DELETE", path, client.tokens[Role.VENDOR])).status_code == 200


async def test_several_roles_need_one_to_be_named(client: Client, house: House) -> None:
    databases = house.ledger.databases
    for role in (Role.PAYER, Role.INTERMEDIARY):
        _, token = create_key(databases, TRADER_ORG, role, "x", scopes=SCOPES_OF[role])
        assert (await call(client, "POST", "/v1/delegations", token, {"delegate": VENDOR_ORG})).is_success
    vendor = client.tokens[Role.VENDOR]
    unsaid = await call(client, "GET", "/v1/me", vendor, feilian_for=TRADER_ORG)
    assert "role=intermediary" in problem_of(unsaid, 403)["detail"]
    said = await call(client, "GET", "/v1/me", vendor, feilian_for=f"{TRADER_ORG};role=payer")
    assert said.json()["role"] == "payer"


async def test_what_a_delegate_states_is_of_the_side_of_whom_it_acts_for(client: Client) -> None:
    await delegated(client)
    wire = facts.issued(at=day(1), event_id=fresh_id(), origin_org=HOSPITAL_ORG)
    vendor = client.tokens[Role.VENDOR]
    refused = await call(client, "POST", "/v1/facts", vendor, wire, feilian_for=PRODUCER_ORG)
    assert errors_of(refused) == [("$.origin_org", "not_your_side")]
