"""Custody 联单: its number, who filled it in, paper, acts that contradict one another, and claimed exemptions."""

from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, MINUTE_US
from rules import custody
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR,
    COLLECTOR_ORG,
    FACILITY_ORG,
    MANIFEST,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    When,
    Wire,
    accepted,
    arrived,
    confirmed,
    corrected,
    day,
    departed,
    handed_over,
    instant,
    issued,
    limit_set,
    line,
    manifest_no,
    observed,
    refused,
    returned,
    voided,
    weighed,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Book, Entry, Keeper, judge_all

FOREIGN = AlertKind.MANIFEST_NUMBER_FOREIGN
STRANGER = AlertKind.MANIFEST_ISSUED_BY_STRANGER
PAPER = AlertKind.MANIFEST_PAPER_LATE
CONTRADICT = AlertKind.MANIFEST_ACTS_CONTRADICT
LEFT = day(1)
INFECTIOUS_WAY = {"exemption_id": "2021-02-2", "condition_met": "GB 19217 vehicle"}
INFECTIOUS_COLLECTION = {"exemption_id": "2021-02-1", "condition_met": "19 beds or fewer"}
INFECTIOUS = "841-001-01"


def found(facts: list[Wire | Entry], at: int = day(30), law: Any = None, no: str = MANIFEST) -> list[Finding]:
    return judge_all(custody, no, facts, law or default_law(), at)


def of(
    kind: AlertKind, facts: list[Wire | Entry], at: int = day(30), law: Any = None, no: str = MANIFEST
) -> list[Finding]:
    return [finding for finding in found(facts, at, law, no) if finding.kind == kind]


# Number

NUMBER_CASES: list[tuple[str, str, dict[str, Any], When, bool]] = [
    ("province and city of the origin, this year", manifest_no(1), {}, day(0), False),
    ("another city of the province", manifest_no(1, city="3302"), {}, day(0), True),
    ("another province", manifest_no(1, city="3201"), {}, day(0), True),
    ("last year's number", manifest_no(1, year=2024), {}, day(0), True),
    ("next year's number", manifest_no(1, year=2026), {}, day(0), True),
    ("the last minute of the year, Beijing", manifest_no(1), {}, "2025-12-31 23:59", False),
    ("the first minute of the next", manifest_no(1), {}, "2026-01-01 00:00", True),
    (
        "a municipality's two digits for its city are not compared",
        manifest_no(1, city="3199"),
        {"origin": "310115-LAB1"},
        day(0),
        False,
    ),
    (
        "a municipality's province is",
        manifest_no(1, city="3201"),
        {"origin": "310115-LAB1"},
        day(0),
        True,
    ),
]


@pytest.mark.parametrize(
    ("case", "no", "more", "at", "foreign"), NUMBER_CASES, ids=[case[0] for case in NUMBER_CASES]
)
def test_number_against_origin_and_year(
    case: str, no: str, more: dict[str, Any], at: When, foreign: bool
) -> None:
    findings = of(FOREIGN, [issued(no, at=at, **more)], instant("2026-06-01"), no=no)
    assert [finding.since for finding in findings] == ([instant(at)] if foreign else [])


def test_a_foreign_number_tells_what_it_should_be() -> None:
    no = manifest_no(7, year=2024, city="3201")
    (finding,) = of(FOREIGN, [issued(no, at=day(0))], no=no)
    assert finding.site == PLATER
    assert finding.amounts == {
        "number_year": 2024,
        "year": 2025,
        "number_region": "3201",
        "region": "3301",
    }


def test_a_policy_may_compare_less_or_nothing() -> None:
    no = manifest_no(1, city="3302")
    for digits, foreign in ((0, False), (2, False), (3, False), (4, True), (6, True)):
        law = law_with(limit_set("number_region_digits", digits, "count"))
        assert bool(of(FOREIGN, [issued(no, at=day(0))], law=law, no=no)) is foreign
    assert of(FOREIGN, [issued(no, at=day(0))], law=NO_LAW, no=no) == []
    other_year = manifest_no(1, year=2024)
    nothing = law_with(limit_set("number_region_digits", 0, "count"))
    assert of(FOREIGN, [issued(other_year, at=day(0))], law=nothing, no=other_year) == []


def test_a_number_that_was_never_issued_or_is_used_twice_is_not_compared() -> None:
    no = manifest_no(1, city="3201")
    assert of(FOREIGN, [departed(no, at=LEFT)], no=no) == []
    twice: list[Wire | Entry] = [issued(no, at=day(0)), issued(no, kg=90, at=day(1))]
    assert of(FOREIGN, twice, no=no) == []


# Who filled it in


def by(stater: str, wire: Wire, at: int = day(30)) -> list[Finding]:
    book = Book()
    keeper = Keeper(custody, MANIFEST, default_law(), book)
    keeper.take(book.accept(wire, stated_by=stater))
    return [finding for finding in keeper.findings(at) if finding.kind == STRANGER]


def test_the_origin_fills_it_in() -> None:
    assert by(PRODUCER_ORG, issued(at=day(0))) == []
    assert by(PRODUCER_ORG, issued(at=day(0), reverse_filled=True)) == []


def test_the_destination_may_where_it_says_so() -> None:
    assert by(FACILITY_ORG, issued(at=day(0), reverse_filled=True)) == []
    (finding,) = by(FACILITY_ORG, issued(at=day(0)))
    assert (finding.since, finding.until, finding.amounts) == (day(0), None, {"issued_by": FACILITY_ORG})


def test_nobody_else_may() -> None:
    (finding,) = by(COLLECTOR_ORG, issued(at=day(0), reverse_filled=True))
    assert finding.parties[-1] == COLLECTOR_ORG
    assert finding.site == PLATER


# Paper


def paper(entered: When, *, received: When | None = None) -> list[Wire | Entry]:
    """Moved on day 1 on paper, a Tuesday; ten working days are over from Wednesday the 19th, 00:00."""
    return [
        (issued(at=day(0), on_paper=True), entered),
        (departed(at=LEFT), entered),
        (accepted(at=day(1, 15)), received or entered),
    ]


def test_paper_entered_on_the_tenth_working_day_is_in_time() -> None:
    assert of(PAPER, paper("2025-03-18 23:59:59")) == []
    assert of(PAPER, paper("2025-03-19 00:00")) == []


def test_paper_entered_later_is_late_until_it_was() -> None:
    (finding,) = of(PAPER, paper("2025-03-19 00:01"))
    assert (finding.since, finding.until) == (instant("2025-03-19 00:00"), instant("2025-03-19 00:01"))
    assert finding.amounts == {
        "ended_at": day(1, 15),
        "limit_at": instant("2025-03-19 00:00"),
        "entered_at": instant("2025-03-19 00:01"),
    }
    assert finding.basis == "MT 20: ten working days"


def test_a_paper_manifest_is_entered_when_its_receipt_is() -> None:
    (finding,) = of(PAPER, paper(day(2), received="2025-03-20 08:00"))
    assert finding.until == instant("2025-03-20 08:00")


def test_a_refusal_ends_a_transfer_on_paper_too() -> None:
    facts: list[Wire | Entry] = [(issued(at=day(0), on_paper=True), day(20)), refused(at=day(1))]
    (finding,) = of(PAPER, facts)
    assert (finding.since, finding.until) == (instant("2025-03-19 00:00"), day(20))


def test_an_electronic_manifest_recorded_late_is_not_paper() -> None:
    assert of(PAPER, [(issued(at=day(0)), day(25)), (accepted(at=day(1)), day(25))]) == []
    assert of(PAPER, [(issued(at=day(0), on_paper=True), day(25))]) == []
    assert of(PAPER, paper(day(25)), law=NO_LAW) == []


# Acts that contradict one another

CONTRADICTIONS: list[tuple[str, list[Wire | Entry], tuple[int, int | None, str] | None]] = [
    (
        "received an hour before the departure: two clocks",
        [departed(at=LEFT), accepted(at=LEFT - HOUR_US), confirmed(at=day(2))],
        None,
    ),
    (
        "received more than an hour before the departure",
        [departed(at=LEFT), accepted(at=LEFT - HOUR_US - 1), confirmed(at=day(2))],
        (LEFT, None, "received_before_departure"),
    ),
    (
        "arrived before the departure",
        [departed(at=LEFT), arrived(at=day(0)), accepted(at=day(2)), confirmed(at=day(2))],
        (LEFT, None, "received_before_departure"),
    ),
    (
        "weighed before the departure",
        [departed(at=LEFT), weighed(at=day(0)), accepted(at=day(2)), confirmed(at=day(2))],
        (LEFT, None, "received_before_departure"),
    ),
    (
        "refused before the departure",
        [departed(at=LEFT), refused(at=day(0)), returned(at=day(2)), confirmed(at=day(2))],
        (LEFT, None, "received_before_departure"),
    ),
    (
        "the second of two departures may be later than the receipt",
        [departed(at=LEFT), accepted(at=day(2)), departed(at=day(3)), confirmed(at=day(3))],
        None,
    ),
    (
        "confirmed and never received",
        [departed(at=LEFT), confirmed(at=day(2))],
        (day(2), None, "confirmed_unreceived"),
    ),
    (
        "confirmed first and accepted a day later",
        [departed(at=LEFT), confirmed(at=day(2)), accepted(at=day(3))],
        (day(2), day(3), "confirmed_unreceived"),
    ),
    (
        "confirmed and accepted by clocks an hour apart",
        [departed(at=LEFT), confirmed(at=day(2)), accepted(at=day(2) + HOUR_US)],
        None,
    ),
    (
        "confirmed and accepted by clocks further apart",
        [departed(at=LEFT), confirmed(at=day(2)), accepted(at=day(2) + HOUR_US + MINUTE_US)],
        (day(2), day(2) + HOUR_US + MINUTE_US, "confirmed_unreceived"),
    ),
    (
        "confirmed after a refusal",
        [departed(at=LEFT), refused(at=day(2)), confirmed(at=day(2)), returned(at=day(3))],
        None,
    ),
    (
        "voided after the departure",
        [issued(at=day(0)), departed(at=LEFT), voided(at=day(2)), accepted(at=day(3)), confirmed(at=day(3))],
        (day(2), None, "voided_too_late"),
    ),
    (
        "voided at the very departure",
        [issued(at=day(0)), departed(at=LEFT), voided(at=LEFT), accepted(at=day(3)), confirmed(at=day(3))],
        (LEFT, None, "voided_too_late"),
    ),
    (
        "voided before anything moved",
        [issued(at=day(0)), voided(at=day(1))],
        None,
    ),
    (
        "a void and no manifest",
        [voided(at=day(1))],
        None,
    ),
    (
        "several: the first is named, and while one lasts all do",
        [departed(at=LEFT), voided(at=day(3)), confirmed(at=day(2)), accepted(at=day(4))],
        (day(2), None, "confirmed_unreceived"),
    ),
]


@pytest.mark.parametrize(
    ("case", "facts", "expected"), CONTRADICTIONS, ids=[case[0] for case in CONTRADICTIONS]
)
def test_acts(case: str, facts: list[Wire | Entry], expected: tuple[int, int | None, str] | None) -> None:
    told = [(f.since, f.until, f.amounts["reason"]) for f in of(CONTRADICT, facts)]
    assert told == ([] if expected is None else [expected])


def test_a_contradiction_tells_the_instants() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), arrived(at=day(0)), accepted(at=day(2))]
    (finding,) = of(CONTRADICT, [*facts, confirmed(at=day(2)), voided(at=day(4))])
    assert finding.amounts == {
        "reason": "received_before_departure",
        "departed_at": LEFT,
        "received_at": day(0),
    }
    assert finding.site == PLATER
    (finding,) = of(CONTRADICT, [issued(at=day(0)), departed(at=LEFT), voided(at=day(4))])
    assert finding.amounts == {"reason": "voided_too_late", "moved_at": LEFT, "voided_at": day(4)}
    (finding,) = of(CONTRADICT, [departed(at=LEFT), confirmed(at=day(2))])
    assert finding.amounts == {"reason": "confirmed_unreceived", "confirmed_at": day(2)}
    (finding,) = of(CONTRADICT, [departed(at=LEFT), confirmed(at=day(2)), refused(at=day(4))])
    assert finding.amounts["received_at"] == day(4)


def test_a_void_that_came_too_late_is_taken_back() -> None:
    late = voided(at=day(2))
    facts: list[Wire | Entry] = [departed(at=LEFT), late]
    assert len(of(CONTRADICT, facts)) == 1
    assert of(CONTRADICT, [*facts, corrected(late, day(3), withdrawn=True)]) == []


def test_without_a_policy_clocks_must_agree() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), accepted(at=LEFT - 1)]
    assert len(of(CONTRADICT, facts, law=NO_LAW)) == 1
    assert of(CONTRADICT, [departed(at=LEFT), accepted(at=LEFT)], law=NO_LAW) == []


# Claimed exemptions


def clinic(**more: Any) -> Wire:
    return issued(code=INFECTIOUS, at=day(0), **more)


def a_clinics_way() -> list[Wire | Entry]:
    """A carrier nobody named, no receipt, a lock that opens: all of it the way's."""
    return [
        departed(code=INFECTIOUS, at=LEFT, carrier_org=COLLECTOR_ORG),
        observed(observation="lock-opened", at=day(1, 10)),
        handed_over(to=FACILITY_ORG, at=day(1, 11)),
    ]


def test_where_transport_is_claimed_exempt_the_way_is_not_judged() -> None:
    kinds = {finding.kind for finding in found([clinic(), *a_clinics_way()])}
    assert kinds == {
        AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG,
        AlertKind.MANIFEST_CARRIER_NOT_NAMED,
        AlertKind.MANIFEST_HANDOVER_BROKEN,
        AlertKind.MANIFEST_LOCK_OPENED,
    }
    assert found([clinic(exemption=INFECTIOUS_WAY), *a_clinics_way()]) == []
    both = clinic(exemption=INFECTIOUS_COLLECTION, exemptions=[INFECTIOUS_WAY])
    assert found([both, *a_clinics_way()]) == []


def test_a_departure_may_claim_it_as_well() -> None:
    left = departed(code=INFECTIOUS, at=LEFT, carrier_org=COLLECTOR_ORG, exemptions=[INFECTIOUS_WAY])
    assert found([clinic(), left]) == []


def test_a_claim_for_another_stage_or_waste_exempts_nothing_of_the_way() -> None:
    assert len(found([clinic(exemption=INFECTIOUS_COLLECTION), *a_clinics_way()])) == 4
    assert len(found([issued(at=day(0), exemption=INFECTIOUS_WAY), departed(at=LEFT)])) == 1
    mixed = issued(at=day(0), exemption=INFECTIOUS_WAY, lines=[line(INFECTIOUS, 10), line(SLUDGE, 10, no=2)])
    assert len(found([mixed, departed(at=LEFT)])) == 1


def test_where_collection_is_claimed_exempt_neither_issuer_nor_confirmation_is_asked_for() -> None:
    wire = clinic(exemption=INFECTIOUS_COLLECTION, on_paper=True)
    assert by(CARRIER_ORG, wire) == []
    taken = accepted(code=INFECTIOUS, at=day(1))
    assert found([(wire, day(25)), taken]) == []
    kept = {finding.kind for finding in found([(clinic(on_paper=True), day(25)), taken])}
    assert kept == {PAPER}
    plain = {finding.kind for finding in found([clinic(), taken])}
    assert plain == {AlertKind.MANIFEST_NOT_CONFIRMED}
    assert found([clinic(exemption=INFECTIOUS_COLLECTION), taken]) == []


def test_the_other_rules_hold_for_a_collectors_manifest() -> None:
    wire = issued(at=day(0), reverse_filled=True, origin=COLLECTOR, origin_org=COLLECTOR_ORG)
    left = departed(at=LEFT, origin=COLLECTOR, origin_org=COLLECTOR_ORG)
    assert {finding.kind for finding in found([wire, left])} == {AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG}
