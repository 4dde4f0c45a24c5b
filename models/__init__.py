"""The vocabulary: facts, findings, tables, topics and settings, without IO and without decisions."""
