"""A SQLite database with one tenant, for tests of what is sealed and recorded in it."""

import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.store.sqlite import SqliteDatabase
from victor_server.team.store.tables import statements

TENANT = "default"
LOG = "log-of-default"


def master(word: bytes = b"first") -> MasterKeyBytes:
    """A master key of a test's own."""
    import hashlib

    return MasterKeyBytes(hashlib.sha256(b"of tests: " + word).digest())


def make_tables(file: Path) -> None:
    """The tables, and the tenant."""
    db = sqlite3.connect(file)
    with contextlib.closing(db), db:
        for statement in statements():
            db.execute(statement)
        db.execute("insert into tenants (name, log, created_us) values (?, ?, 0)", (TENANT, LOG))


@contextlib.asynccontextmanager
async def opened(file: Path) -> AsyncIterator[SqliteDatabase]:
    """The database in `file`, made if it is not there."""
    if not os.path.exists(file):  # noqa: ASYNC240,PTH110 - of a test's own disk
        make_tables(file)
    database = SqliteDatabase(file)
    try:
        yield database
    finally:
        await database.close()
