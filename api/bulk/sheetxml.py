"""Writes a workbook of many rows: openpyxl makes everything but the rows, which stream into its sheets as they come.

Through openpyxl alone 100,000 rows take a minute of processor time and through here a few seconds, and nothing is held.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from api.bulk.cells import Number, Raw, Unread
from api.bulk.neutral import plain, xml_text
from api.bulk.tables import Table
from api.bulk.templates import add_pick_list, shape

_DATA: Final = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?").fullmatch
_PLAIN: Final = re.compile(r"[0-9A-Za-z\u4e00-\u9fa5][0-9A-Za-z\u4e00-\u9fa5 :;,.+*()_/-]*").fullmatch
_RED: Final = PatternFill("solid", fgColor="F8B4AE")
_PINK: Final = PatternFill("solid", fgColor="FDECEB")
_GREEN: Final = PatternFill("solid", fgColor="E5F3EA")
_YELLOW: Final = PatternFill("solid", fgColor="FBF4D5")
_HEAD: Final = PatternFill("solid", fgColor="DCE9EC")
_LINE: Final = Border(bottom=Side(style="thin", color="9FB2BF"))
_DATE: Final = "yyyy-mm-dd hh:mm:ss"
_DAYS_1904: Final = 1462
_FLUSH_ROWS: Final = 500


class Style(IntEnum):
    """How a cell looks; the values are only names of ours."""

    PLAIN = 0
    HEAD = 1
    TEXT = 2
    DATE = 3
    BAD = 4
    BAD_TEXT = 5
    BAD_DATE = 6
    FINE = 7
    WARNED = 8
    REFUSED = 9


_LOOKS: Final[dict[Style, dict[str, Any]]] = {
    Style.PLAIN: {},
    Style.HEAD: {
        "fill": _HEAD,
        "font": Font(bold=True),
        "border": _LINE,
        "alignment": Alignment(wrap_text=True),
    },
    Style.TEXT: {"number_format": "@"},
    Style.DATE: {"number_format": _DATE},
    Style.BAD: {"fill": _RED},
    Style.BAD_TEXT: {"fill": _RED, "number_format": "@"},
    Style.BAD_DATE: {"fill": _RED, "number_format": _DATE},
    Style.FINE: {"fill": _GREEN},
    Style.WARNED: {"fill": _YELLOW},
    Style.REFUSED: {"fill": _PINK, "font": Font(color="B3261E")},
}


class BookWriter:
    """A workbook with the sheets of the tables, written one after another."""

    def __init__(self, to: Path, tables: Sequence[Table]) -> None:
        self._to = to
        self._tables = tables
        self._styles: dict[Style, int] = {}
        self._parts: dict[int, tuple[str, bytes]] = {}
        self._zip: zipfile.ZipFile | None = None

    def __enter__(self) -> BookWriter:
        """Everything but the rows."""
        frame = zipfile.ZipFile(io.BytesIO(self._frame()))
        self._zip = zipfile.ZipFile(self._to, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        for name in frame.namelist():
            number = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", name)
            if number is None:
                self._zip.writestr(name, frame.read(name))
            else:
                self._parts[int(number.group(1)) - 1] = (name, frame.read(name))
        return self

    def __exit__(self, *_told: object) -> None:
        """Closes the file."""
        if self._zip is not None:
            self._zip.close()

    def _frame(self) -> bytes:
        book = Workbook()
        first: Any = book.active
        for style, look in _LOOKS.items():
            cell = first.cell(1, 1 + style)
            for name, value in look.items():
                setattr(cell, name, value)
            self._styles[style] = cell.style_id
        book.remove(first)
        names: set[str] = set()
        for nth, table in enumerate(self._tables):
            page = book.create_sheet(_name(table.name, nth, names))
            page.column_dimensions["A"].width = 40
            if table.header is not None and table.heading is not None:
                page.freeze_panes = f"B{table.heading[0] + 1}"
                _shape(page, table)
        found = io.BytesIO()
        book.save(found)
        return found.getvalue()

    @contextmanager
    def sheet(self, table: Table) -> Iterator[SheetWriter]:
        """The rows of a table's sheet, in order; one sheet at a time."""
        name, part = self._parts[table.ordinal]
        before, after = _DATA.split(part, maxsplit=1)
        assert self._zip is not None
        with self._zip.open(name, "w", force_zip64=True) as stream:
            stream.write(before + b"<sheetData>")
            writer = SheetWriter(stream, self._styles)
            yield writer
            writer.flush()
            stream.write(b"</sheetData>" + after)


def _shape(page: Any, table: Table) -> None:
    """Widths and formats of the columns where they now stand."""
    header = table.header
    assert header is not None
    shift = 1 if header.has_result else 2
    for place in header.places:
        shape(page, place.column, place.at + shift)
        add_pick_list(page, place.column, place.at + shift)


def _name(wish: str, nth: int, taken: set[str]) -> str:
    """A sheet's own name, as far as a workbook may have it."""
    name = re.sub(r"[\\/*?:\[\]\x00-\x1f]", "_", wish)[:31].strip("'") or f"Sheet{nth + 1}"
    name = name if name.casefold() not in taken else f"{name[:25]}_{nth + 1}"
    taken.add(name.casefold())
    return name


class SheetWriter:
    """The rows of one sheet."""

    def __init__(self, stream: IO[bytes], styles: dict[Style, int]) -> None:
        self._stream = stream
        self._styles = {style: f' s="{number}"' if number else "" for style, number in styles.items()}
        self._waiting: list[str] = []
        self._last = 0

    def row(self, number: int, cells: Sequence[tuple[Raw, Style]]) -> None:
        """A row; numbers only grow."""
        number = max(number, self._last + 1)
        self._last = number
        told = [
            self._cell(f"{_LETTERS[at]}{number}", raw, style)
            for at, (raw, style) in enumerate(cells)
            if raw is not None
        ]
        self._waiting.append(f'<row r="{number}">{"".join(told)}</row>')
        if len(self._waiting) >= _FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self._stream.write("".join(self._waiting).encode())
        self._waiting.clear()

    def _cell(self, at: str, raw: Raw, style: Style) -> str:
        look = self._styles[style]
        if isinstance(raw, Number):
            if _NUMBER(raw.text):
                return f'<c r="{at}"{look}><v>{_serial(raw)}</v></c>'
            raw = raw.text
        if isinstance(raw, bool):
            return f'<c r="{at}"{look} t="b"><v>{int(raw)}</v></c>'
        text = raw.text if isinstance(raw, Unread) else str(raw)
        return f'<c r="{at}"{look} t="inlineStr"><is><t xml:space="preserve">{_told(text)}</t></is></c>'


@lru_cache(maxsize=16_384)
def _told(text: str) -> str:
    """A text as XML, harmless; most begin with a letter or digit and have nothing in them to look for."""
    return text if _PLAIN(text) else escape(xml_text(plain(text)))


def _serial(raw: Number) -> str:
    """A day counted from 1904 in a workbook that counts from 1900."""
    if not (raw.dated and raw.since_1904):
        return raw.text
    whole, point, rest = raw.text.partition(".")
    return f"{int(whole) + _DAYS_1904}{point}{rest}" if whole.isdigit() else raw.text


_LETTERS: Final = [get_column_letter(at) for at in range(1, 400)]
