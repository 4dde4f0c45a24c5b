"""The chain of batch codes: lineage both ways, masses that change with the code, cycles and unknown parents."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import storage
from rules.storage_subjects import Leaving, Lot, Stock
from tests.facts import (
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    again,
    counted,
    day,
    departed,
    generated,
    limit_set,
    line,
    manifest_no,
    released,
    repacked,
    stock_taken,
    stored,
    treated,
)
from tests.laws import law_with
from tests.rules.books_storage import Chance
from tests.rules.stock import balance, found, kept, left, lot_of

DIFFERS, OVER, BELOW = "storage.repack_differs", "storage.over_limit", "storage.below_zero"


def _links(lot: Lot) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    came = [(link.name, link.amount) for link in lot.came_from]
    went = [(link.name, link.amount) for link in lot.went_to]
    return came, went


# Lineage


def test_each_step_points_at_the_ones_before_and_after_it() -> None:
    facts = [
        generated("CS", kg=10, at=day(0)),
        stored("RK", kg=10, parents=["CS"], at=day(1)),
        released("CK", kg=6, parents=["RK"], at=day(2)),
        departed(kg=6, lot="CK", at=day(3)),
    ]
    document = f"leaving:{manifest_no()}"
    assert _links(lot_of(facts, "CS")) == ([], [("lot:RK", 10_000)])
    assert _links(lot_of(facts, "RK")) == ([("lot:CS", 10_000)], [("lot:CK", 6_000)])
    assert _links(lot_of(facts, "CK")) == ([("lot:RK", 6_000)], [(document, 6_000)])
    leaving = kept(facts).state().subjects[document]
    assert isinstance(leaving, Leaving)
    assert [(link.name, link.amount) for link in leaving.gave] == [("lot:CK", 6_000)]


def test_an_unnamed_load_points_at_the_lots_it_took_the_oldest_of() -> None:
    facts = [stored("A", kg=4, at=day(0)), stored("B", kg=4, at=day(1)), departed(kg=6, at=day(2))]
    leaving = kept(facts).state().subjects[f"leaving:{manifest_no()}"]
    assert isinstance(leaving, Leaving)
    assert [(link.name, link.amount) for link in leaving.gave] == [("lot:A", 4_000), ("lot:B", 2_000)]


def test_a_sent_out_batch_with_parents_takes_their_matter_through_itself() -> None:
    facts = [
        stored("RK", kg=10, at=day(0)),
        departed(lines=[line(OIL, 8, lot="WW", parents=["RK"])], at=day(3)),
    ]
    assert left(facts) == {"RK": 2_000}
    assert balance(facts) == 2_000
    assert _links(lot_of(facts, "WW")) == ([("lot:RK", 8_000)], [(f"leaving:{manifest_no()}", 8_000)])
    assert found(facts, day(4)) == {}


def test_a_line_that_repeats_the_parents_of_a_released_batch_takes_nothing_twice() -> None:
    facts = [
        stored("RK", kg=10, at=day(0)),
        released("CK", kg=6, parents=["RK"], at=day(1)),
        departed(lines=[line(OIL, 6, lot="CK", parents=["RK"])], at=day(2)),
    ]
    assert left(facts) == {"RK": 4_000}


def test_a_line_of_more_than_its_batch_holds_takes_the_rest_from_the_parents() -> None:
    facts = [
        stored("RK", kg=10, at=day(0)),
        released("CK", kg=6, parents=["RK"], at=day(1)),
        departed(lines=[line(OIL, 9, lot="CK", parents=["RK"])], at=day(2)),
    ]
    assert left(facts) == {"RK": 1_000}


def test_a_line_with_parents_alone_takes_from_the_oldest_and_lacks_in_the_first_named() -> None:
    facts = [stored("A", kg=4, at=day(5)), stored("B", kg=4, at=day(0)), stored("C", kg=9, at=day(1))]
    gone = departed(lines=[line(OIL, 6, parents=["A", "B"])], at=day(6))
    assert left([*facts, gone]) == {"A": 2_000, "C": 9_000}
    more = departed(lines=[line(OIL, 10, parents=["A", "B"])], at=day(6))
    assert left([*facts, more]) == {"A": -2_000, "C": 9_000}


@pytest.mark.parametrize(
    ("gone", "held"),
    [
        (line(INFECTIOUS, 25, parents=["BAG"]), {}),
        (line(INFECTIOUS, None, pieces=2, parents=["BAG"]), {"BAG": 1}),
        (line(INFECTIOUS, 25, parents=["BAG"], lot="WW"), {}),
    ],
)
def test_counted_parents_give_pieces_or_all_of_themselves(gone: Wire, held: dict[str, int]) -> None:
    facts = [
        generated("BAG", INFECTIOUS, None, pieces=3, at=day(0)),
        departed(code=INFECTIOUS, lines=[gone], at=day(1)),
    ]
    assert left(facts) == held
    assert not {kind for kind, _ in found(facts, day(1))} & {BELOW, DIFFERS}


def test_own_treatment_names_parents_and_its_residue_comes_of_them() -> None:
    residue = {"lot": "ASH", "waste_code": "772-003-18", "mass_kg": "1"}
    facts = [
        generated("CS", kg=10, at=day(0)),
        treated(
            lines=[line(OIL, 10, lot="ZX", parents=["CS"], method="R9")],
            residues=[residue],
            own_waste=True,
            site=PLATER,
            org=PRODUCER_ORG,
            at=day(2),
        ),
    ]
    assert left(facts) == {"ASH": 1_000}
    assert _links(lot_of(facts, "ASH")) == ([("lot:ZX", 10_000)], [])
    assert _links(lot_of(facts, "ZX")) == ([("lot:CS", 10_000)], [("treated", 10_000)])
    assert lot_of(facts, "ASH").since == day(2)


def test_treatment_of_more_than_is_there_is_below_zero() -> None:
    facts = [accepted(kg=10, at=day(0)), treated(kg=12, at=day(1))]
    assert found(facts, day(2), KILN)[BELOW, f"code:{OIL}"].amounts["lowest_g"] == -2_000


# Contradictions


def test_an_unknown_parent_gives_nothing_until_it_is_stated() -> None:
    facts: list[Any] = [stored("RK", kg=10, parents=["CS"], at=day(1))]
    finding = found(facts, day(2))[DIFFERS, "lot:RK"]
    assert (finding.since, finding.until) == (day(1), None)
    assert (finding.amounts["inputs_g"], finding.amounts["outputs_g"]) == (0, 10_000)
    facts.append((generated("CS", kg=10, at=day(0)), day(3)))
    assert found(facts, day(4)) == {}


def test_a_parent_of_another_code_gives_what_it_holds_and_its_clock() -> None:
    facts = [generated("B", SLUDGE, 10, at=day(0)), stored("N", OIL, 10, parents=["B"], at=day(100))]
    assert left(facts) == {"N": 10_000}
    assert balance(facts, code=SLUDGE) == 0
    assert found(facts, day(366))[OVER, "lot:N"].amounts["stored_at"] == day(0)


def test_a_parent_of_the_same_code_is_meant_where_a_batch_stands_for_two() -> None:
    facts = [
        generated("B", SLUDGE, 10, at=day(0)),
        generated("B", OIL, 5, at=day(1)),
        stored("N", OIL, 5, parents=["B"], at=day(2)),
    ]
    assert left(facts) == {"B": 10_000, "N": 5_000}


def test_a_batch_that_names_itself_as_parent_is_simply_stored() -> None:
    assert left([stored("B", kg=10, parents=["B"], at=day(0))]) == {"B": 10_000}


def test_a_cycle_of_lots_moves_matter_as_told_and_stays_as_old_as_it_was() -> None:
    facts = [
        generated("A", kg=10, at=day(0)),
        stored("B", kg=10, parents=["A"], at=day(100)),
        stored("A", kg=10, parents=["B"], at=day(200)),
        stored("B", kg=10, parents=["A"], at=day(300)),
    ]
    assert left(facts) == {"B": 10_000}
    assert balance(facts) == 10_000
    assert found(facts, day(366))[OVER, "lot:B"].amounts["stored_at"] == day(0)


def test_a_repacking_into_one_of_its_inputs_keeps_the_clock() -> None:
    facts = [stored("A", kg=10, at=day(0)), repacked({"A": 10}, {"A": 6, "B": 4}, at=day(100))]
    assert left(facts) == {"A": 6_000, "B": 4_000}
    assert {found(facts, day(366))[OVER, f"lot:{lot}"].amounts["stored_at"] for lot in "AB"} == {day(0)}


# Masses


@pytest.mark.parametrize(
    ("out", "differs"), [(10_000, 0), (10_200, 0), (10_201, 201), (9_800, 0), (9_799, -201), (1, -9_999)]
)
def test_a_repacking_may_differ_by_two_percent_of_its_inputs(out: int, differs: int) -> None:
    facts = [stored("A", kg=10, at=day(0)), repacked({"A": 10}, {"C": f"{out / 1000:g}"}, at=day(1))]
    finding = found(facts, day(2)).get((DIFFERS, "lot:C"))
    assert (finding.amounts["difference_g"] if finding else 0) == differs


def test_shares_beyond_what_an_input_holds_are_made_from_nothing() -> None:
    facts = [stored("A", kg=6, at=day(0)), repacked({"A": 10}, {"C": 7, "D": 3}, at=day(1))]
    finding = found(facts, day(2))[DIFFERS, "lot:C"]
    assert (finding.amounts["inputs_g"], finding.amounts["outputs_g"]) == (6_000, 10_000)
    assert (finding.amounts["lot"], finding.amounts["waste_code"]) == ("C", OIL)
    assert finding.parties == (PRODUCER_ORG,)


def test_the_tolerance_is_a_policy() -> None:
    facts = [stored("A", kg=10, at=day(0)), repacked({"A": 10}, {"C": 15}, at=day(1))]
    wide = law_with(limit_set("repack_tolerance", 500, "permille"))
    assert (DIFFERS, "lot:C") not in found(facts, day(2), law=wide)


def test_two_statements_of_one_batch_add_up_and_those_within_the_tolerance_do_not() -> None:
    facts = [
        generated("A", kg=10, at=day(0)),
        stored("N", kg=12, parents=["A"], at=day(1)),
        generated("A2", kg=100, at=day(1)),
        released("N", kg=101, parents=["A2"], at=day(2)),
        released("N", kg=3, parents=["A"], at=day(3)),
    ]
    finding = found(facts, day(4))[DIFFERS, "lot:N"]
    assert (finding.since, finding.amounts["inputs_g"], finding.amounts["outputs_g"]) == (
        day(1),
        10_000,
        15_000,
    )


def test_a_partial_storing_leaves_the_rest_with_the_parent_and_differs_in_nothing() -> None:
    facts = [generated("A", kg=10, at=day(0)), stored("N", kg=4, parents=["A"], at=day(1))]
    assert left(facts) == {"A": 6_000, "N": 4_000}
    assert found(facts, day(2)) == {}


RENAMED = [stored("A", kg=10, at=day(0)), stored("N", kg="9.9", parents=["A"], at=day(5))]


def test_a_sliver_left_with_a_parent_is_still_there_and_old() -> None:
    assert left(RENAMED) == {"A": 100, "N": 9_900}
    over = found(RENAMED, day(366, 0))
    assert (over[OVER, "lot:A"].amounts["mass_g"], over[OVER, "lot:A"].since) == (100, day(366, 0))
    assert over[OVER, "lot:N"].since == day(366, 0)
    shipped = [*RENAMED, departed(kg="9.9", lot="N", at=day(300))]
    assert found(shipped, day(366, 0))[OVER, "lot:A"].until is None
    rest = departed(manifest_no(2), kg="0.1", lot="A", at=day(370))
    assert found([*shipped, rest], day(371))[OVER, "lot:A"].until == day(370)


def test_one_count_of_both_codes_says_that_a_sliver_is_gone_and_only_before_its_term() -> None:
    both = [counted(kg=0, lot="A"), counted(kg="9.9", lot="N")]
    told = [*RENAMED, stock_taken(both, at=day(30)), departed(kg="9.9", lot="N", at=day(300))]
    assert found(told, day(400)) == {}
    too_late = [*RENAMED, departed(kg="9.9", lot="N", at=day(300)), stock_taken(both[:1], at=day(370))]
    assert found(too_late, day(400))[OVER, "lot:A"].until is None


def test_a_sliver_goes_with_the_new_code_where_a_line_names_both() -> None:
    gone = departed(lines=[line(OIL, 10, lot="N", parents=["A"])], at=day(300))
    assert left([*RENAMED, gone]) == {}
    assert found([*RENAMED, gone], day(400)) == {}


def test_a_repacking_told_twice_differs_in_nothing() -> None:
    told = repacked({"A": 10}, {"B": 10}, at=day(1))
    assert found([stored("A", kg=10, at=day(0)), told, again(told)], day(2)) == {}


# Containers


def test_the_containers_of_a_lot_are_those_stated_last() -> None:
    drums = {"container_kind": "drum", "count": 2, "ids": ["D1", "D2"]}
    facts = [
        generated("A", kg=10, containers={"container_kind": "bag", "count": 5}, at=day(0)),
        stored("A", kg=10, containers=drums, at=day(1)),
    ]
    last = lot_of(facts, "A").containers[-1]
    assert (last.kind, last.count, last.ids) == ("drum", 2, ("D1", "D2"))


def test_an_id_that_two_lots_in_store_name_is_told_at_both() -> None:
    def drums(*ids: str) -> dict[str, Any]:
        return {"container_kind": "drum", "count": len(ids), "ids": list(ids)}

    facts = [
        stored("A", kg=10, containers=drums("D1", "D2"), at=day(0)),
        stored("B", kg=10, containers=drums("D2", "D3"), at=day(1)),
        stored("C", kg=10, at=day(1)),
        stored("GONE", kg=10, containers=drums("D3", "D1"), at=day(1)),
        departed(kg=10, lot="GONE", at=day(2)),
    ]
    told = storage.summary(kept(facts).state().subjects)["lots"]
    assert {lot["lot"]: (lot["containers"] or {}).get("shared") for lot in told} == {
        "A": ["D2"],
        "B": ["D2"],
        "C": None,
    }


def test_a_count_of_a_chained_lot_names_what_it_took() -> None:
    facts = [stored("A", kg=10, at=day(0)), stock_taken([counted(kg=7)], at=day(1))]
    assert _links(lot_of(facts, "A")) == ([], [("counted", 3_000)])


# Conservation


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 20))
def test_mass_is_conserved_and_every_step_is_noted_on_both_sides(seed: int, length: int) -> None:
    kinds = ("generated", "stored", "opened", "chained", "repacked", "departed", "treated")
    state = kept(Chance(seed, kinds, plain=True, chained=True).book(length)).state()
    lots = {name: value for name, value in state.subjects.items() if isinstance(value, Lot)}
    for name, lot in lots.items():
        assert lot.left == lot.total - sum(link.amount for link in lot.went_to), name
        for link in lot.came_from:
            giver = lots[link.name]
            assert any((to.at, to.seq) == (link.at, link.seq) for to in giver.went_to), (name, link)
        for link in lot.went_to:
            assert link.amount >= 0
            if link.name in lots:
                assert name in {known.name for known in lots[link.name].came_from}, (name, link)
            elif link.name.startswith("leaving:"):
                leaving = state.subjects[link.name]
                assert isinstance(leaving, Leaving)
                assert (link.at, link.seq, name, link.amount) in {
                    (known.at, known.seq, known.name, known.amount) for known in leaving.gave
                }
    for name, stock in state.subjects.items():
        if isinstance(stock, Stock):
            of_code = [lot.left for lot in lots.values() if lot.code == name.removeprefix("code:")]
            assert stock.mass_g == sum(of_code) - stock.owed_g
            assert stock.held_g == sum(max(held, 0) for held in of_code)


def test_lineage_walks_a_cycle_once_and_says_what_it_left_out() -> None:
    facts = [
        generated("A", kg=10, at=day(0)),
        stored("B", kg=10, parents=["A"], at=day(1)),
        stored("A", kg=10, parents=["B"], at=day(2)),
    ]
    subjects = kept(facts).state().subjects

    def load(names: set[str]) -> dict[str, Any]:
        return {name: subjects[name] for name in names if name in subjects}

    walked = storage.lineage(load, "lot:A")
    assert walked is not None
    assert [(step["from"], step["to"]) for step in walked["steps"]] == [
        ("lot:A", "lot:B"),
        ("lot:B", "lot:A"),
    ]
    assert [lot["lot"] for lot in walked["lots"]] == ["A", "B"]
    assert walked["more"] is False
    assert storage.lineage(load, "lot:NONE") is None
