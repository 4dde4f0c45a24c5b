"""Pages: on SQLite with a small ledger, and in a real browser."""
