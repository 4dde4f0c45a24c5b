"""Judging one key in memory: facts and time in, alert changes out. Pure; the judge, the replay and tests share it.

The same facts in the same ledger order give the same changes whatever the batches: deadlines before a fact's
recorded_at are applied before it, equal ones after it (DESIGN D5), and a change is named by what caused it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from models.alerts import ALERTS, Finding, alert_id
from models.envelope import Stated
from models.facts import ALERT_FOLLOW_UPS
from models.law import Law
from rules.contract import QUIET, Rule, State
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


class Alert(msgspec.Struct, gc=False):
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


class Change(msgspec.Struct, frozen=True, gc=False):
    """What happened to an alert: raised, updated, cleared, regressed, past, withdrawn or handled."""

    change: str
    changed_at: int
    cause: str
    ordinal: int
    alert: Alert


class Cause(msgspec.Struct, frozen=True, gc=False):
    """Why findings are looked at anew: "s<seq>" a fact, "l<seq>" a policy, "t<instant>" silence, "r<seq>" a retry."""

    mark: str
    number: int
    at: int
    because: str

    @property
    def name(self) -> str:
        """What changes are named by; made only where there are any."""
        return f"{self.mark}{self.number}"


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
        while self.due_heap and self.due_heap[0][0] < until:  # The heap is made anew now and then.
            at, subject = heappop(self.due_heap)
            if self.due.get(subject) == at:
                self._reassess((subject,), law, Cause("t", at, at, "time"))

    def take(self, decoded: Decoded, law: Law) -> bool:
        """Take a fact or correction in, at its recorded_at; False where the rule wants the key folded again."""
        new = decoded.new
        if new is not None and new.kind in ALERT_FOLLOW_UPS:
            self._follow_up(new, _cause_of(decoded))
            return True
        state = self.state
        touched = self._fold(decoded, law)
        if touched is None:
            return False
        if state.noted:
            self.dirty |= state.noted
            state.noted.clear()
        if touched:
            self._reassess(touched, law, _cause_of(decoded))
        return True

    def take_again(self, decoded: Decoded, law: Law, facts: Sequence[Stated], stored: Iterable[str]) -> None:
        """Take in what `take` answered False to, by folding the key again.

        `facts` are the key's facts in force including this one, in (occurred_at, seq) order, and `stored` its stored
        subjects.
        """
        self._reassess(self.refold(facts, law).union(stored), law, _cause_of(decoded))

    def try_fold(self, decoded: Decoded, law: Law) -> bool:
        """Take a fact or correction into the state alone; False where the rule wants the key folded again."""
        if self._fold(decoded, law) is None:
            return False
        if self.state.noted:
            self.state.noted.clear()
        return True

    def _fold(self, decoded: Decoded, law: Law) -> set[str] | None:
        new = decoded.new
        if new is None or decoded.is_correction:
            return self._fold_correction(decoded, law)
        state = self.state
        touched = self.rule.evolve(state, new, law)
        order = (new.occurred_at, new.seq)  # `new.order`, spared the call.
        if order > state.latest and touched is not None:
            state.latest = order
        return touched

    def _concerns(self, stated: Stated | None) -> bool:
        """A correction goes to the keys of both bodies; each body is told only to its own."""
        return stated is not None and (self.rule.CONCERN, self.key) in routes(stated.kind, stated.body)

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
            self.state.latest = max(self.state.latest, new.order)
        return touched

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
        self.state.noted.clear()
        return before | set(self.state.subjects)

    def new_law(self, law: Law, at: int, facts: Sequence[Stated] | None = None) -> None:
        """Judge every subject in memory anew under a policy recorded at `at`; deadlines before it come first.

        With `facts`, those in force before the policy, the key is folded from them first: its state holds answers of
        the law.
        """
        touched = set(self.state.subjects) | set(self.alerts)
        if facts is not None:
            touched |= self.refold(facts, law)
        self._reassess(touched, law, Cause("l", law.seq, at, "law"))
        self.law_seq = law.seq

    def rejudge(self, law: Law, cause: Cause, touched: Collection[str]) -> None:
        """Judge the named subjects anew (after a refold that no fact asked for: a parked key retried)."""
        self._reassess(touched, law, cause)

    def _set_due(self, subject: str, at: int) -> None:
        self.due[subject] = at
        heappush(self.due_heap, (at, subject))
        if len(self.due_heap) > 64 + 4 * len(self.due):
            self.due_heap = [(when, name) for name, when in self.due.items()]
            heapify(self.due_heap)

    def _reassess(self, touched: Collection[str], law: Law, cause: Cause) -> None:
        """Find anew what is wrong with subjects; for most it is nothing, and nothing to come."""
        state, assess, at = self.state, self.rule.assess, cause.at
        known, due, alerts = state.subjects, self.due, self.alerts
        self.dirty.update(touched)
        alarming: dict[str, Sequence[Finding]] = {}
        for subject in touched:
            found, turn = assess(state, subject, law, at) if subject in known else QUIET
            if turn is not None:
                if turn <= at:
                    raise RuleBroken(
                        f'rule {self.rule.CONCERN} names a next change of "{subject}" that is not later'
                    )
                if due.get(subject) != turn:
                    self._set_due(subject, turn)
            elif subject in due:
                del due[subject]
            if found or subject in alerts:
                alarming[subject] = found
        for subject in sorted(alarming):
            self._alarm(subject, alarming[subject], cause)

    def _alarm(self, subject: str, findings: Sequence[Finding], cause: Cause) -> None:
        """Bring a subject's alerts in line with what the law finds now."""
        found: dict[str, Finding] = {}
        for finding in findings:
            whole = finding.conduct_at is not None
            found[finding.kind] = finding if whole else replace(finding, conduct_at=finding.since)
        for kind in sorted(found.keys() | self.alerts.get(subject, {}).keys()):
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
        name = cause.name
        ordinal = self._ordinals.get(name, 0)
        self._ordinals[name] = ordinal + 1
        self.changed_alerts[alert.alert_id] = (alert.finding.subject, alert)
        self.changes.append(Change(change, cause.at, name, ordinal, replace(alert)))


def _cause_of(decoded: Decoded) -> Cause:
    row = decoded.row
    return Cause("s", row.seq, row.recorded_at, "correction" if decoded.is_correction else "fact")


def severity_of(alert: Alert) -> str:
    """The severity that the alert's kind has."""
    return ALERTS[alert.finding.kind].severity
