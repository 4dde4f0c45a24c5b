"""Vehicles and weighbridges: one in two cities at once, and the same mass weighed again and again; for rules.custody.

Keys: "vehicle:<plate>", told by departures, arrivals, and by hand-overs and observations that say a region; and
"weighbridge:<site>", told by weighings that are said to be from one. Both signals are policies (ours):

- two sightings in different cities that are nearer in time than `city_interval`. We have no distances, so neighbouring
  and far cities are alike, and a drive too fast but longer than that is not seen. Departures of one trip are the stops
  of a milk run and are not compared with one another. A longer interval than six hours is read as six.
- `repeated_weights` weighings in a row of the very same mass, of different manifests: on one vehicle within a calendar
  month, on one weighbridge within a Beijing day. Only masses said to be from a weighbridge count: drums have like masses.

A subject is one Beijing day's sightings ("day:2025-03-03") or a run of weights ("weights:2025-03", "weights:2025-03-03"),
so that what is done costs nothing later; evening sightings are kept with the next day too.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US, HOUR_US
from models.law import Law
from rules.custody_terms import number, term

VEHICLE: Final = "vehicle:"
WEIGHBRIDGE: Final = "weighbridge:"
INTERVAL_MAX_US: Final = 6 * HOUR_US
_EPOCH_ORDINAL: Final = 719_163  # 1970-01-01


class Sighting(msgspec.Struct, array_like=True, order=True):
    """A vehicle was in a region, on a manifest; `trip` for departures of a trip."""

    at: int
    seq: int
    region: str
    manifest_no: str
    trip: str
    org: str


class Weight(msgspec.Struct, array_like=True, order=True):
    """A load on a weighbridge."""

    at: int
    seq: int
    mass_g: int
    manifest_no: str
    site: str
    org: str


class Sightings(msgspec.Struct, tag="sightings"):
    """Of one Beijing day, after those of the evening before, by (at, seq)."""

    seen: list[Sighting] = []


class Weights(msgspec.Struct, tag="weights"):
    """In the order they were weighed."""

    weighed: list[Weight] = []


Subject = Sightings | Weights


@lru_cache(maxsize=64)
def _day_name(ordinal: int) -> str:
    return date.fromordinal(ordinal + _EPOCH_ORDINAL).isoformat()


def _day_of(at: int) -> int:
    return (at + BEIJING_OFFSET_US) // DAY_US


def region_of(stated: Stated) -> str:
    """Where a fact saw its vehicle: a site, or the region that was said; empty where neither is known."""
    body: Any = stated.body
    if stated.kind == "transport-departed.v1":
        return str(body.origin)
    if stated.kind == "transport-arrived.v1":
        return str(body.at_site or body.destination)
    return body.region or ""


def is_weighbridge(body: Any) -> bool:
    """Whether its masses are said to be from a weighbridge."""
    return body.weighing is not None and bool(body.weighing == "weighbridge")


def named(key: str, stated: Stated) -> Iterable[str]:
    """The days and runs that a fact belongs to."""
    if key.startswith(WEIGHBRIDGE):
        yield f"weights:{_day_name(_day_of(stated.occurred_at))}"
        return
    day = _day_of(stated.occurred_at)
    yield f"day:{_day_name(day)}"
    if (day + 1) * DAY_US - BEIJING_OFFSET_US - stated.occurred_at <= INTERVAL_MAX_US:
        yield f"day:{_day_name(day + 1)}"
    if stated.kind == "transport-departed.v1" and is_weighbridge(stated.body):
        yield f"weights:{_day_name(day)[:7]}"


def put(subjects: dict[str, Any], key: str, stated: Stated) -> dict[str, Any]:
    """The subjects with the fact in them."""
    changed: dict[str, Any] = {}
    for name in named(key, stated):
        value = subjects.get(name)
        if name.startswith("day:"):
            value = value or Sightings()
            insort(value.seen, _sighting(stated))
        else:
            value = value or Weights()
            insort(value.weighed, _weight(stated, key))
        changed[name] = value
    return changed


def take(subjects: dict[str, Any], key: str, stated: Stated) -> dict[str, Subject | None]:
    """The subjects without the fact; None for one that has nothing left."""
    changed: dict[str, Subject | None] = {}
    for name in named(key, stated):
        value = subjects.get(name)
        if isinstance(value, Sightings):
            value.seen = [known for known in value.seen if known.seq != stated.seq]
            changed[name] = value if value.seen else None
        elif isinstance(value, Weights):
            value.weighed = [known for known in value.weighed if known.seq != stated.seq]
            changed[name] = value if value.weighed else None
    return changed


def _sighting(stated: Stated) -> Sighting:
    body: Any = stated.body
    kind = stated.kind
    if kind == "transport-departed.v1":
        trip, org = body.trip_id or "", body.carrier_org
    else:
        trip, org = "", body.to_carrier_org if kind == "transport-handed-over.v1" else stated.stated_by
    return Sighting(stated.occurred_at, stated.seq, region_of(stated)[:6], body.manifest_no, trip, org)


def _weight(stated: Stated, key: str) -> Weight:
    body: Any = stated.body
    is_site = key.startswith(WEIGHBRIDGE)
    site, org = (body.destination, body.destination_org) if is_site else (body.origin, body.carrier_org)
    mass_g = sum(line.mass_g or 0 for line in body.lines)
    return Weight(stated.occurred_at, stated.seq, mass_g, body.manifest_no, site, org)


# What is wrong


def findings(key: str, subject: str, value: Subject, law: Law) -> Iterator[Finding]:
    """All that is or will be wrong with a day or a run, whatever the time is now; it lasts until it is corrected."""
    if isinstance(value, Sightings):
        if len(value.seen) > 1:
            yield from _two_places(key, subject, value, law)
    elif len(value.weighed) > 1:
        yield from _repeated(key, subject, value, law)


def _two_places(key: str, subject: str, value: Sightings, law: Law) -> Iterator[Finding]:
    seen = value.seen
    for earlier, later in pairwise(seen):
        if earlier.region[:4] == later.region[:4] or (earlier.trip and earlier.trip == later.trip):
            continue
        known = term(law, "city_interval", later.region, None, later.at)
        interval_us = min(known.length_us, INTERVAL_MAX_US) if known is not None else 0
        if later.at - earlier.at >= interval_us or _day_name(_day_of(later.at)) != subject[4:]:
            continue
        yield Finding(
            AlertKind.VEHICLE_TWO_PLACES,
            subject,
            later.at,
            amounts={
                "vehicle": key.removeprefix(VEHICLE),
                "region": earlier.region,
                "seen_at": earlier.at,
                "manifest_no": earlier.manifest_no,
                "other_region": later.region,
                "other_seen_at": later.at,
                "other_manifest_no": later.manifest_no,
            },
            site=later.region,
            parties=tuple(dict.fromkeys((earlier.org, later.org))),
            basis=known.limit.citation if known is not None else "",
        )
        return


def _repeated(key: str, subject: str, value: Weights, law: Law) -> Iterator[Finding]:
    first = value.weighed[0]
    wanted = number(law, "repeated_weights", first.site, first.at)
    if not wanted:
        return
    run = _longest(value.weighed)
    if len(run) < max(wanted, 2):
        return
    reached = run[max(wanted, 2) - 1]
    amounts: dict[str, int | str] = {"mass_g": run[0].mass_g, "times": len(run), "limit_times": wanted}
    amounts |= {"first_weighed_at": run[0].at, "last_weighed_at": run[-1].at}
    if key.startswith(VEHICLE):
        amounts["vehicle"] = key.removeprefix(VEHICLE)
    yield Finding(
        AlertKind.WEIGHT_REPEATED,
        subject,
        reached.at,
        amounts=amounts,
        site=reached.site,
        parties=tuple(dict.fromkeys(weight.org for weight in run)),
    )


def _longest(weighed: list[Weight]) -> list[Weight]:
    """The longest run of one mass over different manifests, the first of several; a load weighed again counts once."""
    best: list[Weight] = []
    run: list[Weight] = []
    for weight in weighed:
        if run and weight.mass_g == run[0].mass_g:
            if weight.manifest_no not in [known.manifest_no for known in run]:
                run.append(weight)
        else:
            run = [weight]
        if len(run) > len(best):
            best = run
    return list(best)
