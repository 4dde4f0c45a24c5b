"""Kafka's side of the system, on the real broker and on PostgreSQL."""
