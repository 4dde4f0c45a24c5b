"""Pipeline transfers (管道转移): whether the meters of both ends say the same of a day; for rules.custody.

Source: MT 19, what cannot be measured by trips is metered at both ends, each day's kind and mass. Key:
"pipeline:<origin>><destination>"; a subject is one pipeline's day ("P1:2025-03-03"). Of several statements of one end
the latest counts, since a reading replaces the one before it. Meters are compared by code within the tolerance for
metered masses; the second reading is due within a policy's term after the day (ours: 5 days).
"""

from bisect import insort
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_midnight
from models.law import Law
from rules.custody_masses import tolerance
from rules.custody_terms import term

PIPELINE: Final = "pipeline:"


class Reading(msgspec.Struct, array_like=True, order=True):
    """What one end's meter says: grams by code."""

    at: int
    seq: int
    end: str
    org: str
    other_org: str
    grams: tuple[tuple[str, int], ...]


class Metered(msgspec.Struct, tag="metered"):
    """A pipeline's day: its beginning, and readings by (at, seq)."""

    day_at: int
    readings: list[Reading] = []


def subject_of(stated: Stated) -> str:
    """The pipeline's day."""
    body: Any = stated.body
    return f"{body.pipeline}:{body.day.isoformat()}"


def _reading(stated: Stated) -> Reading:
    body: Any = stated.body
    grams: dict[str, int] = {}
    for line in body.lines:
        grams[line.waste_code] = grams.get(line.waste_code, 0) + (line.mass_g or 0)
    orgs = (body.origin_org, body.destination_org)
    if body.metered_by == "destination":
        orgs = (body.destination_org, body.origin_org)
    return Reading(stated.occurred_at, stated.seq, body.metered_by.value, *orgs, tuple(sorted(grams.items())))


def put(known: Metered | None, stated: Stated) -> Metered:
    """The day with a reading in it."""
    body: Any = stated.body
    value = known if known is not None else Metered(beijing_midnight(body.day))
    insort(value.readings, _reading(stated))
    return value


def take(known: Metered, stated: Stated) -> Metered | None:
    """The day without a reading; None where none is left."""
    known.readings = [reading for reading in known.readings if reading.seq != stated.seq]
    return known if known.readings else None


def findings(key: str, subject: str, value: Metered, law: Law) -> Iterator[Finding]:
    """Whatever the time is now: one end did not meter in time, or both did and do not agree."""
    sent = [reading for reading in value.readings if reading.end == "origin"]
    received = [reading for reading in value.readings if reading.end == "destination"]
    yield from _unmetered(key, subject, value, law, sent, received)
    if sent and received:
        yield from _differing(key, subject, law, sent[-1], received[-1])


def _unmetered(
    key: str, subject: str, value: Metered, law: Law, sent: list[Reading], received: list[Reading]
) -> Iterator[Finding]:
    ends = key.removeprefix(PIPELINE).split(">")
    known = term(law, "metering_term", ends[1], None, value.day_at)
    if known is None:
        return
    said = value.readings[0]
    missing, site = (received, ends[1]) if said.end == "origin" else (sent, ends[0])
    over_at, until = known.after(value.day_at), missing[0].at if missing else None
    if until is None or until > over_at:
        yield Finding(
            AlertKind.PIPELINE_UNMETERED,
            subject,
            over_at,
            until,
            amounts={
                "metered_by": said.end,
                "metered_g": sum(grams for _, grams in said.grams),
                "limit_at": over_at,
                **known.calendar,
            },
            site=site,
            parties=(said.org, said.other_org),
            basis=known.limit.citation,
        )


def _differing(key: str, subject: str, law: Law, sent: Reading, received: Reading) -> Iterator[Finding]:
    site = key.rpartition(">")[2]
    at = max(sent.at, received.at)
    sums, others = dict(sent.grams), dict(received.grams)
    worst: tuple[int, str, int] | None = None
    for code in sorted(sums.keys() | others.keys()):
        sent_g, received_g = sums.get(code, 0), others.get(code, 0)
        permille = tolerance(law, site, code, at, "metered")
        difference_g = abs(received_g - sent_g)
        if difference_g * 1000 > permille * sent_g and (worst is None or difference_g > worst[0]):
            worst = (difference_g, code, permille)
    if worst is None:
        return
    _, code, permille = worst
    sent_g, received_g = sums.get(code, 0), others.get(code, 0)
    yield Finding(
        AlertKind.PIPELINE_METERS_DIFFER,
        subject,
        at,
        amounts={
            "waste_code": code,
            "origin_g": sent_g,
            "destination_g": received_g,
            "difference_g": received_g - sent_g,
            "difference_permille": worst[0] * 1000 // sent_g if sent_g else 1000,
            "tolerance_permille": permille,
        },
        site=site,
        parties=(sent.org, received.org),
    )
