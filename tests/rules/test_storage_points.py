"""Storage points: three tonnes at any moment, all codes together; a place must be registered as a point."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.storage_points import _pruned, latest_excess
from rules.storage_subjects import Point
from tests.facts import (
    INFECTIOUS,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    counted,
    day,
    departed,
    generated,
    limit_set,
    line,
    released,
    site_registered,
    stock_taken,
    stored,
)
from tests.laws import law_with
from tests.rules.stock import found, kept

FULL = ("storage.point_overfull", "place:P1")


def _place(name: str = "P1", place_type: str = "point") -> Wire:
    return {"place": name, "place_type": place_type}


def _registered(*places: Wire, at: int = day(0)) -> Wire:
    return site_registered(places=list(places or (_place(),)), at=at)


def test_three_tonnes_are_lawful_and_a_gram_more_of_any_code_is_not() -> None:
    facts = [_registered(), stored("A", kg=2_000, place="P1", at=day(1))]
    exactly = stored("B", SLUDGE, 1_000, place="P1", at=day(2))
    assert found([*facts, exactly], day(3)) == {}
    more = stored("B", SLUDGE, "1000.001", place="P1", at=day(2))
    finding = found([*facts, more], day(3))[FULL]
    assert (finding.since, finding.until, finding.parties) == (day(2), None, (PRODUCER_ORG,))
    assert finding.amounts == {
        "place": "P1",
        "limit_g": 3_000_000,
        "highest_g": 3_000_001,
        "mass_g": 3_000_001,
    }
    assert "8.3.5" in finding.basis


@pytest.mark.parametrize(
    "cleared",
    [
        [departed(kg=2_000, lot="A", at=day(5))],
        [departed(kg=1_500, at=day(5))],
        [departed(lines=[line(kg=1_500, place="P1")], at=day(5))],
        [released("A", kg=2_000, at=day(5))],
        [released("A", kg=2_000, at=day(5)), stored("A", kg=2_000, place="P2", at=day(5, 10))],
        [stock_taken([counted(kg=1_500)], place="P1", at=day(5))],
        [stored("N", kg=2_000, parents=["A"], at=day(5))],
        [_registered(_place("P1", "store"), at=day(5))],
    ],
    ids=[
        "sent",
        "sent-unnamed",
        "sent-from-the-place",
        "released",
        "moved",
        "counted",
        "relabelled",
        "rebuilt",
    ],
)
def test_a_point_is_full_until_enough_has_left_it(cleared: list[Wire]) -> None:
    facts = [
        _registered(),
        stored("A", kg=2_000, place="P1", at=day(1)),
        stored("B", SLUDGE, 1_500, place="P1", at=day(2)),
        *cleared,
    ]
    finding = found(facts, day(6))[FULL]
    assert (finding.since, finding.until, finding.amounts["highest_g"]) == (day(2), day(5), 3_500_000)
    assert "mass_g" not in finding.amounts


@pytest.mark.parametrize("place_type", ["store", "yard", "pond", "tank-farm"])
def test_other_places_have_no_such_limit(place_type: str) -> None:
    facts = [_registered(_place("P1", place_type)), stored("A", kg=9_000, place="P1", at=day(1))]
    assert found(facts, day(2)) == {}


def test_what_is_elsewhere_or_nobody_knows_where_or_was_only_counted_does_not_count() -> None:
    facts = [
        _registered(),
        stored("A", kg=2_999, place="P1", at=day(1)),
        stored("B", kg=2_999, place="P2", at=day(1)),
        stored("C", kg=2_999, at=day(1)),
        generated("BAG", INFECTIOUS, None, pieces=9, place="P1", at=day(1)),
    ]
    assert found(facts, day(2)) == {}


def test_a_place_is_a_point_from_its_registration_on() -> None:
    facts = [stored("A", kg=5_000, place="P1", at=day(1)), _registered(at=day(3))]
    assert found(facts, day(4))[FULL].since == day(3)
    again = [*facts, _registered(_place("P2"), at=day(5))]
    assert found(again, day(6))[FULL].until is None


def test_what_is_stated_late_fills_the_point_when_it_was_there() -> None:
    facts: list[Any] = [
        _registered(),
        stored("A", kg=2_000, place="P1", at=day(1)),
        departed(kg=2_000, lot="A", at=day(4)),
        (generated("B", SLUDGE, 1_200, place="P1", at=day(2)), day(9)),
    ]
    finding = found(facts, day(10))[FULL]
    assert (finding.since, finding.until) == (day(2), day(4))


def test_what_comes_and_goes_in_one_instant_was_never_there() -> None:
    facts = [
        _registered(),
        stored("A", kg=3_000, place="P1", at=day(1)),
        stored("B", kg=3_000, place="P1", at=day(2)),
        departed(kg=3_000, lot="A", at=day(2)),
    ]
    assert found(facts, day(3)) == {}


def test_the_limit_is_a_policy_from_the_day_it_holds() -> None:
    facts = [_registered(), stored("A", kg=2_000, place="P1", at=day(1))]
    tight = law_with(limit_set("point_mass", 1_000, "kilograms", scope={"region": "3301"}))
    assert FULL in found(facts, day(2), law=tight)
    later = law_with(limit_set("point_mass", 1_000, "kilograms", effective_from="2025-03-05"))
    assert found(facts, day(9), law=later) == {}
    own = law_with(limit_set("point_mass", 1_000, "kilograms", scope={"site": PLATER}))
    assert FULL in found(facts, day(2), law=own)


def test_a_point_used_for_years_keeps_few_levels() -> None:
    facts: list[Wire] = [_registered()]
    for number in range(90):
        at = day(1 + number)
        facts.append(stored(f"L{number}", kg=100 + number % 7, place="P1", at=at))
        facts.append(
            departed(f"2025330100{number:04d}", kg=100 + number % 7, lot=f"L{number}", at=at + 60_000_000)
        )
    point = kept(facts).state().subjects["place:P1"]
    assert isinstance(point, Point)
    assert len(point.levels) < 40
    assert point.levels[-1][1] == 0


@given(seed=st.integers(0, 2**32), limit_g=st.integers(0, 9))
def test_what_is_forgotten_changes_no_excess_over_any_limit(seed: int, limit_g: int) -> None:
    random = Random(seed)
    levels = [(at, random.randrange(10)) for at in range(random.randrange(1, 25))]

    def told(of: list[tuple[int, int]]) -> tuple[int, int | None, int] | None:
        excess = latest_excess(of, limit_g, len(of))
        if excess is None:
            return None
        return of[excess.first][0], None if excess.end is None else of[excess.end][0], of[excess.highest][1]

    assert told(_pruned(levels)) == told(levels)
