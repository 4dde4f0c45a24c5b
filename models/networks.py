"""Addresses and ranges of them: who a key may be used from, and which proxies are ours. Used by keys and the door."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
RANGES_MAX: Final = 50


def networks(ranges: Iterable[str]) -> Networks:
    """Ranges in CIDR form, or single addresses; ValueError, which names it, for one that is neither or has host bits."""
    return tuple(ip_network(text) for text in ranges)


@lru_cache(maxsize=4096)
def address_or_none(text: str) -> Address | None:
    """An address; None for what is none (a socket's path). IPv4 that came in as IPv6 is IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def within(text: str, ranges: Networks) -> bool:
    """Whether an address lies in one of the ranges; what is no address lies in none."""
    address = address_or_none(text)
    return address is not None and any(address in network for network in ranges)


def client_address(peer: str, forwarded: str, proxies: Networks) -> str:
    """Who is asking: the peer, or where that is one of our proxies the last address it did not get from another of ours.

    `forwarded` is X-Forwarded-For; what stands left of the first stranger was written by strangers, and is not believed.
    """
    if not proxies or not forwarded or not within(peer, proxies):
        return peer
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if address_or_none(hop) is None:
            return peer
        if not within(hop, proxies):
            return hop
        peer = hop
    return peer
