"""An outbox on disk: facts get their event_id and are kept before they are sent, so that a killed sender sends them again.

One SQLite file. `put` keeps facts; `flush` sends what waits and keeps the answers. However often the process dies at
whichever point, each fact is in the ledger once: what was sent and not noted is recognised by its event_id.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from client.answers import Problem, Receipt, Result
from client.session import BATCH_FACTS, AnyFact, Feilian, batches

_TABLE: Final = """CREATE TABLE IF NOT EXISTS facts (
    place INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, seq INTEGER, refused TEXT
)"""


class Outbox:
    """Facts of one organisation that wait, were taken (`seq`), or were refused (with the reasons)."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def put(self, facts: Iterable[AnyFact]) -> int:
        """Keep facts, in one transaction; one whose event_id is kept already is not kept again. How many were new."""
        rows = [
            (fact["event_id"], json.dumps(fact, ensure_ascii=False))
            for batch in batches(facts)
            for fact in batch
        ]
        with self._transaction():
            before = self._db.total_changes
            self._db.executemany("INSERT OR IGNORE INTO facts (event_id, body) VALUES (?, ?)", rows)
            return self._db.total_changes - before

    def waiting(self) -> int:
        """How many facts are still to be sent."""
        found = self._db.execute(
            "SELECT count(*) FROM facts WHERE seq IS NULL AND refused IS NULL"
        ).fetchone()
        return int(found[0])

    def flush(self, feilian: Feilian, batch: int = BATCH_FACTS) -> Iterator[tuple[str, Result]]:
        """Send what waits, oldest first; each with its answer once that is kept. After Unreachable flush again."""
        while rows := self._next(batch):
            results = list(feilian.send_each(json.loads(body) for _, body in rows))
            answered = list(zip((event_id for event_id, _ in rows), results, strict=True))
            with self._transaction():
                self._db.executemany(
                    "UPDATE facts SET seq = ?, refused = ? WHERE event_id = ?",
                    [(*_kept(result), event_id) for event_id, result in answered],
                )
            yield from answered

    def refused(self) -> Iterator[tuple[str, list[Problem]]]:
        """Facts that were refused, with why."""
        for event_id, reasons in self._db.execute(
            "SELECT event_id, refused FROM facts WHERE refused IS NOT NULL ORDER BY place"
        ):
            yield event_id, [Problem.of(each) for each in json.loads(reasons)]

    def _next(self, limit: int) -> list[tuple[str, str]]:
        return self._db.execute(
            "SELECT event_id, body FROM facts WHERE seq IS NULL AND refused IS NULL ORDER BY place LIMIT ?",
            (limit,),
        ).fetchall()

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")


def _kept(result: Result) -> tuple[int | None, str | None]:
    if isinstance(result, Receipt):
        return result.seq, None
    reasons = [{"path": p.path, "code": p.code, "message": p.message} for p in result.problems]
    return None, json.dumps(reasons, ensure_ascii=False)
