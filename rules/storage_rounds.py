"""Coverage 收运覆盖: whether a small source or a clinic is collected from often enough; for rules.storage.

MWR 25 has medical waste fetched at least every two days; HJ 1259 and the collection pilots leave small sources to their
region (DOMAIN 4, 10). A clinic without manifests is no anomaly by itself: it may treat its waste on the spot (MWR 21),
or make none. So two policies, each in days:
- collection_interval: waste waits at most so long. It counts from the first waste made after the last visit, so only a
  site that states what it makes can be overdue. The default holds for health facilities.
- coverage_interval: a site is visited at least every so many days, whatever it states, from the last visit or from its
  registration. No default: a region that wants it records it.

A visit is a departure, a round's collection, or treatment on the spot; a missed round is none. Only sites registered as
health facilities, or as producers of the class 登记管理, are watched, from their registration on.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.facts.law import LimitName, LimitSet
from models.facts.registers import ProducerClass, SiteRole
from models.law import Case, Law, Limit
from rules.storage_moves import Moment
from rules.storage_store import Store
from rules.storage_subjects import NEVER, Order
from rules.storage_terms import Span, latest, org_at, role_at

ROUNDS: Final = "rounds"
MADE_BY: Final = frozenset({"waste-generated.v1", "waste-stored.v1"})
_EVER: Final = 2**62


class Wait(msgspec.Struct, array_like=True):
    """From when until when nobody came."""

    since: int
    until: int


class Rounds(msgspec.Struct, tag="rounds", omit_defaults=True):
    """When a watched site was last visited, and since when waste waits there.

    `waits` (waste waited) and `gaps` (nobody came) are those that are over and than which no later one was as long: the
    latest that is too long by any one term is always among them.
    """

    since: int
    visited: Order = NEVER
    waiting: Order = NEVER
    made: Order = NEVER
    waits: list[Wait] = []
    gaps: list[Wait] = []


def is_watched(body: Any) -> bool:
    """Whether a registration has the site watched."""
    return bool(body.role == SiteRole.HEALTH_FACILITY or body.producer_class == ProducerClass.REGISTERED)


def register(state: Store, stated: Stated, *, holds: bool) -> set[str]:
    """Watch a site from its registration on; what is in store then waits."""
    if ROUNDS in state.subjects or not is_watched(stated.body):
        return set()
    waiting = stated.order if holds else NEVER
    state.attach(ROUNDS, Rounds(stated.occurred_at, waiting=waiting, made=waiting))
    return {ROUNDS}


def _rounds(state: Store) -> Rounds | None:
    known: Any = state.subjects.get(ROUNDS)
    return known  # type: ignore[no-any-return]


def _is_visit(stated: Stated, key: str) -> bool:
    body: Any = stated.body
    if stated.kind in ("transport-departed.v1", "waste-collected.v1"):
        return bool(body.origin == key)
    return stated.kind == "waste-treated.v1"


def may_come_late(state: Store, stated: Stated) -> bool:
    """Whether a late fact ends here as in its order: nothing before the last visit, no visit amid what waits."""
    rounds = _rounds(state)
    if rounds is None:
        return True
    order = stated.order
    if order[0] < rounds.since:
        return False
    if stated.kind in MADE_BY:
        return order > rounds.visited
    if _is_visit(stated, state.key):
        amid = rounds.waiting != NEVER and rounds.waiting < order < rounds.made
        return order > rounds.visited and not amid
    return True


def observe(state: Store, rounds: Rounds, stated: Stated, moment: Moment) -> None:
    """Waste was made, or somebody came; while waste waits already, more of it changes no finding."""
    order = moment.order
    if stated.kind in MADE_BY:
        if rounds.made < order:
            rounds.made = order
        if rounds.waiting != NEVER and order > rounds.waiting:
            state.noted.add(ROUNDS)
            return
        rounds.waiting = order
    elif _is_visit(stated, state.key):
        _push(rounds.gaps, Wait(rounds.visited[0] or rounds.since, order[0]))
        rounds.visited = order
        if rounds.waiting != NEVER and rounds.waiting < order:
            _push(rounds.waits, Wait(rounds.waiting[0], order[0]))
            rounds.waiting = NEVER
    else:
        return
    moment.touched.add(ROUNDS)


def _nights(wait: Wait) -> int:
    """How many Beijing midnights lie between beginning and end, the end's own instant left out."""
    return (wait.until - 1 + BEIJING_OFFSET_US) // DAY_US - (wait.since + BEIJING_OFFSET_US) // DAY_US


def _push(kept: list[Wait], wait: Wait) -> None:
    if (nights := _nights(wait)) < 1:
        return
    while kept and _nights(kept[-1]) <= nights:
        kept.pop()
    kept.append(wait)


def _limit(state: Store, name: LimitName, since: int, law: Law) -> Limit | None:
    role = role_at(state.site(), since, _EVER)
    number = (since + BEIJING_OFFSET_US) // DAY_US
    key = (name, state.key[:6], role, number)
    known: tuple[Limit | None] | None = law.memo.get(key)
    if known is None:
        known = law.memo[key] = (law.limit(name, Case(state.key[:6], role), beijing_date(since)),)
    return known[0]


def _least(law: Law, name: LimitName) -> int:
    """The shortest interval, in days, that any policy sets: a wait of no more nights is none too long anywhere."""
    known = law.memo.get(("storage", name))
    if known is None:
        values = (
            policy.value for policy in law.recorded() if isinstance(policy, LimitSet) and policy.limit == name
        )
        known = law.memo["storage", name] = min(values, default=_EVER)
    return int(known)


def _spans(state: Store, rounds: Rounds, law: Law) -> Iterator[tuple[Span, Limit]]:
    begun = rounds.visited[0] or rounds.since
    for name, over, lasting in (
        (LimitName.COLLECTION_INTERVAL, rounds.waits, rounds.waiting[0]),
        (LimitName.COVERAGE_INTERVAL, rounds.gaps, begun),
    ):
        least = _least(law, name)
        if least == _EVER:
            continue
        known: list[tuple[int, int | None]] = [
            (wait.since, wait.until) for wait in over if _nights(wait) > least
        ]
        if lasting:
            known.append((lasting, None))
        for since, until in known:
            limit = _limit(state, name, since, law)
            if limit is None:
                continue
            due_at = law.deadline(since, limit)
            if until is None or until > due_at:
                yield Span(due_at, until, since, due_at), limit


def rounds_findings(state: Store, rounds: Rounds, law: Law, at: int) -> Iterator[Finding]:
    """collection.overdue, with what it waits for since when, the last visit, and by when somebody should have come."""
    limits = dict(_spans(state, rounds, law))
    span = latest(limits, at)
    if span is None:
        return
    ended = next((known for known in limits if known[:1] + known[2:] == span[:1] + span[2:]), span)
    amounts: dict[str, int | str] = {"waiting_since_at": span.stored_at, "due_at": span.limit_at}
    if span.until is None and rounds.visited != NEVER and rounds.visited[0] <= span.since:
        amounts["last_collected_at"] = rounds.visited[0]
    org = org_at(state.site(), _EVER)
    parties = (org,) if org else ()
    yield Finding(
        AlertKind.COLLECTION_OVERDUE,
        ROUNDS,
        span.since,
        span.until,
        amounts,
        state.key,
        parties,
        basis=limits[ended].citation,
    )


def rounds_turn(state: Store, rounds: Rounds, law: Law, at: int) -> int | None:
    """When waste has next waited too long."""
    turns = [turn for span, _ in _spans(state, rounds, law) for turn in span[:2]]
    return min((turn for turn in turns if turn is not None and turn > at), default=None)
