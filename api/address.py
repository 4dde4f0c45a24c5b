"""From which address somebody asks; used by whatever counts, allows or notes addresses."""

from fastapi import Request

from api.parts import parts_of
from models.networks import client_address


def address_of(request: Request) -> str:
    """The other end of the connection, or who our own proxy says it is; empty where it has no address."""
    peer = request.client.host if request.client is not None else ""
    proxies = parts_of(request).proxies
    return client_address(peer, request.headers.get("x-forwarded-for", ""), proxies) if proxies else peer
