"""Writes what must be done to bring a schema from one version to the newest, by alembic."""

import io
from pathlib import Path

from victor_server.team.store.database import Dialect


def script(dialect: Dialect, before: str | None) -> str:
    """SQL to be run in one transaction; "" where there is nothing to do. It notes the new version, too."""
    # Loaded here: a backend whose schema is the newest starts without them.
    from alembic import command
    from alembic.config import Config

    written = io.StringIO()
    config = Config(output_buffer=written, attributes={"dialect": dialect})
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, f"{before or 'base'}:head", sql=True)
    return written.getvalue()
