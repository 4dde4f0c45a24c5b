"""What a site has to file: reports and plans by its class (HJ 1259), and insurance that covers it; for rules.permits.

The one subject "site" of a site's key keeps what was registered, filed and insured; nothing depends on the order of facts.

- Key-supervised producers report each month, simplified ones each quarter, all classes each year; the terms are policies
  of the period's last day. A period is owed where the class was registered by the period's first day, so that nothing is
  asked of the time before. The class that was registered last before that day decides.
- The plan of a year is owed where a class was registered by 1 January of it.
- Insurance (环境污染责任保险, duty.insurance): once a site was insured, days without cover are a gap. Where a policy
  `insurance_grace` speaks, so are they at sites of its scope that never were, so many days after they registered or the
  policy began, whichever was later.
- Of several stretches of the same kind the latest is told; all that is missing at a time is one finding.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date, beijing_midnight
from models.facts.law import LimitName, LimitSet
from models.facts.registers import ProducerClass, SiteRole
from models.law import Case, Law
from rules.contract import State
from rules.permits_dues import TERMS, Classes, add_months, dues, period_name, period_start
from rules.permits_receipts import day_of

SUBJECT: Final = "site"
_AHEAD_MONTHS: Final = 26  # How far duties to come are looked for; then it is looked again.
_LAST_DAY: Final = date(2199, 12, 31).toordinal()  # No instant is later (models.exact).
_INSURED_ROLES: Final = frozenset({SiteRole.FACILITY, SiteRole.COLLECTOR})


class Registration(msgspec.Struct, array_like=True, order=True, gc=False):
    """建档; `producer_class` is empty where it was not said, which leaves the class as it was."""

    at: int
    seq: int
    org: str
    role: str
    producer_class: str


class Report(msgspec.Struct, array_like=True, order=True, gc=False):
    """申报, or a plan: `what` is month, quarter, year or plan; `first` the ordinal of the period's first day."""

    what: str
    first: int
    at: int
    seq: int


class Cover(msgspec.Struct, array_like=True, order=True, gc=False):
    """A policy: first and last day insured, as ordinals."""

    first: int
    last: int
    seq: int
    org: str
    insurer: str
    policy_no: str


class SiteFile(msgspec.Struct, tag="site", omit_defaults=True, gc=False):
    """All that a site registered and filed, each list in order."""

    registered: list[Registration] = []
    filed: list[Report] = []
    covers: list[Cover] = []


class Stretch(NamedTuple):
    """Something missing from `since` on, until it was made good."""

    since: int
    until: int | None


class Owed(NamedTuple):
    """A report or plan: of which period, when it is overdue, when it was filed."""

    what: str
    first: date
    due_at: int
    filed_at: int | None


def evolve(state: State[Any], stated: Stated) -> set[str]:
    """Keep a statement."""
    known = state.subjects.get(SUBJECT)
    if known is None:
        known = SiteFile()
        state.attach(SUBJECT, known)
    body: Any = stated.body
    if stated.kind == "site-registered.v1":
        said = body.producer_class.value if body.producer_class is not None else ""
        made = Registration(stated.occurred_at, stated.seq, body.org, body.role.value, said)
        insort(known.registered, made)
    elif stated.kind == "insurance-registered.v1":
        days = (body.valid_from.toordinal(), min(body.valid_until.toordinal(), _LAST_DAY))
        insort(known.covers, Cover(*days, stated.seq, body.org, body.insurer, body.policy_no))
    else:
        insort(known.filed, _report(stated))
    return {SUBJECT}


def _report(stated: Stated) -> Report:
    body: Any = stated.body
    if stated.kind == "plan-filed.v1":
        return Report("plan", date(body.year, 1, 1).toordinal(), stated.occurred_at, stated.seq)
    first = period_start(body.period.value, body.period_from)
    return Report(body.period.value, first.toordinal(), stated.occurred_at, stated.seq)


def retract(state: State[Any], stated: Stated) -> set[str]:
    """Forget a statement."""
    known = state.subjects[SUBJECT]
    known.registered = [one for one in known.registered if one.seq != stated.seq]
    known.filed = [one for one in known.filed if one.seq != stated.seq]
    known.covers = [one for one in known.covers if one.seq != stated.seq]
    if not (known.registered or known.filed or known.covers):
        state.detach(SUBJECT)
    return {SUBJECT}


def is_open(known: SiteFile) -> bool:
    """Whether a policy to come may ask something of this site; a class, a cover or a licence holder's role says so."""
    return bool(known.covers) or any(
        one.producer_class or one.role in _INSURED_ROLES for one in known.registered
    )


# Reports and plans


def class_on(known: SiteFile, day: date) -> ProducerClass | None:
    """The class registered last by a day."""
    found = None
    for one in known.registered:
        if one.producer_class and beijing_date(one.at) <= day:
            found = one.producer_class
    return None if found is None else ProducerClass(found)


def owed(known: SiteFile, law: Law, region: str, what: str, until: date) -> Iterator[Owed]:
    """All reports of a kind whose period begins by a day, in order."""
    filed = _filed(known)
    for due in dues(law, region, _classes(known), what, until):
        yield Owed(what, due.first, due.at, filed.get((what, due.day)))


def _classes(known: SiteFile) -> Classes:
    return [(day_of(one.at), one.producer_class) for one in known.registered if one.producer_class]


def _filed(known: SiteFile) -> dict[tuple[str, int], int]:
    """When the first report of each period was filed, by its kind and the period's first day."""
    found: dict[tuple[str, int], int] = {}
    for one in known.filed:
        found.setdefault((one.what, one.first), one.at)
    return found


def _kinds(what: AlertKind) -> tuple[str, ...]:
    return ("plan",) if what is AlertKind.PLAN_NOT_FILED else ("month", "quarter", "year")


def late(known: SiteFile, law: Law, region: str, kind: AlertKind, at: int) -> list[Owed]:
    """Everything of a kind of alert that was due by an instant and came late or not, by the instant it was due."""
    found: list[Owed] = []
    if not (classes := _classes(known)):
        return found
    until, filed = beijing_date(at), _filed(known)
    for what in _kinds(kind):
        for due in dues(law, region, classes, what, until):
            if due.at <= at:
                filed_at = filed.get((what, due.day))
                if filed_at is None or filed_at > due.at:
                    found.append(Owed(what, due.first, due.at, filed_at))
    return sorted(found, key=lambda one: one.due_at) if found else found


def filing_finding(state: State[Any], known: SiteFile, law: Law, kind: AlertKind, at: int) -> Finding | None:
    """The latest stretch in which reports (or plans) were missing: how many, and the first of them."""
    latest: list[Owed] = []
    end: int | None = 0
    for one in late(known, law, state.key[:6], kind, at):
        filed_at = one.filed_at if one.filed_at is not None and one.filed_at <= at else None
        if end is not None and one.due_at > end:
            latest = []
            end = 0
        latest.append(one)
        end = None if end is None or filed_at is None else max(end, filed_at)
    if not latest:
        return None
    missing = [one for one in latest if one.filed_at is None or one.filed_at > at]
    first = (missing or latest)[0]
    return Finding(
        kind,
        SUBJECT,
        latest[0].due_at,
        end,
        amounts={
            "period": period_name(first.what, first.first),
            "missing": len(missing) if missing else len(latest),
            "limit_at": first.due_at,
        },
        site=state.key,
        parties=_orgs(known),
    )


def _orgs(known: SiteFile) -> tuple[str, ...]:
    found = [one.org for one in known.registered] + [one.org for one in known.covers]
    return tuple(dict.fromkeys(found))


def next_due(known: SiteFile, law: Law, region: str, at: int) -> Owed | None:
    """What is to be filed next, and is not yet."""
    until = add_months(beijing_date(at).replace(day=1), _AHEAD_MONTHS)
    open_ones = [
        one
        for what in TERMS
        for one in owed(known, law, region, what, until)
        if one.due_at > at and one.filed_at is None
    ]
    return min(open_ones, key=lambda one: one.due_at, default=None)


def _filing_turns(known: SiteFile, law: Law, region: str, at: int) -> Iterator[int]:
    """When something to come will be overdue or is filed ahead of time, after `at`."""
    if not (classes := _classes(known)):
        return
    until, filed = add_months(beijing_date(at).replace(day=1), _AHEAD_MONTHS), _filed(known)
    for what in TERMS:
        for due in dues(law, region, classes, what, until):
            filed_at = filed.get((what, due.day))
            if filed_at is not None and filed_at > at:
                yield filed_at
            if due.at > at and (filed_at is None or filed_at > due.at):
                yield due.at
                break
    yield beijing_midnight(until)


# Insurance


def gaps(known: SiteFile, law: Law, region: str) -> list[Stretch]:
    """Days without cover, from the first day on which cover is asked for; the last stretch may have no end."""
    first = _asked_from(known, law, region)
    found: list[Stretch] = []
    if first is None:
        return found
    day = first
    for cover in sorted(known.covers):
        if cover.last < cover.first or cover.last < day:
            continue
        if cover.first > day:
            found.append(Stretch(_midnight(day), _midnight(cover.first)))
        day = cover.last + 1
    return [*found, Stretch(_midnight(day), None)]


def _midnight(day: int) -> int:
    return beijing_midnight(date.fromordinal(day))


def _asked_from(known: SiteFile, law: Law, region: str) -> int | None:
    """The first day (ordinal) on which cover is asked for; None where it never is."""
    found = [cover.first for cover in known.covers if cover.first <= cover.last]
    if known.registered:
        policies = _grace(law, region, known.registered[-1].role)
        if policies and is_open(known):
            policy = min(policies, key=lambda one: one.effective_from)
            begins = max(policy.effective_from, beijing_date(known.registered[0].at))
            found.append(begins.toordinal() + policy.value)
    return min(found, default=None)


def _grace(law: Law, region: str, role: str) -> tuple[LimitSet, ...]:
    """The policies that ask for cover of all sites of a role, asked for once."""
    key = ("permits", "insurance", region, role)
    found: tuple[LimitSet, ...] | None = law.memo.get(key)
    if found is None:
        case = Case(region=region, role=SiteRole(role))
        found = law.memo[key] = law.limits(LimitName.INSURANCE_GRACE, case)
    return found


def insurance_finding(state: State[Any], known: SiteFile, law: Law, at: int) -> Finding | None:
    """The latest stretch without cover."""
    begun = [gap for gap in gaps(known, law, state.key[:6]) if gap.since <= at]
    if not begun:
        return None
    since, until = begun[-1]
    before = [cover for cover in known.covers if _midnight(cover.last + 1) == since]
    amounts: dict[str, int | str] = {"uninsured_at": since}
    if before:
        amounts |= {"insurer": before[-1].insurer[:40], "policy_no": before[-1].policy_no}
    ended = until if until is not None and until <= at else None
    return Finding(
        AlertKind.INSURANCE_GAP, SUBJECT, since, ended, amounts=amounts, site=state.key, parties=_orgs(known)
    )


def findings(state: State[Any], known: SiteFile, law: Law, at: int) -> Iterable[Finding]:
    """What is missing at an instant, or was last."""
    found = [
        filing_finding(state, known, law, AlertKind.REPORT_OVERDUE, at),
        filing_finding(state, known, law, AlertKind.PLAN_NOT_FILED, at),
        insurance_finding(state, known, law, at),
    ]
    return [finding for finding in found if finding is not None]


def next_change(state: State[Any], known: SiteFile, law: Law, at: int) -> int | None:
    """The next day on which something is overdue, or a gap in the insurance begins or ends."""
    region = state.key[:6]
    turns = list(_filing_turns(known, law, region, at))
    turns += [turn for gap in gaps(known, law, region) for turn in gap if turn is not None and turn > at]
    return min(turns, default=None)
