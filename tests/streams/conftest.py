"""The fixtures `ledger` and `driven`: each test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.ledger import Ledger
from tests.streams.ledgers import new_ledger

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _ledger(request: pytest.FixtureRequest, folder: Path, clock: str) -> Iterator[Ledger]:
    database = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    ledger = new_ledger(folder, database, clock)
    yield ledger
    ledger.databases.dispose()


@pytest.fixture(params=BOTH)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger with the database's clock."""
    yield from _ledger(request, tmp_path, "database")


@pytest.fixture(params=BOTH)
def driven(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger whose clock is driven."""
    yield from _ledger(request, tmp_path, "driven")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock by which credentials are made and judged, in microseconds."""

    def set_to(now: int) -> None:
        for module in ("streams.keys", "streams.key_ring"):
            monkeypatch.setattr(f"{module}.local_now", lambda: now)

    return set_to
