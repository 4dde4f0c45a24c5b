"""The ledger database's tables for warnings counted."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0005"
down_revision = "ledger_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "warnings_counted",
        sa.Column("org", sa.String(18), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "day", "code", "kind"),
    )
    op.create_index("warnings_counted_day", "warnings_counted", ["day"])


def downgrade() -> None:
    """Undo it; only tests go back."""
    op.drop_table("warnings_counted")
