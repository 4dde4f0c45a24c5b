"""The state's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "state_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _alert_changes()
    _alerts()
    _alerts_out()
    _key_facts()
    _keys()
    _leases()
    _parked()
    _positions()
    _subjects()


def downgrade() -> None:
    """Undo it; only tests go back."""
    for table in [
        "alert_changes",
        "alerts",
        "alerts_out",
        "key_facts",
        "keys",
        "leases",
        "parked",
        "positions",
        "subjects",
    ]:
        op.drop_table(table)


def _alert_changes() -> None:
    op.create_table(
        "alert_changes",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("concern", "key", "cause", "ordinal"),
    )
    op.create_index("alert_changes_alert", "alert_changes", ["alert_id"], unique=False)
    op.create_index("alert_changes_no", "alert_changes", ["change_no"], unique=True)
    op.create_index(
        "alert_changes_unnumbered",
        "alert_changes",
        ["changed_at"],
        unique=False,
        postgresql_where=sa.text("change_no IS NULL"),
        sqlite_where=sa.text("change_no IS NULL"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("site", sa.String(length=31), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        sa.Column("cleared_because", sa.String(length=12), nullable=True),
        sa.Column("conduct_at", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("amounts", sa.LargeBinary(), nullable=False),
        sa.Column("parties", sa.LargeBinary(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("alerts_key", "alerts", ["concern", "key"], unique=False)
    op.create_index("alerts_kind", "alerts", ["kind", "raised_at"], unique=False)
    op.create_index("alerts_open", "alerts", ["condition", "severity", "raised_at"], unique=False)
    op.create_index("alerts_raised", "alerts", ["raised_at", "alert_id"], unique=False)
    op.create_index("alerts_site", "alerts", ["site"], unique=False)


def _alerts_out() -> None:
    op.create_table(
        "alerts_out",
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )


def _key_facts() -> None:
    op.create_table(
        "key_facts",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("concern", "key", "seq"),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("law_seq", sa.BigInteger(), nullable=False),
        sa.Column("latest_at", sa.BigInteger(), nullable=False),
        sa.Column("latest_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("concern", "key"),
    )
    op.create_index("keys_shard", "keys", ["concern", "shard"], unique=False)


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _parked() -> None:
    op.create_table(
        "parked",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("concern", "key"),
    )


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("applied_seq", sa.BigInteger(), nullable=False),
        sa.Column("tick_at", sa.BigInteger(), nullable=False),
        sa.Column("law_seq", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kafka_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("concern", "shard"),
    )


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("next_change_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("concern", "key", "subject"),
    )
    op.create_index(
        "subjects_due",
        "subjects",
        ["concern", "shard", "next_change_at"],
        unique=False,
        postgresql_where=sa.text("next_change_at IS NOT NULL"),
        sqlite_where=sa.text("next_change_at IS NOT NULL"),
    )
