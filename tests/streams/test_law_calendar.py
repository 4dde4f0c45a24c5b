"""The fifth working day (case 5 of DOMAIN 11): with a calendar, without one, and when one is published afterwards."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from consumers.digest import digest_of_tables
from consumers.replay import everywhere, replay
from models.exact import HOUR_US
from rules.defaults import SYSTEM_ORG
from streams.databases import reading
from tests.facts import (
    COLLECTOR,
    MANIFEST,
    OIL,
    Wire,
    accepted,
    arrived,
    confirmed,
    departed,
    holidays_published,
    instant,
    issued,
    licence_granted,
    scope,
    site_registered,
    stored,
    transfer_applied,
)
from tests.streams.world import SHARDS, World, make_world

KIND = "manifest.not_confirmed"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.databases.dispose()


def taken_in(world: World, at: str) -> None:
    """A load that left the day before and is accepted at this time."""
    when = instant(at)
    world.say_all([issued(), departed()], when - 20 * HOUR_US)
    world.say_all([arrived(), accepted()], when)


def told(world: World, kind: str = KIND) -> list[tuple[str, int, int | None, str | None]]:
    """Condition, since and end of the alert, and what it says of the calendar."""
    sql = f"SELECT condition, since, until, amounts FROM alerts WHERE kind = '{kind}' ORDER BY episode"
    rows = world.rows(sql)
    return [
        (condition, since, until, orjson.loads(bytes(amounts)).get("calendar"))
        for condition, since, until, amounts in rows
    ]


def test_accepted_before_the_national_day_and_confirmed_on_the_fifth_working_day_is_silent(
    world: World,
) -> None:
    """09-30, 10-08, 10-09, 10-10 (a working Saturday), 10-12."""
    taken_in(world, "2026-09-29 14:00")
    world.say(confirmed(), "2026-10-12 23:50")
    world.sweep("2026-12-01")
    assert told(world) == []


def test_unconfirmed_it_alerts_from_the_midnight_after_and_a_late_confirmation_keeps_it_on_record(
    world: World,
) -> None:
    taken_in(world, "2026-09-29 14:00")
    world.sweep(instant("2026-10-13 00:00") - 1)
    assert told(world) == []
    world.sweep("2026-10-13 00:00")
    assert told(world) == [("open", instant("2026-10-13 00:00"), None, None)]
    world.say(confirmed(), "2026-10-14 09:00")
    world.sweep("2026-12-01")
    late = [("cleared", instant("2026-10-13 00:00"), instant("2026-10-14 09:00"), None)]
    assert told(world) == late


# Accepted on Wednesday 2026-12-30: 12-31, then, as long as 2027 has no calendar, 01-01 and 01-04 to 01-06.
PROVISIONAL = "2027-01-07 00:00"
CALENDARS: list[tuple[str, Wire, str]] = [
    (
        "New Year's Day off moves it a day on",
        holidays_published(2027, off=["2027-01-01"]),
        "2027-01-08 00:00",
    ),
    (
        "a working weekend moves it back",
        holidays_published(2027, work=["2027-01-02", "2027-01-03"]),
        "2027-01-05 00:00",
    ),
    ("a calendar without a change there only makes it certain", holidays_published(2027), PROVISIONAL),
]


def test_without_a_calendar_mondays_to_fridays_count_and_the_alert_says_so(world: World) -> None:
    taken_in(world, "2026-12-30 10:00")
    world.sweep(PROVISIONAL)
    assert told(world) == [("open", instant(PROVISIONAL), None, "provisional")]


@pytest.mark.parametrize(("calendar", "over_at"), [c[1:] for c in CALENDARS], ids=[c[0] for c in CALENDARS])
def test_a_calendar_published_before_the_term_is_over_decides(
    world: World, calendar: Wire, over_at: str
) -> None:
    taken_in(world, "2026-12-30 10:00")
    world.say(calendar, "2026-12-31 09:00", SYSTEM_ORG)
    world.sweep(instant(over_at) - 1)
    assert told(world) == []
    world.sweep("2027-02-01")
    assert told(world) == [("open", instant(over_at), None, None)]


@pytest.mark.parametrize(("calendar", "over_at"), [c[1:] for c in CALENDARS], ids=[c[0] for c in CALENDARS])
def test_a_calendar_published_afterwards_moves_the_alert(world: World, calendar: Wire, over_at: str) -> None:
    taken_in(world, "2026-12-30 10:00")
    loop = world.embedded()
    world.sweep("2027-01-20", loop)
    world.say(calendar, "2027-01-20 09:00", SYSTEM_ORG)
    head = world.sweep("2027-02-01", loop)
    assert told(world) == [("open", instant(over_at), None, None)]
    with reading(world.databases.state) as conn:
        live = digest_of_tables(conn)
    assert replay(world.ledger, SHARDS, everywhere(SHARDS, head.seq, head.recorded_at)).digest() == live


def test_confirmed_in_between_it_is_late_by_one_calendar_and_in_time_by_the_other(world: World) -> None:
    taken_in(world, "2026-12-30 10:00")
    world.say(confirmed(), "2027-01-07 12:00")
    world.sweep("2027-01-20")
    assert [row[0] for row in told(world)] == ["cleared"]
    world.say(holidays_published(2027, off=["2027-01-01"]), "2027-01-20 09:00", SYSTEM_ORG)
    world.sweep("2027-02-01")
    (standing,) = world.rows(f"SELECT standing FROM alerts WHERE kind = '{KIND}' AND key = '{MANIFEST}'")
    assert not standing[0]


# Elsewhere: a collector's oil, 90 working days (LIC 20), and the origin province's opinion, five (MT 24).
LICENCE = licence_granted(
    "C1", lines=[scope("HW08")], holder=COLLECTOR, licence_type="collection", valid_until="2029-12-31"
)
OIL_HELD = [
    site_registered(COLLECTOR, "collector"),
    LICENCE,
    stored("OIL", OIL, site=COLLECTOR),
]
ELSEWHERE = [
    ("storage.over_limit", OIL_HELD, "2026-12-01 10:00", "2027-04-07", "2027-04-08"),
    ("transfer.step_overdue", [transfer_applied()], "2026-12-30 10:00", "2027-01-07", "2027-01-08"),
]


@pytest.mark.parametrize(
    ("kind", "facts", "at", "before", "after"), ELSEWHERE, ids=[row[0] for row in ELSEWHERE]
)
def test_other_terms_in_working_days_say_so_too_and_move(
    world: World, kind: str, facts: list[Wire], at: str, before: str, after: str
) -> None:
    world.say_all(facts, at)
    loop = world.embedded()
    world.sweep("2027-05-01", loop)
    assert told(world, kind) == [("open", instant(before), None, "provisional")]
    world.say(holidays_published(2027, off=["2027-01-01"]), "2027-05-01 09:00", SYSTEM_ORG)
    head = world.sweep("2027-06-01", loop)
    assert told(world, kind) == [("open", instant(after), None, None)]
    with reading(world.databases.state) as conn:
        live = digest_of_tables(conn)
    assert replay(world.ledger, SHARDS, everywhere(SHARDS, head.seq, head.recorded_at)).digest() == live
