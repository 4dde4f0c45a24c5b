"""Fixtures that start real parts once for a run; loaded by tests/conftest.py for every test.

A part that this machine has not is a skip with the reason, and under CI=true a failure (see tests/conftest.py).
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient
from playwright.async_api import Page, async_playwright

from deploy.kafka.broker import Broker
from deploy.parts import PartMissing, program
from deploy.postgres.server import Postgres

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder that other accounts may enter: PostgreSQL gives up root's rights, and pytest's own folders are closed."""
    path = Path(tempfile.mkdtemp(prefix=f"feilian-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[Broker]:
    """One broker for the whole run. A test that kills it starts it again before it ends."""
    with _folder("kafka") as folder:
        try:
            broker = Broker(folder).start()
        except PartMissing as missing:
            pytest.skip(f"no Kafka: {missing}")
        try:
            yield broker
        finally:
            broker.stop()


@pytest.fixture
def kafka_bootstrap(kafka_broker: Broker) -> Iterator[str]:
    """The running broker's address; what the test leaves there (topics, groups) is removed after it."""
    kafka_broker.start()
    yield kafka_broker.bootstrap
    if kafka_broker.running:
        _empty(kafka_broker.bootstrap)


def _empty(bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        topics = [name for name in admin.list_topics() if not name.startswith("__")]
        if topics:
            admin.delete_topics(topics)
        until = time.monotonic() + 10
        while {*topics} & {*admin.list_topics()} and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        admin.close()


@contextmanager
def _server(*, fsync: bool) -> Iterator[Postgres]:
    with _folder("postgres") as folder:
        try:
            server = Postgres(folder, fsync=fsync).start()
        except PartMissing as missing:
            pytest.skip(f"no PostgreSQL: {missing}")
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One server for the whole run, without fsync: for tests that neither kill nor measure it."""
    with _server(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_durable() -> Iterator[Postgres]:
    """One server for the whole run, with fsync: for tests that kill it, and for measurements."""
    with _server(fsync=True) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A new, empty database (SQLAlchemy's URL), dropped after the test."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_durable_url(postgres_durable: Postgres) -> Iterator[str]:
    """A new, empty database on the server with fsync, dropped after the test."""
    with _database(postgres_durable) as url:
        yield url


@contextmanager
def _database(server: Postgres) -> Iterator[str]:
    name = f"t{uuid4().hex[:16]}"
    server.start()
    try:
        yield server.create_database(name)
    finally:
        if server.running:
            server.drop_database(name)


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of the page's scripts, built if it is not fresh."""
    try:
        program("npm", "the page's scripts come from npm (Debian: apt-get install nodejs npm)")
    except PartMissing as missing:
        pytest.skip(f"no page assets: {missing}")
    done = subprocess.run(
        ["make", "assets"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "api" / "static" / "vendor"


@pytest.fixture(scope="session")
def chromium_path(assets: Path) -> str:
    """The system's Chromium, for Playwright's `executable_path`; the page's scripts are built first."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium (Debian: apt-get install chromium fonts-noto-cjk)")


@pytest.fixture
async def chromium_page(chromium_path: str) -> AsyncIterator[Page]:
    """A new page in a new, Chinese-speaking Chromium; a script error on it fails the test."""
    errors: list[str] = []
    async with async_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root, and the pages are ours.
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = await browser.new_page(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900}
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        await browser.close()
    assert errors == []


@pytest.fixture(scope="session")
def docker_compose() -> list[str]:
    """The command of docker-compose: Debian's own, else Docker's plug-in."""
    if path := shutil.which("docker-compose"):
        return [path]
    if docker := shutil.which("docker"):
        told = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
        if told.returncode == 0:
            return [docker, "compose"]
    pytest.skip("no docker-compose (Debian: apt-get install docker-compose)")
