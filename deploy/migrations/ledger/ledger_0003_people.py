"""The ledger database's tables for people and their sessions."""

import sqlalchemy as sa
from alembic import op

from models.tables_people import APPEND_ONLY

revision = "ledger_0003"
down_revision = "ledger_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _users()
    _recovery_codes()
    _one_time_tokens()
    _sessions()
    _credential_events()


def downgrade() -> None:
    """Undo it; only tests go back."""
    for table in ("credential_events", "sessions", "one_time_tokens", "recovery_codes", "users"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION credential_events_append_only()")


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=16), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("user_right", sa.String(length=16), nullable=False),
        sa.Column("regulator_kind", sa.String(length=16), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("password_at", sa.BigInteger(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_since", sa.BigInteger(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_login_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_index("users_login", "users", ["login"], unique=True)
    op.create_index("users_oidc_subject", "users", ["oidc_subject"], unique=True)
    op.create_index("users_org", "users", ["org"], unique=False)


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.String(length=16), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "code_sha256"),
    )


def _one_time_tokens() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.String(length=16), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_index("one_time_tokens_expiry", "one_time_tokens", ["expires_at"], unique=False)
    op.create_index("one_time_tokens_user", "one_time_tokens", ["user_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("sid_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("session_no", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=16), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.String(length=12), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("sid_sha256"),
    )
    op.create_index("sessions_no", "sessions", ["session_no"], unique=True)
    op.create_index("sessions_until", "sessions", ["until"], unique=False)
    op.create_index("sessions_user", "sessions", ["user_id"], unique=False)


def _credential_events() -> None:
    op.create_table(
        "credential_events",
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("actor", sa.String(length=24), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("credential_events_org", "credential_events", ["org", "event_id"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
