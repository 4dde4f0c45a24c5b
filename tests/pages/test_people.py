"""People log in by the pages: password, one-time code, first login, recovery; what fails, and what ends a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.parts import Parts
from models.facts import Role
from models.people import MINUTE_US, Right
from streams import user_secrets, users
from streams.keys import create_key, revoke_key
from streams.users import find_user
from tests.api.house import House
from tests.facts import PRODUCER_ORG, REGULATOR_ORG
from tests.pages.browsing import log_in, login_link, send, token_in, token_of
from tests.streams.people import (
    BY,
    OTHER,
    PASSWORD,
    QUICK_HASHING,
    active,
    code_of,
    invited,
    noted,
    secret_of,
    watch,
    with_factor,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty ledger with quick hashing; each test has its own, since locks and sessions are what is tested."""
    made = House(tmp_path, more={**QUICK_HASHING, "wrong_secrets_max": 3})
    yield made
    made.ledger.databases.dispose()


@pytest.fixture
def client(house: House) -> TestClient:
    return TestClient(house.app(), base_url="http://testserver")


def another(client: TestClient) -> TestClient:
    """Another browser at the same application."""
    return TestClient(client.app, base_url="http://testserver")


def enter(client: TestClient, login: str, password: str = PASSWORD, onward: str = "/") -> httpx.Response:
    return send(client, "/login", login=login, password=password, next=onward)


def parts(client: TestClient) -> Parts:
    """What the application behind a browser works with."""
    app: Any = client.app
    found: Parts = app.state.parts
    return found


def is_in(client: TestClient) -> bool:
    return bool(client.get("/account", follow_redirects=False).status_code == 200)


def test_a_password_logs_in_under_a_new_number_and_logging_out_ends_it_on_the_server(
    house: House, client: TestClient
) -> None:
    active(house.ledger.databases)
    answer = enter(client, "Zhang@Plater.cn", onward="/storage")
    assert (answer.status_code, answer.headers["location"]) == (303, "/storage")
    cookie = next(line.lower() for line in answer.headers.get_list("set-cookie") if line.startswith("sid="))
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    assert "max-age" not in cookie
    assert is_in(client)
    sid = client.cookies["sid"]
    assert send(client, "/logout", "/account").status_code == 303
    assert not is_in(client)
    client.cookies.set("sid", sid)
    assert not is_in(client)


def test_over_tls_the_cookie_is_the_hosts_alone_and_a_plain_one_is_ignored(house: House) -> None:
    active(house.ledger.databases)
    client = TestClient(house.app(), base_url="https://testserver")
    answer = enter(client, "zhang@plater.cn")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-sid="))
    assert "; secure" in cookie.lower()
    assert "domain" not in cookie.lower()
    assert is_in(client)
    sid = client.cookies["__Host-sid"]
    client.cookies.clear()
    client.cookies.set("sid", sid)
    assert not is_in(client)


def test_unknown_wrong_and_locked_are_answered_alike(house: House) -> None:
    active(house.ledger.databases)
    locked = active(house.ledger.databases, "locked@x.cn")
    users.lock(house.ledger.databases, locked.user_id, PRODUCER_ORG, BY)
    invited(house.ledger.databases, "new@x.cn")
    texts = []
    for login in ("zhang@plater.cn", "nobody@x.cn", "locked@x.cn", "new@x.cn"):
        answer = enter(TestClient(house.app(), base_url="http://testserver"), login, "a wrong password")
        assert answer.status_code == 401
        assert "sid" not in answer.cookies
        texts.append(re.sub(r'"[0-9a-f]{64}"', "", answer.text.replace(login, "")))
    assert len(set(texts)) == 1


def test_too_many_wrong_ones_have_to_wait_and_the_right_one_too(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    codes = [enter(another(client), "zhang@plater.cn", "wrong").status_code for _ in range(5)]
    assert codes[:3] == [401, 401, 401]
    assert codes[3:] == [429, 429]
    answer = enter(client, "zhang@plater.cn")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    known, unknown = enter(client, "zhang@plater.cn"), enter(client, "nobody@x.cn")
    assert known.status_code == unknown.status_code == 429  # The address has to wait, whoever is named.


def test_the_second_factor_is_asked_for_and_before_it_nobody_is_in(house: House, client: TestClient) -> None:
    _, secret, codes = with_factor(house.ledger.databases, active(house.ledger.databases))
    answer = enter(client, "zhang@plater.cn", onward="/storage")
    assert answer.headers["location"] == "/login/code?next=%2Fstorage"
    half_way = client.cookies["sid"]
    assert not is_in(client)
    assert client.get("/v1/alerts").status_code == 401
    assert client.get("/login/enrol", follow_redirects=False).headers["location"].startswith("/login")
    assert send(client, "/login/code", code="000000").status_code == 401
    answer = send(client, "/login/code", code=code_of(secret), next="/storage")
    assert (answer.status_code, answer.headers["location"]) == (303, "/storage")
    assert client.cookies["sid"] != half_way
    assert is_in(client)
    other = another(client)
    enter(other, "zhang@plater.cn")
    assert send(other, "/login/code", code=code_of(secret)).status_code == 401  # Seen over a shoulder.
    assert send(other, "/login/code", code=codes[0]).status_code == 303
    third = another(client)
    third.cookies.set("sid", half_way)
    assert not is_in(third)


def test_wrong_codes_are_counted_as_wrong_passwords_are(house: House, client: TestClient) -> None:
    _, secret, _ = with_factor(house.ledger.databases, active(house.ledger.databases))
    enter(client, "zhang@plater.cn")
    answers = [send(client, "/login/code", code="000000").status_code for _ in range(5)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert send(client, "/login/code", code=code_of(secret)).status_code == 429
    assert not is_in(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"right": Right.ADMINISTRATOR},
        {"roles": (Role.REGULATOR,), "org": REGULATOR_ORG},
        {"roles": (Role.PRODUCER, Role.AUDITOR)},
    ],
)
def test_whoever_reaches_far_sets_up_a_second_factor_at_the_first_login(
    house: House, client: TestClient, changes: dict[str, Any]
) -> None:
    _, token = invited(house.ledger.databases, **changes)
    page = client.get(f"/welcome?token={token}")
    assert "张伟" in page.text
    answer = send(
        client, "/welcome", f"/welcome?token={token}", token=token, password=PASSWORD, again=PASSWORD
    )
    assert answer.headers["location"].startswith("/login/enrol")
    assert not is_in(client)
    text = client.get("/login/enrol").text
    secret = secret_of(house.ledger.databases, "zhang@plater.cn")
    assert " ".join(secret[at : at + 4] for at in range(0, 32, 4)) in text
    assert 'src="data:image/svg+xml' in text
    wrong = send_here(client, "/login/enrol", code="000000")
    assert wrong.status_code == 401
    assert secret_of(house.ledger.databases, "zhang@plater.cn") == secret
    shown = client.post("/login/enrol", data={"code": code_of(secret), "csrf": token_in(wrong)})
    assert len(re.findall(r'<li class="code">[\w-]{19}</li>', shown.text)) == 10
    assert is_in(client)
    again = client.get("/login/enrol", follow_redirects=False)
    assert again.status_code == 303
    assert secret not in client.get("/account").text


def send_here(client: TestClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form without fetching its page again, which would offer another secret."""
    fields["csrf"] = token_of(client, "/login")
    answer: httpx.Response = client.post(path, data=fields, follow_redirects=False)
    return answer


def test_others_log_in_without_and_may_set_one_up(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    assert enter(client, "zhang@plater.cn").headers["location"] == "/"
    page = client.get("/account/totp")
    secret = secret_of(house.ledger.databases, "zhang@plater.cn")
    assert secret[:4] in page.text
    shown = client.post("/account/totp", data={"code": code_of(secret, -1), "csrf": token_in(page)})
    codes = re.findall(r'<li class="code">([\w-]{19})</li>', shown.text)
    assert len(codes) == 10
    assert enter(another(client), "zhang@plater.cn").headers["location"].startswith("/login/code")
    assert send(client, "/account/totp/remove", "/account", remove_code="000000").status_code == 401
    assert send(client, "/account/totp/remove", "/account", remove_code=code_of(secret)).status_code == 303
    assert enter(another(client), "zhang@plater.cn").headers["location"] == "/"


def test_who_needs_a_second_factor_cannot_switch_it_off(house: House, client: TestClient) -> None:
    _, secret, codes = with_factor(
        house.ledger.databases, active(house.ledger.databases, right=Right.ADMINISTRATOR)
    )
    enter(client, "zhang@plater.cn")
    send(client, "/login/code", code=codes[0])
    assert send(client, "/account/totp/remove", "/account", remove_code=code_of(secret)).status_code == 403
    found = find_user(house.ledger.databases, login="zhang@plater.cn")
    assert found is not None
    assert found.totp_since is not None


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "至少 12 个字符"),
        ("password1234", "password1234", "太容易猜到"),
        ("zhang@plater.cn!", "zhang@plater.cn!", "不能包含"),
        (PASSWORD, OTHER, "两次输入不一致"),
    ],
)
def test_a_password_that_is_no_good_is_said_beside_its_field_and_spends_no_link(
    house: House, client: TestClient, password: str, again: str, words: str
) -> None:
    _, token = invited(house.ledger.databases)
    answer = send(client, "/welcome", f"/welcome?token={token}", token=token, password=password, again=again)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    answer = send(
        client, "/welcome", f"/welcome?token={token}", token=token, password=PASSWORD, again=PASSWORD
    )
    assert answer.status_code == 303
    assert is_in(client)


def test_a_link_that_is_over_says_what_to_do(house: House, client: TestClient) -> None:
    _, token = invited(house.ledger.databases)
    fields = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert send(client, "/welcome", f"/welcome?token={token}", **fields).status_code == 303
    for used in (token, "x", ""):
        assert client.get(f"/welcome?token={used}").status_code == 410
    again = client.post("/welcome", data={**fields, "csrf": token_of(client, "/account")})
    assert again.status_code == 410


def test_a_login_link_is_good_once(house: House, client: TestClient) -> None:
    key = house.tokens[Role.REGULATOR]
    link = login_link("", house.ledger.databases, key)
    answer = client.get(link + "&next=/storage", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/storage")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert is_in(client)
    assert another(client).get(link, follow_redirects=False).headers["location"] == "/login?over"
    assert not is_in(another(client))


def test_a_login_link_on_another_site_is_asked_about_first(house: House, client: TestClient) -> None:
    link = login_link("", house.ledger.databases, house.tokens[Role.REGULATOR])
    page = client.get(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert not is_in(client)
    token = link.partition("token=")[2]
    assert client.post("/login/once", data={"token": token}, follow_redirects=False).status_code == 403
    answer = client.post("/login/once", data={"token": token, "csrf": token_in(page)}, follow_redirects=False)
    assert answer.status_code == 303
    assert is_in(client)


def test_a_login_link_runs_out(house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = watch(monkeypatch)
    link = login_link("", house.ledger.databases, house.tokens[Role.REGULATOR])
    now.now += 5 * MINUTE_US
    assert client.get(link, follow_redirects=False).headers["location"] == "/login?over"


def test_a_session_of_a_key_ends_with_its_key(house: House, client: TestClient) -> None:
    holder, token = create_key(house.ledger.databases, PRODUCER_ORG, Role.PRODUCER, "erp")
    assert log_in(client, token).status_code == 303
    assert is_in(client)
    assert client.get("/account/totp", follow_redirects=False).status_code == 403
    assert send(client, "/account/password", "/account", present="x").status_code == 403
    revoke_key(house.ledger.databases, holder.key_id)
    parts(client).keys.forget(holder.key_id)
    assert not is_in(client)


def test_who_is_locked_is_out_at_once(house: House, client: TestClient) -> None:
    user = active(house.ledger.databases)
    enter(client, "zhang@plater.cn")
    assert is_in(client)
    users.lock(house.ledger.databases, user.user_id, PRODUCER_ORG, BY)
    assert not is_in(client)
    assert client.get("/v1/alerts").status_code == 401


def test_a_form_without_its_token_changes_nothing(house: House, client: TestClient) -> None:
    """Missing, another session's, the one from before the login, and one that is too long."""
    active(house.ledger.databases)
    before = token_of(client)
    enter(client, "zhang@plater.cn")
    other = another(client)
    enter(other, "zhang@plater.cn")
    for token in ("", before, token_of(other, "/account"), "é" * 64, "0" * 5000):
        answer = client.post("/logout", data={"csrf": token}, follow_redirects=False)
        assert answer.status_code == 403
        assert "表单已失效" in answer.text
    assert is_in(client)
    without = another(client)
    answer = without.post(
        "/login", data={"login": "zhang@plater.cn", "password": PASSWORD}, follow_redirects=False
    )
    assert answer.status_code == 403
    assert "sid" not in without.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://testserver"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_form_changes_nothing_though_it_had_the_token(
    house: House, client: TestClient, headers: dict[str, str]
) -> None:
    active(house.ledger.databases)
    enter(client, "zhang@plater.cn")
    token = token_of(client, "/account")
    answer = client.post("/logout", data={"csrf": token}, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert is_in(client)


def test_the_header_of_htmx_counts_as_well(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    enter(client, "zhang@plater.cn")
    headers = {"X-CSRF-Token": token_of(client, "/account"), "Origin": "http://testserver"}
    assert client.post("/logout", headers=headers, follow_redirects=False).status_code == 303
    assert not is_in(client)


@pytest.mark.parametrize("body", [b"csrf=" + b"x" * 17_000, b"a=1&" * 200, b"csrf=%ff%fe", b"\xff\xfe=1"])
def test_a_form_that_cannot_be_read_is_refused(client: TestClient, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/login", content=body, headers=headers, follow_redirects=False)
    assert answer.status_code in {400, 403, 413}
    assert "<h1>" in answer.text


def test_sessions_are_listed_and_the_others_ended(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    other = another(client)
    enter(client, "zhang@plater.cn")
    other.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/130 <script>alert(1)</script>"
    enter(other, "zhang@plater.cn")
    text = client.get("/account").text
    assert "Chrome · Windows" in text
    assert "<script>alert(1)" not in text
    assert send(client, "/account/sessions/end", "/account", session="others").status_code == 303
    assert is_in(client)
    assert not is_in(other)


def test_changing_the_password_needs_the_present_one_and_ends_the_others(
    house: House, client: TestClient
) -> None:
    active(house.ledger.databases)
    other = another(client)
    enter(client, "zhang@plater.cn")
    enter(other, "zhang@plater.cn")
    fields = {"password": OTHER, "again": OTHER}
    assert send(client, "/account/password", "/account", present="wrong", **fields).status_code == 401
    assert is_in(other)
    common = {"password": "password1234", "again": "password1234"}
    assert send(client, "/account/password", "/account", present=PASSWORD, **common).status_code == 422
    differs = send(client, "/account/password", "/account", present=PASSWORD, password=OTHER, again=PASSWORD)
    assert differs.status_code == 422
    assert send(client, "/account/password", "/account", present=PASSWORD, **fields).status_code == 303
    assert is_in(client)
    assert not is_in(other)
    assert enter(another(client), "zhang@plater.cn").status_code == 401
    assert enter(another(client), "zhang@plater.cn", OTHER).status_code == 303


def test_of_several_roles_one_is_acted_in(house: House, client: TestClient) -> None:
    active(house.ledger.databases, roles=(Role.PRODUCER, Role.FACILITY))
    enter(client, "zhang@plater.cn")
    before = client.cookies["sid"]
    assert send(client, "/account/role", "/account", role="regulator").status_code == 403
    assert send(client, "/account/role", "/account", role="facility").status_code == 303
    assert client.cookies["sid"] != before
    assert "<summary title" in client.get("/account").text
    assert "利用处置单位" in client.get("/account").text


def test_the_language_is_kept_with_the_user(house: House, client: TestClient) -> None:
    active(house.ledger.databases, lang="en")
    enter(client, "zhang@plater.cn")
    assert '<html lang="en">' in client.get("/account").text
    assert send(client, "/account/language", "/account", lang="zh").status_code == 303
    other = another(client)
    enter(other, "zhang@plater.cn")
    assert '<html lang="zh-CN">' in other.get("/account").text
    assert send(client, "/account/language", "/account", lang="<b>").status_code == 303
    found = find_user(house.ledger.databases, login="zhang@plater.cn")
    assert found is not None
    assert found.lang == "zh"


def test_forgotten_names_whom_to_ask_and_mails_where_it_can(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    invited(house.ledger.databases, "new@x.cn")
    assert "管理员" in client.get("/forgotten").text
    assert 'name="login"' not in client.get("/forgotten").text
    mailed: list[tuple[str, str, str]] = []
    parts(client).mail_link = lambda *mail: mailed.append(mail)
    answers = [
        send(client, "/forgotten", login=login) for login in ("zhang@plater.cn", "nobody@x.cn", "new@x.cn")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({re.sub(r'"[0-9a-f]{64}"', "", answer.text) for answer in answers}) == 1
    assert [(to, lang) for to, lang, _ in mailed] == [("zhang@plater.cn", "zh")]
    token = mailed[0][2].partition("token=")[2]
    assert user_secrets.set_password_by_link(
        house.ledger.databases, parts(client).passwords, token, OTHER, BY
    )
    for _ in range(10):
        send(client, "/forgotten", login="zhang@plater.cn")
    assert len(mailed) <= 5  # Nobody's mailbox is filled.


def test_what_people_do_is_in_the_log(house: House, client: TestClient) -> None:
    active(house.ledger.databases)
    enter(client, "zhang@plater.cn", "wrong")
    enter(client, "zhang@plater.cn")
    send(client, "/logout", "/account")
    done = [(act, outcome) for act, outcome, _ in noted(house.ledger.databases) if act != "key_made"]
    assert done == [
        ("invited", "done"),
        ("password_set", "done"),
        ("login_failed", "refused"),
        ("logged_in", "done"),
        ("logged_out", "done"),
    ]
    metrics = client.get("/metrics").text
    assert 'feilian_credential_events_total{act="login_failed",outcome="refused"}' in metrics
