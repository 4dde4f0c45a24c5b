"""The judge over SQL and corrections of all sorts: approvals, and corrections of what people did about alerts."""

from pathlib import Path

import pytest

from models.topics import Concern
from tests import facts
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    MANIFEST,
    REGULATOR_ORG,
    correction_approved,
    correction_declined,
    correction_requested,
    day,
    line,
)
from tests.streams.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An acceptance of a tenth of what was loaded, weighed by another before: the alert lasts."""
    made = make_world(tmp_path)
    made.say(facts.departed(at=day(1)), day(1))
    made.say(facts.accepted(at=day(1, 15), kg=18), day(1, 15))
    made.sweep(day(2))
    return made


def _condition(world: World) -> list[tuple[str, str | None]]:
    found = world.rows(
        "SELECT condition, cleared_because FROM alerts WHERE kind = 'manifest.mass_differs' ORDER BY episode"
    )
    return [(row[0], row[1]) for row in found]


def test_an_approval_clears_what_rested_on_the_error(world: World) -> None:
    loaded = facts.departed(at=day(1))
    asked = correction_requested(
        loaded, CARRIER_ORG, at=day(2), replacement={**loaded, "lines": [line(kg=18)]}
    )
    world.say(asked, day(2), stated_by=CARRIER_ORG)
    world.sweep(day(3))
    assert _condition(world) == [("open", None)]
    world.say(correction_approved(asked, CARRIER_ORG, at=day(4)), day(4), stated_by=FACILITY_ORG)
    world.sweep(day(5))
    assert _condition(world) == [("cleared", "correction")]
    assert world.changes(Concern.CUSTODY)[-1] == ("cleared", f"s{world.ledger.head().seq}")


def test_a_request_and_its_refusal_change_nothing(world: World) -> None:
    before = world.changes(Concern.CUSTODY)
    loaded = facts.departed(at=day(1))
    asked = correction_requested(loaded, CARRIER_ORG, at=day(2), reason="did-not-occur")
    world.say(asked, day(2), stated_by=CARRIER_ORG)
    world.say(correction_declined(asked, CARRIER_ORG, at=day(3)), day(3), stated_by=FACILITY_ORG)
    world.sweep(day(3, 10))
    assert world.changes(Concern.CUSTODY) == before
    assert world.rows("SELECT key FROM parked") == []


@pytest.mark.parametrize("withdrawn", [True, False])
def test_what_people_did_about_an_alert_may_be_corrected_and_parks_nothing(
    world: World, withdrawn: bool
) -> None:
    """The handling stays as it was said first: people say anew what they do, and the history shows both."""
    seen = facts.acknowledged(facts.about(key=MANIFEST, subject=MANIFEST), at=day(2))
    world.say(seen, day(2), stated_by=REGULATOR_ORG)
    changes = {} if withdrawn else {"person": "李强"}
    world.say(facts.corrected(seen, day(3), withdrawn=withdrawn, **changes), day(3), stated_by=REGULATOR_ORG)
    world.sweep(day(4))
    assert world.rows("SELECT key, error FROM parked") == []
    assert world.rows("SELECT handling FROM alerts WHERE kind = 'manifest.mass_differs'") == [
        ("acknowledged",)
    ]
    world.say(facts.arrived(at=day(1, 14)), day(4), stated_by=CARRIER_ORG)
    world.sweep(day(5))
    assert world.rows("SELECT key, error FROM parked") == []
