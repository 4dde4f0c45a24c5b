"""One key at a moment: as of an event time, as known at a record time. Folded from its facts; used by replay and api/.

The answer is what the facts recorded by then show of what had happened by then, under the law recorded by then. It is the
same for one key, folded here, and for all, folded by `feilian replay --as-of --known-at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from models.envelope import Row, Stated
from models.errors import FeilianError
from models.law import Law
from models.topics import Concern
from rules.contract import Rule
from streams.concern_batch import facts_in_force
from streams.decode import Decoded, decode
from streams.keyjudge import Alert, Case, Cause
from streams.lawbook import LawBook
from streams.ledger_rows import FullRow
from streams.ledger_types import HeadAt

FOLD_FACTS_MAX: Final = 5_000


class Recorded(Protocol):
    """What finding a moment needs of a ledger."""

    def head(self) -> HeadAt:
        """The last seq and its time."""

    def row(self, seq: int) -> FullRow | None:
        """One row."""


class TooManyToFold(FeilianError):
    """A key has more facts than a request may fold."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded up to `known_seq`, of what had happened by `event_time` (microseconds)."""

    event_time: int
    known_seq: int


@dataclass(frozen=True, slots=True)
class KeyAt:
    """A key at a moment: its state and alerts, and the facts that these follow from, as they were in force."""

    case: Case
    alerts: list[Alert]
    facts: list[Stated]


def seq_known_at(ledger: Recorded, at: int) -> int:
    """The last seq recorded by then; recorded_at never falls with seq, so halving finds it."""
    low, high = 0, ledger.head().seq
    while low < high:
        middle = (low + high + 1) // 2
        row = ledger.row(middle)
        if row is not None and row.row.recorded_at <= at:
            low = middle
        else:
            high = middle - 1
    return low


def moment_of(ledger: Recorded, as_of: int | None, known_at: int | None) -> Moment:
    """The moment that two instants name: without `known_at` all that is recorded; without `as_of` at `known_at`, or now."""
    head = ledger.head()
    known_seq = head.seq if known_at is None else seq_known_at(ledger, known_at)
    latest = head.recorded_at if known_at is None else known_at
    return Moment(latest if as_of is None else as_of, known_seq)


def key_at(rule: Rule, key: str, rows: Iterable[Row], book: LawBook, moment: Moment) -> KeyAt:
    """Fold a key from its ledger rows; TooManyToFold where there are more than a request may ask for."""
    known = sorted((row for row in rows if row.seq <= moment.known_seq), key=lambda row: row.seq)
    if len(known) > FOLD_FACTS_MAX:
        raise TooManyToFold(f'"{key}" has {len(known)} facts by then, more than {FOLD_FACTS_MAX}')
    return fold(
        rule, key, [decode(row) for row in known], book.before(moment.known_seq + 1), moment.event_time
    )


def fold(rule: Rule, key: str, decoded: Sequence[Decoded], law: Law, event_time: int) -> KeyAt:
    """The key as these rows (in seq order) show it at an event time."""
    concern: Concern = rule.CONCERN
    case = Case(rule, key)
    facts = [stated for stated in facts_in_force(decoded, concern, key) if stated.occurred_at <= event_time]
    case.rejudge(law, Cause("t", event_time, event_time, "time"), case.refold(facts, law))
    return KeyAt(case, [alert for kinds in case.alerts.values() for alert in kinds.values()], facts)
