"""What may be asked of an address: Allow names all of it, OPTIONS tells it, HEAD is GET without its body."""

import socket

import pytest
from prometheus_client import REGISTRY

from models.facts import Role
from tests.api.house import Client, House


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/facts", "GET, HEAD, OPTIONS, POST"),
        ("/v1/alerts", "GET, HEAD, OPTIONS"),
        ("/v1/hooks", "GET, HEAD, OPTIONS, POST"),
        ("/v1/hooks/0123", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/v1/stream", "GET, OPTIONS"),
        ("/login", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_allow_names_every_method_of_an_address(client: Client, path: str, methods: str) -> None:
    told = await client.http.request("OPTIONS", path)
    assert (told.status_code, told.headers["allow"], told.content) == (204, methods, b"")
    refused = await client.http.request("TRACE", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)


async def test_options_of_what_is_not_there_is_404(client: Client) -> None:
    assert (await client.http.request("OPTIONS", "/v1/nothing")).status_code == 404


@pytest.mark.parametrize("path", ["/v1/alerts", "/healthz", "/v1/facts", "/v1/nothing", "/v1/facts/999999"])
async def test_head_is_get_without_the_body(house: House, client: Client, path: str) -> None:
    key = {"Authorization": f"Bearer {house.tokens[Role.REGULATOR]}"}
    whole = await client.http.get(path, headers=key)
    head = await client.http.head(path, headers=key)
    assert head.status_code == whole.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "cache-control", "content-security-policy"):
        assert head.headers.get(name) == whole.headers.get(name), name


def test_a_head_leaves_its_connection_good(house: House) -> None:
    """On the wire: no byte of a body follows, and the next answer is read in its place."""
    with (
        house.served() as base,
        socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), 10) as line,
    ):
        line.sendall(
            b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        said = b""
        while more := line.recv(65536):
            said += more
    first, second, body = said.split(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")
    assert body


async def test_a_method_of_a_senders_own_making_has_no_label_of_its_own(client: Client) -> None:
    labels = {"route": "(none)", "method": "other", "code": "404"}
    before = REGISTRY.get_sample_value("feilian_http_requests_total", labels) or 0
    for number in range(3):
        await client.http.request(f"MADEUP{number}", "/v1/nothing")
    assert REGISTRY.get_sample_value("feilian_http_requests_total", labels) == before + 3
