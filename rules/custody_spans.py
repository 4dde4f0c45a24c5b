"""From when until when something is wrong with a manifest, whatever the time is now; used by rules.custody.

Speed matters here: every fact of a manifest asks for all of this. Where a list has one statement, as it has in an
ordinary life, nothing is collected or sorted.
"""

from collections.abc import Collection, Iterable
from typing import Any

from models.alerts import AlertKind
from models.catalogue.exemptions import Stage
from models.law import Law
from rules.custody_course import (
    contradictions,
    foreign_number,
    is_exempt,
    paper_entry,
    strange_issuer,
)
from rules.custody_legs import broken, is_one_named_carrier, stranger
from rules.custody_manifest import (
    Departure,
    Ends,
    Issue,
    Manifest,
    first,
    first_movement,
    named_ends,
    void_since,
)
from rules.custody_masses import (
    differences,
    is_received_as_loaded,
    piece_differences,
    weighed_differences,
)
from rules.custody_ordinary import is_ordinary
from rules.custody_refused import refused_term, settled_at
from rules.custody_terms import Span, Term, only_code, term
from rules.custody_watch import watched


def spans(manifest_no: str, manifest: Manifest, law: Law) -> list[Span]:
    """All that is or will be wrong if nothing more is stated; no span is empty, no kind comes twice.

    Where the stage of transport is claimed exempt, the way is not judged: no transit term, no carriers, no hand-overs,
    nothing that was seen. Where collection is, neither who filled the manifest in nor when it was confirmed or entered.
    """
    return (_ordinary if is_ordinary(manifest) else _in_full)(manifest_no, manifest, law)


def _in_full(manifest_no: str, manifest: Manifest, law: Law) -> list[Span]:
    """All that can be wrong with a manifest, looked for."""
    void_at = void_since(manifest) if manifest.voided else None
    if void_at is not None and first_movement(manifest) is None:
        return _until(void_at, _reused(manifest, None))
    found = _reused(manifest, void_at)
    is_reused = bool(found)
    exempt = _exempt_stages(manifest)
    if manifest.issued:
        if not is_reused and foreign_number(manifest_no, manifest, law) is not None:
            found.append((AlertKind.MANIFEST_NUMBER_FOREIGN, manifest.issued[0].at, None))
        if Stage.COLLECTION not in exempt:
            _filled_in(manifest, law, found)
    if Stage.TRANSPORT not in exempt:
        _way(manifest, law, found)
    _not_accepted(manifest, law, found)
    if manifest.accepted and Stage.COLLECTION not in exempt:
        _not_confirmed(manifest, law, found)
    _wrong_receiver(manifest, found)
    if manifest.accepted:
        _amounts(manifest, law, found, is_reused=is_reused)
    if manifest.refused:
        _refused(manifest, law, found)
    if manifest.departed or manifest.confirmed or manifest.voided:
        _contradicted(manifest, law, found)
    return found


def _ordinary(manifest_no: str, manifest: Manifest, law: Law) -> list[Span]:
    """Its number and its terms."""
    found: list[Span] = []
    if foreign_number(manifest_no, manifest, law) is not None:
        found.append((AlertKind.MANIFEST_NUMBER_FOREIGN, manifest.issued[0].at, None))
    if manifest.departed:
        _too_long_in_transit(manifest, law, found)
        _not_accepted(manifest, law, found)
        if manifest.accepted:
            _not_confirmed(manifest, law, found)
    return found


def _exempt_stages(manifest: Manifest) -> Collection[Stage]:
    """Of transport and collection, those that are claimed exempt; most manifests claim nothing."""
    for issue in manifest.issued:
        if issue.claims:
            break
    else:
        for left in manifest.departed:
            if left.claims:
                break
        else:
            return ()
    return [stage for stage in (Stage.TRANSPORT, Stage.COLLECTION) if is_exempt(manifest, stage)]


def _filled_in(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Who filled the manifest in, and when it was entered from paper."""
    strange = strange_issuer(manifest)
    if strange is not None:
        found.append((AlertKind.MANIFEST_ISSUED_BY_STRANGER, strange[0], None))
    entry = paper_entry(manifest, law)
    if entry is not None and entry.entered_at > entry.term.after(entry.ended_at):
        found.append((AlertKind.MANIFEST_PAPER_LATE, entry.term.after(entry.ended_at), entry.entered_at))


def _way(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Time on the road, carriers and hand-overs, and what was seen."""
    if manifest.departed:
        _too_long_in_transit(manifest, law, found)
    if not is_one_named_carrier(manifest):
        strange = stranger(manifest)
        if strange is not None:
            found.append((AlertKind.MANIFEST_CARRIER_NOT_NAMED, strange.at, None))
        fault = broken(manifest)
        if fault is not None:
            found.append((AlertKind.MANIFEST_HANDOVER_BROKEN, fault.at, None))
    if manifest.observed:
        found.extend(watched(manifest, law))


def _amounts(manifest: Manifest, law: Law, found: list[Span], *, is_reused: bool) -> None:
    """Loaded, weighed and accepted. Under a number used twice it is not known which load was weighed."""
    accepted_at = manifest.accepted[0].at
    if manifest.departed and not is_received_as_loaded(manifest):
        if differences(manifest, law):
            found.append((AlertKind.MANIFEST_MASS_DIFFERS, accepted_at, None))
        if piece_differences(manifest):
            found.append((AlertKind.MANIFEST_PIECES_DIFFER, accepted_at, None))
    if manifest.weighed and not is_reused and weighed_differences(manifest, law):
        since = max(accepted_at, manifest.weighed[0].at)
        found.append((AlertKind.MANIFEST_WEIGHED_DIFFERS, since, None))


def _refused(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Refused, and after the term neither back nor gone on."""
    start, end = manifest.refused[0].at, settled_at(manifest, law)
    if end is None or end > start:
        _overdue(refused_term(manifest, law), start, end, AlertKind.MANIFEST_REFUSED_OUTSTANDING, found)


def _contradicted(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """From the first contradiction, to the end of the last where all came to an end."""
    known = contradictions(manifest, law)
    if known:
        ends = [one.until for one in known if one.until is not None]
        until = max(ends) if len(ends) == len(known) else None
        found.append((AlertKind.MANIFEST_ACTS_CONTRADICT, known[0].since, until))


def _until(end: int, found: list[Span]) -> list[Span]:
    return [(kind, since, end) for kind, since, _ in found if since < end]


# Terms


def _code_of(manifest: Manifest) -> str | None:
    if manifest.departed:
        return only_code(manifest.departed[0].lines)
    if manifest.issued:
        return only_code(manifest.issued[0].lines)
    return only_code(manifest.accepted[0].lines) if manifest.accepted else None


def arrived_at(manifest: Manifest) -> int | None:
    """When the load is first known to have reached a gate or a weighbridge."""
    return first(manifest.arrived, manifest.weighed)


def received_at(manifest: Manifest) -> int | None:
    """When the load is first known to have been accepted or refused."""
    return first(manifest.accepted, manifest.refused, manifest.returned, manifest.confirmed)


def gate(manifest: Manifest) -> str:
    """Where the load arrived, or should have."""
    if manifest.arrived:
        return manifest.arrived[0].site
    ends = named_ends(manifest)
    return ends[0][2] if ends else ""


def transit_term(manifest: Manifest, law: Law) -> Term | None:
    """How long the load may be under way, by the origin's region."""
    left = manifest.departed[0]
    return term(law, "transit_term", left.ends[0], only_code(left.lines), left.at)


def acceptance_term(manifest: Manifest, law: Law, start: int) -> Term | None:
    """How long the destination may take to accept or refuse."""
    return term(law, "acceptance_term", gate(manifest), _code_of(manifest), start)


def confirmation_term(manifest: Manifest, law: Law) -> Term | None:
    """How long the destination may take to confirm (MT 18)."""
    taken = manifest.accepted[0]
    return term(law, "confirmation_term", taken.receiver, only_code(taken.lines), taken.at)


def _too_long_in_transit(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Departed, and after the term neither arrived nor shown by a receipt to have arrived."""
    start = manifest.departed[0].at
    end = first(
        manifest.arrived,
        manifest.weighed,
        manifest.accepted,
        manifest.refused,
        manifest.returned,
        manifest.confirmed,
    )
    if end is not None and end <= start:
        return
    _overdue(transit_term(manifest, law), start, end, AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG, found)


def _not_accepted(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Arrived or weighed, and after the term neither accepted nor refused."""
    start = arrived_at(manifest)
    if start is None:
        return
    end = received_at(manifest)
    if end is not None and end <= start:
        return
    _overdue(acceptance_term(manifest, law, start), start, end, AlertKind.MANIFEST_NOT_ACCEPTED, found)


def _not_confirmed(manifest: Manifest, law: Law, found: list[Span]) -> None:
    """Accepted, and not confirmed in the ledger when the working days were over (MT 18)."""
    if True in [issue.on_paper for issue in manifest.issued]:
        return
    end = min([confirmation.recorded_at for confirmation in manifest.confirmed], default=None)
    start = manifest.accepted[0].at
    if end is not None and end <= start:
        return
    _overdue(confirmation_term(manifest, law), start, end, AlertKind.MANIFEST_NOT_CONFIRMED, found)


def _overdue(known: Term | None, start: int, end: int | None, kind: AlertKind, found: list[Span]) -> None:
    """From when a term that began at `start` is over, until what was due was done; nothing where it was in time."""
    if known is None:
        return
    over_at = known.after(start)
    if end is None or end > over_at:
        found.append((kind, over_at, end))


# Number and receiver


def _reused(manifest: Manifest, void_at: int | None) -> list[Span]:
    """Two different issues; loads that left different origins; two loads on two vehicles; a load after a void."""
    issued, departed = manifest.issued, manifest.departed
    if len(issued) < 2 and len(departed) < 2 and void_at is None and _is_one_origin(issued, departed):
        return []
    since: list[int] = []
    if len(issued) > 1:
        since += _second(((issue.ends, issue.lines), issue.at) for issue in issued)
    if departed:
        statements: list[Issue | Departure] = [*issued, *departed]
        since += _second((statement.ends[:2], statement.at) for statement in statements)
    if len(departed) > 1:
        by_vehicle = _second((left.vehicle, left.at) for left in departed)
        by_lines = _second((left.lines, left.at) for left in departed)
        since += [max(by_vehicle + by_lines)] if by_vehicle and by_lines else []
    if void_at is not None:
        moved = first_movement(manifest)
        since += [moved] if moved is not None else []
    return [(AlertKind.MANIFEST_NUMBER_REUSED, min(since), None)] if since else []


def _is_one_origin(issued: list[Issue], departed: list[Departure]) -> bool:
    """Whether the first issue and the first departure, where both are known, tell of the same origin."""
    return not issued or not departed or issued[0].ends[:2] == departed[0].ends[:2]


def _second(contents: Iterable[tuple[Any, int]]) -> list[int]:
    """When the second of several different contents was first stated; nothing where there is only one."""
    firsts: dict[Any, int] = {}
    for content, at in contents:
        if at < firsts.get(content, at + 1):
            firsts[content] = at
    return sorted(firsts.values())[1:2]


def is_named(named: list[Ends], site: str, org: str) -> bool:
    """Whether this site, and this organisation where one is given, is among the destinations named."""
    found = [ends for ends in named if site == ends[2] and (not org or org == ends[3])]
    return len(found) > 0


def _wrong_receiver(manifest: Manifest, found: list[Span]) -> None:
    """A gate or a receiver that is not the destination named (MT 11); a wrong gate until the right one is reached."""
    named = named_ends(manifest)
    wrong = [a.at for a in manifest.arrived if not is_named(named, a.site, "")]
    strange = [a.at for a in manifest.accepted if not is_named(named, a.receiver, a.receiver_org)]
    if not wrong and not strange:
        return
    end = None if strange else _right_after(manifest, named, max(wrong))
    found.append((AlertKind.MANIFEST_WRONG_RECEIVER, min(wrong + strange), end))


def _right_after(manifest: Manifest, named: list[Ends], at: int) -> int | None:
    """When the load was at, or accepted by, the destination named, after it had been elsewhere."""
    gates = [a.at for a in manifest.arrived if a.at > at and is_named(named, a.site, "")]
    receipts = [a.at for a in manifest.accepted if a.at > at]
    return min(gates + receipts, default=None)
