"""Administrative regions (GB/T 2260) by 6, 4 or 2 digits; facts check cities here, pages take names.

The table has provinces and cities as of 2023, counties not; so a county goes by its city's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from models.catalogue import table

_SIX_DIGITS = re.compile(r"[0-9]{6}").fullmatch


@dataclass(frozen=True, slots=True)
class Region:
    """A province or city. `grouping` marks 市辖区, 县 and 省直辖县级行政区划: statistics, no real cities."""

    code: str
    level: str
    name_zh: str
    name_en: str
    parent: str
    grouping: bool


def region(code: str) -> Region | None:
    """The province or city of exactly this code: 6 digits, or the leading 4 or 2."""
    return _regions().get(code.ljust(6, "0"))


def regions() -> tuple[Region, ...]:
    """All provinces, then all cities, each in order of code."""
    return tuple(_regions().values())


def province_of(code: str) -> str:
    """The 2 digits of the province."""
    return code[:2]


def city_of(code: str) -> str:
    """The 4 digits of the city."""
    return code[:4]


@lru_cache(maxsize=4096)
def known_city(code: str) -> bool:
    """Whether `code` is six digits whose first four are a known city (DESIGN 8), groupings like 1101 too."""
    return _SIX_DIGITS(code) is not None and code[:4] in _cities()


@lru_cache(maxsize=4096)
def region_name(code: str) -> str:
    """The Chinese name of the region, else of the nearest known parent, else the code itself."""
    found = _nearest(code)
    return found.name_zh if found else code


@lru_cache(maxsize=4096)
def region_name_en(code: str) -> str:
    """As region_name, in pinyin where the table has it (provinces and the cities of Zhejiang)."""
    found = _nearest(code)
    return (found.name_en or found.name_zh) if found else code


def _nearest(code: str) -> Region | None:
    for candidate in (code, code[:4], code[:2]):
        found = region(candidate)
        if found is not None and not found.grouping:
            return found
    return None


@lru_cache(maxsize=1)
def _regions() -> dict[str, Region]:
    english = {row["gb2260_6"]: row["name_en"] for row in table.rows("regions_en")}
    return {
        row["gb2260_6"]: Region(
            code=row["gb2260_6"],
            level=row["level"],
            name_zh=row["name_zh"],
            name_en=english.get(row["gb2260_6"], ""),
            parent=row["parent6"],
            grouping=bool(row["note"]),
        )
        for row in table.rows("regions")
    }


@lru_cache(maxsize=1)
def _cities() -> frozenset[str]:
    return frozenset(code[:4] for code, found in _regions().items() if found.level == "city")
