"""What starts the system: command line, simulator, local Kafka and PostgreSQL, migrations."""
