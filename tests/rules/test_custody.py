"""Custody 联单: cases of one manifest."""

from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, beijing_date
from rules import custody
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR,
    COLLECTOR_ORG,
    FACILITY_ORG,
    KILN,
    MANIFEST,
    OIL,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
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
    observed,
    refused,
    returned,
    tolerance_set,
    voided,
    weighed,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, judge_all, keep, state_of

DIFFERS = AlertKind.MANIFEST_MASS_DIFFERS
TRANSIT = AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG
NOT_ACCEPTED = AlertKind.MANIFEST_NOT_ACCEPTED
NOT_CONFIRMED = AlertKind.MANIFEST_NOT_CONFIRMED
REUSED = AlertKind.MANIFEST_NUMBER_REUSED
WRONG = AlertKind.MANIFEST_WRONG_RECEIVER

LEFT = day(1)
ELSEWHERE: dict[str, Any] = {"origin": COLLECTOR, "origin_org": COLLECTOR_ORG}
TO_OTHER: dict[str, Any] = {"destination": OTHER_KILN, "destination_org": OTHER_FACILITY_ORG}


def found(facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> list[Finding]:
    return judge_all(custody, MANIFEST, facts, law or default_law(), at)


def kinds(facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> list[AlertKind]:
    return sorted(finding.kind for finding in found(facts, at, law))


def one(facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> Finding:
    (finding,) = found(facts, at, law)
    return finding


def life(**more: Any) -> list[Wire | Entry]:
    """An ordinary manifest: departed on day 1, accepted the same afternoon, confirmed on day 3."""
    return [
        issued(at=day(0)),
        departed(at=LEFT),
        arrived(at=day(1, 14)),
        accepted(at=day(1, 15), **more),
        confirmed(at=day(3)),
    ]


def test_an_ordinary_manifest_is_silent() -> None:
    assert found(life()) == []


def test_a_manifest_that_was_never_issued_is_believed() -> None:
    assert found(life()[1:]) == []


# Masses

MASS_CASES: list[tuple[str, list[Wire | Entry], list[AlertKind]]] = [
    ("two per cent less is within tolerance", [departed(kg=100, at=LEFT), accepted(kg=98, at=day(2))], []),
    (
        "a gram more than two per cent is not",
        [departed(kg=100, at=LEFT), accepted(kg="97.999", at=day(2))],
        [DIFFERS],
    ),
    (
        "too much differs as too little does",
        [departed(kg=100, at=LEFT), accepted(kg="102.001", at=day(2))],
        [DIFFERS],
    ),
    (
        "accepted and refused together make up the load",
        [departed(kg=180, at=LEFT), refused(kg=60, at=day(2)), accepted(kg=120, at=day(2))],
        [],
    ),
    (
        "what is refused and not accepted is still missing",
        [departed(kg=180, at=LEFT), refused(kg=40, at=day(2)), accepted(kg=120, at=day(2))],
        [DIFFERS],
    ),
    ("a refusal alone is not compared", [departed(kg=180, at=LEFT), refused(kg=40, at=day(2))], []),
    (
        "without a departure there is nothing to compare with",
        [issued(kg=100, at=LEFT), accepted(kg=50, at=day(2))],
        [],
    ),
    (
        "pieces are not compared",
        [departed(lines=[line(kg=None, pieces=3)], at=LEFT), accepted(lines=[line(kg=50)], at=day(2))],
        [],
    ),
    (
        "differences of two lines that make up for one another differ by line",
        [
            departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
            accepted(lines=[line(kg=90), line(SLUDGE, kg=110, no=2)], at=day(2)),
        ],
        [DIFFERS],
    ),
    (
        "a line that nobody received is missing",
        [
            departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
            accepted(lines=[line(kg=100)], at=day(2)),
        ],
        [DIFFERS],
    ),
    (
        "lines may be accepted one after the other",
        [
            departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
            accepted(lines=[line(kg=100)], at=day(2)),
            accepted(lines=[line(SLUDGE, kg=100, no=2)], at=day(2, 10)),
        ],
        [],
    ),
    (
        "another code under the same line number is another waste",
        [departed(MANIFEST, OIL, 100, at=LEFT), accepted(MANIFEST, SLUDGE, 100, at=day(2))],
        [DIFFERS],
    ),
    (
        "the same acceptance stated twice counts once",
        [departed(at=LEFT), accepted(at=day(2)), accepted(at=day(2, 11))],
        [],
    ),
    (
        "the same departure stated by two parties counts once",
        [departed(at=LEFT), departed(at=day(1, 10)), accepted(at=day(2))],
        [],
    ),
    (
        "contradictory acceptances show as a difference",
        [departed(at=LEFT), accepted(kg=180, at=day(2)), accepted(kg=125, at=day(2, 11))],
        [DIFFERS],
    ),
]


@pytest.mark.parametrize(("case", "facts", "expected"), MASS_CASES, ids=[case[0] for case in MASS_CASES])
def test_masses(case: str, facts: list[Wire | Entry], expected: list[AlertKind]) -> None:
    """Looked at before what was refused is due back."""
    assert kinds([*facts, confirmed(at=day(3))], day(12, 23, 59)) == expected


def test_a_difference_tells_both_masses_and_the_tolerance() -> None:
    finding = one(life(kg=170))
    assert (finding.since, finding.until, finding.site) == (day(1, 15), None, KILN)
    assert finding.parties == (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG)
    assert finding.amounts == {
        "loaded_g": 180_000,
        "accepted_g": 170_000,
        "refused_g": 0,
        "difference_g": -10_000,
        "difference_permille": 55,
        "tolerance_permille": 20,
        "line": 1,
        "waste_code": OIL,
        "line_loaded_g": 180_000,
        "line_received_g": 170_000,
    }


def test_the_tolerance_is_that_of_the_place_and_the_code() -> None:
    law = law_with(tolerance_set(60, scope={"region": "3306", "waste_code": OIL}))
    assert found(life(kg=170), law=law) == []
    assert kinds(life(kg=169), law=law) == [DIFFERS]


def test_in_all_a_mixed_load_may_be_held_to_less_than_its_lines_are() -> None:
    law = law_with(*(tolerance_set(100, scope={"waste_code": code}) for code in (OIL, SLUDGE)))
    facts: list[Wire | Entry] = [
        departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
        accepted(lines=[line(kg=95), line(SLUDGE, kg=100, no=2)], at=day(2)),
        confirmed(at=day(3)),
    ]
    finding = one(facts, law=law)
    assert finding.amounts["difference_permille"] == 25
    assert "line" not in finding.amounts


def test_a_typing_error_corrected_ends_the_difference() -> None:
    wrong = accepted(kg=1250, at=day(2))
    facts: list[Wire | Entry] = [departed(kg=125, at=LEFT), wrong, confirmed(at=day(3))]
    assert kinds(facts) == [DIFFERS]
    right: dict[str, Any] = {"lines": [line(kg=125)]}
    assert found([*facts, corrected(wrong, day(4), **right)]) == []


# Terms


def test_in_transit_too_long_from_the_instant_the_term_is_over() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT)]
    assert found(facts, LEFT + 72 * HOUR_US - 1) == []
    finding = one(facts, LEFT + 72 * HOUR_US)
    assert (finding.kind, finding.since, finding.until) == (TRANSIT, LEFT + 72 * HOUR_US, None)
    assert finding.amounts == {"departed_at": LEFT, "limit_at": LEFT + 72 * HOUR_US}
    assert finding.site == PLATER


@pytest.mark.parametrize("act", [arrived, weighed, accepted, refused, returned, confirmed])
def test_any_receipt_shows_that_the_load_arrived(act: Any) -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), act(at=day(3))]
    assert TRANSIT not in kinds(facts)
    late: list[Wire | Entry] = [departed(at=LEFT), act(at=day(5))]
    (over,) = [finding for finding in found(late, day(6)) if finding.kind == TRANSIT]
    assert (over.since, over.until) == (LEFT + 72 * HOUR_US, day(5))


def test_arriving_at_the_very_end_of_the_term_is_in_time() -> None:
    assert found([departed(at=LEFT), arrived(at=LEFT + 72 * HOUR_US)], LEFT + 73 * HOUR_US) == []


def test_an_arrival_before_the_departure_is_no_time_on_the_road_but_a_contradiction() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        arrived(at=day(0)),
        accepted(at=day(0, 10)),
        confirmed(at=day(3)),
    ]
    assert kinds(facts) == [AlertKind.MANIFEST_ACTS_CONTRADICT]


def test_arrived_and_neither_accepted_nor_refused() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), arrived(at=day(2))]
    assert found(facts, day(3) - 1) == []
    finding = one(facts, day(3))
    assert (finding.kind, finding.since, finding.site) == (NOT_ACCEPTED, day(3), KILN)
    assert one([*facts, refused(at=day(4))], day(5)).until == day(4)


def test_weighing_starts_the_term_as_arriving_does() -> None:
    assert kinds([departed(at=LEFT), weighed(at=day(2))]) == [NOT_ACCEPTED]


def test_confirmed_on_the_fifth_working_day_is_in_time() -> None:
    taken = accepted(at="2026-09-29 10:00")
    last = confirmed(at="2026-10-12 23:50")
    overdue = instant("2026-10-13 00:00")
    assert found([taken], overdue - 1) == []
    assert one([taken], overdue).since == overdue
    assert found([taken, last], instant("2026-12-01")) == []


def test_the_working_days_are_those_of_beijing() -> None:
    late_on_the_28th = accepted(at="2026-09-28 23:00")
    early_on_the_29th = accepted(at="2026-09-29 01:00")
    assert one([late_on_the_28th], instant("2026-12-01")).since == instant("2026-10-11 00:00")
    assert one([early_on_the_29th], instant("2026-12-01")).since == instant("2026-10-13 00:00")


def test_a_late_confirmation_ends_it_when_the_ledger_got_it() -> None:
    overdue = instant("2026-10-13 00:00")
    backdated: Entry = (confirmed(at="2026-10-12 10:00"), "2026-10-14 08:00")
    finding = one([accepted(at="2026-09-29 10:00"), backdated], instant("2026-12-01"))
    assert finding.kind == NOT_CONFIRMED
    assert (finding.since, finding.until) == (overdue, instant("2026-10-14 08:00"))
    assert finding.amounts == {"accepted_at": instant("2026-09-29 10:00"), "limit_at": overdue}


def test_a_confirmation_recorded_at_the_deadline_is_in_time() -> None:
    at_the_deadline: Entry = (confirmed(at="2026-10-12 10:00"), "2026-10-13 00:00")
    assert found([accepted(at="2026-09-29 10:00"), at_the_deadline], instant("2026-12-01")) == []


def test_a_year_without_a_calendar_counts_monday_to_friday() -> None:
    finding = one([accepted(at="2029-12-28 10:00")], instant("2030-02-01"))
    assert beijing_date(finding.since).isoformat() == "2030-01-05"


def test_a_manifest_entered_from_paper_is_not_asked_for_its_confirmation() -> None:
    assert found([issued(on_paper=True, at=day(0)), accepted(at=day(1))]) == []


def test_terms_follow_the_policy_of_region_and_code() -> None:
    law = law_with(limit_set("transit_term", 10, "hours", scope={"region": "33", "waste_code": OIL}))
    assert one([departed(at=LEFT)], day(2), law).since == LEFT + 10 * HOUR_US
    mixed: list[Wire | Entry] = [departed(lines=[line(), line(SLUDGE, no=2)], at=LEFT)]
    assert found(mixed, day(2), law) == []


def test_without_policies_there_are_no_terms_and_no_tolerance() -> None:
    assert found([departed(at=LEFT), arrived(at=day(9))], day(99), NO_LAW) == []
    assert kinds([departed(kg=1000, at=LEFT), accepted(kg="1000.001", at=day(2))], day(99), NO_LAW) == [
        DIFFERS
    ]


# Number

REUSE_CASES: list[tuple[str, list[Wire], int | None]] = [
    ("the same issue stated twice is once", [issued(at=day(0)), issued(at=day(1))], None),
    ("another destination", [issued(at=day(0)), issued(at=day(1), **TO_OTHER)], day(1)),
    ("other lines", [issued(at=day(0)), issued(kg=200, at=day(1))], day(1)),
    ("another origin", [issued(at=day(0)), issued(at=day(1), **ELSEWHERE)], day(1)),
    ("a departure from another origin", [issued(at=day(0)), departed(at=day(2), **ELSEWHERE)], day(2)),
    (
        "two departures from unrelated origins",
        [departed(at=day(0)), departed(at=day(1), **ELSEWHERE)],
        day(1),
    ),
    (
        "two vehicles with two loads",
        [departed(at=day(0)), departed(kg=90, vehicle="浙A99999", at=day(1))],
        day(1),
    ),
    (
        "a second vehicle, then another load",
        [
            departed(at=day(0)),
            departed(vehicle="浙A99999", at=day(1)),
            departed(kg=90, vehicle="浙A99999", at=day(2)),
        ],
        day(2),
    ),
    (
        "one load, its plate spelled in two ways",
        [departed(at=day(0)), departed(vehicle="浙D·12345", at=day(1))],
        None,
    ),
    ("a load that moves after the void", [issued(at=day(0)), voided(at=day(1)), departed(at=day(2))], day(2)),
    ("a void at the very departure", [issued(at=day(0)), departed(at=day(1)), voided(at=day(1))], None),
    ("a void that comes too late", [issued(at=day(0)), departed(at=day(1)), voided(at=day(2))], None),
]


@pytest.mark.parametrize(("case", "facts", "since"), REUSE_CASES, ids=[case[0] for case in REUSE_CASES])
def test_number(case: str, facts: list[Wire], since: int | None) -> None:
    reused = [finding for finding in found([*facts]) if finding.kind == REUSED]
    assert [finding.since for finding in reused] == ([] if since is None else [since])


def test_a_void_before_departure_ends_everything() -> None:
    twice: list[Wire | Entry] = [issued(at=day(0)), issued(kg=200, at=day(1))]
    finding = one([*twice, voided(at=day(4))])
    assert (finding.kind, finding.since, finding.until) == (REUSED, day(1), day(4))
    assert (
        custody.summary(state_of(custody, MANIFEST, [*twice, voided(at=day(4))], default_law()))["status"]
        == "voided"
    )


def test_a_void_taken_back_lets_the_terms_run() -> None:
    mistaken = voided(at=day(0, 10))
    facts: list[Wire | Entry] = [issued(at=day(0)), mistaken, departed(at=LEFT)]
    assert kinds(facts) == [TRANSIT, REUSED]
    assert kinds([*facts, corrected(mistaken, day(2), withdrawn=True)]) == [TRANSIT]


# Receiver


def test_acceptance_by_another_site_or_organisation() -> None:
    taken = accepted(receiver=OTHER_KILN, receiver_org=OTHER_FACILITY_ORG, at=day(2))
    finding = one([issued(at=day(0)), departed(at=LEFT), taken, confirmed(at=day(3))])
    assert (finding.kind, finding.since, finding.until, finding.site) == (WRONG, day(2), None, OTHER_KILN)
    assert finding.amounts["named_site"] == KILN
    assert OTHER_FACILITY_ORG in finding.parties
    by_org = [departed(at=LEFT), accepted(receiver_org=OTHER_FACILITY_ORG, at=day(2)), confirmed(at=day(3))]
    assert kinds([*by_org]) == [WRONG]


def test_a_receiver_without_an_organisation_is_not_taken_for_the_destination() -> None:
    finding = one([departed(at=LEFT), accepted(receiver=OTHER_KILN, at=day(2)), confirmed(at=day(3))])
    assert finding.kind == WRONG
    assert "receiver_org" not in finding.amounts


def test_acceptance_that_repeats_another_destination_than_was_issued() -> None:
    taken = accepted(at=day(2), **TO_OTHER)
    assert kinds([issued(at=day(0)), departed(at=LEFT), taken, confirmed(at=day(3))]) == [WRONG]


def test_a_wrong_gate_is_over_once_the_right_one_is_reached() -> None:
    facts: list[Wire | Entry] = [
        issued(at=day(0)),
        departed(at=LEFT),
        arrived(at_site=OTHER_KILN, at=day(1, 14)),
    ]
    assert one(facts, day(2)).until is None
    finding = one([*facts, arrived(at=day(1, 18)), accepted(at=day(1, 19)), confirmed(at=day(3))])
    assert (finding.kind, finding.since, finding.until) == (WRONG, day(1, 14), day(1, 18))


# Statements


def test_the_summary_tells_status_parties_and_lines() -> None:
    facts: list[Wire | Entry] = [*life(kg=170), handed_over(at=day(1, 11)), observed(at=day(1, 12))]
    told = custody.summary(state_of(custody, MANIFEST, facts, default_law()))
    assert told["status"] == "confirmed"
    assert told["carriers"] == [CARRIER_ORG, COLLECTOR_ORG]
    assert (told["origin"], told["destination"]) == (PLATER, KILN)
    assert told["lines"] == [
        {
            "line": 1,
            "waste_code": OIL,
            "issued_g": 180_000,
            "loaded_g": 180_000,
            "accepted_g": 170_000,
            "refused_g": None,
        }
    ]
    assert told["acts"]["departed"] == LEFT


STATUSES = [
    ("issued", 1),
    ("departed", 2),
    ("arrived", 3),
    ("accepted", 4),
    ("confirmed", 5),
]


@pytest.mark.parametrize(("status", "count"), STATUSES)
def test_the_status_is_the_furthest_act(status: str, count: int) -> None:
    assert custody.summary(state_of(custody, MANIFEST, life()[:count], default_law()))["status"] == status


def test_a_number_with_nothing_left_is_forgotten() -> None:
    only = issued(at=day(0))
    assert keep(custody, MANIFEST, [only, corrected(only, day(1), withdrawn=True)], default_law()).rows == {}


def test_an_observation_alone_makes_no_manifest() -> None:
    assert keep(custody, MANIFEST, [observed(at=day(0))], default_law()).rows == {}
