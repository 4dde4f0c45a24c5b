"""Logging in at an identity provider, against a real one in a process of its own: who gets in, and what is seen through."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from deploy.docs import ROOT
from deploy.parts import free_port
from models.facts import Role
from models.people import Right, UserState
from models.settings import Settings
from streams import users
from streams.oidc import OidcRefused, Provider
from streams.users import find_user
from tests.api.house import House
from tests.api.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.facts import PRODUCER_ORG
from tests.streams.people import BY, QUICK_HASHING, active, code_of, invited, noted, with_factor

ZHANG = {"sub": "4711", "email": "zhang@plater.cn", "email_verified": True, "name": "张伟"}


@dataclass
class Elsewhere:
    """The provider's process."""

    issuer: str

    def person(self, **claims: Any) -> None:
        """Who is logged in there from now on."""
        httpx.post(f"{self.issuer}/person", json=claims).raise_for_status()

    def tamper(self, how: str) -> None:
        """Spoil the tokens from now on."""
        httpx.post(f"{self.issuer}/tamper", content=how).raise_for_status()


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    """The provider on a port of its own; its issuer."""
    port = free_port()
    environment = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-m", "tests.api.oidc_provider", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as running:
        try:
            _wait(f"http://127.0.0.1:{port}/jwks")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def _wait(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(address).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers at {address}")


@pytest.fixture
def provider(process: str) -> Elsewhere:
    """The provider, honest again, with Zhang logged in."""
    found = Elsewhere(process)
    found.person(**ZHANG)
    found.tamper("")
    return found


@pytest.fixture
def house(tmp_path: Path, provider: Elsewhere) -> Iterator[House]:
    made = House(tmp_path, more=settings_of(provider.issuer))
    yield made
    made.ledger.databases.dispose()


def settings_of(issuer: str) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
        "oidc_name": "省统一身份",
        **QUICK_HASHING,
    }


@pytest.fixture
def client(house: House) -> TestClient:
    return TestClient(house.app(), base_url="http://testserver")


def there(client: TestClient, onward: str = "/") -> str:
    """The way to the provider and through its login: the address at which the browser comes back."""
    out = client.get(f"/login/oidc?next={onward}", follow_redirects=False)
    assert out.status_code == 303
    back = httpx.get(out.headers["location"], follow_redirects=False)
    assert back.status_code in {302, 303}, back.text
    return str(back.headers["location"]).removeprefix("http://testserver")


def came_back(client: TestClient, onward: str = "/") -> httpx.Response:
    answer: httpx.Response = client.get(there(client, onward), follow_redirects=False)
    return answer


def is_in(client: TestClient) -> bool:
    return bool(client.get("/account", follow_redirects=False).status_code == 200)


def test_a_known_user_logs_in_and_is_bound_to_the_identity_there(
    house: House, client: TestClient, provider: Elsewhere
) -> None:
    active(house.ledger.databases)
    assert "省统一身份" in client.get("/login").text
    answer = came_back(client, "/storage")
    assert (answer.status_code, answer.headers["location"]) == (303, "/storage")
    assert is_in(client)
    found = find_user(house.ledger.databases, login="zhang@plater.cn")
    assert found is not None
    assert found.oidc_subject == f"{provider.issuer} 4711"
    # From now on the address counts for nothing: not for the same person, and not for another.
    provider.person(**{**ZHANG, "email": "other@x.cn"})
    other = TestClient(client.app, base_url="http://testserver")
    assert came_back(other).status_code == 303
    assert is_in(other)
    provider.person(**{**ZHANG, "sub": "4712"})
    third = TestClient(client.app, base_url="http://testserver")
    assert came_back(third).status_code == 403
    assert not is_in(third)


def test_out_goes_state_nonce_and_a_challenge_and_no_secret(client: TestClient) -> None:
    out = client.get("/login/oidc", follow_redirects=False).headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(out).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    assert asked["redirect_uri"] == "http://testserver/login/oidc/back"
    assert CLIENT_SECRET not in out
    again = client.get("/login/oidc", follow_redirects=False).headers["location"]
    assert parse_qs(urlsplit(again).query)["nonce"][0] != asked["nonce"]


@pytest.mark.parametrize(
    "how",
    [
        "nonce",
        "no_nonce",
        "audience",
        "several_audiences",
        "issuer",
        "expired",
        "no_expiry",
        "from_tomorrow",
        "issued_tomorrow",
        "no_subject",
        "subject_is_a_number",
        "access_token",
        "unsigned",
        "symmetric",
        "foreign_key",
        "no_token",
        "nonsense",
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    house: House, client: TestClient, provider: Elsewhere, how: str
) -> None:
    active(house.ledger.databases)
    provider.tamper(how)
    answer = came_back(client)
    assert answer.status_code == 403
    assert "未能登录" in answer.text
    assert not is_in(client)
    assert noted(house.ledger.databases)[-1][:2] == ("oidc_refused", "refused")
    provider.tamper("")
    assert came_back(client).status_code == 303


def test_a_new_key_of_the_provider_is_looked_up(
    house: House, client: TestClient, provider: Elsewhere
) -> None:
    active(house.ledger.databases)
    assert came_back(client).status_code == 303
    provider.tamper("new_key")
    assert came_back(TestClient(client.app, base_url="http://testserver")).status_code == 303


def test_a_state_is_good_once_and_in_its_own_browser_alone(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    back = there(client)
    thief = TestClient(client.app, base_url="http://testserver")
    thief.get("/login")
    assert thief.get(back, follow_redirects=False).status_code == 403
    assert not is_in(thief)
    # It was used up by the thief's try, so that nobody is logged in by a half-seen address.
    assert client.get(back, follow_redirects=False).status_code == 403
    back = there(client)
    assert client.get(back, follow_redirects=False).status_code == 303
    assert client.get(back, follow_redirects=False).status_code == 403
    for query in ("", "?code=x", "?state=x&code=y", "?state=" + "x" * 500, "?error=access_denied"):
        assert client.get(f"/login/oidc/back{query}", follow_redirects=False).status_code == 403


def test_another_codes_answer_is_no_good(house: House, client: TestClient) -> None:
    """A code that was given to another browser's challenge: PKCE."""
    active(house.ledger.databases)
    other = TestClient(client.app, base_url="http://testserver")
    stolen = parse_qs(urlsplit(there(other)).query)["code"][0]
    state = parse_qs(urlsplit(there(client)).query)["state"][0]
    assert (
        client.get(f"/login/oidc/back?state={state}&code={stolen}", follow_redirects=False).status_code == 403
    )
    assert not is_in(client)


def test_an_answer_of_another_issuer_is_no_good(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    back = there(client)
    assert client.get(f"{back}&iss=https://other.example", follow_redirects=False).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {**ZHANG, "email_verified": False},
        {**ZHANG, "email_verified": "true"},
        {**ZHANG, "email": "nobody@x.cn"},
        {"sub": "1"},
        {**ZHANG, "email": ["zhang@plater.cn"]},
    ],
)
def test_nobody_is_known_by_an_address_that_is_not_vouched_for_or_not_known(
    house: House, client: TestClient, provider: Elsewhere, claims: dict[str, Any]
) -> None:
    active(house.ledger.databases)
    provider.person(**claims)
    assert came_back(client).status_code == 403
    assert not is_in(client)
    assert len(users.users_of(house.ledger.databases)) == 1


def test_who_was_invited_needs_no_password_and_who_is_locked_stays_out(
    house: House, client: TestClient
) -> None:
    user, _ = invited(house.ledger.databases)
    assert came_back(client).status_code == 303
    found = find_user(house.ledger.databases, login="zhang@plater.cn")
    assert found is not None
    assert found.state is UserState.ACTIVE
    assert "没有密码" in client.get("/account").text
    users.lock(house.ledger.databases, user.user_id, PRODUCER_ORG, BY)
    assert not is_in(client)
    assert came_back(client).status_code == 403


def test_a_second_factor_is_asked_for_unless_the_provider_did(
    house: House, client: TestClient, provider: Elsewhere
) -> None:
    _, secret, _ = with_factor(
        house.ledger.databases, active(house.ledger.databases, right=Right.ADMINISTRATOR)
    )
    answer = came_back(client, "/storage")
    assert answer.headers["location"] == "/login/code?next=%2Fstorage"
    assert not is_in(client)
    token = client.get("/login/code").text.partition('name="csrf" value="')[2][:64]
    client.post("/login/code", data={"code": code_of(secret), "csrf": token})
    assert is_in(client)
    provider.person(**ZHANG, amr=["pwd", "otp"])
    other = TestClient(client.app, base_url="http://testserver")
    assert came_back(other, "/storage").headers["location"] == "/storage"
    assert is_in(other)


def test_somebody_new_is_made_only_where_the_settings_say_for_whom(
    house: House, client: TestClient, provider: Elsewhere
) -> None:
    assert came_back(client).status_code == 403
    assert users.users_of(house.ledger.databases) == []
    more = {"oidc_new_users_org": PRODUCER_ORG, "oidc_new_users_role": "producer"}
    house.settings = house.settings.model_copy(update=more)
    welcoming = TestClient(house.app(), base_url="http://testserver")
    assert came_back(welcoming).status_code == 303
    (found,) = users.users_of(house.ledger.databases)
    assert (found.org, found.roles, found.right) == (PRODUCER_ORG, (Role.PRODUCER,), Right.READER)


@pytest.mark.parametrize("how", ["issuer_of_discovery"])
def test_a_provider_that_says_it_is_another_is_not_asked_further(
    client: TestClient, provider: Elsewhere, how: str
) -> None:
    provider.tamper(how)
    answer = client.get("/login/oidc", follow_redirects=False)
    assert answer.status_code == 503


def test_a_provider_that_is_away_is_said_so(tmp_path: Path) -> None:
    house = House(tmp_path, more=settings_of(f"http://127.0.0.1:{free_port()}"))
    client = TestClient(house.app(), base_url="http://testserver")
    assert client.get("/login/oidc", follow_redirects=False).status_code == 503
    assert client.get("/login").status_code == 200
    house.ledger.databases.dispose()


@pytest.mark.parametrize(
    "issuer", ["http://idp.example", "ftp://127.0.0.1", "https://", "nonsense", "http://10.0.0.1"]
)
def test_a_provider_is_reached_over_tls_or_on_this_machine(issuer: str) -> None:
    with pytest.raises(OidcRefused):
        Provider(Settings(oidc_issuer=issuer))


def test_a_secret_may_stand_in_a_file_and_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
    settings = Settings(oidc_issuer="https://idp.example", oidc_client_secret_file=path)
    assert Provider(settings)._secret == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(Settings(oidc_client_secret=SecretStr(CLIENT_SECRET)))


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    house = House(tmp_path)
    client = TestClient(house.app(), base_url="http://testserver")
    assert "login/oidc" not in client.get("/login").text
    for path in ("/login/oidc", "/login/oidc/back?state=x&code=y"):
        assert client.get(path, follow_redirects=False).status_code == 404
    house.ledger.databases.dispose()
