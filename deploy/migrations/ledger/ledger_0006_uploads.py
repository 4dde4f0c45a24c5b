"""The ledger database's tables for uploads."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0006"
down_revision = "ledger_0005"
branch_labels = None
depends_on = None

_COUNTS = (
    "groups_done",
    "rows_total",
    "rows_read",
    "facts_accepted",
    "facts_known",
    "facts_refused",
    "facts_repeated",
    "warnings",
)


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.Column("org", sa.String(18), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("stated", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(4), nullable=False),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id"),
    )
    op.create_index("uploads_org", "uploads", ["org", "created_at"])
    op.create_index("uploads_state", "uploads", ["state", "claimed_until"])
    op.create_table(
        "upload_pieces",
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "part", "ordinal"),
    )


def downgrade() -> None:
    """Undo it; only tests go back."""
    op.drop_table("upload_pieces")
    op.drop_table("uploads")
