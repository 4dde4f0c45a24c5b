"""A question is answered within its deadline or not at all, and then its work ends too; what is said to wait may wait."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api import alerts
from models.errors import LedgerUnavailable
from models.facts import Role
from models.settings import Settings
from streams.databases import NOBODY, REACH, Databases, guarded, open_databases, reading
from tests.api.house import House, problem_of

ENDLESS = {
    "postgresql": "SELECT pg_sleep(60)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
}


def read_too_long(databases: Databases) -> None:
    """Asks for what would take a minute, or for ever, as somebody who may wait a second."""
    before = REACH.set(NOBODY)
    started = time.monotonic()
    try:
        with pytest.raises(LedgerUnavailable), guarded(), reading(databases.state) as connection:
            connection.execute(text(ENDLESS[databases.state.dialect.name])).all()
        assert 0.9 < time.monotonic() - started < 10
        with reading(databases.state) as connection:  # The connection is as good as before.
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    finally:
        REACH.reset(before)


def test_a_statement_ends_with_the_deadline_on_sqlite(tmp_path: Path) -> None:
    databases = open_databases(Settings(data_dir=tmp_path, read_seconds_max=1))
    databases.create()
    read_too_long(databases)
    databases.dispose()


def test_a_statement_ends_with_the_deadline_on_postgresql(postgres_url: str) -> None:
    databases = open_databases(Settings(database=postgres_url, read_seconds_max=1))
    databases.create()
    read_too_long(databases)
    databases.dispose()


def test_the_systems_own_work_has_no_deadline(tmp_path: Path) -> None:
    databases = open_databases(Settings(data_dir=tmp_path, read_seconds_max=1))
    databases.create()
    rows, took = 2_000_000, 0.0
    while took < 1.1:
        rows, started = rows * 2, time.monotonic()
        with reading(databases.state) as connection:
            bounded = ENDLESS["sqlite"].replace("FROM n)", f"FROM n WHERE i < {rows})")
            assert connection.execute(text(bounded)).scalar_one() == rows
        took = time.monotonic() - started
    databases.dispose()


async def test_a_question_that_takes_too_long_is_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, more={"read_seconds_max": 1})
    async with house.client() as client:
        assert (await client.get("/v1/alerts", Role.REGULATOR)).status_code == 200
        monkeypatch.setattr(alerts, "instants", lambda *_: time.sleep(3))
        started = time.monotonic()
        answer = await client.get("/v1/alerts", Role.REGULATOR)
        assert time.monotonic() - started < 2.5
        assert problem_of(answer, 503)["code"] == "too_slow"
        assert answer.headers["retry-after"] == "5"


async def test_one_who_waits_for_facts_waits_beyond_the_deadline(tmp_path: Path) -> None:
    house = House(tmp_path, more={"read_seconds_max": 1})
    async with house.client() as client:
        started = time.monotonic()
        answer = await client.get("/v1/facts", Role.REGULATOR, wait=2)
        assert answer.status_code == 200
        assert time.monotonic() - started >= 1.9


def test_a_stream_that_has_begun_goes_on(tmp_path: Path) -> None:
    house = House(tmp_path, more={"read_seconds_max": 1, "heartbeat_s": 1})
    key = {"Authorization": f"Bearer {house.tokens[Role.REGULATOR]}"}
    with house.served() as base, httpx.stream("GET", f"{base}/v1/stream", headers=key, timeout=10) as stream:
        started, heard = time.monotonic(), 0
        for _ in stream.iter_lines():
            heard += 1
            if time.monotonic() - started > 2.2:
                break
    assert heard > 1
