"""Judging one key in memory: facts and time in, alert changes out. Pure; the judge, the replay and tests share it.

The same facts in the same ledger order give the same changes whatever the batches: deadlines before a fact's
recorded_at are applied before it, equal ones after it (DESIGN D5), and a change is named by what caused it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import Any, Final

import msgspec

from models.alerts import ALERTS, Finding, alert_id
from models.envelope import Stated
from models.facts import ALERT_FOLLOW_UPS
from models.law import Law
from rules.contract import Rule, State
from rules.routes import routes
from streams.decode import Decoded

LASTING: Final = frozenset({"open", "regressed"})
HANDLING: Final = {
    "alert-acknowledged.v1": "acknowledged",
    "alert-assigned.v1": "assigned",
    "alert-resolved.v1": "resolved",
    "rectification-ordered.v1": "ordered",
    "rectification-answered.v1": "answered",
    "rectification-verified.v1": "verified",
}


@dataclass(slots=True)
class Alert:
    """The latest episode of one kind on one subject; `finding` is what the law found last."""

    alert_id: str
    episode: int
    finding: Finding
    condition: str  # open, cleared, past or regressed.
    handling: str
    standing: bool
    raised_at: int
    cleared_at: int | None
    cleared_because: str | None  # ended, fact, correction, law or time.
    cause: str

    @property
    def lasting(self) -> bool:
        """Whether it is open now."""
        return self.condition in LASTING


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an alert: raised, updated, cleared, regressed, past, withdrawn or handled."""

    change: str
    changed_at: int
    cause: str
    ordinal: int
    alert: Alert


class Cause(msgspec.Struct, frozen=True, gc=False):
    """Why findings are looked at anew: "s<seq>" a fact, "l<seq>" a policy, "t<instant>" silence."""

    name: str
    at: int
    because: str


class RuleBroken(Exception):
    """A rule broke its contract; its key is parked."""


@dataclass(slots=True)
class Case:
    """All that is in memory of one key: state, alerts by subject and kind, deadlines, and what is not yet written."""

    rule: Rule
    key: str
    law_seq: int = 0
    state: State[Any] = field(init=False)
    alerts: dict[str, dict[str, Alert]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    due_heap: list[tuple[int, str]] = field(default_factory=list)
    dirty: set[str] = field(default_factory=set)
    changed_alerts: dict[str, tuple[str, Alert]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    _ordinals: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A case starts empty."""
        self.state = self.rule.new_state(self.key)

    # Loading and unloading

    def load(self, subject: str, body: Any, next_change_at: int | None) -> None:
        """Put a stored subject into memory."""
        self.state.attach(subject, body)
        if next_change_at is not None:
            self._set_due(subject, next_change_at)

    def load_alert(self, alert: Alert) -> None:
        """Put a stored alert into memory; of several episodes the latest counts."""
        kinds = self.alerts.setdefault(alert.finding.subject, {})
        known = kinds.get(alert.finding.kind)
        if known is None or known.episode < alert.episode:
            kinds[alert.finding.kind] = alert

    def is_open(self, subject: str) -> bool:
        """Whether a subject has to stay in memory: the rule says so, time will change it, or an alert lasts."""
        if subject not in self.state.subjects:
            return False
        if subject in self.due or any(alert.lasting for alert in self.alerts.get(subject, {}).values()):
            return True
        return self.rule.is_open(self.state, subject)

    def written(self) -> None:
        """All that was dirty is stored: forget it, and let closed subjects go."""
        for subject in self.dirty:
            if not self.is_open(subject):
                if subject in self.state.subjects:
                    self.state.detach(subject)
                self.alerts.pop(subject, None)
        self.dirty.clear()
        self.changed_alerts.clear()
        self.changes.clear()
        self._ordinals.clear()

    # Judging

    def silence(self, law: Law, until: int) -> None:
        """Apply the deadlines before `until`, in their order.

        Those at `until` wait, for a tick as for a fact: a later fact may have that very time, and comes first.
        """
        heap = self.due_heap
        while heap and heap[0][0] < until:
            at, subject = heappop(heap)
            if self.due.get(subject) == at:
                self._reassess(subject, law, Cause(f"t{at}", at, "time"))

    def take(
        self,
        decoded: Decoded,
        law: Law,
        facts: Callable[[], Sequence[Stated]],
        ids: Callable[[], Iterable[str]],
    ) -> None:
        """Take a fact or correction in, at its recorded_at.

        `facts` gives the key's facts in force including this one, in (occurred_at, seq) order, and `ids` its stored
        subjects; they are asked only where the rule wants the key folded again.
        """
        because = "correction" if decoded.is_correction else "fact"
        cause = Cause(f"s{decoded.row.seq}", decoded.row.recorded_at, because)
        if decoded.new is not None and decoded.new.kind in ALERT_FOLLOW_UPS:
            self._follow_up(decoded.new, cause)
            return
        touched = self._fold(decoded, law)
        if touched is None:
            touched = self.refold(facts(), law) | set(ids())
        for subject in sorted(touched) if len(touched) > 1 else touched:
            self._reassess(subject, law, cause)

    def try_fold(self, decoded: Decoded, law: Law) -> bool:
        """Take a fact or correction into the state alone; False where the rule wants the key folded again."""
        return self._fold(decoded, law) is not None

    def _concerns(self, stated: Stated | None) -> bool:
        """A correction goes to the keys of both bodies; each body is told only to its own."""
        return stated is not None and (self.rule.CONCERN, self.key) in routes(stated.kind, stated.body)

    def _fold(self, decoded: Decoded, law: Law) -> set[str] | None:
        if decoded.is_correction:
            return self._fold_correction(decoded, law)
        new = decoded.new
        touched = self.rule.evolve(self.state, new, law) if new is not None else set()
        if touched is not None and new is not None:
            self._fold_on(new)
        return touched

    def _fold_correction(self, decoded: Decoded, law: Law) -> set[str] | None:
        """Each body goes only to the keys that it concerns itself."""
        touched: set[str] = set()
        old, new = decoded.old, decoded.new
        if old is not None and self._concerns(old):
            undone = self.rule.retract(self.state, old, law)
            if undone is None:
                return None
            touched |= undone
        if new is not None and self._concerns(new):
            done = self.rule.evolve(self.state, new, law)
            if done is None:
                return None
            touched |= done
            self._fold_on(new)
        return touched

    def _fold_on(self, stated: Stated) -> None:
        order = stated.order
        if order > self.state.latest:
            self.state.latest = order

    def refold(self, facts: Sequence[Stated], law: Law) -> set[str]:
        """Fold the key from its facts anew; the subjects that were and those that are."""
        before = set(self.state.subjects) | set(self.alerts)
        self.state = self.rule.new_state(self.key)
        self.state.refolding = True
        self.due.clear()
        self.due_heap.clear()
        for stated in facts:
            if self.rule.evolve(self.state, stated, law) is None:
                raise RuleBroken(
                    f'rule {self.rule.CONCERN} refuses fact {stated.seq} in a refold of "{self.key}"'
                )
            self.state.latest = stated.order
        self.state.refolding = False
        return before | set(self.state.subjects)

    def new_law(self, law: Law, at: int, facts: Sequence[Stated] | None = None) -> None:
        """Judge every subject in memory anew under a policy recorded at `at`; deadlines before it come first.

        With `facts`, those in force before the policy, the key is folded from them first: its state holds answers of
        the law.
        """
        touched = set(self.state.subjects) | set(self.alerts)
        if facts is not None:
            touched |= self.refold(facts, law)
        cause = Cause(f"l{law.seq}", at, "law")
        for subject in sorted(touched):
            self._reassess(subject, law, cause)
        self.law_seq = law.seq

    def rejudge(self, law: Law, cause: Cause, touched: Iterable[str]) -> None:
        """Judge the named subjects anew (after a refold that no fact asked for: a parked key retried)."""
        for subject in sorted(touched):
            self._reassess(subject, law, cause)

    def _set_due(self, subject: str, at: int | None) -> None:
        if at is None:
            self.due.pop(subject, None)
        elif self.due.get(subject) != at:
            self.due[subject] = at
            heappush(self.due_heap, (at, subject))
            if len(self.due_heap) > 64 + 4 * len(self.due):
                self.due_heap = [(when, name) for name, when in self.due.items()]
                heapify(self.due_heap)

    def _reassess(self, subject: str, law: Law, cause: Cause) -> None:
        self.dirty.add(subject)
        state, rule, at = self.state, self.rule, cause.at
        found: dict[str, Finding] = {}
        due = None
        if subject in state.subjects:
            for finding in rule.findings(state, subject, law, at):
                whole = finding.conduct_at is not None
                found[finding.kind] = finding if whole else replace(finding, conduct_at=finding.since)
            due = rule.next_change(state, subject, law, at)
            if due is not None and due <= at:
                raise RuleBroken(f'rule {rule.CONCERN} names a next change of "{subject}" that is not later')
        if due is not None or subject in self.due:
            self._set_due(subject, due)
        known = self.alerts.get(subject)
        if found or known:
            for kind in sorted(found.keys() | (known or {}).keys()):
                self._follow(subject, kind, found.get(kind), cause)

    def _follow(self, subject: str, kind: str, finding: Finding | None, cause: Cause) -> None:
        """Bring the alert of one kind in line with what the law finds now."""
        alert = self.alerts.get(subject, {}).get(kind)
        if finding is None:
            if alert is not None:
                self._lose_ground(alert, cause)
        elif alert is None:
            self._raise(finding, 1, "raised" if finding.until is None else "past", cause)
        elif alert.lasting:
            self._go_on(alert, finding, cause)
        elif finding.until is None:
            self._raise(finding, alert.episode + 1, "regressed", cause)
        elif finding.since >= (alert.finding.until or finding.since + 1):
            self._raise(finding, alert.episode + 1, "past", cause)
        elif not alert.standing or finding != alert.finding:
            alert.finding, alert.standing = finding, True
            self._note("updated", alert, cause)

    def _raise(self, finding: Finding, episode: int, change: str, cause: Cause) -> None:
        condition = "open" if change == "raised" else change
        over = change == "past"
        identity = alert_id(self.rule.CONCERN, self.key, finding.kind, finding.subject, episode)
        alert = Alert(
            alert_id=identity,
            episode=episode,
            finding=finding,
            condition=condition,
            handling="new",
            standing=True,
            raised_at=cause.at,
            cleared_at=cause.at if over else None,
            cleared_because="ended" if over else None,
            cause=cause.name,
        )
        self.alerts.setdefault(finding.subject, {})[finding.kind] = alert
        self._note(change, alert, cause)

    def _go_on(self, alert: Alert, finding: Finding, cause: Cause) -> None:
        if finding.until is not None:
            alert.finding = finding
            self._clear(alert, cause, "ended", standing=True)
        elif finding != alert.finding:
            alert.finding = finding
            self._note("updated", alert, cause)

    def _lose_ground(self, alert: Alert, cause: Cause) -> None:
        if alert.lasting:
            alert.finding = replace(alert.finding, until=max(cause.at, alert.finding.since + 1))
            self._clear(alert, cause, cause.because, standing=False)
        elif alert.standing:
            alert.standing = False
            self._note("withdrawn", alert, cause)

    def _clear(self, alert: Alert, cause: Cause, because: str, *, standing: bool) -> None:
        alert.condition, alert.standing = "cleared", standing
        alert.cleared_at, alert.cleared_because = cause.at, because
        self._note("cleared", alert, cause)

    def _follow_up(self, stated: Stated, cause: Cause) -> None:
        """What people do about an alert; it changes its handling, never its condition."""
        body: Any = stated.body
        alert = self.alerts.get(body.subject, {}).get(body.alert_kind)
        if alert is not None and alert.episode == body.episode:
            alert.handling = HANDLING[stated.kind]
            self.dirty.add(body.subject)
            self._note("handled", alert, cause)

    def _note(self, change: str, alert: Alert, cause: Cause) -> None:
        ordinal = self._ordinals.get(cause.name, 0)
        self._ordinals[cause.name] = ordinal + 1
        self.changed_alerts[alert.alert_id] = (alert.finding.subject, alert)
        self.changes.append(Change(change, cause.at, cause.name, ordinal, replace(alert)))


def severity_of(alert: Alert) -> str:
    """The severity that the alert's kind has."""
    return ALERTS[alert.finding.kind].severity
