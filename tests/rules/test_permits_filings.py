"""Permits 许可: plans and what leaves under them, reports by class, insurance; daily ceilings, own years, ways, claims."""

from datetime import date
from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from rules import permits
from rules.permits_licences import year_start
from tests.facts import (
    INFECTIOUS,
    KILN,
    OIL,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    collected,
    corrected,
    day,
    departed,
    instant,
    insured,
    licence_changed,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    plan_filed,
    report_filed,
    scope,
    site_registered,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, assert_as_refolded, judge_all, keep

OUTSIDE, MORE = AlertKind.PLAN_OUTSIDE, AlertKind.PLAN_EXCEEDED
LATE, UNFILED, GAP = AlertKind.REPORT_OVERDUE, AlertKind.PLAN_NOT_FILED, AlertKind.INSURANCE_GAP
DAY_OVER, UNLICENSED = AlertKind.LICENCE_DAY_EXCEEDED, AlertKind.RECEIPT_UNLICENSED


def found(facts: list[Wire | Entry], at: int = day(300), law: Any = None, key: str = PLATER) -> list[Finding]:
    return judge_all(permits, key, facts, default_law() if law is None else law, at)


def planned(*lines: tuple[str, int, str | None], at: int = day(0), year: int = 2025) -> Wire:
    wires = [
        {"waste_code": code, "mass_kg": str(kg), **({} if end is None else {"destination": end})}
        for code, kg, end in lines
    ]
    return plan_filed(year, lines=wires, at=at)


# Outside the plan


@pytest.mark.parametrize(
    ("case", "plan", "left", "reason"),
    [
        ("no plan on file", [], {}, None),
        ("a plan of another year", [planned((SLUDGE, 1, None), year=2024)], {}, None),
        ("planned for anywhere", [planned((OIL, 999, None))], {}, None),
        ("planned for this destination", [planned((OIL, 999, OTHER_KILN), (OIL, 1, KILN))], {}, None),
        ("planned for another", [planned((OIL, 999, OTHER_KILN))], {}, "destination_not_planned"),
        ("another code", [planned((SLUDGE, 999, None))], {}, "code_not_planned"),
        ("filed after it left", [planned((SLUDGE, 999, None), at=day(2))], {}, None),
        (
            "filed at the same instant, before it",
            [planned((SLUDGE, 999, None), at=day(1))],
            {},
            "code_not_planned",
        ),
        (
            "the second line is not planned",
            [planned((OIL, 999, None))],
            {"lines": [line(), line(SLUDGE, no=2)]},
            "code_not_planned",
        ),
    ],
)
def test_outside_the_plan(case: str, plan: list[Wire], left: dict[str, Any], reason: str | None) -> None:
    told = found([*plan, departed(at=day(1), **left)], day(5))
    assert [f.amounts["reason"] for f in told if f.kind is OUTSIDE] == ([] if reason is None else [reason])


def test_the_plan_of_the_departures_beijing_year() -> None:
    plan = planned((SLUDGE, 999, None), year=2026, at=day(0))
    new_year = instant("2026-01-01 00:00")
    assert found([plan, departed(at=new_year - 1)], new_year) == []
    (told,) = found([plan, departed(at=new_year)], new_year)
    assert (told.kind, told.since, told.amounts["filing_no"]) == (OUTSIDE, new_year, "P2026")


def test_a_plan_changed_later_does_not_excuse_what_left_before() -> None:
    facts: list[Wire | Entry] = [
        planned((SLUDGE, 999, None)),
        departed(at=day(1)),
        planned((OIL, 999, None), at=day(2)),
    ]
    assert [f.subject for f in found(facts)] == [f"departure:{manifest_no()}"]


# More than planned


def test_up_to_the_plan_nothing_and_above_it_a_notice_dated_by_the_departure() -> None:
    plan, first = planned((OIL, 600, KILN), (OIL, 400, OTHER_KILN)), departed(kg=1_000, at=day(1))
    assert found([plan, first]) == []
    (told,) = found([plan, first, departed(manifest_no(2), kg="0.001", at=day(2))])
    assert (told.kind, told.subject, told.since, told.until) == (MORE, f"planned:2025:{OIL}", day(2), None)
    assert told.amounts == {"waste_code": OIL, "year": 2025, "taken_g": 1_000_001, "plan_g": 1_000_000}


def test_what_left_before_the_plan_was_filed_counts_in_its_year() -> None:
    facts: list[Wire | Entry] = [departed(kg=900, at=day(1)), planned((OIL, 1_000, None), at=day(2))]
    assert found(facts) == []
    assert [f.since for f in found([*facts, departed(manifest_no(2), kg=101, at=day(3))])] == [day(3)]


def test_the_years_end_and_a_larger_plan_end_it() -> None:
    facts: list[Wire | Entry] = [planned((OIL, 100, None)), departed(kg=101, at=day(1))]
    new_year = instant("2026-01-01 00:00")
    assert [f.until for f in found(facts, new_year - 1)] == [None]
    assert [f.until for f in found(facts, new_year)] == [new_year]
    assert [f.until for f in found([*facts, planned((OIL, 101, None), at=day(9))])] == [day(9)]
    assert [f.until for f in found([*facts, planned((OIL, 100, None), at=day(9))])] == [None]


def test_the_share_is_a_policy() -> None:
    law = law_with(limit_set("plan_over", 1_200, "permille", scope={"region": "33"}))
    facts: list[Wire | Entry] = [planned((OIL, 100, None)), departed(kg=120, at=day(1))]
    assert found(facts, law=law) == []
    assert [f.kind for f in found([*facts, departed(manifest_no(2), kg=1, at=day(2))], law=law)] == [MORE]
    assert found(facts, law=NO_LAW) == []


def test_a_late_departure_moves_the_crossing_and_a_withdrawn_one_undoes_it() -> None:
    second = departed(manifest_no(2), kg=60, at=day(5))
    facts: list[Wire | Entry] = [planned((OIL, 100, None)), departed(kg=50, at=day(3)), second]
    late: list[Wire | Entry] = [*facts, (departed(manifest_no(3), kg=60, at=day(1)), day(6))]
    assert [f.since for f in found(facts)] == [day(5)]
    assert [f.since for f in found(late)] == [day(3)]
    assert found([*facts, corrected(second, day(7), withdrawn=True)]) == []


def test_taking_back_after_a_plan_that_did_not_undo_the_crossing() -> None:
    third = departed(manifest_no(3), kg=60, at=day(4))
    facts: list[Wire | Entry] = [
        planned((OIL, 100, None)),
        departed(kg=110, at=day(3)),
        third,
        planned((OIL, 150, None), at=day(5)),
        corrected(third, day(6), withdrawn=True),
    ]
    keeper = keep(permits, PLATER, facts, default_law())
    assert [f.until for f in keeper.findings(day(9))] == [day(5)]
    assert_as_refolded(keeper, [day(9)])


# Reports


def reports(
    producer_class: str | None, *filed: Wire, at: str, since: str = "2025-03-01 09:00"
) -> list[tuple[Any, ...]]:
    registered = site_registered(producer_class=producer_class, at=instant(since))
    told = [f for f in found([registered, *filed], instant(at)) if f.kind is LATE]
    return [(f.amounts["period"], f.amounts["missing"], f.since, f.until) for f in told]


@pytest.mark.parametrize(
    ("producer_class", "period", "due"),
    [
        ("key", "2025-03", "2025-04-16 00:00"),
        ("simplified", "2025-Q2", "2025-07-16 00:00"),
        ("registered", "2026", "2027-04-01 00:00"),
    ],
)
def test_the_first_report_of_each_class_and_its_last_day(producer_class: str, period: str, due: str) -> None:
    at = instant(due)
    registered = site_registered(producer_class=producer_class, at=instant("2025-03-01 09:00"))
    assert [f for f in found([registered], at - 1) if f.kind is LATE] == []
    (told,) = [f for f in found([registered], at) if f.kind is LATE]
    assert (told.amounts["period"], told.amounts["limit_at"], told.since) == (period, at, at)
    assert (told.site, told.parties) == (PLATER, (PRODUCER_ORG,))


def test_a_period_that_began_before_the_registration_is_not_owed() -> None:
    assert reports("key", at="2025-04-16 00:00", since="2025-03-02 00:00") == []
    assert [one[0] for one in reports("key", at="2025-05-16 00:00", since="2025-03-02 00:00")] == ["2025-04"]


def test_no_class_no_reports() -> None:
    assert reports(None, at="2027-12-31 00:00") == []


def test_reports_in_time_and_late() -> None:
    march = report_filed("month", "2025-03-01", at="2025-04-15 23:59")
    assert reports("key", march, at="2025-04-20 00:00") == []
    late = report_filed("month", "2025-03-17", at="2025-04-18 10:00")
    closed = [("2025-03", 1, instant("2025-04-16 00:00"), instant("2025-04-18 10:00"))]
    assert reports("key", late, at="2025-04-20 00:00") == closed
    assert reports("key", late, at="2025-04-17 00:00") == [("2025-03", 1, closed[0][2], None)]


def test_all_that_is_missing_is_one_finding_which_tells_the_first() -> None:
    since = instant("2025-04-16 00:00")
    april = report_filed("month", "2025-04-01", at="2025-06-20 09:00")
    assert reports("key", april, at="2025-06-16 00:00") == [("2025-03", 3, since, None)]
    assert reports("key", april, at="2025-06-21 00:00") == [("2025-03", 2, since, None)]


def test_a_stretch_that_ended_gives_way_to_the_next() -> None:
    march = report_filed("month", "2025-03-01", at="2025-04-20 09:00")
    assert reports("key", march, at="2025-05-16 00:00") == [("2025-04", 1, instant("2025-05-16 00:00"), None)]


def test_the_class_registered_last_before_the_period_decides() -> None:
    facts: list[Wire | Entry] = [
        site_registered(producer_class="key", at=instant("2025-03-01 09:00")),
        report_filed("month", "2025-03-01", at="2025-04-10 09:00"),
        site_registered(producer_class="registered", at=instant("2025-04-01 09:00"), nth=2),
        site_registered(at=instant("2025-04-02 09:00"), nth=3),
    ]
    assert [f for f in found(facts, instant("2026-03-01 00:00")) if f.kind is LATE] == []


def test_a_city_sets_its_own_day() -> None:
    law = law_with(limit_set("report_monthly_term", 20, "days", scope={"region": "3301"}))
    registered = site_registered(producer_class="key", at=instant("2025-03-01 09:00"))
    assert [f.kind for f in found([registered], instant("2025-04-20 23:59"), law)] == []
    assert [f.kind for f in found([registered], instant("2025-04-21 00:00"), law)] == [LATE]
    assert found([registered], instant("2028-01-01 00:00"), NO_LAW) == []


def test_a_plan_is_due_by_31_march_of_years_that_begin_after_the_registration() -> None:
    registered = site_registered(producer_class="registered", at=instant("2025-03-01 09:00"))
    april = instant("2026-04-01 00:00")
    assert found([registered], april - 1) == []
    assert [(f.kind, f.since, f.amounts["period"]) for f in found([registered], april)] == [
        (UNFILED, april, "2026")
    ]
    assert found([registered, plan_filed(2026, at="2025-12-20 09:00")], april) == []
    late = found([registered, plan_filed(2026, at=april + 1)], april + 2)
    assert [(f.since, f.until) for f in late] == [(april, april + 1)]


# Insurance


@pytest.mark.parametrize(
    ("case", "covers", "since", "until"),
    [
        ("it runs", [("2025-03-01", "2026-03-01")], None, None),
        ("it ran out", [("2025-03-01", "2025-06-30")], "2025-07-01", None),
        ("renewed on the next day", [("2025-03-01", "2025-06-30"), ("2025-07-01", "2026-06-30")], None, None),
        (
            "renewed a day late",
            [("2025-03-01", "2025-06-30"), ("2025-07-02", "2026-06-30")],
            "2025-07-01",
            "2025-07-02",
        ),
        ("one within the other", [("2025-03-01", "2026-06-30"), ("2025-04-01", "2025-05-01")], None, None),
        ("one that ends before it begins", [("2025-03-01", "2025-02-01")], None, None),
        ("never insured", [], None, None),
    ],
)
def test_insurance(case: str, covers: list[tuple[str, str]], since: str | None, until: str | None) -> None:
    facts: list[Wire | Entry] = [insured(*cover, nth=n, at=day(0)) for n, cover in enumerate(covers)]
    told = found([site_registered(at=day(0)), *facts], instant("2025-12-01 00:00"))
    wanted = (
        []
        if since is None
        else [(instant(f"{since} 00:00"), None if until is None else instant(f"{until} 00:00"))]
    )
    assert [(f.since, f.until) for f in told] == wanted


def test_a_gap_begins_at_midnight_and_names_the_policy_that_ran_out() -> None:
    cover, gap_at = insured("2025-03-01", "2025-06-30", at=day(0)), instant("2025-07-01 00:00")
    assert found([cover], gap_at - 1) == []
    (told,) = found([cover], gap_at)
    assert (told.kind, told.amounts) == (
        GAP,
        {"uninsured_at": gap_at, "insurer": "人保财险", "policy_no": "B1"},
    )


def test_a_policy_asks_holders_to_be_insured_so_many_days_after_they_registered() -> None:
    demand = limit_set("insurance_grace", 10, "days", scope={"role": "facility"}, effective_from="2025-03-05")
    law = law_with(demand)
    holder = site_registered(KILN, "facility", at=day(0))
    asked_at = instant("2025-03-15 00:00")
    assert found([holder], asked_at - 1, law, KILN) == []
    assert [f.since for f in found([holder], asked_at, law, KILN)] == [asked_at]
    later = site_registered(KILN, "facility", at=instant("2025-04-01 09:00"))
    assert [f.since for f in found([later], day(300), law, KILN)] == [instant("2025-04-11 00:00")]
    assert found([site_registered(at=day(0))], day(300), law) == []
    assert found([holder], day(300), None, KILN) == []


def test_a_cover_to_the_end_of_the_calendar() -> None:
    assert found([insured("2025-03-01", "9999-12-31", at=day(0))], day(3000)) == []


# Lines: days, years, ways, claims


def ceiling(*facts: Wire, at: int = day(9), **more: Any) -> list[Finding]:
    licence = licence_granted(lines=[scope("HW01", daily_kg="60000"), scope("HW08")], at=day(-1), **more)
    return [f for f in found([licence, *facts], at, key=KILN) if f.kind is DAY_OVER]


def waste(no: int, kg: Any, at: int, code: str = INFECTIOUS) -> Wire:
    return accepted(manifest_no(no), code, kg, at=at)


def test_a_day_may_be_filled_to_its_ceiling_and_not_above() -> None:
    assert ceiling(waste(1, 60_000, day(1))) == []
    (told,) = ceiling(waste(1, 60_000, day(1)), waste(2, "0.001", day(1, 23)))
    assert (told.subject, told.since, told.until) == ("day:2025-03-04", day(1, 0), day(2, 0))
    assert told.amounts == {
        "licence_no": "3306040001",
        "line": 1,
        "taken_g": 60_000_001,
        "daily_g": 60_000_000,
        "lines_over": 1,
    }
    assert [f.until for f in ceiling(waste(1, 60_001, day(1)), at=day(2, 0) - 1)] == [None]


def test_days_are_beijings_and_lines_without_a_ceiling_have_none() -> None:
    assert ceiling(waste(1, 40_000, day(2, 0) - 1), waste(2, 40_000, day(2, 0))) == []
    assert ceiling(waste(1, 99_000, day(1), OIL)) == []


def test_a_ceiling_changed_for_the_day_is_that_days() -> None:
    lower = licence_changed(effective_from="2025-03-05", lines=[scope("HW01", daily_kg="10000")], at=day(0))
    assert [f.subject for f in ceiling(lower, waste(1, 20_000, day(1)), waste(2, 20_000, day(2)))] == [
        "day:2025-03-05"
    ]


@pytest.mark.parametrize(
    ("year_from", "on", "begins"),
    [
        (None, "2025-03-09", "2025-01-01"),
        ("2024-03-10", "2025-03-09", "2024-03-10"),
        ("2024-03-10", "2025-03-10", "2025-03-10"),
        ("2024-12-31", "2025-12-30", "2024-12-31"),
        ("2024-02-29", "2025-02-27", "2024-02-28"),
        ("2024-02-29", "2025-02-28", "2025-02-28"),
        ("2024-01-01", "2025-06-01", "2025-01-01"),
    ],
)
def test_the_first_day_of_a_licences_year(year_from: str | None, on: str, begins: str) -> None:
    first = 0 if year_from is None else date.fromisoformat(year_from).toordinal()
    assert year_start(first, date.fromisoformat(on).toordinal()) == date.fromisoformat(begins).toordinal()


def test_an_own_year_is_named_by_its_first_day_and_ends_with_it() -> None:
    licence = licence_granted(lines=[scope("HW08", tonnes=100)], year_from="2024-03-10", at=day(-1))
    (told,) = found([licence, waste(1, 95_000, day(8), OIL)], instant("2026-03-10 00:00"), key=KILN)
    assert (told.subject, told.until) == ("licence:3306040001#1:2025-03-10", instant("2026-03-10 00:00"))
    assert told.amounts["year"] == 2025


@pytest.mark.parametrize(
    ("policies", "kinds"),
    [
        ([], 2),
        ([limit_set("licence_over_from", 1_200, "permille")], 3),
        ([limit_set("licence_over_from", 1_201, "permille")], 2),
    ],
    ids=["above 120 %", "from 120 % on", "from 120.1 % on"],
)
def test_whether_the_figure_itself_is_over_is_a_policy(policies: list[Wire], kinds: int) -> None:
    licence = licence_granted(lines=[scope("HW08", tonnes=100)], at=day(-1))
    assert len(found([licence, waste(1, 120_000, day(1), OIL)], day(9), law_with(*policies), KILN)) == kinds


@pytest.mark.parametrize(
    ("method", "count"),
    [("D10", 0), ("R9", 0), ("D1", 1), (None, 0)],
    ids=["named", "the other", "not named", "unsaid"],
)
def test_a_way_of_treatment_is_in_scope_where_the_receipt_names_one(method: str | None, count: int) -> None:
    licence = licence_granted(lines=[scope("HW08", methods=["D10", "R9"])], at=day(-1))
    way: dict[str, Any] = {} if method is None else {"method": method}
    lines = [line(**way)]
    told = found([licence, accepted(lines=lines, at=day(1))], day(9), key=KILN)
    assert [f.amounts["reason"] for f in told] == ["other_method"] * count


def test_another_line_may_allow_the_way() -> None:
    licence = licence_granted(lines=[scope("HW08", methods=["R9"]), scope("HW08", tonnes=1)], at=day(-1))
    facts: list[Wire | Entry] = [licence, accepted(lines=[line(kg=950, method="D1")], at=day(1))]
    assert [f.subject for f in found(facts, day(9), key=KILN)] == ["licence:3306040001#2:2025"]


CLAIMS = [
    ("disposal of fly ash", accepted, "772-002-18", "2021-12-2", "D1", None),
    ("disposal, no way named", accepted, "772-002-18", "2021-12-2", None, None),
    ("a claim for the way only", accepted, "772-002-18", "2021-12-1", None, "wrong_stage"),
    ("recovery claimed, disposed of", accepted, OIL, "2021-08-1", "D10", "wrong_stage"),
    ("recovery claimed, recovered", accepted, OIL, "2021-08-1", "R9", None),
    ("another code", accepted, "772-003-18", "2021-12-2", "D1", "wrong_code"),
    ("an item that is not there", accepted, OIL, "2025-99-1", None, "unknown"),
    ("a clinic's collection", collected, INFECTIOUS, "2021-02-1", None, None),
    ("a clinic's waste burnt by the claimant", accepted, INFECTIOUS, "2021-02-1", "D10", "wrong_stage"),
]


@pytest.mark.parametrize(
    ("case", "build", "code", "item", "method", "doubt"), CLAIMS, ids=[c[0] for c in CLAIMS]
)
def test_a_claim_replaces_a_licence_only_at_its_stage_and_for_its_code(
    case: str, build: Any, code: str, item: str, method: str | None, doubt: str | None
) -> None:
    way: dict[str, Any] = {} if method is None else {"method": method}
    lines = [line(code, **way)]
    claim = {"exemption_id": item, "condition_met": "as the annex asks"}
    told = found([build(lines=lines, exemption=claim, at=day(1))], key=KILN)
    assert [f.amounts.get("claim_doubt") for f in told] == ([] if doubt is None else [doubt])
    again = found([build(lines=lines, exemptions=[claim], at=day(1))], key=KILN)
    assert [f.amounts for f in again] == [f.amounts for f in told]


def test_a_claim_of_a_second_statement_takes_the_line_out() -> None:
    claim = {"exemption_id": "2021-08-1", "condition_met": "drums"}
    facts: list[Wire | Entry] = [accepted(at=day(1)), accepted(exemption=claim, at=day(2))]
    assert found(facts, key=KILN) == []
