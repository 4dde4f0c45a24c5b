"""Browsers for tests of pages: they fetch a form, take its token, and send it back, as people do."""

from __future__ import annotations

import re
from typing import Any

import httpx
from starlette.testclient import TestClient

from streams.databases import Databases
from streams.key_ring import token_parts
from streams.sessions import make_login_link


def token_of(client: TestClient, path: str = "/login") -> str:
    """The token that the forms of a page bring back."""
    return token_in(client.get(path))


def token_in(answer: httpx.Response) -> str:
    """The token in a page that was fetched."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
    assert found is not None, answer.text[:2000]
    return found[1]


def send(client: TestClient, path: str, page: str = "", **fields: Any) -> httpx.Response:
    """Send the form at `page` (the same path where none is named) to `path`; redirects are not followed."""
    fields["csrf"] = token_of(client, page or path)
    answer: httpx.Response = client.post(path, data=fields, follow_redirects=False)
    return answer


def log_in(client: TestClient, key: str, onward: str = "/") -> httpx.Response:
    """Log in with a key by the form."""
    return send(client, "/login", key=key, next=onward)


def login_link(base: str, databases: Databases, key: str) -> str:
    """A link that opens a session bound to a key, as `feilian up` prints it."""
    token = make_login_link(databases, token_parts(key)[0], minutes=5)
    return f"{base}/login/once?token={token}"
