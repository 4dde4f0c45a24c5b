"""Custody 联单: a vehicle in two places at once, the same mass weighed again and again, and pipelines with two meters."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, MINUTE_US
from rules import custody
from rules.routes import pipeline_key, vehicle_key, weighbridge_key
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    KILN,
    OIL,
    OTHER_KILN,
    PLATE,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    When,
    Wire,
    arrived,
    corrected,
    day,
    departed,
    handed_over,
    instant,
    limit_set,
    line,
    manifest_no,
    metered,
    observed,
    tolerance_set,
    weighed,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, assert_order_is_nothing, judge_all, keep

VEHICLE, BRIDGE = vehicle_key(PLATE), weighbridge_key(KILN)
PIPE = pipeline_key(PLATER, KILN)
TWO_PLACES = AlertKind.VEHICLE_TWO_PLACES
REPEATED = AlertKind.WEIGHT_REPEATED
DIFFER, UNMETERED = AlertKind.PIPELINE_METERS_DIFFER, AlertKind.PIPELINE_UNMETERED
AT = day(1)
IN_NINGBO: dict[str, Any] = {"at_site": OTHER_KILN}


def found(key: str, facts: list[Wire | Entry], at: int = day(60), law: Any = None) -> list[Finding]:
    return judge_all(custody, key, facts, law or default_law(), at)


# Two places at once

PLACES: list[tuple[str, list[Wire | Entry], list[int]]] = [
    ("an ordinary drive", [departed(at=AT), arrived(at=day(1, 11))], []),
    ("ten minutes from city to city", [departed(at=AT), arrived(at=AT + 10 * MINUTE_US)], []),
    ("a second less", [departed(at=AT), arrived(at=AT + 10 * MINUTE_US - 1)], [AT + 10 * MINUTE_US - 1]),
    ("at the very same time", [departed(at=AT), arrived(at=AT)], [AT]),
    (
        "two sites of one city",
        [departed(at=AT), departed(manifest_no(2), at=AT, origin="330102-SHOP1")],
        [],
    ),
    (
        "eight manifests of one milk run, city by city",
        [
            departed(manifest_no(n), at=AT + n, trip_id="T1", origin=f"33{n:02d}06-SHOP{n}")
            for n in range(1, 9)
        ],
        [],
    ),
    (
        "two trips are no milk run",
        [
            departed(at=AT, trip_id="T1"),
            departed(manifest_no(2), at=AT + 1, trip_id="T2", origin="330206-SHOP1"),
        ],
        [AT + 1],
    ),
    (
        "eight arrivals of a milk run at one gate",
        [
            *(departed(manifest_no(n), at=AT + n, trip_id="T1") for n in range(1, 9)),
            *(arrived(manifest_no(n), at=day(1, 12)) for n in range(1, 9)),
        ],
        [],
    ),
    (
        "an observation in another city",
        [departed(at=AT), observed(at=AT + MINUTE_US, region="350100")],
        [AT + MINUTE_US],
    ),
    ("an observation without a region", [departed(at=AT), observed(at=AT + MINUTE_US)], []),
    (
        "handed over elsewhere",
        [departed(at=AT), handed_over(at=AT + MINUTE_US, region="330604", vehicle=PLATE)],
        [AT + MINUTE_US],
    ),
    (
        "at another gate than the destination's",
        [departed(at=AT), arrived(at=AT + MINUTE_US, **IN_NINGBO), arrived(at=day(1, 12))],
        [AT + MINUTE_US],
    ),
    (
        "across midnight: it belongs to the later day",
        [departed(at=day(1, 23, 55)), arrived(at=day(2, 0, 1))],
        [day(2, 0, 1)],
    ),
    (
        "three places: one finding a day, the first",
        [departed(at=AT), arrived(at=AT + 1), observed(at=AT + 2, region="350100")],
        [AT + 1],
    ),
    (
        "two days: a finding each",
        [departed(at=AT), arrived(at=AT + 1), departed(at=day(2)), arrived(at=day(2) + 1)],
        [AT + 1, day(2) + 1],
    ),
]


@pytest.mark.parametrize(("case", "facts", "since"), PLACES, ids=[case[0] for case in PLACES])
def test_places(case: str, facts: list[Wire | Entry], since: list[int]) -> None:
    findings = found(VEHICLE, facts)
    assert [(finding.kind, finding.since) for finding in findings] == [(TWO_PLACES, at) for at in since]


def test_two_places_are_told_with_their_manifests() -> None:
    (finding,) = found(VEHICLE, [departed(at=AT), arrived(manifest_no(2), at=AT + 1)])
    assert finding.amounts == {
        "vehicle": PLATE,
        "region": "330106",
        "seen_at": AT,
        "manifest_no": manifest_no(1),
        "other_region": "330604",
        "other_seen_at": AT + 1,
        "other_manifest_no": manifest_no(2),
    }
    assert (finding.subject, finding.site, finding.until) == ("day:2025-03-04", "330604", None)
    assert finding.parties == (CARRIER_ORG,)
    assert finding.basis.startswith("Feilian default")


@pytest.mark.parametrize(
    ("minutes", "apart", "is_found"),
    [(0, 0, False), (60, 59, True), (60, 60, False), (360, 359, True), (600, 359, True), (600, 361, False)],
)
def test_the_interval_is_a_policy_and_at_most_six_hours(minutes: int, apart: int, is_found: bool) -> None:
    law = law_with(limit_set("city_interval", minutes, "minutes", scope={"region": "3306"}))
    for left_at in (AT, day(1, 21)):
        facts: list[Wire | Entry] = [departed(at=left_at), arrived(at=left_at + apart * MINUTE_US)]
        assert bool(found(VEHICLE, facts, law=law)) is is_found


def test_without_a_policy_a_vehicle_is_wherever_it_is() -> None:
    assert found(VEHICLE, [departed(at=AT), arrived(at=AT)], law=NO_LAW) == []


def test_a_wrong_plate_corrected_ends_it() -> None:
    wrong = departed(manifest_no(2), at=AT, origin="350104-SHOP1")
    facts: list[Wire | Entry] = [departed(at=AT), wrong]
    assert len(found(VEHICLE, facts)) == 1
    assert found(VEHICLE, [*facts, corrected(wrong, day(2), vehicle="闽A12345")]) == []


def test_a_day_with_nothing_left_is_forgotten() -> None:
    only = departed(at=day(1, 21), weighing="weighbridge")
    law = default_law()
    kept = keep(custody, VEHICLE, [only], law).rows
    assert sorted(kept) == ["day:2025-03-04", "day:2025-03-05", "weights:2025-03"]
    assert keep(custody, VEHICLE, [only, corrected(only, day(2), withdrawn=True)], law).rows == {}
    assert sorted(keep(custody, VEHICLE, [departed(at=day(1, 17, 59))], law).rows) == ["day:2025-03-04"]


# The same mass again and again


def loads(*masses: Any, by: str | None = "weighbridge", days: int = 1) -> list[Wire | Entry]:
    return [
        departed(manifest_no(n), kg=kg, at=day(n * days), weighing=by) for n, kg in enumerate(masses, start=1)
    ]


RUNS: list[tuple[str, list[Wire | Entry], list[int]]] = [
    ("four times", loads(*[12_340] * 4), []),
    ("five times", loads(*[12_340] * 5), [day(5)]),
    ("six times: since the fifth", loads(*[12_340] * 6), [day(5)]),
    ("another mass between", loads(*[12_340] * 3, 12_360, *[12_340] * 3), []),
    ("the run may begin later", loads(1, 2, *[12_340] * 5), [day(7)]),
    ("a gram is another mass", loads(*[12_340] * 4, "12340.001"), []),
    ("how it was weighed is not said", loads(*[12_340] * 9, by=None), []),
    ("drums on a scale are alike", loads(*[180] * 9, by="scale"), []),
    (
        "one manifest stated again and again is one load",
        [departed(kg=180, at=day(n), weighing="weighbridge") for n in range(1, 9)],
        [],
    ),
    ("four times in March, four times in April", loads(*[500] * 8, days=7), []),
]


@pytest.mark.parametrize(("case", "facts", "since"), RUNS, ids=[case[0] for case in RUNS])
def test_one_vehicles_weights(case: str, facts: list[Wire | Entry], since: list[int]) -> None:
    assert [(f.kind, f.since) for f in found(VEHICLE, facts)] == [(REPEATED, at) for at in since]


def test_a_run_tells_how_often_and_from_when() -> None:
    (finding,) = found(VEHICLE, loads(*[12_340] * 6))
    assert finding.amounts == {
        "mass_g": 12_340_000,
        "times": 6,
        "limit_times": 5,
        "first_weighed_at": day(1),
        "last_weighed_at": day(6),
        "vehicle": PLATE,
    }
    assert (finding.subject, finding.site, finding.parties) == ("weights:2025-03", PLATER, (CARRIER_ORG,))


def bridge(*masses: Any, by: str | None = "weighbridge") -> list[Wire | Entry]:
    return [
        weighed(manifest_no(n), kg=kg, at=AT + n * HOUR_US, weighing=by)
        for n, kg in enumerate(masses, start=1)
    ]


def test_a_weighbridge_is_judged_by_the_day() -> None:
    assert found(BRIDGE, bridge(*[9_000] * 4)) == []
    (finding,) = found(BRIDGE, bridge(*[9_000] * 5))
    assert (finding.subject, finding.since, finding.site) == ("weights:2025-03-04", AT + 5 * HOUR_US, KILN)
    assert "vehicle" not in finding.amounts
    assert finding.parties == (FACILITY_ORG,)
    assert found(BRIDGE, bridge(*[9_000] * 9, by=None)) == []
    assert found(BRIDGE, bridge(9_000, 9_000, 9_100, 9_000, 9_000, 9_000)) == []


def test_how_often_is_too_often_is_a_policy() -> None:
    twice = law_with(limit_set("repeated_weights", 1, "count"))
    assert found(BRIDGE, bridge(9_000), law=twice) == []
    assert len(found(BRIDGE, bridge(9_000, 9_000), law=twice)) == 1
    never = law_with(limit_set("repeated_weights", 0, "count"))
    assert found(BRIDGE, bridge(*[9_000] * 9), law=never) == []
    assert found(BRIDGE, bridge(*[9_000] * 9), law=NO_LAW) == []


def test_a_corrected_weight_breaks_the_run() -> None:
    facts = bridge(*[9_000] * 5)
    wrong: Any = facts[2]
    assert found(BRIDGE, [*facts, corrected(wrong, day(3), lines=[line(kg=9_020)])]) == []


# Pipelines


def both(sent: Any = 1_000, received: Any = 1_000, **more: Any) -> list[Wire | Entry]:
    return [
        metered(kg=sent, at=day(1, 0, 10), **more),
        metered(kg=received, by="destination", at=day(1, 0, 20), **more),
    ]


METERS: list[tuple[str, list[Wire | Entry], list[AlertKind]]] = [
    ("both meters say the same", both(), []),
    ("two per cent less", both(1_000, 980), []),
    ("a gram more than that", both(1_000, "979.999"), [DIFFER]),
    ("more came than went", both(1_000, "1020.001"), [DIFFER]),
    ("another kind came", [both()[0], metered(SLUDGE, 1_000, by="destination", at=day(1))], [DIFFER]),
    ("read again, rightly", [*both(1_000, 500), metered(kg=1_000, by="destination", at=day(2))], []),
    ("read again, wrongly", [*both(), metered(kg=500, by="destination", at=day(2))], [DIFFER]),
    ("only the origin metered", both()[:1], [UNMETERED]),
    ("only the destination metered", both()[1:], [UNMETERED]),
    (
        "two lines of one kind are added up",
        [metered(lines=[line(kg=400), line(kg=600, no=2)], at=day(1)), both()[1]],
        [],
    ),
    (
        "two pipelines are two",
        [both()[0], metered(by="destination", at=day(1), pipeline="P2")],
        [UNMETERED] * 2,
    ),
    (
        "two days are two",
        [both()[0], metered(by="destination", on="2025-03-04", at=day(2))],
        [UNMETERED] * 2,
    ),
]


def test_a_tolerance_of_its_own_for_a_kind_holds_for_meters_too() -> None:
    law = law_with(tolerance_set(100, scope={"waste_code": OIL}))
    assert found(PIPE, both(1_000, 900), law=law) == []
    assert [f.kind for f in found(PIPE, both(1_000, "899.999"), law=law)] == [DIFFER]


@pytest.mark.parametrize(("case", "facts", "expected"), METERS, ids=[case[0] for case in METERS])
def test_meters(case: str, facts: list[Wire | Entry], expected: list[AlertKind]) -> None:
    assert [finding.kind for finding in found(PIPE, facts)] == expected


def test_meters_that_differ_are_told_by_kind() -> None:
    (finding,) = found(PIPE, both(1_000, 900))
    assert (finding.subject, finding.since, finding.site) == ("P1:2025-03-03", day(1, 0, 20), KILN)
    assert finding.amounts == {
        "waste_code": OIL,
        "origin_g": 1_000_000,
        "destination_g": 900_000,
        "difference_g": -100_000,
        "difference_permille": 100,
        "tolerance_permille": 20,
    }
    assert finding.parties == (PRODUCER_ORG, FACILITY_ORG)
    for wide in ({"weighing": "metered"}, {"region": "3306"}):
        assert found(PIPE, both(1_000, 900), law=law_with(tolerance_set(100, scope=wide))) == []
    (nothing_sent,) = found(PIPE, [metered(SLUDGE, 1, at=day(1)), metered(kg=9, by="destination", at=day(1))])
    assert nothing_sent.amounts["difference_permille"] == 1000


@pytest.mark.parametrize("end", ["origin", "destination"])
def test_the_other_end_has_five_days(end: str) -> None:
    facts: list[Wire | Entry] = [metered(by=end, at=day(1))]
    over: When = "2025-03-09 00:00"
    assert found(PIPE, facts, instant(over) - 1) == []
    (finding,) = found(PIPE, facts, instant(over))
    assert (finding.since, finding.until) == (instant(over), None)
    assert finding.amounts == {"metered_by": end, "metered_g": 180_000, "limit_at": instant(over)}
    assert finding.site == (KILN if end == "origin" else PLATER)
    other = "destination" if end == "origin" else "origin"
    assert found(PIPE, [*facts, metered(by=other, at=over)]) == []
    late = instant(over) + 1
    (past,) = found(PIPE, [*facts, (metered(by=other, at=late), late)])
    assert past.until == late
    assert found(PIPE, facts, law=NO_LAW) == []


def test_a_reading_taken_back_is_missing_again() -> None:
    facts = both(1_000, 900)
    wrong: Any = facts[1]
    assert [f.kind for f in found(PIPE, [*facts, corrected(wrong, day(2), withdrawn=True)])] == [UNMETERED]
    only: Any = facts[0]
    law = default_law()
    assert keep(custody, PIPE, [only, corrected(only, day(2), withdrawn=True)], law).rows == {}


# Any order

REGIONS = ["330106-PLATER01", "330206-SHOP1", "350104-SHOP2"]


@st.composite
def drives(draw: st.DrawFn) -> list[Wire]:
    """Sightings of one vehicle over two days, near to one another, some weighed alike, some corrected."""
    facts: list[Wire] = []
    for n in range(draw(st.integers(1, 9))):
        at = day(1, 18) + draw(st.integers(0, 80)) * 5 * MINUTE_US + n
        site = draw(st.sampled_from(REGIONS))
        no, by = manifest_no(draw(st.integers(1, 8))), draw(st.sampled_from([None, "weighbridge"]))
        kind = draw(st.sampled_from(["departed", "departed", "arrived", "observed", "handed over"]))
        if kind == "departed":
            trip = draw(st.sampled_from([None, "T1"]))
            facts.append(departed(no, at=at, origin=site, weighing=by, trip_id=trip, nth=n))
        elif kind == "arrived":
            facts.append(arrived(no, at=at, at_site=site, nth=n))
        elif kind == "observed":
            facts.append(observed(no, at=at, region=site[:6], nth=n))
        else:
            facts.append(handed_over(no, at=at, region=site[:6], vehicle=PLATE, to=COLLECTOR_ORG, nth=n))
    return [*facts, *_corrections(draw, facts)]


def _corrections(draw: st.DrawFn, facts: list[Wire]) -> list[Wire]:
    chosen = draw(st.sets(st.sampled_from(range(len(facts))), max_size=2))
    return [corrected(facts[n], day(20), withdrawn=True) for n in sorted(chosen)]


@st.composite
def readings(draw: st.DrawFn) -> list[Wire]:
    """Meters of two days, read early, late and again."""
    facts = [
        metered(
            draw(st.sampled_from([OIL, SLUDGE])),
            draw(st.sampled_from([100, 101, 150])),
            by=draw(st.sampled_from(["origin", "destination"])),
            on=draw(st.sampled_from(["2025-03-03", "2025-03-04"])),
            at=day(1) + draw(st.integers(0, 9 * 24)) * HOUR_US + n,
            nth=n,
        )
        for n in range(draw(st.integers(1, 8)))
    ]
    return [*facts, *_corrections(draw, facts)]


@settings(max_examples=40, deadline=None)
@given(drives(), st.integers(0, 10**6))
def test_drives_in_any_order(facts: list[Wire], seed: int) -> None:
    law = law_with(limit_set("repeated_weights", 2, "count"))
    assert_order_is_nothing(custody, VEHICLE, facts, law, seed)


@settings(max_examples=40, deadline=None)
@given(readings(), st.integers(0, 10**6))
def test_readings_in_any_order(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(custody, PIPE, facts, default_law(), seed)
