"""A policy recorded today with effect last month re-judges what it touches and nothing else (DESIGN D12)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.digest import digest_of_tables
from consumers.replay import everywhere, replay
from models.catalogue import holidays
from models.exact import HOUR_US
from models.law import Law
from rules.defaults import SYSTEM_ORG
from streams.databases import reading
from streams.embedded import Embedded
from streams.keyjudge import Case
from tests.facts import (
    KILN,
    OIL,
    Wire,
    accepted,
    citation_set,
    code_list_published,
    corrected,
    day,
    departed,
    generated,
    holidays_published,
    issued,
    licence_granted,
    limit_set,
    manifest_no,
    scope,
    tolerance_set,
)
from tests.streams.world import SHARDS, World, make_world

HANGZHOU, SHAOXING, GUANGZHOU = "330106-PLATER01", "330604-PLATER02", "440111-PLATER03"
OFF_2025 = [day.isoformat() for day in sorted(holidays().off) if day.year == 2025]
WORK_2025 = [day.isoformat() for day in sorted(holidays().work) if day.year == 2025]
Reached = set[tuple[str, str]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.databases.dispose()


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> Reached:
    """The keys that a new edition had judged again."""
    found: Reached = set()
    new_law = Case.new_law

    def counted(case: Case, law: Law, *rest: object) -> None:
        found.add((case.rule.CONCERN.value, case.key))
        new_law(case, law, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Case, "new_law", counted)
    return found


def trade(world: World) -> Embedded:
    """Lots at three sites in two provinces on day 0, two loads on days 1 and 40, judged to day 41."""
    for nth, site in enumerate((HANGZHOU, SHAOXING, GUANGZHOU)):
        world.say(generated(f"L{nth}", OIL, 500, site=site), day(0))
    for nth, on in ((1, 1), (2, 40)):
        number = manifest_no(nth)
        world.say_all([issued(number, kg=100), departed(number, kg=100)], day(on))
        world.say(accepted(number, kg=100), day(on) + 5 * HOUR_US)
    loop = world.embedded()
    world.sweep(day(41), loop)
    return loop


def recorded(world: World, loop: Embedded, *policies: Wire) -> None:
    """Policies recorded on day 50, and a tick that knows them."""
    for policy in policies:
        world.say(policy, day(50), SYSTEM_ORG)
    world.sweep(day(51), loop)


MANIFESTS = {("custody", manifest_no(1)), ("custody", manifest_no(2))}
CASES: list[tuple[str, Wire, Reached]] = [
    (
        "a storage term of one city reaches its sites",
        limit_set("storage_term", 20, "days", scope={"region": "3301"}),
        {("storage", HANGZHOU)},
    ),
    (
        "of a province, those of its cities",
        limit_set("storage_term", 20, "days", scope={"region": "44"}),
        {("storage", GUANGZHOU)},
    ),
    (
        "a tolerance with effect from day 30 reaches the loads that moved since",
        tolerance_set(5, effective_from="2025-04-02"),
        {("custody", manifest_no(2))},
    ),
    ("with effect from the first day, all loads", tolerance_set(5), MANIFESTS),
    ("a policy that begins next year reaches nothing", tolerance_set(5, effective_from="2026-01-01"), set()),
    ("a citation is read where it is shown", citation_set("duty.manifest", article="82p1"), set()),
    ("a code list too", code_list_published("900-249-08"), set()),
    ("a calendar reaches terms that count into its year: none of these", holidays_published(2027), set()),
    (
        # The load of day 40 was accepted on 2025-04-12; that of day 1 was due on 03-11. Collectors' 90 working days
        # have every site asked, since a policy does not know whose lots are a collector's.
        "a day more off reaches terms that count it",
        holidays_published(2025, off=[*OFF_2025, "2025-04-15"], work=WORK_2025),
        {("custody", manifest_no(2)), *(("storage", site) for site in (HANGZHOU, SHAOXING, GUANGZHOU, KILN))},
    ),
]


@pytest.mark.parametrize(("policy", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_policy_reaches_what_it_touches_and_nothing_else(
    world: World, reached: Reached, policy: Wire, expected: Reached
) -> None:
    loop = trade(world)
    reached.clear()
    recorded(world, loop, policy)
    # A vehicle's key is of the same concern as the loads it carried, so what they ask reaches it too.
    keys = {
        pair for pair in reached if pair[0] in {"custody", "storage"} and not pair[1].startswith("vehicle:")
    }
    assert keys == expected
    assert not expected or {pair for pair in reached if pair[0] == "capacity"} == set()


def test_a_share_with_effect_since_january_folds_the_year_again(world: World, reached: Reached) -> None:
    """The year keeps the shares it is counted under, so the key is folded, and the notice is dated when it was crossed."""
    world.say(licence_granted(lines=[scope(tonnes=1)]), day(0))
    loop = trade(world)
    for nth in range(3, 6):
        world.say(accepted(manifest_no(nth), kg=100), day(45))
    recorded(world, loop, limit_set("licence_notice", 300, "permille", scope={"region": KILN[:4]}))
    assert ("permits", KILN) in reached
    (alert,) = world.rows("SELECT since, raised_at, cause FROM alerts WHERE kind = 'licence.nearly_used'")
    assert alert[0] == day(45)
    assert alert[1] == day(50)
    assert alert[2].startswith("l")


def test_the_embedded_loop_and_the_replay_spare_the_same(world: World) -> None:
    world.say(licence_granted(lines=[scope(tonnes=1)]), day(0))
    loop = trade(world)
    withdrawn = limit_set("storage_term", 20, "days", scope={"region": "33"})
    recorded(
        world,
        loop,
        withdrawn,
        tolerance_set(5, effective_from="2025-04-02"),
        limit_set("licence_notice", 100, "permille"),
        holidays_published(2025, off=[*OFF_2025, "2025-04-15"], work=WORK_2025),
    )
    world.say(generated("L9", OIL, 500, site=HANGZHOU, at=day(2)), day(52))
    world.say(corrected(withdrawn, day(53), withdrawn=True), day(53), SYSTEM_ORG)
    head = world.sweep(day(400), loop)
    with reading(world.databases.state) as conn:
        live = digest_of_tables(conn)
    found = replay(world.ledger, SHARDS, everywhere(SHARDS, head.seq, head.recorded_at)).digest()
    assert found == live
