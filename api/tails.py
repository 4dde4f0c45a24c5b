"""The tails of both streams in one process, for those who wait by long poll. Made by api.app, found in Parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from models.envelope import Row
from models.errors import LedgerUnavailable
from models.metrics import POLL_CLIENTS
from models.settings import Settings
from streams.changes import Change, changes_after, last_change_no
from streams.ledger import Ledger
from streams.tail import Tail


class TooManyWait(LedgerUnavailable):
    """As many requests wait in feeds as this process allows."""


@dataclass(slots=True)
class Tails:
    """`facts` and `changes` are woken by whoever commits in this process; commits of others are found by polling."""

    facts: Tail[Row]
    changes: Tail[Change]
    clients_max: int
    _clients: int = 0

    @classmethod
    def of(cls, settings: Settings, ledger: Ledger) -> Tails:
        """For one application; nothing is read before somebody waits."""
        state, poll = ledger.databases.state, settings.notify_poll_ms / 1000
        facts = Tail(ledger.rows, lambda row: row.seq, lambda: ledger.head().seq, poll)
        changes = Tail(
            lambda after, limit: changes_after(state, after, limit),
            lambda change: change.change_no,
            lambda: last_change_no(state),
            poll,
        )
        ledger.on_commit.append(lambda _seq: facts.wake())
        return cls(facts, changes, settings.poll_clients_max)

    @contextmanager
    def place(self, feed: str) -> Iterator[None]:
        """One of the places of those who ask; TooManyWait where there is none."""
        if self._clients >= self.clients_max:
            raise TooManyWait(f'"{self.clients_max}" requests wait in feeds already')
        self._clients += 1
        POLL_CLIENTS.labels(feed).inc()
        try:
            yield
        finally:
            self._clients -= 1
            POLL_CLIENTS.labels(feed).dec()

    async def stop(self) -> None:
        """End both pollers."""
        await self.facts.stop()
        await self.changes.stop()
