"""Management plans (危险废物管理计划) and what leaves a site under them; loads that leave a province; for rules.permits.

Sources: MT 14 (manifests are filled from the plan on file), HJ 1259 5, duty.plan_ledger, duty.cross_province. Subjects of
the origin's key: "plan:<year>", "departure:<manifest>", "planned:<year>:<code>". Readings:

- a departure is held against the plan of its Beijing year that was filed last before it; where none was, nothing is
  outside it. A planned code without destinations may go anywhere;
- planned mass: all that left in the year, by loaded mass, against what the plan gives for the code; a notice above it;
- a manifest counts once, by its first departure; its other statements are custody's matter.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date, beijing_midnight
from models.facts.law import LimitName
from models.law import Case, Law
from rules.contract import State
from rules.permits_amounts import Crossing
from rules.permits_approvals import Line, crosses, is_exempt_on_the_way
from rules.permits_receipts import day_of

_UNKNOWN: Final = object()
PlanLine = tuple[str, int, str]  # Waste code, grams, destination ("": any).


class Filing(msgspec.Struct, array_like=True, order=True, gc=False):
    """备案: a plan as filed; a later one of the same year takes its place."""

    at: int
    seq: int
    filing_no: str
    lines: tuple[PlanLine, ...]

    def planned_g(self, code: str) -> int | None:
        """Grams planned for a code, over all its lines; None where it is not planned."""
        found = [mass_g for known, mass_g, _ in self.lines if known == code]
        return sum(found) if found else None


class Plan(msgspec.Struct, tag="plan", gc=False):
    """All plans filed for one year, by time."""

    filed: list[Filing] = []

    def before(self, order: tuple[int, int]) -> Filing | None:
        """The plan on file at a departure."""
        found = None
        for filing in self.filed:
            if (filing.at, filing.seq) >= order:
                break
            found = filing
        return found


class Went(msgspec.Struct, array_like=True, order=True, gc=False):
    """起运; `unapproved` where it leaves its province and claims neither an approval nor an exemption for the way."""

    at: int
    seq: int
    destination: str
    parties: tuple[str, ...]
    lines: tuple[Line, ...]
    unapproved: bool


class Departure(msgspec.Struct, tag="departure", gc=False):
    """The departures that are stated of one manifest."""

    stated: list[Went] = []


class Planned(msgspec.Struct, tag="planned", omit_defaults=True, gc=False):
    """What left of one code in a year, and the departure that went over the plan."""

    total_g: int = 0
    crossed: Crossing | None = None


def plan_subject(year: int) -> str:
    """The subject of a year's plans."""
    return f"plan:{year}"


def departure_subject(stated: Stated) -> str:
    """The subject of a departure."""
    body: Any = stated.body
    return f"departure:{body.manifest_no}"


def named_by_departure(stated: Stated) -> list[str]:
    """The departure, and the sums that it adds to."""
    body: Any = stated.body
    year = beijing_date(stated.occurred_at).year
    codes = {line.waste_code for line in body.lines}
    return [departure_subject(stated), *(f"planned:{year}:{code}" for code in codes)]


def depart(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Keep a departure and add it up. None: fold again, where it may move a crossing of the plan or comes first late."""
    subject = departure_subject(stated)
    known = state.subjects.get(subject)
    went = _went(stated)
    if known is not None and known.stated:
        if went < known.stated[0] and not state.refolding:
            return None
        insort(known.stated, went)
        return {subject}
    sums = _sums(went)
    is_sure = state.refolding or stated.order > state.latest
    if not is_sure and not all(_may_add(state, went, name, sums[name], law) for name in sums):
        return None
    state.attach(subject, Departure([went]))
    for name, mass_g in sums.items():
        _add(state, went, name, mass_g, law)
    return {subject, *sums}


def _went(stated: Stated) -> Went:
    body: Any = stated.body
    unapproved = crosses(body) and body.approval_no is None
    return Went(
        stated.occurred_at,
        stated.seq,
        body.destination,
        (body.origin_org, body.carrier_org, body.destination_org),
        tuple([(line.line, line.waste_code, line.mass_g) for line in body.lines]),
        unapproved and not is_exempt_on_the_way(body, stated.occurred_at),
    )


def _sums(went: Went) -> dict[str, int]:
    """Grams by the subjects they add to."""
    year = beijing_date(went.at).year
    sums: dict[str, int] = {}
    for _, code, mass_g in went.lines:
        if mass_g is not None:
            name = f"planned:{year}:{code}"
            sums[name] = sums.get(name, 0) + mass_g
    return sums


def _code(name: str) -> str:
    return name.rpartition(":")[2]


def _limit_g(state: State[Any], planned_g: int, law: Law, at: int) -> int | None:
    """Grams above which a notice is due; None where no policy speaks."""
    key = ("permits", "plan", state.key[:6], day_of(at))
    permille = law.memo.get(key, _UNKNOWN)
    if permille is _UNKNOWN:
        limit = law.limit(LimitName.PLAN_OVER, Case(region=state.key[:6]), beijing_date(at))
        permille = law.memo[key] = None if limit is None else limit.value
    return None if permille is None else planned_g * int(permille) // 1000


def _filed(state: State[Any], at: int) -> list[Filing]:
    plan = state.subjects.get(plan_subject(beijing_date(at).year))
    return plan.filed if isinstance(plan, Plan) else []


def _may_add(state: State[Any], went: Went, name: str, mass_g: int, law: Law) -> bool:
    """Whether adding a departure that is not the latest is sure to move no crossing."""
    order, code = (went.at, went.seq), _code(name)
    known = state.subjects.get(name)
    total_g = known.total_g if known is not None else 0
    crossed = known.crossed if known is not None else None
    if crossed is not None:
        return crossed.until == 0 and order > (crossed.at, crossed.seq)
    limits = [
        limit
        for filing in _filed(state, went.at)
        if (planned_g := filing.planned_g(code)) is not None
        and (limit := _limit_g(state, planned_g, law, went.at)) is not None
    ]
    return all(total_g + mass_g <= limit for limit in limits)


def _add(state: State[Any], went: Went, name: str, mass_g: int, law: Law) -> None:
    known = state.subjects.get(name)
    if known is None:
        known = Planned()
        state.attach(name, known)
    before_g = known.total_g
    known.total_g = before_g + mass_g
    filing = _plan_before(state, went)
    planned_g = filing.planned_g(_code(name)) if filing is not None else None
    if planned_g is None or (known.crossed is not None and not known.crossed.until):
        return
    limit_g = _limit_g(state, planned_g, law, went.at)
    if limit_g is not None and known.total_g > limit_g:
        known.crossed = Crossing(went.at, went.seq, before_g, mass_g, planned_g)


def _plan_before(state: State[Any], went: Went) -> Filing | None:
    plan = state.subjects.get(plan_subject(beijing_date(went.at).year))
    return plan.before((went.at, went.seq)) if isinstance(plan, Plan) else None


def forget_departure(state: State[Any], stated: Stated) -> set[str] | None:
    """Take a departure back; None where it counted and others of its manifest are there, or a crossing may move."""
    subject = departure_subject(stated)
    known = state.subjects[subject]
    if known.stated[0].seq != stated.seq:
        known.stated = [went for went in known.stated if went.seq != stated.seq]
        return {subject}
    if len(known.stated) > 1:
        return None
    went = known.stated[0]
    sums = _sums(went)
    if not all(_may_take(state, went, name) for name in sums):
        return None
    state.detach(subject)
    for name, mass_g in sums.items():
        planned = state.subjects[name]
        planned.total_g -= mass_g
        if not planned.total_g:
            state.detach(name)
    return {subject, *sums}


def _may_take(state: State[Any], went: Went, name: str) -> bool:
    """Whether taking a departure off a sum is sure to move no crossing, and no end of one."""
    crossed = state.subjects[name].crossed
    if crossed is None:
        return True
    since = (crossed.at, crossed.seq)
    is_replanned = any((filing.at, filing.seq) > since for filing in _filed(state, went.at))
    return not crossed.until and not is_replanned and (went.at, went.seq) > since


def file_plan(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Keep a plan; one that comes late may concern departures that are known, so the key is folded again."""
    if stated.order < state.latest and not state.refolding:
        return None
    body: Any = stated.body
    subject = plan_subject(body.year)
    plan = state.subjects.get(subject)
    if plan is None:
        plan = Plan()
        state.attach(subject, plan)
    lines = [(line.waste_code, line.mass_g, line.destination or "") for line in body.lines]
    filing = Filing(stated.occurred_at, stated.seq, body.filing_no, tuple(lines))
    plan.filed.insert(bisect_left(plan.filed, filing), filing)
    touched = {subject}
    for name, planned in state.subjects.items():
        if isinstance(planned, Planned) and name.startswith(f"planned:{body.year}:"):
            touched.add(name)
            _undo(state, name, planned, filing, law)
    return touched


def _undo(state: State[Any], name: str, planned: Planned, filing: Filing, law: Law) -> None:
    """A larger plan ends a crossing; only what is crossed is sure to be in memory, and only that can be undone."""
    planned_g = filing.planned_g(name.rpartition(":")[2])
    if planned.crossed is None or planned.crossed.until or planned_g is None:
        return
    limit_g = _limit_g(state, planned_g, law, filing.at)
    if limit_g is None or planned.total_g <= limit_g:
        planned.crossed.until = filing.at


def departure_findings(state: State[Any], subject: str, departure: Departure) -> Iterator[Finding]:
    """A load out of its province without approval; a load that is not in the plan. Whatever time it is."""
    went = departure.stated[0]
    filing = _plan_before(state, went)
    outside = _outside(filing, went) if filing is not None else None
    unapproved = went.unapproved and all(known.unapproved for known in departure.stated)
    if outside is None and not unapproved:
        return
    amounts: dict[str, int | str] = {
        "manifest_no": subject.partition(":")[2],
        "waste_code": went.lines[0][1],
        "mass_g": sum(mass_g or 0 for _, _, mass_g in went.lines),
    }
    if unapproved:
        yield Finding(
            AlertKind.TRANSFER_UNAPPROVED,
            subject,
            went.at,
            amounts={**amounts, "reason": "no_approval"},
            site=state.key,
            parties=went.parties,
        )
    if filing is not None and outside is not None:
        reason, code = outside
        yield Finding(
            AlertKind.PLAN_OUTSIDE,
            subject,
            went.at,
            amounts={**amounts, "waste_code": code, "reason": reason, "filing_no": filing.filing_no},
            site=state.key,
            parties=went.parties,
        )


def _outside(filing: Filing, went: Went) -> tuple[str, str] | None:
    """Why a load is not in the plan, and the code that is about; None where it is."""
    for _, code, _ in went.lines:
        reason: str | None = "code_not_planned"
        for known, _, destination in filing.lines:
            if known == code:
                if not destination or destination == went.destination:
                    reason = None
                    break
                reason = "destination_not_planned"
        if reason is not None:
            return reason, code
    return None


def planned_finding(state: State[Any], subject: str, planned: Planned, at: int) -> Finding | None:
    """More left of a code than planned for the year: from the departure that went over, to the year's end or a new plan."""
    crossed = planned.crossed
    if crossed is None or crossed.at > at:
        return None
    _, year, code = subject.split(":")
    end = planned_end(planned, int(year))
    if end <= crossed.at:
        return None
    return Finding(
        AlertKind.PLAN_EXCEEDED,
        subject,
        crossed.at,
        end if end <= at else None,
        amounts={
            "waste_code": code,
            "year": int(year),
            "taken_g": crossed.before_g + crossed.mass_g,
            "plan_g": crossed.yearly_g,
        },
        site=state.key,
    )


def planned_end(planned: Planned, year: int) -> int:
    """When a crossing is over: a larger plan was filed, or the year ended."""
    year_end = beijing_midnight(date(year + 1, 1, 1))
    return min(planned.crossed.until or year_end, year_end) if planned.crossed is not None else year_end
