"""Permits 许可: approvals, applications, carriers, plans, filings and daily ceilings in any order of arrival, corrected."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.exact import DAY_US, HOUR_US, MINUTE_US, format_instant
from rules import permits
from rules.permits_approvals import Approvals, Load
from rules.permits_plans import Departure, Planned
from tests.facts import (
    CARRIER_ORG,
    KILN,
    OIL,
    PLATER,
    SLUDGE,
    Wire,
    accepted,
    collected,
    corrected,
    day,
    departed,
    insured,
    issued,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    plan_filed,
    report_filed,
    scope,
    site_registered,
    transfer_applied,
    transfer_approved,
    transfer_examined,
)
from tests.laws import default_law, law_with
from tests.rules.harness import assert_order_is_nothing, keep

JIANGSU = "320106-KILN09"
Maker = Callable[[st.DrawFn, int, int], Wire]  # A fact at an instant, with a number that keeps ids apart.


def _history(draw: st.DrawFn, makers: list[Maker], size: int, days: int = 14) -> list[Wire]:
    facts = []
    for nth in range(1, draw(st.integers(2, size))):
        at = day(0) + draw(st.integers(0, days * 24)) * HOUR_US + nth * MINUTE_US
        facts.append(draw(st.sampled_from(makers))(draw, at, nth))
    chosen = draw(st.sets(st.sampled_from(range(len(facts))), max_size=3))
    return [*facts, *(_corrected(draw, facts[n], n, days) for n in sorted(chosen))]


def _corrected(draw: st.DrawFn, wire: Wire, n: int, days: int) -> Wire:
    at = day(days + 6)
    if draw(st.booleans()):
        return corrected(wire, at, withdrawn=True)
    if (
        "lines" in wire
        and wire["kind"] in {"transport-departed.v1", "receipt-accepted.v1"}
        and draw(st.booleans())
    ):
        return corrected(wire, at, lines=[line(kg=draw(st.sampled_from([50, 123, 900])))])
    moved = day(0) + draw(st.integers(0, days * 24)) * HOUR_US + (30 + n) * MINUTE_US
    return corrected(wire, at, occurred_at=format_instant(moved))


def _number(draw: st.DrawFn) -> str:
    return manifest_no(draw(st.integers(1, 5)))


def _kg(draw: st.DrawFn) -> int:
    return draw(st.sampled_from([90, 200, 250, 400]))


# An approval of one tonne

APPROVAL: list[Maker] = [
    lambda draw, at, nth: departed(
        _number(draw),
        draw(st.sampled_from([OIL, OIL, OIL, SLUDGE])),
        _kg(draw),
        destination=draw(st.sampled_from([JIANGSU, JIANGSU, JIANGSU, KILN, "320506-KILN07"])),
        approval_no="A1",
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: departed(
        _number(draw), OIL, _kg(draw), destination=JIANGSU, approval_no="A1", at=at, nth=nth
    ),
    lambda draw, at, nth: accepted(
        _number(draw),
        lines=[line(kg=100, method=draw(st.sampled_from(["D10", "R15"])))],
        destination=JIANGSU,
        approval_no="A1",
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: transfer_approved(
        kg=draw(st.sampled_from([500, 1_000])),
        method="D10",
        valid_from=draw(st.sampled_from(["2025-01-01", "2025-03-06"])),
        valid_until=draw(st.sampled_from(["2025-03-12", "2025-12-31", "2027-12-31", "2024-12-31"])),
        at=at,
        nth=nth,
    ),
]


@st.composite
def approvals(draw: st.DrawFn) -> list[Wire]:
    first = [transfer_approved(kg=1_000, at=day(-1))] if draw(st.booleans()) else []
    return [*first, *_history(draw, APPROVAL, 10)]


@settings(max_examples=100, deadline=None)
@given(approvals(), st.integers(0, 10**6))
def test_loads_under_an_approval(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(permits, "approval:A1", facts, default_law(), seed)


@settings(max_examples=60, deadline=None)
@given(approvals())
def test_an_approval_counts_each_manifest_that_leaves_the_province_once(facts: list[Wire]) -> None:
    state = keep(permits, "approval:A1", facts, default_law()).state()
    loads = [load for load in state.subjects.values() if isinstance(load, Load) and load.departed]
    known = state.subjects.get("approval", Approvals())
    assert (known.loads, known.taken_g) == (len(loads), sum(load.departed[0].mass_g for load in loads))


# The steps of an application

STEPS = ("incomplete", "supplemented", "accepted", "opinion", "reply", "declined", "withdrawn")
APPLICATION: list[Maker] = [
    lambda _, at, nth: transfer_applied(at=at, nth=nth),
    lambda draw, at, nth: transfer_examined(draw(st.sampled_from(STEPS)), at=at, nth=nth),
    lambda draw, at, nth: transfer_examined(draw(st.sampled_from(STEPS[:5])), at=at, nth=nth),
    lambda _, at, nth: transfer_approved(application_no="S1", at=at, nth=nth),
]


@st.composite
def applications(draw: st.DrawFn) -> list[Wire]:
    return [transfer_applied(at=day(-3)), *_history(draw, APPLICATION, 8, days=50)]


@settings(max_examples=100, deadline=None)
@given(applications(), st.integers(0, 10**6))
def test_the_steps_of_an_application(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(permits, "application:S1", facts, default_law(), seed)


# A carrier


def _road(draw: st.DrawFn, at: int, nth: int) -> Wire:
    return licence_granted(
        draw(st.sampled_from(["Y1", "Y2"])),
        holder_org=CARRIER_ORG,
        licence_type="transport",
        valid_from=draw(st.sampled_from(["2025-01-01", "2025-03-06", "2025-04-01"])),
        valid_until=draw(st.sampled_from(["2025-03-10", "2029-12-31", "2024-12-31"])),
        at=at,
        nth=nth,
    )


def _stopped(draw: st.DrawFn, at: int, nth: int) -> Wire:
    ending = draw(st.sampled_from(["suspended", "resumed", "revoked"]))
    day_ = draw(st.sampled_from(["2025-03-05", "2025-03-09", "2025-04-01"]))
    return licence_ended("Y1", ending, day_, holder_org=CARRIER_ORG, at=at, nth=nth)


CARRIER: list[Maker] = [
    lambda draw, at, nth: departed(_number(draw), at=at, nth=nth),
    lambda draw, at, nth: departed(_number(draw), transport_licence_no="Y2", at=at, nth=nth),
    lambda draw, at, nth: issued(
        _number(draw), carriers=[{"org": CARRIER_ORG, "transport_licence_no": "Y9"}], at=at, nth=nth
    ),
    _road,
    _stopped,
]


@st.composite
def carriers(draw: st.DrawFn) -> list[Wire]:
    return _history(draw, CARRIER, 9)


@settings(max_examples=100, deadline=None)
@given(carriers(), st.integers(0, 10**6), st.booleans())
def test_trips_of_a_carrier(facts: list[Wire], seed: int, asked: bool) -> None:
    law = law_with(limit_set("carrier_licence_grace", 0, "days")) if asked else default_law()
    assert_order_is_nothing(permits, f"carrier:{CARRIER_ORG}", facts, law, seed)


# A site that sends, files, is insured, and takes in


def _plan(draw: st.DrawFn, at: int, nth: int) -> Wire:
    lines = [{"waste_code": OIL, "mass_kg": draw(st.sampled_from(["300", "500", "2000"]))}]
    if draw(st.booleans()):
        lines.append({"waste_code": SLUDGE, "mass_kg": "250", "destination": JIANGSU})
    return plan_filed(lines=lines, at=at, nth=nth)


ORIGIN: list[Maker] = [
    lambda draw, at, nth: departed(
        _number(draw),
        draw(st.sampled_from([OIL, OIL, SLUDGE])),
        _kg(draw),
        destination=draw(st.sampled_from([KILN, KILN, JIANGSU])),
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: departed(_number(draw), OIL, _kg(draw), at=at, nth=nth),
    lambda draw, at, nth: departed(
        _number(draw), lines=[line(OIL, 100), line(SLUDGE, 60, no=2), line(OIL, 70, no=3)], at=at, nth=nth
    ),
    _plan,
]


@st.composite
def departures(draw: st.DrawFn) -> list[Wire]:
    first = [plan_filed(kg=500, at=day(-1))] if draw(st.booleans()) else []
    return [*first, *_history(draw, ORIGIN, 10)]


@settings(max_examples=150, deadline=None)
@given(departures(), st.integers(0, 10**6))
def test_departures_and_plans(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(permits, PLATER, facts, default_law(), seed)


@settings(max_examples=60, deadline=None)
@given(departures())
def test_what_left_of_each_code_is_the_sum_of_the_manifests(facts: list[Wire]) -> None:
    state = keep(permits, PLATER, facts, default_law()).state()
    sums: dict[str, int] = {}
    for value in state.subjects.values():
        if isinstance(value, Departure):
            for _, code, mass_g in value.stated[0].lines:
                sums[code] = sums.get(code, 0) + (mass_g or 0)
    totals = {
        name.rpartition(":")[2]: v.total_g for name, v in state.subjects.items() if isinstance(v, Planned)
    }
    assert totals == sums


def _days(draw: st.DrawFn) -> dict[str, Any]:
    first = day(0) + draw(st.integers(-20, 300)) * DAY_US
    last = first + draw(st.integers(-5, 200)) * DAY_US
    return {"valid_from": format_instant(first)[:10], "valid_until": format_instant(last)[:10]}


FILER: list[Maker] = [
    lambda draw, at, nth: site_registered(
        role=draw(st.sampled_from(["producer", "facility"])),
        producer_class=draw(st.sampled_from(["key", "simplified", "registered", None])),
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: report_filed(
        "month",
        draw(st.sampled_from(["2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01"])),
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: report_filed(
        "quarter", draw(st.sampled_from(["2025-04-01", "2025-07-01", "2025-05-11"])), at=at, nth=nth
    ),
    lambda draw, at, nth: report_filed(
        "year", draw(st.sampled_from(["2025-01-01", "2026-01-01"])), at=at, nth=nth
    ),
    lambda draw, at, nth: plan_filed(draw(st.sampled_from([2025, 2026, 2027])), at=at, nth=nth),
    lambda draw, at, nth: insured(**_days(draw), at=at, nth=nth),
]


@st.composite
def filings(draw: st.DrawFn) -> list[Wire]:
    return [site_registered(producer_class="key", at=day(-2)), *_history(draw, FILER, 9, days=500)]


@settings(max_examples=60, deadline=None)
@given(filings(), st.integers(0, 10**6), st.booleans())
def test_what_a_site_has_to_file(facts: list[Wire], seed: int, asked: bool) -> None:
    insurance = limit_set(
        "insurance_grace", 10, "days", scope={"role": "facility"}, effective_from="2025-04-01"
    )
    assert_order_is_nothing(permits, PLATER, facts, law_with(insurance) if asked else default_law(), seed)


def _ceiling(draw: st.DrawFn, at: int, nth: int) -> Wire:
    lines = [scope("HW08", tonnes=1, daily_kg="300", methods=["R9"]), scope("HW08", "HW17", tonnes=2)]
    year_from = draw(st.sampled_from([None, "2024-03-08", "2024-02-29"]))
    return licence_granted(lines=lines, year_from=year_from, at=at, nth=nth)


RECEIVER: list[Maker] = [
    lambda draw, at, nth: accepted(
        _number(draw),
        lines=[line(OIL, _kg(draw), method=draw(st.sampled_from(["R9", "D10"])))],
        at=at,
        nth=nth,
    ),
    lambda draw, at, nth: accepted(_number(draw), OIL, _kg(draw), at=at, nth=nth),
    lambda draw, at, nth: collected(OIL, _kg(draw), manifest_no=_number(draw), at=at, nth=nth),
    _ceiling,
]


@st.composite
def receipts(draw: st.DrawFn) -> list[Wire]:
    return [_ceiling(draw, day(-1), 0), *_history(draw, RECEIVER, 10, days=7)]


@settings(max_examples=100, deadline=None)
@given(receipts(), st.integers(0, 10**6))
def test_daily_ceilings_methods_and_own_years(facts: list[Wire], seed: int) -> None:
    assert_order_is_nothing(permits, KILN, facts, default_law(), seed)
