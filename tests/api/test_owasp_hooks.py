"""OWASP API Security Top 10 (2023), rows 7 and 10, of what goes out: where it may go, and what an answer may do to us.

The addresses themselves are a table in tests/streams/test_egress.py; here they come in by every door there is.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from models.facts import Role
from tests.api.house import Client, House, problem_of
from tests.api.test_hooks import ask, make
from tests.consumers.receiver import LOOPBACK, receiver
from tests.streams.test_egress import HOSTILE_URLS


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """Of a house as it is run: no network of its own is listed."""
    async with House(tmp_path).client() as client:
        yield client


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name leads to these addresses."""

    def look_up(_host: str, port: int, *_more: object) -> list[Any]:
        if not addresses:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def test_api7_no_hostile_url_is_taken(client: Client) -> None:
    for url in HOSTILE_URLS:
        problem = problem_of(await ask(client, "POST", "/v1/hooks", json={"url": url}), 422)
        if 0 < len(url) <= 1000:
            assert problem["code"] == "hook_url_refused", url
            assert problem["errors"][0]["path"] == "$.url"


@pytest.mark.parametrize(
    "addresses",
    [("10.0.0.1",), ("127.0.0.1",), ("169.254.169.254",), ("::1",), ("93.184.216.34", "192.168.0.1"), ()],
)
async def test_api7_no_name_is_taken_that_leads_inside(
    client: Client, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    resolving(monkeypatch, *addresses)
    problem = problem_of(await ask(client, "POST", "/v1/hooks", json={"url": "https://a.example.com/"}), 422)
    assert problem["code"] == "hook_url_refused"
    for address in addresses:
        assert address not in problem["detail"]


async def test_api7_a_change_is_checked_as_the_making_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "93.184.216.34")
    made = await make(client, "https://a.example.com/")
    path = f"/v1/hooks/{made['hook_id']}"
    for url in ("http://a.example.com/", "https://127.0.0.1/", "https://a.example.com:22/"):
        problem_of(await ask(client, "PATCH", path, json={"url": url}), 422)
    assert (await ask(client, "GET", path)).json()["url"] == "https://a.example.com/"


async def test_api7_a_name_that_turns_inside_afterwards_is_not_posted_to(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "93.184.216.34")
    made = await make(client, "https://a.example.com/")
    resolving(monkeypatch, "127.0.0.1")
    found = (await ask(client, "POST", f"/v1/hooks/{made['hook_id']}/test")).json()
    assert (found["outcome"], found["status"]) == ("forbidden", None)
    assert "127.0.0.1" not in found["error"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_api10_redirects_are_not_followed_and_bodies_not_shown(tmp_path: Path, status: int) -> None:
    house = House(tmp_path, more={"hook_networks": LOOPBACK})
    async with house.client() as client:
        with receiver() as inside, receiver() as box:
            box.says = lambda _got: (status, {"Location": inside.url, "X-Secret": "inside"})
            made = await make(client, box.url)
            answer = await ask(client, "POST", f"/v1/hooks/{made['hook_id']}/test")
            assert answer.json() == {
                "outcome": "refused",
                "status": status,
                "latency_ms": answer.json()["latency_ms"],
                "error": f"answered {status}",
            }
            assert inside.got == []


async def test_api10_no_credential_of_ours_goes_out(tmp_path: Path) -> None:
    house = House(tmp_path, more={"hook_networks": LOOPBACK})
    async with house.client() as client:
        with receiver() as box:
            made = await make(client, box.url)
            await ask(client, "POST", f"/v1/hooks/{made['hook_id']}/test")
            (got,) = box.got
    assert set(got.headers) == {
        "host",
        "content-type",
        "content-length",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    everything = str(got.headers) + got.body.decode()
    assert made["secret"] not in everything
    assert client.tokens[Role.PRODUCER] not in everything
