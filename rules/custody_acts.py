"""How facts become the statements of a manifest, and where each is kept; for rules.custody."""

from bisect import insort
from collections.abc import Callable
from typing import Any, Final

from models.envelope import Stated
from rules.custody_manifest import (
    Acceptance,
    Arrival,
    Confirmation,
    Departure,
    Ends,
    HandOver,
    Issue,
    Line,
    Lines,
    Manifest,
    Observed,
    Onward,
    Origin,
    Refusal,
    Returned,
    Statement,
    Weighed,
)


def ends_of(body: Any) -> Ends:
    """Origin and destination as a fact repeats them."""
    return (body.origin, body.origin_org, body.destination, body.destination_org)


def lines_of(body: Any) -> Lines:
    """Lines by number."""
    lines = [(line.line, line.waste_code, line.mass_g, line.pieces) for line in body.lines]
    if len(lines) > 1:
        lines.sort(key=_number)
    return tuple(lines)


def _number(line: Line) -> int:
    return line[0]


def _issue(stated: Stated) -> Statement:
    body: Any = stated.body
    carriers = tuple([carrier.org for carrier in body.carriers])
    claims = tuple([claim.exemption_id for claim in body.exemptions])
    if body.exemption is not None:
        claims = (body.exemption.exemption_id, *claims)
    return Issue(
        stated.occurred_at,
        stated.seq,
        ends_of(body),
        carriers,
        lines_of(body),
        body.on_paper,
        stated.recorded_at,
        stated.stated_by,
        body.reverse_filled,
        claims,
        _other(body),
    )


def _other(body: Any) -> str:
    """The manifest that this one goes on from; its own number says nothing."""
    onward_of = body.onward_of
    return "" if onward_of is None or onward_of == body.manifest_no else str(onward_of)


def _void(stated: Stated) -> Statement:
    return Statement(stated.occurred_at, stated.seq)


def _departure(stated: Stated) -> Statement:
    body: Any = stated.body
    return Departure(
        stated.occurred_at,
        stated.seq,
        ends_of(body),
        body.carrier_org,
        body.vehicle,
        lines_of(body),
        body.weighing or "",
        _other(body),
        tuple([claim.exemption_id for claim in body.exemptions]) if body.exemptions else (),
    )


def _hand_over(stated: Stated) -> Statement:
    body: Any = stated.body
    return HandOver(stated.occurred_at, stated.seq, body.to_carrier_org, body.vehicle, body.from_carrier_org)


def _arrival(stated: Stated) -> Statement:
    body: Any = stated.body
    site = body.at_site or body.destination
    return Arrival(stated.occurred_at, stated.seq, ends_of(body), site, body.carrier_org)


def _acceptance(stated: Stated) -> Statement:
    body: Any = stated.body
    receiver = body.receiver or body.destination
    named_org = body.destination_org if receiver == body.destination else ""
    return Acceptance(
        stated.occurred_at,
        stated.seq,
        ends_of(body),
        receiver,
        body.receiver_org or named_org,
        lines_of(body),
        stated.recorded_at,
        body.weighing or "",
    )


def _weighed(stated: Stated) -> Statement:
    body: Any = stated.body
    return Weighed(stated.occurred_at, stated.seq, lines_of(body), body.weighing or "")


def _refusal(stated: Stated) -> Statement:
    return Refusal(stated.occurred_at, stated.seq, ends_of(stated.body), lines_of(stated.body))


def _returned(stated: Stated) -> Statement:
    body: Any = stated.body
    onward_no = body.onward_manifest_no
    named = "" if onward_no is None or onward_no == body.manifest_no else onward_no
    return Returned(stated.occurred_at, stated.seq, lines_of(body), named)


def _observed(stated: Stated) -> Statement:
    body: Any = stated.body
    return Observed(
        stated.occurred_at,
        stated.seq,
        body.observation.value,
        body.origin,
        body.vehicle,
        body.region or "",
        body.until,
    )


def _confirmation(stated: Stated) -> Statement:
    return Confirmation(stated.occurred_at, stated.seq, stated.recorded_at)


Place = tuple[str, Callable[[Stated], Statement]]
ACTS: Final[dict[str, Place]] = {
    "manifest-issued.v1": ("issued", _issue),
    "manifest-voided.v1": ("voided", _void),
    "transport-departed.v1": ("departed", _departure),
    "transport-handed-over.v1": ("handed_over", _hand_over),
    "transport-arrived.v1": ("arrived", _arrival),
    "transport-observed.v1": ("observed", _observed),
    "receipt-weighed.v1": ("weighed", _weighed),
    "receipt-accepted.v1": ("accepted", _acceptance),
    "receipt-refused.v1": ("refused", _refusal),
    "transport-returned.v1": ("returned", _returned),
    "manifest-confirmed.v1": ("confirmed", _confirmation),
}


def place_of(stated: Stated, key: str) -> Place | None:
    """In which list of the manifest of this number a fact belongs, and how; None for one that says nothing of it.

    A gate that was passed is no act. Facts of another number tell this one where its load went on, or came from.
    """
    place = ACTS.get(stated.kind)
    if place is None:
        return None
    body: Any = stated.body
    if body.manifest_no == key:
        if place[0] == "observed" and body.observation == "gate":
            return None
        return place
    return ("came_from", _origin) if place[0] == "returned" else ("onward", _onward)


def _onward(stated: Stated) -> Statement:
    body: Any = stated.body
    moved = stated.kind == "transport-departed.v1"
    return Onward(stated.occurred_at, stated.seq, body.manifest_no, lines_of(body), moved)


def _origin(stated: Stated) -> Statement:
    body: Any = stated.body
    return Origin(stated.occurred_at, stated.seq, body.manifest_no, lines_of(body))


def add(manifest: Manifest, stated: Stated, place: Place) -> None:
    """Keep a statement where it belongs."""
    name, made = place
    known: list[Statement] = getattr(manifest, name)
    if known:
        insort(known, made(stated))
    else:
        known.append(made(stated))


def remove(manifest: Manifest, stated: Stated, place: Place) -> None:
    """Forget a statement that was corrected."""
    known: list[Statement] = getattr(manifest, place[0])
    setattr(manifest, place[0], [statement for statement in known if statement.seq != stated.seq])
