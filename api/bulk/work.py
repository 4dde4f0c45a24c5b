"""Reads an upload to its end: rows to facts, groups of facts to the ledger, what became of them noted group by group.

Blocking; api.bulk.worker calls it in a thread. A group is noted after the ledger has committed it, so that whoever goes on
after a crash states at most one group again, and its facts are known by their ids.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from api.bulk.drafts import CellProblem, Draft, Ids, Rows, most
from api.bulk.store import Part, State, Upload, Uploads
from api.bulk.tables import Opened, Table
from api.bulk.told import Unreadable, told
from models.problems import Code, Problem
from models.roles import ROLE_WORDS, may_state
from models.settings import Settings
from streams.ledger_types import Outcome, Prepared, Proceeded, Receipt, Refused

log = logging.getLogger(__name__)
GROUP_FACTS: Final = 500
_TOLD_MAX: Final = 200
_BEAT_GROUPS: Final = 20
_BREATH_FACTS: Final = 10
_BREATH_S: Final = 0.0001

ACCEPTED: Final = "accepted"
KNOWN: Final = "known"
REFUSED: Final = "refused"
REPEATED: Final = "repeated"


class Stopped(Exception):
    """The upload was cancelled, or another worker has it, or will have it once this process is down."""


class Ledgers(Protocol):
    """What stating needs: how a value is read for this stater, and how facts are handed in together."""

    stopping: threading.Event  # Set when this process goes down: the next one goes on.

    def read(self, upload: Upload, wire: dict[str, Any], now: int) -> Prepared | tuple[Problem, ...]:
        """A fact, or all that is wrong with it, the stater's right to it included."""

    def now(self) -> int:
        """The ledger's time."""

    def submit(self, upload: Upload, facts: list[Prepared]) -> Future[Outcome]:
        """Hand in facts that are each decided for itself; of a dry run as a rehearsal."""

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """What the ledger said, waiting for it; LedgerUnavailable where it did not."""


@dataclass(slots=True)
class Said:
    """What became of one fact."""

    table: int
    draft: Draft
    status: str
    seq: int | None = None
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)

    def kept(self) -> list[Any]:
        """As it is kept: table, first and last row, status, seq, problems, warnings."""
        told_of = [[_kept(each) for each in most(found)] for found in (self.problems, self.warnings)]
        return [self.table, self.draft.first, self.draft.last, self.status, self.seq, *told_of]


def _kept(each: CellProblem) -> list[Any]:
    problem = each.problem
    return [each.row, each.at, str(problem.code), problem.path, problem.message, problem.zh]


@dataclass(slots=True)
class Group:
    """Facts that are handed in together. `at` are the places in `said` of those that were prepared."""

    ordinal: int
    rows: int = 0
    said: list[Said] = field(default_factory=list)
    readers: list[Rows] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    facts: list[Prepared] = field(default_factory=list)
    future: Future[Outcome] | None = None


class Reading:
    """One upload being read by one worker."""

    def __init__(
        self, upload: Upload, worker: str, store: Uploads, ledgers: Ledgers, settings: Settings
    ) -> None:
        self._upload = upload
        self._worker = worker
        self._store = store
        self._ledgers = ledgers
        self._settings = settings
        self._ids = Ids(upload.org)
        self._told: list[dict[str, Any]] = []
        self._rows = 0
        self._now = 0

    def run(self, path: Path) -> None:
        """To the end, from the first group that is not noted; Stopped, Unreadable or LedgerUnavailable on the way."""
        opened = Opened(
            path, self._upload.format, self._upload.kind, self._settings.upload_unpacked_bytes_max
        )
        try:
            self._advance(state=State.RUNNING.value, rows_total=opened.count_rows())
            self._check_size(opened)
            self._read(opened)
        finally:
            opened.close()

    def _check_size(self, opened: Opened) -> None:
        """Refused before anything is stated; only a file of many rows is counted."""
        limit = self._settings.upload_rows_max
        if opened.count_rows() <= limit:
            return
        rows = 0
        for table in opened.tables():
            for _ in table.below() if table.header is not None else ():
                rows += 1
                if rows > limit:
                    raise Unreadable(Code.TOO_MANY_ROWS, "rows", most=limit)

    def _read(self, opened: Opened) -> None:
        before: Group | None = None
        for group in self._groups(opened):
            if self._ledgers.stopping.is_set():
                break
            if group.ordinal < self._upload.groups_done:
                if group.ordinal % _BEAT_GROUPS == 0:
                    self._advance()
                continue
            self._prepare(group)
            if before is not None:
                self._finish(before)
            before = group
        if before is not None:
            self._finish(before)
        if self._ledgers.stopping.is_set():
            raise Stopped
        if self._rows == 0 and not self._told:
            raise Unreadable(Code.EMPTY_FILE, "empty")
        self._store.tell(self._upload.upload_id, self._worker, self._told)

    def _groups(self, opened: Opened) -> Iterator[Group]:
        """Facts in the order of the file, always cut alike, so that an ordinal means the same rows after a restart."""
        group = Group(0)
        for table in opened.tables():
            self._tell(table.name, table.problems)
            if table.header is None:
                continue
            rows = Rows(table.header)
            if not may_state(self._upload.role, table.header.sheet.kind):
                self._refuse_kind(table, rows)
                continue
            for draft in rows.drafts(table.below()):
                self._rows += 1 + draft.last - draft.first
                repeated = self._ids.give(draft)
                said = Said(table.ordinal, draft, REFUSED, problems=list(draft.problems))
                if repeated is not None and not said.problems:
                    said.status = REPEATED
                    said.problems.append(CellProblem(draft.first, None, repeated))
                group.said.append(said)
                group.readers.append(rows)
                group.rows += 1 + draft.last - draft.first
                if len(group.said) == GROUP_FACTS:
                    yield group
                    group = Group(group.ordinal + 1)
        if group.said:
            yield group

    def _tell(self, sheet: str, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            if len(self._told) < _TOLD_MAX:
                self._told.append({"sheet": sheet, **_wire(problem)})

    def _refuse_kind(self, table: Table, rows: Rows) -> None:
        """A sheet that this role may not fill in is told of once; one with nothing but its example says nothing."""
        if next(rows.drafts(table.below()), None) is not None and table.header is not None:
            role, kind = ROLE_WORDS[self._upload.role], table.header.sheet.kind
            problem = told("$.kind", Code.ROLE_MAY_NOT_STATE, "role", role=role, kind=kind)
            self._tell(table.name, (problem,))

    # One group

    def _prepare(self, group: Group) -> None:
        """Read its facts and hand them in, without waiting for the ledger's word."""
        self._now = self._ledgers.now()
        for at, said in enumerate(group.said):
            if at % _BREATH_FACTS == 0:
                time.sleep(_BREATH_S)  # Whoever serves requests in this process goes first.
            if said.status == REPEATED:
                continue
            found = self._ledgers.read(self._upload, _with_id(said.draft), self._now)
            if isinstance(found, Prepared) and not said.problems:
                group.at.append(at)
                doubts = tuple(each.problem for each in said.draft.assumed)
                group.facts.append(replace(found, warnings=(*doubts, *found.warnings)) if doubts else found)
            elif not isinstance(found, Prepared):
                said.problems += self._located(group, at, found)
        if group.facts:
            group.future = self._ledgers.submit(self._upload, group.facts)

    def _located(self, group: Group, at: int, problems: tuple[Problem, ...]) -> list[CellProblem]:
        """Problems of the whole fact, without what a cell has been told of already."""
        draft, reader = group.said[at].draft, group.readers[at]
        cells = {(each.row, each.at) for each in draft.problems if each.at is not None}
        found = [reader.located(draft, problem) for problem in problems]
        echo = (
            Code.NO_AMOUNT if cells else None
        )  # The amount may stand in the very cell that could not be read.
        return [each for each in found if (each.row, each.at) not in cells and each.problem.code is not echo]

    def _finish(self, group: Group) -> None:
        """Wait for the ledger's word, and note what became of each fact."""
        if group.future is not None:
            outcome = self._ledgers.outcome(group.future)
            assert isinstance(outcome, Proceeded), outcome  # Each fact was decided for itself.
            for at, result in zip(group.at, outcome.results, strict=True):
                self._take(group, at, result)
        counts = _counts(group)
        counts["rows_read"] = group.rows
        body = orjson.dumps([said.kept() for said in group.said])
        if not self._store.add_group(self._upload.upload_id, self._worker, group.ordinal, counts, body):
            raise Stopped

    def _take(self, group: Group, at: int, result: Receipt | Refused) -> None:
        said = group.said[at]
        if isinstance(result, Receipt):
            said.status = KNOWN if result.known else ACCEPTED
            said.seq = None if result.rehearsed and not result.known else result.seq
            said.warnings = self._located(group, at, result.warnings)
            return
        alone = [replace(problem, path="$" + problem.path.partition("]")[2]) for problem in result.problems]
        said.problems += self._located(group, at, tuple(alone))

    def _advance(self, **values: Any) -> None:
        if not self._store.advance(self._upload.upload_id, self._worker, **values):
            raise Stopped


def _with_id(draft: Draft) -> dict[str, Any]:
    """The fact as it is handed in; one that is refused anyway may have no id yet."""
    draft.wire.setdefault("event_id", "00000000-0000-7000-8000-000000000000")
    return draft.wire


def _counts(group: Group) -> dict[str, int]:
    statuses = [said.status for said in group.said]
    return {
        "facts_accepted": statuses.count(ACCEPTED),
        "facts_known": statuses.count(KNOWN),
        "facts_refused": statuses.count(REFUSED),
        "facts_repeated": statuses.count(REPEATED),
        "warnings": sum(len(said.warnings) for said in group.said),
    }


def _wire(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "code": str(problem.code), "message": problem.message, "zh": problem.zh}


def fetch(store: Uploads, upload: Upload, folder: Path) -> Path:
    """The file as it was sent, on disk."""
    path = folder / f"sent.{upload.format}"
    with path.open("wb") as stream:
        for piece in store.pieces(upload.upload_id, Part.FILE):
            stream.write(piece)
    return path


def unreadable(error: Unreadable) -> list[dict[str, Any]]:
    """What is told of a file that could not be read at all."""
    return [{"sheet": "", **_wire(error.problem)}]
