"""Deadlines in working and calendar days: case 5 of the regulator's ten, and the edges of years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import WorkCalendar, natural_days_after, one_year_after
from models.catalogue import holidays
from models.exact import DAY_US, beijing_date, beijing_midnight, format_instant, parse_instant


def at(text: str) -> int:
    return parse_instant(text + "+08:00")


def over(text: str, days: int, calendar: WorkCalendar | None = None) -> str:
    return format_instant((calendar or holidays()).overdue_after(at(text), days))[:16]


@pytest.mark.parametrize(
    ("accepted", "overdue"),
    [
        ("2026-09-29T10:00:00", "2026-10-13T00:00"),
        ("2026-09-29T00:00:00", "2026-10-13T00:00"),
        ("2026-09-29T23:59:59", "2026-10-13T00:00"),
        ("2026-09-30T00:00:00", "2026-10-14T00:00"),
        ("2026-10-03T10:00:00", "2026-10-14T00:00"),
        ("2026-02-13T10:00:00", "2026-02-28T00:00"),
        ("2026-12-30T10:00:00", "2027-01-07T00:00"),
        ("2025-01-25T10:00:00", "2025-02-08T00:00"),
        ("2025-12-31T10:00:00", "2026-01-09T00:00"),
    ],
)
def test_the_fifth_working_day_minds_holidays_and_swapped_weekends(accepted: str, overdue: str) -> None:
    assert over(accepted, 5) == overdue


def test_confirmed_at_ten_to_midnight_on_the_fifth_working_day_is_in_time() -> None:
    overdue = holidays().overdue_after(at("2026-09-29T10:00:00"), 5)
    assert at("2026-10-12T23:50:00") < overdue == at("2026-10-13T00:00:00")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 10, 12), True),
        (date(2026, 2, 14), True),
        (date(2026, 9, 20), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
    ],
)
def test_the_published_days_of_2025_and_2026(day: date, working: bool) -> None:
    assert holidays().is_working(day) is working


def test_a_year_without_a_calendar_counts_monday_to_friday_and_says_so() -> None:
    assert holidays().provisional(date(2027, 1, 1))
    assert not holidays().provisional(date(2026, 12, 31))
    assert holidays().is_working(date(2027, 1, 1))
    assert not holidays().is_working(date(2027, 1, 2))


def test_a_deadline_is_provisional_once_a_counted_day_is() -> None:
    calendar = holidays()
    start = at("2026-12-30T10:00:00")
    assert calendar.is_provisional_between(start, calendar.overdue_after(start, 5))
    assert not calendar.is_provisional_between(start, calendar.overdue_after(start, 1))
    assert calendar.overdue_after(start, 1) == at("2027-01-01T00:00:00")
    assert calendar.is_provisional_between(at("2024-12-30T10:00:00"), at("2025-01-03T00:00:00"))
    assert not calendar.is_provisional_between(at("2024-12-31T10:00:00"), at("2025-01-03T00:00:00"))


def test_a_calendar_recorded_later_moves_the_deadline() -> None:
    published = holidays().with_year(2027, off=[date(2027, 1, 1)], work=[date(2027, 1, 2)])
    assert over("2026-12-30T10:00:00", 5, published) == "2027-01-07T00:00"
    longer = holidays().with_year(2027, off=[date(2027, 1, 1), date(2027, 1, 4)])
    assert over("2026-12-30T10:00:00", 5, longer) == "2027-01-09T00:00"
    assert not longer.provisional(date(2027, 1, 1))
    assert holidays().provisional(date(2027, 1, 1))


def test_a_year_published_again_replaces_what_was_said_of_it_and_nothing_else() -> None:
    again = holidays().with_year(2026, off=[date(2026, 1, 1)])
    assert again.is_working(date(2026, 10, 1))
    assert not again.is_working(date(2026, 10, 10))
    assert not again.is_working(date(2025, 10, 1))
    assert again.years == {2025, 2026}


def test_a_notice_may_name_days_of_the_year_before() -> None:
    calendar = holidays().with_year(2027, off=[date(2027, 1, 1)], work=[date(2026, 12, 27)])
    assert calendar.is_working(date(2026, 12, 27))
    assert not calendar.is_working(date(2026, 10, 1))


def test_single_days_can_be_added_and_the_last_word_holds() -> None:
    calendar = holidays().with_days(off=[date(2026, 10, 10)], work=[date(2026, 10, 1)])
    assert not calendar.is_working(date(2026, 10, 10))
    assert calendar.is_working(date(2026, 10, 1))
    assert (
        holidays().with_days(off=[date(2026, 10, 1)], work=[date(2026, 10, 1)]).is_working(date(2026, 10, 1))
    )


def test_a_term_of_no_working_days_is_over_with_its_day_and_a_negative_one_is_refused() -> None:
    start = at("2026-10-03T10:00:00")
    assert holidays().overdue_after(start, 0) == at("2026-10-04T00:00:00")
    with pytest.raises(ValueError, match='"-1" is below 0'):
        holidays().overdue_after(start, -1)


def test_ninety_working_days_of_a_waste_oil_collector() -> None:
    assert over("2026-01-05T09:00:00", 90) == "2026-05-21T00:00"


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, DAY_US - 1), st.integers(1, 120))
def test_between_start_and_overdue_lie_exactly_the_working_days(day: date, later_us: int, days: int) -> None:
    calendar = holidays()
    end = beijing_date(calendar.overdue_after(beijing_midnight(day) + later_us, days))
    counted = [day + timedelta(days=n) for n in range(1, (end - day).days)]
    assert sum(map(calendar.is_working, counted)) == days
    assert calendar.is_working(counted[-1])


@pytest.mark.parametrize(
    ("start", "days", "overdue"),
    [
        ("2026-09-01T10:00:00", 30, "2026-10-02T00:00"),
        ("2026-09-01T00:00:00", 1, "2026-09-03T00:00"),
        ("2026-12-31T23:59:59", 1, "2027-01-02T00:00"),
        ("2026-09-01T10:00:00", 0, "2026-09-02T00:00"),
    ],
)
def test_calendar_days_do_not_count_the_day_itself(start: str, days: int, overdue: str) -> None:
    assert format_instant(natural_days_after(at(start), days))[:16] == overdue


@pytest.mark.parametrize(
    ("stored", "over_from"),
    [
        ("2025-11-20T15:00:00", "2026-11-21T00:00"),
        ("2025-06-01T00:00:00", "2026-06-02T00:00"),
        ("2024-02-29T12:00:00", "2025-03-01T00:00"),
        ("2024-02-28T12:00:00", "2025-03-01T00:00"),
        ("2025-12-31T23:59:59", "2027-01-01T00:00"),
    ],
)
def test_one_year_ends_after_the_same_date_next_year(stored: str, over_from: str) -> None:
    assert format_instant(one_year_after(at(stored)))[:16] == over_from


def test_equal_calendars_are_one_key() -> None:
    assert hash(holidays()) == hash(holidays().with_days())
    assert holidays() == holidays().with_days()
