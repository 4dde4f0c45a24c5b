"""The ledger database's tables for keys, delegations, clients."""

import sqlalchemy as sa
from alembic import op

from models.access import KEY_DAYS, scopes_by_default
from models.exact import DAY_US
from models.facts.base import Role
from streams.clock import local_now

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _keys_live_for_a_year()
    _organisations()
    _delegations()
    _token_keys()
    _fact_senders()


def downgrade() -> None:
    """Undo it; only tests go back."""
    for table in ("organisations", "delegations", "token_keys", "fact_senders"):
        op.drop_table(table)
    with op.batch_alter_table("access_keys") as batch:
        batch.drop_index("access_keys_org")
        batch.drop_index("access_keys_lineage")
        for column in ("lineage", "expires_at", "last_used_at", "scopes", "allow", "regulator", "region"):
            batch.drop_column(column)


def _keys_live_for_a_year() -> None:
    """Keys that are there get what their role gets by default, and a year from now."""
    with op.batch_alter_table("access_keys") as batch:
        batch.add_column(sa.Column("lineage", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("expires_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("last_used_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("scopes", sa.Text(), nullable=True))
        batch.add_column(sa.Column("allow", sa.Text(), nullable=True))
        batch.add_column(sa.Column("regulator", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("region", sa.String(length=6), nullable=True))
    for role in Role:
        op.execute(
            sa.text(
                "UPDATE access_keys SET lineage = key_id, expires_at = :until, scopes = :scopes, allow = '', "
                "region = '', regulator = CASE WHEN role = 'regulator' THEN 'environment' END WHERE role = :role"
            ).bindparams(
                until=local_now() + KEY_DAYS * DAY_US,
                scopes=" ".join(sorted(scopes_by_default(role))),
                role=role.value,
            )
        )
    with op.batch_alter_table("access_keys") as batch:
        batch.alter_column("lineage", existing_type=sa.String(length=16), nullable=False)
        batch.alter_column("expires_at", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("scopes", existing_type=sa.Text(), nullable=False)
        batch.alter_column("allow", existing_type=sa.Text(), nullable=False)
        batch.alter_column("region", existing_type=sa.String(length=6), nullable=False)
        batch.create_index("access_keys_org", ["org"])
        batch.create_index("access_keys_lineage", ["lineage"])


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org"),
    )


def _delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("delegation_id", sa.String(length=16), nullable=False),
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("delegate", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("delegation_id"),
    )
    op.create_index("delegations_delegate", "delegations", ["delegate", "org"], unique=False)
    op.create_index("delegations_org", "delegations", ["org"], unique=False)


def _token_keys() -> None:
    op.create_table(
        "token_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signs_until", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kid"),
    )


def _fact_senders() -> None:
    op.create_table(
        "fact_senders",
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("via", sa.String(length=18), nullable=True),
        sa.PrimaryKeyConstraint("first_seq"),
    )
