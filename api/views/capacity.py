"""Capacity: a province's balances by category, licensed amounts by city, and the licences of all holders. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from api.views import subjects
from models.exact import beijing_date
from models.facts.registers import LicenceType
from rules import capacity, permits
from rules.permits_licences import Licence, valid_terms

Held = Mapping[str, Mapping[str, Any]]  # By holder's site: licences and their years by subject.


def balances(connection: Connection, province: str, now: int) -> list[dict[str, Any]]:
    """The balance of each category of a province (two digits) on the day of `now`, the least room first."""
    known = subjects.of_keys(connection, capacity, f"{province}:", ("city:", "licence:"))
    found = [capacity.balance(of_key, key, now) for key, of_key in known.items()]
    kept = [told for told in found if told["need_g"] or told["capacity_g"] or told["cities"]]
    return sorted(kept, key=_tightness)


def _tightness(told: dict[str, Any]) -> tuple[bool, int, str]:
    """Short ones first, then by how much of the capacity is needed."""
    share = told["need_g"] * 1000 // told["capacity_g"] if told["capacity_g"] else told["need_g"]
    return (not told["is_short"], -share, told["category"])


def licences(connection: Connection, province: str) -> Held:
    """Licences with their years, of all holders in a province."""
    return subjects.of_keys(connection, permits, province, ("licence:",))


def licensed_by_city(held: Held, category: str, now: int) -> dict[str, int]:
    """Grams a year by city (four digits) that comprehensive licences valid today allow for a category, shared or not."""
    day = beijing_date(now).toordinal()
    found: dict[str, int] = {}
    for site, known in held.items():
        for licence in known.values():
            terms = valid_terms(licence, day) if isinstance(licence, Licence) else None
            if terms is None or terms.licence_type != LicenceType.COMPREHENSIVE:
                continue
            yearly_g = sum(line.yearly_g for line in terms.lines if category in line.categories)
            if yearly_g:
                found[site[:4]] = found.get(site[:4], 0) + yearly_g
    return found
