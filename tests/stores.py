"""Fixtures of stores for all tests of the backend: `database` runs a test on SQLite and on a real PostgreSQL.

`tests/team/conftest.py` brings them to every test below it; elsewhere, import them by name into a conftest. A test that
is about one of them alone asks for `sqlite_database` or `postgres_database`; one that starts a backend itself takes
`database_settings`. `postgres` and `redis` are the servers, for tests that stop them (and start them again at the end).
`oidc` is the identity provider.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from oidc_server import OidcServer, running_oidc
from postgres_server import OWNER, PostgresServer, running_postgres
from redis_server import RedisServer, running_redis

from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Database
from victor_server.team.store.open import open_database


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A cluster, started once with the first test that needs it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server, started once with the first test that needs it."""
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def oidc() -> Iterator[OidcServer]:
    """An identity provider, started once with the first test that needs it."""
    with running_oidc() as server:
        yield server


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> DatabaseSettings:
    """A file that is not there yet."""
    return DatabaseSettings(url=f"sqlite:///{tmp_path / 'team.db'}")


@pytest.fixture
async def postgres_settings(postgres: PostgresServer) -> AsyncIterator[DatabaseSettings]:
    """A database of the newest schema, without rows."""
    async with postgres.new_database() as name:
        yield DatabaseSettings(url=postgres.url(name), owner_url=postgres.url(name, OWNER), pool_size=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_settings(request: pytest.FixtureRequest) -> DatabaseSettings:
    """Either."""
    name = "sqlite_settings" if request.param == "sqlite" else "postgres_settings"
    settings: DatabaseSettings = request.getfixturevalue(name)
    return settings


@pytest.fixture
async def sqlite_database(sqlite_settings: DatabaseSettings, tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite, open."""
    database = await open_database(sqlite_settings, tmp_path)
    yield database
    await database.close()


@pytest.fixture
async def postgres_database(postgres_settings: DatabaseSettings, tmp_path: Path) -> AsyncIterator[Database]:
    """PostgreSQL, open as the role that a backend runs as."""
    database = await open_database(postgres_settings, tmp_path)
    yield database
    await database.close()


@pytest.fixture
async def database(database_settings: DatabaseSettings, tmp_path: Path) -> AsyncIterator[Database]:
    """Either, open: a test that asks for it runs twice."""
    opened = await open_database(database_settings, tmp_path)
    yield opened
    await opened.close()
