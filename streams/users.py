"""People of organisations: invited, listed, found, locked, their rights. Used by the login, the pages, `feilian users`.

How they prove who they are is in streams/user_secrets. Everything that changes one is noted in the same transaction.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from models.access import RegulatorKind, Scope
from models.errors import FeilianError
from models.facts.base import Role
from models.people import Act, Purpose, Right, UserState, needs_second_factor, scopes_of_right
from models.settings import Settings
from models.tables_people import OneTimeRow, SessionRow, UserRow
from streams.clock import local_now
from streams.credential_log import By, note
from streams.databases import Databases, guarded, reading
from streams.keys import Holder
from streams.one_time import make_token

NAME_CHARS_MAX: Final = 60
USERS_OF_ORG_MAX: Final = 1000
_LOGIN: Final = re.compile(r"[\w.+-]{1,64}@[\w.-]{3,55}|[\w.+-]{2,64}").fullmatch
_REGION: Final = re.compile(r"([1-8][0-9](?:[0-9]{2}){0,2})?").fullmatch
_HOURS_US: Final = 3_600_000_000


Change = Callable[[Databases, str, str, By], "User"]


class UserFlaw(StrEnum):
    """Why a wish about a user is refused; each has words on the pages, beside the field."""

    LOGIN_BAD = "login_bad"
    LOGIN_TAKEN = "login_taken"
    NAME_BAD = "name_bad"
    ROLES_BEYOND = "roles_beyond"
    REGION_BAD = "region_bad"
    REGION_BEYOND = "region_beyond"
    KIND_BEYOND = "kind_beyond"
    NOT_THERE = "not_there"
    ONESELF = "oneself"
    LAST_ADMINISTRATOR = "last_administrator"
    WRONG_STATE = "wrong_state"
    TOO_MANY = "too_many"


class UserRefused(FeilianError):
    """A wish about a user that cannot be; `field` is what of the form is wrong."""

    def __init__(self, flaw: UserFlaw, field: str, message: str) -> None:
        super().__init__(message)
        self.flaw = flaw
        self.field = field


@dataclass(frozen=True, slots=True)
class User:
    """A person; instants are microseconds UTC. There is no secret in it."""

    user_id: str
    login: str
    name: str
    org: str
    roles: tuple[Role, ...]
    right: Right
    kind: RegulatorKind | None
    region: str
    lang: str
    state: UserState
    has_password: bool
    totp_since: int | None
    oidc_subject: str | None
    created_at: int
    last_login_at: int | None

    @property
    def needs_second_factor(self) -> bool:
        """Whether logging in without one is not enough."""
        return needs_second_factor(self.right, self.roles)

    def holder(self, role: Role, until: int | None = None) -> Holder:
        """Who speaks when this person acts in one of the roles. Kind and region bound regulators only."""
        regulates = role is Role.REGULATOR
        return Holder(
            key_id=self.user_id,
            org=self.org,
            role=role,
            name=self.name,
            scopes=scopes_of_right(self.right, role),
            regulator=self.kind if regulates else None,
            region=self.region if regulates else "",
            until=until,
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be invited."""

    login: str
    name: str
    org: str
    roles: tuple[Role, ...]
    right: Right
    kind: RegulatorKind | None = None
    region: str = ""
    lang: str = "zh"


def folded(login: str) -> str:
    """A login name as it is kept: however it was typed, one person is one name."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def invite(databases: Databases, wish: Wish, by: By, settings: Settings) -> tuple[User, str]:
    """A new user, and the number of the link by which they set their password; UserRefused for what cannot be."""
    login = folded(wish.login)
    _check(wish, login)
    now, user_id = local_now(), new_id()
    with guarded(), databases.ledger.begin() as connection:
        if connection.execute(select(UserRow.user_id).where(UserRow.login == login)).first():
            raise UserRefused(UserFlaw.LOGIN_TAKEN, "login", f'"{login}" is taken')
        known = select(func.count()).select_from(UserRow).where(UserRow.org == wish.org)
        if connection.execute(known).scalar_one() >= USERS_OF_ORG_MAX:
            raise UserRefused(UserFlaw.TOO_MANY, "login", f"at most {USERS_OF_ORG_MAX} users an organisation")
        connection.execute(insert(UserRow).values(_values(wish, user_id, login, now)))
        note(connection, Act.INVITED, by, org=wish.org, subject=login, detail=wish.right.value)
        token = make_token(connection, Purpose.INVITE, settings.invite_hours * _HOURS_US, user_id=user_id)
        user = _found(connection, user_id)
    return user, token


def new_id() -> str:
    """16 characters, the first a `u`: never the id of a key, which is 12 hex digits."""
    return "u" + secrets.token_hex(8)[1:]


def new_link(databases: Databases, user_id: str, org: str, by: By, settings: Settings) -> str:
    """The number of a link for a new password (or the first one, again); earlier links are no good any more."""
    with guarded(), databases.ledger.begin() as connection:
        user = _of_org(connection, user_id, org)
        if user.state not in {UserState.INVITED, UserState.ACTIVE}:
            raise UserRefused(UserFlaw.WRONG_STATE, "user", f'"{user.login}" is {user.state}')
        _spend_links(connection, user_id)
        note(connection, Act.LINK_MADE, by, org=user.org, subject=user.login)
        purpose = Purpose.INVITE if user.state is UserState.INVITED else Purpose.RESET
        return make_token(connection, purpose, settings.invite_hours * _HOURS_US, user_id=user_id)


def lock(databases: Databases, user_id: str, org: str, by: By) -> User:
    """Nobody logs in as this user any more, and who is logged in is out; UserRefused for the last administrator."""
    return _end(databases, user_id, org, by, UserState.LOCKED, Act.USER_LOCKED)


def end(databases: Databases, user_id: str, org: str, by: By) -> User:
    """For good: the person has left. The login name stays taken, so that the log means one person by it."""
    return _end(databases, user_id, org, by, UserState.ENDED, Act.USER_ENDED)


def unlock(databases: Databases, user_id: str, org: str, by: By) -> User:
    """A locked user may log in again, or take up the invitation."""
    with guarded(), databases.ledger.begin() as connection:
        user = _of_org(connection, user_id, org)
        if user.state is not UserState.LOCKED:
            raise UserRefused(UserFlaw.WRONG_STATE, "user", f'"{user.login}" is {user.state}, not locked')
        known = user.has_password or user.oidc_subject is not None
        _set(connection, user_id, state=(UserState.ACTIVE if known else UserState.INVITED).value)
        note(connection, Act.USER_UNLOCKED, by, org=org, subject=user.login)
        return _found(connection, user_id)


def set_right(databases: Databases, user_id: str, org: str, right: Right, by: By) -> User:
    """Another right from now on; who is logged in with the old one has to log in anew."""
    with guarded(), databases.ledger.begin() as connection:
        _lock_administrators(connection, org)
        user = _of_org(connection, user_id, org)
        _check_not_oneself(user, by)
        if right is not Right.ADMINISTRATOR:
            _check_not_last(connection, user)
        _set(connection, user_id, user_right=right.value)
        end_sessions(connection, user_id, "right")
        note(
            connection, Act.RIGHT_CHANGED, by, org=org, subject=user.login, detail=f"{user.right} -> {right}"
        )
        return _found(connection, user_id)


def reset_totp(databases: Databases, user_id: str, org: str, by: By) -> User:
    """The second factor is set up anew at the next login; recovery codes are gone too."""
    from streams.user_secrets import forget_second_factor

    with guarded(), databases.ledger.begin() as connection:
        user = _of_org(connection, user_id, org)
        forget_second_factor(connection, user_id)
        end_sessions(connection, user_id, "totp")
        note(connection, Act.TOTP_REMOVED, by, org=org, subject=user.login)
        return _found(connection, user_id)


def set_lang(databases: Databases, user_id: str, lang: str) -> None:
    """The language that this person reads; pages and mail go by it."""
    with guarded(), databases.ledger.begin() as connection:
        _set(connection, user_id, lang=lang)


def users_of(databases: Databases, org: str | None = None) -> Sequence[User]:
    """All users, or those of an organisation, by name."""
    query = select(UserRow).order_by(UserRow.org, UserRow.login)
    if org is not None:
        query = query.where(UserRow.org == org)
    with guarded(), reading(databases.ledger) as connection:
        return [user_of(row) for row in connection.execute(query)]


def find_user(databases: Databases, *, login: str = "", user_id: str = "") -> User | None:
    """By login name or by id."""
    query = select(UserRow)
    query = query.where(UserRow.login == folded(login)) if login else query.where(UserRow.user_id == user_id)
    with guarded(), reading(databases.ledger) as connection:
        row = connection.execute(query).one_or_none()
    return user_of(row) if row is not None else None


def end_sessions(connection: Connection, user_id: str, why: str, *, but: str = "") -> int:
    """End all sessions of a user except the one numbered `but`; how many there were."""
    query = update(SessionRow).where(
        SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.session_no != but
    )
    return connection.execute(query.values(ended_at=local_now(), ended=why)).rowcount


def user_of(row: Row[Any], prefix: str = "") -> User:
    """A row of users as it is worked with; `prefix` stands before its columns where it was joined to another."""
    told = {column.name: row._mapping[prefix + column.name] for column in UserRow.__table__.columns}
    return User(
        user_id=told["user_id"],
        login=told["login"],
        name=told["name"],
        org=told["org"],
        roles=tuple(Role(name) for name in told["roles"].split(",")),
        right=Right(told["user_right"]),
        kind=RegulatorKind(told["regulator_kind"]) if told["regulator_kind"] else None,
        region=told["region"],
        lang=told["lang"],
        state=UserState(told["state"]),
        has_password=told["password"] is not None,
        totp_since=told["totp_since"],
        oidc_subject=told["oidc_subject"],
        created_at=told["created_at"],
        last_login_at=told["last_login_at"],
    )


def may_invite(holder: Holder, held: tuple[Role, ...], wish: Wish) -> None:
    """UserRefused where a user would reach further than the one who invites; `held` are that one's roles."""
    if Scope.KEYS_MANAGE not in holder.scopes or wish.org != holder.org:
        raise UserRefused(UserFlaw.NOT_THERE, "org", f'"{wish.org}" is not yours to invite for')
    if not set(wish.roles) <= set(held):
        raise UserRefused(UserFlaw.ROLES_BEYOND, "roles", "roles that you do not have yourself")
    if Role.REGULATOR in wish.roles:
        # A regulator of no kind in particular is one of the environment (models.access).
        if holder.regulator is not None and wish.kind is not holder.regulator:
            raise UserRefused(UserFlaw.KIND_BEYOND, "kind", f'you are "{holder.regulator}" yourself')
        if not wish.region.startswith(holder.region):
            raise UserRefused(UserFlaw.REGION_BEYOND, "region", f'outside your region "{holder.region}"')


def _check(wish: Wish, login: str) -> None:
    if not _LOGIN(login):
        raise UserRefused(
            UserFlaw.LOGIN_BAD, "login", "a login is an e-mail address or a name without blanks"
        )
    if not (0 < len(wish.name.strip()) <= NAME_CHARS_MAX and wish.name.isprintable()):
        raise UserRefused(UserFlaw.NAME_BAD, "name", f"a name has 1 to {NAME_CHARS_MAX} characters")
    if not wish.roles:
        raise UserRefused(UserFlaw.ROLES_BEYOND, "roles", "at least one role")
    if not _REGION(wish.region):
        raise UserRefused(UserFlaw.REGION_BAD, "region", "a region is two, four or six digits")
    if Role.REGULATOR not in wish.roles and (wish.kind is not None or wish.region):
        raise UserRefused(UserFlaw.KIND_BEYOND, "kind", "only regulators have a kind and a region")


def _values(wish: Wish, user_id: str, login: str, now: int) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "login": login,
        "name": wish.name.strip(),
        "org": wish.org,
        "roles": ",".join(role.value for role in wish.roles),
        "user_right": wish.right.value,
        "regulator_kind": wish.kind.value if wish.kind else None,
        "region": wish.region,
        "lang": wish.lang,
        "state": UserState.INVITED.value,
        "totp_step": 0,
        "created_at": now,
    }


def _end(databases: Databases, user_id: str, org: str, by: By, state: UserState, act: Act) -> User:
    with guarded(), databases.ledger.begin() as connection:
        _lock_administrators(connection, org)
        user = _of_org(connection, user_id, org)
        if user.state in {state, UserState.ENDED}:
            raise UserRefused(UserFlaw.WRONG_STATE, "user", f'"{user.login}" is {user.state} already')
        _check_not_oneself(user, by)
        _check_not_last(connection, user)
        _set(connection, user_id, state=state.value)
        end_sessions(connection, user_id, state.value)
        _spend_links(connection, user_id)
        note(connection, act, by, org=org, subject=user.login)
        return _found(connection, user_id)


def _lock_administrators(connection: Connection, org: str) -> None:
    """Of two who would each leave the other as the last one, the second waits, and then finds out."""
    query = select(UserRow.user_id).where(UserRow.org == org, UserRow.user_right == Right.ADMINISTRATOR.value)
    connection.execute(query.order_by(UserRow.user_id).with_for_update()).all()


def _check_not_oneself(user: User, by: By) -> None:
    if by.actor == f"user:{user.user_id}":
        raise UserRefused(UserFlaw.ONESELF, "user", "another administrator has to do this")


def _check_not_last(connection: Connection, user: User) -> None:
    """Somebody has to be left who can let others in."""
    others = select(UserRow.user_id).where(
        UserRow.org == user.org,
        UserRow.user_id != user.user_id,
        UserRow.user_right == Right.ADMINISTRATOR.value,
        UserRow.state == UserState.ACTIVE.value,
    )
    is_one = user.right is Right.ADMINISTRATOR and user.state is UserState.ACTIVE
    if is_one and connection.execute(others).first() is None:
        raise UserRefused(UserFlaw.LAST_ADMINISTRATOR, "user", f'"{user.login}" is the last administrator')


def _of_org(connection: Connection, user_id: str, org: str) -> User:
    """The user, where it is one of this organisation's; the same refusal for a foreign and an unknown id."""
    query = select(UserRow).where(UserRow.user_id == user_id, UserRow.org == org).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UserRefused(UserFlaw.NOT_THERE, "user", f'there is no user "{user_id[:16]}"')
    return user_of(row)


def _found(connection: Connection, user_id: str) -> User:
    return user_of(connection.execute(select(UserRow).where(UserRow.user_id == user_id)).one())


def _set(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(UserRow).where(UserRow.user_id == user_id).values(**values))


def _spend_links(connection: Connection, user_id: str) -> None:
    open_ones = update(OneTimeRow).where(OneTimeRow.user_id == user_id, OneTimeRow.used_at.is_(None))
    connection.execute(open_ones.values(used_at=local_now()))
