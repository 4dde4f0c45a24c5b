"""Bearer keys: made, listed, revoked, recognised; no secret is kept."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.access import KEY_DAYS_MAX, SCOPES_OF, RegulatorKind, Scope, scopes_by_default
from models.exact import DAY_US
from models.facts import Role
from models.problems import Code
from models.tables import AccessKey
from streams.clock import local_now
from streams.databases import reading
from streams.key_ring import KeyRefused, KeyRing
from streams.keys import (
    KEYS_OF_ORG_MAX,
    NotAnOrganisation,
    WishRefused,
    create_key,
    find_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from streams.ledger import Ledger
from tests.facts import FACILITY_ORG, PRODUCER_ORG


def test_a_key_is_recognised_until_it_is_revoked(ledger: Ledger) -> None:
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "the plater's ERP")
    ring = KeyRing(ledger.databases, cache_ms=0)
    assert ring.recognise(token) == holder
    assert revoke_key(ledger.databases, holder.key_id)
    assert ring.recognise(token) is None
    assert not revoke_key(ledger.databases, holder.key_id)


def test_a_key_is_remembered_for_the_cache_time_only(ledger: Ledger) -> None:
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    ring = KeyRing(ledger.databases, cache_ms=60_000)
    with pytest.raises(KeyError):
        ring.remembered(token)
    ring.recognise(token)
    assert ring.remembered(token) == holder
    assert ring.remembered(token + "x") is None
    hasty = KeyRing(ledger.databases, cache_ms=0)
    hasty.recognise(token)
    with pytest.raises(KeyError):
        hasty.remembered(token)


@pytest.mark.parametrize(
    "token",
    ["", "flk", "flk__", "flk_abc_def", "flk_000000000000_", "x_000000000000_a", "flk_ééé000000000_a"],
)
def test_what_is_no_token_is_nobody_without_a_look(ledger: Ledger, token: str) -> None:
    ring = KeyRing(ledger.databases, cache_ms=60_000)
    assert ring.remembered(token) is None
    assert ring.recognise(token) is None


def test_keys_are_listed_without_secrets(ledger: Ledger) -> None:
    made = [
        create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "a"),
        create_key(ledger.databases, FACILITY_ORG, Role.FACILITY, "b"),
    ]
    listed = list_keys(ledger.databases)
    assert {key.holder for key in listed} == {holder for holder, _ in made}
    with reading(ledger.databases.ledger) as connection:
        kept = repr(connection.exec_driver_sql("SELECT * FROM access_keys").fetchall())
    assert not any(token.split("_", 2)[2] in kept for _, token in made)


def test_a_key_belongs_to_an_organisation(ledger: Ledger) -> None:
    with pytest.raises(NotAnOrganisation):
        create_key(ledger.databases, "somebody", Role.PRODUCER, "x")


# How far a key reaches, and for how long


@pytest.mark.parametrize("role", list(Role))
def test_a_key_gets_no_more_than_its_role_allows(ledger: Ledger, role: Role) -> None:
    holder, _ = create_key(ledger.databases, PRODUCER_ORG, role, "x")
    assert holder.scopes == scopes_by_default(role) < SCOPES_OF[role]
    assert Scope.KEYS_MANAGE not in holder.scopes
    for scope in Scope:
        if scope in SCOPES_OF[role]:
            assert create_key(ledger.databases, PRODUCER_ORG, role, "x", scopes=[scope])[0].scopes == {scope}
            continue
        with pytest.raises(WishRefused) as refused:
            create_key(ledger.databases, PRODUCER_ORG, role, "x", scopes=[scope])
        assert refused.value.code is Code.SCOPE_NOT_OF_ROLE


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"days": 0}, Code.OUT_OF_RANGE),
        ({"days": KEY_DAYS_MAX + 1}, Code.OUT_OF_RANGE),
        ({"scopes": []}, Code.WRONG_LENGTH),
        ({"name": ""}, Code.WRONG_LENGTH),
        ({"name": "x" * 101}, Code.WRONG_LENGTH),
        ({"allow": ["10.0.0.1/8"]}, Code.BAD_FORMAT),
        ({"allow": ["somewhere"]}, Code.BAD_FORMAT),
        ({"allow": ["10.0.0.0/8"] * 51}, Code.WRONG_LENGTH),
        ({"region": "33"}, Code.CONTRADICTION),
        ({"regulator": RegulatorKind.POLICE}, Code.CONTRADICTION),
        ({"role": Role.REGULATOR, "region": "3"}, Code.BAD_FORMAT),
        ({"role": Role.REGULATOR, "region": "99"}, Code.BAD_FORMAT),
    ],
)
def test_what_cannot_be_wished_for(ledger: Ledger, wish: dict[str, object], code: Code) -> None:
    wishes: dict[str, object] = {"role": Role.PRODUCER, "name": "x", **wish}
    with pytest.raises(WishRefused) as refused:
        create_key(ledger.databases, PRODUCER_ORG, **wishes)  # type: ignore[arg-type]
    assert refused.value.code is code
    assert list_keys(ledger.databases) == []


def test_a_key_ends_on_its_last_instant(ledger: Ledger, at: Callable[[int], None]) -> None:
    made = local_now()
    at(made)
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", days=KEY_DAYS_MAX)
    ring = KeyRing(ledger.databases, cache_ms=3_600_000)
    at(made + KEY_DAYS_MAX * DAY_US - 1)
    assert ring.recognise(token) == ring.remembered(token) == holder
    at(made + KEY_DAYS_MAX * DAY_US)
    for ask in (ring.remembered, ring.recognise):
        with pytest.raises(KeyRefused) as refused:
            ask(token)
        assert refused.value.code is Code.KEY_EXPIRED
        assert ask(token + "x") is None


def test_a_regulator_is_of_a_kind_and_a_region(ledger: Ledger) -> None:
    plain, _ = create_key(ledger.databases, PRODUCER_ORG, Role.REGULATOR, "x")
    assert (plain.regulator, plain.region) == (RegulatorKind.ENVIRONMENT, "")
    kind = RegulatorKind.HEALTH
    holder, token = create_key(
        ledger.databases, PRODUCER_ORG, Role.REGULATOR, "x", regulator=kind, region="3301"
    )
    assert (holder.regulator, holder.region) == (kind, "3301")
    assert KeyRing(ledger.databases, 0).recognise(token) == holder


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("10.1.2.3", True),
        ("10.2.0.0", False),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("", False),
        ("unix:/a/socket", False),
    ],
)
def test_a_key_is_for_the_addresses_it_allows(ledger: Ledger, address: str, good: bool) -> None:
    allow = ["10.1.0.0/16", "2001:db8::/32", "192.0.2.7"]
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", allow=allow)
    ring = KeyRing(ledger.databases, cache_ms=60_000)
    for ask in (ring.recognise, ring.remembered):
        if good:
            assert ask(token, address) == holder
            continue
        with pytest.raises(KeyRefused) as refused:
            ask(token, address)
        assert refused.value.code is Code.ADDRESS_NOT_ALLOWED


# Rotation


def test_two_keys_of_a_lineage_live_and_no_third(ledger: Ledger, at: Callable[[int], None]) -> None:
    now = local_now()
    at(now)
    first, _ = create_key(
        ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", scopes=[Scope.FACTS_WRITE], allow=["10.0.0.0/8"]
    )
    second, token = rotate_key(ledger.databases, first.key_id, overlap_days=7, days=100)
    assert second.scopes == {Scope.FACTS_WRITE}
    assert KeyRing(ledger.databases, 0).recognise(token, "10.0.0.1") == second
    old, new = (find_key(ledger.databases, holder.key_id) for holder in (first, second))
    assert old is not None
    assert new is not None
    assert (old.expires_at, new.expires_at) == (now + 7 * DAY_US, now + 100 * DAY_US)
    assert old.lineage == new.lineage == first.key_id
    assert new.allow == ("10.0.0.0/8",)
    for key_id in (first.key_id, second.key_id):
        with pytest.raises(WishRefused) as refused:
            rotate_key(ledger.databases, key_id)
        assert refused.value.code is Code.TOO_MANY_LIVE_KEYS
    at(now + 7 * DAY_US)
    with pytest.raises(WishRefused) as refused:
        rotate_key(ledger.databases, first.key_id)
    assert refused.value.code is Code.KEY_OVER
    third, _ = rotate_key(ledger.databases, second.key_id)
    revoke_key(ledger.databases, second.key_id)
    fourth, _ = rotate_key(ledger.databases, third.key_id, overlap_days=0)
    with pytest.raises(WishRefused):
        rotate_key(ledger.databases, third.key_id)
    assert {
        info.holder.key_id
        for info in list_keys(ledger.databases, PRODUCER_ORG)
        if info.live(now + 7 * DAY_US)
    } == {fourth.key_id}


def test_rotation_never_lengthens_the_old_key(ledger: Ledger, at: Callable[[int], None]) -> None:
    now = local_now()
    at(now)
    first, _ = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x", days=2)
    rotate_key(ledger.databases, first.key_id, overlap_days=30)
    old = find_key(ledger.databases, first.key_id)
    assert old is not None
    assert old.expires_at == now + 2 * DAY_US
    wishes: tuple[dict[str, Any], ...] = ({"overlap_days": 31}, {"overlap_days": -1}, {"days": 401})
    for wrong in wishes:
        with pytest.raises(WishRefused):
            rotate_key(ledger.databases, first.key_id, **wrong)


def test_an_organisation_has_so_many_live_keys_at_most(ledger: Ledger) -> None:
    create_key(ledger.databases, FACILITY_ORG, Role.FACILITY, "x")
    _, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    with ledger.databases.ledger.begin() as connection:
        (row,) = connection.execute(AccessKey.__table__.select().where(AccessKey.org == PRODUCER_ORG)).all()
        rows = [{**row._asdict(), "key_id": f"{n:012x}"} for n in range(KEYS_OF_ORG_MAX - 1)]
        connection.execute(insert(AccessKey), rows)
    with pytest.raises(WishRefused) as refused:
        create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    assert refused.value.code is Code.TOO_MANY_LIVE_KEYS
    revoke_key(ledger.databases, row.key_id)
    create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    assert token


# Last use


def test_the_last_use_is_told_within_a_minute(ledger: Ledger, at: Callable[[int], None]) -> None:
    now = local_now()
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    ring = KeyRing(ledger.databases, cache_ms=0)

    def used(seconds: int, secret: str = token) -> int | None:
        at(now + seconds * 1_000_000)
        ring.recognise(secret)
        ring.noted()
        info = find_key(ledger.databases, holder.key_id)
        assert info is not None
        return info.last_used_at

    assert used(0, token + "x") is None
    assert used(1) == now + 1_000_000
    assert used(60) == now + 1_000_000
    assert used(61) == now + 61_000_000
    assert used(200, token + "x") == now + 61_000_000


def test_a_role_of_another_release_has_no_unknown_scopes(ledger: Ledger) -> None:
    holder, token = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "x")
    with ledger.databases.ledger.begin() as connection:
        connection.execute(update(AccessKey).values(scopes="facts:read planets:move"))
    found = KeyRing(ledger.databases, 0).recognise(token)
    assert found is not None
    assert found.scopes == {Scope.FACTS_READ}
    assert found.key_id == holder.key_id
