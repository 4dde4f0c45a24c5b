"""A lease in SQL: who does a job that one process does at a time. Held by the relay, ticks, publisher and alerts out.

The token grows with every change of holder, so that a holder who slept through its lease can be told from the next one.
"""

import os
import socket
import time
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import BigInteger, Engine, case, cast, extract, func, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from models.tables import LeaseRow

_SECOND: Final = 1_000_000


def holder_name() -> str:
    """A name that no other process and no other lease object of this one has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


class Lease:
    """One job's lease, seen by one would-be holder. Real time, never a driven clock: it is about processes."""

    def __init__(
        self, engine: Engine, name: str, holder: str | None = None, ttl_seconds: float = 10.0
    ) -> None:
        self._engine = engine
        self.name = name
        self.holder = holder or holder_name()
        self._ttl = int(ttl_seconds * _SECOND)

    def hold(self) -> int | None:
        """Take or renew: the token when the job is ours for the next `ttl_seconds`, else None.

        Raises sqlalchemy.exc.OperationalError when the database is away; then the job is not known to be ours.
        """
        now = _now(self._engine)
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        new = insert(LeaseRow).values(name=self.name, holder=self.holder, token=1, until=now + self._ttl)
        changed = case((LeaseRow.holder == new.excluded.holder, 0), else_=1)
        statement = new.on_conflict_do_update(
            index_elements=[LeaseRow.name],
            set_={
                "holder": new.excluded.holder,
                "token": LeaseRow.token + changed,
                "until": new.excluded.until,
            },
            where=or_(LeaseRow.holder == new.excluded.holder, LeaseRow.until <= now),
        ).returning(LeaseRow.token)
        with self._engine.begin() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def release(self) -> None:
        """Give the job up at once; nothing happens when it is not ours."""
        with self._engine.begin() as connection:
            mine = (LeaseRow.name == self.name) & (LeaseRow.holder == self.holder)
            connection.execute(update(LeaseRow).where(mine).values(until=0))


def _now(engine: Engine) -> Any:
    """The database's clock on PostgreSQL, since holders may sit on several machines; else this machine's."""
    if engine.dialect.name == "postgresql":
        return cast(extract("epoch", func.clock_timestamp()) * _SECOND, BigInteger)
    return literal(time.time_ns() // 1000, BigInteger)
