"""The versions of the ledger's tables, oldest first; Alembic reads them."""
