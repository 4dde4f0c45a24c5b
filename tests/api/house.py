"""An application for tests of the API: SQLite or PostgreSQL, keys for each role, called in-process or served on a port."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from models.access import SCOPES_OF
from models.facts import Role
from models.settings import Settings
from streams.databases import open_databases
from streams.keys import create_key
from streams.ledger import Ledger
from tests.api.conform import conforming
from tests.facts import (
    AUDITOR_ORG,
    CARRIER_ORG,
    FACILITY_ORG,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
    VENDOR_ORG,
)
from tests.streams.ledgers import copy_sqlite, folder_of_this_run, new_ledger

ORGS = {
    Role.PRODUCER: PRODUCER_ORG,
    Role.CARRIER: CARRIER_ORG,
    Role.FACILITY: FACILITY_ORG,
    Role.INTERMEDIARY: TRADER_ORG,
    Role.PAYER: TRADER_ORG,
    Role.REGULATOR: REGULATOR_ORG,
    Role.AUDITOR: AUDITOR_ORG,
    Role.VENDOR: VENDOR_ORG,
}


# Tests of limits set their own.
_UNLIMITED = dict.fromkeys(
    ("requests_per_second", "requests_burst", "facts_per_second", "facts_burst"), 1000000
)


@dataclass
class House:
    """One application with its ledger. `tokens` has a key for each role."""

    folder: Path
    database: str = ""
    clock: str = "database"
    more: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(init=False)
    settings: Settings = field(init=False)
    tokens: dict[Role, str] = field(init=False)

    def __post_init__(self) -> None:
        """Makes an empty ledger and the keys."""
        self.settings = Settings(
            data_dir=self.folder, database=self.database, **{"stream_poll_ms": 10, **_UNLIMITED, **self.more}
        )
        if self.database:
            self.ledger = new_ledger(self.folder, self.database, self.clock)
            self.tokens = _keys(self.ledger)
        else:
            template, self.tokens = _template(self.clock)
            copy_sqlite(template, self.folder)
            self.ledger = Ledger(open_databases(self.settings))

    def app(self) -> FastAPI:
        """The application on this ledger."""
        return conforming(create_app(self.settings, ledger=self.ledger))

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client that calls the application in this process, between its start and its end."""
        app = self.app()
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                yield Client(http, self.tokens, app)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The application on a real port; its address."""
        with served(self.app()) as address:
            yield address


def _keys(ledger: Ledger) -> dict[Role, str]:
    """Keys for everything that each role may at most."""
    return {
        role: create_key(ledger.databases, ORGS[role], role, "test", scopes=SCOPES_OF[role])[1]
        for role in Role
    }


@cache
def _template(clock: str) -> tuple[Path, dict[Role, str]]:
    """Files of an empty ledger with keys, made once and copied."""
    folder = folder_of_this_run()
    ledger = new_ledger(folder, clock=clock)
    tokens = _keys(ledger)
    ledger.databases.dispose()
    return folder, tokens


@dataclass
class Client:
    """Posts and asks as one of the roles."""

    http: httpx.AsyncClient
    tokens: dict[Role, str]
    app: FastAPI

    async def post(self, body: object, role: Role = Role.PRODUCER, **headers: str) -> httpx.Response:
        """Post a JSON value, or bytes as they are; a header that is empty is left out."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        given = {
            "authorization": f"Bearer {self.tokens[role]}",
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        sent = {name: value for name, value in given.items() if value}
        return await self.http.post("/v1/facts", content=content, headers=sent)

    async def log_in(self, role: Role = Role.REGULATOR) -> str:
        """Log in by the form with a role's key; the cookie of the session, as a header holds it."""
        page = await self.http.get("/login")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        assert token is not None
        await self.http.post("/login", data={"key": self.tokens[role], "csrf": token[1]})
        return f"sid={self.http.cookies['sid']}"

    async def get(self, path: str, role: Role = Role.REGULATOR, **query: Any) -> httpx.Response:
        """Ask as a role."""
        headers = {"authorization": f"Bearer {self.tokens[role]}"}
        return await self.http.get(path, params=query, headers=headers)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """An application behind uvicorn on a free port of the loopback, in a thread."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive()


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem of a refusal, checked for its form (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:feilian:problem:{problem['code']}"
    assert {"title", "detail"} <= problem.keys()
    return problem


def errors_of(response: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    """Path and code of each error of a refusal."""
    return [(error["path"], error["code"]) for error in problem_of(response, status)["errors"]]
