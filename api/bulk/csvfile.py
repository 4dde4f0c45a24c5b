"""Reads a CSV as offices make it: UTF-8 (with a mark or without), GB18030 or UTF-16, with commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.bulk.drafts import Row
from api.bulk.told import Unreadable
from api.bulk.workbook import CELL_CHARS_MAX, COLUMNS_MAX
from models.problems import Code

_CHUNK: Final = 1024 * 1024
_DELIMITERS: Final = (",", ";", "\t")
_SNIFFED_CHARS: Final = 64 * 1024
csv.field_size_limit(CELL_CHARS_MAX * 4)


class CsvFile:
    """A CSV on disk; Unreadable where it is no text in an encoding that is taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.encoding = _encoding(path)
        with path.open(encoding=self.encoding, newline="") as stream:
            beginning = stream.read(_SNIFFED_CHARS)
        if "\0" in beginning:
            raise Unreadable(Code.NOT_A_TABLE, "no_text")
        self.delimiter = _delimiter(beginning)

    def count_rows(self) -> int:
        """How many lines there are: at least as many as rows."""
        with self._path.open("rb") as stream:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b"")) + 1

    def rows(self) -> Iterator[Row]:
        """Rows by the number of the line they begin in, blank ones left out."""
        with self._path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter)
            number = 1
            try:
                for cells in reader:
                    if any(cells):
                        if len(cells) > COLUMNS_MAX:
                            raise Unreadable(Code.NOT_A_TABLE, "wide", row=number, most=COLUMNS_MAX)
                        yield number, list(cells)
                    number += 1
            except csv.Error as error:
                raise Unreadable(
                    Code.NOT_A_TABLE, "damaged", reason=f"line {reader.line_num}: {error}"
                ) from None


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        beginning = stream.read(4)
    marked = beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    candidates = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise Unreadable(Code.BAD_UTF8, "encoding")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(beginning: str) -> str:
    """What the heading row holds most of, outside quotes."""
    found = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for character in beginning:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted and any(found.values()):
            break
        elif not quoted and character in found:
            found[character] += 1
    return max(_DELIMITERS, key=lambda mark: found[mark])
