"""Terms and shares of the law as settlement asks for them, worked out once a day and region. Used by all its verdicts."""

from typing import Final

from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.facts.law import LimitName, Unit
from models.law import Case, Law
from rules.resting import calendar_of

_UNKNOWN: Final = object()


def term_over(law: Law, name: LimitName, region: str, start: int) -> int | None:
    """The instant at which a term is over, worked out once a day and region; None where no policy speaks."""
    key = ("settlement", name, region, (start + BEIJING_OFFSET_US) // DAY_US)
    known = law.memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        limit = law.limit(name, Case(region=region), beijing_date(start))
        by_hours = limit is not None and limit.unit is Unit.HOURS
        known = law.memo[key] = (
            None if limit is None else (law.deadline(start, limit) - (start if by_hours else 0), by_hours)
        )
    if known is None:
        return None
    over_at: int = known[0] + (start if known[1] else 0)
    return over_at


def calendar_of_term(law: Law, name: LimitName, region: str, start: int) -> dict[str, int | str]:
    """Whether the term counts days of a year whose calendar is not published, for a finding's amounts."""
    key = ("settlement", "calendar", name, region, (start + BEIJING_OFFSET_US) // DAY_US)
    found: dict[str, int | str] | None = law.memo.get(key)
    if found is None:
        limit = law.limit(name, Case(region=region), beijing_date(start))
        found = law.memo[key] = calendar_of(law, start, limit)
    return found


def permille_of(law: Law, name: LimitName, region: str, at: int) -> int | None:
    """A share that is in force on a day in a region, worked out once; None where no policy speaks."""
    key = ("settlement", name, region, (at + BEIJING_OFFSET_US) // DAY_US)
    known = law.memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        limit = law.limit(name, Case(region=region), beijing_date(at))
        known = law.memo[key] = limit.value if limit is not None else None
    found: int | None = known
    return found


def beyond(law: Law, region: str, at: int, difference: int, whole: int) -> bool:
    """Whether a difference is more than the tolerated share of a whole; without policy nothing is."""
    permille = permille_of(law, LimitName.AMOUNT_TOLERANCE, region, at)
    return permille is not None and abs(difference) * 1000 > permille * whole
