"""SQL tables of people who log in: users, recovery codes, one-time links, sessions, what was done with credentials."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase


class UserRow(LedgerBase):
    """A person of an organisation. `login` is folded to lower case; `roles` is comma-separated, the usual one first.

    `totp_secret` counts once `totp_since` is set; `totp_step` is the last step used, so that none is used twice.
    """

    __tablename__ = "users"
    user_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    login: Mapped[str] = mapped_column(String(120))
    name: Mapped[str]
    org: Mapped[str] = mapped_column(String(18))
    roles: Mapped[str]
    user_right: Mapped[str] = mapped_column(String(16))
    regulator_kind: Mapped[str | None] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    lang: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(8))
    password: Mapped[str | None]
    password_at: Mapped[int | None]
    totp_secret: Mapped[str | None]
    totp_since: Mapped[int | None]
    totp_step: Mapped[int]
    oidc_subject: Mapped[str | None]
    created_at: Mapped[int]
    last_login_at: Mapped[int | None]
    __table_args__ = (
        Index("users_login", "login", unique=True),
        Index("users_oidc_subject", "oidc_subject", unique=True),
        Index("users_org", "org"),
    )


class RecoveryCodeRow(LedgerBase):
    """A recovery code, hashed; it has 80 random bits. Good once."""

    __tablename__ = "recovery_codes"
    user_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[int | None]


class OneTimeRow(LedgerBase):
    """A link or number that is good once and for a short time; only its SHA-256 is kept. `data` is canonical JSON."""

    __tablename__ = "one_time_tokens"
    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[str | None] = mapped_column(String(16))
    key_id: Mapped[str | None] = mapped_column(String(16))
    data: Mapped[str]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    used_at: Mapped[int | None]
    __table_args__ = (
        Index("one_time_tokens_user", "user_id"),
        Index("one_time_tokens_expiry", "expires_at"),
    )


class SessionRow(LedgerBase):
    """A login. The cookie's number is kept hashed; `session_no` names it in lists. Instants are microseconds UTC.

    `ended` says why it is over, where it did not just run out.
    """

    __tablename__ = "sessions"
    sid_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    session_no: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str | None] = mapped_column(String(16))
    key_id: Mapped[str | None] = mapped_column(String(16))
    org: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(8))
    way: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[int]
    seen_at: Mapped[int]
    until: Mapped[int]
    ended_at: Mapped[int | None]
    ended: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(120))
    __table_args__ = (
        Index("sessions_no", "session_no", unique=True),
        Index("sessions_user", "user_id"),
        Index("sessions_until", "until"),
    )


class CredentialEvent(LedgerBase):
    """What somebody did with credentials, append-only; there is never a secret in it. `org` is whom it is shown to.

    `event_id` sorts by time: 16 hex digits of the instant, then 16 random ones.
    """

    __tablename__ = "credential_events"
    event_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[int]
    org: Mapped[str] = mapped_column(String(18))
    actor: Mapped[str] = mapped_column(String(24))
    act: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(45))
    detail: Mapped[str] = mapped_column(String(200))
    __table_args__ = (Index("credential_events_org", "org", "event_id"),)


# What was done cannot be undone, nor told otherwise afterwards: the databases themselves refuse.
APPEND_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS credential_events_no_{verb.lower()} BEFORE {verb} ON credential_events "
        "BEGIN SELECT RAISE(ABORT, 'credential_events is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION credential_events_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'credential_events is append-only'; END $$",
        "CREATE OR REPLACE TRIGGER credential_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON credential_events EXECUTE FUNCTION credential_events_append_only()",
    ),
}


@event.listens_for(CredentialEvent.__table__, "after_create")
def _guard(_table: object, connection: Connection, **_: Any) -> None:
    """Where tables are made without migrations."""
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
