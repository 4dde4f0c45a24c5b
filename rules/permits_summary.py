"""What is known of approvals, applications, plans, filings and licence lines, as people look at it; for pages and the API.

Masses are grams, days ISO dates, instants microseconds. Only what is stored is told; nothing is judged here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.alerts import AlertKind
from models.exact import beijing_date
from models.law import Law
from rules.permits_amounts import Year
from rules.permits_applications import Application, clocks
from rules.permits_approvals import Approvals, last_day, terms_on
from rules.permits_dues import period_name
from rules.permits_filings import SiteFile, class_on, late, next_due
from rules.permits_licences import Slot, Terms, year_start
from rules.permits_plans import Plan, Planned, plan_subject
from rules.permits_receipts import day_of, day_subject
from rules.permits_state import DayTotal, year_subject


def approval(number: str, known: Approvals, law: Law, now: int) -> dict[str, Any] | None:
    """The approval as it holds now (or will, or did last), and what has left under it; None where none is stated."""
    if not known.stated:
        return None
    terms = terms_on(known.stated, day_of(now)) or known.stated[0]
    last = last_day(terms, law)
    return {
        "approval_no": number,
        "waste_code": terms.waste_code,
        "method": terms.method or None,
        "origin": terms.origin,
        "destination": terms.destination,
        "approved_g": terms.mass_g,
        "taken_g": known.taken_g,
        "loads": known.loads,
        "valid_from": date.fromordinal(terms.valid_from).isoformat(),
        "last_day": date.fromordinal(last).isoformat(),
        "in_force": terms.valid_from <= day_of(now) <= last,
    }


def application(number: str, known: Application, law: Law) -> dict[str, Any] | None:
    """What was asked, which steps were taken, and what is due by when; None where no application is stated."""
    if not known.asked:
        return None
    asked = known.asked[0]
    return {
        "application_no": number,
        "waste_code": asked.waste_code,
        "mass_g": asked.mass_g,
        "origin": asked.origin,
        "destination": asked.destination,
        "applied_at": asked.at,
        "steps": [{"step": step.step, "at": step.at, "agrees": step.agrees} for step in known.steps],
        "due": [
            {
                "step": clock.step,
                "limit_at": clock.limit_at,
                "taken_at": clock.taken_at,
                "is_provisional": bool(clock.calendar),
            }
            for clock in clocks(known, law)
        ],
    }


def plan(subjects: Mapping[str, Any], year: int) -> dict[str, Any] | None:
    """The plan of a year on file, and what left of each of its codes (and of others); None where none is filed."""
    known = subjects.get(plan_subject(year))
    if not isinstance(known, Plan) or not known.filed:
        return None
    filed = known.filed[-1]
    start = f"planned:{year}:"
    left = {
        name.removeprefix(start): planned.total_g
        for name, planned in subjects.items()
        if isinstance(planned, Planned) and name.startswith(start)
    }
    codes = dict.fromkeys([code for code, _, _ in filed.lines] + sorted(left))
    return {
        "year": year,
        "filing_no": filed.filing_no,
        "filed_at": filed.at,
        "lines": [
            {
                "waste_code": code,
                "plan_g": filed.planned_g(code),
                "taken_g": left.get(code, 0),
                "destinations": [end for known_code, _, end in filed.lines if known_code == code and end],
            }
            for code in codes
        ],
    }


def filings(known: SiteFile, law: Law, region: str, now: int) -> dict[str, Any]:
    """The site's class, what it failed to file, what is due next, and until when it is insured."""
    producer_class = class_on(known, beijing_date(now))
    missing = [
        {"what": one.what, "period": period_name(one.what, one.first), "limit_at": one.due_at}
        for kind in (AlertKind.PLAN_NOT_FILED, AlertKind.REPORT_OVERDUE)
        for one in late(known, law, region, kind, now)
        if one.filed_at is None or one.filed_at > now
    ]
    due = next_due(known, law, region, now)
    covers = [cover for cover in known.covers if cover.first <= day_of(now) <= cover.last]
    cover = max(covers, key=lambda one: one.last, default=None)
    return {
        "producer_class": producer_class,
        "missing": missing,
        "next": None
        if due is None
        else {"what": due.what, "period": period_name(due.what, due.first), "limit_at": due.due_at},
        "insured_until": None if cover is None else date.fromordinal(cover.last).isoformat(),
        "insurer": None if cover is None else cover.insurer,
        "ever_insured": bool(known.covers),
    }


def taken_in_year(subjects: Mapping[str, Any], licence: str, number: int, terms: Terms, day: date) -> int:
    """Grams that a line took in the licence's year of a day."""
    start = year_start(terms.year_from, day.toordinal())
    line = terms.lines[number - 1]
    year = subjects.get(year_subject(Slot(licence, number, line.yearly_g, start, line.daily_g)))
    return year.total_g if isinstance(year, Year) else 0


def taken_today(subjects: Mapping[str, Any], licence: str, number: int, now: int) -> int:
    """Grams that a line with a daily ceiling took in so far today."""
    day = subjects.get(day_subject(now))
    return day.taken_g.get(f"{licence}#{number}", 0) if isinstance(day, DayTotal) else 0
