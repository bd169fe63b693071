"""Brings a database to the newest schema, step by step, as the owner of its tables."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.store.rights import grants
from victor_server.team.store.schema import NEWEST, check_known
from victor_server.team.store.steps import script

if TYPE_CHECKING:
    from asyncpg import Connection

_LOCK = 7_311_960_518
"""Any number that nobody else takes: two who migrate at once go one after the other."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The schema's version before (None: there was none) and after."""

    before: str | None
    after: str


async def migrate(owner_url: str, app_url: str = "") -> Migrated:
    """PostgreSQL: all steps in one transaction, alone among all replicas, and the rights of `app_url`'s role anew.

    Raises `StoreFailed`; then nothing has changed.
    """
    import asyncpg

    from victor_server.team.store.postgres_errors import translated

    role = role_of(app_url) if app_url else ""
    with translated():
        connection = await asyncpg.connect(owner_url, timeout=10)
        try:
            async with connection.transaction():
                return await _migrated(connection, role)
        finally:
            await connection.close()


def migrate_sqlite(file: Path) -> Migrated:
    """The same for a SQLite file, which no process may have open."""
    from victor_server.team.store.sqlite_file import open_file

    with open_file(file) as opened:
        return Migrated(opened.before, NEWEST)


def role_of(url: str) -> str:
    """Whom an address connects as. Raises `SettingsError`."""
    name = unquote(urlsplit(url).username or "")
    if not name:
        raise SettingsError("The database's address names no role.", "Write postgresql://ROLE@HOST/DATABASE.")
    return name


async def _migrated(connection: "Connection", role: str) -> Migrated:
    await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
    before = None
    if await connection.fetchval("select to_regclass('public.alembic_version')") is not None:
        before = await connection.fetchval("select version_num from public.alembic_version")
    check_known(before)
    if before != NEWEST:
        await connection.execute(await asyncio.to_thread(script, "postgresql", before))
    if role:
        await _grant(connection, role)
    return Migrated(before, NEWEST)


async def _grant(connection: "Connection", role: str) -> None:
    found = await connection.fetchrow(
        "select rolsuper or rolbypassrls or pg_has_role(oid, current_user, 'member') as too_much "
        "from pg_roles where rolname = $1",
        role,
    )
    if found is None:
        raise StoreFailed(
            f"The database knows no role {role}.", f"`create role {role} login password '…'`, and again."
        )
    if found["too_much"]:
        raise StoreFailed(
            f"The role {role} is a superuser, goes past row-level security, or owns the tables.",
            "Let the backend connect as another role, which owns nothing.",
        )
    for statement in grants(role):
        await connection.execute(statement)
