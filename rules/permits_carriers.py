"""Carriers' transport licences (道路运输许可): whether one holds when a load departs or is handed over; for rules.permits.

A carrier has an organisation, not a site, so its key is "carrier:<organisation>", with subjects "licence:<no>" and
"trip:<manifest>". Sources: MT 11 (the carrier states its operating-licence number), duty.transport. Readings:

- a carrier is judged from the first day on that any transport licence stated of it begins: before that, and where none was
  ever stated, its licences are not known here. A policy `carrier_licence_grace` of the origin's region asks for one of
  every carrier;
- a number that a manifest or a departure states and no licence has is unknown, though another licence may hold;
- a vehicle of an emergency plan in force at the origin, and a claim of an exemption for the way, need none.
"""

from bisect import insort
from datetime import date
from typing import Any

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.facts.law import LimitName
from models.facts.registers import LicenceType
from models.law import Case, Law
from rules.contract import State
from rules.permits_approvals import is_exempt_on_the_way
from rules.permits_licences import Licence, Terms, not_valid, terms_on
from rules.permits_receipts import day_of


class Named(msgspec.Struct, array_like=True, order=True, gc=False):
    """A licence number that a manifest states for this carrier."""

    at: int
    seq: int
    licence_no: str


class Taken(msgspec.Struct, array_like=True, order=True, gc=False):
    """The carrier took the load over: at the origin, or from the carrier before it."""

    at: int
    seq: int
    origin: str
    vehicle: str
    licence_no: str
    parties: tuple[str, ...]
    exempt: bool


class Trip(msgspec.Struct, tag="trip", omit_defaults=True, gc=False):
    """Statements about one manifest and this carrier, each list by (at, seq)."""

    named: list[Named] = []
    taken: list[Taken] = []


def trip_subject(stated: Stated) -> str:
    """The subject of an issue, departure or hand-over."""
    body: Any = stated.body
    return f"trip:{body.manifest_no}"


def evolve(state: State[Any], stated: Stated) -> set[str]:
    """Keep a statement about a trip; their order is nothing."""
    subject = trip_subject(stated)
    trip = state.subjects.get(subject)
    if trip is None:
        trip = Trip()
        state.attach(subject, trip)
    if stated.kind == "manifest-issued.v1":
        insort(trip.named, Named(stated.occurred_at, stated.seq, _number_for(state.key, stated.body)))
    else:
        insort(trip.taken, _taken(stated))
    return {subject}


def _number_for(key: str, body: Any) -> str:
    """The number stated for this carrier; where it is named twice, its first one."""
    org = key.partition(":")[2]
    numbers = [carrier.transport_licence_no for carrier in body.carriers if carrier.org == org]
    return next((number for number in numbers if number is not None), "")


def _taken(stated: Stated) -> Taken:
    body: Any = stated.body
    number, exempt = "", False
    if stated.kind == "transport-departed.v1":
        carrier, number = body.carrier_org, body.transport_licence_no or ""
        exempt = is_exempt_on_the_way(body, stated.occurred_at)
    else:
        carrier = body.to_carrier_org
    parties = (body.origin_org, carrier, body.destination_org)
    return Taken(stated.occurred_at, stated.seq, body.origin, body.vehicle, number, parties, exempt)


def retract(state: State[Any], stated: Stated) -> set[str]:
    """Forget a statement."""
    subject = trip_subject(stated)
    trip = state.subjects[subject]
    trip.named = [known for known in trip.named if known.seq != stated.seq]
    trip.taken = [known for known in trip.taken if known.seq != stated.seq]
    if not (trip.named or trip.taken):
        state.detach(subject)
    return {subject}


def finding(state: Any, subject: str, trip: Trip, law: Law) -> Finding | None:
    """Carried without a valid transport licence, or under a number that is not known; whatever time it is."""
    if not trip.taken or trip.taken[0].exempt:
        return None
    first = trip.taken[0]
    day = day_of(first.at)
    if not _is_judged(state, first, day, law) or _is_planned(first, day, law):
        return None
    wrong = _wrong(state.licences, trip, day)
    if wrong is None:
        return None
    reason, licence_no = wrong
    amounts: dict[str, int | str] = {
        "manifest_no": subject.partition(":")[2],
        "departed_at": first.at,
        "vehicle": first.vehicle,
        "reason": reason,
    }
    if licence_no:
        amounts["licence_no"] = licence_no
    return Finding(
        AlertKind.CARRIER_UNLICENSED,
        subject,
        first.at,
        amounts=amounts,
        site=first.origin,
        parties=first.parties,
    )


def _is_judged(state: Any, first: Taken, day: int, law: Law) -> bool:
    for licence in state.licences.values():
        if any(_carries(terms) and min(terms.valid_from, terms.start) <= day for terms in licence.terms):
            return True
    on = date.fromordinal(day)
    return law.limit(LimitName.CARRIER_LICENCE_GRACE, Case(region=first.origin[:6]), on) is not None


def _carries(terms: Terms) -> bool:
    return terms.licence_type == LicenceType.TRANSPORT


def _is_planned(first: Taken, day: int, law: Law) -> bool:
    """Whether the vehicle is on an emergency plan in force at the origin (duty.epidemic)."""
    on = date.fromordinal(day)
    plans = law.emergencies(first.origin[:6])
    return any(plan.holds_on(on) and first.vehicle in plan.vehicles for plan in plans)


def _wrong(licences: dict[str, Licence], trip: Trip, day: int) -> tuple[str, str] | None:
    """Why the trip is not licensed, and the number that is about; None where it is."""
    numbers = [named.licence_no for named in trip.named] + [taken.licence_no for taken in trip.taken]
    reasons: list[tuple[str, str]] = []
    known: set[str] = set()
    for subject, licence in licences.items():
        terms = terms_on(licence, day)
        if terms is None or not _carries(terms):
            continue
        number = subject.removeprefix("licence:")
        known.add(number)
        reason = not_valid(licence, terms, day)
        if reason is not None:
            reasons.append((reason, number))
    if len(reasons) == len(known):
        return min(reasons, default=("no_licence", ""))
    unknown = [number for number in numbers if number and number not in known]
    return ("unknown_number", unknown[0]) if unknown else None
