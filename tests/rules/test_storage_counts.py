"""Stock-takes against the books, and opening stock whose age is not known."""

from typing import Any

import pytest

from models.exact import format_instant
from tests.facts import (
    INFECTIOUS,
    OIL,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    again,
    counted,
    day,
    departed,
    generated,
    limit_set,
    repacked,
    stock_taken,
    stored,
)
from tests.laws import NO_LAW, law_with
from tests.rules.stock import balance, found, left, lot_of

DIFFERS, UNKNOWN, OVER = "storage.count_differs", "storage.age_unknown", "storage.over_limit"
OIL_COUNT = f"counted:{OIL}"


def _since(at: int) -> dict[str, Any]:
    return {"stored_since": format_instant(at)}


# Counts


@pytest.mark.parametrize(
    ("kg", "differs"),
    [("100", 0), ("102", 0), ("102.001", 2_001), ("98", 0), ("97.999", -2_001), ("0", -100_000)],
)
def test_a_count_may_differ_by_two_percent_of_the_books(kg: str, differs: int) -> None:
    facts = [stored("A", kg=100, at=day(0)), stock_taken([counted(kg=kg)], at=day(1))]
    finding = found(facts, day(2)).get((DIFFERS, OIL_COUNT))
    assert (finding.amounts["difference_g"] if finding else 0) == differs
    assert balance(facts) == int(float(kg) * 1000)


def test_a_count_that_differs_says_what_was_counted_and_expected_until_one_agrees() -> None:
    facts = [stored("A", kg=100, at=day(0)), stock_taken([counted(kg=90)], at=day(5))]
    finding = found(facts, day(6))[DIFFERS, OIL_COUNT]
    assert (finding.since, finding.until, finding.parties) == (day(5), None, (PRODUCER_ORG,))
    assert finding.amounts == {
        "waste_code": OIL,
        "counted_g": 90_000,
        "expected_g": 100_000,
        "difference_g": -10_000,
        "counted_at": day(5),
    }
    again_wrong = [*facts, stock_taken([counted(kg=50)], at=day(7))]
    later = found(again_wrong, day(8))[DIFFERS, OIL_COUNT]
    assert (later.since, later.until, later.amounts["expected_g"]) == (day(5), None, 90_000)
    agreed = [
        *again_wrong,
        stock_taken([counted(kg=50)], at=day(9)),
        stock_taken([counted(kg=50)], at=day(20)),
    ]
    ended = found(agreed, day(30))[DIFFERS, OIL_COUNT]
    assert (ended.since, ended.until, ended.amounts["counted_g"]) == (day(5), day(9), 50_000)


def test_lots_and_the_rest_of_a_code_are_compared_together() -> None:
    facts = [
        stored("A", kg=100, at=day(0)),
        stored("B", kg=50, at=day(0)),
        stock_taken([counted(kg=97, lot="A"), counted(kg=50)], at=day(1)),
    ]
    assert found(facts, day(2)) == {}
    only_a = [*facts[:2], stock_taken([counted(kg=97, lot="A")], at=day(1))]
    assert found(only_a, day(2))[DIFFERS, OIL_COUNT].amounts["expected_g"] == 100_000


def test_what_is_owed_is_expected_less() -> None:
    facts = [departed(kg=5, at=day(0)), stock_taken([counted(kg=0)], at=day(1))]
    assert found(facts, day(2))[DIFFERS, OIL_COUNT].amounts["expected_g"] == -5_000


def test_a_place_is_compared_with_what_is_known_to_be_there_and_settled_by_itself_or_by_all() -> None:
    facts = [
        stored("A", kg=100, place="P1", at=day(0)),
        stored("B", kg=50, place="P2", at=day(0)),
        stock_taken([counted(kg=80)], place="P1", at=day(1)),
    ]
    finding = found(facts, day(2))[DIFFERS, OIL_COUNT]
    assert (finding.amounts["expected_g"], finding.amounts["place"]) == (100_000, "P1")
    other = [*facts, stock_taken([counted(kg=50)], place="P2", at=day(2))]
    assert found(other, day(3))[DIFFERS, OIL_COUNT].until is None
    whole = [*other, stock_taken([counted(kg=130)], at=day(3))]
    assert found(whole, day(4))[DIFFERS, OIL_COUNT].until == day(3)
    same = [*other, stock_taken([counted(kg=80)], place="P1", at=day(3))]
    assert found(same, day(4))[DIFFERS, OIL_COUNT].until == day(3)


def test_two_places_that_differ_are_added_up() -> None:
    facts = [
        stored("A", kg=100, place="P1", at=day(0)),
        stored("B", kg=50, place="P2", at=day(0)),
        stock_taken([counted(kg=80)], place="P1", at=day(1)),
        stock_taken([counted(kg=60)], place="P2", at=day(2)),
    ]
    amounts = found(facts, day(3))[DIFFERS, OIL_COUNT].amounts
    assert (amounts["counted_g"], amounts["expected_g"], amounts["counted_at"]) == (140_000, 150_000, day(2))
    assert "place" not in amounts


def test_what_is_stated_late_makes_a_count_agree() -> None:
    facts: list[Any] = [
        stored("A", kg=100, at=day(0)),
        stock_taken([counted(kg=120)], at=day(5)),
        (generated("B", kg=20, at=day(2)), day(6)),
    ]
    assert found(facts, day(7)) == {}
    assert left([wire if isinstance(wire, dict) else wire[0] for wire in facts]) == {
        "A": 100_000,
        "B": 20_000,
    }


def test_bags_that_were_never_weighed_tell_nothing_of_a_count() -> None:
    facts = [
        generated("BAG", INFECTIOUS, None, pieces=3, at=day(0)),
        stock_taken([counted(INFECTIOUS, 12, lot="BAG")], at=day(1)),
    ]
    assert not {kind for kind, _ in found(facts, day(1))}


def test_the_tolerance_of_counts_is_a_policy_by_code() -> None:
    facts = [stored("A", kg=100, at=day(0)), stock_taken([counted(kg=90)], at=day(1))]
    wide = law_with(limit_set("stock_tolerance", 100, "permille", scope={"category": "HW08"}))
    assert found(facts, day(2), law=wide) == {}
    other = law_with(limit_set("stock_tolerance", 100, "permille", scope={"category": "HW17"}))
    assert (DIFFERS, OIL_COUNT) in found(facts, day(2), law=other)
    assert found(facts, day(2), law=NO_LAW) == {}


# Opening stock


def test_opening_stock_without_a_date_is_of_unknown_age_until_it_is_declared() -> None:
    facts = [stored("A", kg=100, opening=True, at=day(0))]
    finding = found(facts, day(1))[UNKNOWN, "lot:A"]
    assert (finding.since, finding.until, finding.amounts["mass_g"]) == (day(0), None, 100_000)
    assert finding.parties == (PRODUCER_ORG,)
    declared = [*facts, stored("A", kg=100, opening=True, at=day(10), **_since(day(-200)))]
    assert found(declared, day(11))[UNKNOWN, "lot:A"].until == day(10)
    assert left(declared) == {"A": 100_000}
    assert found(declared, day(170))[OVER, "lot:A"].amounts["stored_at"] == day(-200)


def test_declared_opening_stock_has_its_own_clock_and_is_over_from_its_statement() -> None:
    facts = [stored("A", kg=100, opening=True, at=day(0), **_since(day(-400)))]
    found_now = found(facts, day(0))
    assert set(found_now) == {(OVER, "lot:A")}
    assert (found_now[OVER, "lot:A"].since, found_now[OVER, "lot:A"].amounts["limit_at"]) == (
        day(0),
        day(-33, 0),
    )


def test_a_count_declares_a_date_too_and_a_younger_one_makes_nothing_younger() -> None:
    facts = [
        stored("A", kg=100, opening=True, at=day(0)),
        stock_taken([counted(kg=100, lot="A", **_since(day(5)))], at=day(10)),
    ]
    assert found(facts, day(11))[UNKNOWN, "lot:A"].until == day(10)
    assert lot_of(facts, "A").since == day(0)


def test_opening_stock_is_there_once_whatever_else_is_said_of_it() -> None:
    opened = stored("A", kg=100, opening=True, at=day(1))
    made, kept = generated("A", kg=100, at=day(0)), stored("A", kg=100, at=day(0, 12))
    for facts in ([opened], [made, opened], [made, kept, opened], [opened, again(opened)]):
        assert left(facts) == {"A": 100_000}
    later = [opened, generated("A", kg=100, at=day(2)), stored("A", kg=100, at=day(3))]
    assert left(later) == {"A": 100_000}
    assert left([generated("A", kg=60, at=day(0)), opened]) == {"A": 100_000}
    assert found([made, opened], day(2)) == {}


def test_opening_stock_said_again_after_some_left_does_not_come_back() -> None:
    facts = [stored("A", kg=100, opening=True, at=day(0)), departed(kg=40, lot="A", at=day(1))]
    assert left([*facts, stored("A", kg=100, opening=True, at=day(2), **_since(day(-9)))]) == {"A": 60_000}


def test_what_left_is_of_unknown_age_no_more() -> None:
    facts = [stored("A", kg=100, opening=True, at=day(0)), departed(kg=100, lot="A", at=day(4))]
    assert found(facts, day(5))[UNKNOWN, "lot:A"].until == day(4)
    refilled = [*facts, stored("A", kg=10, at=day(6))]
    assert found(refilled, day(7))[UNKNOWN, "lot:A"].until == day(4)


@pytest.mark.parametrize(
    "renamed",
    [stored("N", kg=100, parents=["A"], at=day(2)), repacked({"A": 100}, {"N": 100}, at=day(2))],
)
def test_relabelling_makes_no_age_known(renamed: Wire) -> None:
    facts = [stored("A", kg=100, opening=True, at=day(0)), renamed]
    unknown = found(facts, day(3))
    assert (unknown[UNKNOWN, "lot:N"].since, unknown[UNKNOWN, "lot:N"].until) == (day(2), None)
    assert unknown[UNKNOWN, "lot:A"].until == day(2)


def test_an_opening_stock_take_differs_from_nothing_and_its_lots_are_of_unknown_age() -> None:
    dated = counted(SLUDGE, 50, lot="S", **_since(day(-30)))
    facts = [stock_taken([counted(kg=100), counted(kg=20, lot="B"), dated], opening=True, at=day(0))]
    assert set(found(facts, day(1))) == {(UNKNOWN, "lot:stock-take-1-1"), (UNKNOWN, "lot:B")}
    assert lot_of(facts, "S").since == day(-30)
    known = [stored("B", kg=20, at=day(-5)), facts[0]]
    assert (UNKNOWN, "lot:B") not in found(known, day(1))
