"""The little province, made once for all tests of pages, and browsers that are logged in to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from deploy.house import EmbeddedThread, bound_socket
from models.facts import Role
from tests.pages.browsing import log_in
from tests.pages.province import END, all_facts
from tests.pages.world import World, in_order

CHROMIUM_ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything that pages show, judged up to the last day."""
    made = World(tmp_path_factory.mktemp("pages"))
    made.post(*in_order(all_facts()))
    made.settle(END)
    yield made
    made.databases.dispose()


def logged_in(world: World, role: Role) -> TestClient:
    """A browser that went through the login form."""
    client = TestClient(world.app(), base_url="http://testserver")
    assert log_in(client, world.key(role)).status_code == 303
    return client


@pytest.fixture(scope="session")
def regulator(world: World) -> TestClient:
    """Sees everything."""
    return logged_in(world, Role.REGULATOR)


@pytest.fixture(scope="session")
def producer(world: World) -> TestClient:
    """The plater: sees what concerns it."""
    return logged_in(world, Role.PRODUCER)


@pytest.fixture(scope="module")
def chromium_browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium for the sync tests of a module; it is gone before the next module wants an event loop of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_ARGS))
        yield browser
        browser.close()


@dataclass
class Served:
    """The application of a world behind a real port, judged live where its clock is the database's."""

    world: World
    base: str
    thread: EmbeddedThread | None


@contextmanager
def served(world: World) -> Iterator[Served]:
    """Serve on a free port until the end of the block."""
    app = world.app()
    judging = EmbeddedThread(world.ledger, app.state.parts.feed.wake) if world.clock == "database" else None
    listening = bound_socket("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    if judging is not None:
        judging.start()
    serving.start()
    try:
        yield Served(world, f"http://127.0.0.1:{listening.getsockname()[1]}", judging)
    finally:
        app.state.ending = True
        server.should_exit = True
        serving.join(10)
        if judging is not None:
            judging.stop()


@pytest.fixture(scope="session")
def province_server(world: World, assets: Path) -> Iterator[Served]:
    """The little province, standing still, behind a port."""
    with served(world) as found:
        yield found


@pytest.fixture
def live_server(tmp_path: Path, assets: Path) -> Iterator[Served]:
    """An empty ledger that lives: judged as facts come in."""
    world = World(tmp_path, clock="database")
    with served(world) as found:
        yield found
    world.databases.dispose()
