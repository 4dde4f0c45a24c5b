"""Sessions: over when idle, over after twelve hours, over when ended, and under a new number whenever rights rise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.facts.base import Role
from models.people import HOUR_US, MINUTE_US, Right, Stage, Way
from models.tables_people import SessionRow
from streams import sessions, user_secrets, users
from streams.databases import reading
from streams.keys import create_key
from streams.ledger import Ledger
from streams.sessions import Browser, Seat
from streams.users import User
from tests.facts import PRODUCER_ORG
from tests.streams.people import BY, OTHER, PASSWORDS, QUICK, active, noted, watch

HERE = Browser("192.0.2.7", "Firefox")


def opened(ledger: Ledger, user: User, stage: Stage = Stage.WHOLE) -> str:
    return sessions.open_for_user(ledger.databases, user, stage, Way.PASSWORD, HERE, QUICK)


def seat(ledger: Ledger, sid: str) -> Seat | None:
    return sessions.find_seat(ledger.databases, sid, QUICK)


def sure(ledger: Ledger, sid: str) -> Seat:
    found = seat(ledger, sid)
    assert found is not None
    return found


def test_a_session_is_its_users_and_only_its_hash_is_kept(ledger: Ledger) -> None:
    user = active(ledger.databases)
    sid = opened(ledger, user)
    found = sure(ledger, sid)
    assert found.user is not None
    assert found.user.user_id == user.user_id
    assert found.holder is not None
    assert (found.holder.org, found.holder.role, found.holder.key_id) == (
        PRODUCER_ORG,
        Role.PRODUCER,
        user.user_id,
    )
    assert len(sid) == 43
    with reading(ledger.databases.ledger) as connection:
        assert sid not in str(connection.execute(select(SessionRow)).all())


@pytest.mark.parametrize("sid", ["", "x", "A" * 43, "é" * 43, "A" * 44, "\x00" * 43])
def test_what_is_no_number_of_a_session_is_nobody(ledger: Ledger, sid: str) -> None:
    assert seat(ledger, sid) is None


def test_a_session_ends_when_it_is_idle(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    now = watch(monkeypatch)
    idle = QUICK.session_idle_minutes * MINUTE_US
    sid = opened(ledger, active(ledger.databases))
    now.now += idle - 1
    assert seat(ledger, sid) is not None  # And that was a use.
    now.now += idle - 1
    assert seat(ledger, sid) is not None
    now.now += idle
    assert seat(ledger, sid) is None


def test_a_session_ends_after_twelve_hours_however_busy(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = watch(monkeypatch)
    sid = opened(ledger, active(ledger.databases))
    begun = now.now
    while now.now + 10 * MINUTE_US < begun + QUICK.session_hours_max * HOUR_US:
        now.now += 10 * MINUTE_US
        assert seat(ledger, sid) is not None
    now.now = begun + QUICK.session_hours_max * HOUR_US - 1
    assert seat(ledger, sid) is not None
    now.now += 1
    assert seat(ledger, sid) is None


def test_its_use_is_noted_once_a_minute_at_most(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    now = watch(monkeypatch)
    sid = opened(ledger, active(ledger.databases))
    begun = now.now
    for later, seen in (
        (MINUTE_US - 1, begun),
        (MINUTE_US, begun + MINUTE_US),
        (MINUTE_US + 5, begun + MINUTE_US),
    ):
        now.now = begun + later
        seat(ledger, sid)
        with reading(ledger.databases.ledger) as connection:
            assert connection.execute(select(SessionRow.seen_at)).scalar_one() == seen


def test_half_way_is_nobody_yet_and_lasts_ten_minutes(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = watch(monkeypatch)
    sid = opened(ledger, active(ledger.databases), Stage.CODE)
    assert sure(ledger, sid).stage is Stage.CODE
    assert ("logged_in", "done", "zhang@plater.cn") not in noted(ledger.databases)
    now.now += 10 * MINUTE_US
    assert seat(ledger, sid) is None


def test_the_whole_session_has_a_new_number(ledger: Ledger) -> None:
    sid = opened(ledger, active(ledger.databases), Stage.CODE)
    whole = sessions.complete(ledger.databases, sid, sure(ledger, sid), QUICK)
    assert whole != sid
    assert seat(ledger, sid) is None
    assert sure(ledger, whole).stage is Stage.WHOLE
    assert noted(ledger.databases)[-1] == ("logged_in", "done", "zhang@plater.cn")


def test_another_role_is_another_number_and_no_longer_life(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = watch(monkeypatch)
    sid = opened(ledger, active(ledger.databases, roles=(Role.PRODUCER, Role.FACILITY)))
    before = sure(ledger, sid)
    now.now += 10 * MINUTE_US
    other = sessions.take_role(ledger.databases, sid, before, Role.FACILITY, BY)
    found = sure(ledger, other)
    assert (found.role, found.until) == (Role.FACILITY, before.until)
    assert found.holder is not None
    assert found.holder.role is Role.FACILITY
    assert seat(ledger, sid) is None
    with pytest.raises(ValueError, match="none of this user's roles"):
        sessions.take_role(ledger.databases, other, found, Role.REGULATOR, BY)


def test_locking_ending_and_new_rights_end_every_session(ledger: Ledger) -> None:
    databases = ledger.databases
    user = active(databases)
    acts: tuple[Callable[[], User], ...] = (
        lambda: users.lock(databases, user.user_id, PRODUCER_ORG, BY),
        lambda: users.set_right(databases, user.user_id, PRODUCER_ORG, Right.READER, BY),
        lambda: users.reset_totp(databases, user.user_id, PRODUCER_ORG, BY),
    )
    for act in acts:
        sids = [opened(ledger, user), opened(ledger, user, Stage.CODE)]
        act()
        assert [seat(ledger, sid) for sid in sids] == [None, None]
        found = users.find_user(databases, user_id=user.user_id)
        assert found is not None
        if found.state == "locked":
            users.unlock(databases, user.user_id, PRODUCER_ORG, BY)


def test_a_new_password_ends_all_others(ledger: Ledger) -> None:
    user = active(ledger.databases)
    here, there = opened(ledger, user), opened(ledger, user)
    number = sure(ledger, here).session_no
    user_secrets.change_password(ledger.databases, PASSWORDS, user, OTHER, BY, number)
    assert seat(ledger, here) is not None
    assert seat(ledger, there) is None


def test_sessions_are_listed_and_ended_and_only_ones_own(ledger: Ledger) -> None:
    databases = ledger.databases
    mine, other = active(databases), active(databases, "li@plater.cn")
    here, there, foreign = opened(ledger, mine), opened(ledger, mine), opened(ledger, other)
    opened(ledger, mine, Stage.CODE)  # Half-way ones are none yet.
    seats = sessions.seats_of(databases, sure(ledger, here), QUICK)
    assert {found.session_no for found in seats} == {
        sure(ledger, here).session_no,
        sure(ledger, there).session_no,
    }
    assert not sessions.end_one_of(databases, sure(ledger, here), sure(ledger, foreign).session_no, BY)
    assert seat(ledger, foreign) is not None
    assert sessions.end_one_of(databases, sure(ledger, here), sure(ledger, there).session_no, BY)
    assert seat(ledger, there) is None
    opened(ledger, mine)
    assert sessions.end_others_of(databases, sure(ledger, here), BY) == 2
    assert len(sessions.seats_of(databases, sure(ledger, here), QUICK)) == 1
    sessions.end_seat(databases, sure(ledger, here), BY)
    assert seat(ledger, here) is None


def test_a_session_of_a_key_names_its_key(ledger: Ledger) -> None:
    holder, _ = create_key(ledger.databases, PRODUCER_ORG, Role.PRODUCER, "erp")
    sid = sessions.open_for_key(ledger.databases, holder, Way.KEY, HERE, QUICK)
    found = sure(ledger, sid)
    assert (found.key_id, found.user, found.holder) == (holder.key_id, None, None)
    assert found.by == f"key:{holder.key_id}"


def test_what_is_long_over_is_swept_out(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    now = watch(monkeypatch)
    user = active(ledger.databases)
    opened(ledger, user)
    now.now += 31 * 24 * HOUR_US
    opened(ledger, user)
    with reading(ledger.databases.ledger) as connection:
        assert len(connection.execute(select(SessionRow.session_no)).all()) == 1
