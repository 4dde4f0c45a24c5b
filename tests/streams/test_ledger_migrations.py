"""Migrations make exactly the tables that models.tables describes, on both databases, and can be run by many at once."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from deploy.migrations import LEDGER, METADATA, STATE, upgrade, version_table
from models.settings import Settings
from streams.databases import Databases, open_databases


@pytest.fixture
def sqlite(tmp_path: Path) -> Databases:
    """Two empty files."""
    return open_databases(Settings(data_dir=tmp_path))


def _differences(engine: Engine, line: str) -> list[object]:
    own = METADATA[line].tables

    def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in own

    with engine.connect() as connection:
        options = {
            "version_table": version_table(line),
            "include_object": ours,
            "compare_type": True,
            "compare_server_default": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, METADATA[line]))


def _check(databases: Databases) -> None:
    upgrade(databases)
    upgrade(databases)
    assert _differences(databases.ledger, LEDGER) == []
    assert _differences(databases.state, STATE) == []


def test_migrated_sqlite_files_have_the_tables_described(sqlite: Databases) -> None:
    _check(sqlite)


def test_a_migrated_postgres_database_has_the_tables_described(postgres_url: str) -> None:
    _check(open_databases(Settings(database=postgres_url)))


def test_a_missing_column_is_noticed(sqlite: Databases) -> None:
    upgrade(sqlite)
    with sqlite.ledger.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts DROP COLUMN original")
    assert _differences(sqlite.ledger, LEDGER) != []


def test_ledger_and_state_are_two_files_with_their_own_tables(sqlite: Databases) -> None:
    upgrade(sqlite)
    assert set(inspect(sqlite.ledger).get_table_names()) == {*METADATA[LEDGER].tables, "ledger_version"}
    assert set(inspect(sqlite.state).get_table_names()) == {*METADATA[STATE].tables, "state_version"}


def _at_once(databases: list[Databases]) -> None:
    threads = [threading.Thread(target=upgrade, args=(each,)) for each in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    _check(databases[0])


def test_processes_that_start_together_migrate_once_on_sqlite(tmp_path: Path) -> None:
    _at_once([open_databases(Settings(data_dir=tmp_path)) for _ in range(3)])


def test_processes_that_start_together_migrate_once_on_postgres(postgres_url: str) -> None:
    _at_once([open_databases(Settings(database=postgres_url)) for _ in range(3)])
