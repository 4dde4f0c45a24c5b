"""Reads waste.alerts with kafka-python, in a thread, and offers what comes to a tail of changes. Used by notify.

Without a group: the numbers in SQL say what was told. What comes twice, late or from another ledger is left aside, and
a gap is no loss, since the tail then reads SQL. A broker that is away is waited for; SQL is polled meanwhile as ever.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import orjson
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine

from models.metrics import NOTIFY_GAPS
from models.topics import ALERTS_TOPIC
from streams.changes import Change, places_of
from streams.databases import reading
from streams.leases import AWAY
from streams.tail import Tail

log = logging.getLogger(__name__)
POLL_MS: Final = 500
HELD_MAX: Final = 2_000
AGAIN_SECONDS: Final = 2.0
_FIELDS: Final = ("change_no", "concern", "key", "cause", "ordinal", "change", "changed_at", "alert")


class AlertsIn:
    """Runs between `start` and `stop` where `bootstrap` names a broker, and does nothing where it is empty."""

    def __init__(
        self, bootstrap: str, epoch: str, changes: Tail[Change], state: Engine | None = None
    ) -> None:
        self._bootstrap, self._epoch, self._changes = bootstrap, epoch.encode(), changes
        self._state = state
        self._held: dict[int, Change] = {}
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From the loop on which the tail lives."""
        if not self._bootstrap:
            return
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="alerts-in", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The thread ends by itself, after its poll."""
        self._stop.set()

    def take(self, changes: Iterable[Change]) -> None:
        """What came, in any order: the next in line go to the tail, later ones wait for those before them."""
        for change in changes:
            if change.change_no > self._changes.last:
                self._held[change.change_no] = change
        while (following := self._held.pop(self._changes.last + 1, None)) is not None:
            self._changes.offer(following)
        self._held = {no: change for no, change in self._held.items() if no > self._changes.last}
        if self._held:
            # Partitions are read one after the other, so this is common and short; SQL has what is between.
            NOTIFY_GAPS.inc()
            self._changes.wake()
        if len(self._held) > HELD_MAX:
            self._held.clear()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except (KafkaError, OSError, AssertionError, *AWAY) as error:
                log.warning("waste.alerts cannot be read", extra={"error": repr(error)})
            except Exception:  # It is only a wake-up: SQL has everything.
                log.exception("reading waste.alerts failed")
            self._stop.wait(AGAIN_SECONDS)

    def _read(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id="feilian-notify",
            group_id=None,
            enable_auto_commit=False,
            max_poll_records=500,
        )
        try:
            partitions = consumer.partitions_for_topic(ALERTS_TOPIC)
            if not partitions:
                return  # The publisher makes it; until then there is nothing to hear.
            consumer.assign([TopicPartition(ALERTS_TOPIC, number) for number in sorted(partitions)])
            consumer.seek_to_end()
            while not self._stop.is_set():
                batches = consumer.poll(timeout_ms=POLL_MS)
                found = self._placed(
                    [change for batch in batches.values() for change in self._changes_in(batch)]
                )
                if found and self._loop is not None and not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self.take, found)
        finally:
            consumer.close()

    def _placed(self, changes: list[Change]) -> list[Change]:
        """With where each belongs, which the topic does not say; one look for all that came together."""
        if self._state is None or not changes:
            return changes
        with reading(self._state) as connection:
            places = places_of(connection, {str(change.alert.get("alert_id")) for change in changes})
        return [
            replace(change, places=tuple(places.get(str(change.alert.get("alert_id")), ())))
            for change in changes
        ]

    def _changes_in(self, records: Iterable[Any]) -> Iterable[Change]:
        for record in records:
            change = decoded(record.value, dict(record.headers or ()), self._epoch)
            if change is not None:
                yield change


def decoded(value: bytes | None, headers: dict[str, bytes], epoch: bytes) -> Change | None:
    """A change as `AlertsOut` sends it; None for what is of another ledger or cannot be read."""
    if headers.get("epoch") != epoch or value is None:
        return None
    try:
        found = orjson.loads(value)
        return Change(*(found[name] for name in _FIELDS))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
