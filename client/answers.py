"""What the server answers, typed. Fields that a newer server adds are kept in `wire`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Wire = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or doubtful: where (`$[3].lines[0].mass_kg`), a code to rely on, words to read."""

    path: str
    code: str
    message: str

    @staticmethod
    def of(wire: Wire) -> Problem:
        """From its JSON."""
        return Problem(str(wire.get("path", "$")), str(wire["code"]), str(wire.get("message", "")))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A fact is in the ledger under `seq`; `status` is new, or known: it was there before. Only checked, it has no seq."""

    event_id: str
    status: str
    seq: int | None
    recorded_at: str | None
    leaf: str | None
    warnings: tuple[Problem, ...]
    wire: Wire = field(repr=False, compare=False)

    @staticmethod
    def of(wire: Wire) -> Receipt:
        """From its JSON."""
        return Receipt(
            str(wire["event_id"]),
            str(wire["status"]),
            wire.get("seq"),
            wire.get("recorded_at"),
            wire.get("leaf"),
            tuple(Problem.of(each) for each in wire.get("warnings", ())),
            wire,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one fact of a batch was not taken."""

    problems: tuple[Problem, ...]


Result = Receipt | Refusal


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as the ledger tells it."""

    seq: int
    kind: str
    stated_by: str
    recorded_at: str
    data: Wire
    wire: Wire = field(repr=False, compare=False)

    @staticmethod
    def of(wire: Wire) -> Fact:
        """From its JSON."""
        return Fact(
            int(wire["seq"]),
            str(wire["kind"]),
            str(wire["stated_by"]),
            str(wire["recorded_at"]),
            wire["data"],
            wire,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an alert: raised, cleared, ...; `number` is where to go on from."""

    number: int
    change: str
    changed_at: str
    alert: Wire

    @staticmethod
    def of(wire: Wire) -> Change:
        """From its JSON."""
        return Change(int(wire["change_no"]), str(wire["change"]), str(wire["changed_at"]), wire["alert"])


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list, and the cursor to go on from; `cursor` does not change where nothing is new."""

    items: tuple[T, ...]
    cursor: int


@dataclass(frozen=True, slots=True)
class Upload:
    """How far a file is: `permille` of its rows, and facts by what became of them; `state` ends as done or otherwise."""

    upload_id: str
    state: str
    permille: int
    facts: Mapping[str, int]
    wire: Wire = field(repr=False, compare=False)

    @staticmethod
    def of(wire: Wire) -> Upload:
        """From its JSON."""
        return Upload(
            str(wire["upload_id"]), str(wire["state"]), int(wire["permille"]), dict(wire["facts"]), wire
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.wire["ended_at"] is not None
