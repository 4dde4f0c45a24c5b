"""Readers of what was published: webhooks, archive, cross-check, replay and verification."""
