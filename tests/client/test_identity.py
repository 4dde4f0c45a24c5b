"""Ids and amounts: what is said twice has one id, and an amount is exact or refused."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import kg, new_event_id, steady_event_id, yuan
from models.exact import parse_kg, parse_yuan

INSTANTS = st.integers(0, 2**48 - 1)


def test_a_new_id_is_a_uuid_of_version_seven_and_of_now() -> None:
    first, second = UUID(new_event_id()), UUID(new_event_id())
    assert (first.version, second.version, first.variant) == (7, 7, "specified in RFC 4122")
    assert first != second
    assert 0 <= (second.int >> 80) - (first.int >> 80) < 5_000


@given(INSTANTS, st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_an_id_follows_from_what_is_said(at: int, parts: list[str], others: list[str]) -> None:
    identity = steady_event_id(at, *parts)
    assert identity == steady_event_id(at, *parts)
    assert UUID(identity).version == 7
    assert UUID(identity).int >> 80 == at
    joined = "\x1f".join
    assert (joined(parts) == joined(others)) == (identity == steady_event_id(at, *others))


@given(st.integers(1, 10**9), st.integers(0, 3))
def test_a_mass_is_spelled_as_the_door_reads_it(number: int, places: int) -> None:
    amount = Decimal(number).scaleb(-places)
    assert parse_kg(kg(amount)) == int(amount * 1000)


@given(st.integers(1, 10**9), st.integers(0, 2))
def test_money_is_spelled_as_the_door_reads_it(number: int, places: int) -> None:
    amount = Decimal(number).scaleb(-places)
    assert parse_yuan(yuan(amount)) == int(amount * 100)


@pytest.mark.parametrize("amount", ["0.0001", "NaN", "Infinity", "1e-4", Decimal("12.3456")])
def test_a_mass_that_is_not_exact_to_the_gram_is_refused(amount: str | Decimal) -> None:
    with pytest.raises(ValueError, match="places"):
        kg(amount)


@pytest.mark.parametrize("amount", [12.5, True, None, b"12"])
def test_only_exact_types_are_amounts(amount: object) -> None:
    with pytest.raises(TypeError):
        kg(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "spelled"), [("12.500", "12.5"), ("100", "100"), (7, "7"), ("1e3", "1000"), ("0.010", "0.01")]
)
def test_amounts_are_spelled_without_needless_zeros(amount: str | int, spelled: str) -> None:
    assert kg(amount) == spelled
