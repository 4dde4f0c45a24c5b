"""The state database's table for where each alert belongs."""

import sqlalchemy as sa
from alembic import op

revision = "state_0002"
down_revision = "state_0001"
branch_labels = None
depends_on = None

# Of alerts that are there already their own site; the other ends come with their next change.
_OWN_SITES = (
    "INSERT INTO alert_places (alert_id, region, medical) SELECT alert_id, substr(site, 1, 6), {no} FROM alerts "
    "WHERE length(site) >= 6"
)


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "alert_places",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("medical", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "region"),
    )
    op.create_index("alert_places_region", "alert_places", ["region", "alert_id"], unique=False)
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.execute(_OWN_SITES.format(no="false" if on_postgres else "0"))


def downgrade() -> None:
    """Undo it; only tests go back."""
    op.drop_table("alert_places")
