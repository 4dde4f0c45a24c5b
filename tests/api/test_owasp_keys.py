"""OWASP API Security Top 10 (2023), the rows that keys, tokens and limits answer for: API2, API4, API6, API8."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import deploy.protocol
from deploy import house as serving
from models.facts import Role
from tests.api.house import Client, House, problem_of
from tests.streams.ledgers import stored


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


# API2: broken authentication


async def test_api2_guessing_a_secret_is_slowed_down_and_its_owner_is_not(tmp_path: Path) -> None:
    async with House(
        tmp_path, more={"wrong_secrets_max": 5, "trusted_proxies": "127.0.0.1"}
    ).client() as client:
        mine = client.tokens[Role.PRODUCER]
        home, away = {"x-forwarded-for": "192.0.2.1"}, {"x-forwarded-for": "192.0.2.66"}
        assert (await client.http.get("/v1/me", headers=bearer(mine, **home))).status_code == 200
        guesses = [
            await client.http.get("/v1/me", headers=bearer(f"{mine[:-3]}{n:03d}", **away)) for n in range(8)
        ]
        assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 3
        locked = guesses[-1]
        assert problem_of(locked, 429)["code"] == "too_many_wrong_secrets"
        assert int(locked.headers["retry-after"]) >= 1
        right = await client.http.get("/v1/me", headers=bearer(mine, **away))
        assert right.status_code == 429, "nothing tells a right guess while it is locked"
        assert (await client.http.get("/v1/me", headers=bearer(mine, **home))).status_code == 200


async def test_api2_the_token_endpoint_has_the_same_lock(tmp_path: Path) -> None:
    async with House(tmp_path, more={"wrong_secrets_max": 3}).client() as client:
        key_id = client.tokens[Role.PRODUCER].split("_")[1]
        form = {"grant_type": "client_credentials"}
        tried = [
            await client.http.post("/v1/oauth/token", data=form, auth=(key_id, f"guess{n}")) for n in range(4)
        ]
        assert [answer.status_code for answer in tried] == [401] * 3 + [429]


async def test_api2_an_unknown_key_and_a_wrong_secret_are_told_alike(client: Client) -> None:
    mine = client.tokens[Role.PRODUCER]
    answers = [
        await client.http.get("/v1/me", headers=bearer(token))
        for token in (mine + "x", "flk_0123456789ab_" + mine.split("_", 2)[2], "flk_x_y", "", "eyJ.a.b")
    ]
    assert len({problem_of(answer, 401)["code"] for answer in answers}) == 1
    assert answers[0].json() == answers[1].json()


async def test_api2_no_secret_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    mine = client.tokens[Role.PRODUCER]
    secret = mine.split("_", 2)[2]
    await client.http.get("/v1/me", headers=bearer(mine))
    await client.http.get("/v1/me", headers=bearer(mine + "x"))
    form = {"grant_type": "client_credentials", "client_secret": secret, "client_id": mine.split("_")[1]}
    await client.http.post("/v1/oauth/token", data=form)
    assert secret not in caplog.text


# API4: unrestricted resource consumption


async def test_api4_each_key_has_so_many_requests_and_is_told_how_many_are_left(tmp_path: Path) -> None:
    async with House(tmp_path, more={"requests_per_second": 1, "requests_burst": 3}).client() as client:
        answers = [await client.get("/v1/me", Role.PRODUCER) for _ in range(5)]
        assert [answer.status_code for answer in answers][:3] == [200] * 3
        refused = answers[-1]
        assert problem_of(refused, 429)["code"] == "too_many_requests"
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
        assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=1, "facts";r=')
        assert answers[0].headers["ratelimit-policy"].startswith('"requests";q=3;w=3, "facts";q=')
        assert (await client.get("/v1/me", Role.FACILITY)).status_code == 200


async def test_api4_each_key_has_so_many_facts(tmp_path: Path) -> None:
    async with House(tmp_path, more={"facts_per_second": 1, "facts_burst": 10}).client() as client:
        assert (await client.post([stored() for _ in range(8)])).status_code == 201
        refused = await client.post([stored() for _ in range(8)])
        assert problem_of(refused, 429)["code"] == "too_many_requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 7
        assert (await client.post([stored(), stored()])).status_code == 201


async def test_api4_a_thousand_facts_pass_and_one_more_does_not(client: Client) -> None:
    wires = [stored() for _ in range(1000)]
    assert (await client.post(wires)).status_code == 201
    assert problem_of(await client.post([*wires, stored()]), 422)["code"] == "too_many_facts"


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/delegations", "/v1/keys/0123456789ab/rotate"])
async def test_api4_no_body_is_read_beyond_its_bound(client: Client, path: str) -> None:
    headers = bearer(client.tokens[Role.PRODUCER], **{"content-type": "application/json"})
    body = b'{"name": "' + b"x" * 1024 * 1024 + b'"}'
    assert (
        problem_of(await client.http.post(path, content=body, headers=headers), 413)["code"]
        == "body_too_large"
    )
    deep = b"[" * 100_000
    assert (await client.http.post(path, content=deep, headers=headers)).status_code in (400, 422)


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """The application as `feilian serve` serves it, with a second of patience."""
    monkeypatch.setattr(deploy.protocol, "HEAD_SECONDS_MAX", 1.0)
    house = House(tmp_path)
    sock = serving.bound_socket("127.0.0.1", 0)
    server = serving.server(house.app())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    yield sock.getsockname()
    server.should_exit = True
    thread.join(15)


def _hung_up_after(conn: socket.socket) -> float:
    started = time.monotonic()
    conn.settimeout(10)
    try:
        while conn.recv(4096):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - started


@pytest.mark.parametrize("head", [b"", b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "])
def test_api4_who_dawdles_over_a_head_is_hung_up_on(address: tuple[str, int], head: bytes) -> None:
    with socket.create_connection(address) as conn:
        conn.sendall(head)
        assert 0.5 < _hung_up_after(conn) < 8


def test_api4_a_head_without_end_is_hung_up_on(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as conn:
        conn.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ")
        with pytest.raises(ConnectionError):
            conn.sendall(b"x" * 80_000_000)


# API6: unrestricted access to sensitive business flows


async def test_api6_keys_breed_no_keys_without_bound(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.keys.KEYS_OF_ORG_MAX", 3)
    headers = bearer(client.tokens[Role.PRODUCER])
    answers = await asyncio.gather(
        *(client.http.post("/v1/keys", json={"name": "x"}, headers=headers) for _ in range(6))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, 201, 422, 422, 422, 422]


# API8: security misconfiguration


@pytest.mark.parametrize("path", ["/v1/me", "/v1/facts/1"])
async def test_api8_private_answers_are_neither_kept_nor_guessed_at(client: Client, path: str) -> None:
    answer = await client.get(path, Role.PRODUCER)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


# API9: improper inventory management
