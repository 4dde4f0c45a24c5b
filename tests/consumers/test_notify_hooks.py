"""One endpoint and how it is told: in order, at least once, signed; what failing comes to; dead letters and redrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from consumers import notify
from consumers.notify import Notify
from consumers.notify_hooks import backoff_us
from models.envelope import Row
from models.errors import Fenced
from models.facts import EXPORTED, READ, Role
from models.hooks import DeadState, EventType, Filter, HookBody, HookState, Position
from models.settings import Settings
from models.tables_keys import Delegation
from streams.hook_events import may_be_told_of_fact
from streams.hook_store import Hook, HookStore
from streams.keys import Holder
from streams.ledger import Ledger
from tests import facts
from tests.consumers.receiver import Got, Receiver, quick, receiver
from tests.facts import CARRIER_ORG, FACILITY_ORG, MANIFEST, PRODUCER_ORG, REGULATOR_ORG, TRADER_ORG, day
from tests.kafka.hands import until
from tests.streams.ledgers import accepted, new_ledger, stored

PRODUCER = Holder("key", PRODUCER_ORG, Role.PRODUCER, "test")
FACILITY = Holder("key", FACILITY_ORG, Role.FACILITY, "test")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "LOOK_SECONDS", 0.03)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    made = new_ledger(tmp_path, url)
    yield made
    made.databases.dispose()


@pytest.fixture
def box() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def hook(ledger: Ledger, box: Receiver, holder: Holder = PRODUCER, **more: Any) -> Hook:
    wanted = Filter(**{"own": True, **more})
    position = Position(0, 0, ledger.head().seq)
    store = HookStore(ledger.databases)
    return store.create(holder, box.url, "test", HookBody.FULL, wanted, position, 20)


def settings(**more: Any) -> Settings:
    return quick(Settings(), **more)


@asynccontextmanager
async def notifying(ledger: Ledger, given: Settings | None = None) -> AsyncIterator[Notify]:
    made = Notify(given or settings(), ledger, lease_seconds=2)
    stop = asyncio.Event()
    task = asyncio.ensure_future(made.run(stop))
    try:
        yield made
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


def state_facts(ledger: Ledger, count: int) -> list[int]:
    return [accepted(ledger, stored())[0].seq for _ in range(count)]


def unique(found: list[Any]) -> list[Any]:
    return list(dict.fromkeys(found))


async def test_facts_are_told_in_order_signed_and_once(ledger: Ledger, box: Receiver) -> None:
    state_facts(ledger, 3)
    made = hook(ledger, box)
    seqs = state_facts(ledger, 30)
    async with notifying(ledger) as running:
        await until(lambda: len(box.seqs()) == 30)
        seqs += state_facts(ledger, 5)
        running.wake()
        await until(lambda: len(box.seqs()) == 35)
    async with notifying(ledger):
        seqs += state_facts(ledger, 1)
        await until(lambda: len(box.seqs()) == 36)
    assert box.seqs() == seqs
    box.checked(made.secret)
    assert len({got.id for got in box.got}) == 36
    first = box.took[0]
    assert first.json["type"] == "fact.accepted"
    assert first.json["timestamp"] == first.json["data"]["recorded_at"]
    assert first.headers["content-type"] == "application/json"
    assert made.secret not in repr(made)


async def test_only_what_concerns_its_organisation_is_told(ledger: Ledger, box: Receiver) -> None:
    hook(ledger, box, FACILITY, own=False)
    departed = facts.departed(MANIFEST, at=day(1))
    theirs = accepted(ledger, departed, by=CARRIER_ORG)[0].seq
    accepted(ledger, stored(), by=PRODUCER_ORG)
    accepted(ledger, facts.accepted(MANIFEST, at=day(2)), by=FACILITY_ORG)
    async with notifying(ledger):
        await until(lambda: bool(box.took))
        last = accepted(ledger, facts.departed("20253301000002", at=day(1)), by=CARRIER_ORG)[0].seq
        await until(lambda: last in box.seqs())
    assert box.seqs() == [theirs, last]


async def test_thin_messages_name_and_do_not_carry(ledger: Ledger, box: Receiver) -> None:
    made = hook(ledger, box)
    HookStore(ledger.databases).change(PRODUCER_ORG, made.hook_id, body=HookBody.THIN.value)
    (seq,) = state_facts(ledger, 1)
    async with notifying(ledger):
        await until(lambda: bool(box.took))
    assert set(box.took[0].json["data"]) == {"seq", "kind", "stated_by", "event_id", "recorded_at", "href"}
    assert box.took[0].json["data"]["href"] == f"/v1/facts/{seq}"


async def test_corrections_have_types_of_their_own_and_can_be_wanted_alone(
    ledger: Ledger, box: Receiver
) -> None:
    hook(ledger, box, types=[EventType.CORRECTION_MADE])
    wire = stored()
    accepted(ledger, wire)
    seq = accepted(ledger, facts.corrected(wire, at=day(3), mass_kg="181"))[0].seq
    async with notifying(ledger):
        await until(lambda: bool(box.took))
    (event,) = box.events()
    assert (event["type"], event["data"]["seq"]) == ("correction.made", seq)


async def test_a_receiver_that_was_down_gets_everything_in_order(ledger: Ledger) -> None:
    """More failures than would put a message aside: nobody takes the ping either, so nothing is."""
    with receiver() as box:
        port = box.port
    made = hook(ledger, box)
    seqs = state_facts(ledger, 5)
    store = HookStore(ledger.databases)

    def tried() -> int:
        return len([each for each in store.deliveries(made.hook_id, 100) if each.type != "hook.ping"])

    async with notifying(ledger):
        await until(lambda: tried() >= 6)
        assert store.dead_letters(made.hook_id, 10) == []
        with receiver(port, box):
            await until(lambda: len(unique(box.seqs())) == 5)
    assert unique(box.seqs()) == seqs
    assert store.positions([made.hook_id])[made.hook_id].failing_since is None


async def test_a_message_that_is_refused_alone_becomes_a_dead_letter_and_is_redriven(
    ledger: Ledger, box: Receiver
) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    seqs = state_facts(ledger, 4)
    poison, healed = seqs[1], False

    def says(got: Got) -> int:
        return 500 if got.json["data"].get("seq") == poison and not healed else 204

    box.says = says
    async with notifying(ledger):
        await until(lambda: len(box.seqs()) == 3)
        (letter,) = await asyncio.to_thread(store.dead_letters, made.hook_id, 10)
        assert (letter.position, letter.status, letter.attempts, letter.state) == (
            poison,
            500,
            3,
            DeadState.WAITING,
        )
        assert store.redrive(made.hook_id, "msg_other") == 0
        assert store.redrive(made.hook_id) == 1
        await until(lambda: store.dead_letters(made.hook_id, 10)[0].attempts == 4)
        assert store.dead_letters(made.hook_id, 10)[0].state is DeadState.WAITING
        healed = True
        assert store.redrive(made.hook_id, letter.webhook_id) == 1
        await until(lambda: store.dead_letters(made.hook_id, 10)[0].state is DeadState.DELIVERED)
    assert box.seqs() == [seqs[0], *seqs[2:], poison]
    tries = {got.id for got in box.got if got.json["data"].get("seq") == poison}
    assert tries == {letter.webhook_id}
    assert store.waiting_letters() == 0


async def test_gone_disables_at_once_and_enabling_goes_on_where_it_stopped(
    ledger: Ledger, box: Receiver
) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    seqs = state_facts(ledger, 3)
    box.says = lambda got: 410 if got.json["data"]["seq"] == seqs[1] else 204
    async with notifying(ledger):
        await until(lambda: store.all()[0].state is HookState.DISABLED)
        assert store.all()[0].state_reason == "gone"
        box.says = lambda _got: 204
        assert store.change(PRODUCER_ORG, made.hook_id, state=HookState.ACTIVE.value) is not None
        await until(lambda: len(box.seqs()) == 3)
    assert box.seqs() == seqs


async def test_failing_for_days_disables(ledger: Ledger, box: Receiver) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    state_facts(ledger, 1)
    box.says = lambda _got: 503
    since = Position(0, 0, 0, attempts=4, failing_since=1)
    assert store.settle(made.hook_id, 0, since)
    async with notifying(ledger):
        await until(lambda: store.all()[0].state is HookState.DISABLED)
    assert store.all()[0].state_reason == "failing"


async def test_a_pause_is_as_long_as_it_is_asked_to_be(ledger: Ledger, box: Receiver) -> None:
    hook(ledger, box)
    state_facts(ledger, 1)
    box.says = lambda _got: (429, {"Retry-After": "1"}) if len(box.got) == 1 else 204
    async with notifying(ledger):
        await until(lambda: bool(box.took))
    assert box.got[1].at - box.got[0].at >= 1


async def test_both_secrets_sign_while_one_replaces_the_other(ledger: Ledger, box: Receiver) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    rotated = store.rotate(PRODUCER_ORG, made.hook_id, 60)
    assert rotated is not None
    assert rotated.secret != made.secret
    state_facts(ledger, 1)
    async with notifying(ledger):
        await until(lambda: bool(box.took))
    box.checked(made.secret, rotated.secret)
    box.got.clear()
    over = store.rotate(PRODUCER_ORG, made.hook_id, 0)
    assert over is not None
    assert over.secrets(over.old_secret_until or 0) == [over.secret]
    assert store.rotate(FACILITY_ORG, made.hook_id, 60) is None


async def test_an_endpoint_that_is_paused_or_removed_is_left_alone(ledger: Ledger, box: Receiver) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    other = hook(ledger, box)
    async with notifying(ledger):
        state_facts(ledger, 1)
        await until(lambda: len(box.took) == 2)
        store.change(PRODUCER_ORG, made.hook_id, state=HookState.PAUSED.value)
        assert store.remove(PRODUCER_ORG, other.hook_id)
        assert not store.remove(PRODUCER_ORG, other.hook_id)
        await asyncio.sleep(0.3)
        state_facts(ledger, 2)
        await asyncio.sleep(0.3)
        assert len({got.id for got in box.took}) == 2
        store.change(PRODUCER_ORG, made.hook_id, state=HookState.ACTIVE.value)
        await until(lambda: len({got.id for got in box.took}) == 4)
    assert store.positions([other.hook_id]) == {}


async def test_a_slow_endpoint_does_not_hold_up_another(ledger: Ledger, box: Receiver) -> None:
    with receiver() as slow:
        slow.says = lambda _got: 503
        hook(ledger, slow)
        hook(ledger, box)
        seqs = state_facts(ledger, 20)
        async with notifying(ledger, settings(hook_backoff_ms=60_000, hook_backoff_s_max=60)):
            await until(lambda: box.seqs() == seqs, 10)
    assert slow.took == []


async def test_a_regulator_is_told_of_its_region(ledger: Ledger, box: Receiver) -> None:
    there = Holder("key", REGULATOR_ORG, Role.REGULATOR, "test", region="3301")
    hook(ledger, box, there)
    mine = accepted(ledger, stored(site="330106-PLATER01"))[0].seq
    accepted(ledger, stored(site="330206-PLATER01"))
    last = accepted(ledger, stored(site="330102-PLATER01"))[0].seq
    async with notifying(ledger):
        await until(lambda: len(box.took) == 2)
    assert box.seqs() == [mine, last]


async def test_what_a_vendor_made_is_told_while_its_delegation_is_live(ledger: Ledger, box: Receiver) -> None:
    vendor = Holder("key", PRODUCER_ORG, Role.PRODUCER, "test", via=TRADER_ORG)
    hook(ledger, box, vendor)
    state_facts(ledger, 1)

    def delegated(**changes: Any) -> None:
        values = {
            "delegation_id": "d1",
            "org": PRODUCER_ORG,
            "delegate": TRADER_ORG,
            "role": "producer",
            "scopes": "facts:read hooks:manage",
            "created_at": 1,
            "created_by": "cli",
            "valid_from": 1,
            "expires_at": 2**60,
            "revoked_at": None,
            **changes,
        }
        with ledger.databases.ledger.begin() as connection:
            connection.execute(delete(Delegation))
            connection.execute(insert(Delegation).values(values))

    async with notifying(ledger):
        for wrong in (
            {"revoked_at": 2},
            {"expires_at": 2},
            {"valid_from": 2**60},
            {"scopes": "facts:read"},
            {"role": "facility"},
            {"delegate": CARRIER_ORG},
            {"org": FACILITY_ORG},
        ):
            delegated(**wrong)
            await asyncio.sleep(0.15)
        assert box.got == []
        delegated()
        await until(lambda: bool(box.took))
        delegated(revoked_at=2)
        await asyncio.sleep(0.3)
        state_facts(ledger, 1)
        await asyncio.sleep(0.3)
        assert len({got.id for got in box.got}) == 1
        delegated()
        await until(lambda: len({got.id for got in box.took}) == 2)


async def test_a_newer_lease_fences_what_an_older_one_writes(ledger: Ledger, box: Receiver) -> None:
    made, store = hook(ledger, box), HookStore(ledger.databases)
    assert store.settle(made.hook_id, 5, Position(3, 0, 3))
    with pytest.raises(Fenced):
        store.settle(made.hook_id, 4, Position(1, 0, 1))
    assert store.positions([made.hook_id])[made.hook_id].seq == 3
    assert not store.settle("wh_nobody", 9, Position(0, 0, 0))


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [(1, 0.5, 5), (2, 0.5, 15), (3, 0.5, 45), (8, 0.5, 10_935), (9, 0.5, 14_400), (500, 0.5, 14_400)],
)
def test_pauses_grow_threefold_up_to_hours(attempts: int, chance: float, seconds: int) -> None:
    assert backoff_us(5_000, 14_400, attempts, chance) == seconds * 1_000_000


def test_a_pause_varies_by_a_fifth() -> None:
    assert backoff_us(10_000, 60, 1, 0.0) == 8_000_000
    assert backoff_us(10_000, 60, 1, 1.0) == 12_000_000


def test_who_read_what_is_not_sent_to_whom_it_names_nor_is_a_case() -> None:
    named = b'{"org":"%b"}' % PRODUCER_ORG.encode()
    regulator = Holder("key", REGULATOR_ORG, Role.REGULATOR, "test")
    read, exported = (Row(1, 1, FACILITY_ORG, "e", kind, named) for kind in (READ, EXPORTED))
    assert [may_be_told_of_fact(PRODUCER, row) for row in (read, exported)] == [False, False]
    assert [may_be_told_of_fact(regulator, row) for row in (read, exported)] == [False, True]
