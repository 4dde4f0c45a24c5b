"""Webhooks over HTTP: made, changed, tested, rotated, redriven; by their own organisation only, within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.facts import Role
from models.hooks import DeadState, Position
from streams.hook_store import DeadLetter, HookStore
from tests.api.house import Client, House, problem_of
from tests.consumers.receiver import LOOPBACK, Receiver, receiver
from tests.facts import PRODUCER_ORG
from tests.streams.ledgers import accepted, stored

UNKNOWN = "wh_0123456789abcdef"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, more={"hook_networks": LOOPBACK, "hooks_max": 3, "hook_answer_s": 2})


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with house.client() as client:
        yield client


@pytest.fixture
def box() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


async def ask(
    client: Client, method: str, path: str, role: Role = Role.PRODUCER, **more: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {client.tokens[role]}"}
    return await client.http.request(method, path, headers=headers, **more)


async def make(client: Client, url: str, role: Role = Role.PRODUCER, **more: Any) -> dict[str, Any]:
    answer = await ask(client, "POST", "/v1/hooks", role, json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(
    house: House, client: Client, box: Receiver
) -> None:
    accepted(house.ledger, stored())
    made = await make(client, box.url, name="ERP", wanted={"types": ["alert.raised"], "severities": ["red"]})
    assert made["secret"].startswith("whsec_")
    assert (made["state"], made["progress"]["seq"], made["body"]) == ("active", 1, "full")
    shown = (await ask(client, "GET", f"/v1/hooks/{made['hook_id']}")).json()
    assert "secret" not in shown
    assert shown["wanted"]["types"] == ["alert.raised"]
    listed = (await ask(client, "GET", "/v1/hooks")).json()
    assert listed == {"hooks": [shown]}
    assert made["secret"] not in (await ask(client, "GET", "/v1/hooks")).text


async def test_what_is_left_out_of_a_change_stays(client: Client, box: Receiver) -> None:
    made = await make(client, box.url, name="ERP")
    path = f"/v1/hooks/{made['hook_id']}"
    paused = (await ask(client, "PATCH", path, json={"state": "paused"})).json()
    assert (paused["state"], paused["name"], paused["url"]) == ("paused", "ERP", box.url)
    renamed = (await ask(client, "PATCH", path, json={"name": "x", "wanted": {"own": True}})).json()
    assert (renamed["state"], renamed["name"], renamed["wanted"]["own"]) == ("paused", "x", True)
    assert (await ask(client, "PATCH", path, json={})).json()["name"] == "x"
    removed = await ask(client, "DELETE", path)
    assert removed.status_code == 204
    problem_of(await ask(client, "DELETE", path), 404)


async def test_a_new_secret_leaves_the_old_one_a_day(client: Client, box: Receiver) -> None:
    made = await make(client, box.url)
    rotated = (await ask(client, "POST", f"/v1/hooks/{made['hook_id']}/secret")).json()
    assert rotated["secret"] not in (made["secret"], None)
    assert rotated["old_secret_until"] is not None
    assert (await ask(client, "POST", f"/v1/hooks/{made['hook_id']}/test")).json()["outcome"] == "delivered"
    box.checked(made["secret"], rotated["secret"])


async def test_a_test_tells_what_came_back_and_nothing_of_the_answers_body(
    client: Client, box: Receiver
) -> None:
    made = await make(client, box.url)
    path = f"/v1/hooks/{made['hook_id']}/test"
    good = (await ask(client, "POST", path)).json()
    assert (good["outcome"], good["status"], good["error"]) == ("delivered", 204, "")
    assert box.took[0].json["type"] == "hook.ping"
    box.says = lambda _got: (302, {"Location": "http://169.254.169.254/"})
    refused = (await ask(client, "POST", path)).json()
    assert (refused["outcome"], refused["status"]) == ("refused", 302)
    assert len(box.got) == 2


async def test_dead_letters_are_listed_and_redriven(house: House, client: Client, box: Receiver) -> None:
    made = await make(client, box.url)
    hook_id, store = made["hook_id"], HookStore(house.ledger.databases)
    letters = [
        DeadLetter(
            hook_id,
            f"msg_{n:032x}",
            "fact.accepted",
            "facts",
            n,
            b'{"type":"fact.accepted"}',
            n // 2,
            8,
            500,
            "answered 500",
            DeadState.WAITING,
            n,
        )
        for n in range(5)
    ]
    for letter in letters:
        store.settle(hook_id, 1, Position(0, 0, letter.position), (), letter)
        store.settle(hook_id, 1, Position(0, 0, letter.position), (), letter)
    path = f"/v1/hooks/{hook_id}/dead-letters"
    found: list[str] = []
    cursor = ""
    while True:
        page = (await ask(client, "GET", path, params={"limit": 2, "cursor": cursor})).json()
        found += [each["webhook_id"] for each in page["dead_letters"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert found == [letter.webhook_id for letter in letters]
    one = f"{path}/{letters[1].webhook_id}/redrive"
    assert (await ask(client, "POST", one)).json() == {"queued": 1}
    assert (await ask(client, "POST", one)).json() == {"queued": 0}
    assert (await ask(client, "POST", f"{path}/redrive")).json() == {"queued": 4}
    queued = (await ask(client, "GET", path, params={"state": "queued"})).json()
    assert len(queued["dead_letters"]) == 5
    problem_of(await ask(client, "POST", f"{path}/msg_{99:032x}/redrive"), 404)
    problem_of(await ask(client, "GET", path, params={"cursor": "x"}), 422)
    assert (await ask(client, "GET", f"/v1/hooks/{hook_id}/deliveries")).json() == {"deliveries": []}


async def test_anothers_endpoint_and_none_are_the_same_to_all_requests(
    house: House, client: Client, box: Receiver
) -> None:
    made = await make(client, box.url)
    message = f"msg_{1:032x}"
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}),
        ("PATCH", "", {"json": {"name": "mine"}}),
        ("DELETE", "", {}),
        ("POST", "/secret", {}),
        ("POST", "/test", {}),
        ("GET", "/deliveries", {}),
        ("GET", "/dead-letters", {}),
        ("POST", "/dead-letters/redrive", {}),
        ("POST", f"/dead-letters/{message}/redrive", {}),
    ]
    for method, end, more in requests:
        for role in (Role.FACILITY, Role.REGULATOR, Role.AUDITOR):
            theirs = await ask(client, method, f"/v1/hooks/{made['hook_id']}{end}", role, **more)
            none = await ask(client, method, f"/v1/hooks/{UNKNOWN}{end}", role, **more)
            assert theirs.status_code == none.status_code == 404, (method, end)
            assert theirs.text.replace(made["hook_id"], UNKNOWN) == none.text
        problem_of(await client.http.request(method, f"/v1/hooks/{made['hook_id']}{end}", **more), 401)
    assert box.got == []
    assert HookStore(house.ledger.databases).one(PRODUCER_ORG, made["hook_id"]) is not None


async def test_there_are_only_so_many(client: Client, box: Receiver) -> None:
    for _ in range(3):
        await make(client, box.url)
    refused = await ask(client, "POST", "/v1/hooks", json={"url": box.url})
    assert problem_of(refused, 409)["code"] == "too_many_hooks"
    await make(client, box.url, Role.FACILITY)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": 1},
        {"url": ""},
        {"url": "x" * 1001},
        {"url": "https://example.com/", "secret": "whsec_mine"},
        {"url": "https://example.com/", "org": "x"},
        {"url": "https://example.com/", "state": "active"},
        {"url": "https://example.com/", "name": "x" * 101},
        {"url": "https://example.com/", "body": "fat"},
        {"url": "https://example.com/", "wanted": {"types": ["alert.eaten"]}},
        {"url": "https://example.com/", "wanted": {"region": "abc"}},
        {"url": "https://example.com/", "wanted": {"sites": ["x"]}},
        {"url": "https://example.com/", "wanted": {"own": "yes"}},
        {"url": "https://example.com/", "wanted": {"more": 1}},
        {"url": "https://example.com/", "wanted": {"sites": ["330106-A"] * 201}},
        [],
        None,
    ],
)
async def test_what_is_no_endpoint_is_refused(client: Client, body: object) -> None:
    problem_of(await ask(client, "POST", "/v1/hooks", json=body), 422)
