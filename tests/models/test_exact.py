"""Numbers and instants at the edges: what is read, what is refused, and that writing and reading agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exact import (
    DAY_US,
    FEN_MAX,
    GRAMS_MAX,
    HOUR_US,
    add_years,
    beijing_date,
    beijing_midnight,
    days_between,
    format_instant,
    format_kg,
    format_tonnes,
    format_yuan,
    format_yuan_screen,
    parse_count,
    parse_instant,
    parse_kg,
    parse_yuan,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_US = (date(2200, 1, 1) - date(1970, 1, 1)).days * DAY_US - 1


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("2026-11-22T10:00:00+08:00", 1_795_312_800_000_000),
        ("2026-11-22T10:00:00.5+08:00", 1_795_312_800_500_000),
        ("2026-11-22T10:00:00.000001+08:00", 1_795_312_800_000_001),
        ("2024-02-29T00:00:00-00:00", 1_709_164_800_000_000),
        ("2199-12-31T23:59:59.999999Z", LAST_US),
    ],
)
def test_an_instant_is_read_to_the_microsecond(text: str, us: int) -> None:
    assert parse_instant(text) == us


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00+08:00",
        "2026-11-22t10:00:00z",
        "2026-11-22T10:00:00+0800",
        "2026-11-22T10:00:00+08",
        "2026-11-22T10:00:00+24:00",
        "2026-11-22T10:00:00+08:60",
        "2026-11-22T10:00+08:00",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:00:60Z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00.1234567Z",
        "2026-11-22T10:00:00,5Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "0000-01-01T10:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+08:00",
        "2200-01-01T00:00:00Z",
        "20261122T100000Z",
        "2026-11-22T10:00:00Z\n",
        " 2026-11-22T10:00:00Z",
        "２０２６-11-22T10:00:00Z",
        "1795312800",
        "",
    ],
)
def test_what_is_not_an_instant_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^instant ") as caught:
        parse_instant(text)
    assert f'"{text}"' in str(caught.value)


@given(st.integers(0, LAST_US))
def test_an_instant_written_is_read_back(us: int) -> None:
    assert parse_instant(format_instant(us)) == us


@given(st.integers(DAY_US, LAST_US - DAY_US), st.integers(-23 * 60 - 59, 23 * 60 + 59), st.booleans())
def test_an_instant_agrees_with_datetime_in_any_offset(us: int, minutes: int, whole: bool) -> None:
    us -= us % 1_000_000 if whole else 0
    zone = timezone(timedelta(minutes=minutes))
    text = (EPOCH + timedelta(microseconds=us)).astimezone(zone).isoformat()
    assert parse_instant(text) == us


@given(st.integers(0, LAST_US))
def test_a_written_instant_is_beijing_time_as_datetime_writes_it(us: int) -> None:
    beijing = (EPOCH + timedelta(microseconds=us)).astimezone(timezone(timedelta(hours=8)))
    assert format_instant(us) == beijing.isoformat()
    assert beijing_date(us) == beijing.date()


def test_the_day_in_beijing_starts_sixteen_hours_into_the_day_before_in_greenwich() -> None:
    assert beijing_midnight(date(2026, 10, 13)) == parse_instant("2026-10-12T16:00:00Z")
    assert beijing_date(parse_instant("2026-10-12T15:59:59.999999Z")) == date(2026, 10, 12)
    assert beijing_date(parse_instant("2026-10-12T16:00:00Z")) == date(2026, 10, 13)


@given(st.dates(date(1970, 1, 2), date(2199, 12, 31)))
def test_midnight_is_the_first_instant_of_its_day(day: date) -> None:
    assert beijing_date(beijing_midnight(day)) == day
    assert beijing_date(beijing_midnight(day) - 1) == day - timedelta(days=1)


def test_days_between_counts_calendar_days_not_hours() -> None:
    late = parse_instant("2026-10-12T23:59:00+08:00")
    assert days_between(late, late + HOUR_US) == 1
    assert days_between(late + HOUR_US, late) == -1
    assert days_between(late - 23 * HOUR_US, late) == 0


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2025, 11, 20), 1, date(2026, 11, 20)),
        (date(2025, 2, 28), -1, date(2024, 2, 28)),
    ],
)
def test_years_are_added_by_date(day: date, years: int, expected: date) -> None:
    assert add_years(day, years) == expected


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("0", 0),
        ("0.001", 1),
        ("12", 12_000),
        ("12.5", 12_500),
        ("12.50", 12_500),
        ("12.500", 12_500),
        ("12.05", 12_050),
        ("1000000000", GRAMS_MAX),
        ("1000000000.000", GRAMS_MAX),
    ],
)
def test_a_mass_is_read_to_the_gram(text: str, grams: int) -> None:
    assert parse_kg(text) == grams


NOT_A_NUMBER = [
    "",
    "-1",
    "+1",
    "1e3",
    "01",
    "00",
    "00.5",
    "1.",
    ".5",
    " 1",
    "1 ",
    "1\n",
    "1,000",
    "１２",
    "٣",
    "NaN",
]


@pytest.mark.parametrize("text", [*NOT_A_NUMBER, "1.0005", "0.0000", "1000000000.001", "10000000000"])
def test_what_is_not_a_mass_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^mass ") as caught:
        parse_kg(text)
    assert f'"{text}"' in str(caught.value)


@pytest.mark.parametrize("value", [12.5, 12, None, True, b"12", ["12"]])
def test_only_text_is_read(value: object) -> None:
    for parse in (parse_kg, parse_yuan, parse_instant):
        with pytest.raises(ValueError, match="is not"):
            parse(value)  # type: ignore[arg-type]


@given(st.integers(0, GRAMS_MAX))
def test_a_mass_written_is_read_back_in_the_shortest_spelling(grams: int) -> None:
    text = format_kg(grams)
    assert parse_kg(text) == grams
    assert "." not in text or not text.endswith("0")
    if grams:
        assert format_kg(-grams) == "-" + text


@pytest.mark.parametrize(
    ("grams", "exact", "rounded"),
    [
        (0, "0", "0.00"),
        (12_400_000, "12.4", "12.40"),
        (1_234_567_890, "1,234.56789", "1,234.57"),
        (789_600_000_000 * 10**4, "7,896,000,000", "7,896,000,000.00"),
        (-5_000, "-0.005", "-0.01"),
        (-4_999, "-0.004999", "0.00"),
        (999_995_000, "999.995", "1,000.00"),
    ],
)
def test_tonnes_on_screens_have_separators(grams: int, exact: str, rounded: str) -> None:
    assert format_tonnes(grams) == exact
    assert format_tonnes(grams, 2) == rounded


def test_tonnes_may_be_rounded_to_whole_ones() -> None:
    assert format_tonnes(1_234_500_000, 0) == "1,235"


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("0.01", 1), ("300000", 30_000_000), ("2.5", 250), ("10000000000000.00", FEN_MAX)],
)
def test_money_is_read_to_the_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", [*NOT_A_NUMBER, "1.005", "1.000", "10000000000000.01", "100000000000000"])
def test_what_is_not_money_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^amount ") as caught:
        parse_yuan(text)
    assert f'"{text}"' in str(caught.value)


@given(st.integers(0, FEN_MAX))
def test_money_written_is_read_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen
    assert format_yuan_screen(fen).replace(",", "") == format_yuan(fen)


def test_money_is_written_with_two_places_and_a_sign_for_what_is_owed_back() -> None:
    assert format_yuan(-5) == "-0.05"
    assert format_yuan(-123_456_700) == "-1234567.00"
    assert format_yuan_screen(-123_456_700) == "-1,234,567.00"


def test_a_hostile_value_is_quoted_in_part() -> None:
    with pytest.raises(ValueError, match="…") as caught:
        parse_kg("9" * 100_000)
    assert len(str(caught.value)) < 200


def test_counts_are_whole_numbers_and_booleans_are_none() -> None:
    assert parse_count(0) == 0
    assert parse_count(13_500) == 13_500
    for value in (-1, True, 1.0, "1", None, 10**12 + 1):
        with pytest.raises(ValueError, match=r"^count "):
            parse_count(value)
