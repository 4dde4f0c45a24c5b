"""How a person proves who they are: password, one-time code, recovery code. Used by the login and by /account.

Each change is one transaction with its line in the log. Who may try how often is decided by streams/throttle before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from models.people import Act, Outcome, Purpose, UserState
from models.settings import Settings
from models.tables_people import OneTimeRow, RecoveryCodeRow, UserRow
from streams import second_factor
from streams.clock import local_now
from streams.credential_log import By, note
from streams.databases import Databases, guarded, reading
from streams.one_time import take
from streams.passwords import Flaw, Passwords, flaw_of
from streams.users import User, end_sessions, folded, user_of

_SECOND_US: Final = 1_000_000
_OPEN: Final = (UserState.INVITED.value, UserState.ACTIVE.value)


def check_password(
    databases: Databases, passwords: Passwords, login: str, password: str, by: By
) -> User | None:
    """The user whose password this is; None for a wrong one, an unknown or a locked user, after the same time.

    A password that was hashed with other parameters than today's is hashed anew.
    """
    with guarded(), reading(databases.ledger) as connection:
        row = connection.execute(select(UserRow).where(UserRow.login == folded(login)[:200])).one_or_none()
    kept = row.password if row is not None and row.state == UserState.ACTIVE.value else None
    right = passwords.is_right(kept, password)
    if row is None or kept is None or not right:
        org = row.org if row is not None else ""
        with guarded(), databases.ledger.begin() as connection:
            note(connection, Act.LOGIN_FAILED, by, org=org, subject=folded(login), outcome=Outcome.REFUSED)
        return None
    if passwords.is_outdated(kept):
        anew = passwords.hash(password)
        same = update(UserRow).where(UserRow.user_id == row.user_id, UserRow.password == kept)
        with guarded(), databases.ledger.begin() as connection:
            connection.execute(same.values(password=anew))
    return user_of(row)


def is_password_of(databases: Databases, passwords: Passwords, user_id: str, password: str) -> bool:
    """Whether it is this user's, asked again before something is changed."""
    with guarded(), reading(databases.ledger) as connection:
        kept = connection.execute(
            select(UserRow.password).where(UserRow.user_id == user_id)
        ).scalar_one_or_none()
    return passwords.is_right(kept, password)


def flaw_for(user: User, password: str, settings: Settings) -> Flaw | None:
    """What is wrong with a password for this user."""
    return flaw_of(password, (user.login, user.name, user.org), settings.passwords_refused)


def set_password_by_link(
    databases: Databases, passwords: Passwords, token: str, password: str, by: By
) -> User | None:
    """First or new password by a link that is good once; None where it is no good any more. All sessions end."""
    hashed = passwords.hash(password)
    with guarded(), databases.ledger.begin() as connection:
        once = take(connection, token, Purpose.INVITE, Purpose.RESET)
        query = select(UserRow).where(
            UserRow.user_id == (once.user_id if once else ""), UserRow.state.in_(_OPEN)
        )
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            return None
        _set_password(connection, row.user_id, hashed)
        end_sessions(connection, row.user_id, "password")
        note(connection, Act.PASSWORD_SET, _as_user(row.user_id, by), org=row.org, subject=row.login)
        return user_of(connection.execute(select(UserRow).where(UserRow.user_id == row.user_id)).one())


def change_password(
    databases: Databases, passwords: Passwords, user: User, password: str, by: By, session_no: str
) -> None:
    """Another password; all other sessions of this user end, and links for a new one are no good any more."""
    hashed = passwords.hash(password)
    with guarded(), databases.ledger.begin() as connection:
        _set_password(connection, user.user_id, hashed)
        end_sessions(connection, user.user_id, "password", but=session_no)
        links = update(OneTimeRow).where(OneTimeRow.user_id == user.user_id, OneTimeRow.used_at.is_(None))
        connection.execute(links.values(used_at=local_now()))
        note(connection, Act.PASSWORD_SET, by, org=user.org, subject=user.login)


def offer_totp(databases: Databases, user_id: str) -> str | None:
    """A new secret to be confirmed by a first code; None where a second factor is in force already."""
    secret = second_factor.new_secret()
    query = update(UserRow).where(UserRow.user_id == user_id, UserRow.totp_since.is_(None))
    with guarded(), databases.ledger.begin() as connection:
        offered = connection.execute(query.values(totp_secret=secret)).rowcount == 1
    return secret if offered else None


def offered_totp(databases: Databases, user_id: str) -> str | None:
    """The secret that was offered and is not yet confirmed."""
    query = select(UserRow.totp_secret).where(UserRow.user_id == user_id, UserRow.totp_since.is_(None))
    with guarded(), reading(databases.ledger) as connection:
        return connection.execute(query).scalar_one_or_none()


def confirm_totp(databases: Databases, user: User, code: str, by: By) -> Sequence[str] | None:
    """The second factor is in force from now on: the recovery codes, shown this once; None for a wrong code."""
    with guarded(), databases.ledger.begin() as connection:
        query = select(UserRow.totp_secret).where(
            UserRow.user_id == user.user_id, UserRow.totp_since.is_(None)
        )
        secret = connection.execute(query.with_for_update()).scalar_one_or_none()
        if secret is None or not _spend_step(connection, user.user_id, secret, code):
            note(connection, Act.CODE_FAILED, by, org=user.org, subject=user.login, outcome=Outcome.REFUSED)
            return None
        since = update(UserRow).where(UserRow.user_id == user.user_id)
        connection.execute(since.values(totp_since=local_now()))
        note(connection, Act.TOTP_SET, by, org=user.org, subject=user.login)
        return _new_codes(connection, user, by)


def check_code(databases: Databases, user: User, code: str, by: By) -> bool:
    """Whether this is a one-time code that was not used yet, or an unused recovery code; either is used up by it."""
    with guarded(), databases.ledger.begin() as connection:
        query = select(UserRow.totp_secret).where(
            UserRow.user_id == user.user_id, UserRow.totp_since.is_not(None)
        )
        secret = connection.execute(query).scalar_one_or_none()
        if secret is not None and _spend_step(connection, user.user_id, secret, code):
            return True
        if secret is not None and _spend_recovery_code(connection, user.user_id, code):
            note(connection, Act.RECOVERY_CODE_USED, by, org=user.org, subject=user.login)
            return True
        note(connection, Act.CODE_FAILED, by, org=user.org, subject=user.login, outcome=Outcome.REFUSED)
        return False


def remove_totp(databases: Databases, user: User, by: By) -> None:
    """No second factor any more, for whom it is optional."""
    with guarded(), databases.ledger.begin() as connection:
        forget_second_factor(connection, user.user_id)
        note(connection, Act.TOTP_REMOVED, by, org=user.org, subject=user.login)


def new_codes(databases: Databases, user: User, by: By) -> Sequence[str]:
    """New recovery codes, shown this once; the old ones are no good any more."""
    with guarded(), databases.ledger.begin() as connection:
        return _new_codes(connection, user, by)


def codes_left(databases: Databases, user_id: str) -> int:
    """How many recovery codes are still good."""
    query = select(func.count()).where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None))
    with guarded(), reading(databases.ledger) as connection:
        return connection.execute(query).scalar_one()


def forget_second_factor(connection: Connection, user_id: str) -> None:
    """Secret and recovery codes are gone; the last step stays, so that no code comes back to life."""
    connection.execute(
        update(UserRow).where(UserRow.user_id == user_id).values(totp_secret=None, totp_since=None)
    )
    connection.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))


def _set_password(connection: Connection, user_id: str, hashed: str) -> None:
    values = {"password": hashed, "password_at": local_now(), "state": UserState.ACTIVE.value}
    connection.execute(update(UserRow).where(UserRow.user_id == user_id).values(values))


def _spend_step(connection: Connection, user_id: str, secret: str, code: str) -> bool:
    """Whether the code is right and later than any used before: a code seen over a shoulder is good for nothing."""
    step = second_factor.step_of(secret, code, local_now() // _SECOND_US)
    if step is None:
        return False
    later = update(UserRow).where(UserRow.user_id == user_id, UserRow.totp_step < step)
    return connection.execute(later.values(totp_step=step)).rowcount == 1


def _spend_recovery_code(connection: Connection, user_id: str, code: str) -> bool:
    query = update(RecoveryCodeRow).where(
        RecoveryCodeRow.user_id == user_id,
        RecoveryCodeRow.code_sha256 == second_factor.recovery_hash(user_id, code[:100]),
        RecoveryCodeRow.used_at.is_(None),
    )
    return connection.execute(query.values(used_at=local_now())).rowcount == 1


def _new_codes(connection: Connection, user: User, by: By) -> Sequence[str]:
    codes = second_factor.new_recovery_codes()
    connection.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user.user_id))
    hashes = [second_factor.recovery_hash(user.user_id, code) for code in codes]
    connection.execute(
        insert(RecoveryCodeRow), [{"user_id": user.user_id, "code_sha256": digest} for digest in hashes]
    )
    note(connection, Act.RECOVERY_CODES_MADE, by, org=user.org, subject=user.login)
    return codes


def _as_user(user_id: str, by: By) -> By:
    return By(f"user:{user_id}", by.address)
