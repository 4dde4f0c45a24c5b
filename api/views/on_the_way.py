"""Loads booked (联单已开具，未起运) and in transit, by destination and code: counted beside what was accepted. Reads only.

They are read from the manifests as custody knows them: a route to every concern that only shows it would cost each fact
more than the question does. A booking that is older than thirty days is taken for given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, or_, select

from models.exact import DAY_US
from models.tables import KeyRow, SubjectRow
from models.topics import Concern
from rules import custody
from streams.store import decode_subject

BOOKED_DAYS: Final = 30
_MOVING: Final = frozenset({"departed", "arrived"})


@dataclass(slots=True)
class Load:
    """Grams on the way to a site of one code."""

    booked_g: int = 0
    moving_g: int = 0


Loads = Mapping[tuple[str, str], Load]  # By destination site and waste code.


def loads(connection: Connection, region: str, now: int) -> dict[tuple[str, str], Load]:
    """By destination site (in a region) and waste code; what was only counted in pieces is left out."""
    query = (
        select(SubjectRow.body)
        .join(KeyRow, and_(KeyRow.concern == SubjectRow.concern, KeyRow.key == SubjectRow.key))
        .where(
            SubjectRow.concern == Concern.CUSTODY.value,
            SubjectRow.subject == SubjectRow.key,
            or_(SubjectRow.is_open, KeyRow.latest_at >= now - BOOKED_DAYS * DAY_US),
        )
    )
    found: dict[tuple[str, str], Load] = {}
    for (body,) in connection.execute(query):
        manifest = decode_subject(custody, bytes(body))
        if manifest.accepted or manifest.refused:
            continue
        told = custody.summary(manifest)
        if told["destination"].startswith(region):
            for line in told["lines"]:
                load = found.setdefault((told["destination"], line["waste_code"]), Load())
                if told["status"] == "issued":
                    load.booked_g += line["issued_g"] or 0
                elif told["status"] in _MOVING:
                    load.moving_g += line["loaded_g"] or 0
    return {ends: load for ends, load in found.items() if load.booked_g or load.moving_g}
