"""The ledger database's tables for keys, delegations, clients."""

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""


def downgrade() -> None:
    """Undo it; only tests go back."""
