"""How rules are tried: a log book that numbers facts, a keeper that judges one key as the hands do, and the properties
that every rule holds (rules/contract.py); used by tests of rules and by stories.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import msgspec
import orjson

from models.alerts import Finding
from models.canonical import canonical
from models.envelope import Row, Stated
from models.exact import DAY_US, HOUR_US
from models.facts import ABOUT_FACTS, APPROVED, CORRECTED, CORRECTING, FACT_TYPES, REQUESTED
from models.law import Law
from models.topics import Concern
from rules.contract import Rule, State
from rules.routes import routes
from streams.decode import Decoded, decode
from streams.keyjudge import Case, Change
from tests.facts import When, Wire, instant, stater, timed
from tests.rules.asking import Watched

_LATER = (30 * HOUR_US, 100 * DAY_US, 1000 * DAY_US)
_NOTHING: list[list[Finding]] = [[]] * (1 + len(_LATER))
Entry = tuple[Wire, When | None]  # A fact and when it was recorded; None: when it happened.


@dataclass
class Book:
    """A ledger in memory: numbers facts, keeps the bodies in force, and copies originals into corrections."""

    rows: list[Row] = field(default_factory=list)
    in_force: dict[int, Stated] = field(default_factory=dict)
    _seq_of: dict[str, int] = field(default_factory=dict)
    _bodies: dict[int, Wire | None] = field(default_factory=dict)
    _requests: dict[str, Wire] = field(default_factory=dict)

    def accept(self, wire: Wire, recorded_at: When | None = None, stated_by: str | None = None) -> Decoded:
        """Take in a fact as the door does; recorded when it happened unless told."""
        recorded = None if recorded_at is None else instant(recorded_at)
        whole = timed(wire, recorded) if recorded is not None else wire
        known_at = recorded if recorded is not None else instant(whole["occurred_at"])
        seq = len(self.rows) + 1
        if wire["kind"] in ABOUT_FACTS:
            row = self._about_fact(whole, seq, known_at, stated_by)
        else:
            row = Row(
                seq, known_at, stated_by or stater(whole), whole["event_id"], whole["kind"], canonical(whole)
            )
            if row.event_id in self._seq_of:
                raise AssertionError(f'event id of "{row.kind}" repeats in the story: give nth=2')
            self._seq_of[row.event_id], self._bodies[seq] = seq, whole
        FACT_TYPES[row.kind].model_validate(orjson.loads(row.data))
        self.rows.append(row)
        return self._known(decode(row))

    def _about_fact(self, wire: Wire, seq: int, known_at: int, stated_by: str | None) -> Row:
        """What speaks of another fact, with its copy of it; who may say it is a matter of the ledger's tests."""
        kind = wire["kind"]
        asked = self._requests[wire["request"]] if "request" in wire else wire
        original = self.rows[self._seq_of[asked["corrects"]] - 1]
        body = self._bodies[original.seq]
        if wire.get("replacement") is not None and body is not None:
            wire = {**wire, "replacement": {"occurred_at": body["occurred_at"], **wire["replacement"]}}
        copied = {
            "seq": original.seq,
            "recorded_at": original.recorded_at,
            "stated_by": original.stated_by,
            "event_id": original.event_id,
            "kind": original.kind,
            "data": body,
        }
        if kind == REQUESTED:
            self._requests[wire["event_id"]] = wire
        elif kind == APPROVED:
            copied["replacement"] = asked.get("replacement")
        if kind in CORRECTING:
            self._bodies[original.seq] = (wire if kind == CORRECTED else asked).get("replacement")
        by = stated_by or (original.stated_by if kind == CORRECTED else stater(wire))
        return Row(seq, known_at, by, wire["event_id"], kind, canonical(wire), canonical(copied))

    def _known(self, decoded: Decoded) -> Decoded:
        if decoded.row.kind in ABOUT_FACTS - CORRECTING:
            return decoded
        if decoded.old is not None:
            self.in_force.pop(decoded.old.seq, None)
        if decoded.new is not None:
            self.in_force[decoded.new.seq] = decoded.new
        return decoded

    def facts(self, concern: Concern, key: str) -> list[Stated]:
        """The facts in force of a key, in the order of a refold."""
        found = [s for s in self.in_force.values() if (concern, key) in routes(s.kind, s.body)]
        return sorted(found, key=lambda s: s.order)


class Keeper:
    """One key judged as the hands do: subjects stored after every fact, let go when closed, loaded when named."""

    def __init__(self, rule: Rule, key: str, law: Law, book: Book) -> None:
        self.rule, self.key, self.law, self.book = rule, key, law, book
        self._watched = Watched(rule, law)
        self.case = Case(cast("Rule", self._watched), key)
        self.rows: dict[str, bytes] = {}
        self.changes: list[Change] = []
        self._due: dict[str, int | None] = {}
        self._decoder = msgspec.json.Decoder(rule.SUBJECT)

    def take(self, decoded: Decoded, *, strict: bool = False) -> None:
        """Take a fact in. With `strict`, subjects that were not touched must keep their findings."""
        before = self._everything(decoded) if strict else {}
        self._load(decoded)
        if not self.case.take(decoded, self.law):
            facts = self.book.facts(self.rule.CONCERN, self.key)
            self.case.take_again(decoded, self.law, facts, list(self.rows))
        judged = set(self._watched.assessed) | (self.case.dirty - self.case.state.subjects.keys())
        self._watched.assessed.clear()
        self._store()
        if strict:
            after = self._everything(decoded)
            changed = {
                s for s in before.keys() | after.keys() if before.get(s, _NOTHING) != after.get(s, _NOTHING)
            }
            assert changed <= judged, f"findings of {changed - judged} changed untold by {decoded.row.kind}"

    def silence(self, until: int, *, inclusive: bool = True) -> None:
        """Let time pass."""
        self.case.silence(self.law, until + 1 if inclusive else until)
        self._store()

    def new_law(self, law: Law, recorded_at: int) -> None:
        """Take in a policy recorded at an instant; deadlines before it come first. Closed subjects are judged too."""
        self.silence(recorded_at, inclusive=False)
        for name in self.rows.keys() - self.case.state.subjects.keys():
            self.case.load(name, self._decoder.decode(self.rows[name]), self._due[name])
        self.law = law
        self.case.new_law(law, recorded_at)
        self._store()

    def _load(self, decoded: Decoded) -> None:
        for stated in (decoded.old, decoded.new):
            for name in self.rule.named(self.key, stated) if stated is not None else ():
                if name in self.rows and name not in self.case.state.subjects:
                    self.case.load(name, self._decoder.decode(self.rows[name]), self._due[name])

    def _store(self) -> set[str]:
        touched = set(self.case.dirty)
        for name in touched:
            if name in self.case.state.subjects:
                self.rows[name] = msgspec.json.encode(self.case.state.subjects[name], order="sorted")
                self._due[name] = self.case.due.get(name)
            else:
                self.rows.pop(name, None)
        alerts = {name: self.case.alerts.get(name) for name in touched}
        self.changes.extend(self.case.changes)
        self.case.written()
        # Alerts are rows of their own and come back with their subject; here they never go.
        self.case.alerts.update({name: kinds for name, kinds in alerts.items() if kinds})
        return touched

    def state(self) -> State[Any]:
        """The whole state, read from what was stored."""
        state = self.rule.new_state(self.key)
        for name, row in sorted(self.rows.items()):
            state.attach(name, self._decoder.decode(row))
        return state

    def findings(self, at: When) -> list[Finding]:
        """What is wrong with the key at an instant, by subject and kind."""
        return findings_of(self.rule, self.state(), self.law, instant(at))

    def _everything(self, decoded: Decoded) -> dict[str, list[list[Finding]]]:
        state = self.state()
        now = decoded.row.recorded_at
        return {
            name: [
                sorted_findings(self.rule.findings(state, name, self.law, at))
                for at in (now, *(now + later for later in _LATER))
            ]
            for name in state.subjects
        }


def sorted_findings(found: Iterable[Finding]) -> list[Finding]:
    """By kind; never two of a kind on one subject."""
    ordered = sorted(found, key=lambda f: (f.subject, f.kind))
    assert len({(f.subject, f.kind) for f in ordered}) == len(ordered), (
        "two findings of one kind on a subject"
    )
    return ordered


def findings_of(rule: Rule, state: State[Any], law: Law, at: int) -> list[Finding]:
    """All findings of a state at an instant, each checked against the contract."""
    found: list[Finding] = []
    for name in sorted(state.subjects):
        for finding in sorted_findings(rule.findings(state, name, law, at)):
            assert finding.subject == name
            assert finding.since <= at, f"{finding} is not yet"
            assert finding.until is None or finding.since < finding.until <= at, (
                f"{finding} is empty or not over"
            )
            found.append(finding)
    return found


def keep(rule: Rule, key: str, entries: Iterable[Wire | Entry], law: Law, *, strict: bool = False) -> Keeper:
    """Judge these facts of one key in this order of arrival."""
    book = Book()
    keeper = Keeper(rule, key, law, book)
    for entry in entries:
        wire, recorded_at = entry if isinstance(entry, tuple) else (entry, None)
        decoded = book.accept(wire, recorded_at)
        if (rule.CONCERN, key) in decoded.routes:
            keeper.take(decoded, strict=strict)
    return keeper


def judge_all(rule: Rule, key: str, facts: Iterable[Wire | Entry], law: Law, at: When) -> list[Finding]:
    """What is wrong with a key at an instant, after these facts; each recorded when it happened unless told."""
    return keep(rule, key, facts, law).findings(at)


def assert_as_refolded(keeper: Keeper, instants: Iterable[int]) -> None:
    """The state that facts made in their order of arrival is that of folding them in (occurred_at, seq) order."""
    rule, law = keeper.rule, keeper.law
    case = Case(rule, keeper.key)
    case.refold(keeper.book.facts(rule.CONCERN, keeper.key), law)
    rows = {name: msgspec.json.encode(value, order="sorted") for name, value in case.state.subjects.items()}
    assert keeper.rows == rows
    for at in instants:
        assert keeper.findings(at) == findings_of(rule, case.state, law, at)


def assert_silence_announced(keeper: Keeper, start: int, end: int) -> None:
    """Between facts, findings change at `next_change` and at no other time."""
    rule, law, state = keeper.rule, keeper.law, keeper.state()
    for name in state.subjects:
        at = start
        while True:
            found = sorted_findings(rule.findings(state, name, law, at))
            due = rule.next_change(state, name, law, at)
            assert due is None or due > at
            until = min(end, due if due is not None else end)
            for probe in {at + (until - at) // 3, at + (until - at) // 2, until - 1} - {at}:
                if at < probe < until:
                    assert sorted_findings(rule.findings(state, name, law, probe)) == found
            if due is None or due > end:
                break
            at = due


def shuffled(entries: Sequence[Wire], seed: int) -> list[Wire]:
    """Another order of arrival; a correction still comes after what it corrects."""
    order = list(entries)
    Random(seed).shuffle(order)
    plain = [wire for wire in order if wire["kind"] != CORRECTED]
    for wire in (wire for wire in entries if wire["kind"] == CORRECTED):
        corrected = next(i for i, known in enumerate(plain) if wire["corrects"] == known["event_id"])
        plain.insert(Random(f"{seed} {wire['event_id']}").randint(corrected + 1, len(plain)), wire)
    return plain


def assert_order_is_nothing(rule: Rule, key: str, entries: Sequence[Wire], law: Law, seed: int) -> None:
    """Facts with times of their own, in any order of arrival, end as the refold does, and find the same."""
    instants = _instants(entries)
    first = keep(rule, key, entries, law)
    other = keep(rule, key, shuffled(entries, seed), law, strict=True)
    assert_as_refolded(first, instants)
    assert_as_refolded(other, instants)
    assert_silence_announced(other, min(instants) - DAY_US, max(instants) + 800 * DAY_US)


def _instants(entries: Sequence[Wire]) -> list[int]:
    times = sorted(instant(wire["occurred_at"]) for wire in entries)
    last = times[-1]
    return [*times, last + 25 * HOUR_US, last + 73 * HOUR_US, last + 40 * DAY_US, last + 400 * DAY_US]


def state_of(rule: Rule, key: str, facts: Iterable[Wire | Entry], law: Law) -> Any:
    """The subject of a key that has only one, after these facts."""
    (subject,) = keep(rule, key, facts, law).state().subjects.values()
    return subject
