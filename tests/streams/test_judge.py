"""The judge on real tables: order, duplicates, gaps, fencing, deadlines, policies, parking; whatever the batches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.envelope import Delivery, Row, Tick
from models.exact import DAY_US, HOUR_US
from models.topics import Concern, shard_of
from rules import custody
from streams.decode import routes_of
from streams.parked import parked_keys, retry
from tests.facts import MANIFEST, accepted, arrived, corrected, day, departed, issued, limit_set
from tests.streams.world import SHARDS, World, make_world

NEXT = "20253301000002"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.databases.dispose()


@pytest.fixture
def world_postgres(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    made = make_world(tmp_path, postgres_url)
    yield made
    made.databases.dispose()


def difference(world: World, number: str = MANIFEST, hours: int = 0) -> list[int]:
    """A load of 10 t of which 8 t are accepted."""
    at = day(0) + hours * HOUR_US
    return [
        *world.say_all([issued(number, kg=10_000)], at),
        world.say(departed(number, kg=10_000), at + HOUR_US),
        world.say(arrived(number), at + 3 * HOUR_US),
        world.say(accepted(number, kg=8_000), at + 4 * HOUR_US),
    ]


def deliveries(world: World, concern: Concern, number: int) -> list[Delivery]:
    """What the relay would send to one shard."""
    prev, found = 0, []
    for row in world.ledger.rows(0, 1_000):
        if any(c is concern and shard_of(key, SHARDS) == number for c, key in routes_of(row)):
            found.append(Delivery(row, prev))
            prev = row.seq
    return found


def custody_shard(number: str = MANIFEST) -> int:
    return shard_of(number, SHARDS)


def custody_alerts(world: World) -> list[tuple[str, str]]:
    return [(kind, condition) for kind, _, condition in world.alerts() if kind.startswith("manifest.")]


def test_a_difference_is_raised_once_by_the_embedded_loop(world: World) -> None:
    difference(world)
    world.sweep(day(1))
    world.sweep(day(1))
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]


def test_the_same_alert_comes_out_on_postgresql(world_postgres: World) -> None:
    difference(world_postgres)
    world_postgres.sweep(day(1))
    assert custody_alerts(world_postgres) == [("manifest.mass_differs", "open")]


def test_silence_alone_raises_and_a_late_arrival_clears(world: World) -> None:
    world.say_all([issued(kg=10_000), departed(kg=10_000)], day(0))
    loop = world.embedded()
    world.sweep(day(0) + 72 * HOUR_US - 1, loop)
    assert custody_alerts(world) == []
    world.sweep(day(0) + 72 * HOUR_US, loop)
    assert custody_alerts(world) == [("manifest.in_transit_too_long", "open")]
    world.say(arrived(), day(4))
    world.sweep(day(4), loop)
    assert custody_alerts(world) == [("manifest.in_transit_too_long", "cleared")]


def test_a_deadline_before_a_fact_is_applied_before_it_even_without_a_tick(world: World) -> None:
    world.say_all([issued(kg=10_000), departed(kg=10_000)], day(0))
    seq = world.say(arrived(), day(4))
    world.embedded().step()
    assert world.changes(Concern.CUSTODY) == [("raised", f"t{day(0) + 72 * HOUR_US}"), ("cleared", f"s{seq}")]


def test_batches_do_not_change_the_verdict(world: World, tmp_path: Path) -> None:
    other = make_world(tmp_path / "other")
    for where, limit in ((world, 1), (other, 1_000)):
        difference(where)
        difference(where, NEXT, 30)
        loop = where.embedded()
        while loop.step(limit):
            pass
        where.sweep(day(40), loop)
    assert world.rows("SELECT * FROM alerts ORDER BY alert_id") == other.rows(
        "SELECT * FROM alerts ORDER BY alert_id"
    )
    order = "SELECT concern, key, cause, ordinal, change, body FROM alert_changes ORDER BY concern, key, changed_at, ordinal"
    assert world.rows(order) == other.rows(order)
    other.databases.dispose()


def test_duplicates_and_a_gap_from_kafka_change_nothing(world: World) -> None:
    difference(world)
    judge, number = world.judge(), custody_shard()
    sent = deliveries(world, Concern.CUSTODY, number)
    judge.deliver(Concern.CUSTODY, number, [sent[0]], 1)
    judge.deliver(Concern.CUSTODY, number, [sent[0], sent[-1]], 5)
    judge.deliver(Concern.CUSTODY, number, sent, 9)
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]
    assert judge.committed_offset(Concern.CUSTODY, number) == 9


def test_a_lost_last_message_heals_at_the_next_tick(world: World) -> None:
    seqs = difference(world)
    judge, number = world.judge(), custody_shard()
    judge.deliver(Concern.CUSTODY, number, deliveries(world, Concern.CUSTODY, number)[:-1], 1)
    judge.deliver(Concern.CUSTODY, number, [Tick(seqs[-1], day(1), seqs[-1])], 2)
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]


def test_memory_of_one_process_is_worth_nothing_after_another_committed(world: World) -> None:
    difference(world)
    number = custody_shard()
    first, second = world.judge(), world.judge()
    sent = deliveries(world, Concern.CUSTODY, number)
    first.deliver(Concern.CUSTODY, number, sent[:2], 1)
    second.deliver(Concern.CUSTODY, number, sent[2:3], 2)
    first.deliver(Concern.CUSTODY, number, sent[3:], 3)
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]


def test_a_tick_that_changes_nothing_costs_no_transaction(world: World) -> None:
    seqs = difference(world)
    judge, number = world.judge(), custody_shard()
    judge.deliver(Concern.CUSTODY, number, [Tick(seqs[-1], day(1), seqs[-1])], 1)
    before = world.rows("SELECT revision FROM positions WHERE concern = 'custody' AND shard = ?", number)
    judge.deliver(Concern.CUSTODY, number, [Tick(seqs[-1], day(1) + 1, seqs[-1])], 2)
    assert (
        world.rows("SELECT revision FROM positions WHERE concern = 'custody' AND shard = ?", number) == before
    )


def test_a_correction_clears_what_only_the_error_had_raised(world: World) -> None:
    difference(world)
    loop = world.embedded()
    world.sweep(day(1), loop)
    wrong = accepted(kg=8_000)
    right = {**accepted(kg=10_000, at=day(0) + 4 * HOUR_US), "event_id": wrong["event_id"]}
    world.say(corrected(wrong, **right), day(2), stated_by=right["destination_org"])
    world.sweep(day(2), loop)
    assert custody_alerts(world) == [("manifest.mass_differs", "cleared")]
    because = world.rows("SELECT cleared_because, standing FROM alerts WHERE kind = 'manifest.mass_differs'")
    assert [(why, bool(standing)) for why, standing in because] == [("correction", False)]


def test_a_policy_recorded_later_reaches_idle_keys_at_the_next_tick(world: World) -> None:
    world.say_all([issued(kg=10_000), departed(kg=10_000)], day(0))
    loop = world.embedded()
    world.sweep(day(1), loop)
    assert custody_alerts(world) == []
    shorter = limit_set("transit_term", 12, "hours", scope={"region": "33"}, effective_from="2025-01-01")
    seq = world.say(shorter, day(1) + HOUR_US)
    world.sweep(day(1) + 2 * HOUR_US, loop)
    assert custody_alerts(world) == [("manifest.in_transit_too_long", "open")]
    assert world.changes(Concern.CUSTODY) == [("raised", f"l{seq}")]


def test_a_rule_that_crashes_parks_its_key_and_the_shard_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    evolve = custody.evolve

    def crash(state: Any, stated: Any, law: Any) -> Any:
        if stated.kind == "receipt-accepted.v1" and stated.body.manifest_no == MANIFEST:
            raise ZeroDivisionError("a bug")
        return evolve(state, stated, law)

    difference(world)
    difference(world, NEXT, 30)
    with monkeypatch.context() as patch:
        patch.setattr(custody, "evolve", crash)
        world.sweep(day(3))
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]
    waiting = parked_keys(world.databases.state)
    assert [(item.concern, item.key, "ZeroDivisionError" in item.error) for item in waiting] == [
        (Concern.CUSTODY, MANIFEST, True)
    ]
    world.say(arrived(at=day(4), nth=2), day(4))
    world.sweep(day(4))
    retry(world.databases.state, world.ledger, waiting[0])
    assert parked_keys(world.databases.state) == []
    assert custody_alerts(world) == [("manifest.mass_differs", "open"), ("manifest.mass_differs", "open")]
    world.sweep(day(5))


def test_changes_are_numbered_densely_and_once(world: World) -> None:
    for index in range(5):
        difference(world, f"2025330100010{index}", index)
    loop, publisher = world.embedded(), world.publisher()
    world.sweep(day(0) + 6 * HOUR_US, loop)
    publisher.drain()
    world.sweep(day(30), loop)
    publisher.drain()
    assert publisher.step() == 0
    numbers = [row[0] for row in world.rows("SELECT change_no FROM alert_changes ORDER BY change_no")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 10


def test_closed_manifests_leave_memory_and_come_back_when_named(world: World) -> None:
    from tests.facts import confirmed

    world.say_all([issued(kg=10_000), departed(kg=10_000)], day(0))
    world.say_all([arrived(), accepted(kg=10_000), confirmed()], day(1))
    loop = world.embedded()
    world.sweep(day(2), loop)
    assert [
        bool(row[0])
        for row in world.rows(
            "SELECT is_open FROM subjects WHERE concern = 'custody' AND key = '20253301000001'"
        )
    ] == [False]
    other = issued(kg=77, origin="330106-ELSEWHERE", at=day(3))
    world.say(other, day(3), stated_by=other["origin_org"])
    world.sweep(day(3), loop)
    assert custody_alerts(world) == [("manifest.number_reused", "open")]


def test_rows_read_again_are_skipped(world: World) -> None:
    difference(world)
    judge = world.judge()
    world.sweep(day(1), world.embedded(judge))
    again: list[Row] = world.ledger.rows(0, 100)
    number = custody_shard()
    judge.deliver(Concern.CUSTODY, number, [Delivery(row, 0) for row in again if "manifest" in row.kind], 3)
    assert custody_alerts(world) == [("manifest.mass_differs", "open")]
    assert len(world.rows("SELECT 1 FROM alert_changes WHERE concern = 'custody'")) == 1


def test_ten_days_of_ticks_equal_one(world: World, tmp_path: Path) -> None:
    other = make_world(tmp_path / "other")
    for where, step in ((world, DAY_US // 4), (other, 20 * DAY_US)):
        world_loop = where.embedded()
        where.say_all([issued(kg=10_000), departed(kg=10_000)], day(0))
        at = day(0)
        while at < day(10):
            at = min(at + step, day(10))
            where.sweep(at, world_loop)
    assert world.rows("SELECT * FROM alerts") == other.rows("SELECT * FROM alerts")
    other.databases.dispose()
