"""A policy with effect in the past reaches what is long settled: subjects that nothing keeps in memory any more (D8, D12).

Each history ends without an alert and is swept for months, so that its subjects are closed and gone from memory; the policy
then raises what it would have raised: open where it lasts, past where it is over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consumers.digest import digest_of_tables
from consumers.replay import everywhere, replay
from models.exact import HOUR_US
from rules.defaults import SYSTEM_ORG
from streams.databases import reading
from streams.embedded import Embedded
from tests.facts import (
    OIL,
    Wire,
    accepted,
    arrived,
    confirmed,
    contract_signed,
    counted,
    day,
    departed,
    generated,
    instant,
    issued,
    licence_granted,
    limit_set,
    paid,
    plan_filed,
    price_floor_set,
    scope,
    site_registered,
    stock_taken,
    stored,
    tolerance_set,
    transfer_applied,
    transfer_approved,
    transfer_examined,
)
from tests.streams.world import SHARDS, World, make_world

AWAY = "320106-KILN09"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.databases.dispose()


@dataclass
class Settled:
    """A history, the policy recorded long after it, and the alerts that it then has: kind, condition and since."""

    facts: list[tuple[int, Wire]]
    policy: Wire
    expected: set[tuple[str, str, int]]
    known_at: int = day(300)


def load(kg: int = 1_000, taken_kg: int | None = None) -> list[tuple[int, Wire]]:
    """A load that left on day 1 for fifty hours, was taken in and confirmed."""
    taken = kg if taken_kg is None else taken_kg
    return [
        (day(1), issued(kg=kg)),
        (day(1), departed(kg=kg)),
        (day(1) + 50 * HOUR_US, arrived()),
        (day(1) + 52 * HOUR_US, accepted(kg=taken)),
        (day(1) + 53 * HOUR_US, confirmed()),
    ]


TAKEN = day(1) + 52 * HOUR_US
HELD = [(day(0), stored("B", OIL, 1_000)), (day(40), departed(kg=1_000, lot="B"))]
SIGNED = (day(0), contract_signed(yuan=1_000))
APPROVED = (day(0), transfer_approved(kg=500_000))
AWAY_LOAD = (day(60), departed(kg=1_000, destination=AWAY, approval_no="A1"))

CASES = {
    "a load within the old tolerance": Settled(
        load(taken_kg=990), tolerance_set(5), {("manifest.mass_differs", "open", TAKEN)}
    ),
    "a trip within the old term": Settled(
        load(), limit_set("transit_term", 24, "hours"), {("manifest.in_transit_too_long", "past", day(2))}
    ),
    "a lot that left within the old term": Settled(
        HELD,
        limit_set("storage_term", 20, "days", applies_to_stored=True),
        {("storage.over_limit", "past", day(21, 0))},
    ),
    "a count within the old tolerance": Settled(
        [*HELD[:1], (day(5), stock_taken([counted(OIL, 990)])), (day(40), departed(kg=990, lot="B"))],
        limit_set("stock_tolerance", 5, "permille"),
        {("storage.count_differs", "open", day(5))},
    ),
    "a load that was paid in the old term": Settled(
        [SIGNED, *load(), (day(20), paid(yuan=1_000))],
        limit_set("payment_term", 5, "days"),
        {("movement.without_payment", "past", day(9, 0))},
    ),
    "a price above the old floor": Settled(
        [SIGNED, *load(), (day(20), paid(yuan=1_000))],
        price_floor_set(3_000),
        {("price.below_floor", "open", TAKEN)},
    ),
    "money within the old tolerance": Settled(
        [SIGNED, *load(), (day(20), paid(yuan=1_030))],
        limit_set("amount_tolerance", 10, "permille"),
        {("payment.amount_differs", "open", day(20))},
    ),
    "a year's receipts below the old share": Settled(
        [(day(0), licence_granted(lines=[scope("HW08", tonnes=2)])), *load()],
        limit_set("licence_notice", 300, "permille"),
        {("licence.nearly_used", "open", TAKEN)},
    ),
    "a load within the old term of its approval": Settled(
        [APPROVED, AWAY_LOAD],
        limit_set("approval_term", 30, "days"),
        {("transfer.unapproved", "open", day(60))},
    ),
    "an opinion within the old term, on an application long decided": Settled(
        [
            (day(0), transfer_applied()),
            (day(4), transfer_examined("opinion")),
            (day(10), transfer_examined("reply")),
            (day(12), transfer_approved(application_no="S1")),
        ],
        limit_set("transfer_opinion_term", 2, "days"),
        {("transfer.step_overdue", "past", day(3, 0))},
    ),
    "a plan filed within the old term": Settled(
        [(day(-25), site_registered(producer_class="key")), (instant("2026-03-15"), plan_filed(2026))],
        limit_set("plan_term", 2, "months", effective_from="2025-01-01"),
        {("plan.not_filed", "past", instant("2026-03-01"))},
        known_at=day(420),
    ),
    "a year of a city without a kiln, in a province that has enough": Settled(
        [(day(0), licence_granted(lines=[scope("HW08", tonnes=100)])), (day(1), generated("B", OIL, 5_000))],
        limit_set("city_shortage", 1_000, "permille"),
        {("capacity.shortage", "open", day(1, 0))},
    ),
    "trips of a carrier of whom no licence was asked": Settled(
        load(), limit_set("carrier_licence_grace", 0, "days"), {("carrier.unlicensed", "open", day(1))}
    ),
}


def settled(world: World, case: Settled) -> Embedded:
    """The history, judged to when the policy is recorded by a loop that has since let go of it."""
    loop = world.embedded()
    for at, wire in case.facts:
        world.say(wire, at)
    world.sweep(case.known_at, loop)
    return loop


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("restarted", [False, True], ids=["same loop", "after a restart"])
def test_a_policy_reaches_what_is_long_settled(world: World, name: str, restarted: bool) -> None:
    case = CASES[name]
    loop = settled(world, case)
    wanted_kinds = {kind for kind, _, _ in case.expected}
    before = {kind for kind, _, _ in world.alerts()}
    assert not wanted_kinds & before
    world.say(case.policy, case.known_at, SYSTEM_ORG)
    head = world.sweep(case.known_at + HOUR_US, world.embedded() if restarted else loop)
    found = {
        (kind, condition, since)
        for kind, condition, since, raised_at in world.rows(
            "SELECT kind, condition, since, raised_at FROM alerts"
        )
        if kind in wanted_kinds and raised_at == case.known_at
    }
    assert found == case.expected
    with reading(world.databases.state) as conn:
        live = digest_of_tables(conn)
    assert replay(world.ledger, SHARDS, everywhere(SHARDS, head.seq, head.recorded_at)).digest() == live
