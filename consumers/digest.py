"""One hash over all that was judged, from tables or from memory: equal digests mean equal verdicts (DESIGN D6)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from streams import bulk

# Left out: change_no (given by whoever publishes), and bookkeeping that depends on batches (law_seq of idle keys).
_SUBJECTS: Final = "concern, key, subject, shard, is_open, next_change_at, body"
_KEYS: Final = "concern, key, shard, latest_at, latest_seq"
_ALERTS: Final = (
    "alert_id, concern, key, shard, subject, kind, episode, severity, condition, handling, standing, site, since, "
    '"until", raised_at, cleared_at, cleared_because, conduct_at, basis, amounts, parties, cause'
)
_CHANGES: Final = "concern, key, cause, ordinal, alert_id, change, changed_at, body"


@dataclass(frozen=True, slots=True)
class Digest:
    """Hex SHA-256 per kind of row and over all, with the row counts."""

    subjects: str
    keys: str
    alerts: str
    changes: str
    counts: tuple[int, int, int, int]

    @property
    def total(self) -> str:
        """One hash over the four."""
        return hashlib.sha256(f"{self.subjects}{self.keys}{self.alerts}{self.changes}".encode()).hexdigest()


def _plain(row: Iterable[Any]) -> list[Any]:
    return [bytes(value).decode() if isinstance(value, bytes | memoryview) else value for value in row]


def hashed(rows: Iterable[Iterable[Any]], booleans: tuple[int, ...] = ()) -> tuple[str, int]:
    """A hash over rows in the order of their text, whatever order a database gives; SQLite's booleans are integers."""
    lines = []
    for row in rows:
        values = _plain(row)
        for index in booleans:
            values[index] = bool(values[index])
        lines.append(orjson.dumps(values))
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line)
        digest.update(b"\n")
    return digest.hexdigest(), len(lines)


def digest_of(
    subjects: Iterable[Iterable[Any]],
    keys: Iterable[Iterable[Any]],
    alerts: Iterable[Iterable[Any]],
    changes: Iterable[Iterable[Any]],
) -> Digest:
    """The digest of rows in the column orders above."""
    (of_subjects, n), (of_keys, m) = hashed(subjects, (4,)), hashed(keys)
    (of_alerts, k), (of_changes, j) = hashed(alerts, (10,)), hashed(changes)
    return Digest(of_subjects, of_keys, of_alerts, of_changes, (n, m, k, j))


def digest_of_tables(conn: Connection) -> Digest:
    """The digest of what is judged in a database, read in the caller's one transaction."""

    def table(columns: str, name: str) -> Iterator[Any]:
        return iter(bulk.fetch(conn, f"SELECT {columns} FROM {name}", ()))

    return digest_of(
        table(_SUBJECTS, "subjects"),
        table(_KEYS, "keys"),
        table(_ALERTS, "alerts"),
        table(_CHANGES, "alert_changes"),
    )
