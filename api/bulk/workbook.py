"""Reads an .xlsx row by row as it stands in the file: exact decimal texts, formulas seen as such, bounded memory.

A reader of our own over expat, since those of the libraries give binary floats, hide which cells are formulas, or lay out a
sheet in full, which one cell in its last corner turns into gigabytes. Nothing is evaluated, followed or unpacked beyond a
bound; macros, entities and passwords are refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.escape import unescape

from api.bulk.cells import Number, Raw, Unread
from api.bulk.drafts import Row
from api.bulk.told import Unreadable
from models.problems import Code

_SPACES: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATIONS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_CHUNK: Final = 256 * 1024
_MEMBERS_MAX: Final = 2_000
_SHEETS_MAX: Final = 100
_STRINGS_BYTES_MAX: Final = 160 * 1024 * 1024
_SMALL_BYTES_MAX: Final = 16 * 1024 * 1024
CELL_CHARS_MAX: Final = 32_767
COLUMNS_MAX: Final = 300
# Excel in Chinese numbers its own date formats 27-36 and 50-58; they are not among the built-in ones of the standard.
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NEVER: Final = re.compile("[\0\ud800-\udfff\ufffe\uffff]")
_BROKEN: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)


class Workbook:
    """An .xlsx on disk. `sheets` are names with what reads their rows, in order; Unreadable for what is none."""

    def __init__(self, path: Path, unpacked_bytes_max: int) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN:
            raise Unreadable(Code.NOT_A_TABLE, "no_zip") from None
        self._members = {info.filename: info for info in self._zip.infolist()}
        try:
            self._check(unpacked_bytes_max)
            self._book = _Book()
            self._parse("xl/workbook.xml", self._book)
            self._targets = _Targets()
            self._parse("xl/_rels/workbook.xml.rels", self._targets)
            self._dated = self._styles()
            self._strings = self._shared()
        except _BROKEN as error:
            self.close()
            raise Unreadable(Code.NOT_A_TABLE, "damaged", reason=type(error).__name__) from None
        except Unreadable:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _check(self, unpacked_bytes_max: int) -> None:
        names = [info.filename.lower() for info in self._zip.infolist()]
        if len(names) > _MEMBERS_MAX or len(set(names)) != len(names):
            raise Unreadable(Code.UNSAFE_FILE, "parts")
        if any("vbaproject" in name or "/macrosheets/" in name for name in names):
            raise Unreadable(Code.UNSAFE_FILE, "macros")
        if any(info.flag_bits & 1 for info in self._zip.infolist()):
            raise Unreadable(Code.NOT_A_TABLE, "password")
        if sum(info.file_size for info in self._zip.infolist()) > unpacked_bytes_max:
            raise Unreadable(Code.UNSAFE_FILE, "unfolds", most=unpacked_bytes_max)
        if "xl/workbook.xml" not in self._members:
            raise Unreadable(Code.NOT_A_TABLE, "no_zip")

    def _styles(self) -> frozenset[str]:
        """The style numbers whose format is a date."""
        if "xl/styles.xml" not in self._members:
            return frozenset()
        styles = _Styles()
        self._parse("xl/styles.xml", styles)
        return styles.dated()

    def _shared(self) -> list[str]:
        info = self._members.get("xl/sharedStrings.xml")
        if info is None:
            return []
        strings = _Strings()
        self._parse(info.filename, strings, _STRINGS_BYTES_MAX)
        return strings.found

    def _parse(self, name: str, into: _Handler, limit: int = _SMALL_BYTES_MAX) -> None:
        info = self._members.get(name)
        if info is None:
            raise Unreadable(Code.NOT_A_TABLE, "no_part", part=name)
        if info.file_size > limit:
            raise Unreadable(Code.UNSAFE_FILE, "unfolds", most=limit)
        with self._zip.open(info) as stream:
            for _ in _fed(stream, into):
                pass

    def sheets(self) -> Iterator[tuple[str, Callable[[], Iterator[Row]]]]:
        """Worksheets in order; charts and the like have no rows."""
        for name, relation in self._book.sheets[:_SHEETS_MAX]:
            member = self._targets.found.get(relation, "")
            if member in self._members and "worksheet" in member:
                yield name, partial(self._rows, member)

    def count_rows(self) -> int:
        """How many rows there are at most, blank ones too: for a progress bar."""
        found = 0
        for _, rows in self.sheets():
            member = rows.args[0] if isinstance(rows, partial) else ""
            with self._zip.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    found += chunk.count(b"<row ") + chunk.count(b":row ")
        return found

    def _rows(self, member: str) -> Iterator[Row]:
        reader = _Sheet(self._strings, self._dated, self._book.since_1904)
        try:
            with closing(self._zip.open(member)) as stream:
                for _ in _fed(stream, reader):
                    yield from reader.rows
                    reader.rows.clear()
        except _BROKEN as error:
            raise Unreadable(Code.NOT_A_TABLE, "damaged", reason=type(error).__name__) from None


def _fed(stream: IO[bytes], handler: _Handler) -> Iterator[None]:
    """Parses a stream piece by piece; a document type, and so every entity, is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = handler.calls()
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise Unreadable(Code.NOT_A_TABLE, "damaged", reason=str(error)) from None


def _refuse_doctype(*_told: Any) -> None:
    raise Unreadable(Code.UNSAFE_FILE, "doctype")


def _named(*names: str) -> dict[str, str]:
    return {f"{space} {name}": name for name in names for space in _SPACES}


Calls = tuple[Callable[[str, dict[str, str]], None], Callable[[str], None], Callable[[str], None]]


class _Handler:
    """What a parser calls."""

    def calls(self) -> Calls:
        """At the beginning of an element, at text, and at its end."""
        return self.start, self.text, self.end

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text inside one."""


class _Book(_Handler):
    """workbook.xml: the sheets by name and relation, and where days are counted from."""

    _NAMES: Final = _named("sheet", "workbookPr")

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.since_1904 = False

    def start(self, name: str, given: dict[str, str]) -> None:
        known = self._NAMES.get(name)
        if known == "sheet":
            relation = next((given[key] for key in _RELATIONS if key in given), "")
            self.sheets.append((given.get("name", ""), relation))
        elif known == "workbookPr":
            self.since_1904 = given.get("date1904") in {"1", "true"}


class _Targets(_Handler):
    """workbook.xml.rels: which part a relation leads to, inside the workbook only."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        if name.endswith(" Relationship") and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            inside = target[1:] if target.startswith("/") else posixpath.join("xl", target)
            self.found[given.get("Id", "")] = posixpath.normpath(inside)


class _Styles(_Handler):
    """styles.xml: which cell formats are dates."""

    _NAMES: Final = _named("numFmt", "cellXfs", "xf")

    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._cells: list[str] = []
        self._in_cells = False

    def start(self, name: str, given: dict[str, str]) -> None:
        known = self._NAMES.get(name)
        if known == "numFmt":
            self._formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif known == "cellXfs":
            self._in_cells = True
        elif known == "xf" and self._in_cells:
            self._cells.append(given.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if self._NAMES.get(name) == "cellXfs":
            self._in_cells = False

    def dated(self) -> frozenset[str]:
        return frozenset(str(at) for at, number in enumerate(self._cells) if self._is_date(number))

    def _is_date(self, number: str) -> bool:
        if number in self._formats:
            return bool(is_date_format(self._formats[number][:200]))
        known = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
        return known in _DATES or bool(is_date_format(BUILTIN_FORMATS.get(known, "")))


class _Strings(_Handler):
    """sharedStrings.xml: texts by their number; how Chinese is read aloud (rPh) is no part of them."""

    _NAMES: Final = _named("si", "t", "rPh")

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._taking = self._phonetic = False

    def start(self, name: str, given: dict[str, str]) -> None:
        known = self._NAMES.get(name)
        if known == "si":
            self._parts = []
        elif known == "rPh":
            self._phonetic = True
        elif known == "t":
            self._taking = not self._phonetic

    def end(self, name: str) -> None:
        known = self._NAMES.get(name)
        if known == "t":
            self._taking = False
        elif known == "rPh":
            self._phonetic = False
        elif known == "si":
            self.found.append(_whole("".join(self._parts)))

    def text(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)


def _whole(text: str) -> str:
    if len(text) > CELL_CHARS_MAX:
        raise Unreadable(Code.UNSAFE_FILE, "cell_long", most=CELL_CHARS_MAX)
    return _unescaped(text) if "_x" in text else text


def _unescaped(text: str) -> str:
    """`_x000D_` is how a workbook writes a control character; what no text may hold is left as it is spelled."""
    found = str(unescape(text))
    return text if _NEVER.search(found) else found


class _Sheet(_Handler):
    """sheetN.xml: rows that have something in them.

    What expat calls are closures over plain variables: methods that keep them in attributes take twice as long.
    """

    def __init__(self, strings: list[str], dated: frozenset[str], since_1904: bool) -> None:
        self.rows: list[Row] = []
        self._strings, self._dated, self._since_1904 = strings, dated, since_1904

    def calls(self) -> Calls:  # noqa: C901 - one state machine: apart, it takes twice as long
        """The closures."""
        known, put = _named("c", "v", "f", "t", "row", "rPh", "sheetData").get, self._put
        cells: list[Raw] = []
        number, at, kind, style, value = 0, -1, "", "", ""
        text: str | None = None
        formula: str | None = None
        phonetic = in_rows = False

        def start(name: str, given: dict[str, str]) -> None:
            nonlocal cells, number, at, kind, style, value, text, formula, phonetic, in_rows
            which = known(name)
            if which == "c":
                at = _column(given["r"]) if "r" in given else at + 1
                kind, style, value, formula = given.get("t", "n"), given.get("s", ""), "", None
            elif which == "v" or which == "t" or which == "f":
                text = None if phonetic or not in_rows else ""
            elif which == "row":
                number = _row_number(given.get("r", ""), number)
                cells, at = [], -1
            elif which is not None:
                phonetic, in_rows = phonetic or which == "rPh", in_rows or which == "sheetData"

        def data(more: str) -> None:
            nonlocal text
            if text is not None:
                text += more

        def end(name: str) -> None:
            nonlocal value, text, formula, phonetic, in_rows
            which = known(name)
            if which == "v" or which == "t":
                value, text = value + (text or ""), None
            elif which == "c":
                if in_rows and (value or formula is not None):
                    put(cells, number, at, self._raw(kind, style, value, formula))
            elif which == "row":
                if cells:
                    self.rows.append((number, cells))
            elif which == "f":
                formula, text = "=" + (text or "")[:CELL_CHARS_MAX], None
            elif which is not None:
                phonetic, in_rows = phonetic and which != "rPh", in_rows and which != "sheetData"

        return start, data, end

    def _put(self, cells: list[Raw], number: int, at: int, raw: Raw) -> None:
        if at == len(cells) < COLUMNS_MAX:
            cells.append(raw)
            return
        if not 0 <= at < COLUMNS_MAX:
            raise Unreadable(Code.NOT_A_TABLE, "wide", row=number, most=COLUMNS_MAX)
        cells.extend([None] * (at + 1 - len(cells)))
        cells[at] = raw

    def _raw(self, kind: str, style: str, value: str, formula: str | None) -> Raw:
        if formula is not None:
            return Unread(Code.FORMULA, formula)
        if kind == "s":
            known = value.isascii() and value.isdigit() and len(value) < 9 and int(value) < len(self._strings)
            return self._strings[int(value)] if known else Unread(Code.BAD_FORMAT, value[:60])
        if kind == "inlineStr" or kind == "str":
            return _whole(value)
        if kind == "n":
            return Number(value[:60], style in self._dated, self._since_1904)
        if kind == "b":
            return value == "1"
        return value if kind == "d" else Unread(Code.BAD_FORMAT, value[:60])


def _row_number(told: str, before: int) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else before + 1


def _column(reference: str) -> int:
    """`BC12` is column 54, counted from 0; -1 for what is no reference."""
    found = 0
    for character in reference[:4]:
        if not "A" <= character <= "Z":
            break
        found = found * 26 + ord(character) - 64
    return found - 1
