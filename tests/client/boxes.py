"""A served sandbox for tests: its own ledger, its clock, a client for each of its four organisations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api import sandbox
from api.sandbox import party
from client import Feilian
from client.kit import Sandbox
from deploy import house
from deploy.founding import found
from deploy.sandbox import SandboxTime, party_keys
from models.settings import Settings
from streams.clock import local_now
from tests.api.house import served


@contextmanager
def served_sandbox(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Its address, and its keys by role."""
    settings = Settings(data_dir=folder, clock="driven", stream_poll_ms=10)
    ledger = found(settings, started_at=local_now())
    app = house.application(settings, ledger)
    time = SandboxTime(ledger, app.state.parts.feed.wake)
    time.settle()
    party.settle_in(ledger, time.now())
    sandbox.install(app, ledger, time)
    time.start()
    try:
        with served(app) as url:
            yield url, party_keys(ledger, folder / "keys.json")
    finally:
        time.stop()


@contextmanager
def box(folder: Path) -> Iterator[Sandbox]:
    """A client for each role."""
    with served_sandbox(folder) as (url, keys):
        clients = {role: Feilian(url, token) for role, token in keys.items()}
        try:
            yield Sandbox(clients)
        finally:
            for client in clients.values():
                client.close()
