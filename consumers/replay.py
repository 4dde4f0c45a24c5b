"""The auditor's hand: folds the ledger in memory with the same law, by event time or by what was known when (DESIGN D6).

`feilian replay` calls it, and the tests that hold the hands together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from consumers.digest import Digest, digest_of, hashed
from models.envelope import Row, Stated
from models.facts import ALERT_FOLLOW_UPS
from models.law import Law
from models.topics import Concern, shard_of
from rules.concerns import RULES
from rules.contract import Rule
from streams.concern_batch import facts_in_force
from streams.decode import Decoded, decode
from streams.keyjudge import Alert, Case, Cause, Change
from streams.lawbook import LawBook, Touch
from streams.moments import fold
from streams.store import Writer, alert_values, encode_subject

CHUNK: Final = 2_000
GUST: Final = 12
Key = tuple[Concern, str]


class RowReader(Protocol):
    """What a replay reads of a ledger."""

    def rows(self, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Rows with after < seq <= upto, in seq order."""

    def law_rows(self, after: int, upto: int) -> list[Row]:
        """Law facts and corrections of law facts."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a shard of the live tables stands: judged up to a seq, deadlines before an instant, policies up to a seq."""

    applied_seq: int
    tick_at: int
    law_seq: int


@dataclass(slots=True)
class Folded:
    """What a replay ends with."""

    shards: int
    book: LawBook
    cases: dict[Key, Case] = field(default_factory=dict)
    changes: dict[Key, list[Change]] = field(default_factory=dict)
    facts: int = 0

    def alerts(self) -> Iterator[tuple[Key, Alert]]:
        """All episodes as they ended, in the order of their keys."""
        for key in sorted(self.changes):
            last = {change.alert.alert_id: change.alert for change in self.changes[key]}
            for alert_id in sorted(last):
                yield key, last[alert_id]

    def digest(self) -> Digest:
        """The digest that tables with the same content have."""
        writer = Writer()
        for (_, key), case in self.cases.items():
            case.dirty = set(case.state.subjects)
            case.changes = self.changes.get((case.rule.CONCERN, key), [])
            writer.case(case, shard_of(key, self.shards))
        alerts = [
            alert_values(c, key, shard_of(key, self.shards), alert) for (c, key), alert in self.alerts()
        ]
        keys = [(concern, key, shard, *latest) for concern, key, shard, _law, *latest in writer.keys]
        return digest_of(writer.subjects, keys, alerts, [row[:-1] for row in writer.changes])


@dataclass(slots=True)
class _Seat:
    """A key that is replayed: its case, its rows so far, and how many of them wait to be folded in."""

    case: Case
    facts: list[Decoded] = field(default_factory=list)
    waiting: int = 0


class Replay:
    """Folds rows in seq order, key by key, as the judge does, but keeps everything in memory and writes nothing."""

    def __init__(
        self, shards: int, rules: Mapping[Concern, Rule] | None = None, only: set[Key] | None = None
    ) -> None:
        self._rules = dict(rules or RULES)
        self._only = only
        self._seats: dict[Key, _Seat] = {}
        self.folded = Folded(shards, LawBook())

    def _seat(self, key: Key) -> "_Seat":
        """A place for a key that is new."""
        case = self.folded.cases[key] = Case(self._rules[key[0]], key[1])
        case.law_seq = -1
        seat = self._seats[key] = _Seat(case)
        return seat

    def take(self, row: Row, stop: Callable[[Key], Stop] | None = None) -> None:
        """Take one row in, on keys that stand at it or later; law facts must be in the book before."""
        decoded = decode(row)
        only, law = self._only, self.folded.book.before(row.seq)
        for key in decoded.routes:
            if (only is None or key in only) and (stop is None or row.seq <= stop(key).applied_seq):
                self._take(key, decoded, law)
        self.folded.facts += 1

    def _take(self, key: Key, decoded: Decoded, law: Law) -> None:
        seat = self._seats.get(key) or self._seat(key)
        case = seat.case
        seat.facts.append(decoded)
        row = decoded.row
        if case.law_seq < law.seq:
            law = self._law_for(case, row.seq)
        if case.due_heap and case.due_heap[0][0] < row.recorded_at:
            case.silence(law, row.recorded_at)
        if not case.take(decoded, law):
            case.take_again(decoded, law, facts_in_force(seat.facts, *key), case.alerts)
        if case.changes:
            self._keep(key, case)
        case.dirty.clear()

    def fold(self, row: Row, law: Law, gust: int) -> None:
        """Take one row into the states alone. A key that must be folded again waits until `gust` more rows have come."""
        decoded = decode(row)
        if decoded.new is not None and decoded.new.kind in ALERT_FOLLOW_UPS:
            return
        for key in decoded.routes:
            seat = self._seats.get(key) or self._seat(key)
            seat.facts.append(decoded)
            if seat.waiting or not seat.case.try_fold(decoded, law):
                seat.waiting += 1
                if seat.waiting >= gust:
                    self.refold(key, law)

    def refold(self, key: Key, law: Law) -> None:
        """Fold a key again from all its facts so far."""
        seat = self._seats[key]
        seat.waiting = 0
        seat.case.refold(facts_in_force(seat.facts, *key), law)

    @property
    def waiting(self) -> list[Key]:
        """Keys that wait to be folded again."""
        return [key for key, seat in self._seats.items() if seat.waiting]

    def _law_for(self, case: Case, before: int) -> Law:
        book = self.folded.book
        if case.law_seq < 0:
            law = book.before(before)
            case.law_seq = law.seq
            return law
        for edition in book.between(case.law_seq, before):
            touch = edition.touch(case.rule, case.key, case.state.latest[0])
            if touch is not Touch.SPARED:
                case.silence(book.before(edition.seq), edition.recorded_at)
                facts = self._facts_before(case, edition.seq) if touch is Touch.FOLDED else None
                case.new_law(edition.law, edition.recorded_at, facts)
        law = book.before(before)
        case.law_seq = max(case.law_seq, law.seq)
        return law

    def _facts_before(self, case: Case, seq: int) -> list[Stated]:
        key = (case.rule.CONCERN, case.key)
        return facts_in_force((item for item in self._seats[key].facts if item.row.seq < seq), *key)

    def _keep(self, key: Key, case: Case) -> None:
        if case.changes:
            self.folded.changes.setdefault(key, []).extend(case.changes)
            case.changes = []
            case.changed_alerts.clear()
        case.dirty.clear()

    def finish(self, stop: Callable[[Key], Stop]) -> Folded:
        """Let time pass on every key up to where its shard stands."""
        for key, case in self.folded.cases.items():
            where = stop(key)
            law = self._law_for(case, where.law_seq + 1)
            case.silence(law, where.tick_at)
            self._keep(key, case)
        return self.folded


def replay(
    ledger: RowReader,
    shards: int,
    stops: Mapping[tuple[Concern, int], Stop],
    *,
    only: set[Key] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Folded:
    """Fold the ledger up to where the shards stand; the digest is that of tables which stand there too."""
    upto = max((stop.applied_seq for stop in stops.values()), default=0)
    hand = Replay(shards, only=only)
    hand.folded.book.add(ledger.law_rows(0, upto))

    def stop_of(key: Key) -> Stop:
        return stops[key[0], shard_of(key[1], shards)]

    for row in _all_rows(ledger, upto):
        hand.take(row, stop_of)
        if row.seq % CHUNK == 0:
            progress(row.seq)
    progress(upto)
    return hand.finish(stop_of)


def _all_rows(ledger: RowReader, upto: int) -> Iterator[Row]:
    after = 0
    while after < upto and (rows := ledger.rows(after, CHUNK, upto)):
        yield from rows
        after = rows[-1].seq


def everywhere(shards: int, applied_seq: int, tick_at: int) -> dict[tuple[Concern, int], Stop]:
    """All shards standing at one place: what a sweep to a named instant leaves."""
    stop = Stop(applied_seq, tick_at, applied_seq)
    return {(concern, shard): stop for concern in Concern for shard in range(shards)}


def as_of(
    ledger: RowReader,
    shards: int,
    *,
    event_time: int,
    known_seq: int,
    only: set[Key] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Folded:
    """The state at an event time as known after a seq: facts that had occurred by then, under the law known then."""
    hand = Folded(shards, LawBook())
    hand.book.add(ledger.law_rows(0, known_seq))
    by_key: dict[Key, list[Decoded]] = {}
    for row in _all_rows(ledger, known_seq):
        decoded = decode(row)
        hand.facts += 1
        for key in decoded.routes:
            if only is None or key in only:
                by_key.setdefault(key, []).append(decoded)
        if row.seq % CHUNK == 0:
            progress(row.seq)
    law = hand.book.latest
    for key in sorted(by_key):
        case = fold(RULES[key[0]], key[1], by_key[key], law, event_time).case
        hand.cases[key] = case
        hand.changes[key] = list(case.changes)
        case.changes = []
    progress(known_seq)
    return hand


def shuffled(
    rows: Iterable[Row], law_rows: Iterable[Row], shards: int, at: int, *, judging: bool = True
) -> Folded:
    """Rows in any order of arrival, each with its own seq and recorded_at; all findings then taken at one instant.

    Without `judging`, states are folded row by row and judged only at the end, and what must be folded again waits for a
    gust of rows: the conditions must be the same.
    """
    hand = Replay(shards)
    hand.folded.book.add(law_rows)
    law = hand.folded.book.latest
    for row in rows:
        if judging:
            hand.take(row)
        else:
            hand.fold(row, law, GUST)
    for key in hand.waiting:
        hand.refold(key, law)
    for case in hand.folded.cases.values():
        case.silence(law, at)
        case.rejudge(law, Cause("t", at, at, "time"), list(case.state.subjects))
    return hand.folded


def conditions(folded: Folded) -> str:
    """A hash over states and over what the law finds in them, whatever the order in which the facts came."""
    rows: list[tuple[Any, ...]] = []
    for (concern, key), case in folded.cases.items():
        for subject, value in case.state.subjects.items():
            rows.append((concern, key, subject, encode_subject(value)))
        for kinds in case.alerts.values():
            rows.extend(_condition(concern, key, alert) for alert in kinds.values() if alert.standing)
    return hashed(rows)[0]


def _condition(concern: Concern, key: str, alert: Alert) -> tuple[Any, ...]:
    finding = alert.finding
    amounts = tuple(sorted(finding.amounts.items()))
    return (concern, key, finding.subject, finding.kind, finding.since, finding.until, amounts)
