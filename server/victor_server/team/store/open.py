"""Opens the database that the settings name, of the schema that this version works with."""

from pathlib import Path

from victor_server.errors import SettingsError
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Database

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")


async def open_database(settings: DatabaseSettings, home: Path) -> Database:
    """The database, ready for use. A relative SQLite file lies in `home`; "" is `team.db` there.

    A SQLite file is brought to the newest schema. PostgreSQL must have it already (`StoreFailed` says how), since the
    role that the backend runs as may change no table. Raises `StoreFailed`, `SettingsError`.
    """
    if settings.url.startswith(POSTGRESQL):
        from victor_server.team.store.postgres import open_postgres  # a backend on SQLite does without

        return await open_postgres(settings.url, pool_size=settings.pool_size)
    from victor_server.team.store.sqlite import open_sqlite

    return await open_sqlite(sqlite_file(settings.url, home))


def sqlite_file(url: str, home: Path) -> Path:
    """The file of `sqlite:///FILE`. Raises `SettingsError`, which does not repeat the address: it may hold a password."""
    if not url:
        return home / "team.db"
    if not url.startswith(SQLITE) or len(url) == len(SQLITE):
        raise SettingsError(
            "The database's address is neither sqlite:///FILE nor postgresql://….", "Correct `database.url`."
        )
    return home / url.removeprefix(SQLITE)
