"""People who log in: what they may do, and what is kept of it. Used by streams, the pages and `feilian users`."""

from enum import StrEnum
from typing import Final

from models.access import SCOPES_OF, Scope
from models.facts.base import Role
from models.roles import READS_ALL

MINUTE_US: Final = 60 * 1_000_000
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US


class Right(StrEnum):
    """权限: how far a person may act for the organisation."""

    ADMINISTRATOR = "administrator"  # 管理员: also users, keys, delegations.
    CLERK = "clerk"  # 填报人: states facts and reads.
    READER = "reader"  # 查阅人: reads.


class UserState(StrEnum):
    """Where a user stands; only an active one can log in."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    ENDED = "ended"


class Stage(StrEnum):
    """How far a login has come; only a whole one sees pages."""

    CODE = "code"  # The password was right, the one-time code is still asked for.
    ENROL = "enrol"  # The password was right, and a second factor has to be set up first.
    WHOLE = "whole"


class Way(StrEnum):
    """By what a session was opened."""

    PASSWORD = "password"
    OIDC = "oidc"
    KEY = "key"
    LINK = "link"


class Purpose(StrEnum):
    """What a one-time link or number is for."""

    INVITE = "invite"  # First login: sets the password.
    RESET = "reset"  # A new password.
    ENTER = "enter"  # Opens a session bound to a key; printed by `feilian up`.
    OIDC = "oidc"  # The `state` of a login at an identity provider.


class Act(StrEnum):
    """What is done with credentials; a closed set, kept in `credential_events` and counted."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    CODE_FAILED = "code_failed"
    HELD_OFF = "held_off"  # Too many failures: not even looked at.
    LOGGED_OUT = "logged_out"
    SESSION_ENDED = "session_ended"
    ROLE_TAKEN = "role_taken"
    INVITED = "invited"
    LINK_MADE = "link_made"
    PASSWORD_SET = "password_set"
    PASSWORD_REFUSED = "password_refused"
    TOTP_SET = "totp_set"
    TOTP_REMOVED = "totp_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    USER_LOCKED = "user_locked"
    USER_UNLOCKED = "user_unlocked"
    USER_ENDED = "user_ended"
    RIGHT_CHANGED = "right_changed"
    OIDC_BOUND = "oidc_bound"
    OIDC_REFUSED = "oidc_refused"
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    DELEGATION_GIVEN = "delegation_given"
    DELEGATION_ENDED = "delegation_ended"


class Outcome(StrEnum):
    """Whether it was done."""

    DONE = "done"
    REFUSED = "refused"


_READING: Final = frozenset({Scope.FACTS_READ, Scope.ALERTS_READ})


def scopes_of_right(right: Right, role: Role) -> frozenset[Scope]:
    """What a session of such a person is good for, never more than the role allows. Whoever audits may ask who read what."""
    if right is Right.ADMINISTRATOR:
        return SCOPES_OF[role]
    reading = _READING | {Scope.AUDIT_READ} if role is Role.AUDITOR else _READING
    return SCOPES_OF[role] & (reading | {Scope.FACTS_WRITE} if right is Right.CLERK else reading)


def needs_second_factor(right: Right, roles: tuple[Role, ...]) -> bool:
    """Whoever sees others' data, or gives out credentials, logs in with a one-time code as well."""
    return right is Right.ADMINISTRATOR or not READS_ALL.isdisjoint(roles)
