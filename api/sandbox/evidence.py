"""What a verdict rests on: the facts that came into the ledger, what was asked and answered, and the alerts. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from api.feed import ChangeSeen
from api.sandbox.watching import Seen
from models.envelope import Row


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for; `why` says what was seen instead, in both languages: (zh, en)."""

    name: str
    passed: bool
    why: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """From the start of a scenario on. `given` is what its software was told to use."""

    given: Mapping[str, Any]
    rows: tuple[Row, ...]
    seen: tuple[Seen, ...]
    changes: tuple[ChangeSeen, ...]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """Bodies of the facts of a kind, in ledger order."""
        return [orjson.loads(row.data) for row in self.rows if row.kind == kind]

    def of_lots(self, lots: list[str], kind: str = "waste-generated.v1") -> list[dict[str, Any]]:
        """Facts of a kind that name one of these lots."""
        return [body for body in self.bodies(kind) if body.get("lot") in lots]

    def statements(self) -> list[Seen]:
        """Requests that stated facts for good."""
        return [seen for seen in self.seen if seen.states]

    def answered(self, *statuses: int) -> list[Seen]:
        """Statements that were answered so."""
        return [seen for seen in self.statements() if seen.status in statuses]

    def naming(self, lot: str) -> list[Seen]:
        """Statements that carried a fact about a lot."""
        return [seen for seen in self.statements() if any(fact.get("lot") == lot for fact in seen.facts)]

    def alerts(self, kind: str, subject: str) -> Iterator[ChangeSeen]:
        """What happened to the alert of a kind whose subject or key names something."""
        for change in self.changes:
            alert = change.alert
            if alert["kind"] == kind and subject in f"{alert['key']} {alert['subject']}":
                yield change


def once(evidence: Evidence, lots: list[str], kind: str = "waste-generated.v1") -> Check:
    """Each lot was stated once, and is in the ledger."""
    counts = Counter(str(body["lot"]) for body in evidence.of_lots(lots, kind))
    missing = [lot for lot in lots if not counts[lot]]
    twice = [lot for lot in lots if counts[lot] > 1]
    return Check(
        "each_once",
        not missing and not twice,
        (
            f"应各入账一次：缺 {_some(missing)}，重复 {_some(twice)}",
            f"each is in the ledger once: missing {_some(missing)}, twice {_some(twice)}",
        ),
    )


def none_refused(evidence: Evidence) -> Check:
    """No statement was refused."""
    refused = [seen.status for seen in evidence.statements() if 400 <= seen.status < 500]
    return Check(
        "none_refused",
        not refused,
        (f"没有陈述被拒绝：被拒 {refused or '无'}", f"no statement was refused: {refused or 'none'}"),
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + ("…" if len(names) > 3 else "") if names else "-"
