"""Looks into a database as it lies there: nothing is made, upgraded or locked, and a backend may run on it."""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from victor_server.errors import StoreFailed
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Transaction
from victor_server.team.store.open import POSTGRESQL, open_database, sqlite_file


@contextlib.asynccontextmanager
async def looking(settings: DatabaseSettings, home: Path) -> AsyncIterator[Transaction | None]:
    """A transaction that only reads; None where a first start makes the tables. Raises `StoreFailed`, `SettingsError`."""
    if not settings.url.startswith(POSTGRESQL):
        with _looking_into(sqlite_file(settings.url, home)) as tx:
            yield tx
        return
    database = await open_database(settings, home)
    try:
        await database.check()
        async with database.reading(None) as tx:
            yield tx
    finally:
        await database.close()


@contextlib.contextmanager
def _looking_into(file: Path) -> Iterator[Transaction | None]:
    from victor_server.team.store.sqlite_errors import translated
    from victor_server.team.store.sqlite_file import checked_version, connect_to_look
    from victor_server.team.store.sqlite_transaction import SqliteTransaction

    if not file.exists():
        _require_room_for(file)
        yield None
        return
    with contextlib.closing(connect_to_look(file)) as db:
        with translated():
            db.execute("begin")
            version = checked_version(db)
        yield None if version is None else SqliteTransaction(db)


def _require_room_for(file: Path) -> None:
    folder = next(each for each in file.absolute().parents if each.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise StoreFailed(
            f"The database {file} is not there, and cannot be made.", "Let its folder be the backend's own."
        )
