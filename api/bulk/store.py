"""Uploads in SQL: put there piece by piece, claimed by one worker at a time, counted group by group. All of it blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, func, insert, or_, select, text, update

from api.words import Lang
from models.exact import DAY_US, SECOND_US
from models.facts import Role
from models.tables_uploads import UploadPiece, UploadRow
from streams.clock import local_now
from streams.databases import Databases, guarded, reading

PIECE_BYTES: Final = 1024 * 1024
CLAIM_S: Final = 60
_LOCK: Final = 0x0FE111B6  # Of PostgreSQL; on SQLite whoever writes is alone.
_LISTED_MAX: Final = 100


class State(StrEnum):
    """Where an upload stands."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    WRITING = "writing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED: Final = frozenset({State.DONE, State.CANCELLED, State.FAILED})
_TO_DO: Final = (State.WAITING, State.RUNNING, State.WRITING)


class Part(StrEnum):
    """What is kept of an upload in pieces."""

    FILE = "file"
    OUTCOMES = "outcomes"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it stands. Instants are microseconds UTC; `told` is what is wrong with the file or its sheets."""

    upload_id: str
    org: str
    role: Role
    stated: Mapping[str, Any]
    name: str
    format: str
    kind: str | None
    lang: Lang
    dry_run: bool
    state: State
    size_bytes: int
    created_at: int
    ended_at: int | None
    groups_done: int
    rows_total: int
    rows_read: int
    facts_accepted: int
    facts_known: int
    facts_refused: int
    facts_repeated: int
    warnings: int
    told: list[dict[str, Any]]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    @property
    def permille(self) -> int:
        """How far it is read, of 1,000."""
        if self.is_over:
            return 1000
        return min(999, self.rows_read * 1000 // self.rows_total) if self.rows_total else 0


_COUNTS: Final = (
    "rows_read",
    "facts_accepted",
    "facts_known",
    "facts_refused",
    "facts_repeated",
    "warnings",
)
_COLUMNS: Final = tuple(
    getattr(UploadRow, name) for name in Upload.__dataclass_fields__ if name not in {"told", "stated"}
)


class Uploads:
    """The uploads of a ledger's database."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    # Taking in

    def begin(self, upload: Upload) -> None:
        """A new upload, before anything of it is there."""
        values = {name: getattr(upload, name) for name in Upload.__dataclass_fields__}
        values.update(
            role=upload.role.value,
            lang=upload.lang.value,
            state=upload.state.value,
            told=orjson.dumps(upload.told),
            stated=orjson.dumps(upload.stated),
            sha256=b"",
            claimed_by=None,
            claimed_until=0,
        )
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(insert(UploadRow).values(**values))

    def set_format(self, upload_id: str, form: str) -> None:
        """What its first bytes say."""
        query = update(UploadRow).where(UploadRow.upload_id == upload_id)
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(query.values(format=form))

    def put(self, upload_id: str, part: Part, ordinal: int, body: bytes) -> None:
        """One piece."""
        with guarded(), self._databases.ledger.begin() as connection:
            _put(connection, upload_id, part, ordinal, body)

    def received(self, upload_id: str, size_bytes: int, digest: bytes) -> None:
        """All of the file is there: it may be read now."""
        query = update(UploadRow).where(UploadRow.upload_id == upload_id)
        values = {"size_bytes": size_bytes, "sha256": digest, "state": State.WAITING.value}
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(query.values(**values))

    def forget(self, upload_id: str) -> None:
        """Throw away an upload with its pieces, such as one that never arrived whole."""
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload_id))
            connection.execute(delete(UploadRow).where(UploadRow.upload_id == upload_id))

    def waiting(self, org: str) -> int:
        """How many uploads of an organisation are not over."""
        query = select(func.count()).where(
            UploadRow.org == org, UploadRow.state.in_([state.value for state in _TO_DO])
        )
        with guarded(), reading(self._databases.ledger) as connection:
            return int(connection.execute(query).scalar_one())

    # Asking

    def find(self, upload_id: str, org: str) -> Upload | None:
        """An upload of this organisation; None for another's, as for one that never was."""
        query = select(*_COLUMNS, UploadRow.told, UploadRow.stated).where(
            UploadRow.upload_id == upload_id, UploadRow.org == org
        )
        with guarded(), reading(self._databases.ledger) as connection:
            row = connection.execute(query).one_or_none()
        return _upload(row) if row is not None else None

    def latest(self, org: str) -> list[Upload]:
        """The uploads of an organisation, the latest first."""
        query = (
            select(*_COLUMNS, UploadRow.told, UploadRow.stated)
            .where(UploadRow.org == org, UploadRow.state != State.RECEIVING.value)
            .order_by(UploadRow.created_at.desc(), UploadRow.upload_id)
            .limit(_LISTED_MAX)
        )
        with guarded(), reading(self._databases.ledger) as connection:
            return [_upload(row) for row in connection.execute(query)]

    def pieces(self, upload_id: str, part: Part, after: int = -1) -> Iterator[bytes]:
        """The pieces of a part in order, each read when it is asked for."""
        query = select(UploadPiece.ordinal, UploadPiece.body).where(
            UploadPiece.upload_id == upload_id, UploadPiece.part == part.value
        )
        while True:
            following = query.where(UploadPiece.ordinal > after).order_by(UploadPiece.ordinal).limit(1)
            with guarded(), reading(self._databases.ledger) as connection:
                row = connection.execute(following).one_or_none()
            if row is None:
                return
            after = row.ordinal
            yield bytes(row.body)

    # Working

    def claim(self, worker: str) -> Upload | None:
        """The next upload to work on, for CLAIM_S seconds; of each organisation one at a time, the oldest first."""
        now = local_now()
        with guarded(), self._databases.ledger.begin() as connection:
            if self._databases.on_postgres:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            busy = select(UploadRow.org).where(UploadRow.claimed_until > now)
            wanted = (
                select(UploadRow.upload_id)
                .where(
                    UploadRow.state.in_([state.value for state in _TO_DO]),
                    UploadRow.claimed_until <= now,
                    UploadRow.org.not_in(busy),
                )
                .order_by(UploadRow.created_at, UploadRow.upload_id)
                .limit(1)
            )
            found = connection.execute(wanted).scalar_one_or_none()
            if found is None:
                return None
            claimed = update(UploadRow).where(UploadRow.upload_id == found)
            connection.execute(claimed.values(claimed_by=worker, claimed_until=now + CLAIM_S * SECOND_US))
            row = connection.execute(
                select(*_COLUMNS, UploadRow.told, UploadRow.stated).where(UploadRow.upload_id == found)
            ).one()
        return _upload(row)

    def advance(self, upload_id: str, worker: str, **values: Any) -> bool:
        """Note where the work stands and keep the claim; False where it was cancelled or went to another worker."""
        with guarded(), self._databases.ledger.begin() as connection:
            return _advance(connection, upload_id, worker, values)

    def add_group(
        self, upload_id: str, worker: str, ordinal: int, counts: Mapping[str, int], outcomes: bytes
    ) -> bool:
        """What became of one group of rows, with its counts; False as in `advance`, and then nothing is noted."""
        values: dict[str, Any] = {name: getattr(UploadRow, name) + counts[name] for name in _COUNTS}
        with guarded(), self._databases.ledger.begin() as connection:
            if not _advance(connection, upload_id, worker, {**values, "groups_done": ordinal + 1}):
                return False
            _put(connection, upload_id, Part.OUTCOMES, ordinal, outcomes)
            return True

    def tell(self, upload_id: str, worker: str, told: list[dict[str, Any]]) -> bool:
        """What is wrong with the file or its sheets."""
        return self.advance(upload_id, worker, told=orjson.dumps(told))

    def clear(self, upload_id: str, part: Part) -> None:
        """Throw away what was begun of a part."""
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(
                delete(UploadPiece).where(UploadPiece.upload_id == upload_id, UploadPiece.part == part.value)
            )

    def end(self, upload_id: str, worker: str, state: State) -> bool:
        """It is over."""
        return self.advance(
            upload_id, worker, state=state.value, ended_at=local_now(), claimed_by=None, claimed_until=0
        )

    def release(self, upload_id: str, worker: str) -> None:
        """Leave it to whoever comes next."""
        self.advance(upload_id, worker, claimed_by=None, claimed_until=0)

    def cancel(self, upload_id: str, org: str) -> bool:
        """Whether there was something to stop; what was stated by then stays stated."""
        query = update(UploadRow).where(
            UploadRow.upload_id == upload_id,
            UploadRow.org == org,
            UploadRow.state.in_([state.value for state in _TO_DO]),
        )
        values = {"state": State.CANCELLED.value, "ended_at": local_now(), "claimed_until": 0}
        with guarded(), self._databases.ledger.begin() as connection:
            return connection.execute(query.values(claimed_by=None, **values)).rowcount == 1

    def clean(self, days: int) -> int:
        """Throw away what ended so many days ago, and what never arrived whole within one; how many there were."""
        now = local_now()
        old = select(UploadRow.upload_id).where(
            or_(
                UploadRow.ended_at < now - days * DAY_US,
                (UploadRow.state == State.RECEIVING.value) & (UploadRow.created_at < now - DAY_US),
            )
        )
        with guarded(), reading(self._databases.ledger) as connection:
            found = list(connection.execute(old.limit(100)).scalars())
        for upload_id in found:
            self.forget(upload_id)
        return len(found)


def _put(connection: Connection, upload_id: str, part: Part, ordinal: int, body: bytes) -> None:
    values = {"upload_id": upload_id, "part": part.value, "ordinal": ordinal, "body": body}
    connection.execute(insert(UploadPiece).values(**values))


def _advance(connection: Connection, upload_id: str, worker: str, values: Mapping[str, Any]) -> bool:
    query = update(UploadRow).where(UploadRow.upload_id == upload_id, UploadRow.claimed_by == worker)
    kept = {"claimed_until": local_now() + CLAIM_S * SECOND_US, **values}
    return connection.execute(query.values(**kept)).rowcount == 1


def _upload(row: Any) -> Upload:
    told = dict(row._mapping)
    told.update(
        role=Role(told["role"]),
        lang=Lang(told["lang"]),
        state=State(told["state"]),
        told=orjson.loads(told["told"]),
        stated=orjson.loads(told["stated"]),
    )
    return Upload(**told)
