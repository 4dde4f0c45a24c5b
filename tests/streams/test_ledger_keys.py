"""Bearer keys: made, listed, revoked, recognised; no secret is kept."""

import pytest

from models.facts import Role
from streams.databases import reading
from streams.keys import KeyRing, NotAnOrganisation, create_key, list_keys, revoke_key
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
