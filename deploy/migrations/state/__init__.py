"""The versions of the state's tables, oldest first; Alembic reads them."""
