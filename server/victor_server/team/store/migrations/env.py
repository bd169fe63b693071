"""Writes the steps between two versions as SQL, for whoever runs them in a transaction of their own."""

from alembic import context

context.configure(dialect_name=context.config.attributes["dialect"])
context.run_migrations()
