"""The law book: which of several policies holds, by scope, day and seq; held to a naive search of all that was recorded."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts.base import TemperatureClass, Weighing
from models.facts.law import LimitName, Unit
from models.facts.registers import LicenceType, SiteRole
from models.law import Case, Law
from tests.facts import KILN, Wire, day, instant
from tests.facts.law import campaign_opened, limit_set, price_floor_set, tolerance_set
from tests.laws import law_from, law_with

NAME = LimitName.TRANSIT_TERM
DAY = date(2025, 6, 15)
CASE = Case(
    "330604",
    SiteRole.FACILITY,
    "336-064-17",
    LicenceType.COMPREHENSIVE,
    TemperatureClass.WARM,
    KILN,
    Weighing.SCALE,
)
# From the most specific to the least; of two, the one that names the earlier wins.
DIMENSIONS: list[Wire] = [
    {"site": KILN},
    {"waste_code": "336-064-17"},
    {"temperature": "warm"},
    {"category": "HW17"},
    {"weighing": "scale"},
    {"licence_type": "comprehensive"},
    {"role": "facility"},
    {"region": "330604"},
    {"region": "3306"},
    {"region": "33"},
    {},
]


def hours(value: int, nth: int = 1, **more: Any) -> Wire:
    return limit_set(NAME, value, "hours", at=day(0), nth=nth, **more)


def value_of(law: Law, on: date = DAY, case: Case = CASE) -> int | None:
    found = law.limit(NAME, case, on)
    return None if found is None else found.value


PAIRS = list(combinations(range(len(DIMENSIONS)), 2))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_more_specific_scope_wins_whatever_was_recorded_or_begins_later(first: int, second: int) -> None:
    specific = hours(1, scope=DIMENSIONS[first])
    general = hours(2, scope=DIMENSIONS[second], effective_from="2025-06-01")
    assert value_of(law_from([specific, general])) == 1
    assert value_of(law_from([general, specific])) == 1


@pytest.mark.parametrize(("first", "second"), [pair for pair in PAIRS if pair[1] < 10])
def test_one_that_names_more_wins_over_either(first: int, second: int) -> None:
    both = hours(3, scope={**DIMENSIONS[second], **DIMENSIONS[first]})
    law = law_from(
        [both, hours(1, scope=DIMENSIONS[first], nth=2), hours(2, scope=DIMENSIONS[second], nth=3)]
    )
    if "region" in DIMENSIONS[first] and "region" in DIMENSIONS[second]:
        assert value_of(law) in {1, 3}  # A scope has one region: the longer is the same as both.
    else:
        assert value_of(law) == 3


OTHERS: list[tuple[str, Wire]] = [
    ("another site", {"site": "330604-KILN99"}),
    ("another code", {"waste_code": "336-062-17"}),
    ("another temperature", {"temperature": "cold"}),
    ("another category", {"category": "HW08"}),
    ("another weighing", {"weighing": "metered"}),
    ("another type of licence", {"licence_type": "collection"}),
    ("another role", {"role": "producer"}),
    ("another city", {"region": "3301"}),
    ("another county of the city", {"region": "330603"}),
    ("a code that is not of the category", {"waste_code": "336-064-17", "category": "HW08"}),
    ("a category that is not of the code", {"waste_code": "900-249-08", "category": "HW17"}),
]


@pytest.mark.parametrize("scope", [row[1] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_a_policy_of_another_scope_does_not_hold(scope: Wire) -> None:
    assert value_of(law_from([hours(1, scope=scope)])) is None


@pytest.mark.parametrize("scope", DIMENSIONS[:7])
def test_a_case_that_does_not_say_is_not_in_a_scope_that_names(scope: Wire) -> None:
    assert value_of(law_from([hours(1, scope=scope)]), case=Case("330604")) is None


def test_a_case_known_by_its_province_alone_is_in_no_citys_scope() -> None:
    law = law_from([hours(1, scope={"region": "3306"})])
    assert value_of(law, case=Case("33")) is None
    assert value_of(law, case=Case("3306")) == 1


PERIODS: list[tuple[str, list[Wire], dict[str, int | None]]] = [
    (
        "from its first day to its last",
        [hours(1, effective_from="2025-06-10", effective_until="2025-06-20")],
        {"2025-06-09": None, "2025-06-10": 1, "2025-06-20": 1, "2025-06-21": None},
    ),
    (
        "after its end the one it displaced holds again",
        [hours(1), hours(2, effective_from="2025-06-10", effective_until="2025-06-20")],
        {"2025-06-09": 1, "2025-06-10": 2, "2025-06-20": 2, "2025-06-21": 1},
    ),
    (
        "of two that overlap the one that began later",
        [hours(2, effective_from="2025-06-10"), hours(1, effective_from="2025-06-01", nth=2)],
        {"2025-05-31": None, "2025-06-01": 1, "2025-06-09": 1, "2025-06-10": 2},
    ),
    (
        "one that ends before it begins never holds",
        [hours(1), hours(2, effective_from="2025-06-10", effective_until="2025-06-09")],
        {"2025-06-08": 1, "2025-06-09": 1, "2025-06-10": 1, "2025-06-11": 1},
    ),
    (
        "one of a single day",
        [hours(1, effective_from="2025-06-10", effective_until="2025-06-10")],
        {"2025-06-09": None, "2025-06-10": 1, "2025-06-11": None},
    ),
    (
        "said again from the same day it takes the old one's place, its end too",
        [hours(1, effective_until="2025-06-09"), hours(2, nth=2)],
        {"2025-06-09": 2, "2025-06-10": 2},
    ),
    (
        "said again from the same day and ended, nothing of the old one is left",
        [hours(1), hours(2, nth=2, effective_until="2025-06-09")],
        {"2025-06-09": 2, "2025-06-10": None},
    ),
]


@pytest.mark.parametrize(("wires", "expected"), [p[1:] for p in PERIODS], ids=[p[0] for p in PERIODS])
def test_which_policy_holds_on_a_day(wires: list[Wire], expected: dict[str, int | None]) -> None:
    law = law_from(wires)
    assert {on: value_of(law, date.fromisoformat(on)) for on in expected} == expected


def test_the_later_recorded_breaks_a_tie_of_scopes_that_only_differ() -> None:
    one, other = hours(1, scope={"region": "3306"}), hours(2, scope={"region": "3306", "role": "facility"})
    assert value_of(law_from([other, one])) == 2
    same: dict[str, Any] = {"effective_from": "2025-01-01"}
    ended = hours(3, scope={"region": "3306"}, effective_until="2025-12-31", **same)
    assert value_of(law_from([ended, hours(4, scope={"region": "3306"}, nth=2, **same)])) == 4


def test_a_limit_meant_for_lots_already_stored_holds_for_days_before_it_where_they_are_asked_for() -> None:
    later = limit_set(
        NAME,
        9,
        "hours",
        at=day(0),
        effective_from="2025-07-01",
        effective_until="2025-07-31",
        applies_to_stored=True,
    )
    law = law_from([hours(1), later])
    assert value_of(law) == 1
    stored = law.limit(NAME, CASE, DAY, stored=True)
    assert stored is not None
    assert stored.value == 9
    after = law.limit(NAME, CASE, date(2025, 8, 1), stored=True)
    assert after is not None
    assert after.value == 1


def test_tolerances_floors_and_days_to_pay_hold_by_code_region_and_period() -> None:
    law = law_with(
        tolerance_set(5, scope={"waste_code": "336-064-17"}, effective_until="2025-06-30", at=day(0)),
        tolerance_set(50, scope={"region": "3306"}, at=day(0)),
        price_floor_set(
            2_500, scope={"region": "3306", "category": "HW17"}, effective_from="2025-06-01", at=day(0)
        ),
        limit_set("payment_term", 60, "days", scope={"region": "33"}, effective_from="2025-06-01", at=day(0)),
    )
    last, first = date(2025, 6, 30), date(2025, 7, 1)
    assert [law.tolerance_permille(CASE, on) for on in (last, first)] == [5, 50]
    assert law.tolerance_permille(Case("440100"), last) == 20
    assert [law.floor_fen_per_tonne(CASE, on) for on in (date(2025, 5, 31), date(2025, 6, 1))] == [
        100_000,
        250_000,
    ]
    assert law.floor_fen_per_tonne(Case("330604", waste_code="900-249-08"), last) is None
    terms = [law.limit(LimitName.PAYMENT_TERM, CASE, on) for on in (date(2025, 5, 31), date(2025, 6, 1))]
    assert [term.value for term in terms if term is not None] == [30, 60]


def test_where_no_policy_speaks_nothing_is_tolerated_and_nothing_limited() -> None:
    law = law_from([])
    assert law.tolerance_permille(CASE, DAY) == 0
    assert law.floor_fen_per_tonne(CASE, DAY) is None
    assert value_of(law) is None
    assert law.campaign(CASE, DAY) is None
    assert law.campaign(CASE, date(2025, 1, 1)) is None
    assert law_from([campaign_opened(at=day(0))]).campaign(CASE, date(2025, 1, 1)) is not None


def test_all_that_covers_a_case_is_told_with_the_winner_first() -> None:
    law = law_from(
        [hours(1), hours(2, scope={"region": "33"}), hours(3, scope={"region": "44"}), tolerance_set(7)]
    )
    held = law.in_force(CASE, DAY)
    assert [entry.seq for entry in held[NAME]] == [2, 1]
    assert len(held) == 2
    assert law.in_force(CASE, date(2019, 12, 31)) == {}


# Against a naive search

_SCOPES = [
    {},
    {"region": "33"},
    {"region": "3306"},
    {"role": "facility"},
    {"category": "HW17"},
    {"waste_code": "336-064-17"},
    {"role": "facility", "region": "33"},
    {"licence_type": "collection"},
    {"temperature": "warm"},
    {"site": KILN},
]
_ORDER = ("site", "waste_code", "temperature", "category", "weighing", "licence_type", "role")


@st.composite
def limits(draw: st.DrawFn) -> list[Wire]:
    found = []
    for nth in range(draw(st.integers(0, 12))):
        first = date(2025, 6, 1) + timedelta(draw(st.integers(0, 8)))
        until = draw(st.none() | st.integers(-1, 8))
        more: dict[str, Any] = {"applies_to_stored": draw(st.booleans())}
        if until is not None:
            more["effective_until"] = (first + timedelta(until)).isoformat()
        name = draw(st.sampled_from([NAME, LimitName.ACCEPTANCE_TERM]))
        found.append(
            limit_set(
                name,
                nth,
                "hours",
                scope=draw(st.sampled_from(_SCOPES)),
                effective_from=first.isoformat(),
                at=day(0),
                nth=nth,
                **more,
            )
        )
    return found


def naive(wires: list[Wire], name: LimitName, case: Case, on: date, *, stored: bool) -> int | None:
    """Look through everything in the order of recording; the best that covers the case and the day so far is kept."""
    best: tuple[tuple[Any, ...], int] | None = None
    for seq, wire in enumerate(wires):
        same = ("limit", "scope", "effective_from")
        if any(all(wire[key] == later[key] for key in same) for later in wires[seq + 1 :]):
            continue
        scope, first = wire["scope"], date.fromisoformat(wire["effective_from"])
        begun = first <= on or (stored and wire["applies_to_stored"])
        if (
            wire["limit"] != name
            or not begun
            or on > date.fromisoformat(wire.get("effective_until", "9999-12-31"))
        ):
            continue
        if not case.region.startswith(scope.get("region", "")):
            continue
        told = {**case._asdict(), "category": case.waste_code and f"HW{case.waste_code[-2:]}"}
        if any(told[key] != scope[key] for key in _ORDER if key in scope):
            continue
        rank = (*(key in scope for key in _ORDER), len(scope.get("region", "")), first, seq)
        if best is None or rank > best[0]:
            best = (rank, wire["value"])
    return None if best is None else best[1]


CASES = [
    CASE,
    Case("330604"),
    Case("330106", SiteRole.FACILITY),
    Case("440100", waste_code="336-064-17"),
    Case("330604", licence_type=LicenceType.COLLECTION),
    Case("33"),
]


@given(limits(), st.sampled_from(CASES), st.integers(-1, 18), st.booleans())
def test_a_lookup_is_what_a_naive_search_finds(
    wires: list[Wire], case: Case, offset: int, stored: bool
) -> None:
    law, on = law_from(wires), date(2025, 6, 1) + timedelta(offset)
    for name in (NAME, LimitName.ACCEPTANCE_TERM):
        found = law.limit(name, case, on, stored=stored)
        again = law.limit(name, case, on, stored=stored)
        assert found is again
        assert (None if found is None else found.value) == naive(wires, name, case, on, stored=stored)


@pytest.mark.parametrize(
    ("value", "unit", "start", "over_at"),
    [
        (72, "hours", "2025-06-15 09:30", "2025-06-18 09:30"),
        (30, "minutes", "2025-06-15 09:30", "2025-06-15 10:00"),
        (30, "days", "2025-06-15 00:00", "2025-07-16 00:00"),
        (30, "days", "2025-06-15 23:59", "2025-07-16 00:00"),
        (1, "years", "2024-02-29 12:00", "2025-03-01 00:00"),
        (1, "years", "2025-06-15 12:00", "2026-06-16 00:00"),
        (5, "working_days", "2025-09-30 12:00", "2025-10-15 00:00"),
    ],
)
def test_when_a_term_is_over(value: int, unit: str, start: str, over_at: str) -> None:
    name = LimitName.LONG_STOP_TERM if unit == "minutes" else NAME
    law = law_with(limit_set(name, value, unit, at=day(0)))
    limit = law.limit(name, CASE, date(2025, 6, 15))
    assert limit is not None
    assert limit.unit == Unit(unit)
    assert law.deadline(instant(start), limit) == instant(over_at)
    assert not law.is_provisional(instant(start), limit)
