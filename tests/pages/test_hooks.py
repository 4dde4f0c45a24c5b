"""The page of webhooks: what it shows of an endpoint, what its buttons do, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from models.facts import Role
from models.hooks import DeadState, HookState, Position
from models.settings import Settings
from streams.hook_store import DeadLetter, HookStore
from tests.consumers.receiver import LOOPBACK, Receiver, receiver
from tests.facts import FACILITY_ORG, PRODUCER_ORG
from tests.pages.browsing import log_in, send
from tests.pages.world import World


@pytest.fixture(scope="module")
def pushing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("hooks"))
    made.settle()
    made.settings = Settings(**{**made.settings.model_dump(), "hook_networks": LOOPBACK})
    yield made
    made.databases.dispose()


@pytest.fixture
def client(pushing: World) -> TestClient:
    return logged_in(pushing)


def logged_in(world: World, org: str | None = None, role: Role = Role.PRODUCER) -> TestClient:
    browser = TestClient(world.app(), base_url="http://testserver")
    assert log_in(browser, world.key(role, org)).status_code == 303
    return browser


@pytest.fixture
def box() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def store(world: World) -> HookStore:
    return HookStore(world.databases)


@pytest.fixture
def hook_id(pushing: World, client: TestClient, box: Receiver) -> Iterator[str]:
    """An endpoint made by the form; its secret is shown in the answer and never again."""
    shown = send(client, "/hooks", url=box.url, name="ERP", type="alert.raised", body="thin")
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", shown.text)
    (made,) = store(pushing).of_org(PRODUCER_ORG)
    assert (made.secret, made.name, made.body) == (secret, "ERP", "thin")
    assert "whsec_" not in client.get("/hooks").text
    yield made.hook_id
    store(pushing).remove(PRODUCER_ORG, made.hook_id)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_shows_how_an_endpoint_fares(pushing: World, client: TestClient, hook_id: str, lang: str) -> None:
    letter = DeadLetter(
        hook_id, "msg_" + "a" * 32, "fact.accepted", "facts", 7, b"{}", 5, 8, 500, "", DeadState.WAITING, 5
    )
    store(pushing).settle(hook_id, 1, Position(3, 0, 8, attempts=2, next_at=9, failing_since=4), (), letter)
    text = client.get(f"/hooks?lang={lang}").text
    assert ("接收失败" if lang == "zh" else "failing") in text
    assert letter.webhook_id in text
    assert "127.0.0.1" in text
    assert "/in" not in re.sub(r"<[^>]*>", "", text)  # Paths may be secrets of the receiver.
    store(pushing).disable(hook_id, "gone", 9)
    assert ("已停用" if lang == "zh" else "disabled") in client.get(f"/hooks?lang={lang}").text


def test_the_buttons(pushing: World, client: TestClient, hook_id: str, box: Receiver) -> None:
    path = f"/hooks/{hook_id}"
    tested = send(client, f"{path}/test", "/hooks")
    assert "204" in client.get(tested.headers["location"]).text
    assert box.took[0].json["type"] == "hook.ping"
    send(client, f"{path}/pause", "/hooks")
    assert store(pushing).all()[0].state is HookState.PAUSED
    send(client, f"{path}/enable", "/hooks")
    assert store(pushing).all()[0].state is HookState.ACTIVE
    assert len(re.findall("whsec_", send(client, f"{path}/rotate", "/hooks").text)) == 1
    for mark in "ab":
        letter = DeadLetter(
            hook_id, "msg_" + mark * 32, "x", "facts", 7, b"{}", 5, 8, 500, "", DeadState.WAITING, 5
        )
        store(pushing).settle(hook_id, 1, Position(3, 0, 8), (), letter)
    send(client, f"{path}/redrive", "/hooks", message="msg_" + "a" * 32)
    assert [each.state for each in store(pushing).dead_letters(hook_id, 9)] == ["queued", "waiting"]
    send(client, f"{path}/redrive", "/hooks")
    assert [each.state for each in store(pushing).dead_letters(hook_id, 9)] == ["queued", "queued"]
    send(client, f"{path}/remove", "/hooks")
    assert store(pushing).all() == []


def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(client: TestClient) -> None:
    shown = send(client, "/hooks", url="https://10.0.0.1/x", name="<b>ERP")
    assert shown.status_code == 422
    assert 'value="https://10.0.0.1/x"' in shown.text
    assert "&lt;b&gt;ERP" in shown.text
    assert "<b>ERP" not in shown.text


def test_anothers_endpoint_has_no_buttons(pushing: World, hook_id: str) -> None:
    stranger = logged_in(pushing, FACILITY_ORG, Role.FACILITY)
    assert hook_id not in stranger.get("/hooks").text
    for act in ("test", "remove", "rotate", "redrive"):
        assert send(stranger, f"/hooks/{hook_id}/{act}", "/hooks").status_code == 404
    assert [hook.hook_id for hook in store(pushing).all()] == [hook_id]


def test_a_form_without_its_token_and_a_visitor_change_nothing(
    pushing: World, client: TestClient, hook_id: str
) -> None:
    assert client.post(f"/hooks/{hook_id}/remove").status_code == 403
    visitor = TestClient(pushing.app(), base_url="http://testserver")
    assert visitor.get("/hooks", follow_redirects=False).status_code == 303
    assert visitor.post(f"/hooks/{hook_id}/remove", follow_redirects=False).status_code in (303, 403)
    assert len(store(pushing).all()) == 1


def test_what_the_address_says_is_not_repeated(client: TestClient) -> None:
    shown = client.get("/hooks?tested=delivered&status=<b>&n=<b>&queued=<b>").text
    assert "<b>" not in re.sub(r"<b>.{0,40}</b><br><small class=\"code\">", "", shown)
