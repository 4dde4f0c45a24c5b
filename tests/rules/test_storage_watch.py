"""What is watched beside the lots: rounds, activity, intake, residues and campaigns."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import Finding
from rules import storage
from tests.facts import (
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    OIL,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    again,
    campaign_opened,
    collected,
    collection_missed,
    corrected,
    counted,
    day,
    departed,
    extension_granted,
    generated,
    instant,
    limit_set,
    line,
    manifest_no,
    released,
    site_registered,
    stock_taken,
    stored,
    treated,
)
from tests.facts import activity as reported
from tests.laws import default_law, law_with
from tests.rules.books_storage import Chance
from tests.rules.harness import assert_order_is_nothing, judge_all

LAW = default_law()
STRICT = law_with(
    limit_set("collection_interval", 1, "days"),
    limit_set("coverage_interval", 20, "days"),
    limit_set("silence_history", 1, "days"),
    limit_set("silence_share", 900, "permille"),
    limit_set("intake_tolerance", 10, "permille"),
    limit_set("residue_least", 300, "permille"),
    limit_set("residue_most", 400, "permille", scope={"role": "facility"}),
    campaign_opened("a", "2026-04-05", effective_from="2026-03-10"),
    campaign_opened("b", "2026-04-08", effective_from="2026-03-20", scope={"region": "3301"}),
)
CAMPAIGN, OVERDUE, SILENT = "campaign.not_cleared", "collection.overdue", "generation.silent"
MISSING, RESIDUES = "intake.unaccounted", "residue.out_of_range"


def _found(facts: list[Any], at: Any, kind: str, site: str = PLATER, law: Any = LAW) -> list[Finding]:
    return [f for f in judge_all(storage, site, facts, law, at) if f.kind == kind]


def _one(facts: list[Any], at: Any, kind: str, site: str = PLATER, law: Any = LAW) -> Finding:
    (finding,) = _found(facts, at, kind, site, law)
    return finding


# The property of every rule, with policies under which all of this is found


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**9), length=st.integers(2, 24))
def test_order_is_nothing_under_policies_that_find_everything(seed: int, length: int) -> None:
    assert_order_is_nothing(storage, PLATER, Chance(seed).book(length), STRICT, seed)


# Coverage

CLINIC = site_registered(HOSPITAL, "health-facility", at=day(0))
SMALL = site_registered(PLATER, producer_class="registered", at=day(0))
MONTHLY = law_with(limit_set("coverage_interval", 30, "days", scope={"region": "3301"}))


def test_waste_may_wait_for_seven_days_the_first_not_counted() -> None:
    facts = [CLINIC, generated("B", OIL, 5, site=HOSPITAL, at=day(1, 23))]
    assert _found(facts, day(8, 23, 59), OVERDUE, HOSPITAL) == []
    finding = _one(facts, day(9, 0), OVERDUE, HOSPITAL)
    assert (finding.since, finding.until, finding.subject) == (day(9, 0), None, "rounds")
    assert finding.amounts == {"waiting_since_at": day(1, 23), "due_at": day(9, 0)}
    assert finding.parties == (HOSPITAL_ORG,)
    assert "7 days" in finding.basis


@pytest.mark.parametrize(
    "visit",
    [
        collected(OIL, 5, at=day(8)),
        departed(manifest_no(5), kg=5, origin=HOSPITAL, at=day(8)),
        treated(OIL, 5, site=HOSPITAL, org=HOSPITAL_ORG, own_waste=True, at=day(8)),
    ],
    ids=["a round", "a departure", "treatment on the spot"],
)
def test_somebody_came_in_time(visit: Wire) -> None:
    facts = [CLINIC, generated("B", OIL, 5, site=HOSPITAL, at=day(1)), visit]
    assert _found(facts, day(60), OVERDUE, HOSPITAL) == []


def test_a_round_that_is_missed_or_comes_to_another_is_none() -> None:
    facts = [
        CLINIC,
        generated("B", OIL, 5, site=HOSPITAL, at=day(1)),
        collection_missed(at=day(3)),
        collected(OIL, 5, origin=PLATER, destination=HOSPITAL, at=day(3)),
    ]
    assert len(_found(facts, day(9), OVERDUE, HOSPITAL)) == 1


def test_the_next_waste_has_a_wait_of_its_own_and_the_last_wait_too_long_stays_told() -> None:
    facts = [
        CLINIC,
        generated("A", OIL, 5, site=HOSPITAL, at=day(1)),
        collected(OIL, 5, at=day(12)),
        generated("B", OIL, 5, site=HOSPITAL, at=day(40)),
        collected(OIL, 5, round_id="R2", at=day(44)),
        generated("C", OIL, 5, site=HOSPITAL, at=day(60)),
    ]
    past = _one(facts, day(60), OVERDUE, HOSPITAL)
    assert (past.since, past.until) == (day(9, 0), day(12))
    again_over = _one(facts, day(68, 0), OVERDUE, HOSPITAL)
    assert (again_over.since, again_over.until) == (day(68, 0), None)
    assert again_over.amounts["last_collected_at"] == day(44)


def test_a_collection_at_the_very_instant_is_in_time_and_one_later_is_not() -> None:
    facts = [CLINIC, generated("B", OIL, 5, site=HOSPITAL, at=day(1))]
    assert _found([*facts, collected(OIL, 5, at=day(9, 0))], day(20), OVERDUE, HOSPITAL) == []
    assert len(_found([*facts, collected(OIL, 5, at=day(9, 0, 1))], day(20), OVERDUE, HOSPITAL)) == 1


def test_what_was_in_store_at_registration_waits_from_then() -> None:
    facts = [generated("B", OIL, 5, site=HOSPITAL, at=day(-20)), CLINIC]
    assert _one(facts, day(8, 0), OVERDUE, HOSPITAL).amounts["waiting_since_at"] == day(0)


def test_only_health_facilities_and_registered_producers_are_watched() -> None:
    made = generated("B", OIL, 5, at=day(1))
    law = law_with(limit_set("collection_interval", 7, "days", scope={"region": "33"}))
    assert len(_found([SMALL, made], day(30), OVERDUE, law=law)) == 1
    for plain in ({}, {"producer_class": "key"}, {"producer_class": "simplified"}):
        assert _found([site_registered(at=day(0), **plain), made], day(30), OVERDUE, law=law) == []
    assert _found([SMALL, made], day(30), OVERDUE) == []  # The default is for health facilities.


def test_a_region_that_wants_visits_counts_from_registration_and_from_the_last_one() -> None:
    assert _found([SMALL], day(30, 23, 59), OVERDUE, law=MONTHLY) == []
    assert _one([SMALL], day(31, 0), OVERDUE, law=MONTHLY).amounts["waiting_since_at"] == day(0)
    visited = [SMALL, departed(kg=1, at=day(10))]
    assert _found(visited, day(40), OVERDUE, law=MONTHLY) == []
    assert _one(visited, day(41, 0), OVERDUE, law=MONTHLY).amounts["last_collected_at"] == day(10)


# Silence


def _kwh(month: int, amount: int = 10_000, *, at: Any = None, year: int = 2025, **more: Any) -> Wire:
    until = f"{year + month // 12}-{month % 12 + 1:02d}-01"
    who = {"site": PLATER, "org": PRODUCER_ORG, "destination_org": None}
    period = {"period_from": f"{year}-{month:02d}-01", "period_until": until}
    measure = more.pop("measure", "kwh")
    return reported(amount, measure, at=at or f"{until} 09:00", **{**who, **period, **more})


def _made(month: int, kg: int) -> Wire:
    return generated(f"M{month}", SLUDGE, kg, at=f"2025-{month:02d}-10 09:00")


PAST = [fact for month, kg in ((4, 1000), (5, 1100), (6, 900)) for fact in (_made(month, kg), _kwh(month))]


@pytest.mark.parametrize(("kg", "is_silent"), [(199, True), (200, False), (201, False)])
def test_a_fifth_of_the_past_is_the_measure(kg: int, is_silent: bool) -> None:
    found = _found([*PAST, _made(7, kg), _kwh(7)], day(200), SILENT)
    assert bool(found) is is_silent


def test_a_silence_tells_both_periods_and_both_ratios() -> None:
    finding = _one([*PAST, _made(7, 100), _kwh(7, 20_000)], day(200), SILENT)
    assert (finding.since, finding.until) == (instant("2025-08-01 00:00"), None)
    assert finding.subject == "activity:kwh"
    assert finding.amounts == {
        "measure": "kwh",
        "period_from_at": instant("2025-07-01"),
        "period_until_at": instant("2025-08-01"),
        "activity": 20_000,
        "generated_g": 100_000,
        "rate_mg": 5_000,
        "past_from_at": instant("2025-04-01"),
        "past_until_at": instant("2025-07-01"),
        "past_activity": 30_000,
        "past_generated_g": 3_000_000,
        "past_rate_mg": 100_000,
    }


def test_silence_goes_on_and_does_not_become_the_measure_until_waste_is_stated_again() -> None:
    silent = [*PAST, _kwh(7), _kwh(8), _kwh(9)]
    going_on = _one(silent, day(230), SILENT)
    assert (going_on.since, going_on.until) == (instant("2025-08-01"), None)
    assert going_on.amounts["period_from_at"] == instant("2025-09-01")
    assert going_on.amounts["past_generated_g"] == 3_000_000
    over = _one([*silent, _made(10, 900), _kwh(10)], day(260), SILENT)
    assert (over.since, over.until) == (instant("2025-08-01"), instant("2025-11-01"))


@pytest.mark.parametrize(
    "facts",
    [
        [*PAST[:4], _kwh(7)],
        [*PAST, _kwh(7, 0)],
        [*PAST, _kwh(7, period_until="2025-07-29")],
        [_kwh(4), _kwh(5), _kwh(6), _kwh(7)],
        [*PAST, _kwh(7, measure="output_kg")],
        [*PAST, _kwh(7, period_from="2025-08-01", period_until="2025-07-01")],
        [*PAST, _kwh(7, period_until="2026-08-01")],
    ],
    ids=[
        "61 days of past",
        "no activity",
        "a month not yet reported to its end",
        "no waste in the past",
        "another measure",
        "a period that ends before it begins",
        "a period of over a year",
    ],
)
def test_what_cannot_be_compared_is_no_silence(facts: list[Wire]) -> None:
    assert _found(facts, day(600), SILENT) == []


def test_waste_stated_late_a_report_corrected_and_one_restated_are_judged_anew() -> None:
    silent = [*PAST, _kwh(7)]
    assert _found([*silent, (_made(7, 1000), day(200))], day(201), SILENT) == []
    assert _found([*silent, corrected(silent[-1], day(200), amount=1_000)], day(201), SILENT) != []
    assert _found([*silent, corrected(silent[-1], day(200), amount=0)], day(201), SILENT) == []
    assert _found([*silent, _kwh(7, 0, at=day(200))], day(201), SILENT) == []
    assert _found([_kwh(7, 0, at="2025-08-01 09:00"), *silent[:-1], _kwh(7, at=day(200))], day(201), SILENT)


# Intake

RECEIVER = [site_registered(KILN, "facility", at=day(0)), accepted(kg=1000, at=day(1))]


@pytest.mark.parametrize(("kg", "is_missing"), [(550, False), (549, True), (650, False)])
def test_a_twentieth_of_what_was_taken_in_may_be_missing(kg: int, is_missing: bool) -> None:
    facts = [*RECEIVER, treated(kg=400, at=day(2)), stock_taken([counted(kg=kg)], site=KILN, at=day(3))]
    assert bool(_found(facts, day(4), MISSING, KILN)) is is_missing


def test_a_count_tells_what_was_received_treated_sent_on_and_is_missing() -> None:
    facts = [
        *RECEIVER,
        treated(kg=400, at=day(2)),
        departed(manifest_no(9), kg=100, origin=KILN, destination=OTHER_KILN, at=day(2)),
        stock_taken([counted(kg=400)], site=KILN, at=day(3)),
    ]
    finding = _one(facts, day(4), MISSING, KILN)
    assert (finding.since, finding.until, finding.subject) == (day(3), None, "intake")
    assert finding.amounts == {
        "received_g": 1_000_000,
        "handled_g": 400_000,
        "sent_g": 100_000,
        "missing_g": 100_000,
        "missing_permille": 100,
    }
    found_again = stock_taken([counted(kg=480)], site=KILN, at=day(20))
    assert _one([*facts, found_again], day(30), MISSING, KILN).until == day(20)


def test_a_producer_that_receives_nothing_has_no_intake_to_account_for() -> None:
    facts = [stored("B", kg=100, at=day(0)), stock_taken([counted(kg=1)], at=day(1))]
    assert _found(facts, day(2), MISSING) == []


def test_what_was_received_more_than_a_year_before_the_count_is_left_out() -> None:
    facts = [
        *RECEIVER,
        treated(kg=900, at=day(2)),
        accepted(manifest_no(2), kg=100, at=day(395)),
        stock_taken([counted(kg=180)], site=KILN, at=day(396)),
    ]
    assert _one(facts, day(397), MISSING, KILN).amounts["received_g"] == 100_000
    late = (accepted(manifest_no(3), kg=500, at=day(390)), day(398))
    assert _found([*facts, late], day(399), MISSING, KILN)[0].amounts["received_g"] == 600_000


# Residues


@pytest.mark.parametrize(
    ("ash_kg", "method", "is_out"),
    [(29, "D10", True), (30, "D10", False), (40, "D10", False), (41, "D10", True), (29, "R5", False)],
)
def test_ash_over_what_was_burnt_in_a_month(ash_kg: int, method: str, is_out: bool) -> None:
    ash = [{"lot": "ASH", "waste_code": "772-003-18", "mass_kg": str(ash_kg)}]
    facts = [
        site_registered(KILN, "facility", at=day(0)),
        accepted(kg=100, at=day(1)),
        treated(lines=[line(OIL, 100, method=method)], residues=ash, at=day(2)),
    ]
    law = law_with(limit_set("residue_least", 300, "permille"), limit_set("residue_most", 400, "permille"))
    assert _found(facts, instant("2025-04-01") - 1, RESIDUES, KILN, law) == []
    found = _found(facts, instant("2025-04-01"), RESIDUES, KILN, law)
    assert bool(found) is is_out
    assert _found(facts, day(60), RESIDUES, KILN) == []  # No range is set by default.
    if found:
        assert found[0].amounts == {
            "handled_g": 100_000,
            "residues_g": ash_kg * 1000,
            "residue_permille": ash_kg * 10,
            "least_permille": 300,
            "most_permille": 400,
        }


# Campaigns


def _campaign(**more: Any) -> Any:
    given = {"effective_from": "2026-04-07", **more}
    return law_with(campaign_opened("zero", "2026-05-31", **given))


OLD = stored("B", kg=10, at=day(0))  # Over its term from 2026-03-04 on.


def test_a_campaign_waits_for_its_target_day_to_pass() -> None:
    law = _campaign()
    assert _found([OLD], instant("2026-06-01") - 1, CAMPAIGN, law=law) == []
    finding = _one([OLD], "2026-06-01", CAMPAIGN, law=law)
    assert (finding.since, finding.until) == (instant("2026-06-01"), None)
    assert finding.amounts == {
        "lot": "B",
        "waste_code": OIL,
        "mass_g": 10_000,
        "campaign": "动态清零",
        "baseline_at": instant("2026-04-07"),
        "target_at": instant("2026-06-01"),
        "stored_at": day(0),
        "limit_at": instant("2026-03-04"),
    }
    assert finding.basis == "a policy for tests"
    assert "duty" not in finding.amounts


@pytest.mark.parametrize(
    ("baseline", "is_listed"),
    [("2026-03-03", False), ("2026-03-04", True), ("2026-03-05", True)],
)
def test_the_list_is_what_was_over_at_midnight_of_the_baseline_day(baseline: str, is_listed: bool) -> None:
    assert bool(_found([OLD], day(600), CAMPAIGN, law=_campaign(baseline_day=baseline))) is is_listed


@pytest.mark.parametrize(
    ("targets", "target"),
    [
        ([{"region": "3301", "target_day": "2026-04-30"}], "2026-05-01"),
        (
            [{"region": "33", "target_day": "2026-04-30"}, {"region": "330106", "target_day": "2026-07-31"}],
            "2026-08-01",
        ),
        ([{"region": "3302", "target_day": "2026-04-30"}], "2026-06-01"),
    ],
)
def test_a_region_may_have_a_target_of_its_own(targets: list[Wire], target: str) -> None:
    assert _one([OLD], day(900), CAMPAIGN, law=_campaign(targets=targets)).since == instant(target)


def test_what_left_in_time_or_was_extended_is_not_missed_and_what_left_late_is_past() -> None:
    law = _campaign()
    assert _found([OLD, departed(kg=10, lot="B", at="2026-05-31 23:00")], day(600), CAMPAIGN, law=law) == []
    late = _one([OLD, departed(kg=10, lot="B", at="2026-06-10")], day(600), CAMPAIGN, law=law)
    assert late.until == instant("2026-06-10")
    granted = extension_granted("2026-12-31", at="2026-05-01")
    assert _found([OLD, granted], "2026-12-01", CAMPAIGN, law=law) == []


def test_relabelling_takes_nothing_off_the_list() -> None:
    facts = [OLD, released("C", kg=10, parents=["B"], at="2026-05-01")]
    finding = _one(facts, "2026-06-02", CAMPAIGN, law=_campaign())
    assert (finding.subject, finding.since) == ("lot:C", instant("2026-06-01"))


def test_other_regions_and_lots_that_aged_later_are_not_meant() -> None:
    assert _found([OLD], day(600), CAMPAIGN, law=_campaign(scope={"region": "3302"})) == []
    assert _found([OLD], day(600), CAMPAIGN, law=_campaign(scope={"site": KILN})) == []
    assert _found([OLD], day(600), CAMPAIGN, law=_campaign(scope={"site": PLATER})) != []
    young = again(OLD, lot="Y", occurred_at="2025-06-01T09:00:00+08:00")
    assert _found([young], day(600), CAMPAIGN, law=_campaign()) == []
