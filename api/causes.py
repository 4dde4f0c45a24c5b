"""What caused a change of an alert: a fact, a policy, or time alone; and whether the fact came late. For pages and HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from models.envelope import Row
from models.exact import DAY_US, format_instant, parse_instant

LATE_DAYS: Final = 30  # Feilian's own measure: later than any lawful term for entering a fact.
LATE_US: Final = LATE_DAYS * DAY_US
_TYPES: Final = {"s": "fact", "l": "policy", "t": "time"}


class Rows(Protocol):
    """What is read of a ledger."""

    def rows_by_seq(self, seqs: Iterable[int]) -> dict[int, Row]:
        """The named rows."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`type` is fact, policy or time; a fact and a policy have their row's seq, kind and both times (microseconds)."""

    type: str
    seq: int | None = None
    kind: str = ""
    occurred_at: int | None = None
    recorded_at: int | None = None

    @property
    def late(self) -> bool:
        """Whether it was recorded more than 30 days after it happened; policies are made for the past at times."""
        if self.type != "fact" or self.occurred_at is None or self.recorded_at is None:
            return False
        return self.recorded_at - self.occurred_at > LATE_US

    def wire(self) -> dict[str, Any]:
        """As it is sent, with a link to what caused it."""
        if self.seq is None:
            return {"type": self.type}
        return {
            "type": self.type,
            "seq": self.seq,
            "href": f"/v1/facts/{self.seq}",
            "kind": self.kind,
            "occurred_at": format_instant(self.occurred_at) if self.occurred_at is not None else None,
            "recorded_at": format_instant(self.recorded_at) if self.recorded_at is not None else None,
            "late": self.late,
        }


def causes_of(ledger: Rows, names: Iterable[str]) -> dict[str, Cause]:
    """Causes by their names (`s<seq>`, `l<seq>`, `t<instant>`), with the rows that two of these name."""
    wanted = {name: _seq(name) for name in names}
    rows = ledger.rows_by_seq({seq for seq in wanted.values() if seq is not None})
    return {name: _cause(name, seq, rows.get(seq or 0)) for name, seq in wanted.items()}


def _seq(name: str) -> int | None:
    return int(name[1:]) if name[:1] in {"s", "l"} and name[1:].isdigit() else None


def _cause(name: str, seq: int | None, row: Row | None) -> Cause:
    kind = _TYPES.get(name[:1], "other")
    if row is None:
        return Cause(kind, seq)
    occurred_at = parse_instant(orjson.loads(row.data)["occurred_at"])
    return Cause(kind, row.seq, row.kind, occurred_at, row.recorded_at)
