"""Rows become facts: which rows are one fact, what each cell says, and which id the fact gets from its content.

A sheet without lists has a fact a row. Else neighbouring rows are one fact, an item of each list to a row, where they agree
in the document's number and the time, or, where the kind has no document, in the row number (序号) or in all that
stands outside the lists. What the first row says may be left blank in the others. A fact that begins again further down is
refused, since half of it would be stated twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from api.bulk.cells import Raw, Wire, blank, read_cell
from api.bulk.columns import Sheet
from api.bulk.headings import Header, Place
from api.bulk.told import Wrong, told
from models.canonical import canonical, sha256
from models.exact import parse_instant
from models.problems import Code, Problem, Warned
from streams.fact_problems import PROBLEMS_MAX

Row = tuple[int, list[Raw]]
_ITEM: Final = re.compile(r"([A-Za-z_]+)(?:\[([0-9]+)\])?").fullmatch
_READ_MAX: Final = 20_000  # Of one column.
_IGNORED: Final = ("说明", "示例", "示范", "例：", "例:", "example", "explained", "#")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A problem with the row and the place of the cell that it is about; `at` is None where it is the row's as a whole."""

    row: int
    at: int | None
    problem: Problem


@dataclass(slots=True)
class Draft:
    """A fact as its rows say it, before it is checked. `problems` are those of its cells; with any it is never stated."""

    sheet: Sheet
    first: int
    last: int
    wire: dict[str, Any]
    row_id: str
    rows_of: dict[str, list[int]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    assumed: list[CellProblem] = field(default_factory=list)


class Rows:
    """Reads the rows of one sheet under its header."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._sheet = header.sheet
        self._own = tuple(place for place in header.places if place.column.group is None)
        key = {column.wire for column in self._sheet.key}
        self._key = tuple(place for place in self._own if place.column.wire in key)
        self._seen: set[bytes] = set()
        # What a text was read as, by the place of its column: most of them stand in many rows.
        self._read: dict[int, dict[str, Wire]] = {place.at: {} for place in header.places}

    def drafts(self, rows: Iterable[Row]) -> Iterator[Draft]:
        """A draft for each fact, in order; blank rows and the template's own are no rows."""
        together: list[Row] = []
        for row in rows:
            if all(map(blank, row[1])) or self._is_ignored(row[1]):
                continue
            if together and not self._continues(together, row[1]):
                yield self._draft(together)
                together = []
            together.append(row)
        if together:
            yield self._draft(together)

    def _is_ignored(self, cells: list[Raw]) -> bool:
        at = self._header.row_id
        text = cells[at] if at is not None and at < len(cells) else None
        return isinstance(text, str) and text.strip().casefold().startswith(_IGNORED)

    def _row_id(self, cells: list[Raw]) -> str:
        at = self._header.row_id
        raw = cells[at] if at is not None and at < len(cells) else None
        return (
            "" if raw is None else (raw if isinstance(raw, str) else str(getattr(raw, "text", raw))).strip()
        )

    def _continues(self, above: list[Row], cells: list[Raw]) -> bool:
        if not self._sheet.groups:
            return False
        if not self._sheet.by_document and (row_id := self._row_id(cells)):
            return row_id == self._row_id(above[0][1])
        first = above[0][1]
        if all(blank(_cell(cells, place.at)) for place in self._own):
            return True
        if not self._sheet.by_document:
            return all(_same(_cell(first, place.at), _cell(cells, place.at)) for place in self._key)
        return all(
            blank(_cell(cells, place.at)) or _same(_cell(first, place.at), _cell(cells, place.at))
            for place in self._key
        )

    # One fact

    def _draft(self, rows: list[Row]) -> Draft:
        draft = Draft(
            self._sheet, rows[0][0], rows[-1][0], {"kind": self._sheet.kind}, self._row_id(rows[0][1])
        )
        for nth, (number, cells) in enumerate(rows):
            items: dict[str, dict[str, Any]] = {}
            width = len(cells)
            for place in self._header.places:
                raw = cells[place.at] if place.at < width else None
                if raw is None or blank(raw):
                    continue
                group = place.column.group
                if group is None:
                    self._take_own(draft, nth, number, place, raw)
                    continue
                item = items.setdefault(group, {})
                self._take(draft, number, place, raw, item, place.column.path[1:])
            for group, item in items.items():
                draft.wire.setdefault(group, []).append(item)
                draft.rows_of.setdefault(group, []).append(number)
        self._number(draft)
        self._look_for_echoes(draft, rows)
        if self._sheet.needs_row_id and not draft.row_id:
            self._tell(draft, draft.first, self._header.row_id, told("$", Code.MISSING, "row_id"))
        return draft

    def _take_own(self, draft: Draft, nth: int, number: int, place: Place, raw: Raw) -> None:
        """The fact's own cells are its first row's; further down they are blank or say the same."""
        if nth == 0:
            self._take(draft, number, place, raw, draft.wire, place.column.path)
            return
        said: dict[str, Any] = {}
        self._take(draft, number, place, raw, said, place.column.path)
        if said and _found(said, place.column.path) != _found(draft.wire, place.column.path):
            wire = place.column.wire
            problem = told(f"$.{wire}", Code.CONTRADICTION, "otherwise", row=draft.first, column=wire)
            self._tell(draft, number, place.at, problem)

    def _take(
        self, draft: Draft, number: int, place: Place, raw: Raw, into: dict[str, Any], path: tuple[str, ...]
    ) -> None:
        column = place.column
        known = self._read[place.at].get(raw) if type(raw) is str else None
        if known is None:
            try:
                known = read_cell(column, raw, place.factor)
            except Wrong as wrong:
                self._tell(draft, number, place.at, wrong.at(f"$.{column.wire}"))
                return
            if type(raw) is str and not column.many and len(self._read[place.at]) < _READ_MAX:
                self._read[place.at][raw] = known
        value, assumed = known
        if value == [] or (value == column.default and type(value) is type(column.default)):
            return
        for step in path[:-1]:
            into = into.setdefault(step, {})
        into[path[-1]] = value
        if assumed and column.path == ("occurred_at",):
            problem = told("$.occurred_at", Warned.TIME_ASSUMED, "assumed")
            draft.assumed.append(CellProblem(number, place.at, problem))

    def _number(self, draft: Draft) -> None:
        """Lines that have no number are numbered as they stand."""
        for group in self._sheet.numbered:
            for place, item in enumerate(draft.wire.get(group, ()), 1):
                item.setdefault("line", place)

    def _look_for_echoes(self, draft: Draft, rows: list[Row]) -> None:
        """A line that was pasted twice would double a mass; and a document that begins again would be stated in halves."""
        if not self._sheet.groups:
            return
        seen: dict[tuple[str, ...], int] = {}
        for number, cells in rows:
            said = tuple(str(raw) for raw in cells[: self._width])
            if said in seen and any(not blank(raw) for raw in cells):
                self._tell(draft, number, None, told("$", Code.DUPLICATE_ROW, "echo", row=seen[said]))
            seen.setdefault(said, number)
        if not self._sheet.by_document:
            return
        key = [_found(draft.wire, place.column.path) for place in self._key]
        mark = sha256(canonical(key))[:16]
        if mark in self._seen:
            self._tell(draft, draft.first, None, told("$", Code.SPLIT_DOCUMENT, "split"))
        self._seen.add(mark)

    @property
    def _width(self) -> int:
        return 1 + max((place.at for place in self._header.places), default=0)

    def _tell(self, draft: Draft, row: int, at: int | None, problem: Problem) -> None:
        draft.problems.append(CellProblem(row, at, problem))

    # Where a problem of the fact stands

    def located(self, draft: Draft, problem: Problem) -> CellProblem:
        """The cell that a problem of the fact is about, by its path such as `$.lines[0].mass_kg`."""
        steps = [found for step in problem.path.split(".")[1:] if (found := _ITEM(step))]
        row, wire = draft.first, ".".join(step.group(1) for step in steps)
        if steps and (rows := draft.rows_of.get(steps[0].group(1))) and steps[0].group(2):
            item = int(steps[0].group(2))
            row = rows[item] if item < len(rows) else row
        for place in self._header.places:
            if place.column.wire == wire or place.column.wire.startswith(f"{wire}."):
                return CellProblem(row, place.at if wire else None, problem)
        return CellProblem(row, None, problem)


def _cell(cells: list[Raw], at: int) -> Raw:
    return cells[at] if at < len(cells) else None


def _same(one: Raw, other: Raw) -> bool:
    return one == other or (blank(one) and blank(other))


def _found(wire: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = wire
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


class Ids:
    """Gives each fact its event_id by what it says, so that the same rows sent again are recognised, in whatever file.

    Rows that say the same are told apart by their numbers, and only then do the numbers matter: a row that is put in between
    and shifts all numbers changes no id.
    """

    def __init__(self, org: str) -> None:
        self._org = org
        self._seen: set[bytes] = set()
        self._numbered: set[bytes] = set()
        self._times: dict[bytes, int] = {}

    def give(self, draft: Draft) -> Problem | None:
        """Puts the id into the draft; a problem where the same fact stands above it in this file."""
        said = canonical([self._org, draft.wire])
        mark, named = sha256(said)[:16], sha256(said + b"\0" + draft.row_id.encode(errors="replace"))[:16]
        nth = 1
        if mark in self._seen:
            if not draft.row_id or named in self._numbered:
                return told("$", Code.DUPLICATE_ROW, "repeated")
            nth = self._times.get(mark, 1) + 1
            self._times[mark] = nth
        self._seen.add(mark)
        self._numbered.add(named)
        draft.wire["event_id"] = event_id(draft.wire.get("occurred_at"), sha256(said + b"\0\0%d" % nth))
        return None


def event_id(occurred_at: object, digest: bytes) -> str:
    """A UUIDv7 whose time is the fact's own and whose other bits are of its content: the same rows, the same id."""
    try:
        at_ms = parse_instant(str(occurred_at)) // 1000
    except ValueError:
        at_ms = 0
    bits = int.from_bytes(digest[:10])
    number = at_ms << 80 | 0x7 << 76 | (bits >> 68) << 64 | 0b10 << 62 | (bits & (2**62 - 1))
    return str(UUID(int=number))


def most(problems: list[CellProblem]) -> list[CellProblem]:
    """As many as are told of one fact."""
    return problems[: min(PROBLEMS_MAX, 50)]
