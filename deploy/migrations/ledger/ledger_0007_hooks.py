"""The ledger database's tables for webhooks and e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0007"
down_revision = "ledger_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _hooks()
    _notify_positions()
    _hook_deliveries()
    _hook_dead_letters()
    _mail_subscriptions()


def downgrade() -> None:
    """Undo it; only tests go back."""
    for table in ("mail_subscriptions", "hook_dead_letters", "hook_deliveries", "notify_positions", "hooks"):
        op.drop_table(table)


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("hook_id", sa.String(length=20), nullable=False),
        *_holder(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", sa.BigInteger(), nullable=True),
        *_made(),
        sa.PrimaryKeyConstraint("hook_id"),
    )
    op.create_index("hooks_org", "hooks", ["org"])


def _holder() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("regulator", sa.String(length=16), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("via", sa.String(length=18), nullable=True),
    )


def _made() -> tuple[sa.Column[int] | sa.Column[str], ...]:
    return (
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
    )


def _notify_positions() -> None:
    op.create_table(
        "notify_positions",
        sa.Column("reader", sa.String(length=20), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )


def _hook_deliveries() -> None:
    op.create_table(
        "hook_deliveries",
        sa.Column("hook_id", sa.String(length=20), nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("webhook_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hook_id", "no"),
    )


def _hook_dead_letters() -> None:
    op.create_table(
        "hook_dead_letters",
        sa.Column("hook_id", sa.String(length=20), nullable=False),
        sa.Column("webhook_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("dead_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hook_id", "webhook_id"),
    )


def _mail_subscriptions() -> None:
    op.create_table(
        "mail_subscriptions",
        sa.Column("subscription_id", sa.String(length=20), nullable=False),
        *_holder(),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("confirm_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("confirm_until", sa.BigInteger(), nullable=True),
        sa.Column("leave_token", sa.String(length=64), nullable=False),
        *_made(),
        sa.PrimaryKeyConstraint("subscription_id"),
    )
    op.create_index("mail_subscriptions_org", "mail_subscriptions", ["org", "address"])
