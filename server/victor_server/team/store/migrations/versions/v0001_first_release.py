"""The tables of version 0.1.0, and who may see which of their rows."""

from alembic import op

from victor_server.team.store import isolation, tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    for statement in tables.statements():
        op.execute(statement)
    if op.get_context().dialect.name == "postgresql":
        for statement in isolation.statements():
            op.execute(statement)
