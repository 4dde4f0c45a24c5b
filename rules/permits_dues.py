"""Which reports and plans a class of producers owes (HJ 1259), and when each is overdue; for rules.permits_filings.

All that a region asks of a period is worked out once an edition of the law, whoever owes it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from models.exact import beijing_midnight
from models.facts.law import LimitName, Unit
from models.law import Case, Law

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
TERMS: Final = {
    "month": LimitName.REPORT_MONTHLY_TERM,
    "quarter": LimitName.REPORT_QUARTERLY_TERM,
    "year": LimitName.REPORT_YEARLY_TERM,
    "plan": LimitName.PLAN_TERM,
}
# What each class files, by its name.
_OWES: Final[dict[str, frozenset[str]]] = {
    "key": frozenset({"month", "year", "plan"}),
    "simplified": frozenset({"quarter", "year", "plan"}),
    "registered": frozenset({"year", "plan"}),
}
Classes: TypeAlias = list[tuple[int, str]]  # From which day on (ordinal) which class, in order.


class Due(NamedTuple):
    """When a report (or plan) of a period is overdue; `day` is the ordinal of the period's first day."""

    first: date
    day: int
    at: int


def period_name(what: str, first: date) -> str:
    """2025-03, 2025-Q1 or 2025."""
    if what == "month":
        return f"{first.year}-{first.month:02d}"
    return f"{first.year}-Q{first.month // 3 + 1}" if what == "quarter" else str(first.year)


def period_start(what: str, day: date) -> date:
    """The first day of the period that a day is in."""
    months = _MONTHS.get(what, 12)
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def add_months(first: date, months: int) -> date:
    """The first of a month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def dues(law: Law, region: str, classes: Classes, what: str, until: date) -> Iterator[Due]:
    """What these classes owe of a kind, of periods that begin by a day, in order.

    Of a period the class decides that was registered last by its first day; one that began before all is not owed.
    """
    if not any(what in _OWES[whose] for _, whose in classes):
        return
    months = _MONTHS.get(what, 12)
    begins = date.fromordinal(classes[0][0])
    known: dict[int, Due | None] = law.memo.setdefault(("permits", "due", region, what), {})
    i = -1
    for n in range(_months(begins) // months, _months(until) // months + 1):
        due = known[n] if n in known else known.setdefault(n, _due(law, region, what, n * months))
        if due is None:
            continue
        while i + 1 < len(classes) and classes[i + 1][0] <= due.day:
            i += 1
        if i >= 0 and what in _OWES[classes[i][1]]:
            yield due


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _due(law: Law, region: str, what: str, month: int) -> Due | None:
    """The period that begins with a month (counted from year 0); None where no policy speaks.

    It is overdue at 00:00 Beijing after the term's last day. A plan's term runs from the year's beginning.
    """
    first = date(month // 12, month % 12 + 1, 1)
    after = add_months(first, _MONTHS.get(what, 12))
    begins, on = (first, first) if what == "plan" else (after, date.fromordinal(after.toordinal() - 1))
    limit = law.limit(TERMS[what], Case(region=region), on)
    if limit is None:
        return None
    if limit.unit is Unit.MONTHS:
        return Due(first, first.toordinal(), beijing_midnight(add_months(begins, limit.value)))
    at = beijing_midnight(date.fromordinal(begins.toordinal() + limit.value))
    return Due(first, first.toordinal(), at)
