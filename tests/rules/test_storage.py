"""Storage: how long lots may stay, first in first out, and books below zero; cases of DOMAIN 11 among them."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import storage
from rules.storage_subjects import Lot, Stock
from tests.facts import (
    COLLECTOR,
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    again,
    collected,
    counted,
    day,
    departed,
    extension_granted,
    generated,
    instant,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    released,
    repacked,
    returned,
    scope,
    site_registered,
    stock_taken,
    stored,
    treated,
)
from tests.facts import state as stated
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.books_storage import MATTER_KINDS, Chance
from tests.rules.harness import assert_order_is_nothing, judge_all
from tests.rules.oracle_storage import Books
from tests.rules.stock import balance as _balance
from tests.rules.stock import found as _found
from tests.rules.stock import kept as _kept
from tests.rules.stock import left as _left

LAW = law_with()
TIGHT = law_with(limit_set("point_mass", 11, "kilograms"))
DUE, OVER, BELOW = "storage.due_soon", "storage.over_limit", "storage.below_zero"


# The term


def test_a_lot_is_due_soon_thirty_days_before_its_last_day_and_over_after_it() -> None:
    facts = [stored("B", at="2025-03-03 16:00")]
    assert _found(facts, "2026-01-31 23:59") == {}
    due = _found(facts, "2026-02-01")
    assert set(due) == {(DUE, "lot:B")}
    assert due[DUE, "lot:B"].until is None
    over = _found(facts, "2026-03-04")
    assert over[DUE, "lot:B"].until == over[OVER, "lot:B"].since == instant("2026-03-04 00:00")
    assert _found(facts, "2026-03-03 23:59").keys() == due.keys()


def test_an_over_term_lot_says_how_much_is_left_since_when_and_on_what_ground() -> None:
    finding = _found([stored("B", kg=180, at=day(0)), departed(kg=80, at=day(20))], day(400))[OVER, "lot:B"]
    assert finding.amounts == {
        "lot": "B",
        "waste_code": OIL,
        "mass_g": 100_000,
        "stored_g": 180_000,
        "stored_at": day(0),
        "limit_at": finding.since,
    }
    assert finding.site == PLATER
    assert finding.parties == (PRODUCER_ORG,)
    assert finding.basis


def test_a_producer_is_not_held_to_the_duty_of_licence_holders_and_a_facility_is() -> None:
    producer = _found([stored("B", at=day(0))], day(400))[OVER, "lot:B"]
    facts = [site_registered(KILN, "facility", at=day(0)), accepted(at=day(1))]
    facility = _found(facts, day(400), KILN)[OVER, "lot:20253301000001/1"]
    assert "duty" not in producer.amounts
    assert facility.amounts["duty"] == "duty.storage_one_year"


def test_the_twenty_ninth_of_february_is_over_after_the_twenty_eighth() -> None:
    facts = [stored("B", at="2024-02-29 10:00")]
    assert _found(facts, "2025-03-02")[OVER, "lot:B"].since == instant("2025-03-01 00:00")


def test_relabelled_sludge_keeps_its_clock_and_the_new_sludge_beside_it_has_its_own() -> None:
    facts = [
        generated("OLD", SLUDGE, 12_400, at="2025-11-20 10:00"),
        stored("NEW", SLUDGE, 12_400, parents=["OLD"], at="2026-11-10 10:00"),
        generated("FRESH", SLUDGE, 3_000, at="2026-11-10 11:00"),
    ]
    assert set(_found(facts[:1], "2026-10-21")) == {(DUE, "lot:OLD")}
    found = _found(facts, "2026-11-21")
    assert {kind for kind, subject in found if subject == "lot:FRESH"} == set()
    over = found[OVER, "lot:NEW"]
    assert over.since == instant("2026-11-21 00:00")
    assert over.amounts["stored_at"] == instant("2025-11-20 10:00")
    shipped = departed("20263301000009", SLUDGE, 12_400, lot="NEW", at="2026-11-25 09:00")
    assert _found([*facts, shipped], "2026-12-01")[OVER, "lot:NEW"].until == instant("2026-11-25 09:00")


def test_an_extension_recorded_late_ends_what_it_would_have_prevented() -> None:
    facts: list[Any] = [
        site_registered(KILN, "facility", at="2025-01-01"),
        stored("B", kg=40_000, site=KILN, at="2025-06-01 10:00"),
    ]
    assert set(_found(facts, "2026-06-02", KILN)) == {(DUE, "lot:B"), (OVER, "lot:B")}
    late = extension_granted("2026-12-01", site=KILN, at="2026-05-20 10:00")
    facts.append((late, "2026-07-01 10:00"))
    found = _found(facts, "2026-10-31", KILN)
    assert set(found) == {(DUE, "lot:B")}
    assert (found[DUE, "lot:B"].since, found[DUE, "lot:B"].until) == (
        instant("2026-05-02 00:00"),
        instant("2026-05-20 10:00"),
    )
    assert _found(facts, "2026-11-01", KILN)[DUE, "lot:B"].since == instant("2026-11-01 00:00")
    assert _found(facts, "2026-12-02", KILN)[OVER, "lot:B"].since == instant("2026-12-02 00:00")


def test_an_extension_granted_too_late_leaves_what_was_over_until_then() -> None:
    facts = [stored("B", at=day(0)), extension_granted("2026-09-01", lot="B", at=day(380))]
    over = _found(facts, day(385))[OVER, "lot:B"]
    assert (over.since, over.until) == (day(366, 0), day(380))


@pytest.mark.parametrize("what", [{"lot": "OTHER"}, {"code": SLUDGE}, {"site": KILN}])
def test_an_extension_of_something_else_moves_nothing(what: dict[str, str]) -> None:
    facts = [stored("B", at=day(0)), extension_granted("2026-09-01", at=day(300), **what)]
    assert (OVER, "lot:B") in _found(facts, day(370))


def test_a_collection_licence_has_ninety_working_days_for_what_it_covers_and_no_more() -> None:
    licence = licence_granted(
        "C1", lines=[scope("HW08")], holder=COLLECTOR, licence_type="collection", at=day(0)
    )
    facts = [
        site_registered(COLLECTOR, "collector", at=day(0)),
        licence,
        stored("OIL", OIL, site=COLLECTOR, at=day(1)),
        stored("PILOT", "900-047-49", site=COLLECTOR, at=day(1)),
    ]
    found = _found(facts, day(200), COLLECTOR)
    assert {subject for kind, subject in found if kind == OVER} == {"lot:OIL"}
    assert found[OVER, "lot:OIL"].since == default_law().calendar.overdue_after(day(1), 90)
    ended = licence_ended("C1", "suspended", "2025-03-10", holder=COLLECTOR, at=day(5))
    assert (OVER, "lot:OIL") in _found([*facts, ended], day(200), COLLECTOR)


def test_medical_waste_at_a_hospital_has_48_hours_from_the_earlier_of_making_and_storing() -> None:
    facts = [
        site_registered(HOSPITAL, "health-facility", at=day(0)),
        generated("BAG", INFECTIOUS, None, pieces=3, site=HOSPITAL, at=day(1, 9)),
        stored("BAG", INFECTIOUS, 12, site=HOSPITAL, at=day(1, 15)),
    ]
    assert _found(facts, day(3, 9) - 1, HOSPITAL) == {}
    found = _found(facts, day(3, 9), HOSPITAL)
    assert found[OVER, "lot:BAG"].since == day(3, 9)
    assert found.keys() == {(OVER, "lot:BAG")}


def test_an_unregistered_site_is_a_producer_and_one_with_a_licence_a_facility() -> None:
    granted = licence_granted(holder=KILN, at=day(0))
    found = _found([granted, stored("B", site=KILN, at=day(1))], day(400), KILN)
    assert found[OVER, "lot:B"].amounts["duty"] == "duty.storage_one_year"


def test_a_registration_reaches_what_is_in_store_and_not_what_left_before_it() -> None:
    law = law_with(limit_set("storage_term", 100, "days", scope={"role": "collector"}))
    facts = [
        stored("GONE", at=day(0)),
        departed(lot="GONE", at=day(150)),
        stored("HERE", at=day(0)),
        site_registered(PLATER, "collector", at=day(160)),
    ]
    found = judge_all(storage, PLATER, facts, law, day(170))
    assert [(f.kind, f.subject) for f in found if f.kind == OVER] == [(OVER, "lot:HERE")]


def test_without_a_policy_nothing_is_found() -> None:
    assert judge_all(storage, PLATER, [stored("B", at=day(0))], NO_LAW, day(900)) == []


# What is in store


def test_generation_and_storage_of_one_batch_count_once_in_either_order() -> None:
    made, kept = generated("B", kg=10, at=day(0)), stored("B", kg=10, at=day(1))
    assert _left([made, kept]) == _left([kept, made]) == {"B": 10_000}
    first = _kept([kept, made]).state().subjects["lot:B"]
    assert isinstance(first, Lot)
    assert first.since == day(0)


def test_a_batch_stored_in_parts_is_no_more_than_what_was_made() -> None:
    facts = [generated("B", kg=10, at=day(0)), stored("B", kg=4, at=day(1)), stored("B", kg=6, at=day(2))]
    assert _left(facts) == {"B": 10_000}


def test_the_chain_of_batches_from_making_to_leaving_holds_the_matter_once() -> None:
    facts = [
        generated("CS", kg=10, at=day(0)),
        stored("RK", kg=10, parents=["CS"], at=day(1)),
        released("CK", kg=10, parents=["RK"], at=day(2)),
    ]
    assert _left(facts) == {"CK": 10_000}
    assert _left([*facts, departed(kg=10, lot="CK", at=day(3))]) == {}
    assert _balance([*facts, departed(kg=10, lot="CK", at=day(3))]) == 0


def test_a_release_without_parents_only_moves() -> None:
    assert _left([stored("B", kg=10, at=day(0)), released("B", kg=10, at=day(1))]) == {"B": 10_000}


def test_what_was_released_and_is_stored_elsewhere_is_moved_and_not_more() -> None:
    facts = [
        stored("B", kg=10, place="P1", at=day(0)),
        released("B", kg=10, at=day(1)),
        stored("B", kg=10, place="P2", at=day(2)),
    ]
    assert _left(facts) == {"B": 10_000}
    again_in = [*facts, stored("B", kg=4, place="P2", at=day(3))]
    assert _left(again_in) == {"B": 14_000}
    gone = [*facts[:2], departed(kg=10, lot="B", at=day(2)), stored("B", kg=10, at=day(3))]
    assert _left(gone) == {"B": 10_000}
    more = [facts[0], released("B", kg=99, at=day(1)), stored("B", kg=12, at=day(2))]
    assert _left(more) == {"B": 12_000}


def test_a_merged_lot_has_the_clock_of_its_oldest_input() -> None:
    facts = [
        stored("A", kg=10, at=day(0)),
        stored("B", kg=10, at=day(100)),
        repacked({"A": 10, "B": 4}, {"C": 14}, at=day(200)),
    ]
    assert _left(facts) == {"B": 6_000, "C": 14_000}
    assert _found(facts, day(370))[OVER, "lot:C"].amounts["stored_at"] == day(0)


def test_a_repacking_told_twice_happens_once() -> None:
    facts = [stored("A", kg=10, at=day(0)), repacked({"A": 5}, {"C": 5}, at=day(1))]
    assert _left([*facts, again(facts[1])]) == {"A": 5_000, "C": 5_000}


def test_first_in_first_out_takes_the_oldest_and_leaves_the_rest_with_its_age() -> None:
    facts = [stored("A", kg=10, at=day(0)), stored("B", kg=10, at=day(5)), departed(kg=12, at=day(9))]
    assert _left(facts) == {"B": 8_000}


def test_where_both_name_a_place_only_that_place_gives() -> None:
    facts = [
        stored("A", kg=10, place="P1", at=day(0)),
        stored("B", kg=10, place="P2", at=day(1)),
        stored("C", kg=10, at=day(2)),
    ]
    gone = departed(lines=[line(OIL, 12, place="P2")], at=day(9))
    assert _left([*facts, gone]) == {"A": 10_000, "C": 8_000}
    assert _left([*facts, departed(kg=12, at=day(9))]) == {"B": 8_000, "C": 10_000}


def test_a_named_lot_gives_before_older_ones() -> None:
    facts = [stored("A", kg=10, at=day(0)), stored("B", kg=10, at=day(5)), departed(kg=4, lot="B", at=day(9))]
    assert _left(facts) == {"A": 10_000, "B": 6_000}


def test_a_manifest_takes_a_line_off_the_stock_once_whoever_states_it() -> None:
    gone = departed(kg=4, at=day(9))
    facts = [stored("A", kg=10, at=day(0)), gone, again(gone, occurred_at="2025-03-12T10:00:00+08:00")]
    assert _left(facts) == {"A": 6_000}


def test_a_refused_load_comes_back_with_its_old_age() -> None:
    facts = [stored("A", kg=10, at=day(0)), departed(kg=10, at=day(300)), returned(kg=4, at=day(310))]
    assert _left(facts) == {"20253301000001/1": 4_000}
    assert _found(facts, day(366))[OVER, "lot:20253301000001/1"].since == day(366, 0)


def test_a_load_that_comes_back_over_its_term_is_over_from_its_return() -> None:
    named = [line(OIL, 10, lot="A")]
    facts = [
        stored("A", kg=10, at=day(0)),
        departed(lines=named, at=day(360)),
        returned(lines=named, at=day(370)),
    ]
    found = _found(facts, day(371))
    assert (found[OVER, "lot:A"].since, found[OVER, "lot:A"].until) == (day(370), None)


def test_a_batch_code_used_again_starts_a_new_clock_and_keeps_what_was_over_before() -> None:
    facts = [stored("T", kg=10, at=day(0)), departed(kg=10, at=day(370)), stored("T", kg=5, at=day(380))]
    found = _found(facts, day(400))
    assert (found[OVER, "lot:T"].since, found[OVER, "lot:T"].until) == (day(366, 0), day(370))


def test_one_batch_code_under_two_waste_codes_is_two_lots() -> None:
    facts = [stored("B", OIL, 10, at=day(0)), stored("B", SLUDGE, 4, at=day(1))]
    assert _left(facts) == {"B": 10_000, f"B@{SLUDGE}": 4_000}


def test_an_acceptance_told_twice_counts_once_and_storing_it_adds_nothing() -> None:
    took = accepted(lines=[line(OIL, 10, stored_as="K1")], at=day(0))
    facts = [took, again(took), stored("K1", OIL, 10, site=KILN, at=day(1))]
    assert _left(facts, KILN) == {"K1": 10_000}


def test_treatment_takes_off_and_residues_are_new_lots() -> None:
    residue = {"lot": "ASH", "waste_code": "772-003-18", "mass_kg": "2"}
    facts = [accepted(kg=10, at=day(0)), treated(kg=10, residues=[residue], at=day(3))]
    assert _left(facts, KILN) == {"ASH": 2_000}


def test_a_round_takes_off_one_site_and_brings_to_the_other() -> None:
    took = collected(INFECTIOUS, 25, at=day(1))
    assert _left([generated("BAG", INFECTIOUS, 25, site=HOSPITAL, at=day(0)), took], HOSPITAL) == {}
    assert list(_left([took], KILN).values()) == [25_000]


def test_what_a_round_brought_is_not_brought_again_by_its_manifests_acceptance() -> None:
    no = manifest_no(7)
    facts = [
        collected(INFECTIOUS, 25, manifest_no=no, at=day(1)),
        accepted(no, INFECTIOUS, 25, at=day(1, 12)),
    ]
    assert sum(_left(facts, KILN).values()) == 25_000


# Lots without a mass


def _bags(*pieces: int) -> list[Wire]:
    return [
        generated(f"BAG{n}", INFECTIOUS, None, pieces=count, site=HOSPITAL, at=day(0, 8, n))
        for n, count in enumerate(pieces)
    ]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([line(INFECTIOUS, None, pieces=4)], {"BAG1": 1}),
        ([line(INFECTIOUS, None, pieces=1, lot="BAG1")], {"BAG0": 3, "BAG1": 1}),
        ([line(INFECTIOUS, 25)], {}),
        ([line(INFECTIOUS, 25, lot="BAG0")], {"BAG1": 2}),
        ([line(INFECTIOUS, 25, pieces=3)], {"BAG1": 2}),
    ],
)
def test_counted_bags_leave_by_pieces_or_whole_with_what_was_only_weighed(
    taken: list[Wire], left: dict[str, int]
) -> None:
    facts = [*_bags(3, 2), collected(lines=taken, at=day(1))]
    assert _left(facts, HOSPITAL) == left
    assert (BELOW, f"code:{INFECTIOUS}") not in _found(facts, day(1), HOSPITAL)


def test_more_bags_than_there_were_are_below_zero() -> None:
    facts = [*_bags(3), collected(lines=[line(INFECTIOUS, None, pieces=5)], at=day(1))]
    found = _found(facts, day(1), HOSPITAL)[BELOW, f"code:{INFECTIOUS}"]
    assert found.amounts["lowest_pieces"] == -2


# Below zero


def test_more_leaves_than_came_until_the_rest_is_stated() -> None:
    facts = [stored("A", kg=10, at=day(0)), departed(kg=15, at=day(2))]
    below = _found(facts, day(3))[BELOW, f"code:{OIL}"]
    assert (below.since, below.until, below.amounts["lowest_g"]) == (day(2), None, -5_000)
    later = [*facts, stored("B", kg=20, at=day(4))]
    over = _found(later, day(5))[BELOW, f"code:{OIL}"]
    assert (over.since, over.until) == (day(2), day(4))
    assert _left(later) == {"B": 15_000}


def test_what_was_made_before_it_left_and_stated_after_was_never_below_zero() -> None:
    facts: list[Any] = [departed(kg=10, lot="A", at=day(2)), (generated("A", kg=10, at=day(1)), day(3))]
    assert _found(facts[:1], day(2)).keys() == {(BELOW, f"code:{OIL}")}
    assert _found(facts, day(3)) == {}


def test_a_lot_that_gives_a_little_too_much_is_borne_by_the_rest_of_its_code() -> None:
    facts = [
        stored("A", kg=180, at=day(0)),
        stored("B", kg=50, at=day(0)),
        departed(kg=182, lot="A", at=day(2)),
    ]
    assert _found(facts, day(3)) == {}
    assert _left(facts) == {"A": -2_000, "B": 50_000}
    assert _balance(facts) == 48_000


# Stock-taking


def test_what_a_count_misses_comes_off_the_youngest_lots() -> None:
    facts = [
        stored("A", kg=10, at=day(0)),
        stored("B", kg=10, at=day(5)),
        stock_taken([counted(kg=13)], at=day(6)),
    ]
    assert _left(facts) == {"A": 10_000, "B": 3_000}


def test_what_a_count_finds_too_much_is_a_lot_as_old_as_the_count_says() -> None:
    since = "2025-01-01T08:00:00+08:00"
    facts = [stored("A", kg=10, at=day(0)), stock_taken([counted(kg=13, stored_since=since)], at=day(6))]
    assert _left(facts) == {"A": 10_000, "stock-take-2-1": 3_000}
    assert _found(facts, "2026-01-03")[OVER, "lot:stock-take-2-1"].amounts["stored_at"] == instant(since)


def test_a_count_never_clears_a_lot_that_is_over_its_term_and_a_departure_does() -> None:
    facts = [stored("A", kg=10, at=day(0)), stock_taken([counted(kg=0, lot="A")], at=day(370))]
    assert _found(facts, day(380))[OVER, "lot:A"].until is None
    shipped = departed(kg=10, lot="A", at=day(390))
    found = _found([*facts, shipped], day(400))
    assert found[OVER, "lot:A"].until == day(390)
    assert (BELOW, f"code:{OIL}") in found


def test_a_count_at_the_very_end_of_a_term_clears_nothing_either() -> None:
    facts = [
        generated("BAG", INFECTIOUS, 5, site=HOSPITAL, at=day(1)),
        stock_taken([counted(INFECTIOUS, 0, lot="BAG")], site=HOSPITAL, at=day(3)),
    ]
    assert _found(facts, day(9), HOSPITAL)[OVER, "lot:BAG"].until is None


def test_a_count_settles_what_was_owed() -> None:
    facts = [departed(kg=5, at=day(0)), stock_taken([counted(kg=0)], at=day(1))]
    assert _found(facts, day(2))[BELOW, f"code:{OIL}"].until == day(1)
    assert _left([*facts, stored("B", kg=5, at=day(3))]) == {"B": 5_000}


# Reading


def test_the_summary_shows_lots_by_age_and_totals_by_code() -> None:
    facts = [
        stored("B", kg=10, place="P1", at=day(5)),
        stored("A", kg=3, at=day(0)),
        stored("C", SLUDGE, 2, at=day(0)),
        departed(code=SLUDGE, kg=4, at=day(6)),
    ]
    found = storage.summary(_kept(facts).state().subjects, LAW, PLATER)
    assert [(lot["lot"], lot["mass_g"], lot["place"]) for lot in found["lots"]] == [
        ("A", 3_000, None),
        ("B", 10_000, "P1"),
    ]
    assert found["lots"][0]["limit_at"] == day(366, 0)
    assert found["codes"] == [
        {"waste_code": SLUDGE, "mass_g": -2_000, "pieces": 0, "lots": 0},
        {"waste_code": OIL, "mass_g": 13_000, "pieces": 0, "lots": 2},
    ]
    assert "limit_at" not in storage.summary(_kept(facts).state().subjects)["lots"][0]


def test_empty_lots_and_codes_are_closed_and_full_ones_open() -> None:
    state = _kept([stored("A", kg=3, at=day(0)), departed(kg=3, at=day(1))]).state()
    assert not any(
        storage.is_open(state, name) for name in state.subjects if name.startswith(("lot:", "code:"))
    )
    state = _kept([stored("A", kg=3, at=day(0))]).state()
    assert all(storage.is_open(state, name) for name in state.subjects)


# Properties


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 14))
@example(seed=1007, length=9)  # A late acceptance into a batch that was weighed since.
@pytest.mark.parametrize(
    "kinds",
    [
        (),
        MATTER_KINDS,
        ("generated", "stored", "departed", "treated"),
        ("generated", "opened", "chained", "repacked", "counted", "departed"),
        ("generated", "stored", "released", "departed", "registered"),
    ],
)
def test_any_order_of_arrival_with_corrections_ends_as_the_refold(
    kinds: tuple[str, ...], seed: int, length: int
) -> None:
    book = Chance(seed, kinds, plain=len(kinds) == 4).book(length)
    assert_order_is_nothing(storage, PLATER, book, TIGHT, seed)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 20))
def test_lots_and_balances_are_those_of_the_naive_books(seed: int, length: int) -> None:
    kinds = ("generated", "stored", "departed", "treated", "accepted")
    keeper = _kept(Chance(seed, kinds, plain=True).book(length))
    books = Books()
    for known in keeper.book.facts(storage.CONCERN, PLATER):
        books.take_in(known.kind, known.occurred_at, known.body)
    lots: dict[tuple[str, str], tuple[int, int, int | None]] = {}
    for name, value in keeper.state().subjects.items():
        if isinstance(value, Lot):
            batch = name.removeprefix("lot:").partition("@")[0]
            lots[batch, value.code] = (value.left, value.since if value.said else 0, value.emptied_at or None)
        elif isinstance(value, Stock):
            code = name.removeprefix("code:")
            assert (value.mass_g, value.below_at or None) == (books.balance(code), books.below.get(code))
    assert lots == {
        key: (batch.left(), batch.since if batch.said else 0, batch.emptied_at)
        for key, batch in books.batches.items()
    }


def test_a_generation_told_late_folds_nothing_again_where_nothing_was_drawn_since() -> None:
    state = storage.new_state(PLATER)
    facts = [
        stated(stored("A", kg=10, at=day(0)), 1),
        stated(stored("B", kg=10, at=day(5)), 2),
        stated(departed(kg=4, lot="A", at=day(6)), 3),
    ]
    for known in facts:
        assert storage.evolve(state, known, LAW) is not None
        state.latest = known.order
    assert storage.evolve(state, stated(generated("C", kg=1, at=day(3)), 4), LAW) is not None
    assert storage.evolve(state, stated(departed("20253301000002", kg=1, at=day(5, 12)), 5), LAW) is None
    assert storage.evolve(state, stated(treated(SLUDGE, 1, site=PLATER, at=day(2)), 6), LAW) is not None
