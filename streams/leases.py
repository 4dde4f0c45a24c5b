"""A lease in SQL: who does a job that one process does at a time. Held by the relay, ticks, publisher and alerts out.

The token grows with every change of holder, so that a holder who slept through its lease can be told from the next one.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import BigInteger, Engine, case, cast, extract, func, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout

from models.errors import Fenced, LedgerUnavailable
from models.tables import LeaseRow

log = logging.getLogger(__name__)
STANDBY_SECONDS: Final = 1.0
AWAY: Final = (DBAPIError, SQLAlchemyTimeout, LedgerUnavailable)
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


async def lead(
    lease: Lease,
    stop: asyncio.Event,
    work: Callable[[int], Awaitable[None]],
    beat: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Until `stop`: whenever the lease is ours run `work(token)`, and once a second renew it and call `beat`.

    `work` is cancelled when the lease is lost. What it raises ends this too, except Fenced. A database that is away
    loses nothing but time.
    """
    try:
        while not stop.is_set():
            token = await _try_hold(lease)
            if token is None:
                await _pause(stop)
            else:
                log.info("lease taken", extra={"lease": lease.name, "token": token})
                await _reign(lease, token, stop, work, beat)
    finally:
        await _let_go(lease)


async def _try_hold(lease: Lease) -> int | None:
    try:
        return await asyncio.to_thread(lease.hold)
    except AWAY as error:
        log.warning("lease cannot be asked for", extra={"lease": lease.name, "error": repr(error)})
        return None


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), STANDBY_SECONDS)
    except TimeoutError:
        return


async def _reign(
    lease: Lease,
    token: int,
    stop: asyncio.Event,
    work: Callable[[int], Awaitable[None]],
    beat: Callable[[], Awaitable[None]] | None,
) -> None:
    over = asyncio.Event()
    working, stopping = asyncio.ensure_future(work(token)), asyncio.ensure_future(stop.wait())
    renewing = asyncio.ensure_future(_renewals(lease, token, over, beat))
    try:
        await asyncio.wait((working, stopping, renewing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Renewing is not cancelled but left to end: its thread could take the lease again after it is let go.
        over.set()
        working.cancel()
        stopping.cancel()
        ends = await asyncio.gather(working, stopping, renewing, return_exceptions=True)
    for end in ends:
        if isinstance(end, Fenced):
            log.warning("lease lost", extra={"lease": lease.name, "token": token})
        elif isinstance(end, Exception):
            raise end


async def _renewals(
    lease: Lease, token: int, over: asyncio.Event, beat: Callable[[], Awaitable[None]] | None
) -> None:
    while not over.is_set():
        try:
            if await asyncio.to_thread(lease.hold) != token:
                raise Fenced(f'lease "{lease.name}" has a new holder')
            if beat is not None:
                await beat()
        except AWAY as error:
            log.warning("lease cannot be renewed", extra={"lease": lease.name, "error": repr(error)})
        await _pause(over)


async def _let_go(lease: Lease) -> None:
    try:
        await asyncio.to_thread(lease.release)
    except AWAY as error:
        log.warning("lease runs out by itself", extra={"lease": lease.name, "error": repr(error)})
