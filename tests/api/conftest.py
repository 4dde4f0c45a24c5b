"""The fixtures `house` and `client`: an application on an empty SQLite ledger, and somebody who calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.house import Client, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An application on an empty ledger with the database's clock."""
    return House(tmp_path)


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """A client of the house."""
    async with house.client() as client:
        yield client
