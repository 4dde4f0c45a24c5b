"""What an alert about a manifest says: where, the amounts and instants that tell the case, its ground; for rules.custody."""

from collections.abc import Callable
from typing import Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.law import Law
from rules.custody_course import contradictions, foreign_number, paper_entry, strange_issuer
from rules.custody_legs import Fault, broken, named_carriers, stranger
from rules.custody_manifest import (
    Departure,
    Issue,
    Manifest,
    first,
    first_movement,
    named_ends,
    parties_of,
    void_since,
)
from rules.custody_masses import amounts, differences, piece_differences, weighed_differences
from rules.custody_refused import owed, refused_term
from rules.custody_spans import (
    acceptance_term,
    arrived_at,
    confirmation_term,
    gate,
    is_named,
    transit_term,
)
from rules.custody_terms import Span, Term
from rules.custody_watch import OBSERVATION_OF, sights_of


def explained(subject: str, manifest: Manifest, law: Law, span: Span) -> Finding:
    """The finding that a span stands for."""
    kind, since, until = span
    told = _TELLERS[kind](subject, manifest, law)
    return Finding(
        kind,
        subject,
        since,
        until,
        amounts=told.amounts,
        site=told.site,
        parties=(*parties_of(manifest), *told.strangers),
        basis=told.basis,
    )


class Told(NamedTuple):
    """What a finding adds to its span; `strangers` are organisations that the manifest does not name."""

    site: str
    amounts: dict[str, int | str]
    basis: str = ""
    strangers: tuple[str, ...] = ()


def _tell_term(known: Term | None, site: str, start_name: str, start: int) -> Told:
    if known is None:
        return Told(site, {start_name: start})
    told: dict[str, int | str] = {start_name: start, "limit_at": known.after(start), **known.calendar}
    return Told(site, told, known.limit.citation)


def _tell_transit(_no: str, manifest: Manifest, law: Law) -> Told:
    left = manifest.departed[0]
    return _tell_term(transit_term(manifest, law), left.ends[0], "departed_at", left.at)


def _tell_acceptance(_no: str, manifest: Manifest, law: Law) -> Told:
    start = arrived_at(manifest) or 0
    return _tell_term(acceptance_term(manifest, law, start), gate(manifest), "arrived_at", start)


def _tell_confirmation(_no: str, manifest: Manifest, law: Law) -> Told:
    taken = manifest.accepted[0]
    return _tell_term(confirmation_term(manifest, law), taken.receiver, "accepted_at", taken.at)


def _tell_difference(_no: str, manifest: Manifest, law: Law) -> Told:
    return Told(manifest.accepted[0].receiver, amounts(differences(manifest, law)))


def _tell_reused(_no: str, manifest: Manifest, law: Law) -> Told:
    statements: list[Issue | Departure] = [*manifest.issued, *manifest.departed]
    sites = list(dict.fromkeys(statement.ends[0] for statement in statements))
    counts: dict[str, int | str] = {"issues": len(manifest.issued), "departures": len(manifest.departed)}
    if len(sites) > 1:
        counts |= {"origin": sites[0], "other_origin": sites[1]}
    void_at = void_since(manifest)
    if void_at is not None:
        counts["voided_at"] = void_at
    return Told(sites[0] if sites else gate(manifest), counts)


def _tell_receiver(_no: str, manifest: Manifest, law: Law) -> Told:
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


def _tell_weighed(_no: str, manifest: Manifest, law: Law) -> Told:
    told = amounts(weighed_differences(manifest, law))
    return Told(manifest.accepted[0].receiver, {_WEIGHED.get(name, name): told[name] for name in told})


_WEIGHED: Final = {"loaded_g": "weighed_g", "line_loaded_g": "line_weighed_g"}


def _tell_pieces(_no: str, manifest: Manifest, law: Law) -> Told:
    line, code, sums = piece_differences(manifest)[0]
    texts: dict[str, int | str] = {"line": line, "waste_code": code}
    counts: dict[str, int | str] = {
        "loaded_pieces": sums.loaded_pieces or 0,
        "accepted_pieces": sums.accepted_pieces or 0,
        "refused_pieces": sums.refused_pieces or 0,
    }
    return Told(manifest.accepted[0].receiver, texts | counts)


def _origin(manifest: Manifest) -> str:
    ends = named_ends(manifest)
    return ends[0][0] if ends else ""


def _tell_stranger(_no: str, manifest: Manifest, law: Law) -> Told:
    fault = stranger(manifest)
    assert fault is not None
    texts: dict[str, int | str] = {
        "carrier": fault.carrier,
        "named_carriers": "、".join(named_carriers(manifest)),
    }
    return Told(_origin(manifest), texts)


def _tell_broken(_no: str, manifest: Manifest, law: Law) -> Told:
    fault: Fault | None = broken(manifest)
    assert fault is not None
    texts: dict[str, int | str] = {"reason": fault.reason, "carrier": fault.carrier}
    return Told(_origin(manifest), texts | ({"expected_carrier": fault.expected} if fault.expected else {}))


def _tell_refused(_no: str, manifest: Manifest, law: Law) -> Told:
    left, start = owed(manifest, law), manifest.refused[0].at
    told = _tell_term(refused_term(manifest, law), _origin(manifest), "refused_at", start)
    masses: dict[str, int | str] = {
        "refused_g": left.refused_g,
        "returned_g": left.returned_g,
        "onward_g": left.onward_g,
        "owed_g": left.owed_g,
    }
    if left.owed_pieces:
        masses["owed_pieces"] = left.owed_pieces
    return told._replace(amounts=masses | told.amounts)


def _tell_paper(_no: str, manifest: Manifest, law: Law) -> Told:
    entry = paper_entry(manifest, law)
    assert entry is not None
    told = _tell_term(entry.term, _origin(manifest), "ended_at", entry.ended_at)
    return told._replace(amounts={**told.amounts, "entered_at": entry.entered_at})


def _tell_issuer(_no: str, manifest: Manifest, law: Law) -> Told:
    strange = strange_issuer(manifest)
    assert strange is not None
    return Told(_origin(manifest), {"issued_by": strange[1]}, strangers=(strange[1],))


def _tell_contradiction(_no: str, manifest: Manifest, law: Law) -> Told:
    """The reason and the instants of its two acts, where both are known."""
    reason = contradictions(manifest, law)[0].reason
    moved, taken = first_movement(manifest), first(manifest.accepted, manifest.refused, manifest.returned)
    acts = {
        "received_before_departure": {"departed_at": first(manifest.departed), "received_at": moved},
        "confirmed_unreceived": {"confirmed_at": first(manifest.confirmed), "received_at": taken},
        "voided_too_late": {"moved_at": moved, "voided_at": first(manifest.voided)},
    }
    told: dict[str, int | str] = {"reason": reason}
    told.update({name: at for name, at in acts[reason].items() if at is not None})
    return Told(_origin(manifest) or gate(manifest), told)


def _tell_foreign(manifest_no: str, manifest: Manifest, law: Law) -> Told:
    found = foreign_number(manifest_no, manifest, law)
    assert found is not None
    digits: dict[str, int | str] = {
        "number_year": found.number_year,
        "year": found.year,
        "number_region": found.number_region,
        "region": found.region,
    }
    return Told(found.origin, digits)


def _tell_seen(kind: AlertKind) -> Callable[[str, Manifest, Law], Told]:
    def tell(_no: str, manifest: Manifest, law: Law) -> Told:
        sights = list(sights_of(manifest, law, OBSERVATION_OF[kind]))
        seen, known = sights[0].seen, sights[0].term
        told: dict[str, int | str] = {"vehicle": seen.vehicle, "times": len(sights)}
        told |= {"region": seen.region} if seen.region else {}
        told |= {"seen_at": seen.at, "limit_at": known.after(seen.at)}
        return Told(seen.origin, told, known.limit.citation)

    return tell


_TELLERS: Final[dict[AlertKind, Callable[[str, Manifest, Law], Told]]] = {
    AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG: _tell_transit,
    AlertKind.MANIFEST_NOT_ACCEPTED: _tell_acceptance,
    AlertKind.MANIFEST_NOT_CONFIRMED: _tell_confirmation,
    AlertKind.MANIFEST_MASS_DIFFERS: _tell_difference,
    AlertKind.MANIFEST_NUMBER_REUSED: _tell_reused,
    AlertKind.MANIFEST_WRONG_RECEIVER: _tell_receiver,
    AlertKind.MANIFEST_WEIGHED_DIFFERS: _tell_weighed,
    AlertKind.MANIFEST_PIECES_DIFFER: _tell_pieces,
    AlertKind.MANIFEST_CARRIER_NOT_NAMED: _tell_stranger,
    AlertKind.MANIFEST_HANDOVER_BROKEN: _tell_broken,
    AlertKind.MANIFEST_REFUSED_OUTSTANDING: _tell_refused,
    AlertKind.MANIFEST_PAPER_LATE: _tell_paper,
    AlertKind.MANIFEST_ISSUED_BY_STRANGER: _tell_issuer,
    AlertKind.MANIFEST_ACTS_CONTRADICT: _tell_contradiction,
    AlertKind.MANIFEST_NUMBER_FOREIGN: _tell_foreign,
    **{kind: _tell_seen(kind) for kind in OBSERVATION_OF},
}
