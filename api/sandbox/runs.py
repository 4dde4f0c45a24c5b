"""Runs of the conformance kit: scenarios begun and judged, and the report. In memory: a sandbox is for trying things."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from api.feed import last_change_no, stored_changes
from api.sandbox.evidence import Check, Evidence
from api.sandbox.party import KILN, ORGS, PLATER, SLUDGE, event_id, state
from api.sandbox.scenarios import BY_NAME, SCENARIOS, Scenario, Start
from api.sandbox.watching import Watch
from models.envelope import Row
from models.exact import format_instant
from models.facts.base import Role
from streams.ledger import Ledger

_PAGE: Final = 1_000
SERIALS_MAX: Final = 25_000  # Manifest numbers have six digits for them.


class Time(Protocol):
    """The sandbox's clock, and judging up to it."""

    def now(self) -> int:
        """Microseconds UTC."""

    def drive(self, to: int) -> int:
        """Go on to an instant, never back, and let all that follows be judged; the time then."""

    def settle(self) -> None:
        """Wait until all that is accepted is judged and its changes are numbered."""


@dataclass(slots=True)
class Trial:
    """One scenario of a run, from its start on."""

    scenario: Scenario
    given: dict[str, Any]
    after_seq: int
    after_change: int
    began: float
    checks: list[Check] | None = None

    @property
    def passed(self) -> bool | None:
        """None while it is not judged."""
        return None if self.checks is None else all(check.passed for check in self.checks)


@dataclass(slots=True)
class Kit:
    """Begins scenarios, one at a time, and judges them."""

    ledger: Ledger
    time: Time
    watch: Watch
    serial: int = 0
    trials: dict[str, Trial] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str) -> Trial:
        """Begin a scenario, anew where it was begun before; KeyError for a name that is none."""
        with self._lock:
            scenario = BY_NAME[name]
            self.serial = self._next_serial()
            given = scenario.given(Start(self.serial, self.time.now()))
            trial = Trial(
                scenario,
                given,
                self.ledger.head().seq,
                last_change_no(self.ledger.databases),
                self.watch.clock(),
            )
            self.trials[name] = trial
            self.watch.plan(scenario.faults())
            if name == "following":
                self._other_side(given)
            return trial

    def judge(self, name: str) -> Trial:
        """Judge a scenario by what was done since it began; KeyError where it was not begun."""
        with self._lock:
            trial = self.trials[name]
            self.time.settle()
            evidence = Evidence(
                trial.given,
                tuple(self._rows(trial.after_seq)),
                tuple(self.watch.since(trial.began)),
                tuple(self._changes(trial.after_change)),
            )
            trial.checks = list(trial.scenario.judge(evidence))
            self.watch.plan(())
            return trial

    def _next_serial(self) -> int:
        """Its own in this ledger: names follow from it, and a sandbox that is started again has the old facts."""
        return max(self.serial, self.ledger.head().seq) % SERIALS_MAX + 1

    def _rows(self, after: int) -> list[Row]:
        found: list[Row] = []
        while rows := self.ledger.rows(after, _PAGE):
            found += rows
            after = rows[-1].seq
        return found

    def _changes(self, after: int) -> list[Any]:
        found: list[Any] = []
        while changes := stored_changes(self.ledger.databases, after, _PAGE):
            found += changes
            after = changes[-1].change_no
        return found

    def _other_side(self, given: dict[str, Any]) -> None:
        """The kiln's plan of 30 loads: manifests that it filled in for the producer."""
        now = self.time.now()
        facts = [
            {
                "kind": "manifest-issued.v1",
                "event_id": event_id(now, number),
                "occurred_at": format_instant(now),
                "manifest_no": number,
                "origin": PLATER,
                "origin_org": ORGS[Role.PRODUCER],
                "destination": KILN,
                "destination_org": ORGS[Role.FACILITY],
                "carriers": [{"org": ORGS[Role.CARRIER]}],
                "lines": [{"line": 1, "waste_code": SLUDGE, "mass_kg": "1000"}],
                "reverse_filled": True,
            }
            for number in given["manifests"]
        ]
        state(self.ledger, ORGS[Role.FACILITY], Role.FACILITY, facts)


def report(kit: Kit) -> dict[str, Any]:
    """All scenarios with their verdicts, in both languages."""
    rows = [_row(scenario, kit.trials.get(scenario.name)) for scenario in SCENARIOS]
    passed = sum(row["verdict"] == "passed" for row in rows)
    return {"passed": passed, "of": len(rows), "conforms": passed == len(rows), "scenarios": rows}


def _row(scenario: Scenario, trial: Trial | None) -> dict[str, Any]:
    verdict = {None: "not_tried", True: "passed", False: "failed"}[trial.passed if trial else None]
    checks = trial.checks if trial is not None and trial.checks is not None else []
    return {
        "scenario": scenario.name,
        "title": _both(scenario.title),
        "verdict": verdict,
        "checks": [
            {"check": check.name, "passed": check.passed, "seen": _both(check.why)} for check in checks
        ],
    }


def _both(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}


def as_markdown(told: dict[str, Any], language: str) -> str:
    """The report to hand in."""
    lines = [
        f"# {'对接自测报告' if language == 'zh' else 'Conformance report'}",
        "",
        f"{told['passed']} / {told['of']}",
        "",
    ]
    for row in told["scenarios"]:
        lines.append(f"- **{row['scenario']}** {row['title'][language]}: {row['verdict']}")
        lines += [
            f"  - {'✓' if check['passed'] else '✗'} {check['check']}: {check['seen'][language]}"
            for check in row["checks"]
        ]
    return "\n".join(lines) + "\n"
