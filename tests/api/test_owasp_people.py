"""OWASP API Security Top 10 (2023), as far as people's logins go: API2 row by row, API3 and API5 for what forms can set."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from models.facts import Role
from models.people import Right
from models.tables_people import SessionRow, UserRow
from streams.databases import reading
from streams.users import find_user
from tests.api.house import House
from tests.facts import FACILITY_ORG, stored
from tests.pages.browsing import send, token_in, token_of
from tests.pages.test_headers import routes_of_pages
from tests.streams.people import PASSWORD, QUICK_HASHING, active, code_of, invited, with_factor


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, more={**QUICK_HASHING, "wrong_secrets_max": 3})
    yield made
    made.ledger.databases.dispose()


@pytest.fixture
def client(house: House) -> TestClient:
    return TestClient(house.app(), base_url="http://testserver")


def test_api2_many_names_from_one_address_are_held_off(house: House, client: TestClient) -> None:
    """Credential stuffing: another name each time does not help."""
    answers = [send(client, "/login", login=f"user{n}@x.cn", password=PASSWORD).status_code for n in range(6)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_api2_one_name_from_many_addresses_is_held_off(house: House) -> None:
    """Brute force: another address each time does not help, nor does a header that claims one."""
    active(house.ledger.databases)
    app = house.app()
    answers = []
    for n in range(6):
        client = TestClient(app, base_url="http://testserver", client=(f"192.0.2.{n}", 1234))
        answers.append(send(client, "/login", login="zhang@plater.cn", password="wrong").status_code)
    assert answers[0] == 401
    assert answers[-1] == 429
    here = TestClient(app, base_url="http://testserver", client=("192.0.2.99", 1))
    here.headers["x-forwarded-for"] = "203.0.113.1"
    assert send(here, "/login", login="zhang@plater.cn", password=PASSWORD).status_code == 429


def test_api2_who_was_right_from_here_is_not_shut_out_by_strangers(house: House) -> None:
    active(house.ledger.databases)
    app = house.app()
    mine = TestClient(app, base_url="http://testserver", client=("192.0.2.1", 1))
    assert send(mine, "/login", login="zhang@plater.cn", password=PASSWORD).status_code == 303
    for n in range(6):
        stranger = TestClient(app, base_url="http://testserver", client=(f"198.51.100.{n}", 1))
        send(stranger, "/login", login="zhang@plater.cn", password="wrong")
    again = TestClient(app, base_url="http://testserver", client=("192.0.2.1", 1))
    assert send(again, "/login", login="zhang@plater.cn", password=PASSWORD).status_code == 303


def test_api2_a_session_cannot_be_chosen_for_somebody(house: House, client: TestClient) -> None:
    """Session fixation: a number that was there before the login is not the one after it."""
    active(house.ledger.databases)
    client.cookies.set("sid", "A" * 43)
    assert send(client, "/login", login="zhang@plater.cn", password=PASSWORD).status_code == 303
    planted = TestClient(client.app, base_url="http://testserver", cookies={"sid": "A" * 43})
    assert planted.get("/account", follow_redirects=False).status_code == 303


def test_api2_passwords_codes_and_links_are_in_no_log(
    house: House, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, token = invited(house.ledger.databases)
    send(client, "/welcome", f"/welcome?token={token}", token=token, password="short", again="short")
    send(client, "/welcome", f"/welcome?token={token}", token=token, password=PASSWORD, again=PASSWORD)
    send(client, "/login", login="zhang@plater.cn", password="wrong but secret 7")
    told = "\n".join(
        f"{record.getMessage()} {record.__dict__}"
        for record in caplog.records
        if not record.name.startswith("http")
    )
    for secret in (PASSWORD, token, "wrong but secret 7", client.cookies["sid"]):
        assert secret not in told


def test_api2_a_session_opens_no_door_for_facts(house: House, client: TestClient) -> None:
    """Facts are stated by keys: no other site's page can make a browser state one."""
    active(house.ledger.databases)
    send(client, "/login", login="zhang@plater.cn", password=PASSWORD)
    headers = {"X-CSRF-Token": token_of(client, "/account")}
    assert client.post("/v1/facts", json=stored("LOT1"), headers=headers).status_code == 401


def test_api2_what_changes_something_by_a_session_needs_the_pages_token(
    house: House, client: TestClient
) -> None:
    user = active(house.ledger.databases, right=Right.ADMINISTRATOR)
    _, secret, _ = with_factor(house.ledger.databases, user)
    send(client, "/login", login="zhang@plater.cn", password=PASSWORD)
    send(client, "/login/code", code=code_of(secret))
    body = {"url": "https://hooks.example/x", "events": ["alert.raised"]}
    without = client.post("/v1/hooks", json=body)
    assert (without.status_code, without.json()["code"]) == (403, "stale_form")
    headers = {"X-CSRF-Token": token_of(client, "/account")}
    foreign = client.post("/v1/hooks", json=body, headers={**headers, "Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_form")
    assert client.post("/v1/hooks", json=body, headers=headers).status_code != 403


@pytest.mark.parametrize(
    "extra",
    [
        {"state": "active"},
        {"user_right": "administrator"},
        {"org": FACILITY_ORG},
        {"roles": "regulator"},
        {"totp_since": "1"},
        {"region": "33"},
    ],
)
def test_api3_a_form_sets_its_own_fields_and_no_others(
    house: House, client: TestClient, extra: dict[str, str]
) -> None:
    """Mass assignment: names of columns in a form are just names."""
    user, token = invited(house.ledger.databases)
    fields = {"token": token, "password": PASSWORD, "again": PASSWORD, **extra}
    assert send(client, "/welcome", f"/welcome?token={token}", **fields).status_code == 303
    found = find_user(house.ledger.databases, user_id=user.user_id)
    assert found is not None
    assert (found.org, found.roles, found.right, found.region) == (
        user.org,
        user.roles,
        user.right,
        user.region,
    )
    assert found.totp_since is None


def test_api5_every_page_that_changes_something_asks_who_does_it(house: House, client: TestClient) -> None:
    """Each POST of a page, taken from the application: nobody who is not logged in gets further than the login."""
    open_to_all = {
        "/login",
        "/login/code",
        "/login/enrol",
        "/login/once",
        "/welcome",
        "/forgotten",
        "/logout",
    }
    posts = [route.path for route in routes_of_pages() if "POST" in (route.methods or ())]
    assert len(posts) > 12
    page = client.get("/login")
    for path in sorted(set(posts) - open_to_all):
        answer = client.post(
            path.replace("{", "").replace("}", ""), data={"csrf": token_in(page)}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers.get("location", "")[:6]) == (303, "/login"), path


def test_api8_nothing_of_a_login_is_kept_in_the_clear(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    send(client, "/login", login="zhang@plater.cn", password=PASSWORD)
    with reading(house.ledger.databases.ledger) as connection:
        kept: Any = str(connection.execute(select(UserRow)).all()) + str(
            connection.execute(select(SessionRow)).all()
        )
    assert PASSWORD not in kept
    assert client.cookies["sid"] not in kept
    assert house.tokens[Role.PRODUCER] not in kept
