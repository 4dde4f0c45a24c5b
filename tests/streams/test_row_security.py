"""The database's own wall on real PostgreSQL: what a reader's connection sees though nothing else limits it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy.exc
from sqlalchemy import create_engine, func, select, text

from deploy.migrations import upgrade
from deploy.postgres.server import Postgres
from models.access import RegulatorKind
from models.facts import Role
from models.reach import bounds_of
from models.settings import Settings
from models.tables import AlertChange, AlertRow, FactRow, SubjectRow
from streams import row_security
from streams.databases import NOBODY, REACH, READER, Databases, beyond, open_databases, reading
from tests.facts import (
    AUDITOR_ORG,
    CARRIER_ORG,
    FACILITY_ORG,
    PLATER,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
    case_exported,
    org,
)
from tests.pages.province import END, all_facts
from tests.pages.world import World, in_order

POLICE_ORG = org("330000", "MAPRECE1")
TABLES = {"facts": FactRow, "subjects": SubjectRow, "alerts": AlertRow, "changes": AlertChange}
REGULATOR = Role.REGULATOR
E, H, T, P = (
    RegulatorKind.ENVIRONMENT,
    RegulatorKind.HEALTH,
    RegulatorKind.TRANSPORT,
    RegulatorKind.POLICE,
)


@pytest.fixture(scope="module")
def world(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The little province, judged, on PostgreSQL."""
    url = postgres_server.create_database("reach_world")
    made = World(tmp_path_factory.mktemp("wall"), database=url)
    made.post(*in_order(all_facts()))
    made.post(case_exported(POLICE_ORG, sites=[PLATER], at=END), stated_by=REGULATOR_ORG)
    made.settle(END)
    yield made
    made.databases.dispose()
    postgres_server.drop_database("reach_world")


def seen(databases: Databases, reach: str) -> dict[str, set[str]]:
    """The ids of all rows that are seen under a reach, with no condition of our own."""
    token = REACH.set(reach)
    try:
        with reading(databases.state) as connection:
            return {
                "facts": {str(seq) for seq in connection.execute(select(FactRow.seq)).scalars()},
                "subjects": set(connection.execute(select(SubjectRow.key)).scalars()),
                "alerts": set(connection.execute(select(AlertRow.alert_id)).scalars()),
                "changes": set(connection.execute(select(AlertChange.alert_id)).scalars()),
            }
    finally:
        REACH.reset(token)


def everything(databases: Databases) -> dict[str, set[str]]:
    return seen(databases, bounds_of(AUDITOR_ORG, Role.AUDITOR, None, "").text)


def test_without_a_reach_nothing_is_seen(world: World) -> None:
    for nobody in (NOBODY, "|", "everything||", "own||", "region", "medical"):
        found = seen(world.databases, nobody)
        assert not any(found[name] for name in ("facts", "subjects", "alerts", "changes")), nobody


def test_the_reader_without_any_setting_sees_nothing(world: World) -> None:
    with world.databases.state.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {READER}"))
        for table in TABLES.values():
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_an_auditor_and_the_system_see_all(world: World) -> None:
    with beyond(), reading(world.databases.state) as connection:
        facts = set(map(str, connection.execute(select(FactRow.seq)).scalars()))
    assert everything(world.databases)["facts"] == facts


@pytest.mark.parametrize("firm", [PRODUCER_ORG, FACILITY_ORG, CARRIER_ORG, TRADER_ORG])
def test_a_firm_sees_only_its_own_alerts_and_facts(world: World, firm: str) -> None:
    found = seen(world.databases, bounds_of(firm, Role.PRODUCER, None, "").text)
    with beyond(), reading(world.databases.state) as connection:
        named = {
            alert_id
            for alert_id, parties in connection.execute(select(AlertRow.alert_id, AlertRow.parties))
            if firm.encode() in bytes(parties)
        }
    assert found["alerts"] == named
    assert found["changes"] == named
    assert found["facts"] < everything(world.databases)["facts"]


def test_a_region_sees_no_alert_of_another(world: World) -> None:
    hangzhou = seen(world.databases, bounds_of(REGULATOR_ORG, REGULATOR, E, "3301").text)
    ningbo = seen(world.databases, bounds_of(REGULATOR_ORG, REGULATOR, E, "3302").text)
    elsewhere = seen(world.databases, bounds_of(REGULATOR_ORG, REGULATOR, E, "65").text)
    assert hangzhou["alerts"]
    assert hangzhou["alerts"] != ningbo["alerts"]
    assert not elsewhere["alerts"]
    assert not elsewhere["subjects"] - {""}
    medical = seen(world.databases, bounds_of(REGULATOR_ORG, REGULATOR, H, "3301").text)
    transport = seen(world.databases, bounds_of(REGULATOR_ORG, REGULATOR, T, "3301").text)
    assert medical["alerts"] < hangzhou["alerts"]
    assert transport["alerts"] < hangzhou["alerts"]
    assert not any(">" in key for key in medical["subjects"] | transport["subjects"] if "pipeline" not in key)


def test_police_see_what_was_handed_over(world: World) -> None:
    found = seen(world.databases, bounds_of(POLICE_ORG, REGULATOR, P, "").text)
    assert PLATER in found["subjects"]
    assert found["subjects"] <= {PLATER}
    assert found["alerts"]
    assert found["facts"] < everything(world.databases)["facts"]
    others = seen(world.databases, bounds_of(org("110000", "MAPRECE2"), REGULATOR, P, "").text)
    assert not others["alerts"]
    assert not others["subjects"]


def test_a_reader_cannot_write(world: World) -> None:
    token = REACH.set(bounds_of(AUDITOR_ORG, Role.AUDITOR, None, "").text)
    try:
        with (
            reading(world.databases.state) as connection,
            pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"),
        ):
            connection.execute(text("DELETE FROM facts"))
    finally:
        REACH.reset(token)


def test_the_owner_of_the_tables_is_held_by_force_and_its_hands_go_on(postgres_server: Postgres) -> None:
    """No superuser: as an operator would run it."""
    admin_url = postgres_server.create_database("reach_owner")
    admin = create_engine(admin_url)
    with admin.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS feilian_app"))
        connection.execute(text("CREATE ROLE feilian_app LOGIN CREATEROLE NOSUPERUSER PASSWORD 'of-a-test'"))
        connection.execute(text("GRANT ALL ON SCHEMA public TO feilian_app"))
        if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": READER}).first():
            connection.execute(text(f"GRANT {READER} TO feilian_app"))
    url = admin.url.set(username="feilian_app", password="of-a-test").render_as_string(hide_password=False)
    databases = open_databases(Settings(database=url.replace("+psycopg", "")))
    try:
        upgrade(databases)
        with databases.state.begin() as connection:
            assert not row_security.install(connection)
            forced = connection.execute(
                text("SELECT relname FROM pg_class WHERE relforcerowsecurity ORDER BY relname")
            )
            assert set(forced.scalars()) == set(row_security.WALLED)
            connection.execute(
                text(
                    "INSERT INTO facts (seq, recorded_at, stated_by, event_id, kind, data, leaf) VALUES "
                    "(1, 1, 'A', 'e', 'k', '{}', 'l')"
                )
            )
            assert connection.execute(select(FactRow.seq)).scalars().all() == [1]
        assert seen(databases, NOBODY)["facts"] == set()
    finally:
        databases.dispose()
        admin.dispose()
        postgres_server.drop_database("reach_owner")
