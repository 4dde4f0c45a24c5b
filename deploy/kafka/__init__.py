"""A local Apache Kafka for tests and `feilian up --kafka`."""
