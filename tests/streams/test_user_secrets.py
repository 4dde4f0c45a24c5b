"""How people prove who they are: links and codes are good once, passwords are hashed anew, nothing tells who exists."""

from __future__ import annotations

import threading
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import select

from models.people import MINUTE_US, Purpose, UserState
from models.settings import Settings
from models.tables_people import UserRow
from streams import user_secrets, users
from streams.databases import reading
from streams.ledger import Ledger
from streams.one_time import look_at, make_token, take
from streams.passwords import Passwords
from tests.facts import PRODUCER_ORG
from tests.streams.people import (
    BY,
    OTHER,
    PASSWORD,
    PASSWORDS,
    QUICK,
    active,
    code_of,
    invited,
    noted,
    watch,
    with_factor,
)


def kept(ledger: Ledger, login: str = "zhang@plater.cn") -> str | None:
    """What is kept of a password."""
    with reading(ledger.databases.ledger) as connection:
        return connection.execute(select(UserRow.password).where(UserRow.login == login)).scalar_one()


def test_a_password_is_checked_and_only_its_hash_is_kept(ledger: Ledger) -> None:
    user = active(ledger.databases)
    assert user_secrets.check_password(ledger.databases, PASSWORDS, "ZHANG@plater.cn ", PASSWORD, BY) == user
    for login, password in (
        ("zhang@plater.cn", PASSWORD + "x"),
        ("nobody", PASSWORD),
        ("zhang@plater.cn", ""),
    ):
        assert user_secrets.check_password(ledger.databases, PASSWORDS, login, password, BY) is None
    assert PASSWORD not in str(kept(ledger))
    refused = [(act, subject) for act, outcome, subject in noted(ledger.databases) if outcome == "refused"]
    assert refused == [
        ("login_failed", "zhang@plater.cn"),
        ("login_failed", "nobody"),
        ("login_failed", "zhang@plater.cn"),
    ]


def test_who_is_locked_invited_or_gone_has_no_right_password(ledger: Ledger) -> None:
    databases = ledger.databases
    user = active(databases)
    invited(databases, "new@x.cn")
    assert user_secrets.check_password(databases, PASSWORDS, "new@x.cn", "", BY) is None
    users.lock(databases, user.user_id, PRODUCER_ORG, BY)
    assert user_secrets.check_password(databases, PASSWORDS, user.login, PASSWORD, BY) is None
    users.unlock(databases, user.user_id, PRODUCER_ORG, BY)
    assert user_secrets.check_password(databases, PASSWORDS, user.login, PASSWORD, BY) is not None


def test_unknown_and_wrong_take_the_same_work(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both hash once; the times themselves are compared loosely, since this machine is shared."""
    passwords = Passwords(Settings(argon2_kib=16 * 1024))
    passwords.is_right(None, "x")
    _, token = invited(ledger.databases)
    assert user_secrets.set_password_by_link(ledger.databases, passwords, token, PASSWORD, BY) is not None
    hashed: list[str] = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords, "_hasher", Counting(real, hashed))
    times = []
    for login in ("zhang@plater.cn", "nobody@x.cn"):
        started = perf_counter()
        assert user_secrets.check_password(ledger.databases, passwords, login, "wrong", BY) is None
        times.append(perf_counter() - started)
    assert len(hashed) == 2
    assert max(times) < 20 * min(times)


class Counting:
    """A hasher that says how often it was asked."""

    def __init__(self, verify: object, seen: list[str]) -> None:
        self._verify, self._seen = verify, seen

    def verify(self, against: str, password: str) -> bool:
        """As the real one."""
        self._seen.append(password)
        return bool(self._verify(against, password))  # type: ignore[operator]


def test_with_other_parameters_a_password_is_hashed_anew_at_the_next_login(ledger: Ledger) -> None:
    active(ledger.databases)
    before = kept(ledger)
    stronger = Passwords(Settings(argon2_passes=2, argon2_kib=16, argon2_lanes=1))
    assert user_secrets.check_password(ledger.databases, stronger, "zhang@plater.cn", "wrong", BY) is None
    assert kept(ledger) == before
    assert (
        user_secrets.check_password(ledger.databases, stronger, "zhang@plater.cn", PASSWORD, BY) is not None
    )
    after = str(kept(ledger))
    assert "m=16,t=2" in after
    assert (
        user_secrets.check_password(ledger.databases, stronger, "zhang@plater.cn", PASSWORD, BY) is not None
    )
    assert kept(ledger) == after


def test_a_link_is_good_once_and_until_it_runs_out(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    databases, now = ledger.databases, watch(monkeypatch)
    user, first = invited(databases)
    second = users.new_link(databases, user.user_id, PRODUCER_ORG, BY, QUICK)
    assert user_secrets.set_password_by_link(databases, PASSWORDS, first, PASSWORD, BY) is None  # Replaced.
    hours = QUICK.invite_hours * 60 * MINUTE_US
    now.now += hours - 1
    assert look_at(databases, second, Purpose.INVITE) is not None
    now.now += 1
    assert look_at(databases, second, Purpose.INVITE) is None
    assert user_secrets.set_password_by_link(databases, PASSWORDS, second, PASSWORD, BY) is None
    third = users.new_link(databases, user.user_id, PRODUCER_ORG, BY, QUICK)
    found = user_secrets.set_password_by_link(databases, PASSWORDS, third, PASSWORD, BY)
    assert found is not None
    assert found.state is UserState.ACTIVE
    assert user_secrets.set_password_by_link(databases, PASSWORDS, third, OTHER, BY) is None
    assert user_secrets.check_password(databases, PASSWORDS, user.login, PASSWORD, BY) is not None


def test_locking_spends_the_links(ledger: Ledger) -> None:
    user, token = invited(ledger.databases)
    users.lock(ledger.databases, user.user_id, PRODUCER_ORG, BY)
    users.unlock(ledger.databases, user.user_id, PRODUCER_ORG, BY)
    assert user_secrets.set_password_by_link(ledger.databases, PASSWORDS, token, PASSWORD, BY) is None


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "x" * 65, "\x00" * 43])
def test_what_is_no_number_is_no_good(ledger: Ledger, token: str) -> None:
    assert look_at(ledger.databases, token, Purpose.INVITE) is None


def test_a_number_is_for_its_purpose_alone(ledger: Ledger) -> None:
    with ledger.databases.ledger.begin() as connection:
        token = make_token(connection, Purpose.OIDC, MINUTE_US, data={"nonce": "n"})
        assert take(connection, token, Purpose.INVITE, Purpose.RESET, Purpose.ENTER) is None
        found = take(connection, token, Purpose.OIDC)
    assert found is not None
    assert found.data == {"nonce": "n"}


def test_of_many_who_use_a_link_at_once_one_gets_in(ledger: Ledger) -> None:
    _, token = invited(ledger.databases)
    begun, got = threading.Barrier(4), []

    def use() -> None:
        begun.wait(10)
        got.append(user_secrets.set_password_by_link(ledger.databases, PASSWORDS, token, PASSWORD, BY))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(user is not None for user in got) == 1


def test_a_code_is_good_once_and_never_an_earlier_one(ledger: Ledger) -> None:
    databases = ledger.databases
    user, secret, _ = with_factor(databases, active(databases))
    assert not user_secrets.check_code(databases, user, code_of(secret, -1), BY)  # Spent when it was set up.
    assert user_secrets.check_code(databases, user, code_of(secret, 1), BY)
    assert not user_secrets.check_code(databases, user, code_of(secret, 1), BY)
    assert not user_secrets.check_code(databases, user, code_of(secret, 0), BY)
    assert not user_secrets.check_code(databases, user, "000000", BY)


def test_a_secret_counts_once_it_is_confirmed_and_is_never_told_again(ledger: Ledger) -> None:
    databases = ledger.databases
    user = active(databases)
    secret = user_secrets.offer_totp(databases, user.user_id)
    assert secret is not None
    assert not user_secrets.check_code(databases, user, code_of(secret), BY)
    assert user_secrets.confirm_totp(databases, user, "000000", BY) is None
    assert user_secrets.offered_totp(databases, user.user_id) == secret
    codes = user_secrets.confirm_totp(databases, user, code_of(secret), BY)
    assert codes is not None
    assert len(codes) == 10
    assert user_secrets.offered_totp(databases, user.user_id) is None
    assert user_secrets.offer_totp(databases, user.user_id) is None
    assert user_secrets.confirm_totp(databases, user, code_of(secret, 1), BY) is None


def test_recovery_codes_are_good_once_each_and_until_there_are_new_ones(ledger: Ledger) -> None:
    databases = ledger.databases
    user, _, codes = with_factor(databases, active(databases))
    other, _, others = with_factor(databases, active(databases, "li@plater.cn"))
    assert user_secrets.codes_left(databases, user.user_id) == 10
    assert not user_secrets.check_code(databases, user, others[0], BY)
    assert user_secrets.check_code(databases, user, codes[0].upper().replace("-", " "), BY)
    assert not user_secrets.check_code(databases, user, codes[0], BY)
    assert user_secrets.codes_left(databases, user.user_id) == 9
    anew = user_secrets.new_codes(databases, user, BY)
    assert not user_secrets.check_code(databases, user, codes[1], BY)
    assert user_secrets.check_code(databases, user, anew[1], BY)
    assert user_secrets.codes_left(databases, other.user_id) == 10


def test_after_a_reset_neither_codes_nor_secret_are_good_and_used_steps_stay_used(ledger: Ledger) -> None:
    databases = ledger.databases
    user, secret, codes = with_factor(databases, active(databases))
    assert user_secrets.check_code(databases, user, code_of(secret), BY)
    found = users.reset_totp(databases, user.user_id, PRODUCER_ORG, BY)
    assert found.totp_since is None
    for code in (code_of(secret, 1), codes[0]):
        assert not user_secrets.check_code(databases, found, code, BY)
    anew = user_secrets.offer_totp(databases, user.user_id)
    assert anew is not None
    assert anew != secret
    assert user_secrets.confirm_totp(databases, found, code_of(anew), BY) is None  # This step was used.
    assert user_secrets.confirm_totp(databases, found, code_of(anew, 1), BY) is not None


def test_nothing_secret_is_in_the_log_or_the_tables(ledger: Ledger, tmp_path: Path) -> None:
    databases = ledger.databases
    user, token = invited(databases)
    found = user_secrets.set_password_by_link(databases, PASSWORDS, token, PASSWORD, BY)
    assert found is not None
    user_secrets.check_password(databases, PASSWORDS, user.login, "a wrong password 77", BY)
    _, _, codes = with_factor(databases, found)
    user_secrets.check_code(databases, found, "wrong-code-4711", BY)
    everything = ""
    with reading(databases.ledger) as connection:
        for table in ("users", "recovery_codes", "one_time_tokens", "sessions", "credential_events"):
            everything += str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
    for secret in (
        PASSWORD,
        token,
        "a wrong password 77",
        "wrong-code-4711",
        codes[0],
        codes[0].replace("-", ""),
    ):
        assert secret not in everything
