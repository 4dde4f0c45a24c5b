"""What the law raises on a simulated province is what was set up to go wrong: nothing missed, nothing extra."""

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
import pytest

from consumers.replay import Folded, Replay, Stop
from deploy.simulator import SMALL, Simulation, simulate
from models.canonical import canonical
from models.envelope import Row
from models.facts import ABOUT_FACTS, APPROVED, LAW_KINDS
from rules.defaults import SYSTEM_ORG, default_facts

pytestmark = pytest.mark.slow  # Each case judges a year of a province.

# Year's end within the run and at its edge; the official holidays of 2025 and 2026 in both.
RUNS = ((1, date(2025, 1, 6)), (2, date(2025, 7, 1)), (3, date(2025, 10, 18)))
Episode = tuple[str, str, str, str]


def rows_of(simulation: Simulation) -> list[Row]:
    """The ledger that these facts make, after the default policies."""
    rows = [
        Row(seq, simulation.start, SYSTEM_ORG, wire["event_id"], wire["kind"], canonical(wire))
        for seq, wire in enumerate(default_facts(), start=1)
    ]
    known: dict[str, Row] = {}
    for said in simulation.facts:
        wire, seq = said.wire, len(rows) + 1
        original = _original(wire, known) if wire["kind"] in ABOUT_FACTS else None
        row = Row(
            seq, said.recorded_at, said.stated_by, wire["event_id"], wire["kind"], canonical(wire), original
        )
        known[row.event_id] = row
        rows.append(row)
    return rows


def _original(wire: dict[str, Any], known: dict[str, Row]) -> bytes:
    """What the door copies into what speaks of a fact; simulated facts are corrected once."""
    asked = orjson.loads(known[wire["request"]].data) if "request" in wire else wire
    row = known[asked["corrects"]]
    copied: dict[str, Any] = {
        "seq": row.seq,
        "recorded_at": row.recorded_at,
        "stated_by": row.stated_by,
        "event_id": row.event_id,
        "kind": row.kind,
        "data": orjson.loads(row.data),
    }
    if wire["kind"] == APPROVED:
        copied["replacement"] = asked["replacement"]
    return canonical(copied)


@lru_cache(maxsize=1)
def a_run(seed: int, start: date) -> tuple[Simulation, Folded]:
    simulation = simulate(seed, SMALL, start, 365)
    return simulation, judged(simulation)


def judged(simulation: Simulation) -> Folded:
    """The replay's verdict at the last instant of the simulation."""
    rows = rows_of(simulation)
    hand = Replay(shards=12)
    hand.folded.book.add(row for row in rows if row.kind in LAW_KINDS)
    for row in rows:
        hand.take(row)
    stop = Stop(len(rows), simulation.end + 1, len(rows))
    return hand.finish(lambda _key: stop)


def found_in(folded: Folded) -> Counter[Episode]:
    return Counter(
        (str(alert.finding.kind), str(concern), key, alert.finding.subject)
        for (concern, key), alert in folded.alerts()
    )


def wanted_of(simulation: Simulation) -> Counter[Episode]:
    return Counter((str(e.kind), str(e.concern), e.key, e.subject) for e in simulation.truth)


@pytest.mark.parametrize(("seed", "start"), RUNS)
def test_alerts_equal_the_truth(seed: int, start: date) -> None:
    simulation, folded = a_run(seed, start)
    found, wanted = found_in(folded), wanted_of(simulation)
    assert (wanted - found, found - wanted) == (Counter(), Counter())


def test_alerts_are_raised_at_the_instant_the_ledger_can_know() -> None:
    simulation, folded = a_run(*RUNS[-1])
    raised = {
        (str(alert.finding.kind), key, alert.finding.subject, alert.raised_at)
        for (_, key), alert in folded.alerts()
    }
    wanted = {(str(e.kind), e.key, e.subject, e.raised_at) for e in simulation.truth}
    assert raised == wanted


def test_a_regular_year_is_silent() -> None:
    simulation = simulate(4, SMALL, date(2025, 3, 3), 365, irregular=False)
    assert len(simulation.facts) > 15_000
    assert found_in(judged(simulation)) == Counter()
