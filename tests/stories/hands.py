"""Tells a story to the real hands: the embedded loop over SQLite, step by step, and the replay in memory at its end."""

from collections.abc import Iterable
from pathlib import Path

from consumers.digest import Digest, digest_of_tables
from consumers.replay import everywhere, replay
from models.alerts import ALERTS, AlertKind
from models.envelope import Row
from models.facts import CORRECTING, LAW_KINDS
from models.settings import Settings
from models.topics import Concern
from rules.defaults import SYSTEM_ORG, default_facts
from streams import bulk
from streams.databases import open_databases, reading
from streams.decode import decode
from streams.embedded import Embedded
from streams.judge import Judge
from streams.ledger_types import HeadAt
from tests.facts import day, instant
from tests.rules.harness import Book
from tests.stories.steps import Step, Story

SHARDS = 4
_CHANGES = (
    "SELECT c.concern, c.key, c.cause, c.ordinal, c.change, a.kind "
    "FROM alert_changes c JOIN alerts a ON a.alert_id = c.alert_id"
)


class BookReader:
    """A log book read as the ledger is."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def rows(self, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Rows with after < seq <= upto, in seq order."""
        end = len(self._book.rows) if upto is None else upto
        return self._book.rows[after:end][:limit]

    def rows_by_seq(self, seqs: Iterable[int]) -> dict[int, Row]:
        """The named rows."""
        return {seq: self._book.rows[seq - 1] for seq in seqs}

    def law_rows(self, after: int, upto: int) -> list[Row]:
        """Law facts, and corrections of law facts."""
        return [row for row in self._book.rows[after:upto] if is_law(row)]


def is_law(row: Row) -> bool:
    """A law fact, or a correction of one."""
    if row.kind not in CORRECTING:
        return row.kind in LAW_KINDS
    decoded = decode(row)
    return any(stated is not None and stated.kind in LAW_KINDS for stated in (decoded.old, decoded.new))


class EmbeddedTeller:
    """A ledger with the default policies, and the embedded loop over fresh tables in a folder."""

    def __init__(self, folder: Path) -> None:
        self.book = Book()
        for wire in default_facts():
            self.book.accept(wire, day(-1000), SYSTEM_ORG)
        self._databases = open_databases(Settings(data_dir=folder))
        self._databases.create()
        self.reader = BookReader(self.book)
        judge = Judge(self._databases.state, self.reader, SHARDS)
        judge.ensure_positions()
        self._loop = Embedded(judge, self.reader, self._databases.state, SHARDS)
        self._seen: set[tuple[str, str, str, int]] = set()
        self._swept = HeadAt(0, 0)

    def step(self, step: Step, concern: Concern | None) -> list[str]:
        """What a step changed: deadlines before it, then its fact, then (in silence) those at it."""
        when, wire, _ = step
        at = instant(when)
        self._sweep(at if wire is not None else at + 1)
        if wire is not None:
            self.book.accept(wire, at)
            self._loop.catch_up(len(self.book.rows))
        return self._said(concern)

    def _sweep(self, until: int) -> None:
        self._swept = HeadAt(len(self.book.rows), until)
        self._loop.sweep(self._swept)

    def _said(self, concern: Concern | None) -> list[str]:
        with reading(self._databases.state) as conn:
            rows = [tuple(row) for row in bulk.fetch(conn, _CHANGES, ())]
        new = [row for row in rows if row[:4] not in self._seen]
        self._seen.update(row[:4] for row in rows)
        wanted = [row for row in new if concern is None or ALERTS[AlertKind(row[5])].concern == concern]
        return sorted(f"{row[4]} {row[5]}" for row in wanted)

    def finish(self) -> tuple[Digest, Digest]:
        """The digests of the tables and of a replay, all shards standing at the end of the story."""
        self._sweep(self._swept.recorded_at)
        with reading(self._databases.state) as conn:
            live = digest_of_tables(conn)
        seq, tick_at = self._swept
        return live, replay(self.reader, SHARDS, everywhere(SHARDS, seq, tick_at)).digest()

    def close(self) -> None:
        """Let the databases go."""
        self._databases.dispose()


def tell_embedded(
    story: Story, concern: Concern | None, folder: Path
) -> tuple[list[list[str]], Digest, Digest]:
    """What each step changed, and the digests of the tables and of a replay."""
    teller = EmbeddedTeller(folder)
    try:
        went = [teller.step(step, concern) for step in story]
        return went, *teller.finish()
    finally:
        teller.close()
