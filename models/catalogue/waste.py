"""The national list of hazardous waste (国家危险废物名录): codes, categories; treatment codes.

Called by facts (warnings), rules (category and medical) and pages (names). DOMAIN 3 has the sources; the 2025
edition's own changes are not known, so the rows of 2021 stand on with no end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from models.catalogue import table

_CODE = re.compile(r"[0-9]{3}-[0-9]{3}-([0-9]{2})").fullmatch
_IDENTIFIED: Final = "900-000-"
_IDENTIFIED_FROM: Final = date(2021, 1, 1)
_EDITION_2021: Final = date(2021, 1, 1)
_EDITION_2025: Final = date(2025, 1, 1)
# Codes of 2016 that have another number since 2021 (DOMAIN 3); 900-040-49 is gone without a successor.
_MOVED_2021: Final[dict[str, str | None]] = {
    **{f"831-00{n}-01": f"841-00{n}-01" for n in range(1, 6)},
    "314-001-34": "313-001-34",
    **{f"397-00{n}-34": f"398-00{n}-34" for n in (5, 6, 7)},
    "900-040-49": None,
}


class CodeWarning(StrEnum):
    """What is doubtful about a well-formed waste code; never a reason to refuse it."""

    UNLISTED = "waste_code.unlisted"
    CATEGORY_NOT_IN_USE = "waste_code.category_not_in_use"


@dataclass(frozen=True, slots=True)
class WasteCode:
    """One entry (废物代码). In `hazard` a comma says "and may have", a slash "one or more of these"."""

    code: str
    category: str
    name_zh: str
    industry_zh: str
    hazard: str
    edition: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Category:
    """One category (废物类别), HW01 to HW50; the four that are not in use have no name."""

    category: str
    name_zh: str
    name_en: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class TreatmentCode:
    """One way of recovery or disposal (利用处置方式); not `enabled` until checked against HJ 1033 annex F."""

    code: str
    group: str
    name_zh: str
    name_en: str
    applies_to: str
    status: str
    enabled: bool


def is_well_formed(code: str) -> bool:
    """Whether `code` is 8 ASCII digits written 3-3-2; only what is not is refused at the door."""
    return _CODE(code) is not None


def category_of(code: str) -> str:
    """`HW08` from `900-249-08`: the last two digits of a well-formed code, in use or not."""
    return "HW" + code[-2:]


def is_medical(code: str) -> bool:
    """Whether a well-formed code is medical waste (医疗废物, HW01)."""
    return code[-2:] == "01"


def edition_on(on: date) -> str:
    """The year name of the list in force on `on`: 2016, 2021 or 2025."""
    if on < _EDITION_2021:
        return "2016"
    return "2021" if on < _EDITION_2025 else "2025"


def waste_code(code: str, on: date) -> WasteCode | None:
    """The entry for `code` in the list of that day; None proves nothing, since 2025's own codes are missing.

    900-000-XX, waste identified as hazardous but not listed (art. 6), is an entry for each category in use.
    """
    for entry in _codes().get(code, ()):
        if table.covers(entry.valid_from, entry.valid_to, on):
            return entry
    return None


def waste_codes() -> tuple[WasteCode, ...]:
    """All listed entries of all editions known, in the order of the list; without 900-000-XX."""
    return tuple(
        entry for code, entries in _codes().items() if not code.startswith(_IDENTIFIED) for entry in entries
    )


def code_warning(code: str, on: date) -> CodeWarning | None:
    """What is doubtful about a well-formed code on that day; None if nothing is.

    Of the list of 2016 only those codes are known here that have moved since.
    """
    if not is_category_in_use(category_of(code)):
        return CodeWarning.CATEGORY_NOT_IN_USE
    if on < _EDITION_2021 and code in _MOVED_2021:
        return None
    return None if waste_code(code, on) else CodeWarning.UNLISTED


def moved_to(code: str, on: date) -> str | None:
    """The number that a code of 2016 has in the list of that day; None where it has not moved, or has no successor."""
    return _MOVED_2021.get(code) if on >= _EDITION_2021 else None


def categories() -> tuple[Category, ...]:
    """The 46 categories in use, in order."""
    return tuple(entry for entry in _categories().values() if entry.in_use)


def category(name: str) -> Category | None:
    """The category by its name such as `HW08`, in use or not; None beyond HW50."""
    return _categories().get(name)


def is_category_in_use(name: str) -> bool:
    """Whether the list has entries under this category (HW41 to HW44 and those over 50 have none)."""
    found = _categories().get(name)
    return found is not None and found.in_use


def treatment_code(code: str) -> TreatmentCode | None:
    """An enabled treatment code; None for unknown ones and for C5 and S, which are not yet checked."""
    found = _treatments().get(code)
    return found if found is not None and found.enabled else None


def treatment_codes() -> tuple[TreatmentCode, ...]:
    """All treatment codes, disabled ones too."""
    return tuple(_treatments().values())


@lru_cache(maxsize=1)
def _codes() -> dict[str, tuple[WasteCode, ...]]:
    found: dict[str, tuple[WasteCode, ...]] = {}
    for row in table.rows("hw_codes"):
        found[row["code"]] = (*found.get(row["code"], ()), _code(row))
    for entry in categories():
        identified = _identified(entry)
        found[identified.code] = (identified,)
    return found


def _code(row: dict[str, str]) -> WasteCode:
    return WasteCode(
        code=row["code"],
        category=row["category"],
        name_zh=row["description_zh"],
        industry_zh=row["industry_zh"],
        hazard=row["hazard"],
        edition=row["edition"],
        valid_from=table.day(row["valid_from"]),
        valid_to=table.day(row["valid_to"]),
    )


def _identified(entry: Category) -> WasteCode:
    return WasteCode(
        code=_IDENTIFIED + entry.category[2:],
        category=entry.category,
        name_zh=f"未列入名录、经鉴别具有危险特性的废物（{entry.name_zh}）",
        industry_zh="非特定行业",
        hazard="",
        edition="2021",
        valid_from=_IDENTIFIED_FROM,
        valid_to=None,
    )


@lru_cache(maxsize=1)
def _categories() -> dict[str, Category]:
    return {
        row["category"]: Category(row["category"], row["name_zh"], row["name_en"], row["in_use_2021"] == "1")
        for row in table.rows("hw_categories")
    }


@lru_cache(maxsize=1)
def _treatments() -> dict[str, TreatmentCode]:
    return {row["code"]: _treatment(row) for row in table.rows("treatment_codes")}


def _treatment(row: dict[str, str]) -> TreatmentCode:
    return TreatmentCode(
        code=row["code"],
        group=row["group"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        applies_to=row["applies_to"],
        status=row["status"],
        enabled=row["status"].startswith("confirmed"),
    )
