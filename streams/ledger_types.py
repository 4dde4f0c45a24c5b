"""What goes into accepting and comes out of it; used by the door, the simulator, and the ledger itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from models.exact import format_instant
from models.facts import Fact, Role
from models.language import Lang
from models.problems import Code, Problem


class HeadAt(NamedTuple):
    """The last seq, and the earliest time that a later fact can have (microseconds UTC)."""

    seq: int
    recorded_at: int


class LedgerMeta(NamedTuple):
    """What a ledger is, fixed when it was made; `epoch` is new after each restore."""

    ledger_id: str
    epoch: str
    shards: int
    clock: str
    created_at: int

    @property
    def driven(self) -> bool:
        """Whether its clock stands still unless driven (sandbox, simulator, tests)."""
        return self.clock == "driven"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One fact, read and found well-formed: `data` is its canonical JSON, `body` its model, `documents` what it is on."""

    event_id: str
    kind: str
    data: bytes
    body: Fact
    documents: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Handling(StrEnum):
    """RFC 7240: whether facts are accepted together or not at all, or each for itself."""

    STRICT = "strict"
    PROCEED = "proceed"


@dataclass(frozen=True, slots=True)
class Submission:
    """Facts that are accepted as `handling` says. `recorded_at` is for driven ledgers only.

    `role` is that of the key which states them: a regulator may ask for a correction where it is no party. `sender` is
    the key's id, and the organisation that sends for another on the strength of a delegation. A `rehearsal` is decided
    as if it were meant, and leaves nothing behind.
    """

    stated_by: str
    facts: Sequence[Prepared]
    recorded_at: int | None = None
    role: Role | None = None
    sender: tuple[str, str | None] | None = None
    handling: Handling = Handling.STRICT
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger did with one fact; `known` says that it had it already, from an earlier time.

    `rehearsed`: what it would do; a new fact then has no number, time or hash yet.
    """

    event_id: str
    seq: int
    recorded_at: int
    leaf: bytes
    known: bool
    warnings: tuple[Problem, ...] = ()
    rehearsed: bool = False

    def wire(self, lang: Lang = Lang.EN) -> dict[str, Any]:
        """As it is sent: the instant to read, and as the microseconds that are under the leaf hash."""
        there = self.known or not self.rehearsed
        return {
            "event_id": self.event_id,
            "seq": self.seq if there else None,
            "recorded_at": format_instant(self.recorded_at) if there else None,
            "recorded_at_us": self.recorded_at if there else None,
            "leaf": self.leaf.hex() if there else None,
            "status": "known" if self.known else "new",
            "warnings": [warning.wire(lang) for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class Accepted:
    """All facts of a submission are in the ledger, committed."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of a submission is in the ledger; paths begin with `$[i]`, the place of the fact in the submission."""

    problems: tuple[Problem, ...]

    @property
    def conflict(self) -> bool:
        """Whether an event_id came back with other content (409), not only a refused correction (422)."""
        return any(problem.code is Code.EVENT_ID_REUSED for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Proceeded(Accepted):
    """Each fact was decided for itself: `results` has all in order, `receipts` those of the accepted."""

    results: tuple[Receipt | Refused, ...] = ()


Outcome = Accepted | Refused
