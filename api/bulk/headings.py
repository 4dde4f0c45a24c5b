"""Headings of sheets: written in Chinese with the wire name beside, and recognised in either language, with their units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from api.bulk.cells import Raw, blank
from api.bulk.columns import KINDS, Cell, Column, Sheet, sheet_of
from api.bulk.neutral import plain
from api.bulk.told import told
from api.words import WORDS, Lang, say
from models.problems import Code, Problem

# Columns that are ours and belong to no fact.
RESULT: Final = "result"
ROW_ID: Final = "row_id"
NOTE: Final = "note"
_EXTRA: Final = {RESULT: "bulk.result", ROW_ID: "bulk.row_id", NOTE: "bulk.note"}
_UNITS: Final[dict[Cell, dict[str, Decimal]]] = {
    Cell.MASS: {
        **dict.fromkeys(("千克", "公斤", "kg", "kilogram", "kilograms"), Decimal(1)),
        **dict.fromkeys(("吨", "t", "tonne", "tonnes", "ton", "tons"), Decimal(1000)),
        **dict.fromkeys(("克", "g", "gram", "grams"), Decimal("0.001")),
    },
    Cell.MONEY: {
        **dict.fromkeys(("元", "人民币", "yuan", "rmb", "cny", "¥"), Decimal(1)),
        **dict.fromkeys(("万元",), Decimal(10_000)),
    },
}
_UNIT: Final = re.compile(r"[(\[【]([^()\[\]【】]{1,12})[)\]】]")
_MARK: Final = re.compile(r"@([a-z-]+\.v[0-9]+)")
_NOISE: Final = re.compile(r"[\s*:·.。、/|_\-]+")
_COLUMNS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Place:
    """A column of the fact, where it stands in the file (from 0), and how many of its unit one there is."""

    at: int
    column: Column
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Header:
    """A heading row that was understood. `row_id` is where the file numbers its rows; `has_result`: it begins with the
    column in which we told what became of them."""

    sheet: Sheet
    places: tuple[Place, ...]
    row_id: int | None
    has_result: bool = False

    def at(self, column: Column) -> int | None:
        """Where a column stands, where it does."""
        return next((place.at for place in self.places if place.column is column), None)


def label(lang: Lang, column: Column) -> str:
    """A column in words: `明细·重量`."""
    return "·".join(_word(lang, name) for name in column.names)


def _word(lang: Lang, name: str) -> str:
    own = f"bulk.field.{name}"
    return say(lang, own if own in WORDS else f"field.{name}")


def heading(column: Column) -> str:
    """A template's heading: Chinese with the unit, and the wire name in a second line."""
    unit = {Cell.MASS: "（千克）", Cell.MONEY: "（元）"}.get(column.cell, "")
    must = "*" if column.required else ""
    return f"{must}{label(Lang.ZH, column)}{unit}\n{column.wire}"


def extra_heading(which: str, kind: str = "") -> str:
    """The heading of a column of ours; the row numbers' names the kind, so that a sheet is known whatever it is called."""
    zh, en = WORDS[_EXTRA[which]]
    return f"{zh}\n{en}" + (f" @{kind}" if kind else "")


def sheet_name(kind: str) -> str:
    """What a template calls the sheet of a kind."""
    return WORDS[kind][0]


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in KINDS:
        for text in (kind, kind.rpartition(".")[0], *WORDS[kind]):
            found[_norm(text)] = kind
    return found


def kind_of_sheet(name: str, headings: Sequence[Raw]) -> str | None:
    """The kind that a sheet is of: by the mark in its headings, else by its name; None where neither tells."""
    for cell in headings[:5]:
        if isinstance(cell, str) and (found := _MARK.search(cell)) and found.group(1) in KINDS:
            return found.group(1)
    return _kinds().get(_norm(name))


def is_ours(name: str) -> bool:
    """Whether a sheet of this name has no rows to read: a template's explanations and its catalogue."""
    return _norm(name) in {_norm(text) for key in ("bulk.catalogue", "bulk.readme") for text in WORDS[key]}


def _norm(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(maxsize=len(KINDS))
def _aliases(kind: str) -> dict[str, tuple[Column, str]]:
    """What a column may be called, with the unit that the name itself says; names that two could bear are nobody's."""
    found: dict[str, tuple[Column, str] | None] = {}
    for column in sheet_of(kind).columns:
        for text, unit in _names(column):
            known = found.get(text, (column, unit))
            found[text] = (column, unit) if known is not None and known[0] is column else None
    sure = {text: pair for text, pair in found.items() if pair is not None}
    return {**sure, **_own_names(kind)}


def _own_names(kind: str) -> dict[str, tuple[Column, str]]:
    """Whole names win over the last part of a nested one: `origin` is the fact's own."""
    return {
        _norm(text): (column, unit)
        for column in sheet_of(kind).columns
        for text, unit in (
            (column.wire, _unit_in(column)),
            (label(Lang.ZH, column), ""),
            (label(Lang.EN, column), ""),
        )
    }


def _names(column: Column) -> list[tuple[str, str]]:
    unit = _unit_in(column)
    zh, en, wire = label(Lang.ZH, column), label(Lang.EN, column), column.wire
    last = (_word(Lang.ZH, column.name), _word(Lang.EN, column.name))
    named = [(wire, unit), (column.path[-1], unit), (zh + wire, unit), (en + wire, unit)]
    named += [(zh + wire.removesuffix("_kg").removesuffix("_yuan"), ""), (wire.removesuffix("_kg"), "")]
    if wire.endswith("_kg"):
        named += [(wire.removesuffix("_kg") + "_t", "t"), (column.path[-1].removesuffix("_kg") + "_t", "t")]
    return [*((_norm(text), found) for text, found in named), *((_norm(t), "") for t in (zh, en, *last))]


def _unit_in(column: Column) -> str:
    return next((unit for unit in ("kg", "yuan") if column.wire.endswith(f"_{unit}")), "")


def read_header(sheet: Sheet, headings: Sequence[Raw]) -> Header | tuple[Problem, ...]:
    """The columns by a heading row; or all that is wrong with it. A problem's path is the heading itself."""
    problems: list[Problem] = []
    places: list[Place] = []
    row_id: int | None = None
    for at, raw in enumerate(headings[:_COLUMNS_MAX]):
        if blank(raw):
            continue
        text = plain(str(raw)) if isinstance(raw, str) else str(raw)
        extra = _extra(text)
        if extra == ROW_ID:
            row_id = at if row_id is None else row_id
        if extra is not None:
            continue
        found = _place(sheet, at, text)
        if isinstance(found, Problem):
            problems.append(found)
        elif any(found.column is place.column for place in places):
            problems.append(_about(text, Code.DUPLICATE_COLUMN, "column_twice", column=found.column.wire))
        else:
            places.append(found)
    problems += _missing(sheet, places, row_id)
    return (
        tuple(problems)
        if problems
        else Header(sheet, tuple(places), row_id, bool(headings) and is_result(headings[0]))
    )


def _extra(text: str) -> str | None:
    """Which column of ours a heading names; notes are nobody's business."""
    plainly = _norm(_MARK.sub("", text))
    for which, key in _EXTRA.items():
        zh, en = (_norm(word) for word in WORDS[key])
        if plainly in {zh, en, zh + en, en + zh}:
            return which
    return NOTE if plainly.startswith((_norm(WORDS["bulk.note"][0]), "remark", "comment")) else None


def is_result(raw: Raw) -> bool:
    """Whether a heading is that of the column in which we say what became of a row."""
    return isinstance(raw, str) and _extra(plain(raw)) == RESULT


def _place(sheet: Sheet, at: int, text: str) -> Place | Problem:
    narrow = unicodedata.normalize("NFKC", text)
    named = [unit.strip().casefold() for unit in _UNIT.findall(narrow)]
    found = _aliases(sheet.kind).get(_norm(_UNIT.sub("", narrow))) or _aliases(sheet.kind).get(_norm(narrow))
    if found is None:
        return _about(text, Code.UNKNOWN_COLUMN, "no_such_column", sheet=sheet_name(sheet.kind))
    column, inside = found
    units = _UNITS.get(column.cell)
    if units is None:
        return Place(at, column, Decimal(1))
    factors = {units[unit] for unit in (*named, inside) if unit in units}
    if not factors and column.cell is Cell.MONEY and not named:
        factors = {Decimal(1)}
    if len(factors) != 1 or any(unit not in units for unit in named):
        known = "、".join(unit for unit in units if not unit.isascii())
        return _about(text, Code.NO_UNIT, "unit", column=column.wire, units=known)
    return Place(at, column, factors.pop())


def _missing(sheet: Sheet, places: Sequence[Place], row_id: int | None) -> list[Problem]:
    there = {place.column.wire for place in places}
    groups = {place.column.group for place in places}
    found = [
        _about(label(Lang.ZH, column), Code.MISSING_COLUMN, "no_column", column=column.wire)
        for column in sheet.columns
        if column.required
        and column.wire not in there
        and (column.group is None or _wanted(sheet, column, groups))
    ]
    if sheet.needs_row_id and row_id is None:
        found.append(_about(WORDS["bulk.row_id"][0], Code.MISSING_COLUMN, "row_id"))
    return found


def _wanted(sheet: Sheet, column: Column, groups: set[str | None]) -> bool:
    """Of a list that may be left out, its columns are needed only where one of them is there."""
    return column.group in groups or column.group in sheet.musts


def _about(text: str, code: Code, key: str, **values: object) -> Problem:
    shown = text.replace("\n", " ").replace('"', "'")[:60]
    return told(f'$["{shown}"]', code, key, **values)
