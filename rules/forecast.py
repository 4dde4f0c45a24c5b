"""What the next months will need, and when a licensed amount will be full, each with its interval; pages compute it where
they show it, since a forecast changes every day (DESIGN D9). Integers throughout.
"""

from collections.abc import Sequence
from datetime import date
from math import isqrt
from typing import Final, NamedTuple

from models.exact import add_years


def full_day(year_start: date, today: date, taken_g: int, yearly_g: int) -> date | None:
    """The day on which `yearly_g` is reached if the days to come are as those from `year_start` to `today`.

    None where nothing was taken in, or the year ends before; `today` where it is reached already. Licensed years are
    calendar years in Beijing (DESIGN 8). ValueError where `today` is before the year.
    """
    if today < year_start:
        raise ValueError(f'day "{today}" is before the year that starts on "{year_start}"')
    if taken_g >= yearly_g:
        return today
    if taken_g <= 0:
        return None
    days_so_far = (today - year_start).days + 1
    days_needed = -(-yearly_g * days_so_far // taken_g)
    full = year_start.toordinal() + days_needed - 1
    return date.fromordinal(full) if full < add_years(year_start, 1).toordinal() else None


MONTHS_MIN: Final = 6
_YEAR: Final = 12
_WIDTH: Final = 2  # Standard deviations: about 95 of 100 months, were they as those behind.


class Expected(NamedTuple):
    """Grams expected of a month, and between what."""

    low_g: int
    mid_g: int
    high_g: int


def _mean_and_square(values: Sequence[int]) -> tuple[int, int]:
    """The mean, rounded down, and the sample variance of two values or more."""
    count, total = len(values), sum(values)
    squares = sum((count * value - total) ** 2 for value in values)
    return total // count, squares // (count * count * (count - 1))


def is_seasonal(months: Sequence[int]) -> bool:
    """Whether there is a year to compare the last one with."""
    return len(months) >= 2 * _YEAR


def forecast(months: Sequence[int], ahead: int) -> list[Expected]:
    """The months to come, by the whole months behind, the oldest first; nothing where there are fewer than six.

    From two years on: the same month of the last year and the mean yearly change; else the mean of the (at most twelve)
    months behind. The interval is twice the standard deviation of what the same formula missed in the last year.
    """
    if len(months) < MONTHS_MIN:
        return []
    last = list(months[-_YEAR:])
    if not is_seasonal(months):
        mean_g, square = _mean_and_square(last)
        return [_around(mean_g, square)] * ahead
    changes = [now - before for now, before in zip(last, months[-2 * _YEAR : -_YEAR], strict=True)]
    drift_g, square = _mean_and_square(changes)
    return [_around(last[n % _YEAR] + drift_g * (1 + n // _YEAR), square) for n in range(ahead)]


def _around(mid_g: int, square: int) -> Expected:
    width_g = _WIDTH * isqrt(square)
    return Expected(mid_g - width_g, mid_g, mid_g + width_g)


def full_between(
    today: date, last_day: date, left_g: int, months: Sequence[int]
) -> tuple[date | None, date | None]:
    """The earliest and the latest day on which `left_g` more will have come, by the whole months behind.

    A sum over d days is their share of the mean month's, with twice the standard deviation of such a sum around it.
    None where it is not by `last_day`; (today, today) where nothing is left; (None, None) of fewer than six months.
    """
    if left_g <= 0:
        return today, today
    if len(months) < MONTHS_MIN:
        return None, None
    mean_g, square = _mean_and_square(months[-_YEAR:])
    earliest: date | None = None
    for days in range(1, last_day.toordinal() - today.toordinal() + 1):
        mid_g = mean_g * _YEAR * days // 365
        width_g = _WIDTH * isqrt(square * _YEAR * days // 365)
        if earliest is None and mid_g + width_g >= left_g:
            earliest = date.fromordinal(today.toordinal() + days)
        if mid_g - width_g >= left_g:
            return earliest, date.fromordinal(today.toordinal() + days)
    return earliest, None
