"""Where webhooks may go: a table of hostile addresses, names that change what they lead to, and what an answer may do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from models.hooks import Outcome
from models.settings import Settings
from streams.egress import AddressRefused, Bounds, Poster, admitted, target_of
from tests.streams.certificates import certificate

PUBLIC = Bounds()
LISTED = Bounds.of(Settings(hook_networks="127.0.0.0/8, ::1/128, 10.20.0.0/16, 169.254.0.0/16"))

HOSTILE_URLS = [
    "",
    "example.com",
    "//example.com/x",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://user@example.com/",
    "https://user:pass@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com#@evil.example.com/",
    "https://example.com/#part",
    "https://example.com/#",
    "https://example.com:22/",
    "https://example.com:80/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:x/",
    "https://example.com/ x",
    "https://example.com/\r\nHost: x",
    "https://example.com/\tx",
    "https://example.com\\@127.0.0.1/",
    "https://exam\u200bple.com\u2028/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://foo.localhost/",
    "https://router.local/",
    "https://metadata.google.internal/",
    "https://1.0.168.192.in-addr.arpa/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://127。0。0。1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::127.0.0.1]/",
    "https://[::8.8.8.8]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[2001:db8::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::1/",
    "https://a..example.com/",
    "https://-a.example.com/",
    "https://" + "a" * 64 + ".example.com/",
    "https://example.com/" + "x" * 1000,
    "https://example.com/路",
    "https://xn--/",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, PUBLIC)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.com", "https://example.com:443/"),
        ("https://EXAMPLE.com:8443/a?b=c%20d", "https://example.com:8443/a?b=c%20d"),
        ("HTTPS://example.com./x", "https://example.com:443/x"),
        ("https://废物.中国/in", f"https://{'废物'.encode('idna').decode()}.xn--fiqs8s:443/in"),
        ("https://8.8.8.8/", "https://8.8.8.8:443/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]:443/"),
        ("https://example.com?x=1", "https://example.com:443/?x=1"),
    ],
)
def test_a_good_url_is_read_in_one_spelling(url: str, found: str) -> None:
    assert target_of(url, PUBLIC).url == found


def test_what_the_operator_listed_is_admitted_and_nothing_else() -> None:
    assert target_of("https://10.20.3.4/", LISTED).host == "10.20.3.4"
    assert target_of("http://127.0.0.1:8080/x", LISTED).url == "http://127.0.0.1:8080/x"
    assert target_of("http://[::1]:9/x", LISTED).url == "http://[::1]:9/x"
    for url in (
        "http://10.20.3.4/",
        "https://10.21.0.1/",
        "https://169.254.169.254/",
        "http://localhost:8080/",
        "https://10.20.3.4:22/",
    ):
        with pytest.raises(AddressRefused):
            target_of(url, LISTED)


@pytest.mark.parametrize(
    ("addresses", "good"),
    [
        (["93.184.216.34"], True),
        (["93.184.216.34", "2606:2800:220:1::1"], True),
        (["64:ff9b::5db8:d822"], True),
        (["93.184.216.34", "10.0.0.1"], False),
        (["10.0.0.1", "93.184.216.34"], False),
        (["::ffff:10.0.0.1"], False),
        (["fe80::1%2"], False),
        (["127.0.0.1"], False),
        (["0.0.0.0"], False),
    ],
)
async def test_a_name_is_as_good_as_the_worst_address_it_leads_to(addresses: list[str], good: bool) -> None:
    async def look_up(_host: str, _port: int) -> list[str]:
        return addresses

    if good:
        assert await admitted("a.example.com", 443, PUBLIC, look_up) == addresses
    else:
        with pytest.raises(AddressRefused):
            await admitted("a.example.com", 443, PUBLIC, look_up)


async def test_a_name_that_leads_nowhere_is_no_connection() -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        return []

    with pytest.raises(OSError):
        await admitted("a.example.com", 443, PUBLIC, nobody)


def test_every_private_network_is_left_out_at_both_its_ends() -> None:
    for text in ("10.0.0.0", "10.255.255.255", "172.31.255.255", "192.168.0.0", "127.255.255.254"):
        assert not PUBLIC.admit(ip_address(text)), text
        assert not PUBLIC.admit(ip_address(f"::ffff:{text}")), text
    for text in ("9.255.255.255", "11.0.0.0", "172.32.0.0", "128.0.0.1"):
        assert PUBLIC.admit(ip_address(text)), text


# Posting

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on the loopback; its port."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return talk


def poster(**more: object) -> Poster:
    settings = Settings.model_validate({"hook_networks": "127.0.0.0/8", "hook_answer_s": 1, **more})
    return Poster(settings)


@pytest.mark.parametrize(
    ("answer", "outcome", "status", "retry"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Outcome.DELIVERED, 204, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx", Outcome.DELIVERED, 200, None),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            302,
            None,
        ),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", Outcome.GONE, 410, None),
        (
            b"HTTP/1.1 503 Away\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            503,
            7,
        ),
        (
            b"HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            429,
            86400,
        ),
        (
            b"HTTP/1.1 429 Slow\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            429,
            0,
        ),
        (
            b"HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            429,
            None,
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Outcome.UNREACHED, None, None),
        (b"", Outcome.UNREACHED, None, None),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, Outcome.UNREACHED, None, None),
    ],
)
async def test_what_an_answer_comes_to(
    answer: bytes, outcome: Outcome, status: int | None, retry: int | None
) -> None:
    made = poster()
    async with listening(saying(answer)) as port:
        found = await made.post(f"http://127.0.0.1:{port}/x", {"content-type": "text/plain"}, b"hello")
    await made.close()
    assert (found.outcome, found.status, found.retry_after_s) == (outcome, status, retry)


async def test_a_receiver_that_never_answers_costs_only_its_time() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)

    made = poster()
    for talk in (silent, dripping):
        async with listening(talk) as port:
            found = await made.post(f"http://127.0.0.1:{port}/", {}, b"")
            assert (found.outcome, found.error) == (Outcome.UNREACHED, "no answer in time")
            assert 900 <= found.latency_ms < 4000
    await made.close()


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    written = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            await writer.drain()
            written += 0x4000

    made = poster()
    async with listening(endless) as port:
        found = await made.post(f"http://127.0.0.1:{port}/", {}, b"")
        assert found.outcome is Outcome.DELIVERED
        assert written < 32 * 1024 * 1024
    await made.close()


async def test_a_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that is public when it is registered and private when it is posted to (rebinding) is not connected to."""
    asked: list[str] = []
    reached = asyncio.Event()

    async def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        reached.set()

    async with listening(talk) as port:
        made = Poster(Settings(hook_ports=str(port)), look_up)
        found = await made.post(f"https://rebinding.example.com:{port}/", {}, b"")
        await made.close()
    assert found.outcome is Outcome.FORBIDDEN
    assert "127" not in found.error
    assert asked == ["rebinding.example.com"]
    assert not reached.is_set()


async def test_tls_is_checked_against_the_name_though_we_connect_to_an_address(tmp_path: Path) -> None:
    async def look_up(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    pem, key = certificate(tmp_path, "hooks.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    async with listening(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), context) as port:
        trusting = Settings(hook_ports=str(port), hook_networks="127.0.0.0/8", hook_ca_file=pem)
        made, stranger = (
            Poster(trusting, look_up),
            Poster(trusting.model_copy(update={"hook_ca_file": None}), look_up),
        )
        assert (await made.post(f"https://hooks.example.com:{port}/", {}, b"")).outcome is Outcome.DELIVERED
        other = await made.post(f"https://other.example.com:{port}/", {}, b"")
        untrusted = await stranger.post(f"https://hooks.example.com:{port}/", {}, b"")
        await made.close()
        await stranger.close()
    for found in (other, untrusted):
        assert (found.outcome, found.error) == (
            Outcome.UNREACHED,
            "its certificate is not to be trusted",
        )
