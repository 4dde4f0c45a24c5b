"""Users: invited, found, locked, ended; who may invite whom; and that somebody is always left who lets others in."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy.exc
from sqlalchemy import delete, text, update

from models.access import ALL_SCOPES, RegulatorKind, Scope
from models.facts.base import Role
from models.people import Act, Right, UserState, scopes_of_right
from models.tables_people import CredentialEvent
from streams import users
from streams.credential_log import By, log_of, note
from streams.keys import Holder
from streams.ledger import Ledger
from streams.users import UserFlaw, UserRefused, may_invite
from tests.facts import FACILITY_ORG, PRODUCER_ORG, REGULATOR_ORG
from tests.streams.people import BY, QUICK, active, invited, noted, wish


def refused(act: Any, *arguments: Any) -> tuple[UserFlaw, str]:
    """Why it was refused, and at which field."""
    with pytest.raises(UserRefused) as caught:
        act(*arguments)
    return caught.value.flaw, caught.value.field


def test_a_login_is_one_persons_however_it_is_typed(ledger: Ledger) -> None:
    user, _ = invited(ledger.databases, "  Zhang@Plater.CN ")
    assert user.login == "zhang@plater.cn"
    assert users.find_user(ledger.databases, login="ＺＨＡＮＧ@plater.cn") == user
    assert refused(invited, ledger.databases, "ZHANG@plater.cn") == (UserFlaw.LOGIN_TAKEN, "login")
    assert user.state is UserState.INVITED
    assert not user.has_password


@pytest.mark.parametrize(
    ("changes", "flaw", "field"),
    [
        ({"login": ""}, UserFlaw.LOGIN_BAD, "login"),
        ({"login": "a b"}, UserFlaw.LOGIN_BAD, "login"),
        ({"login": "a\n@x.cn"}, UserFlaw.LOGIN_BAD, "login"),
        ({"login": "<script>"}, UserFlaw.LOGIN_BAD, "login"),
        ({"login": "x" * 65}, UserFlaw.LOGIN_BAD, "login"),
        ({"login": "a@x.cn\r\nbcc:b"}, UserFlaw.LOGIN_BAD, "login"),
        ({"name": "  "}, UserFlaw.NAME_BAD, "name"),
        ({"name": "x" * 61}, UserFlaw.NAME_BAD, "name"),
        ({"name": "a\x00b"}, UserFlaw.NAME_BAD, "name"),
        ({"roles": ()}, UserFlaw.ROLES_BEYOND, "roles"),
        ({"region": "33010"}, UserFlaw.REGION_BAD, "region"),
        ({"region": "33"}, UserFlaw.KIND_BEYOND, "kind"),
        ({"kind": RegulatorKind.HEALTH}, UserFlaw.KIND_BEYOND, "kind"),
    ],
)
def test_what_cannot_be_invited_is_told_by_its_field(
    ledger: Ledger, changes: dict[str, Any], flaw: UserFlaw, field: str
) -> None:
    assert refused(users.invite, ledger.databases, wish(**{"login": "x@x.cn", **changes}), BY, QUICK) == (
        flaw,
        field,
    )
    assert users.users_of(ledger.databases) == []


REGULATOR = Holder("k", REGULATOR_ORG, Role.REGULATOR, "r", ALL_SCOPES, RegulatorKind.HEALTH, "3301")


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({}, None),
        ({"region": "330106"}, None),
        ({"region": "33"}, UserFlaw.REGION_BEYOND),
        ({"region": ""}, UserFlaw.REGION_BEYOND),
        ({"region": "3302"}, UserFlaw.REGION_BEYOND),
        ({"kind": RegulatorKind.ENVIRONMENT}, UserFlaw.KIND_BEYOND),
        ({"kind": None}, UserFlaw.KIND_BEYOND),
        ({"roles": (Role.REGULATOR, Role.AUDITOR)}, UserFlaw.ROLES_BEYOND),
        ({"org": PRODUCER_ORG}, UserFlaw.NOT_THERE),
    ],
)
def test_nobody_invites_further_than_they_reach_themselves(
    changes: dict[str, Any], flaw: UserFlaw | None
) -> None:
    plain = {"org": REGULATOR_ORG, "roles": (Role.REGULATOR,), "kind": RegulatorKind.HEALTH, "region": "3301"}
    wished = wish(**{**plain, **changes})
    if flaw is None:
        may_invite(REGULATOR, (Role.REGULATOR,), wished)
    else:
        assert refused(may_invite, REGULATOR, (Role.REGULATOR,), wished)[0] is flaw


def test_who_may_not_give_out_credentials_invites_nobody() -> None:
    clerk = Holder("k", PRODUCER_ORG, Role.PRODUCER, "c", scopes_of_right(Right.CLERK, Role.PRODUCER))
    assert refused(may_invite, clerk, (Role.PRODUCER,), wish())[0] is UserFlaw.NOT_THERE


def test_rights_give_scopes() -> None:
    reading = {Scope.FACTS_READ, Scope.ALERTS_READ}
    assert scopes_of_right(Right.READER, Role.PRODUCER) == reading
    assert scopes_of_right(Right.CLERK, Role.PRODUCER) == reading | {Scope.FACTS_WRITE}
    assert scopes_of_right(Right.READER, Role.AUDITOR) == reading | {Scope.AUDIT_READ}
    assert Scope.FACTS_WRITE not in scopes_of_right(Right.ADMINISTRATOR, Role.AUDITOR)
    assert Scope.FACTS_WRITE not in scopes_of_right(Right.CLERK, Role.AUDITOR)
    assert Scope.KEYS_MANAGE in scopes_of_right(Right.ADMINISTRATOR, Role.PRODUCER)
    assert Scope.AUDIT_READ not in scopes_of_right(Right.ADMINISTRATOR, Role.PRODUCER)


def test_locking_unlocking_and_ending(ledger: Ledger) -> None:
    databases = ledger.databases
    user = active(databases)
    assert users.lock(databases, user.user_id, PRODUCER_ORG, BY).state is UserState.LOCKED
    assert refused(users.lock, databases, user.user_id, PRODUCER_ORG, BY)[0] is UserFlaw.WRONG_STATE
    assert users.unlock(databases, user.user_id, PRODUCER_ORG, BY).state is UserState.ACTIVE
    assert refused(users.unlock, databases, user.user_id, PRODUCER_ORG, BY)[0] is UserFlaw.WRONG_STATE
    assert users.end(databases, user.user_id, PRODUCER_ORG, BY).state is UserState.ENDED
    for act in (users.lock, users.end, users.unlock):
        assert refused(act, databases, user.user_id, PRODUCER_ORG, BY)[0] is UserFlaw.WRONG_STATE
    assert (
        refused(users.new_link, databases, user.user_id, PRODUCER_ORG, BY, QUICK)[0] is UserFlaw.WRONG_STATE
    )
    assert [line[0] for line in noted(databases)] == [
        "invited",
        "password_set",
        "user_locked",
        "user_unlocked",
        "user_ended",
    ]


def test_who_was_locked_before_the_first_login_is_invited_again(ledger: Ledger) -> None:
    user, _ = invited(ledger.databases)
    users.lock(ledger.databases, user.user_id, PRODUCER_ORG, BY)
    assert users.unlock(ledger.databases, user.user_id, PRODUCER_ORG, BY).state is UserState.INVITED


def test_a_foreign_user_is_as_unknown_as_none(ledger: Ledger) -> None:
    databases = ledger.databases
    user = active(databases)
    for act in (users.lock, users.unlock, users.end, users.reset_totp):
        foreign = refused(act, databases, user.user_id, FACILITY_ORG, BY)
        assert foreign == refused(act, databases, "0" * 16, FACILITY_ORG, BY) == (UserFlaw.NOT_THERE, "user")
    assert (
        refused(users.set_right, databases, user.user_id, FACILITY_ORG, Right.READER, BY)[0]
        is UserFlaw.NOT_THERE
    )
    assert users.find_user(databases, user_id=user.user_id) == user


def test_the_last_administrator_stays_and_nobody_changes_themselves(ledger: Ledger) -> None:
    databases = ledger.databases
    one = active(databases, "one@x.cn", right=Right.ADMINISTRATOR)
    invited(databases, "two@x.cn", right=Right.ADMINISTRATOR)  # Not yet one who could act.
    for act in (users.lock, users.end):
        assert refused(act, databases, one.user_id, PRODUCER_ORG, BY)[0] is UserFlaw.LAST_ADMINISTRATOR
    demoted = refused(users.set_right, databases, one.user_id, PRODUCER_ORG, Right.CLERK, BY)
    assert demoted[0] is UserFlaw.LAST_ADMINISTRATOR
    three = active(databases, "three@x.cn", right=Right.ADMINISTRATOR)
    themselves = By(f"user:{three.user_id}")
    for act in (users.lock, users.end):
        assert refused(act, databases, three.user_id, PRODUCER_ORG, themselves)[0] is UserFlaw.ONESELF
    assert users.lock(databases, one.user_id, PRODUCER_ORG, themselves).state is UserState.LOCKED


def test_of_two_administrators_who_lock_each_other_one_stays(ledger: Ledger) -> None:
    """At once, on two connections; whichever is first."""
    databases = ledger.databases
    one = active(databases, "one@x.cn", right=Right.ADMINISTRATOR)
    two = active(databases, "two@x.cn", right=Right.ADMINISTRATOR)
    begun = threading.Barrier(2)

    def lock(whom: str, who: str) -> None:
        begun.wait(10)
        try:
            users.lock(databases, whom, PRODUCER_ORG, By(f"user:{who}"))
        except UserRefused:
            return

    pairs = [(one.user_id, two.user_id), (two.user_id, one.user_id)]
    threads = [threading.Thread(target=lock, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    states = [user.state for user in users.users_of(databases, PRODUCER_ORG)]
    assert sorted(states) == [UserState.ACTIVE, UserState.LOCKED]


def test_what_was_done_cannot_be_undone_nor_told_otherwise(ledger: Ledger) -> None:
    databases = ledger.databases
    invited(databases)
    for statement in (update(CredentialEvent).values(org="x"), delete(CredentialEvent)):
        with (
            pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"),
            databases.ledger.begin() as connection,
        ):
            connection.execute(statement)
    if databases.on_postgres:
        with (
            pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"),
            databases.ledger.begin() as connection,
        ):
            connection.execute(text("TRUNCATE credential_events"))
    assert len(noted(databases)) == 1


def test_an_organisation_sees_its_own_lines_newest_first(ledger: Ledger) -> None:
    databases = ledger.databases
    with databases.ledger.begin() as connection:
        for number in range(5):
            note(
                connection,
                Act.INVITED,
                BY,
                org=PRODUCER_ORG,
                subject=f"u{number}\r\nx\x1b[0m" + "y" * 300,
            )
        note(connection, Act.INVITED, BY, org=FACILITY_ORG, subject="other")
    lines = log_of(databases, PRODUCER_ORG)
    assert [line.subject[:2] for line in lines] == ["u4", "u3", "u2", "u1", "u0"]
    assert all(len(line.subject) == 120 and line.subject.isprintable() for line in lines)
    assert [line.subject[:2] for line in log_of(databases, PRODUCER_ORG, before=lines[2].event_id)] == [
        "u1",
        "u0",
    ]
