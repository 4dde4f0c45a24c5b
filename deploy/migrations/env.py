"""What Alembic runs for each command: on the connection it is given by deploy.migrations, never one of its own."""

from alembic import context

from deploy.migrations import METADATA, version_table

line = context.config.attributes["line"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA[line],
    version_table=version_table(line),
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
