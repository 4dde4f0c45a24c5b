"""Custody 联单: whether a load is under way, received, weighed and confirmed as its manifest says; called by the judge.

Sources: MT 10-18 (number, named destination, tell of differences, five working days), DESIGN 8 for what MT leaves open.
Key and only subject: the manifest's number. Statements are kept, none is preferred, so their order of arrival is nothing:

- what is stated twice with the same content counts once; with other content both count, which shows as a difference;
- a receipt shows that the load arrived, a confirmation that it was accepted, whether or not that was stated;
- a voided manifest ends everything; a void after the load moved has no effect, and a load that moves after a void
  uses the number again;
- a manifest entered afterwards from paper (MT 20) has its own term, so the five working days are not asked of it.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.facts.law import LimitName, ToleranceSet
from models.law import Law, Matter
from models.topics import Concern
from rules.contract import State, any_region
from rules.custody_manifest import (
    ACTS,
    Departure,
    Issue,
    Manifest,
    add,
    named_ends,
    parties_of,
    remove,
    void_since,
)
from rules.custody_masses import amounts, differences
from rules.custody_spans import (
    Span,
    Term,
    acceptance_term,
    arrived_at,
    confirmation_term,
    gate,
    is_named,
    spans,
    transit_term,
)
from rules.custody_summary import summary

__all__ = [
    "AHEAD",
    "ASKS",
    "CONCERN",
    "KEEPS",
    "SUBJECT",
    "evolve",
    "findings",
    "is_open",
    "named",
    "new_state",
    "next_change",
    "region_of",
    "retract",
    "summary",
]

CONCERN: Concern = Concern.CUSTODY
SUBJECT: Any = Manifest
ASKS: frozenset[Matter] = frozenset(
    {LimitName.TRANSIT_TERM, LimitName.ACCEPTANCE_TERM, LimitName.CONFIRMATION_TERM, ToleranceSet}
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


def new_state(key: str) -> State[Manifest]:
    """Nothing is known of this number."""
    return Custody(key)


def named(key: str, stated: Stated) -> Iterable[str]:
    """The manifest itself."""
    return (key,)


def evolve(state: State[Manifest], stated: Stated, law: Law) -> set[str] | None:
    """Keep what was stated."""
    if stated.kind not in ACTS:
        return set()
    manifest = state.subjects.get(state.key)
    if manifest is None:
        manifest = Manifest()
        state.attach(state.key, manifest)
    add(manifest, stated)
    _forget(state)
    return {state.key}


def retract(state: State[Manifest], stated: Stated, law: Law) -> set[str] | None:
    """Forget what was stated; with nothing left the manifest is unknown again."""
    manifest = state.subjects.get(state.key)
    if manifest is None or stated.kind not in ACTS:
        return set()
    remove(manifest, stated)
    _forget(state)
    if manifest.is_empty():
        state.detach(state.key)
    return {state.key}


def _forget(state: State[Manifest]) -> None:
    if isinstance(state, Custody):
        state.judged = None


def is_open(state: State[Manifest], subject: str) -> bool:
    """Every fact about a manifest names it."""
    return False


def findings(state: State[Manifest], subject: str, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with the manifest: masses (`loaded_g`, `accepted_g`), terms (`limit_at`), number and receiver."""
    manifest = state.subjects[subject]
    found = []
    for kind, since, until in _spans_of(state, subject, law):
        if since <= at:
            over_at = until if until is not None and until <= at else None
            found.append(_explained(subject, manifest, law, (kind, since, over_at)))
    return found


def next_change(state: State[Manifest], subject: str, law: Law, at: int) -> int | None:
    """The next beginning or end of a finding: a term that passes, or an act that was stated ahead of time."""
    nearest: int | None = None
    for _, since, until in _spans_of(state, subject, law):
        for turn in (since, until):
            if turn is not None and turn > at and (nearest is None or turn < nearest):
                nearest = turn
    return nearest


def _spans_of(state: State[Manifest], subject: str, law: Law) -> list[Span]:
    """The judge asks twice after every fact; the answer changes only with facts and law."""
    if not isinstance(state, Custody):
        return spans(state.subjects[subject], law)
    if state.judged is None or state.judged[0] is not law:
        state.judged = (law, spans(state.subjects[subject], law))
    return state.judged[1]


# What an alert says


def _explained(subject: str, manifest: Manifest, law: Law, span: Span) -> Finding:
    kind, since, until = span
    told = _TELLERS[kind](manifest, law)
    return Finding(
        kind,
        subject,
        since,
        until,
        amounts=told.amounts,
        site=told.site,
        parties=parties_of(manifest),
        basis=told.basis,
    )


class Told(NamedTuple):
    """What a finding adds to its span."""

    site: str
    amounts: dict[str, int | str]
    basis: str = ""


def _tell_term(known: Term | None, site: str, start_name: str, start: int) -> Told:
    if known is None:
        return Told(site, {start_name: start})
    return Told(site, {start_name: start, "limit_at": known.after(start)}, known.limit.citation)


def _tell_transit(manifest: Manifest, law: Law) -> Told:
    left = manifest.departed[0]
    return _tell_term(transit_term(manifest, law), left.ends[0], "departed_at", left.at)


def _tell_acceptance(manifest: Manifest, law: Law) -> Told:
    start = arrived_at(manifest) or 0
    return _tell_term(acceptance_term(manifest, law, start), gate(manifest), "arrived_at", start)


def _tell_confirmation(manifest: Manifest, law: Law) -> Told:
    taken = manifest.accepted[0]
    return _tell_term(confirmation_term(manifest, law), taken.receiver, "accepted_at", taken.at)


def _tell_difference(manifest: Manifest, law: Law) -> Told:
    return Told(manifest.accepted[0].receiver, amounts(differences(manifest, law)))


def _tell_reused(manifest: Manifest, law: Law) -> Told:
    statements: list[Issue | Departure] = [*manifest.issued, *manifest.departed]
    sites = list(dict.fromkeys(statement.ends[0] for statement in statements))
    counts: dict[str, int | str] = {"issues": len(manifest.issued), "departures": len(manifest.departed)}
    if len(sites) > 1:
        counts |= {"origin": sites[0], "other_origin": sites[1]}
    void_at = void_since(manifest)
    if void_at is not None:
        counts["voided_at"] = void_at
    return Told(sites[0] if sites else gate(manifest), counts)


def _tell_receiver(manifest: Manifest, law: Law) -> Told:
    ends = named_ends(manifest)[0]
    site, receiver_org = _wrong_place(manifest)
    texts: dict[str, int | str] = {"named_site": ends[2], "named_org": ends[3], "receiver": site}
    return Told(site, texts | ({"receiver_org": receiver_org} if receiver_org else {}))


def _wrong_place(manifest: Manifest) -> tuple[str, str]:
    """Where the load went instead: who took it, else the gate it came to."""
    named = named_ends(manifest)
    for taken in manifest.accepted:
        if not is_named(named, taken.receiver, taken.receiver_org):
            return taken.receiver, taken.receiver_org
    return next((a.site for a in manifest.arrived if not is_named(named, a.site, "")), ""), ""


_TELLERS: Final[dict[AlertKind, Callable[[Manifest, Law], Told]]] = {
    AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG: _tell_transit,
    AlertKind.MANIFEST_NOT_ACCEPTED: _tell_acceptance,
    AlertKind.MANIFEST_NOT_CONFIRMED: _tell_confirmation,
    AlertKind.MANIFEST_MASS_DIFFERS: _tell_difference,
    AlertKind.MANIFEST_NUMBER_REUSED: _tell_reused,
    AlertKind.MANIFEST_WRONG_RECEIVER: _tell_receiver,
}
