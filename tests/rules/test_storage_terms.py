"""Terms that hang on more than a code: temperature, region and period, one holder's plan, extensions refused and run out."""

from typing import Any

import pytest

from tests.facts import (
    COLLECTOR,
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    Wire,
    accepted,
    collected,
    day,
    departed,
    extension_granted,
    extension_refused,
    generated,
    instant,
    licence_granted,
    limit_set,
    line,
    released,
    scope,
    site_registered,
    stored,
)
from tests.laws import law_from, law_with
from tests.rules.stock import found

DUE, OVER = "storage.due_soon", "storage.over_limit"
AT = instant("2025-11-20 09:00")
HOUR = 3_600_000_000
PATENT = "841-004-01"


def _kiln(*places: tuple[str, str | None]) -> Wire:
    rows = [
        {"place": name, "place_type": "store"} | ({"temperature": cold} if cold else {})
        for name, cold in places
    ]
    return site_registered(KILN, "facility", places=rows, at=day(0))


def _bag(code: str = INFECTIOUS, **more: Any) -> Wire:
    return stored("BAG", code, 12, site=KILN, at=AT, **more)


def _over_after(facts: list[Wire]) -> int | None:
    """Hours from the bag's clock until it is over; None where it is not within ten days."""
    finding = found(facts, AT + 240 * HOUR, KILN).get((OVER, "lot:BAG"))
    return None if finding is None else (finding.since - AT) // HOUR


# Temperature (GB39707 5.4.6)


@pytest.mark.parametrize(
    ("code", "temperature", "hours"),
    [
        (INFECTIOUS, "warm", 24),
        (INFECTIOUS, "cold", 72),
        (INFECTIOUS, "cold-remote", 168),
        (INFECTIOUS, None, 72),
        ("841-002-01", "warm", 24),
        ("841-003-01", "warm", 24),
        (PATENT, "warm", None),
        ("841-005-01", "cold", None),
    ],
)
def test_the_disposers_hours_hang_on_subclass_and_temperature(
    code: str, temperature: str | None, hours: int | None
) -> None:
    by_place = [_kiln(("COLD", temperature)), _bag(code, place="COLD")]
    by_lot = [_kiln(), _bag(code, temperature=temperature)]
    assert _over_after(by_place) == _over_after(by_lot) == hours


def test_a_bag_at_twenty_degrees_is_over_after_24_hours_and_sixty_at_three_degrees_are_silent() -> None:
    warm, cold = ([_kiln(), _bag(temperature=kept)] for kept in ("warm", "cold"))
    assert found(warm, AT + 24 * HOUR - 1, KILN) == {}
    finding = found(warm, AT + 24 * HOUR, KILN)[OVER, "lot:BAG"]
    assert "24 hours" in finding.basis
    assert finding.amounts["duty"] == "duty.medical_handover"
    assert found(cold, AT + 60 * HOUR, KILN) == {}


def test_the_lots_own_temperature_goes_before_its_places() -> None:
    assert _over_after([_kiln(("COLD", "cold")), _bag(place="COLD", temperature="warm")]) == 24


def test_what_is_accepted_says_how_cold_it_is_kept() -> None:
    bag = line(INFECTIOUS, 12, stored_as="BAG", temperature="warm")
    assert _over_after([_kiln(), accepted(lines=[bag], at=AT)]) == 24


def _moved(hours: int, place: str) -> list[Wire]:
    at = AT + hours * HOUR
    return [
        released("BAG", INFECTIOUS, 12, site=KILN, at=at - 1_000_000),
        stored("BAG", INFECTIOUS, 12, site=KILN, place=place, at=at),
    ]


def test_moving_to_the_cold_stops_the_excess_and_does_not_undo_it() -> None:
    facts = [_kiln(("WARM", "warm"), ("COLD", "cold")), _bag(place="WARM"), *_moved(30, "COLD")]
    finding = found(facts, AT + 40 * HOUR, KILN)[OVER, "lot:BAG"]
    assert (finding.since, finding.until) == (AT + 24 * HOUR, AT + 30 * HOUR)
    later = found(facts, AT + 72 * HOUR, KILN)[OVER, "lot:BAG"]
    assert (later.since, later.until) == (AT + 72 * HOUR, None)


def test_moving_out_of_the_cold_is_over_at_once_where_the_hours_have_passed() -> None:
    facts = [_kiln(("WARM", "warm"), ("COLD", "cold")), _bag(place="COLD"), *_moved(60, "WARM")]
    assert found(facts, AT + 60 * HOUR - 1, KILN) == {}
    assert _over_after(facts) == 60


def test_stays_that_are_over_one_after_the_other_are_one_excess_until_it_leaves() -> None:
    facts = [
        _kiln(("WARM", "warm"), ("COLD", "cold")),
        _bag(place="WARM"),
        *_moved(80, "COLD"),
        departed(code=INFECTIOUS, kg=12, lot="BAG", origin=KILN, at=AT + 90 * HOUR),
    ]
    finding = found(facts, AT + 100 * HOUR, KILN)[OVER, "lot:BAG"]
    assert (finding.since, finding.until) == (AT + 24 * HOUR, AT + 90 * HOUR)


# Region and period: 日产日清


def _daily(**more: Any) -> Wire:
    where = {"region": "3301", "category": "HW01"}
    period = {"effective_from": "2025-11-20", "effective_until": "2025-12-20"}
    return limit_set("storage_term", 0, "days", scope=where, **period, **more)


def test_cleared_daily_means_by_midnight_in_the_region_and_the_period() -> None:
    law = law_with(_daily())
    hospital = site_registered(HOSPITAL, "health-facility", at=day(0))
    bag = generated("BAG", INFECTIOUS, 5, site=HOSPITAL, at=AT)
    finding = found([hospital, bag], AT + 20 * HOUR, HOSPITAL, law)[OVER, "lot:BAG"]
    assert finding.since == instant("2025-11-21 00:00")
    fetched = collected(INFECTIOUS, 5, at=instant("2025-11-20 23:59"))
    assert found([hospital, bag, fetched], day(400), HOSPITAL, law) == {}
    early = generated("BAG", INFECTIOUS, 5, site=HOSPITAL, at=AT - 10 * HOUR)
    late = generated("BAG", INFECTIOUS, 5, site=HOSPITAL, at=instant("2025-12-21 00:00"))
    for other in (early, late):
        assert found([hospital, other], instant(other["occurred_at"]) + 47 * HOUR, HOSPITAL, law) == {}


def test_hours_of_a_policy_run_from_the_first_bag_of_the_day_it_holds_from() -> None:
    where = {"region": "33", "category": "HW01"}
    eight = limit_set("storage_term", 8, "hours", scope=where, effective_from="2025-11-20")
    facts = [
        site_registered(HOSPITAL, "health-facility", at=day(0)),
        generated("BAG", INFECTIOUS, 5, site=HOSPITAL, at=instant("2025-11-20 00:30")),
        collected(INFECTIOUS, 5, at=instant("2025-11-20 10:00")),
    ]
    over = found(facts, instant("2025-11-20 14:00"), HOSPITAL, law_with(eight))[OVER, "lot:BAG"]
    assert (over.since, over.until) == (instant("2025-11-20 08:30"), instant("2025-11-20 10:00"))


# Holders


def test_a_collection_licence_for_oil_binds_no_other_waste_and_a_plan_binds_its_own_site() -> None:
    licence = licence_granted(
        "C1", lines=[scope("HW08", "HW49")], holder=COLLECTOR, licence_type="collection", at=day(0)
    )
    facts = [
        site_registered(COLLECTOR, "collector", at=day(0)),
        licence,
        stored("OIL", OIL, site=COLLECTOR, at=day(1)),
        stored("CELLS", "900-044-49", site=COLLECTOR, at=day(1)),
        stored("LAB", "900-047-49", site=COLLECTOR, at=day(1)),
    ]
    over = {subject for kind, subject in found(facts, day(200), COLLECTOR) if kind == OVER}
    assert over == {"lot:OIL", "lot:CELLS"}
    plan = limit_set("storage_term", 60, "days", scope={"site": COLLECTOR}, citation="试点方案")
    planned = found(facts, day(63), COLLECTOR, law_with(plan))
    assert {subject for kind, subject in planned if kind == OVER} == {"lot:OIL", "lot:CELLS", "lot:LAB"}
    assert planned[OVER, "lot:LAB"].basis == "试点方案"
    assert found([stored("B", at=day(1))], day(200), law=law_with(plan)) == {}


def test_each_holder_has_a_clock_of_its_own() -> None:
    facts = [
        stored("B", at=day(0)),
        departed(lot="B", at=day(300)),
        site_registered(KILN, "facility", at=day(0)),
        accepted(lines=[line(stored_as="K")], at=day(301)),
    ]
    assert found(facts, day(500)) == {}
    assert found(facts, day(667, 0), KILN)[OVER, "lot:K"].amounts["stored_at"] == day(301)


def test_a_province_may_set_its_own_term_for_producers() -> None:
    own = limit_set(
        "storage_term", 180, "days", scope={"region": "33", "role": "producer"}, citation="省条例"
    )
    over = found([stored("B", at=day(0))], day(181, 0), law=law_with(own))[OVER, "lot:B"]
    assert (over.since, over.basis) == (day(181, 0), "省条例")
    other = limit_set("storage_term", 180, "days", scope={"region": "32", "role": "producer"})
    assert found([stored("B", at=day(0))], day(200), law=law_with(other)) == {}


def test_a_policy_for_one_site_says_so_to_the_book() -> None:
    law = law_from([limit_set("storage_term", 9, "days", scope={"site": PLATER})])
    assert law.names_site(PLATER)
    assert not law.names_site(KILN)


# Extensions


def test_an_extension_that_ran_out_is_named() -> None:
    facts = [
        stored("B", at=day(0)),
        extension_granted("2026-06-01", lot="B", approval_no="杭环延〔2026〕7号", at=day(300)),
    ]
    over = found(facts, instant("2026-06-02"))[OVER, "lot:B"]
    assert over.since == instant("2026-06-02")
    assert (over.amounts["extended_at"], over.amounts["extension_no"]) == (day(300), "杭环延〔2026〕7号")
    before = found(facts[:1], day(370))[OVER, "lot:B"]
    assert "extended_at" not in before.amounts


def test_an_extension_without_a_number_is_named_by_its_day() -> None:
    facts = [stored("B", at=day(0)), extension_granted("2026-06-01", at=day(300))]
    amounts = found(facts, instant("2026-06-02"))[OVER, "lot:B"].amounts
    assert amounts["extended_at"] == day(300)
    assert "extension_no" not in amounts


def test_an_extension_that_ran_out_before_it_was_granted_ends_nothing() -> None:
    facts = [stored("B", at=day(0)), extension_granted("2026-03-10", lot="B", at=day(373))]
    over = found(facts, day(400))[OVER, "lot:B"]
    assert (over.since, over.until) == (day(366, 0), None)
    assert "extended_at" not in over.amounts
    on_its_last_day = extension_granted("2026-03-11", lot="B", at=day(373))
    again_over = found([facts[0], on_its_last_day], day(400))[OVER, "lot:B"]
    assert (again_over.since, again_over.amounts["extended_at"]) == (day(374, 0), day(373))


def test_an_extension_shorter_than_the_term_changes_nothing() -> None:
    facts = [stored("B", at=day(0)), extension_granted("2025-12-01", at=day(100))]
    over = found(facts, day(366, 0))[OVER, "lot:B"]
    assert over.since == day(366, 0)
    assert "extended_at" not in over.amounts


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({}, True),
        ({"lot": "B"}, True),
        ({"code": OIL}, True),
        ({"lot": "C"}, False),
        ({"code": INFECTIOUS}, False),
    ],
)
def test_a_refused_extension_moves_nothing_and_is_told(what: dict[str, str], told: bool) -> None:
    facts = [stored("B", at=day(0)), extension_refused(at=day(350), **what)]
    over = found(facts, day(366, 0))[OVER, "lot:B"]
    assert over.since == day(366, 0)
    assert over.amounts.get("extension_refused_at") == (day(350) if told else None)


def test_a_refusal_before_it_came_or_after_it_left_is_not_its_own() -> None:
    facts = [
        extension_refused(at=day(-1)),
        stored("B", at=day(0)),
        departed(lot="B", at=day(370)),
        extension_refused(at=day(371)),
    ]
    over = found(facts, day(380))[OVER, "lot:B"]
    assert over.until == day(370)
    assert "extension_refused_at" not in over.amounts
