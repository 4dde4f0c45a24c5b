"""The simulated province: repeatable, well-formed, and in the proportions of the real one."""

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any, Final

from deploy.simulator import SMALL, ProvinceSize, Simulation, simulate
from models.alerts import AlertKind
from models.catalogue import category_of, known_city, stats, waste_code
from models.credit import credit_code_ok, organisation_code_ok
from models.exact import DAY_US, parse_instant, parse_kg
from models.facts import FACT_TYPES
from models.roles import may_state

START: Final = date(2025, 1, 6)
TINY: Final = ProvinceSize(producers=60, hospitals=1, clinics=3)
MAIN: Final = ("HW18", "HW34", "HW17", "HW35", "HW08")


@lru_cache(maxsize=4)
def a_year(seed: int = 1) -> Simulation:
    return simulate(seed, SMALL, START, 365)


def bodies(simulation: Simulation, kind: str) -> list[dict[str, Any]]:
    return [said.wire for said in simulation.facts if said.wire["kind"] == kind]


def made_g(simulation: Simulation) -> Counter[str]:
    """Grams made by category, residues included."""
    made: Counter[str] = Counter()
    for wire in bodies(simulation, "waste-generated.v1"):
        if "mass_kg" in wire:
            made[category_of(wire["waste_code"])] += parse_kg(wire["mass_kg"])
    for wire in bodies(simulation, "waste-treated.v1"):
        for lot in wire.get("residues", ()):
            made[category_of(lot["waste_code"])] += parse_kg(lot["mass_kg"])
    return made


def test_the_same_seed_tells_the_same_story() -> None:
    assert simulate(5, TINY, START, 60) == simulate(5, TINY, START, 60)


def test_another_seed_tells_another_story() -> None:
    assert simulate(5, TINY, START, 60).facts != simulate(6, TINY, START, 60).facts


def test_a_longer_run_begins_with_the_shorter_one() -> None:
    short, long = simulate(5, TINY, START, 40), simulate(5, TINY, START, 60)
    assert long.facts[: len(short.facts)] == short.facts
    assert set(short.truth) == {expected for expected in long.truth if expected.raised_at <= short.end}


def test_a_year_in_small_is_about_twenty_thousand_facts() -> None:
    assert 18_000 <= len(a_year().facts) <= 23_000


def test_every_fact_is_well_formed_and_stated_by_a_role_that_may() -> None:
    for said in a_year().facts:
        FACT_TYPES[said.wire["kind"]].model_validate(said.wire)
        assert may_state(said.role, said.wire["kind"]), said


def test_facts_come_in_recorded_order_and_never_before_they_happened() -> None:
    simulation = a_year()
    times = [said.recorded_at for said in simulation.facts]
    assert times == sorted(times)
    assert simulation.start <= times[0]
    assert times[-1] <= simulation.end == simulation.start + 365 * DAY_US - 1
    assert all(parse_instant(said.wire["occurred_at"]) <= said.recorded_at for said in simulation.facts)


def test_event_ids_are_unique_and_of_version_7() -> None:
    ids = [said.wire["event_id"] for said in a_year().facts]
    assert len(set(ids)) == len(ids)
    assert all(event_id[14] == "7" and event_id[19] in "89ab" for event_id in ids)


def test_organisations_have_true_check_digits_and_sites_lie_in_zhejiang_or_where_it_sends_to() -> None:
    simulation = a_year()
    assert all(credit_code_ok(code) and organisation_code_ok(code) for code in simulation.orgs)
    assert all(said.stated_by in simulation.orgs for said in simulation.facts)
    assert all(site[:2] in {"32", "33"} and known_city(site[:6]) for site in simulation.sites)
    assert sum(site[:2] == "32" for site in simulation.sites) < 20


def test_waste_codes_are_in_the_list_of_their_day() -> None:
    codes = {wire["waste_code"] for wire in bodies(a_year(), "waste-generated.v1")}
    assert all(waste_code(code, START) is not None for code in codes)


def test_categories_have_the_shares_of_the_statistics() -> None:
    found = {stat.item: stat.grams() for stat in stats() if (stat.area, stat.period) == ("Zhejiang", "2024")}
    whole = found["HW generated, no medical"]
    made = made_g(a_year())
    total = sum(made.values()) - made["HW01"]
    for category in MAIN:
        assert abs(made[category] / total - found[category] / whole) < 0.02, category


def test_a_transfer_carries_about_twelve_and_a_half_tonnes() -> None:
    loads = [
        sum(parse_kg(line["mass_kg"]) for line in wire["lines"])
        for wire in bodies(a_year(), "transport-departed.v1")
    ]
    assert 10.5 < sum(loads) / len(loads) / 1_000_000 < 14.5


def test_most_firms_are_small_and_make_little() -> None:
    simulation = a_year()
    made: Counter[str] = Counter()
    for wire in bodies(simulation, "waste-generated.v1"):
        if not wire["waste_code"].endswith("-01"):
            made[wire["site"]] += parse_kg(wire["mass_kg"])
    small = [mass for mass in made.values() if mass < 10_000_000]
    assert 0.84 < len(small) / len(made) < 0.92
    assert sum(small) / sum(made.values()) < 0.05


# What needs months of history first, or a province's only epidemic, is there once; a plan is missed after 31 March alone.
ONCE: Final = frozenset({AlertKind.GENERATION_SILENT, AlertKind.CAPACITY_SURGE_SHORTFALL})


def test_every_kind_of_alert_is_in_the_truth_at_least_twice() -> None:
    for seed in (1, 2, 3):
        kinds = Counter(expected.kind for expected in a_year(seed).truth)
        wanted = {kind: 1 if kind in ONCE else 2 for kind in AlertKind if kind != AlertKind.PLAN_NOT_FILED}
        assert {kind: kinds[kind] for kind, least in wanted.items() if kinds[kind] < least} == {}


def test_a_year_over_the_end_of_march_misses_a_plan() -> None:
    truth = simulate(1, SMALL, date(2025, 7, 1), 365).truth
    assert AlertKind.PLAN_NOT_FILED in {expected.kind for expected in truth}


def test_a_regular_province_has_nothing_to_expect() -> None:
    assert simulate(1, TINY, START, 120, irregular=False).truth == []
