"""Posts to addresses that strangers name: public ones only, resolved here and connected to as resolved (OWASP API7).

The check stands where sockets are made, so neither a second look-up of the name nor a redirect can lead elsewhere.
Redirects are not followed, proxies of the environment are not asked, and an answer is read only up to a bound.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import perf_counter, time
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpcore
import idna

from models.errors import FeilianError
from models.hooks import Outcome
from models.problems import told
from models.settings import Settings

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
URL_CHARS_MAX: Final = 1000
ANSWER_BYTES_MAX: Final = 16 * 1024
RETRY_AFTER_S_MAX: Final = 24 * 3600
_ADDRESSES_MAX: Final = 3  # Of one name are tried.
_KEEP_ALIVE_S: Final = 2.0  # Shorter than any server's, or a post meets a connection that is being closed.
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)").fullmatch
_NUMERIC: Final = re.compile(r"0x[0-9a-f]*|[0-9]+").fullmatch
# Names that mean this machine or this network whatever they resolve to.
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion")
# Public by their number, and yet not places of others: metadata services of clouds, and forms that hide an IPv4 address.
_NEVER: Final = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's wire server.
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays.
        "169.254.0.0/16",
        "::/96",
        "64:ff9b:1::/48",
        "2001::/23",  # Teredo, ORCHID and their like.
        "2002::/16",
        "fe80::/10",
        "fec0::/10",
    )
)
_LINK_LOCAL: Final = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
_NAT64: Final = ip_network("64:ff9b::/96")
_resolving: Final = ThreadPoolExecutor(8, thread_name_prefix="resolve")


class AddressRefused(FeilianError):
    """An address that is not posted to; `text` and `values` say why (models.problems), never what a name leads to."""

    def __init__(self, why: str, **values: object) -> None:
        self.text, self.values = f"hook_url_refused/{why}", values
        super().__init__(told(self.text, **values)[1])


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which addresses are posted to beside public ones, and on which ports."""

    networks: tuple[Any, ...] = ()
    ports: frozenset[int] = frozenset({443, 8443})

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """By the settings; ValueError where they name no network or no port."""
        networks = tuple(ip_network(text) for text in _listed(settings.hook_networks))
        return cls(networks, frozenset(int(text) for text in _listed(settings.hook_ports)))

    def admit(self, address: Ip) -> bool:
        """Whether an address may be posted to."""
        found = _real(address)
        if found is None or any(_within(found, network) for network in _LINK_LOCAL):
            return False
        if any(_within(found, network) for network in self.networks):
            return True
        return found.is_global and not found.is_multicast and not any(_within(found, net) for net in _NEVER)

    def admit_loopback(self, address: Ip) -> bool:
        """Whether it is a loopback that was listed: the only place for http."""
        return address.is_loopback and self.admit(address)


def _listed(text: str) -> Iterable[str]:
    return (part.strip() for part in text.split(",") if part.strip())


def _within(address: Ip, network: Any) -> bool:
    return address.version == network.version and address in network


def _real(address: Ip) -> Ip | None:
    """The IPv4 address that an IPv6 one stands for; None for one with a zone, which means an interface of ours."""
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was found good: `host` in lower-case ASCII, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """As it is posted to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_of(url: str, bounds: Bounds) -> Target:
    """A URL read strictly; AddressRefused with the reason. What its name leads to is another check, at each connection."""
    parts, port = _split(url)
    name = _host(parts.hostname or "")
    literal = _literal(name)
    loopback = literal is not None and bounds.admit_loopback(literal)
    if literal is not None and not bounds.admit(literal):
        raise AddressRefused("private")
    if parts.scheme == "http" and not loopback:
        raise AddressRefused("scheme")
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    if port not in bounds.ports and not loopback:
        raise AddressRefused("port", port=port, ports=", ".join(map(str, sorted(bounds.ports))))
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, name, port, (parts.path or "/") + query)


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL, and its port where it names one; AddressRefused for what no plain URL has."""
    if len(url) > URL_CHARS_MAX:
        raise AddressRefused("long", most=URL_CHARS_MAX)
    if not url.isprintable() or any(character in url for character in ' \\"<>^`{|}'):
        raise AddressRefused("characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("unreadable") from None
    if parts.scheme not in ("https", "http"):
        raise AddressRefused("scheme")
    if "@" in parts.netloc:
        raise AddressRefused("userinfo")
    if parts.fragment or url.endswith("#"):
        raise AddressRefused("fragment")
    if not (parts.path + parts.query).isascii():
        raise AddressRefused("encoding")
    return parts, port


def _literal(host: str) -> Ip | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _host(host: str) -> str:
    """A host in lower-case ASCII: an address in its usual spelling, or a name of several labels."""
    if _literal(host) is not None:
        return host.lower()
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise AddressRefused("host") from None
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL, labels)):
        raise AddressRefused("host")
    # 127.1, 0x7f.1 and 2130706433 are addresses to those who look names up; so is whatever ends in a number.
    if _NUMERIC(labels[-1]):
        raise AddressRefused("host")
    if len(labels) == 1 or labels[-1] in _LOCAL_NAMES:
        raise AddressRefused("local")
    return name


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name; OSError where there is none."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_resolving, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def admitted(host: str, port: int, bounds: Bounds, look_up: Resolve = resolve) -> list[str]:
    """The addresses of a host, each checked: one bad one spoils all, or chance would decide. OSError for none."""
    literal = _literal(host)
    found = [host] if literal is not None else await look_up(host, port)
    if not found:
        raise OSError("no address")
    if not all(bounds.admit(ip_address(address)) for address in found):
        raise AddressRefused("inside")
    return found[:_ADDRESSES_MAX]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections to admitted addresses only. TLS is still checked against the name."""

    def __init__(self, bounds: Bounds, look_up: Resolve) -> None:
        self._bounds, self._look_up = bounds, look_up
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature, as below
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """To the first admitted address that answers."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await admitted(host, port, self._bounds, self._look_up)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name was not found ({type(error).__name__})") from None
        for place, address in enumerate(addresses, 1):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise httpcore.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise AddressRefused("local")

    async def sleep(self, seconds: float) -> None:
        """Between tries of httpcore, which has none here."""
        await self._inner.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one post. `error` is a few plain words, empty for 2xx; never any of the answer's body."""

    outcome: Outcome
    status: int | None
    latency_ms: int
    error: str = ""
    retry_after_s: int | None = None


@dataclass(slots=True)
class Poster:
    """A pool of checked connections. `close` it at the end."""

    settings: Settings
    look_up: Resolve = resolve
    bounds: Bounds = field(init=False)
    _pool: httpcore.AsyncConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is connected yet."""
        self.bounds = Bounds.of(self.settings)
        trusted = ssl.create_default_context()
        if self.settings.hook_ca_file is not None:
            trusted.load_verify_locations(self.settings.hook_ca_file)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted,
            max_connections=self.settings.notify_concurrency * 2,
            max_keepalive_connections=self.settings.notify_concurrency,
            keepalive_expiry=_KEEP_ALIVE_S,
            retries=0,
            network_backend=CheckedBackend(self.bounds, self.look_up),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once. Never raises for what the other side does."""
        started = perf_counter()

        def answer(
            outcome: Outcome, error: str, status: int | None = None, retry: int | None = None
        ) -> Answer:
            return Answer(outcome, status, round((perf_counter() - started) * 1000), error, retry)

        try:
            target = target_of(url, self.bounds)
            async with asyncio.timeout(self.settings.hook_answer_s):
                status, retry_after_s = await self._exchange(target, headers, body)
        except AddressRefused as error:
            return answer(Outcome.FORBIDDEN, str(error))
        except (TimeoutError, httpcore.TimeoutException):
            return answer(Outcome.UNREACHED, "no answer in time")
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            return answer(Outcome.UNREACHED, _said(error))
        if 200 <= status < 300:
            return answer(Outcome.DELIVERED, "", status)
        gone = Outcome.GONE if status == 410 else Outcome.REFUSED
        return answer(gone, f"answered {status}", status, retry_after_s)

    async def _exchange(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, int | None]:
        wait = {
            "connect": self.settings.hook_connect_s,
            "read": self.settings.hook_answer_s,
            "write": self.settings.hook_answer_s,
            "pool": self.settings.hook_answer_s,
        }
        async with self._pool.stream(
            "POST", target.url, headers=list(headers.items()), content=body, extensions={"timeout": wait}
        ) as response:
            size = 0
            with suppress(httpcore.ProtocolError):  # It answered; how its body ends is its own affair.
                async for chunk in response.aiter_stream():
                    size += len(chunk)
                    if size > ANSWER_BYTES_MAX:
                        break
            return response.status, _retry_after(response.headers)


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Seconds by either spelling (RFC 9110 10.2.3), at most a day; None where there is none that can be read."""
    text = next((value.decode("latin-1") for name, value in headers if name.lower() == b"retry-after"), "")
    seconds: float
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time()
        except (ValueError, TypeError, OverflowError):
            return None
    return round(min(max(seconds, 0), RETRY_AFTER_S_MAX))


def _said(error: Exception) -> str:
    """An error of the network in a few words, without what a hostile server could have put into it."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return "its certificate is not to be trusted"
    if "SSL" in text or isinstance(error, ssl.SSLError):
        return "no tls with it"
    if "name was not found" in text:
        return "its name was not found"
    if isinstance(error, httpcore.ProtocolError):
        return "it did not answer in http"
    return "no connection"
