"""The quick reader of stored facts gives what the models give: for every kind, and for every spelling of a number."""

import json
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from models.canonical import canonical
from models.exact import FEN_MAX, GRAMS_MAX, format_instant, format_kg, format_yuan, parse_instant
from models.facts import FACT_TYPES, LAW_KINDS
from models.reader import read_stored
from tests.models.test_golden import golden

# A value other than the golden example's for each field that a rule might read in another way when it is odd.
ODD: dict[str, Any] = {
    "occurred_at": "2025-12-31T16:00:00.25Z",
    "mass_kg": "0.05",
    "amount_yuan": "10.5",
    "event_id": "0190FFFF-AAAA-7BBB-8CCC-DDDDEEEEFFFF",
}


def tree(value: Any) -> Any:
    """Attributes all the way down; each with its type, since 1 is not True and "x" is no enum."""
    if isinstance(value, BaseModel | msgspec.Struct):
        names = type(value).model_fields  # type: ignore[union-attr]
        return type(value).__name__, {name: tree(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return tuple(tree(part) for part in value)
    return type(value), value


def oddly(example: Any) -> Any:
    """The same fact with other spellings, and without what may be left out."""
    if isinstance(example, dict):
        return {name: ODD.get(name) or oddly(value) for name, value in example.items()}
    return [oddly(part) for part in example] if isinstance(example, list) else example


def bare(kind: str, example: dict[str, Any]) -> dict[str, Any]:
    """Only what must be said, and one of those of which there must be one."""
    fields = FACT_TYPES[kind].model_fields
    needed = {field.alias or name for name, field in fields.items() if field.is_required()}
    needed |= {"kind", "mass_kg", "pieces", "manifests"}
    return {name: value for name, value in example.items() if name in needed}


def same(kind: str, wire: dict[str, Any]) -> None:
    assert tree(read_stored(kind, canonical(wire))) == tree(FACT_TYPES[kind].model_validate(wire))


@pytest.mark.parametrize("kind", sorted(FACT_TYPES))
def test_every_example_reads_as_the_model_does(kind: str) -> None:
    example = golden(kind, "example")
    same(kind, example)
    same(kind, oddly(example))
    same(kind, bare(kind, example))


@pytest.mark.parametrize("kind", sorted(set(FACT_TYPES) - LAW_KINDS))
def test_facts_are_frozen_and_equal_facts_are_equal(kind: str) -> None:
    data = json.dumps(golden(kind, "example")).encode()
    one, other = read_stored(kind, data), read_stored(kind, data)
    assert one == other
    with pytest.raises(AttributeError):
        one.occurred_at = 0


def test_an_enum_is_an_enum() -> None:
    example = golden("transport-observed.v1", "example")
    assert isinstance(read_stored("transport-observed.v1", canonical(example)).observation, StrEnum)


def generated(**changes: str) -> Any:
    example = golden("waste-generated.v1", "example")
    return read_stored("waste-generated.v1", canonical({**example, **changes}))


@given(st.integers(1, GRAMS_MAX), st.sampled_from(["{}", "{}0", "{}00"]))
def test_a_mass_is_read_to_the_gram_in_every_spelling(grams: int, spelling: str) -> None:
    text = format_kg(grams)
    longer = spelling.format(text)
    if "." not in text or len(longer.partition(".")[2]) > 3:
        longer = text
    assert generated(mass_kg=longer).mass_g == grams


@given(st.integers(1, FEN_MAX))
def test_money_is_read_to_the_fen_in_every_spelling(fen: int) -> None:
    example = golden("payment-made.v1", "example")
    text = format_yuan(fen)
    for spelling in {text, text.removesuffix("0"), text.removesuffix(".00")}:
        for line in example["lines"]:
            line["amount_yuan"] = spelling
        found = read_stored("payment-made.v1", canonical(example))
        assert {line.amount_fen for line in found.lines} == {fen}


@given(
    st.datetimes(),
    st.integers(0, 999_999),
    st.sampled_from(["Z", "+08:00", "-08:00", "+00:00", "+05:30"]),
    st.integers(0, 6),
)
def test_an_instant_is_read_as_the_door_reads_it(
    when: Any, microseconds: int, offset: str, places: int
) -> None:
    when = when.replace(year=1971 + when.year % 200, day=min(when.day, 28))
    fraction = f".{microseconds:06d}"[: places + 1] if places else ""
    text = f"{when:%Y-%m-%dT%H:%M:%S}{fraction}{offset}"
    assert generated(occurred_at=text).occurred_at == parse_instant(text)
    shown = format_instant(parse_instant(text))
    assert generated(occurred_at=shown).occurred_at == parse_instant(text)


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(KeyError):
        read_stored("waste-lost.v1", b"{}")
    with pytest.raises(msgspec.DecodeError):
        read_stored("waste-generated.v1", b"{}")
