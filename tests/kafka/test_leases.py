"""One holder at a time, with a token that tells holders apart, on both databases."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.settings import Settings
from streams.databases import open_databases
from streams.leases import Lease


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    databases = open_databases(Settings(database=url, data_dir=tmp_path))
    databases.create()
    yield databases.state
    databases.dispose()


def test_only_one_holds_it_and_the_holder_renews(state: Engine) -> None:
    one, two = Lease(state, "job"), Lease(state, "job")
    token = one.hold()
    assert token is not None
    assert two.hold() is None
    assert one.hold() == token


def test_leases_of_other_names_are_other_leases(state: Engine) -> None:
    assert Lease(state, "job").hold() is not None
    assert Lease(state, "other").hold() is not None


def test_a_released_lease_is_free_at_once_and_its_token_grows(state: Engine) -> None:
    one, two = Lease(state, "job"), Lease(state, "job")
    first = one.hold()
    one.release()
    second = two.hold()
    assert first is not None
    assert second is not None
    assert second > first


def test_a_lease_that_ran_out_goes_to_the_next_and_the_sleeper_learns_of_it(state: Engine) -> None:
    sleeper, next_one = Lease(state, "job", ttl_seconds=0.05), Lease(state, "job", ttl_seconds=10)
    first, end = sleeper.hold(), time.monotonic() + 5
    assert first is not None
    while (second := next_one.hold()) is None and time.monotonic() < end:
        time.sleep(0.01)
    assert second == first + 1
    assert sleeper.hold() is None


def test_release_by_somebody_else_changes_nothing(state: Engine) -> None:
    one, two = Lease(state, "job"), Lease(state, "job")
    one.hold()
    two.release()
    assert two.hold() is None


def test_the_time_is_the_databases_own(state: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    if state.dialect.name != "postgresql":
        monkeypatch.setattr(time, "time_ns", lambda: 2_000_000_000)
        assert Lease(state, "job", ttl_seconds=1).hold() == 1
        until = 3_000_000
    else:
        monkeypatch.setattr(time, "time_ns", lambda: 0)
        assert Lease(state, "job", ttl_seconds=1).hold() == 1
        until = 1_600_000_000_000_000
    with state.connect() as connection:
        assert connection.execute(text("SELECT until FROM leases")).scalar_one() >= until
