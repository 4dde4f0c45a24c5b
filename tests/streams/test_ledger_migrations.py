"""Migrations make exactly the tables that models.tables describes, on both databases, and can be run by many at once."""

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from deploy.migrations import LEDGER, METADATA, STATE, config_for, upgrade, version_table
from models.access import RegulatorKind, scopes_by_default
from models.canonical import sha256
from models.exact import DAY_US
from models.facts import Role
from models.settings import Settings
from streams.clock import local_now
from streams.databases import Databases, open_databases
from streams.key_ring import KeyRing
from streams.keys import rotate_key


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


def _upgrade_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(config_for(LEDGER, connection), revision)


def _check_old_keys(databases: Databases) -> None:
    """Keys of the first release go on: with what their role gets, and a year from now."""
    _upgrade_to(databases.ledger, "ledger_0001")
    token, key_id = "flk_000000000001_secret", "000000000001"
    with databases.ledger.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO access_keys (key_id, secret_sha256, org, role, name, created_at) "
                "VALUES (:key_id, :digest, '91330106MADEMPRDXM', 'regulator', 'old', 1)"
            ),
            {"key_id": key_id, "digest": sha256(b"secret")},
        )
    upgrade(databases)
    before = local_now()
    holder = KeyRing(databases, 0).recognise(token)
    assert holder is not None
    assert (holder.scopes, holder.regulator, holder.region) == (
        scopes_by_default(Role.REGULATOR),
        RegulatorKind.ENVIRONMENT,
        "",
    )
    assert holder.until is not None
    assert 0 <= before + 365 * DAY_US - holder.until < DAY_US
    assert rotate_key(databases, key_id)[0].org == holder.org
    _check(databases)


def test_keys_of_the_first_release_go_on_on_sqlite(sqlite: Databases) -> None:
    _check_old_keys(sqlite)


def test_keys_of_the_first_release_go_on_on_postgres(postgres_url: str) -> None:
    _check_old_keys(open_databases(Settings(database=postgres_url)))


def test_the_ledgers_line_goes_back_too(sqlite: Databases) -> None:
    upgrade(sqlite)
    with sqlite.ledger.begin() as connection:
        command.downgrade(config_for(LEDGER, connection), "ledger_0001")
    _check(sqlite)
