"""The patterns of the schemas say what the parsers take: no more, and no less (but days that do not exist)."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exact import parse_instant, parse_kg, parse_yuan
from models.facts.base import DAY_PATTERN, INSTANT_PATTERN, KG_PATTERN, SOME_KG_PATTERN, YUAN_PATTERN

NUMBERS = st.one_of(
    st.from_regex(r"\A[0-9]{1,15}(\.[0-9]{0,4})?\Z"),
    st.text("0123456789.+-e ", max_size=8),
    st.sampled_from(["0", "0.000", "0.001", "1000000000", "1000000000.000", "1000000000.001", "1000000001"]),
    st.sampled_from(["10000000000000", "10000000000000.00", "10000000000000.01", "00", ".5", "5.", "٣"]),
)


def takes(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    return re.search(pattern.removesuffix("$") + r"\Z", text) is not None


@given(NUMBERS)
def test_a_mass_is_spelled_as_its_pattern_says(text: str) -> None:
    assert matches(KG_PATTERN, text) == takes(parse_kg, text)
    assert matches(SOME_KG_PATTERN, text) == (takes(parse_kg, text) and parse_kg(text) > 0)


@given(NUMBERS)
def test_an_amount_of_money_is_spelled_as_its_pattern_says(text: str) -> None:
    assert matches(YUAN_PATTERN, text) == takes(parse_yuan, text)


@given(st.from_regex(re.compile(INSTANT_PATTERN.removesuffix("$") + r"\Z")))
def test_an_instant_of_the_pattern_is_read_unless_there_is_no_such_day_or_it_is_beyond_an_edge(
    text: str,
) -> None:
    assert takes(parse_instant, text) or not takes(date.fromisoformat, text[:10]) or text[:4] in EDGES


EDGES = {"1969", "1970", "2199", "2200"}


@given(st.text("0123456789-:TZ+. tz", max_size=26))
def test_what_is_no_instant_by_the_pattern_is_not_read(text: str) -> None:
    assert matches(INSTANT_PATTERN, text) or not takes(parse_instant, text)


@pytest.mark.parametrize(
    "text",
    [
        "1969-12-31T23:00:00-02:00",
        "2200-01-01T00:30:00+08:00",
        "2026-02-28T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
    ],
)
def test_the_edges_are_read_and_matched(text: str) -> None:
    assert takes(parse_instant, text)
    assert matches(INSTANT_PATTERN, text)


@given(st.dates())
def test_every_day_is_of_the_pattern(day: date) -> None:
    assert matches(DAY_PATTERN, day.isoformat())


@pytest.mark.parametrize(
    "text", ["0000-01-01", "2026-13-01", "2026-00-10", "2026-1-1", "2026-01-32", "20260101"]
)
def test_what_is_no_day_is_not(text: str) -> None:
    assert not matches(DAY_PATTERN, text)
