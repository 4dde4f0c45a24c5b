"""物料平衡 of a site, a city, a province: lines from the months that storage keeps, sites added up. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from models.tables import SubjectRow
from rules import storage
from rules.storage_balance import Line, balance, summed, total
from streams.store import decode_subject


@dataclass(frozen=True, slots=True)
class Told:
    """A balance over the days `first` to `last`: by code, by the part of the region that a site lies in, and in all."""

    region: str
    first: date
    last: date
    lines: dict[str, Line]
    parts: dict[str, Line]

    @property
    def whole(self) -> Line:
        """All codes together."""
        return total(self.lines.values())


def of_region(connection: Connection, region: str, first: date, last: date) -> Told:
    """Of all sites whose ids begin with `region`: "" (all), two, four or six digits, or a whole site's id.

    Parts are provinces, cities, counties or sites, whatever comes next below.
    """
    border = len(region) if len(region) <= 6 else 6
    depth = min((digits for digits in (2, 4, 6) if digits > border), default=31)
    lines: dict[str, Line] = {}
    parts: dict[str, Line] = {}
    for site, subjects in _sites(connection, region, first):
        of_site = balance(subjects, first, last, border)
        lines = summed((lines, of_site))
        parts.setdefault(site[:depth], Line()).add(total(of_site.values()))
    kept = {part: line for part, line in sorted(parts.items()) if not line.is_empty()}
    return Told(region, first, last, lines, kept)


def _sites(connection: Connection, region: str, first: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """The months from that of `first` on and the balances of every site, one site after another."""
    month = f"month:{first.isoformat()[:7]}"
    months = and_(SubjectRow.subject >= month, SubjectRow.subject < "month;")
    codes = and_(SubjectRow.subject >= "code:", SubjectRow.subject < "code;")
    query = select(SubjectRow.key, SubjectRow.subject, SubjectRow.body).where(
        SubjectRow.concern == storage.CONCERN.value, SubjectRow.key >= region, SubjectRow.key < f"{region}~"
    )
    rows = connection.execute(query.where(or_(months, codes)).order_by(SubjectRow.key))
    for site, found in groupby(rows, key=lambda row: str(row.key)):
        yield site, {row.subject: decode_subject(storage, bytes(row.body)) for row in found}
