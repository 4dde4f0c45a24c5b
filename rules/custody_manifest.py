"""What is known of one manifest (联单): the statements made under its number, kept so that their order of arrival is
nothing; used by rules.custody, which judges them.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from models.envelope import Stated

Line = tuple[int, str, int | None, int | None]  # Line number, waste code, grams, pieces.
Lines = tuple[Line, ...]
Ends = tuple[str, str, str, str]  # Origin, its organisation, destination, its organisation.


class Statement(msgspec.Struct, array_like=True, order=True):
    """One act that somebody stated. `at` is when it happened (microseconds); `seq` tells statements apart."""

    at: int
    seq: int


class Issue(Statement):
    """开具."""

    ends: Ends
    carriers: tuple[str, ...]
    lines: Lines
    on_paper: bool


class Departure(Statement):
    """起运."""

    ends: Ends
    carrier: str
    vehicle: str
    lines: Lines


class HandOver(Statement):
    """联运交接: to whom."""

    carrier: str
    vehicle: str


class Arrival(Statement):
    """运抵, at `site`, which is the destination's unless the fact says otherwise."""

    ends: Ends
    site: str
    carrier: str


class Acceptance(Statement):
    """接受, by `receiver` of `receiver_org`; an organisation that was not said is empty."""

    ends: Ends
    receiver: str
    receiver_org: str
    lines: Lines


class Weighing(Statement):
    """过磅, 拒收 or 退回: lines of the load."""

    lines: Lines


class Confirmation(Statement):
    """确认接受: the term is held against the ledger's own clock (DESIGN 3)."""

    recorded_at: int


class Manifest(msgspec.Struct, omit_defaults=True):
    """Statements by kind of act, each list by (at, seq)."""

    issued: list[Issue] = []
    voided: list[Statement] = []
    departed: list[Departure] = []
    handed_over: list[HandOver] = []
    arrived: list[Arrival] = []
    weighed: list[Weighing] = []
    accepted: list[Acceptance] = []
    refused: list[Weighing] = []
    returned: list[Weighing] = []
    confirmed: list[Confirmation] = []

    def is_empty(self) -> bool:
        """Whether nothing is stated any more."""
        return not any(getattr(self, name) for name in self.__struct_fields__)


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
    return Issue(stated.occurred_at, stated.seq, ends_of(body), carriers, lines_of(body), body.on_paper)


def _void(stated: Stated) -> Statement:
    return Statement(stated.occurred_at, stated.seq)


def _departure(stated: Stated) -> Statement:
    body: Any = stated.body
    return Departure(
        stated.occurred_at, stated.seq, ends_of(body), body.carrier_org, body.vehicle, lines_of(body)
    )


def _hand_over(stated: Stated) -> Statement:
    body: Any = stated.body
    return HandOver(stated.occurred_at, stated.seq, body.to_carrier_org, body.vehicle)


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
    )


def _weighing(stated: Stated) -> Statement:
    return Weighing(stated.occurred_at, stated.seq, lines_of(stated.body))


def _confirmation(stated: Stated) -> Statement:
    return Confirmation(stated.occurred_at, stated.seq, stated.recorded_at)


# Observations on the way (途中监控) say nothing that is judged here.
ACTS: Final[dict[str, tuple[str, Callable[[Stated], Statement]]]] = {
    "manifest-issued.v1": ("issued", _issue),
    "manifest-voided.v1": ("voided", _void),
    "transport-departed.v1": ("departed", _departure),
    "transport-handed-over.v1": ("handed_over", _hand_over),
    "transport-arrived.v1": ("arrived", _arrival),
    "receipt-weighed.v1": ("weighed", _weighing),
    "receipt-accepted.v1": ("accepted", _acceptance),
    "receipt-refused.v1": ("refused", _weighing),
    "transport-returned.v1": ("returned", _weighing),
    "manifest-confirmed.v1": ("confirmed", _confirmation),
}


def add(manifest: Manifest, stated: Stated) -> None:
    """Keep a statement; facts that are no act on a manifest are not kept."""
    name, made = ACTS[stated.kind]
    known: list[Statement] = getattr(manifest, name)
    if known:
        insort(known, made(stated))
    else:
        known.append(made(stated))


def remove(manifest: Manifest, stated: Stated) -> None:
    """Forget a statement that was corrected."""
    name, _ = ACTS[stated.kind]
    known: list[Statement] = getattr(manifest, name)
    setattr(manifest, name, [statement for statement in known if statement.seq != stated.seq])


def first(*acts: Sequence[Statement]) -> int | None:
    """When the first of these acts happened; None where there was none."""
    found: int | None = None
    for statements in acts:
        if statements and (found is None or statements[0].at < found):
            found = statements[0].at
    return found


def first_movement(manifest: Manifest) -> int | None:
    """When the load is first known to have moved."""
    return first(manifest.departed, manifest.arrived, manifest.weighed, manifest.accepted, manifest.refused)


def void_since(manifest: Manifest) -> int | None:
    """When the manifest was voided; None where it was not, or too late: only before departure (MT, DOMAIN 1)."""
    if not manifest.voided:
        return None
    moved = first_movement(manifest)
    return next((void.at for void in manifest.voided if moved is None or void.at < moved), None)


def named_ends(manifest: Manifest) -> list[Ends]:
    """Who is named: by the issues; where none is known, by the departures, else by what was received."""
    for statements in (manifest.issued, manifest.departed, manifest.accepted, manifest.arrived):
        if len(statements) == 1:
            return [statements[0].ends]
        if statements:
            return list(dict.fromkeys(statement.ends for statement in statements))
    return []


def carriers_of(manifest: Manifest) -> list[str]:
    """Carriers in the order of the legs, each once."""
    if manifest.departed or manifest.handed_over:
        found = [departure.carrier for departure in manifest.departed]
        found += [hand_over.carrier for hand_over in manifest.handed_over]
    else:
        found = [carrier for issue in manifest.issued for carrier in issue.carriers]
        found += [arrival.carrier for arrival in manifest.arrived]
    return list(dict.fromkeys(found))


def parties_of(manifest: Manifest) -> tuple[str, ...]:
    """The organisations concerned: origins, carriers, destinations and whoever took the load, each once."""
    ends = named_ends(manifest)
    receivers = [acceptance.receiver_org for acceptance in manifest.accepted if acceptance.receiver_org]
    found = [end[1] for end in ends] + carriers_of(manifest) + [end[3] for end in ends] + receivers
    return tuple(dict.fromkeys(found))


class Weights(msgspec.Struct):
    """Grams of one line and code over all statements; None where a statement only counts pieces."""

    loaded_g: int | None = 0
    accepted_g: int | None = 0
    refused_g: int | None = 0

    @property
    def is_weighed(self) -> bool:
        """Whether all statements of this line give a mass."""
        return self.loaded_g is not None and self.accepted_g is not None and self.refused_g is not None


def weights(manifest: Manifest) -> dict[tuple[int, str], Weights]:
    """By line and code what was loaded, accepted and refused. A line stated twice the same way counts once."""
    found: dict[tuple[int, str], Weights] = {}
    for number, code, mass_g, _ in _distinct(manifest.departed):
        sums = found.setdefault((number, code), Weights())
        sums.loaded_g = _plus(sums.loaded_g, mass_g)
    for number, code, mass_g, _ in _distinct(manifest.accepted):
        sums = found.setdefault((number, code), Weights())
        sums.accepted_g = _plus(sums.accepted_g, mass_g)
    for number, code, mass_g, _ in _distinct(manifest.refused):
        sums = found.setdefault((number, code), Weights())
        sums.refused_g = _plus(sums.refused_g, mass_g)
    return found


def _distinct(statements: Sequence[Departure | Acceptance | Weighing]) -> Iterable[Line]:
    if len(statements) == 1:
        return statements[0].lines
    return {line for statement in statements for line in statement.lines}


def _plus(sum_g: int | None, mass_g: int | None) -> int | None:
    return None if sum_g is None or mass_g is None else sum_g + mass_g
