"""A file as sheets of known kinds with their headers, whatever its format; used to read it and to write it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from api.bulk.cells import blank
from api.bulk.columns import sheet_of
from api.bulk.csvfile import CsvFile
from api.bulk.drafts import Row
from api.bulk.headings import Header, is_ours, kind_of_sheet, read_header
from api.bulk.told import told
from api.bulk.workbook import Workbook
from models.problems import Code, Problem

XLSX: Final = "xlsx"
CSV: Final = "csv"
_TITLES_MAX: Final = 5
Rows = Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `heading` is the row of its header, with `header` where that was understood, else with `problems`.

    One with neither has nothing to read: explanations, the catalogue, an empty sheet.
    """

    ordinal: int
    name: str
    heading: Row | None
    header: Header | None
    problems: tuple[Problem, ...]
    rows: Rows

    def below(self) -> Iterator[Row]:
        """The rows under the heading."""
        above = self.heading[0] if self.heading is not None else 0
        return (row for row in self.rows() if row[0] > above)


class Opened:
    """A file on disk that was opened; Unreadable where it is no table."""

    def __init__(self, path: Path, form: str, kind: str | None, unpacked_bytes_max: int) -> None:
        self._kind = kind
        self.csv = CsvFile(path) if form == CSV else None
        self.book = Workbook(path, unpacked_bytes_max) if form == XLSX else None

    def close(self) -> None:
        """Close it."""
        if self.book is not None:
            self.book.close()

    def count_rows(self) -> int:
        """How many rows there are at most."""
        return self.book.count_rows() if self.book is not None else self.csv.count_rows() if self.csv else 0

    def tables(self) -> Iterator[Table]:
        """Its sheets in order; a CSV is one."""
        sheets = self.book.sheets() if self.book is not None else iter(())
        alone = [("", self.csv.rows)] if self.csv is not None else []
        for ordinal, (name, rows) in enumerate(chain(sheets, alone)):
            yield self._table(ordinal, name, rows)

    def _table(self, ordinal: int, name: str, rows: Rows) -> Table:
        heading = None if is_ours(name) else _heading(rows())
        if heading is None:
            return Table(ordinal, name, None, None, (), rows)
        kind = kind_of_sheet(name, heading[1]) or self._kind
        if kind is None:
            key = "unknown_sheet" if self.csv is None else "unknown_kind"
            problem = told("$", Code.UNKNOWN_SHEET, key, sheet=name)
            return Table(ordinal, name, heading, None, (problem,), rows)
        found = read_header(sheet_of(kind), heading[1])
        if isinstance(found, Header):
            return Table(ordinal, name, heading, found, (), rows)
        return Table(ordinal, name, heading, None, found, rows)


def _heading(rows: Iterator[Row]) -> Row | None:
    """The first row with more than a title in it."""
    first: Row | None = None
    for _, row in zip(range(_TITLES_MAX), rows, strict=False):
        first = first or row
        if sum(not blank(raw) for raw in row[1]) > 2:
            return row
    return first
