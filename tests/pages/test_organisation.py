"""An organisation's administrators: users, keys and the log; and that others can do none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from models.access import RegulatorKind, Scope
from models.facts import Role
from models.people import Right, UserState
from streams.keys import create_key, find_key, list_keys
from streams.users import find_user, users_of
from tests.api.house import ORGS, House
from tests.facts import FACILITY_ORG, PRODUCER_ORG, REGULATOR_ORG
from tests.pages.browsing import log_in, send, token_in
from tests.streams.people import PASSWORD, QUICK_HASHING, active, code_of, noted, with_factor

PAGES = ("/organisation", "/organisation/keys", "/organisation/delegations", "/organisation/log")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, more=QUICK_HASHING)
    yield made
    made.ledger.databases.dispose()


def browser(house: House, login: str, code: str = "") -> TestClient:
    """Somebody who logged in."""
    client = TestClient(house.app(), base_url="http://testserver")
    assert send(client, "/login", login=login, password=PASSWORD).status_code == 303
    if code:
        assert send(client, "/login/code", code=code).status_code == 303
    return client


@pytest.fixture
def admin(house: House) -> TestClient:
    """The plater's administrator."""
    user = active(house.ledger.databases, "admin@plater.cn", name="李敏", right=Right.ADMINISTRATOR)
    _, secret, _ = with_factor(house.ledger.databases, user)
    return browser(house, "admin@plater.cn", code_of(secret))


def invite(client: TestClient, **fields: Any) -> httpx.Response:
    plain = {"login": "wang@plater.cn", "name": "王芳", "right": "clerk", "lang": "zh"}
    return send(client, "/organisation/users", "/organisation", **{**plain, **fields})


def user_id(house: House, login: str) -> str:
    found = find_user(house.ledger.databases, login=login)
    assert found is not None
    return found.user_id


def test_who_is_invited_gets_in_by_the_link_and_the_link_is_shown_once(
    house: House, admin: TestClient
) -> None:
    shown = invite(admin)
    link = re.search(r'value="(http://testserver/welcome\?token=[\w-]{43})"', shown.text)
    assert link is not None
    assert link[1] not in admin.get("/organisation").text
    client = TestClient(house.app(), base_url="http://testserver")
    page = client.get(link[1])
    fields = {
        "token": link[1].partition("=")[2],
        "password": PASSWORD,
        "again": PASSWORD,
        "csrf": token_in(page),
    }
    assert client.post("/welcome", data=fields, follow_redirects=False).headers["location"] == "/"
    assert client.get("/organisation").status_code == 403
    assert "王芳" in admin.get("/organisation").text
    assert [act for act, _, subject in noted(house.ledger.databases) if subject == "wang@plater.cn"] == [
        "invited",
        "password_set",
        "logged_in",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": "admin@plater.cn"}, "已被使用"),
        ({"login": "a b"}, "无空格"),
        ({"name": " "}, "请填写姓名"),
        ({"right": "king"}, ""),
        ({"right": ""}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    admin: TestClient, fields: dict[str, str], words: str
) -> None:
    answer = invite(admin, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    if "login" not in fields:
        assert 'value="wang@plater.cn"' in answer.text


def test_rights_locks_and_resets_are_given_by_the_page(house: House, admin: TestClient) -> None:
    databases = house.ledger.databases
    user = active(databases, "wang@plater.cn")
    with_factor(databases, user)
    at = f"/organisation/users/{user.user_id}"
    for act, fields, state in (
        ("right", {"right": "reader"}, UserState.ACTIVE),
        ("totp", {}, UserState.ACTIVE),
        ("lock", {}, UserState.LOCKED),
        ("unlock", {}, UserState.ACTIVE),
        ("end", {}, UserState.ENDED),
    ):
        assert send(admin, f"{at}/{act}", "/organisation", **fields).status_code == 303, act
        found = find_user(databases, user_id=user.user_id)
        assert found is not None
        assert found.state is state
    ended = find_user(databases, user_id=user.user_id)
    assert ended is not None
    assert (ended.right, ended.totp_since) == (Right.READER, None)
    assert send(admin, f"{at}/unlock", "/organisation").status_code == 422
    assert send(admin, f"{at}/crown", "/organisation").status_code == 404


def test_nobody_locks_themselves(house: House, admin: TestClient) -> None:
    answer = send(admin, f"/organisation/users/{user_id(house, 'admin@plater.cn')}/lock", "/organisation")
    assert answer.status_code == 422
    assert "不能对自己操作" in answer.text


def test_another_organisations_users_and_keys_are_as_unknown_as_none(house: House, admin: TestClient) -> None:
    databases = house.ledger.databases
    foreign = active(databases, "kiln@x.cn", org=FACILITY_ORG, roles=(Role.FACILITY,))
    key, _ = create_key(databases, FACILITY_ORG, Role.FACILITY, "theirs")
    for act in ("lock", "end", "totp", "right", "link"):
        theirs = send(admin, f"/organisation/users/{foreign.user_id}/{act}", "/organisation", right="reader")
        none = send(admin, f"/organisation/users/{'0' * 16}/{act}", "/organisation", right="reader")
        assert theirs.status_code == none.status_code == 404
    for act in ("rotate", "revoke"):
        theirs = send(admin, f"/organisation/keys/{key.key_id}/{act}", "/organisation/keys")
        none = send(admin, f"/organisation/keys/{'0' * 12}/{act}", "/organisation/keys")
        assert theirs.status_code == none.status_code == 404
    info = find_key(databases, key.key_id)
    assert info is not None
    assert info.revoked_at is None
    assert "theirs" not in admin.get("/organisation/keys").text + admin.get("/organisation/log").text


@pytest.mark.parametrize("right", [Right.CLERK, Right.READER])
def test_only_administrators_give_out_credentials(house: House, right: Right) -> None:
    databases = house.ledger.databases
    user = active(databases, "zhang@plater.cn", right=right)
    client = browser(house, "zhang@plater.cn")
    assert "/organisation" not in client.get("/account").text
    before = len(list_keys(databases, PRODUCER_ORG))
    for path in PAGES:
        assert client.get(path).status_code == 403
    token = token_in(client.get("/account"))
    for path in ("users", f"users/{user.user_id}/right", f"users/{user.user_id}/link", "keys"):
        fields = {
            "csrf": token,
            "right": "administrator",
            "login": "x@x.cn",
            "name": "x",
            "scopes": "facts:read",
        }
        assert client.post(f"/organisation/{path}", data=fields).status_code == 403, path
    assert len(users_of(databases)) == 1
    assert len(list_keys(databases, PRODUCER_ORG)) == before
    found = find_user(databases, user_id=user.user_id)
    assert found is not None
    assert found.right is right


def test_a_key_is_shown_once_and_works_until_it_is_revoked(house: House, admin: TestClient) -> None:
    fields: dict[str, Any] = {
        "name": "ERP",
        "days": "30",
        "scopes": ["facts:read", "facts:write"],
        "allow": "",
    }
    shown = send(admin, "/organisation/keys", **fields)
    token = re.search(r'value="(flk_[0-9a-f]{12}_[\w-]{43})"', shown.text)
    assert token is not None
    assert token[1] not in admin.get("/organisation/keys").text
    key_id = token[1][4:16]
    info = find_key(house.ledger.databases, key_id)
    assert info is not None
    assert info.holder.scopes == {Scope.FACTS_READ, Scope.FACTS_WRITE}
    bearer = {"authorization": f"Bearer {token[1]}"}
    other = TestClient(admin.app)
    assert other.get("/v1/facts/999999", headers=bearer).status_code == 404
    rotated = send(admin, f"/organisation/keys/{key_id}/rotate", "/organisation/keys", overlap="7")
    assert "flk_" in rotated.text
    again = send(admin, f"/organisation/keys/{key_id}/rotate", "/organisation/keys", overlap="7")
    assert again.status_code == 422
    assert send(admin, f"/organisation/keys/{key_id}/revoke", "/organisation/keys").status_code == 303
    assert other.get("/v1/facts/999999", headers=bearer).status_code == 401
    text = admin.get("/organisation/log").text
    for words in ("签发密钥", "轮换密钥", "撤销密钥", "李敏"):
        assert words in text
    assert token[1] not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"days": "0"},
        {"days": "401"},
        {"days": "-1"},
        {"days": "x"},
        {"allow": "10.0.0.1/8"},
        {"allow": "nowhere"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["audit:read"]},
        {"role": "regulator"},
    ],
)
def test_a_key_that_cannot_be_is_refused_beside_its_field(
    house: House, admin: TestClient, fields: dict[str, Any]
) -> None:
    before = len(list_keys(house.ledger.databases))
    plain: dict[str, Any] = {"name": "ERP", "days": "30", "scopes": ["facts:read"], "allow": ""}
    answer = send(admin, "/organisation/keys", **{**plain, **fields})
    assert answer.status_code == 422
    assert re.search(r'class="(note bad )?error"', answer.text)
    assert len(list_keys(house.ledger.databases)) == before


def test_a_key_that_manages_keys_gives_no_more_than_it_has(house: House) -> None:
    databases = house.ledger.databases
    scopes = {Scope.KEYS_MANAGE, Scope.FACTS_READ}
    _, token = create_key(databases, PRODUCER_ORG, Role.PRODUCER, "manager", scopes=scopes)
    client = TestClient(house.app(), base_url="http://testserver")
    log_in(client, token)
    plain = {"name": "more", "days": "30"}
    assert send(client, "/organisation/keys", **plain, scopes=["facts:write"]).status_code == 422
    assert send(client, "/organisation/keys", **plain, scopes=["facts:read"]).status_code == 200
    strong, _ = create_key(databases, PRODUCER_ORG, Role.PRODUCER, "strong")
    other, _ = create_key(databases, PRODUCER_ORG, Role.FACILITY, "other role", scopes={Scope.FACTS_READ})
    for key in (strong, other):
        for act in ("rotate", "revoke"):
            answer = send(client, f"/organisation/keys/{key.key_id}/{act}", "/organisation/keys")
            assert answer.status_code == 403
            assert "flk_" not in answer.text


def test_a_regulators_administrator_stays_within_kind_and_region(house: House) -> None:
    databases = house.ledger.databases
    user = active(
        databases,
        "wei@wjw.gov.cn",
        org=REGULATOR_ORG,
        roles=(Role.REGULATOR,),
        right=Right.ADMINISTRATOR,
        kind=RegulatorKind.HEALTH,
        region="3301",
    )
    _, secret, _ = with_factor(databases, user)
    client = browser(house, "wei@wjw.gov.cn", code_of(secret))
    assert invite(client, region="33", kind="health").status_code == 422
    assert invite(client, region="330106", kind="environment").status_code == 422
    assert invite(client, region="330106", kind="health").status_code == 200
    shown = send(client, "/organisation/keys", name="x", days="30", scopes=["facts:read"])
    key_id = shown.text.partition('value="flk_')[2][:12]
    info = find_key(databases, key_id)
    assert info is not None
    assert (info.holder.regulator, info.holder.region) == (RegulatorKind.HEALTH, "3301")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_are_there_in_both_languages_and_every_field_has_its_label(
    admin: TestClient, lang: str
) -> None:
    for path in (*PAGES, "/account", "/login", "/forgotten", "/account/totp"):
        text = admin.get(f"{path}?lang={lang}").text
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in text
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
        for field in re.findall(r"<(?:input|select|textarea)[^>]*>", text):
            if 'type="hidden"' in field:
                continue
            wrapped = 'type="checkbox"' in field or 'type="radio"' in field
            own = re.search(r' id="([^"]+)"', field)
            assert wrapped or "aria-label=" in field or (own is not None and own[1] in labelled), (
                path,
                field,
            )
        assert not re.search(r"<[^>]+\s(on\w+|style)=", text), path
        assert len(re.findall("<h1", text)) == 1, path
        assert not re.search(r">(?:[a-z_]+\.)+[a-z_]+<", text), path  # A key that has no words.


def test_a_delegation_is_given_works_and_is_ended(house: House, admin: TestClient) -> None:
    vendor = {"authorization": f"Bearer {house.tokens[Role.VENDOR]}", "feilian-for": PRODUCER_ORG}
    outside = TestClient(admin.app)
    assert outside.get("/v1/me", headers=vendor).status_code == 403
    fields: dict[str, Any] = {"delegate": ORGS[Role.VENDOR], "days": "30", "scopes": ["facts:read"]}
    assert send(admin, "/organisation/delegations", **fields).headers["location"].endswith("done=given")
    told = outside.get("/v1/me", headers=vendor).json()
    assert (told["org"], told["via"], told["scopes"]) == (PRODUCER_ORG, ORGS[Role.VENDOR], ["facts:read"])
    page = admin.get("/organisation/delegations").text
    assert ORGS[Role.VENDOR] in page
    ends = re.search(r'action="(/organisation/delegations/\w+/end)"', page)
    assert ends is not None
    assert send(admin, ends[1], "/organisation/delegations").status_code == 303
    assert outside.get("/v1/me", headers=vendor).status_code == 403
    assert (
        send(admin, f"/organisation/delegations/{'0' * 12}/end", "/organisation/delegations").status_code
        == 404
    )
    acts = [act for act, _, subject in noted(house.ledger.databases) if subject == ORGS[Role.VENDOR]]
    assert acts == ["delegation_given", "delegation_ended"]


@pytest.mark.parametrize(
    "fields",
    [
        {"delegate": ""},
        {"delegate": "<b>"},
        {"delegate": PRODUCER_ORG},
        {"days": "401"},
        {"days": "x"},
        {"scopes": []},
        {"scopes": ["keys:manage"]},
        {"role": "facility"},
    ],
)
def test_a_delegation_that_cannot_be_is_refused_beside_its_field(
    admin: TestClient, fields: dict[str, Any]
) -> None:
    plain: dict[str, Any] = {"delegate": ORGS[Role.VENDOR], "days": "30", "scopes": ["facts:read"]}
    answer = send(admin, "/organisation/delegations", **{**plain, **fields})
    assert answer.status_code == 422
    assert re.search(r'class="(note bad )?error"', answer.text)
