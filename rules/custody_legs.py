"""Who carried a load and who held it at any instant; what is wrong with carriers and hand-overs; for rules.custody.

Sources: MT 11 (the carrier keeps to the manifest), MT 17 (at a hand-over the later carrier checks origin, earlier
carrier and waste). Nothing is asked of carriers where no issue names any, nor where the transport stage is claimed
exempt. A hand-over that two parties state alike is one.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from rules.custody_manifest import (
    Arrival,
    Departure,
    HandOver,
    Line,
    Manifest,
    distinct_lines,
    named_ends,
)

ORIGIN: Final = "origin"
CARRIER: Final = "carrier"
DESTINATION: Final = "destination"


class Leg(NamedTuple):
    """One carrier's part of the way; `until` None while it lasts (microseconds)."""

    carrier: str
    vehicle: str
    since: int
    until: int | None


class Held(NamedTuple):
    """Who has the load from an instant on, and as what: origin, carrier or destination."""

    since: int
    org: str
    role: str


class Fault(NamedTuple):
    """What is wrong with the chain of carriers, the earliest such thing; `reason` has words in both languages."""

    at: int
    reason: str
    carrier: str
    expected: str


def named_carriers(manifest: Manifest) -> list[str]:
    """Carriers as the issues name them, in the order of the legs, each once."""
    if len(manifest.issued) == 1:
        return list(manifest.issued[0].carriers)
    return list(dict.fromkeys(carrier for issue in manifest.issued for carrier in issue.carriers))


def hand_overs(manifest: Manifest) -> list[HandOver]:
    """Each hand-over once, in order."""
    found: dict[tuple[str, str, str], HandOver] = {}
    for passed in manifest.handed_over:
        found.setdefault((passed.from_carrier, passed.carrier, passed.vehicle), passed)
    return list(found.values())


def is_one_named_carrier(manifest: Manifest) -> bool:
    """The shortest way to the commonest answer: one departure and arrival, by the carrier that the one issue names."""
    issued, departed, arrived = manifest.issued, manifest.departed, manifest.arrived
    if manifest.handed_over or len(issued) != 1 or len(departed) != 1 or len(arrived) > 1:
        return not (departed or arrived or manifest.handed_over)
    carrier = departed[0].carrier
    return carrier in issued[0].carriers and (not arrived or arrived[0].carrier == carrier)


def stranger(manifest: Manifest) -> Fault | None:
    """The first leg by a carrier whom no issue names; None where there is none."""
    named = named_carriers(manifest)
    if not named:
        return None
    driven: list[Departure | HandOver | Arrival] = [
        *manifest.departed,
        *manifest.handed_over,
        *manifest.arrived,
    ]
    strangers = [Fault(leg.at, "", leg.carrier, named[0]) for leg in driven if leg.carrier not in named]
    return min(strangers, default=None)


def broken(manifest: Manifest) -> Fault | None:
    """The first hand-over or arrival that does not fit the one before; None where the chain holds.

    The load is with whoever departed with it, until that carrier hands it over; a carrier can only hand over what it
    has, to the next one that the manifest names. Where several carriers departed, the number is reused, and the chain
    is not judged.
    """
    if not manifest.handed_over and _is_one_carrier(manifest):
        return None
    if len({left.carrier for left in manifest.departed}) > 1:
        return None
    return min(_faults(manifest), default=None)


def _is_one_carrier(manifest: Manifest) -> bool:
    departed, arrived = manifest.departed, manifest.arrived
    return not departed or not arrived or (len(arrived) == 1 and departed[0].carrier == arrived[0].carrier)


def _faults(manifest: Manifest) -> Iterator[Fault]:
    holder = manifest.departed[0].carrier if manifest.departed else ""
    order = manifest.issued[0].carriers if len(manifest.issued) == 1 else ()
    waiting = list(manifest.arrived)
    for passed in hand_overs(manifest):
        while waiting and waiting[0].at < passed.at:
            yield from _arrived_by_other(waiting.pop(0), holder)
        if holder and passed.from_carrier != holder:
            yield Fault(passed.at, "not_the_holder", passed.from_carrier, holder)
        elif not _is_next(order, passed):
            yield Fault(passed.at, "not_the_next", passed.carrier, _after(order, passed.from_carrier))
        holder = passed.carrier
    for arrival in waiting:
        yield from _arrived_by_other(arrival, holder)


def _arrived_by_other(arrival: Arrival, holder: str) -> Iterator[Fault]:
    if holder and arrival.carrier != holder:
        yield Fault(arrival.at, "arrived_by_another", arrival.carrier, holder)


def _is_next(order: tuple[str, ...], passed: HandOver) -> bool:
    """Whether the manifest's order has these two in turn; a carrier it does not name is another alert's affair."""
    if passed.carrier not in order or passed.from_carrier not in order:
        return True
    return (passed.from_carrier, passed.carrier) in pairwise(order)


def _after(order: tuple[str, ...], carrier: str) -> str:
    place = order.index(carrier) + 1
    return order[place] if place < len(order) else ""


# Who holds it


def legs(manifest: Manifest) -> list[Leg]:
    """The legs as stated, in order; the last ends when the load is received."""
    starts: list[Departure | HandOver] = [*manifest.departed[:1], *hand_overs(manifest)]
    ends = [later.at for later in starts[1:]] + [received_at(manifest)] * bool(starts)
    return [
        Leg(start.carrier, start.vehicle, start.at, end if end is None or end >= start.at else start.at)
        for start, end in zip(starts, ends, strict=True)
    ]


def received_at(manifest: Manifest) -> int | None:
    """When the load left the last carrier's hands: accepted by somebody, or back at its origin."""
    return manifest.accepted[0].at if manifest.accepted else back_at(manifest)


def back_at(manifest: Manifest) -> int | None:
    """When a load of which nothing was accepted was back at its origin, nine tenths of what was refused at least."""
    refused_g = _grams(distinct_lines(manifest.refused))
    back_g, counted = 0, set()
    for back in [] if manifest.accepted else manifest.returned:
        if back.lines not in counted:
            counted.add(back.lines)
            back_g += _grams(back.lines)
        if back_g * 10 >= refused_g * 9:
            return back.at
    return None


def _grams(lines: Iterable[Line]) -> int:
    return sum(line[2] or 0 for line in lines)


def holders(manifest: Manifest) -> list[Held]:
    """Who holds the load from when on, by what is stated; what is neither accepted nor back stays with the last carrier.

    Of a load accepted in part the destination is the holder; what it refused goes its own way (rules.custody_refused).
    """
    ends = named_ends(manifest)
    found: list[Held] = []
    if manifest.issued and ends:
        found.append(Held(manifest.issued[0].at, ends[0][1], ORIGIN))
    found += [Held(leg.since, leg.carrier, CARRIER) for leg in legs(manifest)]
    found += [Held(a.at, a.receiver_org or a.ends[3], DESTINATION) for a in manifest.accepted[:1]]
    home_at = back_at(manifest)
    if home_at is not None and ends:
        found.append(Held(home_at, ends[0][1], ORIGIN))
    return sorted(found, key=lambda held: held.since)


def holder_at(manifest: Manifest, at: int) -> Held | None:
    """Who holds the load at an instant; None before anything is stated. A part refused goes its own way."""
    found = None
    for held in holders(manifest):
        if held.since <= at:
            found = held
    return found
