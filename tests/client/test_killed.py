"""A sender that is killed a thousand times at random moments: each of its facts is in the ledger once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson
import pytest

from models.envelope import Row
from models.facts import Role
from tests.api.house import House

KILLS: Final = 1000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_fact_of_a_sender_killed_a_thousand_times_is_there_once(tmp_path: Path) -> None:
    house = House(tmp_path / "server")
    with house.served() as url:
        command = [sys.executable, "-m", "tests.client.killed", url, house.tokens[Role.PRODUCER]]
        done = subprocess.run(
            [*command, str(tmp_path / "outbox.db"), str(KILLS), "7"],
            check=True,
            capture_output=True,
            text=True,
        )
    made = int(done.stdout)
    rows = [row for page in _pages(house) for row in page]
    lots = Counter(orjson.loads(row.data)["lot"] for row in rows)
    assert made > 100
    assert lots == Counter({f"KILLED-{number:06d}": 1 for number in range(made)})


def _pages(house: House) -> Iterator[list[Row]]:
    after = 0
    while rows := house.ledger.rows(after, 2000):
        yield rows
        after = rows[-1].seq
