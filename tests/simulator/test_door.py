"""What the simulator tells is what the door takes: no fact of a province, corrections included, is refused by a ledger."""

from datetime import date
from pathlib import Path

import pytest

from deploy.simulator import SMALL, simulate
from tests.hands.ledgers import fill, new_ledger

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2])
def test_every_simulated_fact_is_accepted(seed: int, tmp_path: Path) -> None:
    simulation = simulate(seed, SMALL, date(2025, 3, 3), 365)
    ledger = new_ledger(tmp_path)
    fill(ledger, simulation.facts, simulation.start)
    assert ledger.head().seq > len(simulation.facts)
    ledger.databases.dispose()
