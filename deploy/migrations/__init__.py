"""Brings databases to the tables of this release, by Alembic; called by every command before it opens a ledger.

Ledger and state have each their own line of versions, since on SQLite they are two files, and the state can be rebuilt.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, text

from models.tables import LedgerBase, StateBase
from streams import row_security
from streams.databases import Databases, guarded

LEDGER: Final = "ledger"
STATE: Final = "state"
METADATA: Final[dict[str, MetaData]] = {LEDGER: LedgerBase.metadata, STATE: StateBase.metadata}
_HERE: Final = Path(__file__).resolve().parent
# Two processes may begin at once; PostgreSQL lets one migrate, SQLite's write lock does the same.
_LOCK: Final = 0x0FE111A7
_ALONE: Final = threading.Lock()  # Alembic keeps what it works on in its modules.


def upgrade(databases: Databases) -> None:
    """Apply what is missing, each line in one transaction; LedgerUnavailable where a database is away."""
    with _ALONE, guarded():
        _upgrade(databases.ledger, LEDGER)
        _upgrade(databases.state, STATE)
        with databases.state.begin() as connection:
            if databases.on_postgres:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            row_security.install(connection)


def version_table(line: str) -> str:
    """Where a line's version is kept: `ledger_version`, `state_version`."""
    return f"{line}_version"


def config_for(line: str, connection: Connection) -> Config:
    """Alembic's configuration for one line over an open connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / line))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, line=line)
    return config


def _upgrade(engine: Engine, line: str) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(config_for(line, connection), "head")
