"""When a facility's licensed yearly amount will be full at the rate of the year so far; pages compute it where they show
it, since a forecast changes every day (DESIGN D9).
"""

from datetime import date

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
