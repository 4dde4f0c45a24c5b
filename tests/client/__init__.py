"""Tests of the client, of what is built on it, and of the sandbox that vendors try theirs against."""
