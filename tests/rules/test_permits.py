"""Permits 许可: scope and term of licences, the year's amount."""

from typing import Any

import msgspec
import pytest

from models.alerts import AlertKind, Finding
from models.exact import DAY_US
from rules import permits
from rules.permits_approvals import Approvals
from rules.permits_licences import Scope
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OIL,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    again,
    arrived,
    collected,
    corrected,
    day,
    emergency_declared,
    instant,
    licence_changed,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    scope,
    state,
    timed,
    transfer_approved,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, assert_as_refolded, judge_all, keep

UNLICENSED = AlertKind.RECEIPT_UNLICENSED
NEARLY, FULL, OVER = AlertKind.LICENCE_NEARLY_USED, AlertKind.LICENCE_USED_UP, AlertKind.LICENCE_EXCEEDED
CLAIM = {"exemption_id": "2021-08-1", "condition_met": "as the annex asks"}
YEAR = "licence:3306040001#1:2025"


def found(facts: list[Wire | Entry], at: int = day(60), law: Any = None) -> list[Finding]:
    return judge_all(permits, KILN, facts, law or default_law(), at)


def told(facts: list[Wire | Entry], at: int = day(60), law: Any = None) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in found(facts, at, law)]


def licensed(*lines: Wire, **more: Any) -> Wire:
    return licence_granted(lines=list(lines) or None, at=day(-30), **more)


def fill(*tonnes: int, first: int = 1) -> list[Wire | Entry]:
    """One acceptance a day of so many tonnes, from day `first`."""
    return [accepted(manifest_no(n), kg=t * 1000, at=day(n)) for n, t in enumerate(tonnes, first)]


# Licence or none


@pytest.mark.parametrize(
    ("case", "scope_", "codes"),
    [
        ("a whole category", Scope(("HW08", "HW17"), (), (), 1), {OIL, SLUDGE, "900-214-08"}),
        ("listed codes only", Scope(("HW08",), (OIL,), (), 1), {OIL}),
        (
            "a list narrows the category of its codes only",
            Scope(("HW08", "HW17"), (OIL,), (), 1),
            {OIL, SLUDGE},
        ),
        ("all but listed codes", Scope(("HW08",), (), (OIL,), 1), {"900-214-08"}),
        ("a listed code of a category that is not named", Scope(("HW17",), (OIL,), (), 1), {SLUDGE}),
    ],
)
def test_scope(case: str, scope_: Scope, codes: set[str]) -> None:
    assert {code for code in (OIL, SLUDGE, "900-214-08", INFECTIOUS) if scope_.covers(code)} == codes


_LATER_TERMS = licence_changed(effective_from="2025-03-01", valid_from="2025-04-01", at=day(-5))


def _ended(ending: str, effective_from: str = "2025-03-04") -> list[Wire]:
    return [licensed(), licence_ended(ending=ending, effective_from=effective_from, at=day(0))]


REASONS: list[tuple[str, list[Wire], str]] = [
    ("no licence at all", [], "no_licence"),
    ("granted from a later day on", [licensed(valid_from="2025-03-05")], "no_licence"),
    ("changed terms that begin later", [licensed(), _LATER_TERMS], "not_yet_valid"),
    ("another category", [licensed(scope("HW17"))], "out_of_scope"),
    ("lapsed the day before", [licensed(valid_until="2025-03-03")], "lapsed"),
    ("suspended", _ended("suspended"), "suspended"),
    ("revoked", _ended("revoked", "2025-01-04"), "revoked"),
    ("surrendered", _ended("surrendered"), "surrendered"),
]


@pytest.mark.parametrize(("case", "facts", "reason"), REASONS, ids=[case[0] for case in REASONS])
def test_unlicensed_and_why(case: str, facts: list[Wire], reason: str) -> None:
    (finding,) = found([*facts, accepted(at=day(1))])
    assert (finding.kind, finding.since, finding.until) == (UNLICENSED, day(1), None)
    assert finding.amounts["reason"] == reason
    assert finding.amounts["uncovered_g"] == 180_000
    assert (finding.site, finding.parties) == (KILN, (PRODUCER_ORG, FACILITY_ORG))


LAWFUL: list[tuple[str, list[Wire]]] = [
    ("valid on its last day", [licensed(valid_until="2025-03-04"), accepted(at=day(1, 23))]),
    ("valid on its first day", [licensed(valid_from="2025-03-04"), accepted(at=day(1, 0))]),
    ("valid at arrival", [licensed(valid_until="2025-03-04"), arrived(at=day(1)), accepted(at=day(2))]),
    (
        "suspended and resumed",
        [
            licensed(),
            licence_ended(ending="suspended", effective_from="2025-02-01", at=day(-29)),
            licence_ended(ending="resumed", effective_from="2025-03-01", at=day(-2)),
            accepted(at=day(1)),
        ],
    ),
    (
        "granted anew after a revocation",
        [
            licensed(),
            licence_ended(ending="revoked", effective_from="2025-02-01", at=day(-29)),
            licence_granted(valid_from="2025-03-01", at=day(-2)),
            accepted(at=day(1)),
        ],
    ),
    (
        "one of two licences",
        [licensed(scope("HW17")), licensed(licence_no="3306040002"), accepted(at=day(1))],
    ),
    ("an exemption claimed", [accepted(exemption=CLAIM, at=day(1))]),
    ("claimed in a second statement", [accepted(at=day(1)), accepted(exemption=CLAIM, at=day(1))]),
    ("arrived and not accepted", [arrived(at=day(1))]),
]


@pytest.mark.parametrize(("case", "facts"), LAWFUL, ids=[case[0] for case in LAWFUL])
def test_lawful_receipts_are_silent(case: str, facts: list[Wire]) -> None:
    assert found([*facts]) == []


def test_arrival_begins_the_finding_and_names_the_carrier() -> None:
    (finding,) = found([arrived(at=day(1)), accepted(at=day(2))])
    assert finding.since == day(1)
    assert CARRIER_ORG in finding.parties


def test_only_the_lines_without_a_licence_are_told() -> None:
    mixed = accepted(lines=[line(OIL, 100), line(SLUDGE, 30, no=2)], at=day(1))
    (finding,) = found([licensed(scope("HW08")), mixed])
    assert (finding.amounts["waste_code"], finding.amounts["uncovered_g"]) == (SLUDGE, 30_000)


def test_a_stop_of_a_round_is_judged_by_itself() -> None:
    facts: list[Wire | Entry] = [licensed(scope("HW08")), collected(at=day(1)), collected(at=day(2))]
    assert told(facts) == [
        (UNLICENSED, f"round:R1:2025-03-04:{HOSPITAL}"),
        (UNLICENSED, f"round:R1:2025-03-05:{HOSPITAL}"),
    ]


def test_an_emergency_plan_stands_for_a_licence_while_it_lasts() -> None:
    plan = emergency_declared({KILN: 150_000}, effective_until="2025-03-05")
    facts: list[Wire | Entry] = [
        accepted(manifest_no(1), INFECTIOUS, at=day(2)),
        accepted(manifest_no(2), INFECTIOUS, at=day(3)),
    ]
    assert told(facts, law=law_with(plan)) == [(UNLICENSED, f"manifest:{manifest_no(2)}")]


# The year's amount


def test_notices_at_ninety_and_a_hundred_and_an_alert_above_a_hundred_and_twenty_per_cent() -> None:
    licence = licensed(scope("HW17", "HW22", tonnes=20_000))

    def day_by_day(*tonnes: int) -> list[str]:
        codes = [SLUDGE, "304-001-22"]
        facts = [accepted(manifest_no(n), codes[n % 2], t * 1000, at=day(n)) for n, t in enumerate(tonnes)]
        return [finding.kind for finding in found([licence, *facts])]

    assert day_by_day(10_000, 7_999) == []
    assert day_by_day(10_000, 8_000) == [NEARLY]
    assert day_by_day(10_000, 8_000, 2_000) == [NEARLY, FULL]
    assert day_by_day(10_000, 8_000, 6_000) == [NEARLY, FULL]
    assert sorted(day_by_day(10_000, 8_000, 6_001)) == sorted([NEARLY, FULL, OVER])


def test_a_crossing_is_dated_by_the_acceptance_that_crossed() -> None:
    (finding,) = found([licensed(scope(tonnes=100)), *fill(50, 35, 10, 4)])
    assert (finding.kind, finding.since) == (NEARLY, day(3))
    assert finding.amounts == {
        "licence_no": "3306040001",
        "line": 1,
        "year": 2025,
        "taken_g": 95_000_000,
        "yearly_g": 100_000_000,
        "used_permille": 950,
    }


def test_the_calendar_year_is_beijings() -> None:
    licence = licensed(scope(tonnes=100))
    new_year = instant("2026-01-01 00:00")
    facts: list[Wire | Entry] = [
        licence,
        accepted(manifest_no(1), kg=50_000, at=new_year - 1),
        accepted(manifest_no(2), kg=50_000, at=new_year),
    ]
    assert found(facts, new_year + DAY_US) == []
    last: list[Wire | Entry] = [licence, accepted(manifest_no(1), kg=95_000, at=new_year - 1)]
    (finding,) = found(last, new_year + DAY_US)
    assert (finding.since, finding.until) == (new_year - 1, new_year)


def test_pieces_and_exempt_waste_count_nowhere() -> None:
    facts: list[Wire | Entry] = [
        licensed(scope(tonnes=1)),
        accepted(manifest_no(1), lines=[line(kg=None, pieces=500)], at=day(1)),
        accepted(manifest_no(2), kg=5_000, exemption=CLAIM, at=day(2)),
    ]
    assert found(facts) == []


def test_what_a_round_took_is_not_counted_again_with_its_manifest() -> None:
    facts: list[Wire | Entry] = [
        licensed(scope("HW01", tonnes=1)),
        collected(kg=300, manifest_no=manifest_no(1), at=day(1)),
        collected(kg=300, manifest_no=manifest_no(1), origin="330102-CLINIC02", at=day(1, 10)),
        accepted(manifest_no(1), INFECTIOUS, 598, at=day(1, 15)),
    ]
    assert found(facts) == []
    two_stops: list[Wire | Entry] = [*facts[:3], collected(kg=300, origin="330102-CLINIC03", at=day(1, 12))]
    assert [(f.kind, f.since) for f in found(two_stops)] == [(NEARLY, day(1, 12))]


def test_a_comprehensive_licence_takes_before_a_collection_licence() -> None:
    collection = licensed(scope(tonnes=1), licence_no="0000000001", licence_type="collection")
    assert found([collection, licensed(scope(tonnes=100)), *fill(50)]) == []


def test_the_amount_licensed_from_a_day_on() -> None:
    larger = licence_changed(effective_from="2025-03-10", lines=[scope(tonnes=200)], at=day(2))
    facts: list[Wire | Entry] = [licensed(scope(tonnes=100)), accepted(kg=95_000, at=day(1)), larger]
    (finding,) = found(facts, day(7, 0))
    assert (finding.kind, finding.since, finding.until) == (NEARLY, day(1), day(7, 0))
    crossing_anew = [
        accepted(manifest_no(2), kg=80_000, at=day(8)),
        accepted(manifest_no(3), kg=5_000, at=day(9)),
    ]
    (finding,) = found([*facts, *crossing_anew])
    assert (finding.since, finding.until, finding.amounts["yearly_g"]) == (day(9), None, 200_000_000)


def test_a_smaller_amount_counts_from_the_next_acceptance() -> None:
    smaller = licence_changed(effective_from="2025-03-10", lines=[scope(tonnes=50)], at=day(2))
    facts: list[Wire | Entry] = [licensed(scope(tonnes=100)), accepted(kg=60_000, at=day(1)), smaller]
    assert found(facts) == []
    assert {f.since for f in found([*facts, accepted(manifest_no(2), kg=1_000, at=day(8))])} == {day(8)}


def test_the_shares_are_policies_of_place_and_licence_type() -> None:
    law = law_with(limit_set("licence_notice", 500, "permille", scope={"region": "3306"}))
    assert told([licensed(scope(tonnes=100)), *fill(50)], law=law) == [(NEARLY, YEAR)]
    assert told([licensed(scope(tonnes=100)), *fill(50)], law=NO_LAW) == []


def test_a_share_changed_afterwards_is_taken_in_with_the_next_acceptance() -> None:
    facts = [licensed(scope(tonnes=100)), *fill(60, 10)]
    keeper = keep(permits, KILN, facts, default_law())
    keeper.law = law_with(limit_set("licence_notice", 500, "permille"))
    keeper.take(keeper.book.accept(accepted(manifest_no(9), kg=1_000, at=day(9))))
    assert [finding.since for finding in keeper.findings(day(10))] == [day(1)]


# States


def test_closed_deliveries_leave_memory_and_licences_and_years_stay() -> None:
    keeper = keep(permits, KILN, [licensed(), *fill(5, 5)], default_law())
    assert sorted(keeper.case.state.subjects) == ["licence:3306040001", YEAR]
    assert len(keeper.rows) == 4


def test_a_fact_that_needs_all_receipts_leaves_the_state_as_it_was() -> None:
    keeper = keep(permits, KILN, [licensed(), *fill(5, 5)], default_law())
    before = msgspec.json.encode(keeper.case.state.subjects, order="sorted")
    late = state(timed(licence_ended(effective_from="2025-03-01"), day(20)), 99)
    assert permits.evolve(keeper.case.state, late, default_law()) is None
    assert msgspec.json.encode(keeper.case.state.subjects, order="sorted") == before


def test_a_year_with_nothing_left_is_forgotten() -> None:
    only = accepted(kg=5_000, at=day(1))
    keeper = keep(permits, KILN, [licensed(), only, corrected(only, day(2), withdrawn=True)], default_law())
    assert list(keeper.rows) == ["licence:3306040001"]


def test_a_licence_fact_of_the_day_of_a_receipt_counts_for_it() -> None:
    ended = licence_ended(effective_from="2025-03-04", at=day(1, 12))
    keeper = keep(permits, KILN, [licensed(), accepted(at=day(1)), ended], default_law(), strict=True)
    assert [finding.kind for finding in keeper.findings(day(2))] == [UNLICENSED]
    assert_as_refolded(keeper, [day(2)])


def test_a_round_manifest_accepted_near_a_crossing_is_counted_anew() -> None:
    """In a refold nothing is out of memory, so nothing is refused there."""
    stop = collected(OIL, 95_000, manifest_no=manifest_no(1), at=day(1))
    facts: list[Wire | Entry] = [
        licensed(scope(tonnes=100)),
        accepted(manifest_no(9), kg=1_000, at=day(5)),
        stop,
        accepted(kg=94_000, at=day(2)),
    ]
    keeper = keep(permits, KILN, facts, default_law())
    assert [(f.since, f.amounts["taken_g"]) for f in keeper.findings(day(9))] == [(day(2), 94_000_000)]
    assert_as_refolded(keeper, [day(9)])


def test_another_type_of_licence_has_other_shares_from_then_on() -> None:
    law = law_with(limit_set("licence_notice", 500, "permille", scope={"licence_type": "collection"}))
    change = licence_changed(
        effective_from="2025-03-10", licence_type="collection", lines=[scope(tonnes=100)], at=day(3)
    )
    facts: list[Wire | Entry] = [licensed(scope(tonnes=100)), *fill(60), change, *fill(1, first=9)]
    keeper = keep(permits, KILN, facts, law)
    assert_as_refolded(keeper, [day(4), day(20)])
    assert [finding.since for finding in keeper.findings(day(20))] == [day(1)]


def test_an_approval_is_kept_under_its_own_key() -> None:
    keeper = keep(permits, "approval:A1", [transfer_approved(at=day(0))], default_law())
    (approvals,) = keeper.state().subjects.values()
    assert isinstance(approvals, Approvals)
    assert approvals.stated[0].mass_g == 500_000_000
    assert keeper.findings(day(1)) == []


def test_a_busy_year_is_not_folded_again_for_late_facts_far_from_a_crossing() -> None:
    """Late acceptances before 90 % and after a crossing commute; `evolve` never asks for the key's facts."""
    facts: list[Wire | Entry] = [licensed(scope(tonnes=1_000)), *fill(*[20] * 40)]
    keeper = keep(permits, KILN, facts, default_law())
    for n in range(100, 105):
        late = state(accepted(manifest_no(n), kg=5_000, at=day(3, n - 90)), n)
        assert permits.evolve(keeper.case.state, late, default_law()) is not None


def test_the_same_statement_again_changes_nothing() -> None:
    first = accepted(kg=95_000, at=day(1))
    once = keep(permits, KILN, [licensed(scope(tonnes=100)), first], default_law())
    twice = keep(permits, KILN, [licensed(scope(tonnes=100)), first, again(first)], default_law())
    assert once.findings(day(9)) == twice.findings(day(9))
    assert once.rows[YEAR] == twice.rows[YEAR]
