"""People for tests: invited, with a password, with a second factor; and a clock that can be set for what is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyotp
import pytest
from sqlalchemy import select

from models.facts.base import Role
from models.people import Right
from models.settings import Settings
from models.tables_people import CredentialEvent, UserRow
from streams import user_secrets, users
from streams.clock import local_now
from streams.credential_log import By
from streams.databases import Databases, reading
from streams.passwords import Passwords
from streams.users import User, Wish
from tests.facts import PRODUCER_ORG

PASSWORD: Final = "barge on the canal"
OTHER: Final = "a kiln by the river"
QUICK_HASHING: Final = {"argon2_passes": 1, "argon2_kib": 8, "argon2_lanes": 1}
QUICK: Final = Settings(argon2_passes=1, argon2_kib=8, argon2_lanes=1)
PASSWORDS: Final = Passwords(QUICK)
BY: Final = By("operator")
MODULES: Final = ("sessions", "users", "one_time", "user_secrets", "credential_log")


def wish(login: str = "zhang@plater.cn", **changes: Any) -> Wish:
    """A clerk of the plater."""
    plain: dict[str, Any] = {
        "login": login,
        "name": "张伟",
        "org": PRODUCER_ORG,
        "roles": (Role.PRODUCER,),
        "right": Right.CLERK,
    }
    return Wish(**{**plain, **changes})


def invited(databases: Databases, login: str = "zhang@plater.cn", **changes: Any) -> tuple[User, str]:
    """A user who has not yet taken up the invitation, and the link's number."""
    return users.invite(databases, wish(login, **changes), BY, QUICK)


def active(databases: Databases, login: str = "zhang@plater.cn", **changes: Any) -> User:
    """A user with the password PASSWORD."""
    _, token = invited(databases, login, **changes)
    user = user_secrets.set_password_by_link(databases, PASSWORDS, token, PASSWORD, BY)
    assert user is not None
    return user


def with_factor(databases: Databases, user: User) -> tuple[User, str, list[str]]:
    """The same with a second factor in force: the secret, and the recovery codes."""
    secret = user_secrets.offer_totp(databases, user.user_id)
    assert secret is not None
    codes = user_secrets.confirm_totp(databases, user, code_of(secret, -1), BY)
    assert codes is not None
    found = users.find_user(databases, user_id=user.user_id)
    assert found is not None
    return found, secret, list(codes)


def code_of(secret: str, steps: int = 0) -> str:
    """The code of now, or of so many steps later."""
    return pyotp.TOTP(secret).at(local_now() // 1_000_000 + steps * 30)


def secret_of(databases: Databases, login: str) -> str:
    """The secret that a user was offered, as their authenticator would know it."""
    query = select(UserRow.totp_secret).where(UserRow.login == login)
    with reading(databases.ledger) as connection:
        found = connection.execute(query).scalar_one()
    assert found is not None
    return found


def noted(databases: Databases) -> list[tuple[str, str, str]]:
    """What the log of credentials says: act, outcome, subject; the oldest first."""
    query = select(CredentialEvent.act, CredentialEvent.outcome, CredentialEvent.subject)
    with reading(databases.ledger) as connection:
        rows = connection.execute(query.order_by(CredentialEvent.event_id)).all()
    return [(row.act, row.outcome, row.subject) for row in rows]


@dataclass
class Watch:
    """The clock of what is people's."""

    now: int

    def __call__(self) -> int:
        return self.now


def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """From now on it stands still until it is moved."""
    made = Watch(local_now())
    for module in MODULES:
        monkeypatch.setattr(f"streams.{module}.local_now", made)
    return made
