"""Cross-province approvals (跨省转移批准): whether a load that claims one goes under it; for rules.permits.

Sources: MT 21 (approval first), 27 (weight, code, ends, method; twelve months, capped by the applicant's period and by
what is left of the destination's licence), 28 (a new application where one of these changes), duty.cross_province.
Key: "approval:<no>", with subjects "approval" and "load:<manifest>". Readings:

- only a load whose origin and destination lie in two provinces is judged and counted; the rest needs no approval;
- a manifest counts once, by its first departure, with its loaded mass; whatever goes over the approved weight is
  counted too, so each load from then on is over, and none before;
- of several statements of one number that with the latest first day not after the departure holds, then the later one;
- the way of treatment is known from an acceptance that names the approval.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.catalogue.exemptions import Stage, exempts
from models.envelope import Stated
from models.exact import add_years, beijing_midnight
from models.facts.law import LimitName, Unit
from models.law import Case, Law
from rules.contract import State
from rules.permits_receipts import day_of

SUBJECT: Final = "approval"
_LAST_DAY: Final = date(2199, 12, 31).toordinal()  # No instant is later (models.exact).
Line = tuple[int, str, int | None]  # Line number, waste code, grams.


class Approval(msgspec.Struct, array_like=True, order=True, gc=False):
    """One statement of an approval; `valid_until` is the earliest of the ends it names. Days are ordinals."""

    valid_from: int
    at: int
    seq: int
    valid_until: int
    waste_code: str
    mass_g: int
    origin: str
    destination: str
    method: str


class Approvals(msgspec.Struct, tag="approvals", omit_defaults=True, gc=False):
    """All statements of one approval number, and how many grams of how many manifests left under it."""

    stated: list[Approval] = []
    taken_g: int = 0
    loads: int = 0


class Left(msgspec.Struct, array_like=True, order=True, gc=False):
    """起运 from one province into another; `exempt` where a claim for the way takes every line out."""

    at: int
    seq: int
    origin: str
    destination: str
    parties: tuple[str, ...]
    lines: tuple[Line, ...]
    exempt: bool

    @property
    def mass_g(self) -> int:
        """What was loaded; nothing for what is only counted in pieces."""
        return sum(mass_g or 0 for _, _, mass_g in self.lines)


class Handled(msgspec.Struct, array_like=True, order=True, gc=False):
    """An acceptance that names the approval, and the ways of treatment that it names."""

    at: int
    seq: int
    methods: tuple[str, ...]


class Load(msgspec.Struct, tag="load", omit_defaults=True, gc=False):
    """A manifest under the approval; `before_g` left under it before this one."""

    departed: list[Left] = []
    accepted: list[Handled] = []
    before_g: int = 0


def crosses(body: Any) -> bool:
    """Whether a movement leaves its province (the first two digits of a region)."""
    return bool(body.origin[:2] != body.destination[:2])


def load_subject(stated: Stated) -> str:
    """The subject of a departure or acceptance."""
    body: Any = stated.body
    return f"load:{body.manifest_no}"


def is_exempt_on_the_way(body: Any, at: int) -> bool:
    """Whether a departure claims an exemption for the way (运输) that bears out for each of its lines (MT 2)."""
    if not body.exemptions:
        return False
    day = date.fromordinal(day_of(at))
    return all(
        any(exempts(claim.exemption_id, Stage.TRANSPORT, line.waste_code, day) for claim in body.exemptions)
        for line in body.lines
    )


def named(stated: Stated) -> Iterable[str]:
    """The load; the approval is in memory anyway."""
    return () if stated.kind == "transfer-approved.v1" else (load_subject(stated),)


def evolve(state: State[Any], stated: Stated) -> set[str] | None:
    """Keep what was stated. What comes before a departure that is known may change its verdict: folded again."""
    if stated.kind == "transfer-approved.v1":
        return _approve(state, stated)
    if not crosses(stated.body):
        return set()
    if stated.kind == "receipt-accepted.v1":
        return _handle(state, stated)
    return _depart(state, stated)


def _approvals(state: State[Any]) -> Approvals:
    known = state.subjects.get(SUBJECT)
    if known is None:
        known = Approvals()
        state.attach(SUBJECT, known)
    assert isinstance(known, Approvals)
    return known


def _approve(state: State[Any], stated: Stated) -> set[str] | None:
    known = state.subjects.get(SUBJECT)
    if known is not None and known.loads and not state.refolding:
        return None
    insort(_approvals(state).stated, _statement(stated))
    return {SUBJECT} | (set(state.subjects) if state.refolding else set())


def _statement(stated: Stated) -> Approval:
    body: Any = stated.body
    ends = (body.valid_until, body.requested_until, body.licence_until)
    return Approval(
        body.valid_from.toordinal(),
        stated.occurred_at,
        stated.seq,
        min(_LAST_DAY, *(end.toordinal() for end in ends if end is not None)),
        body.waste_code,
        body.mass_g,
        body.origin,
        body.destination,
        body.method or "",
    )


def _depart(state: State[Any], stated: Stated) -> set[str] | None:
    if stated.order < state.latest and not state.refolding:
        return None
    approvals, load = _approvals(state), _load(state, stated)
    if not load.departed:
        load.before_g = approvals.taken_g
        approvals.loads += 1
    left = _left(stated)
    approvals.taken_g += 0 if load.departed else left.mass_g
    insort(load.departed, left)
    return {SUBJECT, load_subject(stated)}


def _left(stated: Stated) -> Left:
    body: Any = stated.body
    return Left(
        stated.occurred_at,
        stated.seq,
        body.origin,
        body.destination,
        (body.origin_org, body.carrier_org, body.destination_org),
        tuple([(line.line, line.waste_code, line.mass_g) for line in body.lines]),
        is_exempt_on_the_way(body, stated.occurred_at),
    )


def _load(state: State[Any], stated: Stated) -> Load:
    subject = load_subject(stated)
    known = state.subjects.get(subject)
    if known is None:
        known = Load()
        state.attach(subject, known)
    assert isinstance(known, Load)
    return known


def _handle(state: State[Any], stated: Stated) -> set[str]:
    body: Any = stated.body
    methods = tuple([line.method for line in body.lines if line.method is not None])
    insort(_load(state, stated).accepted, Handled(stated.occurred_at, stated.seq, methods))
    return {load_subject(stated)}


def retract(state: State[Any], stated: Stated) -> set[str] | None:
    """An acceptance can be forgotten; what was counted or approved cannot without folding again."""
    if stated.kind != "transfer-approved.v1" and not crosses(stated.body):
        return set()
    if stated.kind != "receipt-accepted.v1":
        return None
    subject = load_subject(stated)
    load = state.subjects[subject]
    load.accepted = [known for known in load.accepted if known.seq != stated.seq]
    if not (load.accepted or load.departed):
        state.detach(subject)
    return {subject}


def findings(state: State[Any], subject: str, law: Law) -> Iterator[Finding]:
    """What is wrong with a load, whenever it is: not covered by the approval it claims, or over its weight."""
    load = state.subjects[subject]
    if not isinstance(load, Load) or not load.departed or load.departed[0].exempt:
        return
    known = state.subjects.get(SUBJECT)
    left, stated = load.departed[0], known.stated if isinstance(known, Approvals) else []
    terms = terms_on(stated, day_of(left.at))
    number = state.key.partition(":")[2]
    wrong = _not_covered(stated, terms, load, law)
    if wrong is not None:
        since, more = wrong
        yield _finding(AlertKind.TRANSFER_UNAPPROVED, subject, left, since, {"approval_no": number, **more})
    elif terms is not None and load.before_g + left.mass_g > terms.mass_g:
        taken_g = load.before_g + left.mass_g
        amounts: dict[str, int | str] = {
            "approval_no": number,
            "waste_code": terms.waste_code,
            "mass_g": left.mass_g,
            "taken_g": taken_g,
            "approved_g": terms.mass_g,
            "over_g": min(taken_g - terms.mass_g, left.mass_g),
        }
        yield _finding(AlertKind.TRANSFER_OVER_APPROVAL, subject, left, left.at, amounts)


def terms_on(stated: list[Approval], day: int) -> Approval | None:
    """The statement that holds on a day, whether or not it lapsed; None where none has begun."""
    found = None
    for approval in stated:
        if approval.valid_from > day:
            break
        found = approval
    return found


def last_day(terms: Approval, law: Law) -> int:
    """The last day of an approval: as stated, and never later than its term allows (MT 27: twelve months)."""
    first = date.fromordinal(terms.valid_from)
    limit = law.limit(LimitName.APPROVAL_TERM, Case(region=terms.origin[:6]), first)
    if limit is None:
        return terms.valid_until
    years = limit.value if limit.unit is Unit.YEARS else 0
    days = 0 if limit.unit is Unit.YEARS else limit.value
    return min(terms.valid_until, add_years(first, years).toordinal() + days - 1)


_Wrong = tuple[int, dict[str, int | str]]


def _not_covered(stated: list[Approval], terms: Approval | None, load: Load, law: Law) -> _Wrong | None:
    """Since when, and why a load is not covered by the approval it claims; the first reason counts."""
    left = load.departed[0]
    what: dict[str, int | str] = {"waste_code": left.lines[0][1], "mass_g": left.mass_g}
    if terms is None:
        return left.at, {**what, "reason": "not_yet_valid" if stated else "unknown_approval"}
    last = last_day(terms, law)
    if day_of(left.at) > last:
        limit_at = beijing_midnight(date.fromordinal(last + 1))
        return left.at, {**what, "reason": "lapsed", "limit_at": limit_at}
    if left.origin != terms.origin:
        return left.at, {**what, "reason": "other_origin"}
    if left.destination != terms.destination:
        return left.at, {**what, "reason": "other_destination"}
    other = [code for _, code, _ in left.lines if code != terms.waste_code]
    if other:
        return left.at, {**what, "reason": "other_code", "waste_code": other[0]}
    for handled in load.accepted:
        others = [method for method in handled.methods if terms.method and method != terms.method]
        if others:
            return max(handled.at, left.at), {**what, "reason": "other_method", "method": others[0]}
    return None


def _finding(kind: AlertKind, subject: str, left: Left, since: int, amounts: dict[str, int | str]) -> Finding:
    amounts["manifest_no"] = subject.partition(":")[2]
    return Finding(kind, subject, since, amounts=amounts, site=left.origin, parties=left.parties)
