"""OAuth 2 client credentials: tokens are given out by RFC 6749, are good for what they say, and no forged one is."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import select

from models.exact import MINUTE_US
from models.facts import Role
from models.tables_keys import TokenKey
from streams.access_tokens import SIGNS_DAYS, AccessTokens
from streams.clock import local_now
from streams.databases import reading
from streams.delegations import give, revoke_delegation
from streams.keys import create_key, revoke_key
from tests.api.house import Client, House, problem_of
from tests.facts import FACILITY_ORG, PRODUCER_ORG, VENDOR_ORG
from tests.streams.ledgers import LEDGER_ID, stored

PATH = "/v1/oauth/token"
GRANT = {"grant_type": "client_credentials"}


def credentials(token: str) -> tuple[str, str]:
    _, key_id, secret = token.split("_", 2)
    return key_id, secret


async def ask(client: Client, role: Role = Role.PRODUCER, **form: str) -> httpx.Response:
    key_id, secret = credentials(client.tokens[role])
    return await client.http.post(PATH, data={**GRANT, **form}, auth=(key_id, secret))


async def token(client: Client, role: Role = Role.PRODUCER, **form: str) -> str:
    response = await ask(client, role, **form)
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])


async def by(client: Client, bearer: str, path: str = "/v1/me", **headers: str) -> httpx.Response:
    return await client.http.get(path, headers={"authorization": f"Bearer {bearer}", **headers})


def error_of(response: httpx.Response, status: int) -> str:
    """RFC 6749 5.2: JSON with `error`, not to be kept."""
    assert response.status_code == status, response.text
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body.keys() <= {"error", "error_description", "error_uri"}
    return str(body["error"])


async def test_a_token_is_what_its_key_is(client: Client) -> None:
    response = await ask(client)
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 15 * 60)
    mine = (await client.get("/v1/me", Role.PRODUCER)).json()
    me = (await by(client, body["access_token"])).json()
    assert {**me, "expires_at": mine["expires_at"]} == mine
    assert body["scope"].split() == mine["scopes"]
    posted = await client.http.post(
        "/v1/facts", json=stored(), headers={"authorization": f"Bearer {body['access_token']}"}
    )
    assert posted.status_code == 201


async def test_the_secret_may_stand_in_the_form(client: Client) -> None:
    key_id, secret = credentials(client.tokens[Role.PRODUCER])
    form = {**GRANT, "client_id": key_id, "client_secret": secret}
    assert (await client.http.post(PATH, data=form)).status_code == 200


async def test_scopes_can_be_fewer_and_not_more(client: Client) -> None:
    narrow = await token(client, scope="facts:read")
    assert (await by(client, narrow)).json()["scopes"] == ["facts:read"]
    posted = await client.http.post("/v1/facts", json=stored(), headers={"authorization": f"Bearer {narrow}"})
    assert problem_of(posted, 403)["code"] == "forbidden"
    for scope in ("audit:read", "facts:read planets:move"):
        assert error_of(await ask(client, scope=scope), 400) == "invalid_scope"


@pytest.mark.parametrize(
    "target", [PRODUCER_ORG, f"urn:feilian:org:{PRODUCER_ORG}", f"{PRODUCER_ORG}; role=producer"]
)
async def test_a_token_for_another_rests_on_its_delegation(client: Client, house: House, target: str) -> None:
    assert error_of(await ask(client, Role.VENDOR, resource=target), 400) == "invalid_target"
    given = give(house.ledger.databases, PRODUCER_ORG, VENDOR_ORG, Role.PRODUCER, created_by="test")
    bearer = await token(client, Role.VENDOR, resource=target, scope="facts:read")
    me = (await by(client, bearer)).json()
    assert (me["org"], me["via"], me["scopes"]) == (PRODUCER_ORG, VENDOR_ORG, ["facts:read"])
    assert (await by(client, bearer, **{"feilian-for": PRODUCER_ORG})).status_code == 200
    for other in (FACILITY_ORG, VENDOR_ORG):
        refused = await by(client, bearer, **{"feilian-for": other})
        assert problem_of(refused, 403)["code"] == "not_delegated"
    revoke_delegation(house.ledger.databases, given.delegation_id)
    client.app.state.parts.delegations.forget(VENDOR_ORG, PRODUCER_ORG)
    assert problem_of(await by(client, bearer), 403)["code"] == "delegation_over"


async def test_a_revoked_key_takes_its_tokens_with_it(client: Client, house: House) -> None:
    bearer = await token(client)
    assert (await by(client, bearer)).status_code == 200
    key_id, _ = credentials(client.tokens[Role.PRODUCER])
    revoke_key(house.ledger.databases, key_id)
    client.app.state.parts.keys.forget(key_id)
    refused = await by(client, bearer)
    assert problem_of(refused, 401)["code"] == "unauthenticated"
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_a_token_is_known_without_a_query(client: Client, house: House) -> None:
    bearer = await token(client)
    assert (await by(client, bearer)).status_code == 200
    house.ledger.databases.ledger.dispose()
    tokens = client.app.state.parts.tokens
    tokens._databases = None
    assert tokens.remembered(bearer) is not None


async def test_a_token_of_another_process_is_known_here(house: House) -> None:
    async with house.client() as one, house.client() as other:
        assert (await by(other, await token(one))).status_code == 200


# What the token endpoint refuses


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({**GRANT, "resource": "somebody"}, 400, "invalid_target"),
        ({**GRANT, "resource": f"{PRODUCER_ORG}; role=king"}, 400, "invalid_target"),
    ],
)
async def test_a_request_that_is_none(client: Client, form: dict[str, str], status: int, error: str) -> None:
    auth = credentials(client.tokens[Role.PRODUCER])
    assert error_of(await client.http.post(PATH, data=form, auth=auth), status) == error


@pytest.mark.parametrize("wrong", ["secret", "unknown", "nonsense", "nobody"])
async def test_a_wrong_client_is_told_the_same_whatever_is_wrong(client: Client, wrong: str) -> None:
    key_id, secret = credentials(client.tokens[Role.PRODUCER])
    auth: Any = {
        "secret": (key_id, secret + "x"),
        "unknown": ("0123456789ab", secret),
        "nonsense": ("é\u0000", "\u0000"),
        "nobody": None,
    }[wrong]
    response = await client.http.post(PATH, data=GRANT, auth=auth)
    assert error_of(response, 401) == "invalid_client"
    assert "cannot authenticate" in response.json()["error_description"]


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded"),
    ],
)
async def test_a_form_that_is_none(client: Client, content: bytes, media: str) -> None:
    headers = {"content-type": media}
    auth = credentials(client.tokens[Role.PRODUCER])
    assert error_of(await client.http.post(PATH, content=content, headers=headers, auth=auth), 400)


async def test_a_long_form_is_not_read(client: Client) -> None:
    response = await client.http.post(PATH, data={**GRANT, "x": "y" * 9000})
    assert problem_of(response, 413)["code"] == "body_too_large"


# Tokens that are not ours


def _key(house: House) -> ECKey:
    with reading(house.ledger.databases.ledger) as connection:
        return ECKey.import_key(json.loads(connection.execute(select(TokenKey.jwk)).scalar_one()))


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _forged(house: House, claims: dict[str, Any], name: str) -> str:
    """A token that is wrong in the way of its name."""
    ours, now = _key(house), int(time.time())
    kid = ours.thumbprint()
    header = {"alg": "ES256", "kid": kid, "typ": "at+jwt"}

    def signed(changes: dict[str, Any], head: dict[str, Any] | None = None, key: Any = ours) -> str:
        wanted = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        head = {**header, **(head or {})}
        return jwt.encode(head, wanted, key, algorithms=["ES256", "ES384", "HS256"])

    other = ECKey.generate_key("P-256")
    good = signed({})
    first, body, signature = good.split(".")
    public = json.dumps(ours.as_dict(private=False)).encode()
    return {
        "alg none": f"{part({**header, 'alg': 'none'})}.{body}.",
        "alg None": f"{part({**header, 'alg': 'None'})}.{body}.",
        "no signature": f"{first}.{body}.",
        "cut signature": f"{first}.{body}.{signature[:-4]}",
        "another key": signed({}, key=other),
        "another key under its own id": signed({}, {"kid": other.thumbprint()}, other),
        "the public key as a secret": signed({}, {"alg": "HS256"}, OctKey.import_key(public)),
        "its own key in the header": signed({}, {"jwk": other.as_dict(private=False)}, other),
        "a key from elsewhere": signed({}, {"jku": "https://evil.example/jwks.json"}),
        "no key id": f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{body}.{signature}",
        "a key id that is no text": f"{part({**header, 'kid': [1]})}.{body}.{signature}",
        "an id token": signed({}, {"typ": "JWT"}),
        "critical": f"{part({**header, 'crit': ['x']})}.{body}.{signature}",
        "other content": f"{first}.{part({**claims, 'sub': '000000000000'})}.{signature}",
        "expired": signed({"exp": now - 1}),
        "not yet": signed({"nbf": now + 60}),
        "no end": signed({"exp": None}),
        "an end that is text": signed({"exp": str(now + 60)}),
        "an end that is true": signed({"exp": True}),
        "another audience": signed({"aud": "urn:feilian:another"}),
        "several audiences": signed({"aud": [claims["aud"], "urn:feilian:another"]}),
        "no audience": signed({"aud": None}),
        "another issuer": signed({"iss": "https://evil.example"}),
        "no subject": signed({"sub": None}),
        "a subject that is none": signed({"sub": 7}),
        "an unknown key as subject": signed({"sub": "0123456789ab"}),
        "a header that is no object": f"{part('eyJ')}.{body}.{signature}",
        "nonsense": "eyJ.eyJ.eyJ",
        "four parts": good + ".x",
        "too long": good + "A" * 3000,
        "blanks within": f"{first}.{body} .{signature}",
    }[name]


FORGERIES = [
    "alg none",
    "alg None",
    "no signature",
    "cut signature",
    "another key",
    "another key under its own id",
    "the public key as a secret",
    "its own key in the header",
    "a key from elsewhere",
    "no key id",
    "a key id that is no text",
    "an id token",
    "critical",
    "other content",
    "expired",
    "not yet",
    "no end",
    "an end that is text",
    "an end that is true",
    "another audience",
    "several audiences",
    "no audience",
    "another issuer",
    "no subject",
    "a subject that is none",
    "an unknown key as subject",
    "a header that is no object",
    "nonsense",
    "four parts",
    "too long",
    "blanks within",
]


@pytest.fixture
async def claims(client: Client) -> dict[str, Any]:
    """Of a good token."""
    body = (await token(client)).split(".")[1]
    from joserfc.util import urlsafe_b64decode

    found: dict[str, Any] = json.loads(urlsafe_b64decode(body.encode()))
    assert found["aud"] == f"urn:feilian:{LEDGER_ID}"
    return found


async def test_a_token_made_as_ours_are_is_good(client: Client, house: House, claims: dict[str, Any]) -> None:
    """Else the forgeries would be refused for another reason than their own."""
    key = _key(house)
    header = {"alg": "ES256", "kid": key.thumbprint(), "typ": "at+jwt"}
    assert (await by(client, jwt.encode(header, claims, key))).status_code == 200


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_nobody(
    client: Client, house: House, claims: dict[str, Any], name: str
) -> None:
    refused = await by(client, _forged(house, claims, name))
    assert problem_of(refused, 401)["code"] == "unauthenticated"
    assert "www-authenticate" in refused.headers


# Time, and keys that sign


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock of credentials."""

    def set_to(now: int) -> None:
        for module in ("keys", "key_ring", "access_tokens", "delegations"):
            monkeypatch.setattr(f"streams.{module}.local_now", lambda: now)

    return set_to


async def test_a_token_ends_after_fifteen_minutes_and_with_its_key(
    client: Client, house: House, at: Callable[[int], None]
) -> None:
    now = local_now() // 1_000_000 * 1_000_000
    at(now)
    bearer = await token(client)
    at(now + 15 * MINUTE_US - 1)
    assert (await by(client, bearer)).status_code == 200
    at(now + 15 * MINUTE_US)
    problem_of(await by(client, bearer), 401)
    holder, key = create_key(house.ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", days=1)
    assert holder.until is not None
    at(holder.until - 2 * MINUTE_US)
    response = await client.http.post(PATH, data=GRANT, auth=credentials(key))
    assert response.json()["expires_in"] == 120


def test_signing_keys_follow_each_other_and_stay_believed(tmp_path: Path, at: Callable[[int], None]) -> None:
    house = House(tmp_path)
    holder, _ = create_key(house.ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", days=400)
    tokens = AccessTokens(house.ledger.databases, "urn:here", "urn:here")
    now = local_now()
    at(now)
    tokens.give(holder, holder.scopes, None)
    last = now + SIGNS_DAYS * 24 * 60 * MINUTE_US - 1
    at(last)
    old, _ = tokens.give(holder, holder.scopes, None)
    at(last + 1)
    new, _ = tokens.give(holder, holder.scopes, None)
    assert len(tokens.public_keys()["keys"]) == 2
    assert tokens.recognise(old) is not None
    assert tokens.recognise(new) is not None
    at(last + 16 * MINUTE_US)
    (left,) = tokens.public_keys()["keys"]
    assert left.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert tokens.recognise(old) is None


async def test_libraries_find_their_way(client: Client) -> None:
    metadata = (await client.http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint"] == "http://test/v1/oauth/token"
    keys = (await client.http.get(metadata["jwks_uri"].removeprefix("http://test"))).json()
    bearer = await token(client)
    decoded = jwt.decode(bearer, ECKey.import_key(keys["keys"][0]), algorithms=["ES256"])
    assert decoded.claims["iss"] == metadata["issuer"]
    assert "d" not in keys["keys"][0]
