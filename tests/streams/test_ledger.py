"""Accepting: numbers, times, hashes, what is known again and what conflicts (DESIGN D1-D3)."""

import time
from dataclasses import replace
from typing import Any, cast

import orjson
import pytest

from models.canonical import canonical, leaf_hash
from models.errors import NotForThisLedger
from models.exact import DAY_US, MINUTE_US
from streams.ledger import Accepted, Ledger, Submission
from tests import facts
from tests.facts import FACILITY_ORG, PRODUCER_ORG, day
from tests.streams.ledgers import LEDGER_ID, accepted, codes, prepared, say, seqs, stored


def test_facts_get_dense_numbers_in_the_order_they_are_given(ledger: Ledger) -> None:
    receipts = accepted(ledger, *(stored() for _ in range(5))) + accepted(ledger, stored())
    assert [receipt.seq for receipt in receipts] == [1, 2, 3, 4, 5, 6]
    assert ledger.head().seq == 6
    assert seqs(ledger) == [1, 2, 3, 4, 5, 6]


def test_a_receipt_can_be_recomputed_by_its_sender(ledger: Ledger) -> None:
    wire = stored()
    receipt = accepted(ledger, wire)[0]
    leaf = leaf_hash(
        ledger_id=LEDGER_ID,
        seq=receipt.seq,
        recorded_at=receipt.recorded_at,
        stated_by=PRODUCER_ORG,
        event_id=wire["event_id"],
        kind="waste-stored.v1",
        data=canonical(wire),
    )
    assert receipt.leaf == leaf
    found = ledger.row(receipt.seq)
    assert found is not None
    assert found.leaf == leaf
    assert found.row.data == canonical(wire)


def test_masses_are_kept_as_they_were_spelled(ledger: Ledger) -> None:
    receipt = accepted(ledger, stored(kg="12.500"))[0]
    found = ledger.row(receipt.seq)
    assert found is not None
    assert orjson.loads(found.row.data)["mass_kg"] == "12.500"


def test_a_fact_sent_again_gets_the_same_receipt_marked_known(ledger: Ledger) -> None:
    wire = stored()
    first, second = accepted(ledger, wire)[0], accepted(ledger, wire)[0]
    assert (first.known, second.known) == (False, True)
    assert replace(second, known=False) == first
    assert seqs(ledger) == [1]


def test_a_batch_of_known_and_new_facts_tells_each(ledger: Ledger) -> None:
    old, new = stored(), stored()
    accepted(ledger, old)
    receipts = accepted(ledger, new, old)
    assert [(receipt.seq, receipt.known) for receipt in receipts] == [(2, False), (1, True)]


def test_an_event_id_with_other_content_is_a_conflict_and_nothing_of_its_batch_is_written(
    ledger: Ledger,
) -> None:
    wire = stored()
    accepted(ledger, wire)
    outcome = say(ledger, stored(), {**wire, "mass_kg": "181"})
    assert codes(outcome) == [("$[1].event_id", "event_id_reused")]
    assert cast("Any", outcome).conflict
    assert seqs(ledger) == [1]


def test_two_organisations_may_use_the_same_event_id(ledger: Ledger) -> None:
    wire = stored()
    assert accepted(ledger, wire)[0].seq == 1
    assert accepted(ledger, {**wire, "mass_kg": "1"}, by=FACILITY_ORG)[0].seq == 2


def test_the_same_fact_twice_in_one_batch_is_one_fact(ledger: Ledger) -> None:
    wire = stored()
    receipts = accepted(ledger, wire, wire)
    assert [(receipt.seq, receipt.known) for receipt in receipts] == [(1, False), (1, True)]


def test_the_same_id_twice_in_one_batch_with_other_content_is_a_conflict(ledger: Ledger) -> None:
    wire = stored()
    assert codes(say(ledger, wire, {**wire, "mass_kg": "9"})) == [("$[1].event_id", "event_id_reused")]
    assert seqs(ledger) == []


def test_submissions_of_one_group_know_of_each_other(ledger: Ledger) -> None:
    wire = stored()
    group = [
        Submission(PRODUCER_ORG, [prepared(wire)]),
        Submission(PRODUCER_ORG, [prepared(stored()), prepared({**wire, "mass_kg": "9"})]),
        Submission(PRODUCER_ORG, [prepared(wire), prepared(stored())]),
    ]
    first, refused, third = ledger.accept(group)
    assert isinstance(first, Accepted)
    assert codes(cast("Any", refused)) == [("$[1].event_id", "event_id_reused")]
    assert isinstance(third, Accepted)
    assert [(receipt.seq, receipt.known) for receipt in third.receipts] == [(1, True), (2, False)]
    assert seqs(ledger) == [1, 2]


def test_a_submission_that_the_database_cannot_take_fails_alone(ledger: Ledger) -> None:
    broken = replace(prepared(stored()), kind=cast("str", None))
    group = [
        Submission(PRODUCER_ORG, [prepared(stored())]),
        Submission(PRODUCER_ORG, [broken]),
        Submission(PRODUCER_ORG, [prepared(stored())]),
    ]
    first, failed, third = ledger.accept(group)
    assert isinstance(first, Accepted)
    assert isinstance(failed, Exception)
    assert isinstance(third, Accepted)
    assert [row.seq for row in ledger.rows(0, 9)] == [1, 2]


def test_committed_facts_are_told_to_hooks_and_known_ones_are_not(ledger: Ledger) -> None:
    told: list[int] = []
    ledger.on_commit.append(told.append)
    wire = stored()
    accepted(ledger, wire, stored())
    accepted(ledger, wire)
    assert told == [2]


# Time


def test_times_are_the_clocks_and_never_go_back(ledger: Ledger) -> None:
    before = time.time_ns() // 1000
    times = [accepted(ledger, stored())[0].recorded_at for _ in range(3)]
    assert times == sorted(times)
    assert before - MINUTE_US < times[0] <= times[-1] < before + MINUTE_US


def test_a_head_ahead_of_the_clock_holds(ledger: Ledger) -> None:
    ahead = time.time_ns() // 1000 + DAY_US
    with ledger.databases.ledger.begin() as connection:
        connection.exec_driver_sql(f"UPDATE ledger_head SET recorded_at = {ahead}")
    assert accepted(ledger, stored())[0].recorded_at == ahead
    assert ledger.tick().recorded_at == ahead


def test_no_fact_is_earlier_than_the_tick_before_it(ledger: Ledger) -> None:
    tick = ledger.tick()
    assert tick.seq == 0
    assert ledger.head() == tick
    assert accepted(ledger, stored())[0].recorded_at >= tick.recorded_at


def test_a_production_ledger_cannot_be_driven(ledger: Ledger) -> None:
    with pytest.raises(NotForThisLedger):
        ledger.drive(day(1))
    with pytest.raises(NotForThisLedger):
        ledger.accept([Submission(PRODUCER_ORG, [prepared(stored())], recorded_at=day(1))])
    assert seqs(ledger) == []


def test_a_driven_ledger_stands_still_until_it_is_driven(driven: Ledger) -> None:
    assert driven.tick().recorded_at == 0
    assert driven.drive(day(5)).recorded_at == day(5)
    assert driven.drive(day(4)).recorded_at == day(5)
    assert accepted(driven, stored())[0].recorded_at == day(5)
    assert accepted(driven, stored(), at=day(6))[0].recorded_at == day(6)
    assert accepted(driven, stored(), at=day(2))[0].recorded_at == day(6)
    assert driven.now() == day(6)


# What it is


def test_init_again_with_the_same_wishes_changes_nothing(ledger: Ledger) -> None:
    meta = ledger.meta
    accepted(ledger, stored())
    assert ledger.init() == meta
    assert ledger.head().seq == 1


@pytest.mark.parametrize(
    "wish", [{"shards": 13}, {"clock": "driven"}, {"ledger_id": "6a0b7a52-0000-4000-8000-0000000000ff"}]
)
def test_init_with_other_wishes_is_refused(ledger: Ledger, wish: dict[str, Any]) -> None:
    with pytest.raises(NotForThisLedger, match=next(iter(wish))):
        ledger.init(**wish)


def test_a_database_without_a_ledger_says_so(ledger: Ledger) -> None:
    with ledger.databases.ledger.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_meta")
    with pytest.raises(NotForThisLedger, match="feilian init"):
        _ = Ledger(ledger.databases).meta
    with ledger.databases.ledger.begin() as connection:
        connection.exec_driver_sql("DROP TABLE ledger_meta")
    with pytest.raises(NotForThisLedger, match="feilian init"):
        _ = Ledger(ledger.databases).meta


# Reading


def test_rows_are_read_in_order_within_bounds(ledger: Ledger) -> None:
    accepted(ledger, *(stored() for _ in range(10)))
    assert [row.seq for row in ledger.rows(3, 4)] == [4, 5, 6, 7]
    assert [row.seq for row in ledger.rows(3, 100, upto=5)] == [4, 5]
    assert ledger.rows(10, 5) == []
    assert sorted(ledger.rows_by_seq([9, 2, 77, 2])) == [2, 9]
    assert ledger.rows_by_seq([]) == {}
    assert sorted(ledger.rows_by_seq([1, 2], ["waste-generated.v1"])) == []
    assert ledger.row(11) is None
    assert [found.row.seq for found in ledger.leaves(8, 5)] == [9, 10]


def test_a_fact_is_found_by_who_stated_it_under_which_id(ledger: Ledger) -> None:
    wire = stored()
    accepted(ledger, wire)
    found = ledger.find(PRODUCER_ORG, wire["event_id"].upper())
    assert found is not None
    assert found.row.seq == 1
    assert ledger.find(FACILITY_ORG, wire["event_id"]) is None


def test_law_rows_are_law_facts_and_their_corrections(driven: Ledger) -> None:
    limit, waste = facts.limit_set("storage_term", 1, "years", at=day(0)), stored()
    accepted(driven, limit, waste, at=day(1))
    accepted(driven, facts.corrected(waste, day(2), mass_kg="7"), at=day(2))
    accepted(driven, facts.corrected(limit, day(2), value=2), at=day(3))
    assert [row.seq for row in driven.law_rows(0, 99)] == [1, 4]
    assert [row.seq for row in driven.law_rows(1, 99)] == [4]
    assert [row.seq for row in driven.law_rows(0, 3)] == [1]
