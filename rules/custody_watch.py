"""What was seen of a vehicle on its way: off the route, standing long, its lock opened, its signal lost; for rules.custody.

Each is a policy term (ours: no text sets one). An observation that gives no end lasts until the load is received, a
lost signal until it is back. What was seen before the departure or after the load was received is not on the way, and
counts nowhere. Seen several times, one finding runs from the first that outlasted its term to the end of the last.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from models.alerts import AlertKind
from models.law import Law
from rules.custody_manifest import Manifest, Observed, first
from rules.custody_terms import Span, Term, only_code, term

SEEN: Final[dict[str, tuple[AlertKind, str]]] = {
    "off-route": (AlertKind.MANIFEST_OFF_ROUTE, "off_route_term"),
    "long-stop": (AlertKind.MANIFEST_LONG_STOP, "long_stop_term"),
    "lock-opened": (AlertKind.MANIFEST_LOCK_OPENED, "lock_open_term"),
    "signal-lost": (AlertKind.MANIFEST_SIGNAL_LOST, "signal_lost_term"),
}
OBSERVATION_OF: Final = {kind: observation for observation, (kind, _) in SEEN.items()}


class Sight(NamedTuple):
    """An observation that outlasted its term: from when it is too long, until when it went on."""

    over_at: int
    until: int | None
    seen: Observed
    term: Term


def watched(manifest: Manifest, law: Law) -> Iterator[Span]:
    """Spans of what was seen on the way."""
    for observation, (kind, _) in SEEN.items():
        sights = list(sights_of(manifest, law, observation))
        if sights:
            ends = [sight.until for sight in sights if sight.until is not None]
            lasting = len(ends) < len(sights)
            yield kind, min(sight.over_at for sight in sights), None if lasting else max(ends)


def sights_of(manifest: Manifest, law: Law, observation: str) -> Iterator[Sight]:
    """Observations of a kind that outlasted their term, in their order."""
    left_at = manifest.departed[0].at if manifest.departed else None
    there_at = first(
        manifest.arrived, manifest.weighed, manifest.accepted, manifest.refused, manifest.returned
    )
    for seen in manifest.observed:
        if seen.observation != observation or (left_at is not None and seen.at < left_at):
            continue
        if there_at is not None and seen.at >= there_at:
            continue
        known = _term_of(manifest, law, observation, seen)
        until = _end_of(manifest, seen, there_at)
        if known is not None and (until is None or until > known.after(seen.at)):
            yield Sight(known.after(seen.at), until, seen, known)


def _term_of(manifest: Manifest, law: Law, observation: str, seen: Observed) -> Term | None:
    code = only_code(manifest.departed[0].lines) if manifest.departed else None
    return term(law, SEEN[observation][1], seen.region or seen.origin, code, seen.at)


def _end_of(manifest: Manifest, seen: Observed, there_at: int | None) -> int | None:
    """The end that was given, the signal's return or the load's receipt, whichever comes first."""
    ends = [at for at in (seen.until, there_at) if at is not None]
    if seen.observation == "signal-lost":
        ends += [o.at for o in manifest.observed if o.observation == "signal-back" and o.at >= seen.at]
    return min(ends, default=None)
