"""Custody 联单: whether a load is under way, received, weighed and confirmed as its manifest says; called by the judge.

Sources: MT 10-20 (number, named destination, carriers, hand-overs, differences, five working days, paper, pipelines),
DESIGN 8 for what MT leaves open. Key and only subject: the manifest's number; what meets at a vehicle, a weighbridge or
a pipeline is judged in custody_vehicle and custody_pipeline. Statements of a manifest are kept, none is preferred, so
their order of arrival is nothing:

- what is stated twice with the same content counts once; with other content both count, which shows as a difference;
- a receipt shows that the load arrived, a confirmation that it was accepted, whether or not that was stated;
- a voided manifest ends everything; a void after the load moved has no effect, and a load that moves after a void
  uses the number again;
- a manifest entered afterwards from paper (MT 20) has its own term, so the five working days are not asked of it;
- facts of another manifest that goes on from a refusal of this one, and a return that is said to go on under this one,
  link the two both ways; a chain of such links may close in a circle, since none is ever followed.
"""

from collections.abc import Iterable
from typing import Any

from models.alerts import Finding
from models.envelope import Stated
from models.facts.law import LimitName, ToleranceSet
from models.law import Law, Matter
from models.topics import Concern
from rules import custody_side as side
from rules.contract import QUIET, Assessed, State, any_region
from rules.custody_acts import add, place_of, remove
from rules.custody_legs import holder_at
from rules.custody_manifest import Manifest
from rules.custody_pipeline import Metered
from rules.custody_spans import spans
from rules.custody_summary import summary
from rules.custody_tell import explained
from rules.custody_terms import Span
from rules.custody_vehicle import Sightings, Weights

__all__ = [
    "AHEAD",
    "ASKS",
    "CONCERN",
    "KEEPS",
    "SUBJECT",
    "assess",
    "evolve",
    "findings",
    "holder_at",
    "is_open",
    "named",
    "new_state",
    "next_change",
    "region_of",
    "retract",
    "summary",
]

CONCERN: Concern = Concern.CUSTODY
SUBJECT: Any = Manifest | Sightings | Weights | Metered
ASKS: frozenset[Matter] = frozenset(
    {
        LimitName.TRANSIT_TERM,
        LimitName.ACCEPTANCE_TERM,
        LimitName.CONFIRMATION_TERM,
        LimitName.PAPER_ENTRY_TERM,
        LimitName.REFUSED_TERM,
        LimitName.METERING_TERM,
        LimitName.OFF_ROUTE_TERM,
        LimitName.LONG_STOP_TERM,
        LimitName.LOCK_OPEN_TERM,
        LimitName.SIGNAL_LOST_TERM,
        LimitName.CITY_INTERVAL,
        LimitName.CLOCK_TOLERANCE,
        LimitName.NUMBER_REGION_DIGITS,
        LimitName.REPEATED_WEIGHTS,
        ToleranceSet,
    }
)
KEEPS: frozenset[Matter] = frozenset()
AHEAD: frozenset[Matter] = frozenset()
region_of = any_region


class Custody(State[Manifest]):
    """A manifest, and the spans last found of it under a law; they are never stored."""

    __slots__ = ("judged",)

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.judged: tuple[Law, list[Span]] | None = None

    def attach(self, subject: str, value: Manifest) -> None:
        """A manifest is first heard of, or loaded."""
        self.judged = None
        super().attach(subject, value)


def _is_manifest(key: str) -> bool:
    """Manifest numbers are digits, other keys begin with what they are."""
    return key[0].isdigit()


def new_state(key: str) -> State[Any]:
    """Nothing is known of this number, or of this vehicle, weighbridge or pipeline."""
    return Custody(key) if _is_manifest(key) else State(key)


def named(key: str, stated: Stated) -> Iterable[str]:
    """The manifest itself; a day or a run of the other keys."""
    return (key,) if _is_manifest(key) else side.named(key, stated)


def evolve(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Keep what was stated."""
    if type(state) is not Custody:
        return side.evolve(state, stated)
    place = place_of(stated, state.key)
    if place is None:
        return set()
    manifest = state.subjects.get(state.key)
    if manifest is None:
        manifest = Manifest()
        state.attach(state.key, manifest)
    add(manifest, stated, place)
    state.judged = None
    return {state.key}


def retract(state: State[Any], stated: Stated, law: Law) -> set[str] | None:
    """Forget what was stated; with nothing left the manifest is unknown again."""
    if type(state) is not Custody:
        return side.retract(state, stated)
    manifest, place = state.subjects.get(state.key), place_of(stated, state.key)
    if manifest is None or place is None:
        return set()
    remove(manifest, stated, place)
    state.judged = None
    if manifest.is_empty():
        state.detach(state.key)
    return {state.key}


def is_open(state: State[Any], subject: str) -> bool:
    """Every fact names what it is about."""
    return False


def findings(state: State[Any], subject: str, law: Law, at: int) -> list[Finding]:
    """What is wrong with the manifest: masses (`loaded_g`, `accepted_g`), terms (`limit_at`), number, carriers, receiver."""
    if type(state) is not Custody:
        return side.findings(state, subject, law, at)
    manifest = state.subjects[subject]
    found = []
    for kind, since, until in _spans_of(state, subject, law):
        if since <= at:
            over_at = until if until is not None and until <= at else None
            found.append(explained(subject, manifest, law, (kind, since, over_at)))
    return found


def next_change(state: State[Any], subject: str, law: Law, at: int) -> int | None:
    """The next beginning or end of a finding: a term that passes, or an act that was stated ahead of time."""
    if type(state) is not Custody:
        return side.next_change(state, subject, law, at)
    nearest: int | None = None
    for _, since, until in _spans_of(state, subject, law):
        for turn in (since, until):
            if turn is not None and turn > at and (nearest is None or turn < nearest):
                nearest = turn
    return nearest


def assess(state: State[Any], subject: str, law: Law, at: int) -> Assessed:
    """Findings and the next change of a subject."""
    if type(state) is not Custody:
        return side.assess(state, subject, law, at)
    if not _spans_of(state, subject, law):
        return QUIET
    return findings(state, subject, law, at), next_change(state, subject, law, at)


def _spans_of(state: Custody, subject: str, law: Law) -> list[Span]:
    """The judge asks twice after every fact; the answer changes only with facts and law."""
    if state.judged is None or state.judged[0] is not law:
        state.judged = (law, spans(subject, state.subjects[subject], law))
    return state.judged[1]
