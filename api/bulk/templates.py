"""Templates to fill in: a workbook for a role and a group of facts, a sheet a kind; and one CSV a kind.

Headings, explanations, an example that is not read, pick lists from the catalogue, and text format wherever Excel would
make something else of a code.
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import Any, Final, get_args

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from api.bulk.cells import words_of
from api.bulk.columns import KINDS, Cell, Column, Sheet, sheet_of
from api.bulk.headings import RESULT, ROW_ID, extra_heading, heading, label, sheet_name
from api.bulk.neutral import Value, csv_cell, xml_text
from api.bulk.unfold import rows_of
from api.words import WORDS, Lang, say
from models import facts
from models.catalogue import categories, exemptions, regions, treatment_codes, waste_codes
from models.examples import example
from models.facts import Role
from models.facts import kind_of as name_of
from models.roles import MAY_STATE

# The groups of facts by their unions in models.facts, in the order of the trade.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    group: tuple(kind for fact in get_args(union) if (kind := name_of(fact)) in KINDS)
    for group, union in (
        ("generation", facts.GenerationFact),
        ("collection", facts.CollectionFact),
        ("transport", facts.TransportFact),
        ("disposal", facts.DisposalFact),
        ("money", facts.MoneyFact),
        ("registers", facts.RegisterFact),
    )
}
ALL: Final = "all"
_ROWS_MAX: Final = 200_000
_HEAD: Final = PatternFill("solid", fgColor="DCE9EC")
_MUST: Final = PatternFill("solid", fgColor="F6E3C5")
_SOFT: Final = Font(color="66727E", italic=True, size=9)
_LINE: Final = Border(bottom=Side(style="thin", color="9FB2BF"))
_WRAP: Final = Alignment(wrap_text=True, vertical="top")
_WIDTHS: Final = {Cell.TEXT: 30, Cell.INSTANT: 20, Cell.DAY: 14, Cell.CODE: 22}
FORMATS: Final = {
    Cell.CODE: "@",
    Cell.TEXT: "@",
    Cell.CHOICE: "@",
    Cell.INSTANT: "yyyy-mm-dd hh:mm",
    Cell.DAY: "yyyy-mm-dd",
    Cell.MASS: "0.###",
    Cell.MONEY: "0.00",
    Cell.WHOLE: "0",
}
_INLINE_CHARS_MAX: Final = 250


def kinds_for(role: Role, group: str = ALL) -> tuple[str, ...]:
    """The kinds of a group that a role may state, in order; none for a role that states nothing."""
    wanted = GROUPS.get(group, tuple(kind for kinds in GROUPS.values() for kind in kinds))
    return tuple(kind for kind in wanted if role in MAY_STATE[kind])


def groups_for(role: Role) -> tuple[str, ...]:
    """The groups in which a role may state something."""
    return tuple(group for group in GROUPS if kinds_for(role, group))


@lru_cache(maxsize=64)
def workbook_bytes(kinds: tuple[str, ...]) -> bytes:
    """An .xlsx with a sheet for each kind, the explanations before them and the catalogue after."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    _readme(book.create_sheet(WORDS["bulk.readme"][0]))
    lists = Lists()
    for kind in kinds:
        _fill(book.create_sheet(sheet_name(kind)), sheet_of(kind), lists)
    lists.write(book.create_sheet(CATALOGUE))
    book.active = 1  # The first sheet to fill in.
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


@lru_cache(maxsize=64)
def csv_bytes(kind: str) -> bytes:
    """A CSV of one kind, in UTF-8 with the mark that tells Excel so."""
    sheet = sheet_of(kind)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    heads = [extra_heading(ROW_ID, kind), *(heading(column) for column in sheet.columns)]
    writer.writerow([csv_cell(head.replace("\n", " ")) for head in heads])
    writer.writerow(map(csv_cell, _explanations(sheet)))
    for row in _examples(sheet):
        writer.writerow(map(csv_cell, row))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _explanations(sheet: Sheet) -> list[Value]:
    which = "row_id_document" if sheet.by_document and sheet.groups else "row_id"
    which = "row_id_groups" if sheet.groups and not sheet.by_document else which
    return [_both(f"bulk.about.{which}"), *(_explained(sheet, column) for column in sheet.columns)]


def _explained(sheet: Sheet, column: Column) -> str:
    must = "must" if column.required else "may"
    if column.required and column.group is not None and column.group not in sheet.musts:
        must = "must_in_item"
    about = ["bulk.about." + must, f"bulk.about.{column.cell}"]
    return "\n".join(_both(key) for key in [*about, *(["bulk.about.many"] if column.many else [])])


def _both(key: str) -> str:
    return f"{say(Lang.ZH, key)} {say(Lang.EN, key)}"


def _examples(sheet: Sheet) -> list[list[Value]]:
    mark = say(Lang.ZH, "bulk.example")
    return [[mark, *row] for row in rows_of(sheet, example(sheet.kind))]


# The workbook


def _fill(page: Worksheet, sheet: Sheet, lists: Lists) -> None:
    heads = [extra_heading(RESULT), extra_heading(ROW_ID, sheet.kind)]
    _row(page, 1, [*heads, *(heading(column) for column in sheet.columns)])
    _row(page, 2, [None, *_explanations(sheet)])
    for at, row in enumerate(_examples(sheet), 3):
        _row(page, at, [None, *row])
    for at, cell in enumerate(page[1]):
        must = at >= 2 and sheet.columns[at - 2].required
        cell.fill, cell.font, cell.border, cell.alignment = (
            _MUST if must else _HEAD,
            Font(bold=True),
            _LINE,
            _WRAP,
        )
    for cells in page.iter_rows(min_row=2, max_row=page.max_row):
        for cell in cells:
            cell.font, cell.alignment = _SOFT, _WRAP
    page.row_dimensions[1].height, page.row_dimensions[2].height = 34, 62
    page.freeze_panes = "C2"
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 26, 10
    for at, column in enumerate(sheet.columns, 3):
        shape(page, column, at)
        add_pick_list(page, column, at, lists)


def _row(page: Worksheet, number: int, values: list[Value]) -> None:
    for at, value in enumerate(values, 1):
        put(page, number, at, value)


def put(page: Worksheet, row: int, column: int, value: Value) -> Any:
    """A value in a cell, a text as harmless text whatever it looks like; the cell."""
    cell: Any = page.cell(row, column)
    cell.value = xml_text(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # Neither a formula nor an error value.
    return cell


def shape(page: Worksheet, column: Column, at: int) -> None:
    """Width and format of a column that stands at `at` (from 1)."""
    letter = get_column_letter(at)
    page.column_dimensions[letter].width = _WIDTHS.get(column.cell, 13)
    page.column_dimensions[letter].number_format = FORMATS.get(column.cell, "General")


def add_pick_list(page: Worksheet, column: Column, at: int, lists: Lists | None = None) -> None:
    """The list to choose from, where a column has one; without `lists` only those that need no catalogue."""
    source = (lists or Lists()).source(column)
    if source is not None and (lists is not None or source.startswith('"')):
        _pick(page, get_column_letter(at), source, column)


def _pick(page: Worksheet, letter: str, source: str, column: Column) -> None:
    """A list to choose from; another value may be typed, since a list is never complete."""
    picked = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    picked.promptTitle = label(Lang.ZH, column)[:32]
    picked.prompt = _both(f"bulk.about.{column.cell}")[:255]
    picked.add(f"{letter}3:{letter}{_ROWS_MAX}")
    page.add_data_validation(picked)


CATALOGUE: Final = WORDS["bulk.catalogue"][0]


class Lists:
    """The catalogue sheet: a column for each list that a pick list draws from."""

    def __init__(self) -> None:
        self._lists: dict[str, list[str]] = {}

    def source(self, column: Column) -> str | None:
        """The formula of a column's pick list; None for a column without one."""
        if column.cell is Cell.FLAG:
            return f'"{WORDS["bulk.flag.true"][0]},{WORDS["bulk.flag.false"][0]}"'
        if column.choices:
            told = [words_of(column, choice)[0] for choice in column.choices]
            inline = f'"{",".join(told)}"'
            return inline if len(inline) < _INLINE_CHARS_MAX else self._drawn(column.name, told)
        known = _known(column.name)
        return self._drawn(column.name, known) if known and not column.many else None

    def _drawn(self, name: str, values: list[str]) -> str:
        self._lists.setdefault(name, values)
        letter = get_column_letter(1 + list(self._lists).index(name))
        return f"'{CATALOGUE}'!${letter}$2:${letter}${1 + len(values)}"

    def write(self, page: Worksheet) -> None:
        """Write what was drawn from, and the regions, to look up."""
        self._lists["region"] = _known("region")
        for at, (name, values) in enumerate(self._lists.items(), 1):
            _row_down(page, at, [f"{say(Lang.ZH, f'field.{name}')} {name}", *values])
            page.column_dimensions[get_column_letter(at)].width = 46
        page.freeze_panes = "A2"


def _row_down(page: Worksheet, at: int, values: list[str]) -> None:
    for number, value in enumerate(values, 1):
        put(page, number, at, value)
    page.cell(1, at).font = Font(bold=True)


@lru_cache(maxsize=8)
def _known(name: str) -> list[str]:
    """Codes with their names, as the catalogue has them; the reader takes the code."""
    if name == "waste_code":
        listed = {entry.code: entry.name_zh for entry in waste_codes()}
        return [f"{code} {text[:60]}" for code, text in listed.items()]
    if name == "method":
        return [f"{entry.code} {entry.name_zh}" for entry in treatment_codes() if entry.enabled]
    if name == "category":
        return [f"{entry.category} {entry.name_zh}" for entry in categories() if entry.in_use]
    if name == "exemption_id":
        return [f"{entry.exemption_id} {entry.stage_zh}" for entry in exemptions()]
    if name == "region":
        return [f"{entry.code} {entry.name_zh}" for entry in regions()]
    return []


_README: Final = (
    "bulk.about.readme_1",
    "bulk.about.readme_2",
    "bulk.about.readme_3",
    "bulk.about.readme_4",
    "bulk.about.readme_5",
    "bulk.about.readme_6",
)


def _readme(page: Worksheet) -> None:
    page.column_dimensions["A"].width = 110
    number = 1
    for lang in Lang:
        for key in _README:
            put(page, number, 1, say(lang, key)).alignment = _WRAP
            number += 1
        number += 1
    page.cell(1, 1).font = Font(bold=True, size=13)
