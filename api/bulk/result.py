"""The same file back: what became of each row in the first column, and in a workbook the cells that are wrong in red.

Everything else is as it was sent, but values: formulas are shown as text, and what could be taken for one is made harmless.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from api.bulk.cells import Number, Raw, Unread
from api.bulk.drafts import Row
from api.bulk.headings import RESULT, extra_heading, is_result
from api.bulk.neutral import csv_cell, told_again
from api.bulk.sheetxml import BookWriter, Style
from api.bulk.store import Upload
from api.bulk.tables import CSV, Opened, Table
from api.bulk.work import ACCEPTED, REFUSED, REPEATED
from api.words import Lang, say
from models.settings import Settings

_BEAT_ROWS: Final = 5_000
_WORDS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of a row: its words, how it fared, and which of its cells (from 0) are wrong."""

    words: str
    status: str
    cells: frozenset[int] = frozenset()
    warned: bool = False


class Outcomes:
    """What became of the facts, in the order of the file; asked row by row in that order."""

    def __init__(self, upload: Upload, pieces: Iterator[bytes]) -> None:
        self._upload = upload
        self.lang = upload.lang
        self._kept: Iterator[list[Any]] = (kept for piece in pieces for kept in orjson.loads(piece))
        self._now: list[Any] | None = next(self._kept, None)

    def of(self, table: int, row: int) -> Mark | None:
        """What is said of a row; None where no fact is made of it."""
        while self._now is not None and (self._now[0], self._now[2]) < (table, row):
            self._now = next(self._kept, None)
        if self._now is None or self._now[0] != table or row < self._now[1]:
            return None
        return self._mark(row, *self._now[3:])

    def _mark(
        self, row: int, status: str, seq: int | None, problems: list[list[Any]], warnings: list[list[Any]]
    ) -> Mark:
        here = [problem for problem in problems if problem[0] == row]
        told = self._told(here or problems) if status in {REFUSED, REPEATED} else ""
        doubts = self._told([warning for warning in warnings if warning[0] == row])
        words = self._said(status, seq, told)
        if doubts:
            words += "；" + say(self._upload.lang, "bulk.row.warned", why=doubts)
        cells = frozenset(problem[1] for problem in here if problem[1] is not None)
        return Mark(words, status, cells, bool(doubts))

    def _said(self, status: str, seq: int | None, told: str) -> str:
        lang, dry = self._upload.lang, self._upload.dry_run
        if status in {REFUSED, REPEATED}:
            return say(lang, "bulk.row.refused", why=told)
        if dry:
            return say(lang, "bulk.row.would" if status == ACCEPTED else "bulk.row.would_known")
        return say(lang, "bulk.row.accepted" if status == ACCEPTED else "bulk.row.known", seq=seq)

    def _told(self, problems: list[list[Any]]) -> str:
        """Each reason once; the code behind it, to look up."""
        zh = self._upload.lang is Lang.ZH
        found = dict.fromkeys(
            f"{(problem[5] if zh and problem[5] else problem[4])} [{problem[2]}]" for problem in problems
        )
        return "；".join(list(found)[:_WORDS_MAX])


def write_result(
    upload: Upload,
    path: Path,
    to: Path,
    pieces: Iterator[bytes],
    settings: Settings,
    beat: Callable[[], None],
) -> None:
    """Write what comes back; `beat` is called now and then, and may raise to stop."""
    opened = Opened(path, upload.format, upload.kind, settings.upload_unpacked_bytes_max)
    try:
        outcomes = Outcomes(upload, pieces)
        if upload.format == CSV:
            _write_csv(opened, to, outcomes, beat)
        else:
            _write_book(opened, to, outcomes, beat)
    finally:
        opened.close()


def _marked(
    table: Table, outcomes: Outcomes, beat: Callable[[], None]
) -> Iterator[tuple[Row, bool, Mark | None]]:
    """The rows of a sheet, whether each is the heading, and what is said of it."""
    heading = table.heading[0] if table.heading is not None else 0
    for nth, row in enumerate(table.rows()):
        if nth % _BEAT_ROWS == _BEAT_ROWS - 1:
            beat()
        if row[0] == heading:
            yield row, True, _of_heading(table, outcomes.lang)
        else:
            yield row, False, outcomes.of(table.ordinal, row[0]) if table.header is not None else None


def _of_heading(table: Table, lang: Lang) -> Mark | None:
    if not table.problems:
        return None
    told = "；".join(dict.fromkeys(f"{problem.say(lang)} [{problem.code}]" for problem in table.problems))
    return Mark(told, REFUSED)


def _has_result(table: Table) -> bool:
    """Whether the file came back from us before: its first column is replaced then."""
    return table.heading is not None and bool(table.heading[1]) and is_result(table.heading[1][0])


def _write_csv(opened: Opened, to: Path, outcomes: Outcomes, beat: Callable[[], None]) -> None:
    with to.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=opened.csv.delimiter if opened.csv is not None else ",")
        for table in opened.tables():
            again = _has_result(table)
            for (_, cells), is_heading, mark in _marked(table, outcomes, beat):
                first = extra_heading(RESULT).replace("\n", " ") if is_heading else ""
                words = mark.words if mark is not None else first
                kept = cells[1:] if again else cells
                writer.writerow([csv_cell(words), *(csv_cell(told_again(str(raw or ""))) for raw in kept)])


def _write_book(opened: Opened, to: Path, outcomes: Outcomes, beat: Callable[[], None]) -> None:
    tables = list(opened.tables())
    with BookWriter(to, tables) as book:
        for table in tables:
            again = 1 if _has_result(table) else 0
            with book.sheet(table) as sheet:
                for (number, cells), is_heading, mark in _marked(table, outcomes, beat):
                    told: list[tuple[Raw, Style]] = [_first(is_heading, mark, table)]
                    wrong = mark.cells if mark is not None else frozenset()
                    told += [
                        (raw, _style(raw, is_heading, at in wrong))
                        for at, raw in enumerate(cells[again:], again)
                    ]
                    sheet.row(number, told)


def _first(is_heading: bool, mark: Mark | None, table: Table) -> tuple[Raw, Style]:
    if mark is None:
        return (
            (extra_heading(RESULT), Style.HEAD)
            if is_heading and table.header is not None
            else (None, Style.PLAIN)
        )
    if mark.status in {REFUSED, REPEATED}:
        return mark.words, Style.REFUSED
    return mark.words, Style.WARNED if mark.warned else Style.FINE


def _style(raw: Raw, is_heading: bool, is_wrong: bool) -> Style:
    if is_heading:
        return Style.HEAD
    if isinstance(raw, Number):
        if raw.dated:
            return Style.BAD_DATE if is_wrong else Style.DATE
        return Style.BAD if is_wrong else Style.PLAIN
    if isinstance(raw, Unread):
        return Style.BAD
    return Style.BAD_TEXT if is_wrong else Style.TEXT
