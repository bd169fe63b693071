"""A SQLite database with one tenant, for tests of what is sealed and recorded in it."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.store.database import Database
from victor_server.team.store.open import open_database

TENANT = "default"
LOG = "log-of-default"


def master(word: bytes = b"first") -> MasterKeyBytes:
    """A master key of a test's own."""
    return MasterKeyBytes(hashlib.sha256(b"of tests: " + word).digest())


@contextlib.asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    """The database in `file`, made if it is not there, with the tenant."""
    async with opened_on(DatabaseSettings(url=f"sqlite:///{file}"), file.parent) as database:
        yield database


@contextlib.asynccontextmanager
async def opened_on(settings: DatabaseSettings, folder: Path) -> AsyncIterator[Database]:
    """The database that the settings name, with the tenant."""
    database = await open_database(settings, folder)
    try:
        async with database.transaction(None) as tx:
            made = "insert into tenants (name, log, created_us) values ($1, $2, 0) on conflict do nothing"
            await tx.execute(made, TENANT, LOG)
        yield database
    finally:
        await database.close()
