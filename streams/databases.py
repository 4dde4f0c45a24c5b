"""Opens the databases: one PostgreSQL for all, or two SQLite files. Used by every process; nobody else makes engines.

`ledger` and `state` are for transactions that write: on SQLite they begin IMMEDIATE, so that a writer never finds out
at its end that another was faster. Readers go through `reading`, which on SQLite never waits for a writer (WAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import psycopg
import sqlalchemy.exc
from sqlalchemy import Connection, Engine, create_engine, event, text

from models.errors import LedgerUnavailable
from models.settings import Settings
from models.tables import LedgerBase, StateBase

LEDGER_FILE: Final = "ledger.db"
STATE_FILE: Final = "state.db"
_BUSY_MS: Final = 10_000
# A process that is frozen while it holds the head row would block every other one.
_ACCEPTING: Final = (
    "-c idle_in_transaction_session_timeout=2000 -c lock_timeout=5000 -c statement_timeout=20000"
)


# For whom this task or thread reads: the text of models.reach.Bounds. Empty is nobody, who sees nothing (each request
# begins so); None is the system's own work. The database's wall holds by it (streams/row_security.py).
REACH: Final[ContextVar[str | None]] = ContextVar("feilian_reach", default=None)
NOBODY: Final = ""
READER: Final = "feilian_reader"
_AS_READER: Final = text(
    f"SELECT set_config('feilian.reach', :reach, true), set_config('role', '{READER}', true), "
    "set_config('statement_timeout', :patience, true)"
)
_PATIENCE_MS: Final = "feilian_patience_ms"
_SQLITE_STEPS: Final = 100_000  # Of its machine, between two looks at the time: some milliseconds.

# Likely to pass, and nobody's fault: connection, locks, time-outs, disk, shutdown, a standby.
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
    sqlite3.OperationalError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
)
BROKEN: Final = (psycopg.Error, sqlite3.Error, sqlalchemy.exc.DBAPIError)


@contextmanager
def guarded() -> Iterator[None]:
    """A database that is away becomes LedgerUnavailable."""
    try:
        yield
    except AWAY as error:
        raise LedgerUnavailable(f'database cannot be reached: "{type(error).__name__}"') from error


@dataclass(frozen=True, slots=True)
class Databases:
    """Three engines. On PostgreSQL `ledger` is `state`, and `accepting` is the ledger's own: autocommit, with time-outs."""

    ledger: Engine
    state: Engine
    accepting: Engine

    @property
    def on_postgres(self) -> bool:
        """Whether both are PostgreSQL."""
        return self.ledger.dialect.name == "postgresql"

    def create(self) -> None:
        """Make all tables that are not there, without migrations: for tests and throw-away databases."""
        LedgerBase.metadata.create_all(self.ledger)
        StateBase.metadata.create_all(self.state)
        if self.on_postgres:
            from streams.row_security import install

            with self.ledger.begin() as connection:
                install(connection)

    def dispose(self) -> None:
        """Close all pooled connections."""
        for engine in {id(engine): engine for engine in (self.ledger, self.state, self.accepting)}.values():
            engine.dispose()


def open_databases(settings: Settings) -> Databases:
    """Engines by the settings; nothing is connected yet. For SQLite the folder is made."""
    if settings.on_postgres:
        shared = _postgres(settings, "")
        accepting = _postgres(settings, _ACCEPTING, isolation_level="AUTOCOMMIT")
        return Databases(ledger=shared, state=shared, accepting=accepting)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    ledger = _sqlite(settings, LEDGER_FILE, "FULL")
    return Databases(ledger=ledger, state=_sqlite(settings, STATE_FILE, "NORMAL"), accepting=ledger)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction only reads, and is rolled back at the end.

    Where it answers somebody (REACH), PostgreSQL shows it no more than that reader may see, and no statement goes on
    for longer than a question may take: nobody waits for its answer any more, though a thread and a connection would.
    """
    with engine.connect().execution_options(feilian_reads=True) as connection:
        reach = REACH.get()
        if reach is None:
            yield connection
            return
        patience_ms: int = engine.get_execution_options()[_PATIENCE_MS]
        if engine.dialect.name == "postgresql":
            connection.execute(_AS_READER, {"reach": reach, "patience": str(patience_ms)})
            yield connection
            return
        driver: Any = connection.connection.driver_connection
        end = monotonic() + patience_ms / 1000
        driver.set_progress_handler(lambda: monotonic() > end, _SQLITE_STEPS)
        try:
            yield connection
        finally:
            driver.set_progress_handler(None, 0)


@contextmanager
def beyond() -> Iterator[None]:
    """The system's own reads within a request: what all readers share, or what decides who may see something."""
    token = REACH.set(None)
    try:
        yield
    finally:
        REACH.reset(token)


def _postgres(settings: Settings, options: str, **more: Any) -> Engine:
    return create_engine(
        settings.database,
        execution_options=_patience(settings),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_pre_ping=not options,  # Accepting tries again by itself, and a ping is a round trip.
        connect_args={
            "connect_timeout": settings.connect_timeout_s,
            "application_name": "feilian",
            "options": options,
            "tcp_user_timeout": 10_000,
        },
        **more,
    )


def _patience(settings: Settings) -> dict[str, int]:
    return {_PATIENCE_MS: settings.read_seconds_max * 1000}


def _sqlite(settings: Settings, name: str, synchronous: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{settings.data_dir / name}",
        connect_args={"timeout": _BUSY_MS / 1000},
        execution_options=_patience(settings),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # The driver would begin transactions late, and never IMMEDIATE.
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("feilian_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
