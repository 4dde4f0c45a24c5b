"""The keys of custody that are no manifest: vehicles, weighbridges and pipelines; rules.custody hands their facts here."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from models.alerts import Finding
from models.envelope import Stated
from models.law import Law
from rules import custody_pipeline as pipeline
from rules import custody_vehicle as vehicle
from rules.contract import QUIET, Assessed, State
from rules.custody_pipeline import Metered

_METERED = "pipeline-metered.v1"


def named(key: str, stated: Stated) -> Iterable[str]:
    """The day or the run."""
    if stated.kind == _METERED:
        return (pipeline.subject_of(stated),)
    return vehicle.named(key, stated)


def evolve(state: State[Any], stated: Stated) -> set[str]:
    """Keep what was metered, seen or weighed."""
    changed: dict[str, Any]
    if stated.kind == _METERED:
        name = pipeline.subject_of(stated)
        changed = {name: pipeline.put(state.subjects.get(name), stated)}
    else:
        changed = vehicle.put(state.subjects, state.key, stated)
    for name, value in changed.items():
        if name not in state.subjects:
            state.attach(name, value)
    return set(changed)


def retract(state: State[Any], stated: Stated) -> set[str]:
    """Forget it; a subject with nothing left is unknown again."""
    changed: dict[str, Any]
    if stated.kind == _METERED:
        name = pipeline.subject_of(stated)
        changed = {name: pipeline.take(state.subjects[name], stated)} if name in state.subjects else {}
    else:
        changed = {**vehicle.take(state.subjects, state.key, stated)}
    for name, value in changed.items():
        if value is None:
            state.detach(name)
    return set(changed)


def _all(state: State[Any], subject: str, law: Law) -> Iterable[Finding]:
    value = state.subjects[subject]
    if isinstance(value, Metered):
        return pipeline.findings(state.key, subject, value, law)
    return vehicle.findings(state.key, subject, value, law)


def findings(state: State[Any], subject: str, law: Law, at: int) -> list[Finding]:
    """Those that have begun; one that is not over yet is told without its end."""
    return _begun(_all(state, subject, law), at)


def _begun(ever: Iterable[Finding], at: int) -> list[Finding]:
    found = []
    for finding in ever:
        if finding.since <= at:
            if finding.until is not None and finding.until > at:
                finding = replace(finding, until=None)
            found.append(finding)
    return found


def next_change(state: State[Any], subject: str, law: Law, at: int) -> int | None:
    """The next beginning or end."""
    return _next_turn(_all(state, subject, law), at)


def _next_turn(ever: Iterable[Finding], at: int) -> int | None:
    turns = [turn for finding in ever for turn in (finding.since, finding.until)]
    return min((turn for turn in turns if turn is not None and turn > at), default=None)


def assess(state: State[Any], subject: str, law: Law, at: int) -> Assessed:
    """Findings and the next change of a subject."""
    ever = list(_all(state, subject, law))
    return (_begun(ever, at), _next_turn(ever, at)) if ever else QUIET
