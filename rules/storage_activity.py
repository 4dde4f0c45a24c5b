"""Silence while activity goes on: waste declared per unit of activity, against the site's own past; for rules.storage.

Power data find production that is hidden (DOMAIN 10), and no source ties a kWh, a bed-day or a kilogram of product to a
mass of waste: so a site is held against itself alone. Policies: silence_share (permille of the past) and silence_history
(days of activity there must be to compare with).

Readings: a report belongs to the Beijing month in which its period begins, and months are judged, when they are reported
to their end; the past is the year before, months that were themselves silent left out, so that silence never becomes
the measure; reports of over a year, or of no time, are not judged; of two reports of one period the later counts.
"""

from bisect import insort
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import DAY_US, beijing_date, beijing_midnight
from models.facts.law import LimitName
from models.law import Law
from rules.storage_case import case_at
from rules.storage_flows import MADE, WEIGHED, Flows, day_number, month_day, months_between
from rules.storage_runs import latest_run, next_judgement
from rules.storage_store import Store
from rules.storage_terms import org_at

MEASURES: Final = ("bed_days", "kwh", "output_kg")
SUBJECTS: Final = tuple(f"activity:{measure}" for measure in MEASURES)
_PERIOD_US_MAX: Final = 366 * DAY_US
_PAST_US: Final = 366 * DAY_US
_KEPT_US: Final = 800 * DAY_US
_EVER: Final = 2**62


class Report(msgspec.Struct, array_like=True, order=True):
    """What was reported of a period, by which fact, and the grams made in its days."""

    until: int
    since: int
    at: int
    seq: int
    amount: int
    made_g: int


class Activity(msgspec.Struct, tag="activity"):
    """The reports of one measure, by the end of their periods."""

    reports: list[Report]


class _Span(NamedTuple):
    """A month's reports, or those of the past: activity, waste and time."""

    since: int
    until: int
    amount: int
    made_g: int
    days: int


class _Silence(NamedTuple):
    now: _Span
    past: _Span
    citation: str


def is_judged(body: Any) -> bool:
    """Whether a report says anything that can be held against the waste declared."""
    return bool(0 < body.period_until - body.period_from <= _PERIOD_US_MAX)


def months_of(body: Any) -> Iterator[str]:
    """The months whose waste a report is held against."""
    if is_judged(body):
        yield from months_between(day_number(body.period_from), day_number(body.period_until - 1))


def report(state: Store, stated: Stated) -> set[str]:
    """Keep a report, with the waste made in its period as far as it is stated."""
    body: Any = stated.body
    if not is_judged(body):
        return set()
    name = f"activity:{body.measure}"
    known: Any = state.subjects.get(name)
    reports: list[Report] = known.reports if known is not None else []
    same = next(
        (row for row in reports if (row.since, row.until) == (body.period_from, body.period_until)), None
    )
    if same is not None and (same.at, same.seq) > stated.order:
        return set()
    if same is not None:
        reports.remove(same)
    made_g = _made_between(state, body.period_from, body.period_until)
    insort(reports, Report(body.period_until, body.period_from, *stated.order, body.amount, made_g))
    oldest = reports[-1].until - _KEPT_US
    while reports[0].until <= oldest:
        del reports[0]
    if known is None:
        state.attach(name, Activity(reports))
    return {name}


def _made_between(state: Store, since: int, until: int) -> int:
    first, last = day_number(since), day_number(until - 1)
    total_g = 0
    for subject in months_between(first, last):
        month: Any = state.subjects.get(subject)
        if month is None:
            continue
        start, _, end = _bounds(subject, first, last)
        for days in month.codes.values():
            total_g += sum(_made_g(sums) for day, sums in days.items() if start <= day <= end)
    return total_g


def _bounds(subject: str, first: int, last: int) -> tuple[str, str, str]:
    """The first and last day of a month that lie in a period, two digits each."""
    start = month_day(first)
    end = month_day(last)
    return (start[1] if start[0] == subject else "01"), subject, (end[1] if end[0] == subject else "31")


def _made_g(sums: dict[str, int]) -> int:
    return sums.get(MADE, 0) + sums.get(WEIGHED, 0)


def observe(state: Store, at: int, flows: Flows, touched: set[str]) -> None:
    """Waste was made, perhaps in a period that is reported already."""
    for name in SUBJECTS:
        known = state.watched.get(name)
        if known is None or not (made_g := sum(_made_g(sums) for sums in flows.values())):
            continue
        day = day_number(at)
        for row in reversed(known.reports):
            if day_number(row.until - 1) < day:
                break
            if day_number(row.since) <= day:
                row.made_g += made_g
                touched.add(name)


def _months(activity: Activity) -> list[_Span]:
    """Reports by the month in which they begin, where they reach its end; by when they were complete."""
    months: dict[str, _Span] = {}
    for row in activity.reports:
        label = month_day(day_number(row.since))[0]
        days = (row.until - row.since) // DAY_US
        known = months.get(label)
        months[label] = (
            _Span(row.since, row.until, row.amount, row.made_g, days)
            if known is None
            else _Span(
                min(known.since, row.since),
                max(known.until, row.until),
                known.amount + row.amount,
                known.made_g + row.made_g,
                known.days + days,
            )
        )
    complete = [span for span in months.values() if span.until >= _month_end(span.since) - DAY_US]
    return sorted(complete, key=lambda span: (span.until, span.since))


def _month_end(at: int) -> int:
    day = beijing_date(at)
    return beijing_midnight(date(day.year + day.month // 12, day.month % 12 + 1, 1))


def _judged(state: Store, activity: Activity, law: Law) -> Iterator[tuple[int, _Silence | None]]:
    """Each month, when it is reported to its end: silent or not. A month that nothing can be compared with is not."""
    sound: list[_Span] = []
    for now in _months(activity):
        past = [known for known in sound if known.until <= now.since and known.since >= now.since - _PAST_US]
        silence = _silence(state, now, past, law)
        if silence is None:
            sound.append(now)
        yield now.until, silence


def _silence(state: Store, now: _Span, past: list[_Span], law: Law) -> _Silence | None:
    if not past or not now.amount:
        return None
    whole = _Span(
        past[0].since, past[-1].until, *(sum(column) for column in list(zip(*past, strict=True))[2:])
    )
    case = case_at(state, law, now.since)
    share = law.limit(LimitName.SILENCE_SHARE, case, beijing_date(now.since))
    history = law.limit(LimitName.SILENCE_HISTORY, case, beijing_date(now.since))
    if share is None or history is None or whole.days < history.value or not whole.amount:
        return None
    silent = now.made_g * whole.amount * 1000 < share.value * whole.made_g * now.amount
    return _Silence(now, whole, share.citation) if silent else None


def activity_findings(state: Store, subject: str, activity: Activity, law: Law, at: int) -> Iterator[Finding]:
    """generation.silent: periods, activity, waste, and milligrams a unit, then and now."""
    run = latest_run(_judged(state, activity, law), at)
    if run is None:
        return
    now, past, citation = run.told
    amounts: dict[str, int | str] = {
        "measure": subject.removeprefix("activity:"),
        "period_from_at": now.since,
        "period_until_at": now.until,
        "activity": now.amount,
        "generated_g": now.made_g,
        "rate_mg": now.made_g * 1000 // now.amount,
        "past_from_at": past.since,
        "past_until_at": past.until,
        "past_activity": past.amount,
        "past_generated_g": past.made_g,
        "past_rate_mg": past.made_g * 1000 // past.amount,
    }
    org = org_at(state.site(), _EVER)
    parties = (org,) if org else ()
    yield Finding(
        AlertKind.GENERATION_SILENT,
        subject,
        run.since,
        run.until,
        amounts,
        state.key,
        parties,
        basis=citation,
    )


def activity_turn(activity: Activity, at: int) -> int | None:
    """When the next period ends that was reported ahead of time."""
    if not activity.reports or activity.reports[-1].until <= at:
        return None
    return next_judgement((span.until for span in _months(activity)), at)
