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
from functools import lru_cache
from typing import Any, Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law, Limit
from models.topics import Concern
from rules.contract import State
from rules.custody_manifest import (
    ACTS,
    Departure,
    Issue,
    Lines,
    Manifest,
    add,
    first,
    first_movement,
    named_ends,
    parties_of,
    remove,
    void_since,
)
from rules.custody_masses import amounts, differences
from rules.custody_summary import summary

__all__ = [
    "CONCERN",
    "SUBJECT",
    "evolve",
    "findings",
    "is_open",
    "named",
    "new_state",
    "next_change",
    "retract",
    "summary",
]

CONCERN: Concern = Concern.CUSTODY
SUBJECT: Any = Manifest


def new_state(key: str) -> State[Manifest]:
    """Nothing is known of this number."""
    return State(key)


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
    return {state.key}


def retract(state: State[Manifest], stated: Stated, law: Law) -> set[str] | None:
    """Forget what was stated; with nothing left the manifest is unknown again."""
    manifest = state.subjects.get(state.key)
    if manifest is None or stated.kind not in ACTS:
        return set()
    remove(manifest, stated)
    if manifest.is_empty():
        state.detach(state.key)
    return {state.key}


def is_open(state: State[Manifest], subject: str) -> bool:
    """Every fact about a manifest names it."""
    return False


Span = tuple[AlertKind, int, int | None]  # From when until when something is wrong; None: it lasts.


def findings(state: State[Manifest], subject: str, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with the manifest: masses (`loaded_g`, `accepted_g`), terms (`limit_at`), number and receiver."""
    manifest = state.subjects[subject]
    return [
        _explained(
            subject, manifest, law, (kind, since, until if until is not None and until <= at else None)
        )
        for kind, since, until in _spans(manifest, law)
        if since <= at
    ]


def next_change(state: State[Manifest], subject: str, law: Law, at: int) -> int | None:
    """The next beginning or end of a finding: a term that passes, or an act that was stated ahead of time."""
    spans = _spans(state.subjects[subject], law)
    turns = [turn for _, since, until in spans for turn in (since, until) if turn is not None and turn > at]
    return min(turns) if turns else None


def _spans(manifest: Manifest, law: Law) -> list[Span]:
    """All that is or will be wrong if nothing more is stated; no span is empty."""
    void_at = void_since(manifest)
    if void_at is not None and first_movement(manifest) is None:
        return _until(void_at, _reused(manifest, None))
    found = _reused(manifest, void_at)
    found += _too_long_in_transit(manifest, law)
    found += _not_accepted(manifest, law)
    found += _not_confirmed(manifest, law)
    found += _wrong_receiver(manifest)
    if differences(manifest, law):
        found.append((AlertKind.MANIFEST_MASS_DIFFERS, manifest.accepted[0].at, None))
    return found


def _until(end: int, spans: list[Span]) -> list[Span]:
    return [(kind, since, end) for kind, since, _ in spans if since < end]


# Terms


@lru_cache(maxsize=4096)
def _case(region: str, waste_code: str | None) -> Case:
    return Case(region=region, waste_code=waste_code)


def _only_code(lines: Lines) -> str | None:
    """The code of a load of one kind; a mixed load falls under the terms of no one code."""
    code = lines[0][1] if lines else None
    return code if all(line[1] == code for line in lines) else None


def _limit(law: Law, name: LimitName, site: str, lines: Lines, start: int) -> Limit | None:
    return law.limit(name, _case(site[:6], _only_code(lines)), beijing_date(start))


def _overdue(law: Law, start: int, limit: Limit | None, end: int | None, kind: AlertKind) -> list[Span]:
    """From when a term that began at `start` is over, until what was due was done; nothing where it was in time."""
    if limit is None:
        return []
    limit_at = law.deadline(start, limit)
    return [(kind, limit_at, end)] if end is None or end > limit_at else []


def _loaded_lines(manifest: Manifest) -> Lines:
    for statements in (manifest.departed, manifest.issued, manifest.accepted):
        if statements:
            return statements[0].lines
    return ()


def _transit_limit(manifest: Manifest, law: Law) -> Limit | None:
    left = manifest.departed[0]
    return _limit(law, LimitName.TRANSIT_TERM, left.ends[0], left.lines, left.at)


def _arrived_at(manifest: Manifest) -> int | None:
    return first(manifest.arrived, manifest.weighed)


def _received_at(manifest: Manifest) -> int | None:
    return first(manifest.accepted, manifest.refused, manifest.returned, manifest.confirmed)


def _too_long_in_transit(manifest: Manifest, law: Law) -> list[Span]:
    """Departed, and after the term neither arrived nor shown by a receipt to have arrived."""
    if not manifest.departed:
        return []
    start, limit = manifest.departed[0].at, _transit_limit(manifest, law)
    ends = [end for end in (_arrived_at(manifest), _received_at(manifest)) if end is not None]
    return _overdue(law, start, limit, min(ends, default=None), AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG)


def _gate(manifest: Manifest) -> str:
    return manifest.arrived[0].site if manifest.arrived else _destination(manifest)


def _acceptance_limit(manifest: Manifest, law: Law, arrived_at: int) -> Limit | None:
    return _limit(law, LimitName.ACCEPTANCE_TERM, _gate(manifest), _loaded_lines(manifest), arrived_at)


def _destination(manifest: Manifest) -> str:
    ends = named_ends(manifest)
    return ends[0][2] if ends else ""


def _not_accepted(manifest: Manifest, law: Law) -> list[Span]:
    """Arrived or weighed, and after the term neither accepted nor refused."""
    arrived_at = _arrived_at(manifest)
    if arrived_at is None:
        return []
    limit = _acceptance_limit(manifest, law, arrived_at)
    return _overdue(law, arrived_at, limit, _received_at(manifest), AlertKind.MANIFEST_NOT_ACCEPTED)


def _confirmation_limit(manifest: Manifest, law: Law) -> Limit | None:
    taken = manifest.accepted[0]
    return _limit(law, LimitName.CONFIRMATION_TERM, taken.receiver, taken.lines, taken.at)


def _not_confirmed(manifest: Manifest, law: Law) -> list[Span]:
    """Accepted, and not confirmed in the ledger when the working days were over (MT 18)."""
    if not manifest.accepted or any(issue.on_paper for issue in manifest.issued):
        return []
    recorded = [confirmation.recorded_at for confirmation in manifest.confirmed]
    limit = _confirmation_limit(manifest, law)
    start = manifest.accepted[0].at
    return _overdue(law, start, limit, min(recorded, default=None), AlertKind.MANIFEST_NOT_CONFIRMED)


# Number and receiver


def _second(firsts: dict[Any, int]) -> list[int]:
    """When the second of several different contents was first stated."""
    return sorted(firsts.values())[1:2]


def _firsts(contents: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for content, at in contents:
        if at < found.get(content, at + 1):
            found[content] = at
    return found


def _reused(manifest: Manifest, void_at: int | None) -> list[Span]:
    """Two different issues; loads that left different origins; two loads on two vehicles; a load after a void."""
    since: list[int] = []
    if len(manifest.issued) > 1:
        since += _second(_firsts(((issue.ends, issue.lines), issue.at) for issue in manifest.issued))
    if manifest.departed:
        statements: list[Issue | Departure] = [*manifest.issued, *manifest.departed]
        since += _second(_firsts((statement.ends[:2], statement.at) for statement in statements))
    if len(manifest.departed) > 1:
        by_vehicle = _second(_firsts((left.vehicle, left.at) for left in manifest.departed))
        by_lines = _second(_firsts((left.lines, left.at) for left in manifest.departed))
        since += [max(by_vehicle + by_lines)] if by_vehicle and by_lines else []
    moved = first_movement(manifest) if void_at is not None else None
    since += [moved] if moved is not None else []
    return [(AlertKind.MANIFEST_NUMBER_REUSED, min(since), None)] if since else []


def _is_named(manifest: Manifest, site: str, org: str) -> bool:
    """Whether the manifest names this site, and this organisation where one is given, as its destination."""
    return any(site == ends[2] and (not org or org == ends[3]) for ends in named_ends(manifest))


def _wrong_receiver(manifest: Manifest) -> list[Span]:
    """A gate or a receiver that is not the destination named (MT 11); a wrong gate until the right one is reached."""
    if not manifest.arrived and not manifest.accepted:
        return []
    gates = [(arrival.at, _is_named(manifest, arrival.site, "")) for arrival in manifest.arrived]
    receipts = [
        (taken.at, _is_named(manifest, taken.receiver, taken.receiver_org)) for taken in manifest.accepted
    ]
    wrong = [at for at, is_named in gates + receipts if not is_named]
    if not wrong:
        return []
    right = [at for at, is_named in gates + receipts if is_named and at > max(wrong)]
    lasts = not all(is_named for _, is_named in receipts)
    until = None if lasts else min(right, default=None)
    return [(AlertKind.MANIFEST_WRONG_RECEIVER, min(wrong), until)]


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


def _tell_term(law: Law, site: str, start_name: str, start: int, limit: Limit | None) -> Told:
    if limit is None:
        return Told(site, {start_name: start})
    return Told(site, {start_name: start, "limit_at": law.deadline(start, limit)}, limit.citation)


def _tell_transit(manifest: Manifest, law: Law) -> Told:
    left = manifest.departed[0]
    return _tell_term(law, left.ends[0], "departed_at", left.at, _transit_limit(manifest, law))


def _tell_acceptance(manifest: Manifest, law: Law) -> Told:
    arrived_at = _arrived_at(manifest) or 0
    limit = _acceptance_limit(manifest, law, arrived_at)
    return _tell_term(law, _gate(manifest), "arrived_at", arrived_at, limit)


def _tell_confirmation(manifest: Manifest, law: Law) -> Told:
    taken = manifest.accepted[0]
    return _tell_term(law, taken.receiver, "accepted_at", taken.at, _confirmation_limit(manifest, law))


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
    return Told(sites[0] if sites else _destination(manifest), counts)


def _tell_receiver(manifest: Manifest, law: Law) -> Told:
    ends = named_ends(manifest)[0]
    site, receiver_org = _wrong_place(manifest)
    texts: dict[str, int | str] = {"named_site": ends[2], "named_org": ends[3], "receiver": site}
    return Told(site, texts | ({"receiver_org": receiver_org} if receiver_org else {}))


def _wrong_place(manifest: Manifest) -> tuple[str, str]:
    """Where the load went instead: who took it, else the gate it came to."""
    for taken in manifest.accepted:
        if not _is_named(manifest, taken.receiver, taken.receiver_org):
            return taken.receiver, taken.receiver_org
    return next((a.site for a in manifest.arrived if not _is_named(manifest, a.site, "")), ""), ""


_TELLERS: Final[dict[AlertKind, Callable[[Manifest, Law], Told]]] = {
    AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG: _tell_transit,
    AlertKind.MANIFEST_NOT_ACCEPTED: _tell_acceptance,
    AlertKind.MANIFEST_NOT_CONFIRMED: _tell_confirmation,
    AlertKind.MANIFEST_MASS_DIFFERS: _tell_difference,
    AlertKind.MANIFEST_NUMBER_REUSED: _tell_reused,
    AlertKind.MANIFEST_WRONG_RECEIVER: _tell_receiver,
}
