"""Custody 联单: any order of arrival, with any corrections, ends as the refold does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import Finding
from models.exact import DAY_US, HOUR_US, MINUTE_US, format_instant
from rules import custody, custody_spans
from tests.facts import (
    COLLECTOR,
    COLLECTOR_ORG,
    MANIFEST,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    SLUDGE,
    Wire,
    accepted,
    again,
    arrived,
    confirmed,
    corrected,
    day,
    departed,
    handed_over,
    issued,
    line,
    manifest_no,
    observed,
    refused,
    returned,
    voided,
    weighed,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_order_is_nothing, judge_all, shuffled

ELSEWHERE: dict[str, Any] = {"origin": COLLECTOR, "origin_org": COLLECTOR_ORG}
TO_OTHER: dict[str, Any] = {"destination": OTHER_KILN, "destination_org": OTHER_FACILITY_ORG}


def found(facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> list[Finding]:
    return judge_all(custody, MANIFEST, facts, law or default_law(), at)


ONWARD = manifest_no(2)


def gone_on(**more: Any) -> Wire:
    """The refused load departs under another manifest."""
    return departed(ONWARD, onward_of=MANIFEST, **more)


def sent_back(**more: Any) -> Wire:
    """Another manifest's refused load, back to go on under this one."""
    return returned(ONWARD, onward_manifest_no=MANIFEST, **more)


def seen(observation: str) -> Any:
    """An observation of a kind."""

    def act(**more: Any) -> Wire:
        return observed(observation=observation, **more)

    return act


@st.composite
def ordinary_lives(draw: st.DrawFn) -> list[Wire]:
    """Some acts of an ordinary life, each once, at times near to one another that may be out of order."""
    acts: list[Any] = [issued, departed, arrived, weighed, accepted, confirmed]
    kept = [act for act in acts if draw(st.integers(0, 5))]
    return [
        act(
            at=day(0) + (n * 5 + draw(st.integers(0, 7))) * HOUR_US,
            nth=50 + n,
            **draw(st.sampled_from(CHANGES)),
        )
        for n, act in enumerate(kept)
    ]


ACTS = [
    issued,
    voided,
    departed,
    handed_over,
    observed,
    seen("lock-opened"),
    seen("off-route"),
    seen("signal-lost"),
    seen("signal-back"),
    gone_on,
    sent_back,
    arrived,
    weighed,
    accepted,
    refused,
    returned,
    confirmed,
]
CHANGES: list[dict[str, Any]] = [{}, {}, {}, ELSEWHERE, TO_OTHER]
# What some acts may say beside: each is given only to acts that have the field.
SAID: list[dict[str, Any]] = [
    {},
    {},
    {"on_paper": True},
    {"exemption": {"exemption_id": "2021-02-2", "condition_met": "as listed"}},
    {"weighing": "estimated"},
    {"carrier_org": COLLECTOR_ORG},
    {"from_carrier_org": COLLECTOR_ORG},
]
FIELDS: dict[str, set[str]] = {
    "manifest-issued.v1": {"on_paper", "exemption"},
    "transport-departed.v1": {"weighing", "carrier_org"},
    "receipt-weighed.v1": {"weighing"},
    "receipt-accepted.v1": {"weighing"},
    "transport-arrived.v1": {"carrier_org"},
    "transport-handed-over.v1": {"from_carrier_org"},
}
LINES = [
    [line(kg=150)],
    [line(kg=179)],
    [line(kg=180)],
    [line(kg=200)],
    [line(kg=None, pieces=3)],
    [line(kg=None, pieces=2)],
    [line(kg=90), line(SLUDGE, 90, 2, pieces=1)],
]


@st.composite
def histories(draw: st.DrawFn) -> list[Wire]:
    """Acts in any number, odd ones too, no two at the same time, some corrected later."""
    facts: list[Wire] = []
    for number in range(draw(st.integers(1, 9))):
        act: Any = draw(st.sampled_from(ACTS))
        at = day(0) + draw(st.integers(0, 14 * 24)) * HOUR_US + number * MINUTE_US
        facts.append(act(at=at, nth=number, **draw(st.sampled_from(CHANGES))))
    lines = draw(st.lists(st.sampled_from(LINES), min_size=9, max_size=9))
    facts = [
        again(fact, lines=some, nth=n) if "lines" in fact else fact
        for n, (fact, some) in enumerate(zip(facts, lines, strict=False))
    ]
    facts = [_saying(fact, draw(st.sampled_from(SAID)), n) for n, fact in enumerate(facts)]
    chosen = draw(st.sets(st.sampled_from(range(len(facts))), max_size=3))
    corrections = [
        corrected(facts[n], day(20), withdrawn=True)
        if draw(st.booleans())
        else corrected(facts[n], day(20), occurred_at=format_instant(day(draw(st.integers(0, 14)), 0, n)))
        for n in sorted(chosen)
    ]
    return [*facts, *corrections]


@settings(max_examples=150, deadline=None)
@given(ordinary_lives(), histories(), st.booleans())
def test_the_short_way_finds_what_the_long_way_does(
    ordinary: list[Wire], odd: list[Wire], is_mixed: bool
) -> None:
    facts: list[Wire | Entry] = [*ordinary, *odd[:1]] if is_mixed else [*ordinary]
    shortly = found(facts, day(40))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(custody_spans, "is_ordinary", lambda _manifest: False)
        assert found(facts, day(40)) == shortly


def _saying(fact: Wire, said: dict[str, Any], n: int) -> Wire:
    fits = said.keys() & FIELDS.get(fact["kind"], set())
    return again(fact, nth=100 + n, **said) if fits else fact


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_any_order_of_arrival_ends_as_the_refold_does(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(custody, MANIFEST, facts, default_law(), seed)


@settings(max_examples=30, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_findings_do_not_depend_on_the_order_of_arrival(facts: list[Wire], seed: int) -> None:
    at = day(20) + 100 * DAY_US
    assert found([*facts], at) == found([*shuffled(facts, seed)], at)
