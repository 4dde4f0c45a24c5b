"""A facility that accepts more than it treats and stores, and residues out of range; for rules.storage.

The books of a site always come out even until somebody counts: what a stock-take finds missing was taken in and is
neither treated nor sent on nor there. Policies: intake_window (days before the count, in whole Beijing months) and
intake_tolerance (permille of what was taken in in them). A later count within the tolerance ends it: what it finds again
is no longer missing.

Residues: Shanghai checks incinerators by ash out over waste in (DOMAIN 10). residue_least and residue_most (permille of
what was incinerated, D10, in a month) have no default: no sound figure for all of them was found.
"""

from bisect import insort
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from models.alerts import AlertKind, Finding
from models.exact import DAY_US, beijing_date, beijing_midnight
from models.facts.law import LimitName, LimitSet
from models.law import Law
from rules.storage_case import case_at
from rules.storage_flows import (
    ASH,
    BURNT,
    COUNTED,
    HANDLED,
    RECEIVED,
    SENT,
    Flows,
    Month,
    Sums,
    day_number,
    month_subject,
    months_between,
)
from rules.storage_runs import latest_run, next_judgement
from rules.storage_store import Store
from rules.storage_subjects import Order
from rules.storage_terms import org_at

INTAKE: Final = "intake"
MONTHS_KEPT_DAYS: Final = 400
_EVER: Final = 2**62


class Count(msgspec.Struct, array_like=True, order=True):
    """A stock-take that found a difference, and how much less there was than in the books (or more)."""

    at: int
    seq: int
    missing_g: int


class Intake(msgspec.Struct, tag="intake"):
    """By month what was received, treated and sent on, from the month `first` on; and the counts."""

    first: str
    months: dict[str, list[int]]
    counts: list[Count]


class _Missing(NamedTuple):
    received_g: int
    handled_g: int
    sent_g: int
    missing_g: int
    permille: int
    citation: str


def months_before(at: int) -> Iterator[str]:
    """The months that a count looks back on, at most."""
    return months_between(day_number(at - MONTHS_KEPT_DAYS * DAY_US), day_number(at))


def may_come_late(state: Store, kind: str) -> bool:
    """A count looks back on months that need not be in memory."""
    return kind != "stock-taken.v1"


def observe(state: Store, kind: str, order: Order, flows: Flows) -> set[str]:
    """Keep what flowed, from the first count that found a difference on; called when the months have it."""
    intake: Any = state.subjects.get(INTAKE)
    if intake is not None:
        row = _row(flows)
        subject = month_subject(order[0])
        if subject >= intake.first and any(row):
            known = intake.months.setdefault(subject, [0, 0, 0])
            known[:] = [one + other for one, other in zip(known, row, strict=True)]
            if not any(known):
                del intake.months[subject]
    elif not _counted(kind, flows):
        return set()
    else:
        names = list(months_before(order[0]))
        intake = Intake(names[0], {}, [])
        state.attach(INTAKE, intake)
        for name in names:
            month: Any = state.subjects.get(name)
            if month is not None and any(row := _row_of(month)):
                intake.months[name] = row
    if _counted(kind, flows):
        insort(intake.counts, Count(*order, -sum(sums.get(COUNTED, 0) for sums in flows.values())))
    return {INTAKE}


def _counted(kind: str, flows: Flows) -> bool:
    return kind == "stock-taken.v1" and any(COUNTED in sums for sums in flows.values())


def _row(flows: Mapping[str, Sums]) -> list[int]:
    row = [0, 0, 0]
    for sums in flows.values():
        for flow, amount in sums.items():
            if flow in RECEIVED:
                row[0] += amount
            elif flow == HANDLED:
                row[1] += amount
            elif flow in SENT:
                row[2] += amount
    return row


def _row_of(month: Month) -> list[int]:
    rows = [_row(days) for days in month.codes.values()]
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0, 0, 0]


def _judged(state: Store, intake: Intake, law: Law) -> Iterator[tuple[int, _Missing | None]]:
    for number, count in enumerate(intake.counts, start=1):
        yield count.at, _missing(state, intake, law, number)


def _missing(state: Store, intake: Intake, law: Law, number: int) -> _Missing | None:
    """What the first so many counts found missing in all, within the window of the last of them."""
    at = intake.counts[number - 1].at
    case, day = case_at(state, law, at), beijing_date(at)
    window = law.limit(LimitName.INTAKE_WINDOW, case, day)
    tolerance = law.limit(LimitName.INTAKE_TOLERANCE, case, day)
    if window is None or tolerance is None:
        return None
    first = month_subject(at - min(window.value, MONTHS_KEPT_DAYS) * DAY_US)
    last = month_subject(at)
    rows = [row for name, row in intake.months.items() if first <= name <= last]
    received_g, handled_g, sent_g = (sum(column) for column in zip(*rows, [0] * 3, strict=True))
    missing_g = sum(known.missing_g for known in intake.counts[:number] if month_subject(known.at) >= first)
    if received_g <= 0 or missing_g * 1000 <= tolerance.value * received_g:
        return None
    permille = missing_g * 1000 // received_g
    return _Missing(received_g, handled_g, sent_g, missing_g, permille, tolerance.citation)


def intake_findings(state: Store, intake: Intake, law: Law, at: int) -> Iterator[Finding]:
    """intake.unaccounted: of the months before the count, what was taken in, treated, sent on, and is missing."""
    run = latest_run(_judged(state, intake, law), at)
    if run is None:
        return
    told = run.told
    amounts: dict[str, int | str] = {
        "received_g": told.received_g,
        "handled_g": told.handled_g,
        "sent_g": told.sent_g,
        "missing_g": told.missing_g,
        "missing_permille": told.permille,
    }
    yield Finding(
        AlertKind.INTAKE_UNACCOUNTED,
        INTAKE,
        run.since,
        run.until,
        amounts,
        state.key,
        _parties(state),
        basis=told.citation,
    )


def _parties(state: Store) -> tuple[str, ...]:
    org = org_at(state.site(), _EVER)
    return (org,) if org else ()


def intake_turn(intake: Intake, at: int) -> int | None:
    """A count stated a little ahead of its time."""
    return next_judgement((count.at for count in intake.counts), at)


# Residues


def _sets_residues(law: Law) -> bool:
    known = law.memo.get(("storage", "residues"))
    if known is None:
        names = (LimitName.RESIDUE_LEAST, LimitName.RESIDUE_MOST)
        known = any(
            isinstance(entry.policy, LimitSet) and entry.policy.limit in names for entry in law.policies
        )
        law.memo["storage", "residues"] = known
    return bool(known)


def tells_residues(kind: str, flows: Flows) -> bool:
    """Whether what a fact moved may change a month's findings: they look at what was incinerated and what was left."""
    return kind == "waste-treated.v1" and any(BURNT in sums or ASH in sums for sums in flows.values())


def _month_end(subject: str) -> int:
    year, month = int(subject[6:10]), int(subject[11:13])
    return beijing_midnight(beijing_date(0).replace(year + month // 12, month % 12 + 1, 1))


def month_findings(state: Store, subject: str, month: Month, law: Law, at: int) -> Iterator[Finding]:
    """residue.out_of_range, from the month's end on, for the month it is about."""
    if not _sets_residues(law) or at < (end := _month_end(subject)):
        return
    burnt_g = _total(month, BURNT)
    if not burnt_g:
        return
    case, day = case_at(state, law, end - 1), beijing_date(end - 1)
    least = law.limit(LimitName.RESIDUE_LEAST, case, day)
    most = law.limit(LimitName.RESIDUE_MOST, case, day)
    ash_g = _total(month, ASH)
    broken = None
    if least is not None and ash_g * 1000 < least.value * burnt_g:
        broken = least
    elif most is not None and ash_g * 1000 > most.value * burnt_g:
        broken = most
    if broken is None:
        return
    amounts: dict[str, int | str] = {
        "handled_g": burnt_g,
        "residues_g": ash_g,
        "residue_permille": ash_g * 1000 // burnt_g,
    }
    if least is not None:
        amounts["least_permille"] = least.value
    if most is not None:
        amounts["most_permille"] = most.value
    yield Finding(
        AlertKind.RESIDUE_OUT_OF_RANGE,
        subject,
        end,
        None,
        amounts,
        state.key,
        _parties(state),
        basis=broken.citation,
    )


def _total(month: Month, flow: str) -> int:
    return sum(sums.get(flow, 0) for days in month.codes.values() for sums in days.values())


def month_turn(subject: str, month: Month, law: Law, at: int) -> int | None:
    """The month's end, where a residue rate is set and something was burnt."""
    if not _sets_residues(law) or not _total(month, BURNT):
        return None
    end = _month_end(subject)
    return end if end > at else None
