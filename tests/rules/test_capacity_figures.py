"""Figures of capacity: rates by formula, flows, needs to come with their interval, lines, what is to spare and near."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import regions
from models.catalogue.neighbours import nearness, neighbours
from models.facts.law import RateFormula
from rules import capacity
from rules.capacity_clearing import Clearing, clearing
from rules.capacity_figures import (
    Line,
    added_g,
    flows,
    lines_of,
    matrix,
    months_back,
    nearest,
    need_by_month,
    rate_of,
)
from rules.forecast import Expected, forecast, full_between
from rules.rates import rate
from tests.facts import (
    COLLECTOR,
    KILN,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    Wire,
    accepted,
    collected,
    day,
    generated,
    licence_changed,
    licence_ended,
    licence_granted,
    manifest_no,
    scope,
    treated,
)
from tests.laws import NO_LAW
from tests.rules.harness import keep

KEY: Final = "33:HW17"
AWAY: Final = "320106-KILN09"


def _known(facts: list[Wire], category: str = "HW17") -> dict[str, Any]:
    return {category: keep(capacity, f"33:{category}", facts, NO_LAW).state().subjects}


def _ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()


# 利用处置率


@pytest.mark.parametrize(
    ("formula", "handled", "generated_", "opening", "base", "points"),
    [
        (RateFormula.OPENING_AND_GENERATED, 9061, 8913, 531, 9444, 9594),
        (RateFormula.GENERATED, 9061, 8913, 531, 8913, 10166),
        (RateFormula.GENERATED_AND_USED_OPENING, 9061, 8913, 531, 9061, 10000),
        (RateFormula.GENERATED_AND_USED_OPENING, 9500, 8913, 531, 9444, 10059),
        (RateFormula.GENERATED_AND_USED_OPENING, 8913, 8913, 531, 8913, 10000),
        (RateFormula.GENERATED_AND_USED_OPENING, 8000, 8913, 531, 8913, 8976),
        (RateFormula.GENERATED, 0, 8913, 0, 8913, 0),
        (RateFormula.GENERATED, 5, 0, 531, 0, None),
        (RateFormula.GENERATED, 1, 20_000, 0, 20_000, 1),  # Half a hundredth is rounded up.
        (RateFormula.GENERATED, 1, 20_001, 0, 20_001, 0),
    ],
)
def test_a_rate_is_what_its_formula_says(
    formula: RateFormula, handled: int, generated_: int, opening: int, base: int, points: int | None
) -> None:
    found = rate(formula, handled_g=handled, generated_g=generated_, opening_g=opening)
    assert (found.base_g, found.basis_points) == (base, points)


def _hangzhou() -> list[Wire]:
    """The worked balance of 2022, in tonnes for ten thousand tonnes: 5.31 + 89.13 = 60.59 + 30.02 + 3.83."""
    return [
        generated("OLD", SLUDGE, 5_310, at=day(1)),
        generated("NEW", SLUDGE, 89_130, at=day(400)),
        treated(SLUDGE, 60_590, site=PLATER, own_waste=True, at=day(410)),
        accepted(manifest_no(1), SLUDGE, 30_020, at=day(411)),
    ]


@pytest.mark.parametrize(
    ("more", "region", "handled", "opening"),
    [
        ([], "3301", 90_610_000, 5_310_000),
        ([], "33", 60_590_000, 5_310_000),
        ([treated(SLUDGE, 30_020, at=day(420))], "33", 90_610_000, 5_310_000),
        # Brought in and treated there: not the city's own; brought in and in store: nothing is handled.
        (
            [
                accepted(manifest_no(2), SLUDGE, 9_000, origin=KILN, destination=COLLECTOR, at=day(401)),
                treated(SLUDGE, 9_000, site=COLLECTOR, at=day(402)),
            ],
            "3301",
            90_610_000,
            5_310_000,
        ),
        (
            [accepted(manifest_no(2), SLUDGE, 9_000, origin=KILN, destination=COLLECTOR, at=day(401))],
            "3301",
            90_610_000,
            5_310_000,
        ),
        ([treated(SLUDGE, 310, site=PLATER, own_waste=True, at=day(2))], "3301", 90_610_000, 5_000_000),
        ([treated(SLUDGE, 9_000, site=PLATER, own_waste=True, at=day(2))], "3301", 90_610_000, 0),
    ],
)
def test_what_a_region_handled_is_its_own_waste_here_and_elsewhere(
    more: list[Wire], region: str, handled: int, opening: int
) -> None:
    known = _known([*_hangzhou(), *more])
    first, last = _ordinal("2026-01-01"), _ordinal("2026-12-31")
    found = rate_of(known, region, first, last, RateFormula.OPENING_AND_GENERATED)
    assert (found.handled_g, found.opening_g, found.generated_g) == (handled, opening, 89_130_000)
    assert (found.formula, found.base_g) == (RateFormula.OPENING_AND_GENERATED, opening + 89_130_000)


def test_a_rate_takes_both_ends_of_its_span_in() -> None:
    known = _known([generated("A", SLUDGE, 1_000, at=day(1)), generated("B", SLUDGE, 2_000, at=day(2))])
    spans = [("2025-03-04", "2025-03-05"), ("2025-03-05", "2025-03-05"), ("2025-03-06", "2025-03-09")]
    found = [rate_of(known, "33", _ordinal(a), _ordinal(b), RateFormula.GENERATED) for a, b in spans]
    assert [(one.generated_g, one.opening_g) for one in found] == [
        (3_000_000, 0),
        (2_000_000, 1_000_000),
        (0, 3_000_000),
    ]


# Flows and months


def test_flows_of_months_make_a_matrix_of_cities() -> None:
    facts = [
        accepted(manifest_no(1), SLUDGE, 1_000, at=day(0)),
        accepted(manifest_no(2), SLUDGE, 2_000, destination="330602-KILN03", at=day(0)),
        accepted(manifest_no(3), SLUDGE, 4_000, destination=AWAY, at=day(40)),
        accepted(manifest_no(4), SLUDGE, 8_000, at=day(-40)),
    ]
    subjects = _known(facts)["HW17"]
    moved = flows(subjects, ["2025-03", "2025-04"])
    assert moved["3301", KILN] == 1_000_000
    assert matrix(moved) == {("3301", "3306"): 3_000_000, ("3301", "3201"): 4_000_000}


def test_months_go_back_over_the_year() -> None:
    assert months_back(date(2026, 2, 28), 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_need_by_month_is_net_and_of_a_city_counts_what_goes_on_to_others() -> None:
    facts = [
        generated("A", SLUDGE, 9_000, at=day(0)),
        treated(SLUDGE, 1_000, site=PLATER, own_waste=True, at=day(1)),
        accepted(manifest_no(1), SLUDGE, 3_000, at=day(2)),
        accepted(manifest_no(2), SLUDGE, 2_000, destination=AWAY, at=day(40)),
        accepted(manifest_no(3), SLUDGE, 500, origin=AWAY, at=day(40)),
    ]
    subjects = _known(facts)["HW17"]
    months = ["2025-02", "2025-03", "2025-04"]
    assert need_by_month(subjects, months, "33") == [0, 8_000_000, -1_500_000]
    assert need_by_month(subjects, months, "3301") == [0, 5_000_000, -2_000_000]
    assert need_by_month(subjects, months, "3306") == [0, 3_000_000, 500_000]


# Lines

MONTHS: Final = months_back(date(2026, 3, 3), 13)
TODAY: Final = _ordinal("2026-03-03")


def _line(facts: list[Wire]) -> Line:
    (found,) = lines_of(_known(facts), TODAY, MONTHS)
    return found


def _took(kg: int, at: int = 0, no: int = 1) -> Wire:
    return accepted(manifest_no(no), SLUDGE, kg, at=day(at or 100))


@pytest.mark.parametrize(
    ("kg", "permille", "idle"),
    [
        (0, 100, True),
        (0, 0, True),
        (999, 100, True),
        (1_000, 100, False),
        (1_001, 100, False),
        (1, 0, False),
    ],
)
def test_a_line_is_idle_that_took_nothing_or_less_than_a_share(kg: int, permille: int, idle: bool) -> None:
    took = [_took(kg)] if kg else []
    line = _line([licence_granted("L1", lines=[scope("HW17", tonnes=10)], at=day(0)), *took])
    assert line.is_idle(permille) is idle


@pytest.mark.parametrize(("valid_from", "idle"), [("2025-03-03", True), ("2025-03-04", False)])
def test_a_line_that_was_not_there_a_year_ago_is_not_idle(valid_from: str, idle: bool) -> None:
    granted = licence_granted("L1", lines=[scope("HW17", tonnes=10)], valid_from=valid_from, at=day(0))
    assert _line([granted]).is_idle(100) is idle


def test_what_came_before_the_first_of_the_month_a_year_ago_is_not_taken_now() -> None:
    granted = licence_granted("L1", lines=[scope("HW17", tonnes=10)], at=day(-99))
    line = _line([granted, _took(4_000, -3), _took(2_000, 1, 2), _took(1_000, 364, 3)])
    assert (line.taken_g, line.monthly_g[0], line.monthly_g[-1]) == (3_000_000, 2_000_000, 1_000_000)
    assert line.spare_g == 9_000_000


def test_a_shared_line_is_credited_with_all_its_categories_and_shown_once() -> None:
    granted = licence_granted("L1", lines=[scope("HW17", "HW22", tonnes=10)], at=day(0))
    copper = accepted(manifest_no(2), "304-001-22", 2_000, at=day(10))
    facts = [granted, _took(1_000), copper]
    known = {**_known(facts), **_known(facts, "HW22")}
    (line,) = lines_of(known, TODAY, MONTHS)
    assert (line.taken_g, line.number, line.holder, line.licence_no) == (3_000_000, 1, KILN, "L1")


@pytest.mark.parametrize(
    "wire",
    [
        licence_granted("L1", licence_type="collection", at=day(0)),
        licence_granted("L1", lines=[scope("HW17")], valid_until="2026-03-02", at=day(0)),
        licence_granted("L1", lines=[scope("HW17")], valid_from="2026-03-04", at=day(0)),
    ],
)
def test_only_what_disposes_of_waste_today_is_a_line(wire: Wire) -> None:
    assert lines_of(_known([wire]), TODAY, MONTHS) == []


def test_a_suspended_line_is_none() -> None:
    stop = licence_ended("L1", "suspended", "2026-03-03", categories=["HW17"], at=day(1))
    granted = licence_granted("L1", lines=[scope("HW17")], at=day(0))
    assert lines_of(_known([granted, stop]), TODAY, MONTHS) == []
    assert len(lines_of(_known([granted, stop]), TODAY - 1, MONTHS)) == 1


def test_capacity_added_in_a_year_is_today_less_a_year_ago() -> None:
    known = _known(
        [
            licence_granted("L1", lines=[scope("HW17", tonnes=10)], valid_from="2025-03-03", at=day(0)),
            licence_granted("L2", lines=[scope("HW17", tonnes=7)], valid_from="2025-03-04", at=day(0)),
            licence_changed("L1", "2025-09-01", lines=[scope("HW17", tonnes=9)], at=day(1)),
        ]
    )
    assert added_g(known, "HW17", TODAY) == 6_000_000
    assert added_g(known, "HW22", TODAY) == 0


def test_the_nearest_line_with_room_comes_first() -> None:
    facts = [
        licence_granted("L1", lines=[scope("HW17", tonnes=5)], holder=OTHER_KILN, at=day(0)),
        licence_granted("L2", lines=[scope("HW17", tonnes=9)], holder="330106-KILN07", at=day(0)),
        licence_granted("L3", lines=[scope("HW17", tonnes=2)], at=day(0)),
        licence_granted("L4", lines=[scope("HW08", tonnes=99)], at=day(0)),
        licence_granted("L5", lines=[scope("HW17", tonnes=1)], holder="330602-KILN03", at=day(0)),
        accepted(manifest_no(1), SLUDGE, 1_000, destination="330602-KILN03", at=day(100)),
    ]
    found = nearest(lines_of(_known(facts), TODAY, MONTHS), "HW17", "3306")
    assert [(near, line.licence_no, line.spare_g) for near, line in found] == [
        (0, "L3", 2_000_000),
        (1, "L2", 9_000_000),
        (1, "L1", 5_000_000),
    ]


def test_a_round_to_a_collector_is_a_movement_and_no_line_of_a_disposer() -> None:
    facts = [
        licence_granted("L1", lines=[scope("HW17", tonnes=5)], at=day(0)),
        collected(SLUDGE, 3_000, destination=COLLECTOR, at=day(100)),
    ]
    assert _line(facts).taken_g == 0


# Neighbours


def test_neighbours_border_on_each_other_and_are_provinces() -> None:
    provinces = {region.code[:2] for region in regions() if region.level == "province"}
    for province in provinces:
        assert neighbours(province) <= provinces - {province}
        assert all(province in neighbours(other) for other in neighbours(province))
        assert neighbours(province)
    assert neighbours("33") == {"31", "32", "34", "35", "36"}
    assert neighbours("99") == frozenset()


@pytest.mark.parametrize(
    ("other", "expected"), [("330604-KILN01", 0), ("330206", 1), ("320106", 2), ("440106", 3)]
)
def test_nearness_is_by_city_province_and_border(other: str, expected: int) -> None:
    assert nearness("3306", other) == expected
    assert nearness(other, "330602") == expected


# What is to come


def test_fewer_than_six_months_tell_nothing() -> None:
    assert forecast([5] * 5, 3) == []
    assert forecast([5] * 6, 3) == [Expected(5, 5, 5)] * 3


def test_within_two_years_the_mean_of_the_last_twelve_months_is_expected() -> None:
    months = [1_000, *[10, 20] * 6]
    # Mean 15; the sample variance is 12 x 25 / 11 = 27, whose root is 5.
    assert forecast(months, 1) == [Expected(5, 15, 25)]


def test_from_two_years_on_the_month_a_year_before_and_the_yearly_change_are() -> None:
    first = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200]
    second = [value + 12 for value in first]
    found = forecast([*first, *second], 13)
    assert found[0] == Expected(124, 124, 124)
    assert found[11] == Expected(1224, 1224, 1224)
    assert found[12] == Expected(136, 136, 136)
    second[0] += 22  # The changes are 34 and eleven times 12: mean 13, sample variance 40, root 6.
    assert forecast([*first, *second], 1) == [Expected(134 + 13 - 12, 147, 159)]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=6, max_size=40), st.integers(1, 24))
def test_what_is_expected_lies_within_its_interval(months: list[int], ahead: int) -> None:
    found = forecast(months, ahead)
    assert len(found) == ahead
    assert all(one.low_g <= one.mid_g <= one.high_g for one in found)


@pytest.mark.parametrize(
    ("left_g", "months", "expected"),
    [
        (0, [365] * 12, (date(2026, 6, 1), date(2026, 6, 1))),
        (1, [365] * 5, (None, None)),
        (12, [365] * 12, (date(2026, 6, 2), date(2026, 6, 2))),
        (13, [365] * 12, (date(2026, 6, 3), date(2026, 6, 3))),
        (12 * 213, [365] * 12, (date(2026, 12, 31), date(2026, 12, 31))),
        (12 * 213 + 1, [365] * 12, (None, None)),
        (12, [0] * 12, (None, None)),
    ],
)
def test_a_line_is_full_when_what_is_left_has_come(
    left_g: int, months: list[int], expected: tuple[Any, Any]
) -> None:
    assert full_between(date(2026, 6, 1), date(2026, 12, 31), left_g, months) == expected


def test_uneven_months_make_the_day_uncertain() -> None:
    earliest, latest = full_between(date(2026, 6, 1), date(2026, 12, 31), 1_000, [300, 430] * 6)
    assert earliest is not None
    assert latest is not None
    assert date(2026, 7, 1) < earliest < date(2026, 8, 23) < latest < date(2026, 11, 1)


# Stock to be cleared


@pytest.mark.parametrize(
    ("stock", "spare_g", "expected"),
    [
        ([], 3650, Clearing(0, 0, 10, 0, 0)),
        ([(0, 5), (-3, 5)], 3650, Clearing(10, 0, 10, 0, 1)),
        ([(3, 30)], 3650, Clearing(0, 30, 10, 0, 3)),
        ([(3, 31)], 3650, Clearing(0, 31, 10, 1, 4)),
        ([(3, 20), (-1, 15)], 3650, Clearing(15, 20, 10, 5, 4)),
        ([(1, 5), (9, 85)], 3650, Clearing(0, 90, 10, 0, 9)),
        ([(1, 5), (9, 86)], 3650, Clearing(0, 91, 10, 1, 10)),
        ([(3, 30)], 0, Clearing(0, 30, 0, 30, None)),
        ([(3, 30), (-1, 9)], -500, Clearing(9, 30, 0, 30, None)),
        ([], 0, Clearing(0, 0, 0, 0, 0)),
    ],
)
def test_stock_is_late_as_far_as_what_is_to_spare_does_not_take_it_by_its_day(
    stock: list[tuple[int, int]], spare_g: int, expected: Clearing
) -> None:
    assert clearing(stock, spare_g) == expected
