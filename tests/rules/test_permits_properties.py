"""Permits 许可: any order of arrival, with any corrections, ends as the refold does."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import Finding
from models.exact import HOUR_US, MINUTE_US, format_instant
from rules import permits
from tests.facts import (
    KILN,
    OIL,
    SLUDGE,
    Wire,
    accepted,
    arrived,
    collected,
    corrected,
    day,
    licence_changed,
    licence_ended,
    licence_granted,
    line,
    manifest_no,
    scope,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_order_is_nothing, judge_all, shuffled

CLAIM = {"exemption_id": "2021-08-1", "condition_met": "as the annex asks"}


def found(facts: list[Wire | Entry], at: int = day(60), law: Any = None) -> list[Finding]:
    return judge_all(permits, KILN, facts, law or default_law(), at)


LICENCES: list[Any] = [
    lambda at, nth: licence_granted(lines=[scope("HW08", "HW17", tonnes=1)], at=at, nth=nth),
    lambda at, nth: licence_granted(
        "B2", lines=[scope("HW08", tonnes=2)], licence_type="collection", at=at, nth=nth
    ),
    lambda at, nth: licence_changed(
        effective_from="2025-03-08", lines=[scope("HW08", tonnes=2)], at=at, nth=nth
    ),
    lambda at, nth: licence_ended(ending="suspended", effective_from="2025-03-10", at=at, nth=nth),
    lambda at, nth: licence_ended(ending="resumed", effective_from="2025-03-12", at=at, nth=nth),
]


@st.composite
def histories(draw: st.DrawFn) -> list[Wire]:
    """A licence that is soon full, receipts of few manifests, claims, changes and corrections."""
    facts = [LICENCES[0](day(-1), 0)] if draw(st.booleans()) else []
    for nth in range(1, draw(st.integers(2, 12))):
        at = day(0) + draw(st.integers(0, 14 * 24)) * HOUR_US + nth * MINUTE_US
        no = manifest_no(draw(st.integers(1, 5)))
        kg = draw(st.sampled_from([90, 200, 250, 400]))
        code = draw(st.sampled_from([OIL, OIL, OIL, SLUDGE]))
        claim: dict[str, Any] = {"exemption": CLAIM} if draw(st.integers(0, 9)) == 0 else {}
        kind = draw(st.sampled_from(["accepted"] * 7 + ["arrived", "collected", "licence"]))
        if kind == "accepted":
            facts.append(accepted(no, code, kg, at=at, nth=nth, **claim))
        elif kind == "arrived":
            facts.append(arrived(no, at=at, nth=nth))
        elif kind == "collected":
            facts.append(collected(code, kg, manifest_no=no, at=at, nth=nth, **claim))
        else:
            facts.append(draw(st.sampled_from(LICENCES))(at, nth))
    chosen = draw(st.sets(st.sampled_from(range(len(facts))), max_size=3))
    return [*facts, *(_correction(draw, facts, n) for n in sorted(chosen))]


def _correction(draw: st.DrawFn, facts: list[Wire], n: int) -> Wire:
    if draw(st.booleans()):
        return corrected(facts[n], day(20), withdrawn=True)
    moved = corrected(facts[n], day(20), occurred_at=format_instant(day(n, 0, 30 + n)))
    lighter = corrected(facts[n], day(20), lines=[line(kg=123)])
    return lighter if facts[n]["kind"] in {"receipt-accepted.v1", "waste-collected.v1"} else moved


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_any_order_of_arrival_ends_as_the_refold_does(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(permits, KILN, facts, default_law(), seed)


@settings(max_examples=50, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_findings_do_not_depend_on_the_order_of_arrival(facts: list[Wire], seed: int) -> None:
    at = day(60)
    assert found([*facts], at) == found([*shuffled(facts, seed)], at)
