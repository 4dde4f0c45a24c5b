"""Capacity by region: emergencies by day, cities that a policy asks about, and movements; naive counts beside them."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date, beijing_midnight
from models.law import Law
from rules import capacity
from rules.capacity_needs import IGNORED_G
from rules.capacity_subjects import Month
from tests.facts import (
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    Wire,
    accepted,
    again,
    collected,
    corrected,
    day,
    emergency_declared,
    generated,
    instant,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    manifest_no,
    scope,
    treated,
)
from tests.laws import NO_LAW, law_from
from tests.rules.harness import assert_order_is_nothing, findings_of, keep

MEDICAL: Final = "33:HW01"
CLINIC: Final = "330602-HOSPITAL07"
AWAY: Final = "320106-KILN09"
PLANNED: Final = "2025-03-05"  # Day 2.


def _licensed(daily: int | None = 60, holder: str = "330602-MEDICAL01", no: str = "M1", **more: Any) -> Wire:
    """So many tonnes a day, or 21,900 t a year where none is said: 60 t a day as well."""
    more = {"valid_until": "2026-12-31", **more}
    said = {} if daily is None else {"daily_kg": str(daily * 1000)}
    return licence_granted(
        no, lines=[scope("HW01", tonnes=21_900, **said)], holder=holder, at=day(-9), **more
    )


def _plan(region: str = "3306", facilities: dict[str, int] | None = None, **more: Any) -> Wire:
    tonnes = {KILN: 150} if facilities is None else facilities
    what = {"scope": {"region": region}, "effective_from": PLANNED, "at": day(0), **more}
    return emergency_declared({site: one * 1000 for site, one in tonnes.items()}, **what)


def _made(tonnes: int, at: int, site: str = CLINIC, code: str = INFECTIOUS) -> Wire:
    return generated(f"B{at}-{tonnes}", code, tonnes * 1000, site=site, at=at)


def _found(
    facts: Iterable[Any], law: Law, at: Any, subject: str = "city:3306", key: str = MEDICAL
) -> Finding | None:
    state = keep(capacity, key, facts, law).state()
    of_subject = [
        found for found in findings_of(capacity, state, law, instant(at)) if found.subject == subject
    ]
    assert len(of_subject) <= 1
    return of_subject[0] if of_subject else None


# Emergencies


def test_what_is_over_licences_and_plan_in_a_day_is_a_shortfall_with_its_figures() -> None:
    found = _found([_licensed(), _made(247, day(3))], law_from([_plan()]), day(3, 20))
    assert found is not None
    assert (found.kind, found.since, found.until, found.site) == (
        "capacity.surge_shortfall",
        day(3, 0),
        None,
        "330600",
    )
    assert found.amounts == {
        "category": "HW01",
        "emergency": "epidemic-1",
        "need_g": 247_000_000,
        "capacity_g": 210_000_000,
        "planned_g": 150_000_000,
        "shortfall_g": 37_000_000,
    }


@pytest.mark.parametrize(("tonnes", "short"), [(209, False), (210, False), (211, True)])
def test_a_day_is_short_above_what_is_taken_and_not_at_it(tonnes: int, short: bool) -> None:
    facts = [_licensed(), _made(tonnes, day(3))]
    assert (_found(facts, law_from([_plan()]), day(3, 20)) is not None) is short


@pytest.mark.parametrize(
    ("law", "short"),
    [
        ([], False),
        ([_plan()], True),
        ([_plan("3301")], False),
        ([_plan("330602")], False),
        ([_plan("32")], False),
        ([_plan(facilities={KILN: 150, "330602-MOBILE01": 37})], False),
        ([_plan(facilities={KILN: 150, "330602-MOBILE01": 36})], True),
        ([_plan(facilities={"320106-KILN09": 187})], False),  # Another province takes it.
        ([_plan(facilities={KILN: 150, "330602-MEDICAL01": 97})], False),  # Licensed for 60, planned for 97.
        ([_plan(facilities={KILN: 150, "330602-MEDICAL01": 59})], True),
        ([_plan(effective_until="2025-03-05")], False),
        ([_plan(effective_until="2025-03-06")], True),
        ([_plan(effective_from="2025-03-06")], True),
        ([_plan(effective_from="2025-03-07")], False),
        (
            [_plan(effective_from="2025-03-07", effective_until="2025-03-01")],
            False,
        ),  # It ends before it begins.
        ([_plan(), _plan(facilities={KILN: 187}, effective_from="2025-03-06", emergency="second")], False),
        ([_plan(facilities={KILN: 187}), _plan(effective_from="2025-03-06", emergency="second")], True),
        ([_plan(scope={"region": "3306", "category": "HW17"})], False),
        ([_plan(scope={"region": "3306", "category": "HW01"})], True),
    ],
)
def test_a_plan_holds_in_its_region_for_its_days_and_category(law: list[Wire], short: bool) -> None:
    facts = [_licensed(), _made(247, day(3))]
    assert (_found(facts, law_from(law), day(3, 20)) is not None) is short


@pytest.mark.parametrize(
    ("first", "last", "short"),
    [
        ("2025-03-06", "2025-03-06", False),
        (None, "2025-03-06", False),
        ("2025-03-06", None, False),
        (None, "2025-03-05", True),
        ("2025-03-07", None, True),
        ("2025-03-07", "2025-03-05", True),
    ],
)
def test_a_facility_of_a_plan_takes_waste_on_its_days_alone(first: Any, last: Any, short: bool) -> None:
    said = {"site": KILN, "daily_kg": "187000", "valid_from": first, "valid_until": last}
    row = {name: value for name, value in said.items() if value is not None}
    law = law_from([{**_plan(), "facilities": [row]}])
    assert (_found([_licensed(), _made(247, day(3))], law, day(3, 20)) is not None) is short


@pytest.mark.parametrize("daily", [60, None])
def test_without_a_days_scale_a_day_is_a_365th_of_the_year(daily: int | None) -> None:
    found = _found([_licensed(daily), _made(247, day(3))], law_from([_plan()]), day(3, 20))
    assert found is not None
    assert found.amounts["capacity_g"] == 210_000_000


def test_a_suspended_licence_takes_nothing_that_day_unless_the_plan_names_its_holder() -> None:
    facts = [
        _licensed(),
        licence_ended(
            "M1", "suspended", "2025-03-06", categories=["HW01"], holder="330602-MEDICAL01", at=day(0)
        ),
        _made(160, day(3)),
    ]
    assert _found(facts, law_from([_plan()]), day(3, 20)) is not None
    named = law_from([_plan(facilities={KILN: 150, "330602-MEDICAL01": 60})])
    assert _found(facts, named, day(3, 20)) is None


def test_what_is_sent_out_relieves_the_day_and_what_is_brought_in_burdens_it() -> None:
    law = law_from([_plan()])
    out = collected(INFECTIOUS, 37_000, origin=CLINIC, destination=OTHER_KILN, at=day(3))
    assert _found([_licensed(), _made(247, day(3)), out], law, day(3, 20)) is None
    brought = collected(INFECTIOUS, 11_000, origin=HOSPITAL, destination=KILN, at=day(3))
    assert _found([_licensed(), _made(200, day(3)), brought], law, day(3, 20)) is not None
    own = treated(INFECTIOUS, 37_000, site=CLINIC, own_waste=True, at=day(3))
    assert _found([_licensed(), _made(247, day(3)), own], law, day(3, 20)) is None


def test_a_day_after_a_short_one_counts_with_it_until_it_is_over() -> None:
    facts = [_licensed(), _made(247, day(3)), _made(250, day(4)), _made(1, day(5))]
    law = law_from([_plan()])
    during = _found(facts, law, day(5, 23))
    assert during is not None
    assert (during.since, during.until, during.amounts["need_g"]) == (day(3, 0), None, 250_000_000)
    after = _found(facts, law, day(6, 0))
    assert after is not None
    assert (after.since, after.until) == (day(3, 0), day(5, 0))


def test_the_figures_are_of_the_last_day_that_is_over_and_first_of_the_day_so_far() -> None:
    facts = [_licensed(), _made(247, day(3)), _made(300, day(4))]
    law = law_from([_plan()])
    needs = [_found(facts, law, at) for at in (day(3, 20), day(4, 20), day(5, 20))]
    assert [found.amounts["need_g"] if found else None for found in needs] == [
        247_000_000,
        247_000_000,
        300_000_000,
    ]


def test_two_runs_of_short_days_are_told_one_after_the_other() -> None:
    facts = [_licensed(), _made(247, day(3)), _made(300, day(6)), _made(300, day(7))]
    found = _found(facts, law_from([_plan()]), day(9))
    assert found is not None
    assert (found.since, found.until) == (day(6, 0), day(8, 0))


def test_a_need_is_rounded_up_to_three_digits_of_what_is_taken() -> None:
    law = law_from([_plan(facilities={})])
    found = _found([generated("A", INFECTIOUS, "4567.891", site=CLINIC, at=day(3))], law, day(3, 20))
    assert found is not None
    assert (found.amounts["need_g"], found.amounts["shortfall_g"]) == (4_570_000, 4_570_000)
    facts = [_licensed(), generated("A", INFECTIOUS, "60000.001", site=CLINIC, at=day(3))]
    found = _found(facts, law, day(3, 20))
    assert found is not None
    assert found.amounts["need_g"] == 60_100_000


def test_a_province_or_the_whole_country_is_held_against_the_province() -> None:
    facts = [_licensed(), _made(247, day(3), PLATER)]
    for region in ("33", ""):
        found = _found(facts, law_from([_plan(region)]), day(3, 20), "province")
        assert found is not None
        assert found.site == "330000"
        assert _found(facts, law_from([_plan(region)]), day(3, 20)) is None


# Cities


def _asked(permille: int = 1000, **more: Any) -> Wire:
    what = {
        "scope": {"region": "3301", "category": "HW17"},
        "effective_from": "2025-01-01",
        "at": day(0),
        **more,
    }
    return limit_set("city_shortage", permille, "permille", **what)


def _shortage(facts: Iterable[Any], law: Law, at: Any) -> Finding | None:
    return _found(facts, law, at, "city:3301", "33:HW17")


def _held(tonnes: int, holder: str = PLATER, no: str = "L1") -> Wire:
    return licence_granted(
        no, lines=[scope("HW17", tonnes=tonnes)], holder=holder, valid_until="2199-12-31", at=day(-9)
    )


def _sludge(tonnes: int, at: int) -> Wire:
    return _made(tonnes, at, PLATER, SLUDGE)


@pytest.mark.parametrize(
    ("permille", "tonnes", "short"),
    [(1000, 10, False), (1000, 11, True), (1200, 12, False), (1200, 13, True), (0, 1, False), (0, 2, True)],
)
def test_a_city_is_short_above_the_share_of_its_licences_that_a_policy_names(
    permille: int, tonnes: int, short: bool
) -> None:
    facts = [_held(10), _held(500, KILN, "L2"), _sludge(tonnes, day(1))]
    found = _shortage(facts, law_from([_asked(permille)]), day(2))
    assert (found is not None) is short
    if found is not None:
        assert (found.kind, found.since, found.site, found.basis) == (
            "capacity.shortage",
            day(1, 0),
            "330100",
            "a policy for tests",
        )
        assert found.amounts["capacity_g"] == 10_000_000


@pytest.mark.parametrize(
    ("policy", "since", "until"),
    [
        (_asked(scope={"region": "33"}), day(1, 0), None),
        (_asked(scope={}), day(1, 0), None),
        (_asked(scope={"region": "3306"}), None, None),
        (_asked(scope={"category": "HW08"}), None, None),
        (_asked(effective_from="2025-03-06"), day(3, 0), None),
        (_asked(effective_until="2025-03-06"), day(1, 0), day(4, 0)),
        (_asked(effective_from="2025-03-05", effective_until="2025-03-05"), day(2, 0), day(3, 0)),
        (_asked(effective_from="2025-03-09"), None, None),
    ],
)
def test_a_city_is_asked_about_where_and_while_a_policy_does(
    policy: Wire, since: int | None, until: int | None
) -> None:
    found = _shortage([_held(10), _sludge(11, day(1))], law_from([policy]), day(5))
    assert (found.since if found else None, found.until if found else None) == (since, until)


def test_what_goes_to_another_city_is_no_need_of_this_one_but_of_that() -> None:
    law = law_from([_asked(scope={})])
    facts = [_held(10), _sludge(11, day(1)), accepted(code=SLUDGE, kg=9_000, destination=KILN, at=day(2))]
    found = _shortage(facts, law, day(3))
    assert found is not None
    assert found.until == day(2, 0)
    there = _found(facts, law, day(3), "city:3306", "33:HW17")
    assert there is not None
    assert there.amounts["need_g"] == 9_000_000


def test_a_city_is_judged_by_a_policy_that_comes_after_its_facts() -> None:
    keeper = keep(capacity, "33:HW17", [_held(10), _held(500, KILN, "L2"), _sludge(11, day(1))], NO_LAW)
    assert keeper.findings(day(2)) == []
    law = law_from([_asked()])
    keeper.new_law(law, day(2))
    assert [change.alert.finding.subject for change in keeper.changes] == ["city:3301"]
    assert [found.subject for found in keeper.findings(day(2))] == ["city:3301"]


# Movements


def _flows(facts: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in keep(capacity, "33:HW17", facts, NO_LAW).state().subjects.values():
        if isinstance(value, Month):
            for name, mass_g in value.flows.items():
                found[name] = found.get(name, 0) + mass_g
    return found


def test_every_movement_is_kept_once_within_a_city_too() -> None:
    within = accepted(manifest_no(1), SLUDGE, 1_000, destination="330109-KILN05", at=day(1))
    facts = [
        within,
        again(within),
        accepted(manifest_no(2), SLUDGE, 2_000, destination=KILN, at=day(1)),
        accepted(manifest_no(3), SLUDGE, 3_000, destination=AWAY, at=day(40)),
        accepted(manifest_no(4), SLUDGE, 4_000, origin=AWAY, destination=KILN, at=day(40)),
    ]
    assert _flows(facts) == {
        "3301>330109-KILN05": 1_000_000,
        "3301>330604-KILN01": 2_000_000,
        "3301>320106-KILN09": 3_000_000,
        "3201>330604-KILN01": 4_000_000,
    }
    assert _flows([*facts, corrected(within, day(50), withdrawn=True)]) == _flows(facts)
    assert "3301>330109-KILN05" not in _flows([within, corrected(within, day(50), withdrawn=True)])


# Contradictory facts: believed, and without harm


@pytest.mark.parametrize(
    ("wire", "need_g", "short"),
    [
        (
            licence_granted("L9", lines=[scope("HW17", tonnes=99)], valid_from="2026-01-01", at=day(0)),
            11,
            True,
        ),
        (
            licence_granted(
                "L9",
                lines=[scope("HW17", tonnes=99)],
                valid_from="2025-06-01",
                valid_until="2025-01-01",
                at=day(0),
            ),
            11,
            True,
        ),
        (licence_ended("L9", "resumed", "2025-01-01", categories=["HW17"], at=day(0)), 11, True),
        (licence_ended("L9", "revoked", "2025-01-01", categories=["HW17"], at=day(0)), 11, True),
        (treated(SLUDGE, 50_000, site=PLATER, own_waste=True, at=day(0)), -39, False),
        (accepted(code=SLUDGE, kg=50_000, destination=AWAY, at=day(0)), -39, False),
        (accepted(code=SLUDGE, kg=50_000, origin=PLATER, destination=PLATER, at=day(0)), 11, True),
        (accepted(code=SLUDGE, kg=50_000, origin=AWAY, destination=AWAY, at=day(0)), 11, True),
    ],
)
def test_a_contradictory_fact_is_believed_and_harms_nothing(wire: Wire, need_g: int, short: bool) -> None:
    law = law_from([_asked(), _plan("3301")])
    facts = [_held(10), _sludge(11, day(1)), wire]
    keeper = keep(capacity, "33:HW17", facts, law, strict=True)
    balance = capacity.balance(keeper.state().subjects, "33:HW17", day(2))
    assert (balance["need_g"], balance["is_short"]) == (need_g * 1_000_000, short)
    assert (_shortage(facts, law, day(2)) is not None) is short
    assert_order_is_nothing(capacity, "33:HW17", facts, law, 7)


# Naive counts of every day


def _net_g(facts: list[Stated], ordinal: int, city: str) -> int:
    """Need of one day of a city, or of the province for "33", counted anew."""
    net_g, seen = 0, set()
    for stated in facts:
        body: Any = stated.body
        if beijing_date(stated.occurred_at).toordinal() != ordinal:
            continue
        if stated.kind == "waste-generated.v1" and body.site.startswith(city):
            net_g += body.mass_g
        elif stated.kind == "waste-treated.v1" and body.own_waste and body.site.startswith(city):
            net_g -= sum(one.mass_g for one in body.lines)
        elif stated.kind == "receipt-accepted.v1":
            mass_g = sum(one.mass_g for one in body.lines)
            said = (body.manifest_no, body.origin, body.destination, mass_g)
            if said not in seen:
                seen.add(said)
                net_g += mass_g * (body.destination.startswith(city) - body.origin.startswith(city))
    return net_g


class _Chance:
    """Log books of medical waste in two cities, and laws with plans and policies, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def law(self) -> Law:
        wires = [self._policy(number) for number in range(self.random.randrange(4))]
        return law_from(wires)

    def _policy(self, number: int) -> Wire:
        first = self.random.choice(("2025-03-04", "2025-03-06", "2025-03-20"))
        last = self.random.choice((None, "2025-03-05", "2025-03-06", "2025-03-22"))
        until = {"effective_until": last} if last else {}
        region = self.random.choice(("", "33", "3306", "3301"))
        if self.random.random() < 0.5:
            share = self.random.choice((0, 500, 1000))
            return limit_set(
                "city_shortage", share, "permille", scope={"region": region}, effective_from=first, **until
            )
        tonnes = self.random.choice((1, 4))
        return _plan(region, {KILN: tonnes}, effective_from=first, emergency=f"E{number}", at=None, **until)

    def book(self, length: int) -> list[Wire]:
        facts = [self._licence("M0"), *map(self._fact, range(length))]
        facts.sort(key=lambda wire: str(wire["occurred_at"]))
        wrong = [wire for wire in facts[1:] if self.random.random() < 0.15]
        return [*facts, *(corrected(wire, day(60), withdrawn=True) for wire in wrong)]

    def _licence(self, no: str) -> Wire:
        daily = self.random.choice((2_000, 4_000))
        lines = [scope("HW01", tonnes=self.random.choice((6, 20)), daily_kg=str(daily))]
        last = self.random.choice(("2025-03-06", "2199-12-31"))
        holder = self.random.choice((KILN, OTHER_KILN, PLATER))
        return licence_granted(no, lines=lines, holder=holder, valid_until=last, at=day(-30))

    def _fact(self, number: int) -> Wire:
        at = day(self.random.choice((1, 2, 3, 4, 17, 18)), self.random.randrange(24), number)
        kg = self.random.choice((1_000, 3_000, 5_000))
        choice = self.random.randrange(5)
        site = self.random.choice((CLINIC, HOSPITAL))
        if choice < 3:
            return generated(f"B{number}", INFECTIOUS, kg, site=site, at=at)
        if choice == 3:
            return treated(INFECTIOUS, kg, site=site, own_waste=True, at=at)
        no = manifest_no(self.random.randrange(1, 4))
        destination = self.random.choice((KILN, OTHER_KILN, AWAY))
        return accepted(no, lines=[line(INFECTIOUS, kg)], origin=site, destination=destination, at=at)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 12))
def test_any_order_of_arrival_ends_as_the_refold_under_plans_and_policies(seed: int, length: int) -> None:
    chance = _Chance(seed)
    assert_order_is_nothing(capacity, MEDICAL, chance.book(length), chance.law(), seed)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 12))
def test_shortfalls_and_cities_shortages_are_those_of_naive_counts(seed: int, length: int) -> None:
    chance = _Chance(seed)
    law = chance.law()
    keeper = keep(capacity, MEDICAL, chance.book(length), law)
    facts = keeper.book.facts(capacity.CONCERN, MEDICAL)
    for at in (day(2, 12), day(4, 23), day(5), day(19), day(40)):
        found = {(one.subject, one.kind): one for one in keeper.findings(at)}
        for city in ("3306", "3301", "33"):
            subject = "province" if city == "33" else f"city:{city}"
            today = beijing_date(at).toordinal()
            short = _runs(_surge_days(facts, law, city, today))
            _assert_is_run(
                found.get((subject, AlertKind.CAPACITY_SURGE_SHORTFALL)), short, today, in_progress=True
            )
            if city != "33":
                over = _runs(_shortage_days(facts, law, city, today))
                _assert_is_run(
                    found.get((subject, AlertKind.CAPACITY_SHORTAGE)), over, today, in_progress=False
                )


def _assert_is_run(
    found: Finding | None, runs: list[tuple[int, int]], today: int, *, in_progress: bool
) -> None:
    if not runs:
        assert found is None
        return
    assert found is not None
    first, last = runs[-1]
    assert found.since == beijing_midnight(date.fromordinal(first))
    lasts = found.until is None
    if not lasts:
        assert found.until == beijing_midnight(date.fromordinal(last + 1))
        assert last < today
    else:
        assert last == today or (in_progress and last == today - 1)


def _runs(days: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for ordinal in days:
        if found and found[-1][1] == ordinal - 1:
            found[-1] = (found[-1][0], ordinal)
        else:
            found.append((ordinal, ordinal))
    return found


def _terms(facts: list[Stated], ordinal: int, city: str) -> list[Any]:
    today = date.fromordinal(ordinal)
    bodies: list[Any] = [stated.body for stated in facts if stated.kind == "licence-granted.v1"]
    return [b for b in bodies if b.holder.startswith(city) and b.valid_from <= today <= b.valid_until]


def _surge_days(facts: list[Stated], law: Law, city: str, today: int) -> list[int]:
    found = []
    for ordinal in range(day_number(0), today + 1):
        on = date.fromordinal(ordinal)
        regions = {city, ""} if city == "33" else {city}
        plans = [p for p in law.emergencies(city) if p.scope.region in regions and p.holds_on(on)]
        if not plans:
            continue
        taken = {b.holder: b.lines[0].daily_g for b in _terms(facts, ordinal, city)}
        for one in plans[0].facilities:
            taken[one.site] = max(taken.get(one.site, 0), one.daily_g)
        if _net_g(facts, ordinal, city) > sum(taken.values()):
            found.append(ordinal)
    return found


def _shortage_days(facts: list[Stated], law: Law, city: str, today: int) -> list[int]:
    found = []
    for ordinal in range(day_number(0), today + 1):
        on = date.fromordinal(ordinal)
        rows = [
            entry.policy
            for entry in sorted(
                law.policies,
                key=lambda e: (len(e.policy.scope.region), e.policy.effective_from, e.seq),
                reverse=True,
            )
            if entry.policy.kind == "limit-set.v1"  # type: ignore[attr-defined]
            and f"{city}00".startswith(entry.policy.scope.region)
            and entry.policy.effective_from <= on <= entry.policy.last_day
        ]
        if not rows:
            continue
        capacity_g = sum(b.lines[0].yearly_g for b in _terms(facts, ordinal, city))
        need_g = sum(_net_g(facts, earlier, city) for earlier in range(ordinal - 364, ordinal + 1))
        if need_g > max(capacity_g * rows[0].value // 1000, IGNORED_G):  # type: ignore[attr-defined]
            found.append(ordinal)
    return found


def day_number(number: int) -> int:
    return (beijing_date(day(0)) + timedelta(days=number)).toordinal()
