"""The real server behaves as we rely on: a committed row survives SIGKILL, and each test gets its own database."""

import psycopg
import pytest
from sqlalchemy import create_engine, text

from deploy.postgres.server import Postgres


def plain(url: str) -> str:
    """libpq's spelling of SQLAlchemy's URL."""
    return url.replace("postgresql+psycopg", "postgresql")


def test_a_committed_row_survives_sigkill_of_the_server(
    postgres_durable: Postgres, postgres_durable_url: str
) -> None:
    with psycopg.connect(plain(postgres_durable_url)) as connection:
        connection.execute("CREATE TABLE kept (seq BIGINT PRIMARY KEY)")
        connection.execute("INSERT INTO kept VALUES (4711)")
    open_transaction = psycopg.connect(plain(postgres_durable_url))
    open_transaction.execute("INSERT INTO kept VALUES (4712)")
    postgres_durable.kill()
    postgres_durable.start()
    with psycopg.connect(plain(postgres_durable_url)) as connection:
        assert connection.execute("SELECT seq FROM kept").fetchall() == [(4711,)]
    with pytest.raises(psycopg.OperationalError):
        open_transaction.execute("SELECT 1")


def test_the_durable_server_waits_for_the_disk(postgres_durable_url: str) -> None:
    with psycopg.connect(plain(postgres_durable_url)) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_an_empty_database_of_its_own(postgres_url: str, turn: int) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_mine (turn INT)"))
        assert (
            connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar()
            == 1
        )
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()


def test_text_is_ordered_by_its_bytes(postgres_url: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        rows = connection.execute(
            "SELECT x FROM (VALUES ('b'), ('B'), ('a'), ('废')) AS t (x) ORDER BY x"
        ).fetchall()
    assert [row[0] for row in rows] == ["B", "a", "b", "废"]


def test_the_server_asks_for_the_password(postgres_server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=postgres_server.port, user="feilian", password="guess", dbname="postgres"
        )
