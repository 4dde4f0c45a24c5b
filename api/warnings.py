"""GET /v1/warnings/counts: how often an organisation's new facts were doubtful, by code and kind. Its quality of data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import func, select

from api.answers.warnings import WarningCount, WarningCounts
from api.asking import reach_for
from api.auth import granted
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import bad_parameter
from models.access import Scope
from models.exact import beijing_date
from models.facts.base import Day
from models.problem_meanings import MEANINGS
from models.problems import Warned
from models.tables_warnings import WarningCount as Row
from streams.databases import guarded, reading
from streams.keys import Holder

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
DAYS_MAX: Final = 366
_DAYS_USUAL: Final = 84
ROWS_MAX: Final = 5000
Count = tuple[date, str, str, str, int]  # The day or the Monday, organisation, code, kind, how many.


@router.get("/warnings/counts")
def warning_counts(
    request: Request,
    holder: Annotated[Holder, Depends(granted(Scope.FACTS_READ))],
    since: Annotated[Day | None, Query(description="The first day; twelve weeks before the last.")] = None,
    until: Annotated[Day | None, Query(description="The last day; today.")] = None,
    by: Annotated[Literal["day", "week"], Query()] = "week",
    code: Annotated[list[Warned] | None, Query()] = None,
    org: Annotated[str | None, Query(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")] = None,
) -> WarningCounts:
    """Warnings of new facts counted, of one's own organisation; regulators and auditors ask for any.

    A fact that is sent again counts nothing, a dry run neither. Days are Beijing days of the record.
    """
    parts = parts_of(request)
    first, last = period(parts, since, until)
    reach = reach_for(request, holder)
    scope = org if reach.sees_all else holder.org
    if org is not None and org != scope:
        scope = ""  # Another's: there is nothing to see, as for one that is unknown.
    found = counted(parts, first, last, scope, [str(each) for each in code or ()], weekly=by == "week")
    return {
        "since": first.isoformat(),
        "until": last.isoformat(),
        "counts": [_wire(*row) for row in found],
    }


def period(parts: Parts, since: date | None, until: date | None) -> tuple[date, date]:
    """The days asked for, a year at most; ProblemError 422 where they end before they begin."""
    last = until or beijing_date(parts.ledger.now())
    first = since or last - timedelta(days=_DAYS_USUAL - 1)
    if first > last:
        raise bad_parameter("until", "contradiction/period", until=last, since=first)
    return max(first, last - timedelta(days=DAYS_MAX - 1)), last


def counted(
    parts: Parts, first: date, last: date, org: str | None, codes: Sequence[str] = (), *, weekly: bool = True
) -> list[Count]:
    """Counts of an organisation, or of all for None; the latest first, then the most. Blocks."""
    query = select(Row.org, Row.day, Row.code, Row.kind, func.sum(Row.count)).where(
        Row.day >= first.isoformat(), Row.day <= last.isoformat()
    )
    if org is not None:
        query = query.where(Row.org == org)
    if codes:
        query = query.where(Row.code.in_(codes))
    query = query.group_by(Row.org, Row.day, Row.code, Row.kind).order_by(Row.day.desc()).limit(ROWS_MAX)
    with guarded(), reading(parts.databases.ledger) as connection:
        rows = connection.execute(query).all()
    sums: dict[tuple[date, str, str, str], int] = {}
    for whose, day, code, kind, count in rows:
        when = date.fromisoformat(day)
        key = (when - timedelta(days=when.weekday()) if weekly else when, whose, code, kind)
        sums[key] = sums.get(key, 0) + int(count)
    ordered = sorted(sums.items(), key=lambda item: (-item[0][0].toordinal(), -item[1], item[0][1:]))
    return [(*key, count) for key, count in ordered]


def _wire(since: date, org: str, code: str, kind: str, count: int) -> WarningCount:
    title = MEANINGS[code].title
    return {
        "since": since.isoformat(),
        "org": org,
        "code": Warned(code),
        "kind": kind,
        "count": count,
        "title": {"zh": title.zh, "en": title.en},
    }
