"""A local PostgreSQL for tests and for trying the production database on one machine."""
