"""How databases get to the newest schema, and what a start says of those that are not there."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from postgres_server import APP, OWNER, PostgresServer

from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store import migrations, schema
from victor_server.team.store.migrate import Migrated, migrate, migrate_sqlite
from victor_server.team.store.open import open_database
from victor_server.team.store.postgres import open_postgres
from victor_server.team.store.steps import script

SCHEMA = "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by name"


def test_the_newest_step_is_the_one_that_is_known() -> None:
    """A start compares a constant: it does not load alembic to ask."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.NEWEST]


def test_a_fresh_file_is_what_the_steps_make(tmp_path: Path) -> None:
    """Made without alembic, and the same table for table."""
    assert migrate_sqlite(tmp_path / "fresh.db") == Migrated(None, schema.NEWEST)
    assert migrate_sqlite(tmp_path / "fresh.db") == Migrated(schema.NEWEST, schema.NEWEST)
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "fresh.db")) as fresh,
        contextlib.closing(sqlite3.connect(tmp_path / "stepped.db")) as stepped,
    ):
        stepped.executescript(script("sqlite", None))
        made = [
            [(kind, name, _bare(sql)) for kind, name, sql in db.execute(SCHEMA)] for db in (fresh, stepped)
        ]
        assert made[0] == made[1]
        assert len(made[0]) > 25
        assert [db.execute("select * from alembic_version").fetchall() for db in (fresh, stepped)] == [
            [(schema.NEWEST,)],
            [(schema.NEWEST,)],
        ]


def _holds(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _bare(sql: str) -> str:
    """A statement without what alembic writes otherwise: blanks, capitals, the name of the version's key."""
    words = sql.lower().replace("constraint alembic_version_pkc primary key (version_num)", "").split()
    return "".join(words).replace("primarykey", "").replace(",)", ")")


async def test_two_that_migrate_at_once(postgres: PostgresServer) -> None:
    """One does it, the other finds it done."""
    async with _empty(postgres) as (owner_url, app_url):
        done = await asyncio.gather(*(migrate(owner_url, app_url) for _ in range(3)))
        assert sorted(done, key=lambda one: one.before or "") == [
            Migrated(None, schema.NEWEST),
            Migrated(schema.NEWEST, schema.NEWEST),
            Migrated(schema.NEWEST, schema.NEWEST),
        ]
        await (await open_postgres(app_url)).close()


async def test_a_step_that_fails_changes_nothing(postgres: PostgresServer) -> None:
    """All in one transaction: no table is left, not even a note of the version."""
    async with _empty(postgres) as (owner_url, app_url):
        owner = await asyncpg.connect(owner_url)
        await owner.execute("create table audit_heads (in_the_way int)")
        with pytest.raises(RuntimeError, match="DuplicateTable"):
            await migrate(owner_url, app_url)
        rows = await owner.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        await owner.close()
        assert [row["relname"] for row in rows] == ["audit_heads"]


async def test_a_start_says_what_to_do(postgres: PostgresServer, tmp_path: Path) -> None:
    """Of a database without tables, of an older and of a newer schema; and it changes none of them."""
    async with _empty(postgres) as (owner_url, app_url):
        settings = DatabaseSettings(url=app_url)
        with pytest.raises(StoreFailed, match="no tables") as caught:
            await open_database(settings, tmp_path)
        assert "victor team migrate" in caught.value.fix
        await migrate(owner_url, app_url)
        owner = await asyncpg.connect(owner_url)
        for version, said, fix in (("0000", "older", "migrate"), ("9999", "newer", "Update Victor")):
            await owner.execute("update alembic_version set version_num = $1", version)
            with pytest.raises(StoreFailed, match=said) as caught:
                await open_database(settings, tmp_path)
            assert fix in caught.value.fix
        with pytest.raises(StoreFailed, match="newer"):
            await migrate(owner_url, app_url)
        await owner.close()


async def test_what_migrate_cannot_work_with(postgres: PostgresServer) -> None:
    """No such role, no role at all, the owner's own role, a role that may not make tables."""
    async with _empty(postgres) as (owner_url, app_url):
        with pytest.raises(StoreFailed, match="knows no role nobody"):
            await migrate(owner_url, app_url.replace(APP, "nobody"))
        with pytest.raises(SettingsError, match="names no role"):
            await migrate(owner_url, app_url.replace(f"{APP}@", ""))
        with pytest.raises(StoreFailed, match="owns the tables"):
            await migrate(owner_url, owner_url)
        with pytest.raises(StoreFailed, match="does not allow"):
            await migrate(app_url)
        await migrate(owner_url, app_url)


@pytest.mark.parametrize("url", ["mysql://user:word@host/x", "sqlite://", "sqlite:///", "team.db"])
async def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    """It is not repeated: a password may stand in it."""
    with pytest.raises(SettingsError) as caught:
        await open_database(DatabaseSettings(url=url), tmp_path)
    assert "word" not in caught.value.message
    assert not _holds(tmp_path)


@pytest.mark.parametrize("url", ["", "sqlite:///team.db", "sqlite:///{home}/team.db"])
async def test_a_file_lies_at_home(tmp_path: Path, url: str) -> None:
    """Where nothing else is said."""
    database = await open_database(DatabaseSettings(url=url.format(home=tmp_path)), tmp_path)
    await database.close()
    assert (tmp_path / "team.db").is_file()


def test_a_start_loads_nothing_of_alembic(tmp_path: Path) -> None:
    """Neither one on a bare machine, as long as there is one step, nor the next; and SQLite does without asyncpg."""
    program = """
import asyncio, pathlib, sys
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.open import open_database
async def main():
    await (await open_database(DatabaseSettings(url=""), pathlib.Path(sys.argv[1]))).close()
asyncio.run(main())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"alembic", "sqlalchemy", "asyncpg", "mako"}))
"""
    loaded = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert loaded[1] == "[]"
    assert loaded[0] == "[]" or schema.NEWEST != schema.FIRST


@contextlib.asynccontextmanager
async def _empty(postgres: PostgresServer) -> AsyncIterator[tuple[str, str]]:
    """A database without tables: that of its owner, and of the backend."""
    async with postgres.empty_database() as name:
        yield postgres.url(name, OWNER), postgres.url(name)
