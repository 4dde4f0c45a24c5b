"""Corrections at the door: the sole stater corrects alone, by a fact that carries what it replaces (DESIGN D11)."""

from typing import Any

import orjson
import pytest

from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from tests import facts
from tests.facts import CARRIER_ORG, FACILITY_ORG, PRODUCER_ORG, TRADER_ORG, Wire, day
from tests.streams.ledgers import accepted, codes, say, seqs, stored


def _original(ledger: Ledger, seq: int) -> dict[str, Any]:
    found = ledger.row(seq)
    assert found is not None
    assert found.row.original is not None
    original: dict[str, Any] = orjson.loads(found.row.original)
    return original


def test_a_correction_carries_what_it_found_in_force(ledger: Ledger) -> None:
    wire = stored(kg=180)
    receipt = accepted(ledger, wire)[0]
    accepted(ledger, facts.corrected(wire, day(2), mass_kg="200"))
    assert _original(ledger, 2) == {
        "seq": 1,
        "recorded_at": receipt.recorded_at,
        "stated_by": PRODUCER_ORG,
        "kind": "waste-stored.v1",
        "event_id": wire["event_id"],
        "data": wire,
    }
    assert ledger.correction_of(1) == 2
    assert ledger.correction_of(2) is None


def test_a_second_correction_carries_the_first_ones_body(ledger: Ledger) -> None:
    wire = stored(kg=180)
    accepted(ledger, wire)
    accepted(ledger, facts.corrected(wire, day(2), mass_kg="200"))
    accepted(ledger, facts.corrected(wire, day(3), mass_kg="210"))
    assert _original(ledger, 3)["data"]["mass_kg"] == "200"
    assert ledger.correction_of(1) == 3


def test_a_withdrawn_fact_can_be_put_back(ledger: Ledger) -> None:
    wire = stored()
    accepted(ledger, wire)
    accepted(ledger, facts.corrected(wire, day(2), withdrawn=True))
    accepted(ledger, facts.corrected(wire, day(3)))
    assert _original(ledger, 2)["data"] == wire
    assert _original(ledger, 3)["data"] is None


def test_a_fact_and_its_corrections_may_come_in_one_batch(ledger: Ledger) -> None:
    wire = stored(kg=180)
    first, second = facts.corrected(wire, day(2), mass_kg="1"), facts.corrected(wire, day(2), mass_kg="2")
    assert [receipt.seq for receipt in accepted(ledger, wire, first, second)] == [1, 2, 3]
    assert _original(ledger, 3)["data"]["mass_kg"] == "1"
    assert ledger.correction_of(1) == 3


def test_a_correction_sent_again_is_known(ledger: Ledger) -> None:
    wire = stored()
    correction = facts.corrected(wire, day(2), mass_kg="1")
    accepted(ledger, wire, correction)
    assert accepted(ledger, correction)[0].known
    assert seqs(ledger) == [1, 2]


def test_nobody_corrects_what_they_did_not_state(ledger: Ledger) -> None:
    wire = stored()
    accepted(ledger, wire)
    correction = facts.corrected(wire, day(2), mass_kg="1")
    assert codes(say(ledger, correction, by=FACILITY_ORG)) == [("$[0].corrects", "unknown_fact")]
    assert seqs(ledger) == [1]


def test_a_correction_is_corrected_by_correcting_the_original(ledger: Ledger) -> None:
    wire = stored()
    correction = facts.corrected(wire, day(2), mass_kg="1")
    accepted(ledger, wire, correction)
    again = facts.corrected(correction, day(3), withdrawn=True)
    assert codes(say(ledger, again)) == [("$[0].corrects", "correct_the_original")]


def test_a_fact_does_not_become_one_of_another_kind(ledger: Ledger) -> None:
    wire = stored()
    accepted(ledger, wire)
    other = {**facts.corrected(wire, day(2)), "replacement": {**wire, "kind": "waste-generated.v1"}}
    assert codes(say(ledger, other)) == [("$[0].replacement.kind", "replacement_differs")]


def test_a_refused_correction_leaves_nothing_of_its_batch(ledger: Ledger) -> None:
    wire = stored()
    batch = (wire, facts.corrected(wire, day(2), mass_kg="1"), facts.corrected(stored(), day(2)))
    assert codes(say(ledger, *batch)) == [("$[2].corrects", "unknown_fact")]
    assert seqs(ledger) == []
    accepted(ledger, wire)
    assert ledger.correction_of(1) is None


# Whom it concerns


def _issued_then(ledger: Ledger, *others: tuple[Wire, str]) -> Wire:
    issued = facts.issued(at=day(0))
    accepted(ledger, issued)
    for wire, by in others:
        accepted(ledger, wire, by=by)
    return issued


def test_what_another_party_built_on_needs_approval(ledger: Ledger) -> None:
    issued = _issued_then(ledger, (facts.departed(at=day(1)), CARRIER_ORG))
    outcome = say(ledger, facts.corrected(issued, day(2), reverse_filled=True))
    assert codes(outcome) == [("$[0].replacement.reverse_filled", "needs_approval")]
    problem = outcome.problems[0]  # type: ignore[union-attr]
    assert CARRIER_ORG in problem.message
    assert "correction-requested.v1" in problem.message


def test_the_last_to_speak_corrects_alone(ledger: Ledger) -> None:
    departed = facts.departed(at=day(1))
    _issued_then(ledger, (departed, CARRIER_ORG))
    accepted(ledger, facts.corrected(departed, day(2), vehicle="浙D99999"), by=CARRIER_ORG)


def test_one_who_spoke_before_and_again_since_has_to_agree(ledger: Ledger) -> None:
    departed, weighed = facts.departed(at=day(1)), facts.weighed(at=day(1, 15))
    accepted(ledger, weighed, by=FACILITY_ORG)
    accepted(ledger, departed, by=CARRIER_ORG)
    correction = facts.corrected(departed, day(2), lines=[facts.line(kg=170)])
    accepted(ledger, correction, by=CARRIER_ORG)
    accepted(ledger, facts.again(weighed), by=FACILITY_ORG)
    outcome = say(ledger, facts.corrected(departed, day(3), lines=[facts.line(kg=160)]), by=CARRIER_ORG)
    assert codes(outcome) == [("$[0].replacement.lines", "needs_approval")]


def test_another_partys_correction_counts_as_speaking(ledger: Ledger) -> None:
    departed = facts.departed(at=day(1))
    arrived = facts.arrived(at=day(1, 18))
    _issued_then(ledger, (departed, CARRIER_ORG), (arrived, FACILITY_ORG))
    accepted(ledger, facts.corrected(arrived, day(2), vehicle="浙D99999"), by=FACILITY_ORG)
    outcome = say(ledger, facts.corrected(departed, day(2), vehicle="浙D99999"), by=CARRIER_ORG)
    assert codes(outcome) == [("$[0].replacement.vehicle", "needs_approval")]


def test_the_document_moved_to_is_asked_about_too(ledger: Ledger) -> None:
    elsewhere = facts.manifest_no(77)
    issued = facts.issued(at=day(0))
    accepted(ledger, issued)
    accepted(ledger, facts.departed(at=day(1), manifest_no=elsewhere), by=CARRIER_ORG)
    outcome = say(ledger, facts.corrected(issued, day(2), manifest_no=elsewhere))
    assert codes(outcome) == [("$[0].replacement.manifest_no", "needs_approval")]


def test_parties_of_one_group_are_seen(ledger: Ledger) -> None:
    from streams.ledger import Submission
    from tests.streams.ledgers import prepared

    issued = facts.issued(at=day(0))
    group = [
        Submission(PRODUCER_ORG, [prepared(issued)]),
        Submission(CARRIER_ORG, [prepared(facts.departed(at=day(1)))]),
        Submission(PRODUCER_ORG, [prepared(facts.corrected(issued, day(2), reverse_filled=True))]),
    ]
    outcomes = ledger.accept(group)
    assert codes(outcomes[2]) == [("$[0].replacement.reverse_filled", "needs_approval")]  # type: ignore[arg-type]


def test_a_contract_number_of_another_pair_does_not_matter(ledger: Ledger) -> None:
    signed = facts.contract_signed(at=day(0))
    accepted(ledger, signed, by=FACILITY_ORG)
    accepted(ledger, facts.again(signed, origin_org=TRADER_ORG), by=TRADER_ORG)
    accepted(ledger, facts.corrected(signed, day(1), valid_until="2026-06-30"), by=FACILITY_ORG)


# What is wrong with a replacement is told before the lock, with its path


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mass_kg": "-1"}, [("$.replacement.mass_kg", "bad_mass")]),
        ({"colour": "red"}, [("$.replacement.colour", "unknown_field")]),
        ({"kind": "fact-corrected.v1"}, [("$.replacement.kind", "correct_the_original")]),
        ({"kind": "no-such.v1"}, [("$.replacement.kind", "unknown_kind")]),
        (
            {"event_id": "01900000-0000-7000-8000-000000000000"},
            [("$.replacement.event_id", "replacement_differs")],
        ),
    ],
)
def test_a_replacement_is_checked_as_any_fact_is(changes: Wire, expected: list[tuple[str, str]]) -> None:
    found = read_fact(facts.corrected(stored(), day(2), **changes))
    assert isinstance(found, tuple)
    assert [(problem.path, str(problem.code)) for problem in found] == expected
