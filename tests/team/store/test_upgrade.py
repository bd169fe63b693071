"""Databases of every released version are brought to the newest schema, and nothing of them is lost."""

import asyncio
import contextlib
import sqlite3
import subprocess
from pathlib import Path

import pytest
from lived_in_database import live, look
from postgres_server import OWNER, PostgresServer

from victor_server.team.store import schema
from victor_server.team.store.database import Database
from victor_server.team.store.migrate import migrate, migrate_sqlite
from victor_server.team.store.postgres import open_postgres
from victor_server.team.store.sqlite import open_sqlite

DUMPS = Path(__file__).parent / "dumps"
VERSIONS = sorted(folder.name for folder in DUMPS.iterdir())


def test_the_first_release_is_among_them() -> None:
    """A dump of each database."""
    assert VERSIONS[0] == "0.1.0"
    assert all({file.stem for file in (DUMPS / v).iterdir()} == {"sqlite", "postgresql"} for v in VERSIONS)


def test_the_newest_dump_has_the_newest_schema(tmp_path: Path) -> None:
    """A table that is changed needs a step of its own, and with the release a dump."""
    migrate_sqlite(tmp_path / "fresh.db")
    tables = "select name, sql from sqlite_master where name not like 'sqlite_%' order by name"
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript((DUMPS / VERSIONS[-1] / "sqlite.sql").read_text())
        dumped = db.execute(tables).fetchall()
    with contextlib.closing(sqlite3.connect(tmp_path / "fresh.db")) as db:
        assert db.execute(tables).fetchall() == dumped


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_file_of(version: str, tmp_path: Path) -> None:
    """SQLite: opened, and thereby upgraded; every table has rows, what is sealed opens, the log verifies."""
    with contextlib.closing(sqlite3.connect(tmp_path / "team.db")) as db:
        db.executescript((DUMPS / version / "sqlite.sql").read_text())
    database = await open_sqlite(tmp_path / "team.db")
    try:
        counts = await look(database)
        assert min(counts.values()) > 0, counts
        async with database.reading(None) as tx:
            assert await tx.rows("select version_num from alembic_version") == [
                {"version_num": schema.NEWEST}
            ]
    finally:
        await database.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_database_of(version: str, postgres: PostgresServer) -> None:
    """PostgreSQL: restored by its owner from what `pg_dump` wrote, migrated, opened as the backend's role."""
    async with postgres.empty_database() as name:
        await asyncio.to_thread(_restore, postgres, name, DUMPS / version / "postgresql.sql")
        await migrate(postgres.url(name, OWNER), postgres.url(name))
        database = await open_postgres(postgres.url(name))
        try:
            counts = await look(database)
            assert min(counts.values()) > 0, counts
        finally:
            await database.close()


def _restore(postgres: PostgresServer, name: str, file: Path) -> None:
    words = [str(postgres.programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", postgres.url(name, OWNER)]
    subprocess.run([*words, "-f", str(file)], check=True, capture_output=True)


async def test_what_is_dumped_is_what_this_version_writes(database: Database) -> None:
    """The filling of a dump works on both databases as they are now."""
    await live(database)
    assert min((await look(database)).values()) > 0
