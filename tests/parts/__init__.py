"""Real Kafka, PostgreSQL, Chromium, Node and docker-compose as fixtures, and the proof that they behave as we rely on."""
