"""The ledger's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    _access_keys()
    _corrections()
    _document_parties()
    _fact_changes()
    _facts()
    _ledger_head()
    _ledger_meta()
    _relay_positions()
    _relay_shards()


def downgrade() -> None:
    """Undo it; only tests go back."""
    for table in [
        "access_keys",
        "corrections",
        "document_parties",
        "fact_changes",
        "facts",
        "ledger_head",
        "ledger_meta",
        "relay_positions",
        "relay_shards",
    ]:
        op.drop_table(table)


def _access_keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("org", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("original_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("correction_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("original_seq"),
    )


def _document_parties() -> None:
    op.create_table(
        "document_parties",
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.Column("stated_by", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("document", "stated_by", "kind"),
    )


def _fact_changes() -> None:
    op.create_table(
        "fact_changes",
        sa.Column("original_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decides", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("original_seq", "seq"),
    )


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("stated_by", sa.String(length=18), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("facts_kind_seq", "facts", ["kind", "seq"], unique=False)
    op.create_index("facts_stated_by_event_id", "facts", ["stated_by", "event_id"], unique=True)


def _ledger_head() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )


def _ledger_meta() -> None:
    op.create_table(
        "ledger_meta",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ledger_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )


def _relay_positions() -> None:
    op.create_table(
        "relay_positions",
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )


def _relay_shards() -> None:
    op.create_table(
        "relay_shards",
        sa.Column("concern", sa.String(length=16), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("concern", "shard"),
    )
