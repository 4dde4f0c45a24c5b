"""Capacity: a province's need of a category against what is licensed, by day; a naive count beside it; case 9."""

from datetime import date
from random import Random
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.alerts import Finding
from models.envelope import Stated
from models.exact import beijing_date, beijing_midnight, format_instant
from rules import capacity
from rules.capacity_needs import IGNORED_G
from rules.forecast import full_day
from tests.facts import (
    HOSPITAL,
    KILN,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    Wire,
    accepted,
    again,
    collected,
    corrected,
    day,
    generated,
    instant,
    licence_changed,
    licence_ended,
    licence_granted,
    line,
    manifest_no,
    scope,
    treated,
)
from tests.laws import NO_LAW
from tests.rules.harness import Keeper, assert_order_is_nothing, judge_all, keep

KEY: Final = "33:HW17"
AWAY: Final = "320106-KILN09"
SHORT: Final = "capacity.shortage"


def _made(tonnes: int, at: int, site: str = PLATER, **more: Any) -> Wire:
    return generated(f"B{at}-{tonnes}", SLUDGE, tonnes * 1000, site=site, at=at, **more)


def _licence(tonnes: int, no: str = "L1", *categories: str, **more: Any) -> Wire:
    return licence_granted(no, lines=[scope(*(categories or ("HW17",)), tonnes=tonnes)], at=day(-400), **more)


def _found(facts: list[Any], at: Any, key: str = KEY) -> Finding | None:
    found = judge_all(capacity, key, facts, NO_LAW, at)
    assert len(found) <= 1
    return found[0] if found else None


def _balance(facts: list[Wire], at: int, key: str = KEY) -> dict[str, Any]:
    keeper: Keeper = keep(capacity, key, facts, NO_LAW)
    return capacity.balance(keeper.state().subjects, key, at)


def test_a_need_over_capacity_is_a_shortage_from_the_day_it_came_to_be() -> None:
    facts = [_licence(10), _made(8, day(0)), _made(3, day(5))]
    assert _found(facts[:2], day(4)) is None
    found = _found(facts, day(9))
    assert found is not None
    assert (found.since, found.until) == (day(5, 0), None)
    assert found.amounts == {
        "category": "HW17",
        "capacity_g": 10_000_000,
        "shared_g": 0,
        "need_permille": 1100,
    }
    assert found.site == "330000"


def test_it_ends_when_what_was_made_leaves_the_year_behind() -> None:
    found = _found([_licence(10), _made(8, day(0)), _made(3, day(5))], day(400))
    assert found is not None
    assert found.until == day(365, 0)


def test_own_treatment_on_the_spot_and_what_is_sent_out_are_no_need() -> None:
    acid: dict[str, Any] = {"code": "313-001-34"}
    facts = [
        licence_granted("L1", lines=[scope("HW34", tonnes=6_000)], at=day(-9)),
        generated("A", kg=120_000_000, at=day(0), **acid),
        treated(kg=110_000_000, site=PLATER, own_waste=True, at=day(0), **acid),
        accepted(kg=5_000_000, destination=AWAY, at=day(0), **acid),
    ]
    assert _found(facts, day(1), "33:HW34") is None
    balance = _balance(facts, day(1), "33:HW34")
    assert (balance["need_g"], balance["out_g"], balance["own_g"]) == (5 * 10**9, 5 * 10**9, 110 * 10**9)


def test_what_is_brought_in_and_residues_are_need() -> None:
    residue = {"lot": "R", "waste_code": SLUDGE, "mass_kg": "4000"}
    facts = [
        _licence(20),
        accepted(code=SLUDGE, kg=7_000, origin=AWAY, at=day(0)),
        treated("900-249-08", 9_000, residues=[residue], at=day(0)),
    ]
    assert _balance(facts, day(0))["need_g"] == 11_000_000


def test_what_is_brought_into_a_province_without_any_licence_stated_is_no_need_of_it() -> None:
    took = accepted(code=SLUDGE, kg=7_000, destination=AWAY, at=day(0))
    assert _found([took], day(1), "32:HW17") is None
    assert _found([took, _licence(5, holder=AWAY)], day(1), "32:HW17") is not None


def test_treating_what_others_made_is_no_own_treatment() -> None:
    assert _balance([_made(5, day(0)), treated(SLUDGE, 5_000, at=day(1))], day(1))["need_g"] == 5_000_000


def test_a_move_within_the_province_changes_cities_and_not_the_whole() -> None:
    facts = [_made(5, day(0)), accepted(code=SLUDGE, kg=2_000, at=day(1))]
    balance = _balance(facts, day(1))
    assert balance["need_g"] == 5_000_000
    assert {city["city"]: city["need_g"] for city in balance["cities"]} == {
        "3301": 3_000_000,
        "3306": 2_000_000,
    }


def test_a_round_is_a_transfer_too() -> None:
    facts = [collected(SLUDGE, 2_000, origin=HOSPITAL, destination=AWAY, at=day(0)), _made(5, day(0))]
    assert _balance(facts, day(0))["need_g"] == 3_000_000


def test_an_acceptance_said_twice_counts_once_and_other_content_counts_too() -> None:
    took = accepted(code=SLUDGE, kg=2_000, destination=AWAY, at=day(0))
    other = accepted(code=SLUDGE, kg=1_000, destination=AWAY, at=day(0))
    assert _balance([_made(9, day(0)), took, again(took)], day(0))["out_g"] == 2_000_000
    assert _balance([_made(9, day(0)), took, other], day(0))["out_g"] == 3_000_000


def test_a_rounds_manifest_that_is_accepted_counts_by_its_acceptance() -> None:
    no = manifest_no(3)
    stop = collected(SLUDGE, 2_000, origin=HOSPITAL, destination=AWAY, manifest_no=no, at=day(0))
    whole = accepted(no, SLUDGE, 2_100, origin=HOSPITAL, destination=AWAY, at=day(0))
    assert _balance([stop, whole], day(0))["out_g"] == 2_100_000


@pytest.mark.parametrize("licence_type", ["collection", "transport"])
def test_a_licence_that_disposes_of_nothing_is_no_capacity(licence_type: str) -> None:
    facts = [_licence(10, licence_type=licence_type), _made(3, day(0))]
    found = _found(facts, day(0))
    assert found is not None
    assert found.amounts == {"category": "HW17", "capacity_g": 0, "shared_g": 0, "need_g": 3_000_000}


def test_a_line_shared_by_two_categories_counts_once_in_each_and_is_shown_as_shared() -> None:
    facts = [_licence(20, "L1", "HW17", "HW22"), _licence(5, "L2"), _made(26, day(0))]
    found = _found(facts, day(0))
    assert found is not None
    assert (found.amounts["capacity_g"], found.amounts["shared_g"]) == (25_000_000, 20_000_000)
    assert found.amounts["need_permille"] == 1040


def test_a_suspended_licence_is_no_capacity_until_it_is_resumed() -> None:
    facts = [
        _licence(10),
        _made(8, day(0)),
        licence_ended("L1", "suspended", "2025-03-10", categories=["HW17"], at=day(1)),
        licence_ended("L1", "resumed", "2025-03-20", categories=["HW17"], at=day(9)),
    ]
    found = _found(facts[:3], "2025-03-15")
    assert found is not None
    assert found.since == instant("2025-03-10")
    ended = _found(facts, "2025-04-01")
    assert ended is not None
    assert ended.until == instant("2025-03-20")


def test_capacity_ends_with_the_last_day_of_a_licence_and_changes_with_its_terms() -> None:
    lapses = _licence(10, valid_until="2025-03-31")
    found = _found([lapses, _made(8, day(0))], "2025-04-02")
    assert found is not None
    assert found.since == instant("2025-04-01")
    less = licence_changed("L1", "2025-03-20", lines=[scope("HW17", tonnes=5)], at=day(3))
    found = _found([_licence(10), _made(8, day(0)), less], "2025-04-02")
    assert found is not None
    assert found.since == instant("2025-03-20")


def test_a_need_of_a_tonne_is_no_shortage_though_nobody_is_licensed() -> None:
    assert _found([_made(1, day(0))], day(0)) is None
    assert _found([_made(1, day(0)), _made(1, day(1))], day(1)) is not None


def test_a_finding_changes_once_a_percent() -> None:
    facts = [_licence(10_000), _made(10_510, day(0))]
    first = _found(facts, day(1))
    assert _found([*facts, _made(80, day(1))], day(1)) == first
    other = _found([*facts, _made(95, day(1))], day(1))
    assert other is not None
    assert other.amounts["need_permille"] == 1070


def test_silence_is_not_asked_for_where_it_can_bring_nothing() -> None:
    state = keep(capacity, KEY, [_licence(10), _made(8, day(0))], NO_LAW).state()
    assert capacity.next_change(state, "province", NO_LAW, day(0)) is not None  # The licence ends in 2028.
    forever = _licence(10, valid_until="2199-12-31")
    short = keep(capacity, KEY, [forever, _made(12, day(0))], NO_LAW).state()
    assert capacity.next_change(short, "province", NO_LAW, day(0)) == day(365, 0)


# A naive count of every day


def _naive(facts: list[Stated], until: date) -> dict[str, Any] | None:
    """The shortage of a day, or the last one before it, by counting each day anew."""
    start = min(beijing_date(stated.occurred_at) for stated in facts).toordinal()
    last: dict[str, Any] | None = None
    for ordinal in range(start, until.toordinal() + 1):
        need_g = _naive_need(facts, ordinal)
        room_g = _naive_capacity(facts, date.fromordinal(ordinal))
        if need_g > room_g and need_g > IGNORED_G:
            runs = last is not None and last["until"] == ordinal
            last = {"since": last["since"] if runs and last else ordinal, "until": ordinal + 1}
    return last


def _naive_need(facts: list[Stated], ordinal: int) -> int:
    need_g = 0
    seen = set()
    is_licensed = any(stated.kind.startswith("licence-") for stated in facts)
    for stated in facts:
        body: Any = stated.body
        if stated.kind == "receipt-accepted.v1":
            said = (body.manifest_no, body.origin, body.destination, *(line.mass_g for line in body.lines))
            if said in seen:
                continue  # Counted on the day it was said first, even where that has left the year behind.
            seen.add(said)
        if not ordinal - 365 < beijing_date(stated.occurred_at).toordinal() <= ordinal:
            continue
        if stated.kind == "waste-generated.v1":
            need_g += body.mass_g if body.waste_code == SLUDGE else 0
        elif stated.kind == "waste-treated.v1":
            need_g += sum(new.mass_g for new in body.residues if new.waste_code == SLUDGE)
            need_g -= (
                sum(said.mass_g for said in body.lines if said.waste_code == SLUDGE) if body.own_waste else 0
            )
        elif stated.kind == "receipt-accepted.v1":
            mass_g = sum(one.mass_g for one in body.lines if one.waste_code == SLUDGE)
            comes = is_licensed and body.origin[:2] != "33"
            need_g += mass_g * (comes - (body.destination[:2] != "33"))
    return need_g


def _naive_capacity(facts: list[Stated], today: date) -> int:
    sums = 0
    for stated in facts:
        body: Any = stated.body
        if stated.kind != "licence-granted.v1" or not body.valid_from <= today <= body.valid_until:
            continue
        stops = [
            (other.body.effective_from, other.order, other.body.ending)  # type: ignore[union-attr]
            for other in facts
            if other.kind == "licence-ended.v1"
            and other.body.licence_no == body.licence_no  # type: ignore[union-attr]
            and body.valid_from <= other.body.effective_from <= today  # type: ignore[union-attr]
        ]
        if not stops or max(stops)[2] == "resumed":
            sums += sum(row.yearly_g for row in body.lines)
    return sums


class _Chance:
    """Log books of one key drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def book(self, length: int) -> list[Wire]:
        facts = [self._fact(number) for number in range(length)]
        facts.sort(key=lambda wire: str(wire["occurred_at"]))
        for wire in list(facts):
            if self.random.random() < 0.2:
                moved = day(self.random.choice((0, 3, 100, 370)), self.random.randrange(24))
                facts.append(
                    corrected(wire, day(500), withdrawn=True)
                    if self.random.random() < 0.4
                    else corrected(wire, day(500), occurred_at=format_instant(moved))
                )
        return facts

    def _fact(self, number: int) -> Wire:
        at = day(
            self.random.choice((0, 1, 2, 40, 300, 364, 365, 366, 420)), self.random.randrange(24), number
        )
        kg = self.random.choice((500, 2_000, 5_000))
        choice = self.random.randrange(7)
        if choice < 3:
            return generated(f"B{number}", SLUDGE, kg, at=at)
        if choice == 3:
            residues = [
                {"lot": f"R{number}", "waste_code": SLUDGE, "mass_kg": "1500"}
            ] * self.random.randrange(2)
            own = self.random.random() < 0.5
            return treated(SLUDGE, kg, own_waste=own, residues=residues, at=at)
        if choice == 4:
            ends = self.random.choice(
                ({"destination": AWAY}, {"origin": AWAY}, {"destination": KILN}, {"destination": OTHER_KILN})
            )
            return accepted(manifest_no(self.random.randrange(1, 4)), lines=[line(SLUDGE, kg)], at=at, **ends)
        if choice == 5:
            first = self.random.choice(("2025-01-01", "2025-03-04", "2026-01-01"))
            last = self.random.choice(("2025-03-31", "2026-04-01", "2028-01-01"))
            lines = [scope("HW17", tonnes=self.random.choice((2, 6)))]
            return licence_granted(f"L{number}", lines=lines, valid_from=first, valid_until=last, at=at)
        return licence_ended(
            f"L{self.random.randrange(number + 1)}",
            self.random.choice(("suspended", "resumed")),
            self.random.choice(("2025-03-05", "2025-09-01", "2026-02-01")),
            categories=["HW17"],
            at=at,
        )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 14))
def test_any_order_of_arrival_with_corrections_ends_as_the_refold(seed: int, length: int) -> None:
    assert_order_is_nothing(capacity, KEY, _Chance(seed).book(length), NO_LAW, seed)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 12))
@example(seed=81403997, length=11)  # The same acceptance said again after a year.
def test_shortages_are_those_of_the_naive_count(seed: int, length: int) -> None:
    keeper = keep(capacity, KEY, _Chance(seed).book(length), NO_LAW)
    facts = keeper.book.facts(capacity.CONCERN, KEY)
    for at in (day(0, 23), day(41), day(366), day(450), day(800)):
        if not facts:
            assert keeper.findings(at) == []
            continue
        expected = _naive(facts, beijing_date(at))
        found = keeper.findings(at)
        assert bool(found) == (expected is not None)
        if expected is not None:
            today = beijing_date(at).toordinal()
            assert found[0].since == beijing_midnight(date.fromordinal(expected["since"]))
            ends = (
                beijing_midnight(date.fromordinal(expected["until"])) if expected["until"] <= today else None
            )
            assert found[0].until == ends


# Forecast


@pytest.mark.parametrize(
    ("today", "taken_g", "expected"),
    [
        (date(2025, 6, 29), 900, date(2025, 7, 19)),
        (date(2025, 6, 29), 1_000, date(2025, 6, 29)),
        (date(2025, 6, 29), 1_500, date(2025, 6, 29)),
        (date(2025, 6, 29), 400, None),
        (date(2025, 1, 1), 0, None),
        (date(2025, 1, 1), 1, None),
        (date(2025, 1, 1), 100, date(2025, 1, 10)),
    ],
)
def test_a_facility_is_full_on_the_day_that_the_rate_so_far_says(
    today: date, taken_g: int, expected: date | None
) -> None:
    assert full_day(date(2025, 1, 1), today, taken_g, 1_000) == expected


def test_a_forecast_for_a_day_before_the_year_is_refused() -> None:
    with pytest.raises(ValueError, match="before the year"):
        full_day(date(2025, 1, 1), date(2024, 12, 31), 1, 10)
