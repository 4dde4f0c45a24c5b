"""日产日清 and terms with effect in the past, through the embedded loop: what is there and what has left is judged again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.digest import digest_of_tables
from consumers.replay import everywhere, replay
from rules.defaults import SYSTEM_ORG
from streams.databases import reading
from streams.embedded import Embedded
from tests.facts import (
    HOSPITAL,
    INFECTIOUS,
    PLATER,
    Wire,
    collected,
    corrected,
    day,
    departed,
    generated,
    instant,
    limit_set,
    manifest_no,
    site_registered,
    stored,
)
from tests.streams.world import SHARDS, World, make_world

OVER = "storage.over_limit"
EPIDEMIC = {"region": "3301", "category": "HW01"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.databases.dispose()


def _overs(world: World) -> dict[str, tuple[int, int | None, int, str]]:
    """By lot: since, until, when it was raised, and its condition."""
    rows = world.rows("SELECT subject, since, until, raised_at, condition FROM alerts WHERE kind = ?", OVER)
    return {
        name.removeprefix("lot:"): (since, until, raised, how) for name, since, until, raised, how in rows
    }


def _bag(world: World, lot: str, when: str) -> None:
    world.say(generated(lot, INFECTIOUS, 5, site=HOSPITAL), instant(when))


def _fetched(world: World, lot: str, when: str) -> None:
    lines = [{"line": 1, "waste_code": INFECTIOUS, "mass_kg": "5", "lot": lot}]
    world.say(collected(lines=lines, round_id=f"R-{lot}"), instant(when))


def _hospital_day(world: World) -> Embedded:
    """Bags of 19 and 20 November, some of them fetched at noon of the 20th, judged until 14:00."""
    world.say(site_registered(HOSPITAL, "health-facility"), day(0))
    loop = world.embedded()
    _bag(world, "YESTERDAY", "2025-11-19 13:00")
    _bag(world, "NIGHT", "2025-11-20 00:00")
    _bag(world, "EARLY", "2025-11-20 04:00")
    _bag(world, "LATE", "2025-11-20 04:30")
    world.sweep(instant("2025-11-20 11:00"), loop)
    for lot in ("YESTERDAY", "NIGHT", "EARLY"):
        _fetched(world, lot, "2025-11-20 12:00")
    world.sweep(instant("2025-11-20 13:59"), loop)
    assert _overs(world) == {}
    return loop


def _agrees_with_the_replay(world: World, loop: Embedded, until: int) -> None:
    head = world.sweep(until, loop)
    with reading(world.databases.state) as conn:
        live = digest_of_tables(conn)
    assert replay(world.ledger, SHARDS, everywhere(SHARDS, head.seq, head.recorded_at)).digest() == live


def test_hours_stated_at_two_in_the_afternoon_hold_from_midnight_for_what_has_left_too(world: World) -> None:
    loop = _hospital_day(world)
    eight = limit_set("storage_term", 8, "hours", scope=EPIDEMIC, effective_from="2025-11-20")
    stated_at = instant("2025-11-20 14:00")
    world.say(eight, stated_at, SYSTEM_ORG)
    world.sweep(stated_at, loop)
    left_at = instant("2025-11-20 12:00")
    assert _overs(world) == {
        # EARLY left in its very last instant, YESTERDAY's bag had the 48 hours of its own day.
        "NIGHT": (instant("2025-11-20 08:00"), left_at, stated_at, "past"),
        "LATE": (instant("2025-11-20 12:30"), None, stated_at, "open"),
    }
    _fetched(world, "LATE", "2025-11-20 15:00")
    world.say(corrected(eight, instant("2025-11-21"), withdrawn=True), instant("2025-11-21"), SYSTEM_ORG)
    _agrees_with_the_replay(world, loop, instant("2025-11-25"))


def test_cleared_daily_stated_at_two_in_the_afternoon_binds_every_bag_of_that_day_and_none_before(
    world: World,
) -> None:
    loop = _hospital_day(world)
    _bag(world, "STAYS", "2025-11-20 13:59")
    daily = limit_set("storage_term", 0, "days", scope=EPIDEMIC, effective_from="2025-11-20")
    stated_at = instant("2025-11-20 14:00")
    world.say(daily, stated_at, SYSTEM_ORG)
    world.sweep(instant("2025-11-20 23:59:59"), loop)
    assert _overs(world) == {}
    midnight = instant("2025-11-21 00:00")
    world.sweep(midnight, loop)
    assert {lot: row[:3] for lot, row in _overs(world).items()} == {
        "LATE": (midnight, None, midnight),
        "STAYS": (midnight, None, midnight),
    }
    _agrees_with_the_replay(world, loop, instant("2025-11-25"))


@pytest.mark.parametrize("binds_stored", [True, False])
def test_a_term_stated_today_with_effect_last_month_reaches_lots_that_have_left_meanwhile(
    world: World, binds_stored: bool
) -> None:
    """Day 31 is the first that it holds for; what was stored before is meant only where it says so."""
    loop = world.embedded()
    stays = {"BEFORE": (20, 52), "SHORT": (31, 40), "LONG": (31, 45), "STILL": (35, None)}
    facts: list[tuple[int, Wire]] = []
    for nth, (lot, (came, went)) in enumerate(stays.items()):
        facts.append((day(came), stored(lot, kg=100)))
        if went is not None:
            facts.append((day(went), departed(manifest_no(nth + 1), kg=100, lot=lot)))
    for when, wire in sorted(facts, key=lambda pair: pair[0]):
        world.say(wire, when)
        world.sweep(when, loop)
    assert _overs(world) == {}
    term = limit_set(
        "storage_term",
        10,
        "days",
        scope={"site": PLATER},
        effective_from="2025-04-03",
        applies_to_stored=binds_stored,
    )
    world.say(term, day(60), SYSTEM_ORG)
    world.sweep(day(60), loop)
    wanted = {
        "LONG": (day(42, 0), day(45), day(60), "past"),
        "STILL": (day(46, 0), None, day(60), "open"),
    }
    if binds_stored:
        wanted["BEFORE"] = (day(31, 0), day(52), day(60), "past")
    assert _overs(world) == wanted
    _agrees_with_the_replay(world, loop, day(80))
