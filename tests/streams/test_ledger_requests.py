"""Corrections that need others: who may ask, who may approve or decline, and what an approval puts in force (D11)."""

from typing import Any

import orjson
import pytest

from models.envelope import Row
from models.facts import Role
from streams.decode import decode
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from tests import facts
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    OTHER_FACILITY_ORG,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
    Wire,
    correction_approved,
    correction_declined,
    correction_requested,
    day,
    line,
)
from tests.streams.ledgers import accepted, codes, say, seqs, stored

DEPARTED = facts.departed(at=day(1))
RECEIVED = facts.accepted(at=day(1, 15))
HEAVIER = {**DEPARTED, "lines": [line(kg=200)]}


def asked(replacement: Wire | None = HEAVIER, at: int = day(2), by: str = CARRIER_ORG, **more: Any) -> Wire:
    """A request about the departure; `by` is its stater."""
    return correction_requested(DEPARTED, by, at=at, replacement=replacement, **more)


def approved(request: Wire, by: str = CARRIER_ORG, at: int = day(3), **more: Any) -> Wire:
    """An approval of what `by` asked for."""
    return correction_approved(request, by, at=at, **more)


def declined(request: Wire, by: str = CARRIER_ORG, at: int = day(3), **more: Any) -> Wire:
    """The other answer to what `by` asked for."""
    return correction_declined(request, by, at=at, **more)


@pytest.fixture
def sealed(ledger: Ledger) -> Ledger:
    """A departure (seq 1) whose load the facility took in (seq 2)."""
    accepted(ledger, DEPARTED, by=CARRIER_ORG)
    accepted(ledger, RECEIVED, by=FACILITY_ORG)
    return ledger


def row(ledger: Ledger, seq: int) -> Row:
    found = ledger.row(seq)
    assert found is not None
    return found.row


def original(ledger: Ledger, seq: int) -> dict[str, Any]:
    copied = row(ledger, seq).original
    assert copied is not None
    found: dict[str, Any] = orjson.loads(copied)
    return found


# The ordinary way


def test_an_approval_puts_the_requested_body_in_force(sealed: Ledger) -> None:
    accepted(sealed, asked(), by=CARRIER_ORG)
    assert sealed.correction_of(1) is None
    accepted(sealed, approved(asked()), by=FACILITY_ORG)
    assert sealed.correction_of(1) == 4
    decoded = decode(row(sealed, 4))
    assert decoded.is_correction
    assert decoded.old is not None
    assert decoded.new is not None
    assert [(part.seq, part.stated_by, part.recorded_at) for part in (decoded.old, decoded.new)] == [
        (1, CARRIER_ORG, row(sealed, 1).recorded_at)
    ] * 2
    bodies: list[Any] = [decoded.old.body, decoded.new.body]
    assert [body.lines[0].mass_g for body in bodies] == [180_000, 200_000]
    assert decoded.routes == decode(row(sealed, 1)).routes


def test_an_approval_changes_the_same_as_a_correction_does(ledger: Ledger) -> None:
    accepted(ledger, DEPARTED, facts.corrected(DEPARTED, day(1), lines=[line(kg=200)]), by=CARRIER_ORG)
    accepted(ledger, facts.again(DEPARTED, 3, manifest_no=facts.manifest_no(5)), by=CARRIER_ORG)
    alone = decode(row(ledger, 2))
    accepted(ledger, RECEIVED, by=FACILITY_ORG)
    back = asked(DEPARTED)
    accepted(ledger, back, by=CARRIER_ORG)
    accepted(ledger, approved(back), by=FACILITY_ORG)
    together = decode(row(ledger, 6))
    assert (together.old, together.new) == (alone.new, alone.old)


def test_the_body_moved_to_another_manifest_goes_to_both(sealed: Ledger) -> None:
    moved = {**DEPARTED, "manifest_no": facts.manifest_no(77)}
    accepted(sealed, asked(moved), by=CARRIER_ORG)
    accepted(sealed, approved(asked(moved)), by=FACILITY_ORG)
    keys = {key for concern, key in decode(row(sealed, 4)).routes if concern == "custody" and key.isdigit()}
    assert keys == {DEPARTED["manifest_no"], moved["manifest_no"]}


def test_an_approval_carries_all_that_a_judge_needs(sealed: Ledger) -> None:
    accepted(sealed, asked(), by=CARRIER_ORG)
    accepted(sealed, approved(asked()), by=FACILITY_ORG)
    assert original(sealed, 3) == {
        "seq": 1,
        "recorded_at": row(sealed, 1).recorded_at,
        "stated_by": CARRIER_ORG,
        "kind": "transport-departed.v1",
        "event_id": DEPARTED["event_id"],
        "data": DEPARTED,
        "asked_as": "stater",
        "documents": [f"manifest:{DEPARTED['manifest_no']}"],
        "in_force_by": None,
    }
    carried = original(sealed, 4)
    assert (carried["data"], carried["replacement"], carried["request_seq"]) == (DEPARTED, HEAVIER, 3)


def test_a_withdrawal_can_be_asked_for_and_what_was_withdrawn_put_back(sealed: Ledger) -> None:
    gone = asked(None, reason="did-not-occur")
    accepted(sealed, gone, by=CARRIER_ORG)
    accepted(sealed, approved(gone), by=FACILITY_ORG)
    assert decode(row(sealed, 4)).new is None
    again = asked(None, day(4), reason="did-not-occur")
    assert codes(say(sealed, again, by=CARRIER_ORG)) == [("$[0].replacement", "nothing_to_change")]
    back = asked(DEPARTED, day(5))
    accepted(sealed, back, by=CARRIER_ORG)
    accepted(sealed, approved(back, at=day(6)), by=FACILITY_ORG)
    decoded = decode(row(sealed, 6))
    assert (decoded.old, decoded.new is None) == (None, False)


def test_a_decision_sent_again_is_known(sealed: Ledger) -> None:
    accepted(sealed, asked(), by=CARRIER_ORG)
    assert accepted(sealed, asked(), by=CARRIER_ORG)[0].known
    accepted(sealed, approved(asked()), by=FACILITY_ORG)
    assert accepted(sealed, approved(asked()), by=FACILITY_ORG)[0].known
    assert seqs(sealed) == [1, 2, 3, 4]


def test_request_and_approval_may_come_in_one_group(sealed: Ledger) -> None:
    from streams.ledger import Submission
    from tests.streams.ledgers import prepared

    group = [
        Submission(CARRIER_ORG, [prepared(asked())]),
        Submission(FACILITY_ORG, [prepared(approved(asked()))]),
        Submission(FACILITY_ORG, [prepared(declined(asked()))]),
        Submission(CARRIER_ORG, [prepared(facts.corrected(HEAVIER, day(3), trip_id="T9"))]),
    ]
    outcomes = sealed.accept(group)
    assert codes(outcomes[2]) == [("$[0].request", "request_decided")]  # type: ignore[arg-type]
    assert original(sealed, 5)["data"] == HEAVIER


# Who may ask


@pytest.mark.parametrize(
    ("by", "role", "asked_as"),
    [
        (CARRIER_ORG, Role.CARRIER, "stater"),
        (FACILITY_ORG, Role.FACILITY, "party"),  # Stated something on the manifest.
        (PRODUCER_ORG, Role.PRODUCER, "party"),  # Is named in the fact.
        (REGULATOR_ORG, Role.REGULATOR, "regulator"),
        (TRADER_ORG, Role.INTERMEDIARY, None),
        (REGULATOR_ORG, None, None),
    ],
)
def test_who_may_ask(sealed: Ledger, by: str, role: Role | None, asked_as: str | None) -> None:
    outcome = say(sealed, asked(), by=by, role=role)
    if asked_as is None:
        assert codes(outcome) == [("$[0].corrects", "may_not_request")]
    else:
        assert original(sealed, 3)["asked_as"] == asked_as


def test_a_stater_who_needs_nobody_corrects_alone(ledger: Ledger) -> None:
    accepted(ledger, DEPARTED, by=CARRIER_ORG)
    assert codes(say(ledger, asked(), by=CARRIER_ORG)) == [("$[0].corrects", "no_approval_needed")]


def test_what_nobody_seals_needs_no_approval(sealed: Ledger) -> None:
    other_trip = asked({**DEPARTED, "trip_id": "T9"})
    assert codes(say(sealed, other_trip, by=CARRIER_ORG)) == [("$[0].corrects", "no_approval_needed")]
    accepted(sealed, facts.corrected(DEPARTED, day(2), trip_id="T9"), by=CARRIER_ORG)


@pytest.mark.parametrize(
    ("request_wire", "problem"),
    [
        (asked(corrects="01900000-0000-7000-8000-000000000000"), None),
        (asked(by=PRODUCER_ORG), ("$[0].corrects", "unknown_fact")),
        (asked(None), ("$[0].replacement", "request_without_body")),
        (asked(None, reason="incorrect-data"), ("$[0].replacement", "request_without_body")),
        (asked(DEPARTED), ("$[0].replacement", "nothing_to_change")),
        (
            asked({**facts.arrived(at=day(1)), "event_id": DEPARTED["event_id"]}),
            ("$[0].replacement.kind", "replacement_differs"),
        ),
    ],
)
def test_requests_that_ask_for_nothing(
    sealed: Ledger, request_wire: Wire, problem: tuple[str, str] | None
) -> None:
    if problem is None:
        found = read_fact(request_wire)
        assert isinstance(found, tuple)
        assert [(each.path, str(each.code)) for each in found] == [
            ("$.replacement.event_id", "replacement_differs")
        ]
        return
    assert codes(say(sealed, request_wire, by=CARRIER_ORG)) == [problem]


@pytest.mark.parametrize("nth", [3, 4])
def test_corrections_and_requests_are_not_corrected_themselves(sealed: Ledger, nth: int) -> None:
    accepted(sealed, facts.corrected(DEPARTED, day(2), trip_id="T9"), by=CARRIER_ORG)
    accepted(sealed, asked({**HEAVIER, "trip_id": "T9"}), by=CARRIER_ORG)
    about = orjson.loads(row(sealed, nth).data)
    request = correction_requested(about, CARRIER_ORG, at=day(3), reason="did-not-occur")
    correction = facts.corrected(about, day(3), withdrawn=True)
    for wire in (request, correction):
        assert codes(say(sealed, wire, by=CARRIER_ORG)) == [("$[0].corrects", "correct_the_original")]


# Who may decide


@pytest.mark.parametrize(
    ("asker", "role", "decider", "code"),
    [
        (CARRIER_ORG, Role.CARRIER, FACILITY_ORG, None),
        (CARRIER_ORG, Role.CARRIER, CARRIER_ORG, "may_not_decide"),  # Nobody approves what he asked for.
        (CARRIER_ORG, Role.CARRIER, PRODUCER_ORG, "may_not_decide"),  # Named, but has sealed nothing.
        (CARRIER_ORG, Role.CARRIER, REGULATOR_ORG, "may_not_decide"),
        (FACILITY_ORG, Role.FACILITY, CARRIER_ORG, None),
        (FACILITY_ORG, Role.FACILITY, FACILITY_ORG, "may_not_decide"),
        (
            PRODUCER_ORG,
            Role.PRODUCER,
            CARRIER_ORG,
            "needs_approval",
        ),  # The facility, which sealed it, is not asked.
        (PRODUCER_ORG, Role.PRODUCER, FACILITY_ORG, "may_not_decide"),
        (REGULATOR_ORG, Role.REGULATOR, CARRIER_ORG, None),
        (REGULATOR_ORG, Role.REGULATOR, FACILITY_ORG, "may_not_decide"),
        (REGULATOR_ORG, Role.REGULATOR, REGULATOR_ORG, "may_not_decide"),
    ],
)
def test_who_may_approve(sealed: Ledger, asker: str, role: Role, decider: str, code: str | None) -> None:
    accepted(sealed, asked(), by=asker, role=role)
    outcome = say(sealed, approved(asked(), asker), by=decider)
    if code is None:
        assert sealed.correction_of(1) == 4
    else:
        assert codes(outcome) == [("$[0].request", code)]
        assert sealed.correction_of(1) is None


@pytest.mark.parametrize(
    ("asker", "decider", "may"),
    [
        (CARRIER_ORG, FACILITY_ORG, True),
        (CARRIER_ORG, CARRIER_ORG, True),  # Takes it back.
        (CARRIER_ORG, PRODUCER_ORG, False),
        (FACILITY_ORG, CARRIER_ORG, True),
        (FACILITY_ORG, FACILITY_ORG, True),
    ],
)
def test_who_may_decline(sealed: Ledger, asker: str, decider: str, may: bool) -> None:
    accepted(sealed, asked(), by=asker)
    outcome = say(sealed, declined(asked(), asker), by=decider)
    if not may:
        assert codes(outcome) == [("$[0].request", "may_not_decide")]
        return
    for wire in (approved(asked(), asker, day(4)), declined(asked(), asker, day(4))):
        other = CARRIER_ORG if asker == FACILITY_ORG else FACILITY_ORG
        assert codes(say(sealed, wire, by=other)) == [("$[0].request", "request_decided")]
    assert sealed.correction_of(1) is None


def test_one_of_two_who_sealed_it_is_enough(ledger: Ledger) -> None:
    accepted(ledger, RECEIVED, by=FACILITY_ORG)
    billed = facts.invoiced(at=day(2), lines=[facts.money_line(manifest_no=RECEIVED["manifest_no"])])
    accepted(ledger, billed, by=TRADER_ORG)
    accepted(ledger, facts.again(billed, 2, invoice_no="OTHER-2"), by=OTHER_FACILITY_ORG)
    lighter = {**RECEIVED, "lines": [line(kg=18)]}
    request = correction_requested(RECEIVED, FACILITY_ORG, at=day(3), replacement=lighter)
    accepted(ledger, request, by=FACILITY_ORG)
    accepted(ledger, approved(request, FACILITY_ORG), by=OTHER_FACILITY_ORG)
    outcome = say(ledger, approved(request, FACILITY_ORG, day(4)), by=TRADER_ORG)
    assert codes(outcome) == [("$[0].request", "request_decided")]
    assert ledger.correction_of(1) == 5


# When it is too late


def test_a_request_is_stale_when_the_body_has_changed_since(sealed: Ledger) -> None:
    accepted(sealed, asked(), by=CARRIER_ORG)
    accepted(sealed, facts.corrected(DEPARTED, day(3), trip_id="T9"), by=CARRIER_ORG)
    for wire in (approved(asked(), at=day(4)), declined(asked(), at=day(4))):
        assert codes(say(sealed, wire, by=FACILITY_ORG)) == [("$[0].request", "request_stale")]
    anew = asked({**HEAVIER, "trip_id": "T9"}, day(5))
    accepted(sealed, anew, by=CARRIER_ORG)
    accepted(sealed, approved(anew, at=day(6)), by=FACILITY_ORG)
    assert sealed.correction_of(1) == 6


def test_of_two_requests_the_first_approved_makes_the_other_stale(sealed: Ledger) -> None:
    other = asked({**DEPARTED, "lines": [line(kg=210)]})
    accepted(sealed, asked(), by=CARRIER_ORG)
    accepted(sealed, other, by=CARRIER_ORG)
    accepted(sealed, approved(other), by=FACILITY_ORG)
    assert codes(say(sealed, approved(asked()), by=FACILITY_ORG)) == [("$[0].request", "request_stale")]


def test_a_second_approval_under_another_id_is_refused(sealed: Ledger) -> None:
    accepted(sealed, asked(), by=CARRIER_ORG)
    accepted(sealed, approved(asked()), by=FACILITY_ORG)
    outcome = say(sealed, approved(asked(), nth=2), by=FACILITY_ORG)
    assert codes(outcome) == [("$[0].request", "request_decided")]


def test_a_regulator_who_only_asks_is_answered_by_a_correction(ledger: Ledger) -> None:
    accepted(ledger, DEPARTED, by=CARRIER_ORG)
    request = asked(None)
    accepted(ledger, request, by=REGULATOR_ORG, role=Role.REGULATOR)
    outcome = say(ledger, approved(request, REGULATOR_ORG), by=CARRIER_ORG)
    assert codes(outcome) == [("$[0].request", "request_without_body")]
    accepted(ledger, facts.corrected(DEPARTED, day(3), lines=[line(kg=200)]), by=CARRIER_ORG)
    outcome = say(ledger, declined(request, REGULATOR_ORG), by=CARRIER_ORG)
    assert codes(outcome) == [("$[0].request", "request_stale")]


@pytest.mark.parametrize("decide", [approved, declined])
def test_what_was_never_asked_for_cannot_be_decided(sealed: Ledger, decide: Any) -> None:
    absent = decide(stored())
    of_another = decide(asked(), FACILITY_ORG)
    no_request = correction_approved(DEPARTED, CARRIER_ORG, at=day(3))
    accepted(sealed, asked(), by=CARRIER_ORG)
    for wire in (absent, of_another, no_request):
        assert codes(say(sealed, wire, by=FACILITY_ORG)) == [("$[0].request", "unknown_request")]


def test_a_fact_that_stands_alone_is_asked_about_by_a_regulator(ledger: Ledger) -> None:
    wire = stored(kg=180)
    accepted(ledger, wire)
    request = correction_requested(wire, PRODUCER_ORG, at=day(2), replacement={**wire, "mass_kg": "200"})
    accepted(ledger, request, by=REGULATOR_ORG, role=Role.REGULATOR)
    accepted(ledger, approved(request, REGULATOR_ORG))
    assert original(ledger, 3)["replacement"]["mass_kg"] == "200"
