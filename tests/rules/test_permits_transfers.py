"""Permits 许可: loads out of the province, approvals and their steps, carriers, emergency plans; at every edge."""

from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from rules import permits
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    PLATE,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    corrected,
    day,
    departed,
    emergency_declared,
    handed_over,
    instant,
    issued,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    scope,
    transfer_applied,
    transfer_approved,
    transfer_examined,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, judge_all

AWAY = "320106-KILN09"
UNAPPROVED, OVER = AlertKind.TRANSFER_UNAPPROVED, AlertKind.TRANSFER_OVER_APPROVAL
APPROVAL, APPLICATION, CARRIER = "approval:A1", "application:S1", f"carrier:{CARRIER_ORG}"


def found(key: str, facts: list[Wire | Entry], at: int = day(300), law: Any = None) -> list[Finding]:
    return judge_all(permits, key, facts, default_law() if law is None else law, at)


def across(no: int = 1, kg: Any = 10_000, code: str = OIL, at: Any = None, **more: Any) -> Wire:
    at = day(no) if at is None else at
    return departed(manifest_no(no), code, kg, at=at, **{"destination": AWAY, "approval_no": "A1", **more})


# An approval's weight


def test_up_to_the_approved_weight_nothing_and_above_it_that_manifest_only() -> None:
    approved = transfer_approved(kg=20_000, at=day(0))
    assert found(APPROVAL, [approved, across(1), across(2)]) == []
    (over,) = found(APPROVAL, [approved, across(1), across(2), across(3, "0.001")])
    assert (over.kind, over.subject, over.since) == (OVER, f"load:{manifest_no(3)}", day(3))
    assert over.amounts == {
        "approval_no": "A1",
        "waste_code": OIL,
        "mass_g": 1,
        "taken_g": 20_000_001,
        "approved_g": 20_000_000,
        "over_g": 1,
        "manifest_no": manifest_no(3),
    }
    assert (over.site, over.parties) == (PLATER, (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG))


def test_what_went_over_is_counted_so_the_next_is_over_too_by_no_more_than_itself() -> None:
    facts: list[Wire | Entry] = [
        transfer_approved(kg=15_000, at=day(0)),
        across(1),
        across(2),
        across(3, 1_000),
    ]
    assert [(f.subject, f.amounts["over_g"]) for f in found(APPROVAL, facts)] == [
        (f"load:{manifest_no(2)}", 5_000_000),
        (f"load:{manifest_no(3)}", 1_000_000),
    ]


def test_a_manifest_counts_once_by_its_first_departure() -> None:
    facts: list[Wire | Entry] = [
        transfer_approved(kg=15_000, at=day(0)),
        across(1),
        across(1, 9_000, at=day(2)),
    ]
    assert found(APPROVAL, facts) == []


def test_loads_within_the_province_and_pieces_count_nothing() -> None:
    pieces = across(3, lines=[line(kg=None, pieces=4)])
    facts: list[Wire | Entry] = [
        transfer_approved(kg=10_000, at=day(0)),
        across(1, destination=KILN),
        across(2),
        pieces,
    ]
    assert found(APPROVAL, facts) == []


def test_a_later_statement_of_the_number_gives_the_weight_from_its_first_day() -> None:
    larger = transfer_approved(kg=30_000, valid_from="2025-03-06", at=day(1))
    facts: list[Wire | Entry] = [
        transfer_approved(kg=10_000, at=day(0)),
        larger,
        across(2),
        across(3),
        across(4, 9_000),
    ]
    assert found(APPROVAL, facts) == []
    assert [f.since for f in found(APPROVAL, [*facts[:2], across(1, 11_000), across(5, 19_000)])] == [day(1)]


# An approval's terms

LONG = transfer_approved(valid_from="2025-03-05", valid_until="2027-12-31", at=day(0))
COVERED = [
    ("on the first day", transfer_approved(valid_from="2025-03-04", at=day(0)), day(1, 0)),
    ("on the last day", transfer_approved(valid_until="2025-03-04", at=day(0)), day(1, 23, 59)),
    ("on the last day of twelve months", LONG, instant("2026-03-04 23:59")),
    ("approved after it left, with effect from before", transfer_approved(at=day(9)), day(1)),
]
TWO_CODES = {"lines": [line(), line(SLUDGE, no=2)]}
WRONG: list[tuple[str, Wire | None, int, dict[str, Any], str]] = [
    (
        "before the first day",
        transfer_approved(valid_from="2025-03-04", at=day(0)),
        day(0, 23, 59),
        {},
        "not_yet_valid",
    ),
    ("after the last day", transfer_approved(valid_until="2025-03-04", at=day(0)), day(2, 0), {}, "lapsed"),
    ("after twelve months", LONG, instant("2026-03-05 00:00"), {}, "lapsed"),
    (
        "after the applicant's end",
        transfer_approved(requested_until="2025-03-04", at=day(0)),
        day(2, 0),
        {},
        "lapsed",
    ),
    (
        "after the licence's end",
        transfer_approved(licence_until="2025-03-04", at=day(0)),
        day(2, 0),
        {},
        "lapsed",
    ),
    ("ends before it begins", transfer_approved(valid_until="2024-01-01", at=day(0)), day(1), {}, "lapsed"),
    ("another origin", transfer_approved(at=day(0)), day(1), {"origin": "330106-OTHER"}, "other_origin"),
    (
        "another destination",
        transfer_approved(at=day(0)),
        day(1),
        {"destination": "340100-X"},
        "other_destination",
    ),
    ("another code", transfer_approved(at=day(0)), day(1), {"code": SLUDGE}, "other_code"),
    (
        "another code on the second line",
        transfer_approved(at=day(0)),
        day(1),
        {"lines": [line(), line(SLUDGE, no=2)]},
        "other_code",
    ),
    ("a number that was never approved", None, day(1), {}, "unknown_approval"),
]


@pytest.mark.parametrize(("case", "approved", "at"), COVERED, ids=[case[0] for case in COVERED])
def test_covered_by_the_approval(case: str, approved: Wire, at: int) -> None:
    assert found(APPROVAL, [approved, across(at=at)], instant("2027-01-01 00:00")) == []


@pytest.mark.parametrize(("case", "approved", "at", "more", "reason"), WRONG, ids=[case[0] for case in WRONG])
def test_not_covered_and_why(
    case: str, approved: Wire | None, at: int, more: dict[str, Any], reason: str
) -> None:
    facts: list[Wire | Entry] = [approved] if approved is not None else []
    (wrong,) = found(APPROVAL, [*facts, across(at=at, **more)], instant("2027-01-01 00:00"))
    assert (wrong.kind, wrong.since, wrong.until, wrong.amounts["reason"]) == (UNAPPROVED, at, None, reason)
    assert wrong.amounts["mass_g"] == (360_000 if "lines" in more else more.get("kg", 10_000) * 1000)


def test_the_term_is_a_policy_of_the_origins_region() -> None:
    shorter = law_with(limit_set("approval_term", 30, "days", scope={"region": "3301"}))
    approved = transfer_approved(valid_from="2025-03-01", at=day(0))
    assert found(APPROVAL, [approved, across(at=instant("2025-03-30 23:00"))], law=shorter) == []
    (wrong,) = found(APPROVAL, [approved, across(at=instant("2025-03-31 00:00"))], law=shorter)
    assert wrong.amounts["limit_at"] == instant("2025-03-31 00:00")
    assert (
        found(
            APPROVAL,
            [transfer_approved(valid_until="2029-01-01", at=day(0)), across(at=day(900))],
            day(999),
            NO_LAW,
        )
        == []
    )


@pytest.mark.parametrize(
    ("methods", "since"),
    [(["D10"], None), ([None], None), (["D10", "R15"], day(5)), (["R15"], day(5))],
)
def test_the_way_of_treatment_is_known_from_the_acceptance(
    methods: list[str | None], since: int | None
) -> None:
    lines = [line(no=n, **({} if m is None else {"method": m})) for n, m in enumerate(methods, 1)]
    taken = accepted(lines=lines, destination=AWAY, approval_no="A1", at=day(5))
    left = departed(destination=AWAY, approval_no="A1", at=day(1))
    wrong = found(APPROVAL, [transfer_approved(method="D10", at=day(0)), left, taken])
    assert [f.since for f in wrong] == ([] if since is None else [since])
    assert found(APPROVAL, [transfer_approved(at=day(0)), left, taken]) == []


# No approval claimed


def test_only_a_load_that_leaves_the_province_needs_an_approval() -> None:
    assert found(PLATER, [across(1, approval_no=None, destination="339900-X")]) == []
    (wrong,) = found(PLATER, [across(1, approval_no=None)])
    assert (wrong.kind, wrong.amounts["reason"], wrong.amounts["mass_g"]) == (
        UNAPPROVED,
        "no_approval",
        10_000_000,
    )
    assert found(PLATER, [across(1)]) == []


def test_one_statement_that_claims_an_approval_is_enough() -> None:
    assert found(PLATER, [across(1, approval_no=None), across(1, at=day(2))]) == []


CLAIM = {"exemption_id": "2021-18-1", "condition_met": "unbroken"}


@pytest.mark.parametrize(
    ("case", "code", "claims", "count"),
    [
        ("exempt on the way", "900-052-31", [CLAIM], 0),
        ("another code", OIL, [CLAIM], 1),
        ("another stage", "772-002-18", [{**CLAIM, "exemption_id": "2021-12-2"}], 1),
        ("an item that is not there", "900-052-31", [{**CLAIM, "exemption_id": "2021-99-1"}], 1),
    ],
)
def test_exempt_on_the_way_only_where_the_annex_says_so(
    case: str, code: str, claims: list[Wire], count: int
) -> None:
    assert len(found(PLATER, [across(1, code=code, approval_no=None, exemptions=claims)])) == count
    two = [line(code, 5), line(SLUDGE, 5, no=2)]
    assert len(found(PLATER, [across(1, lines=two, approval_no=None, exemptions=claims)])) == 1


# The steps (MT 23-26). 2025-03-03 is a Monday; no holiday before 2025-04-04.


def overdue(*facts: Wire, at: int = day(29)) -> list[tuple[Any, ...]]:
    told = found(APPLICATION, [transfer_applied(at=day(0)), *facts], at)
    return [(f.amounts["step"], f.since, f.until) for f in told]


def test_an_opinion_is_due_five_working_days_after_acceptance() -> None:
    taken_on = transfer_examined("accepted", at=day(1))
    assert overdue(taken_on, at=day(9, 0) - 1) == []
    assert overdue(taken_on, at=day(9, 0)) == [("opinion", day(9, 0), None)]
    assert overdue(taken_on, transfer_examined("opinion", at=day(8, 23))) == [("reply", day(23, 0), None)]


def test_an_application_on_which_nothing_is_said_is_deemed_accepted() -> None:
    assert overdue(at=day(8, 0)) == [("opinion", day(8, 0), None)]


@pytest.mark.parametrize(
    ("noticed", "since"),
    [(day(7, 23), None), (day(8, 0), day(8, 0))],
    ids=["in time: it waits for the supplement", "too late: deemed accepted"],
)
def test_a_notice_that_the_file_is_incomplete(noticed: int, since: int | None) -> None:
    told = overdue(transfer_examined("incomplete", at=noticed), at=day(20))
    assert [one[1] for one in told] == ([] if since is None else [since])


def test_after_a_supplement_the_clock_runs_from_it() -> None:
    notice = transfer_examined("incomplete", at=day(2))
    assert overdue(notice, transfer_examined("supplemented", at=day(10)), at=day(20)) == [
        ("opinion", day(18, 0), None)
    ]


def test_reply_and_decision_have_ten_and_five_working_days() -> None:
    opinion = transfer_examined("opinion", at=day(4))
    assert overdue(opinion, at=day(19, 0) - 1) == []
    assert overdue(opinion, at=day(19, 0)) == [("reply", day(19, 0), None)]
    reply = transfer_examined("reply", at=day(14))
    assert overdue(opinion, reply, at=day(22, 0) - 1) == []
    assert overdue(opinion, reply, at=day(22, 0)) == [("decision", day(22, 0), None)]


def test_a_late_step_ends_its_own_finding_and_the_next_one_follows() -> None:
    late = transfer_examined("opinion", at=day(9))
    assert overdue(late, at=day(10)) == [("opinion", day(8, 0), day(9))]
    (reply,) = found(APPLICATION, [transfer_applied(at=day(0)), late], day(25))
    assert (reply.amounts["step"], reply.site) == ("reply", AWAY)


@pytest.mark.parametrize(
    "end",
    [
        transfer_examined("declined", at=day(5)),
        transfer_examined("withdrawn", at=day(5)),
        transfer_approved(application_no="S1", at=day(5)),
    ],
    ids=["declined", "withdrawn", "approved"],
)
def test_an_end_stops_all_clocks(end: Wire) -> None:
    assert overdue(end) == []


def test_a_later_step_stands_for_the_earlier_one() -> None:
    assert overdue(transfer_examined("reply", at=day(5)), at=day(9)) == []


def test_steps_without_an_application_are_kept_and_judge_nothing() -> None:
    assert found(APPLICATION, [transfer_examined("opinion", at=day(1))]) == []


# Carriers


def road(
    no: str = "Y1", valid_from: str = "2025-03-05", valid_until: str = "2025-03-10", **more: Any
) -> Wire:
    term = {"valid_from": valid_from, "valid_until": valid_until, "licence_type": "transport"}
    return licence_granted(no, at=day(0), **{"holder_org": CARRIER_ORG, **term, **more})


@pytest.mark.parametrize(
    ("case", "at", "reason"),
    [
        ("before any licence is known", day(1, 23, 59), None),
        ("on the first day", day(2, 0), None),
        ("on the last day", day(7, 23, 59), None),
        ("the day after", day(8, 0), "lapsed"),
    ],
)
def test_a_carriers_licence_holds_at_departure(case: str, at: int, reason: str | None) -> None:
    wrong = found(CARRIER, [road(), departed(at=at)])
    assert [f.amounts["reason"] for f in wrong] == ([] if reason is None else [reason])


def test_the_finding_names_manifest_vehicle_and_licence() -> None:
    (wrong,) = found(CARRIER, [road(), departed(at=day(8))])
    assert (wrong.kind, wrong.subject, wrong.since) == (
        AlertKind.CARRIER_UNLICENSED,
        f"trip:{manifest_no()}",
        day(8),
    )
    assert wrong.amounts == {
        "manifest_no": manifest_no(),
        "departed_at": day(8),
        "vehicle": PLATE,
        "reason": "lapsed",
        "licence_no": "Y1",
    }
    assert (wrong.site, wrong.parties) == (PLATER, (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG))


def test_one_licence_that_holds_is_enough() -> None:
    assert found(CARRIER, [road(), road("Y2", "2025-03-09", "2029-01-01"), departed(at=day(8))]) == []


@pytest.mark.parametrize(
    ("number", "reason"), [("Y1", None), ("Y9", "unknown_number")], ids=["known", "unknown"]
)
def test_a_number_stated_by_manifest_or_departure(number: str, reason: str | None) -> None:
    carriers = [{"org": COLLECTOR_ORG}, {"org": CARRIER_ORG, "transport_licence_no": number}]
    by_manifest = found(CARRIER, [road(), issued(carriers=carriers, at=day(3)), departed(at=day(4))])
    by_departure = found(CARRIER, [road(), departed(transport_licence_no=number, at=day(4))])
    for wrong in (by_manifest, by_departure):
        assert [f.amounts["reason"] for f in wrong] == ([] if reason is None else [reason])


def test_a_licence_of_another_type_is_none_of_the_roads() -> None:
    assert found(CARRIER, [road(licence_type="comprehensive"), departed(at=day(3))]) == []


def test_a_policy_asks_a_licence_of_every_carrier() -> None:
    law = law_with(limit_set("carrier_licence_grace", 0, "days", scope={"region": "3301"}))
    (wrong,) = found(CARRIER, [departed(at=day(1))], law=law)
    assert (wrong.amounts["reason"], "licence_no" in wrong.amounts) == ("no_licence", False)
    assert found(CARRIER, [departed(origin="330206-X", at=day(1))], law=law) == []


def test_a_manifest_alone_is_no_conduct_and_a_hand_over_is() -> None:
    carriers = [{"org": CARRIER_ORG, "transport_licence_no": "Y9"}]
    assert found(CARRIER, [road(), issued(carriers=carriers, at=day(3))]) == []
    (wrong,) = found(CARRIER, [road(), handed_over(to=CARRIER_ORG, at=day(9))])
    assert wrong.amounts["reason"] == "lapsed"


def test_revoked_on_the_day() -> None:
    ended = licence_ended("Y1", "revoked", "2025-03-06", holder_org=CARRIER_ORG, at=day(1))
    assert found(CARRIER, [road(), ended, departed(at=day(2))]) == []
    assert [f.amounts["reason"] for f in found(CARRIER, [road(), ended, departed(at=day(3))])] == ["revoked"]


def test_what_is_exempt_on_the_way_needs_no_licensed_carrier() -> None:
    load: dict[str, Any] = {"code": "900-052-31", "at": day(8)}
    assert len(found(CARRIER, [road(), departed(**load)])) == 1
    assert found(CARRIER, [road(), departed(exemptions=[CLAIM], **load)]) == []


# Emergency plans (case 7)

PLAN = emergency_declared(
    {KILN: 150_000},
    scope={"region": "33"},
    effective_from="2025-03-05",
    effective_until="2025-03-10",
    vehicles=[PLATE],
)


@pytest.mark.parametrize(("at", "count"), [(day(1, 23), 1), (day(2, 0), 0), (day(7, 23), 0), (day(8, 0), 1)])
def test_a_vehicle_of_the_plan_needs_no_licence_while_it_lasts(at: int, count: int) -> None:
    lapsed = road(valid_from="2024-01-01", valid_until="2025-01-31")
    assert len(found(CARRIER, [lapsed, departed(at=at)], law=law_with(PLAN))) == count
    assert len(found(CARRIER, [lapsed, departed(at=at, vehicle="浙A00001")], law=law_with(PLAN))) == 1


@pytest.mark.parametrize(("at", "count"), [(day(1, 23), 1), (day(2, 0), 0), (day(7, 23), 0), (day(8, 0), 1)])
def test_a_kiln_on_the_plan_and_the_first_truck_after_its_end(at: int, count: int) -> None:
    assert len(found(KILN, [accepted(code=INFECTIOUS, at=at)], law=law_with(PLAN))) == count


def test_a_boiler_that_is_not_on_the_plan_alerts() -> None:
    boiler = "330604-BOILER1"
    assert (
        len(found(boiler, [accepted(code=INFECTIOUS, destination=boiler, at=day(3))], law=law_with(PLAN)))
        == 1
    )


def test_a_plan_for_medical_waste_licenses_nothing_else() -> None:
    assert len(found(KILN, [accepted(code=OIL, at=day(3))], law=law_with(PLAN))) == 1


def test_a_facility_of_the_plan_has_no_daily_ceiling_of_its_licence() -> None:
    licence = licence_granted(lines=[scope("HW01", daily_kg="1000")], at=day(-1))
    over = accepted(code=INFECTIOUS, kg=2_000, at=day(3))
    assert found(KILN, [licence, over], law=law_with(PLAN)) == []
    assert [f.kind for f in found(KILN, [licence, over])] == [AlertKind.LICENCE_DAY_EXCEEDED]


def test_a_departure_corrected_to_stay_in_the_province_is_forgotten() -> None:
    left = across(1, approval_no=None)
    assert found(PLATER, [left, corrected(left, day(3), destination=KILN)]) == []
