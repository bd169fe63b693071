"""What PostgreSQL itself holds the backend's role to, whatever the statements say."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from postgres_server import APP, OWNER, PostgresServer

from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Database
from victor_server.team.store.migrate import migrate
from victor_server.team.store.postgres import open_postgres
from victor_server.team.store.retention import drop_old_records, remove_tenant
from victor_server.team.store.schema import TENANT_TABLES
from victor_server.team.store.tables import APPEND_ONLY

TENANTS = ("acme", "bolt")
_VALUES = {"text": "'x'", "bigint": "1", "boolean": "true", "bytea": "'x'::bytea"}


@pytest.fixture
async def owner(postgres_settings: DatabaseSettings) -> AsyncIterator[Any]:
    """A connection of the tables' owner."""
    connection = await asyncpg.connect(postgres_settings.owner_url)
    yield connection
    await connection.close()


async def fill(database: Database, owner: Any) -> None:
    """One row of each tenant in every table, each of which is the same but for its tenant."""
    columns = await owner.fetch(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
    )
    async with database.transaction(None) as tx:
        for tenant in TENANTS:
            await tx.execute(
                "insert into tenants (name, log, created_us) values ($1, $2, 1)", tenant, f"log of {tenant}"
            )
    for tenant in TENANTS:
        async with database.transaction(tenant) as tx:
            for table in TENANT_TABLES:
                others = [
                    (column["column_name"], _VALUES[column["data_type"]])
                    for column in columns
                    if column["table_name"] == table and column["column_name"] != "tenant"
                ]
                names = ", ".join(name for name, _ in others)
                values = ", ".join(value for _, value in others)
                await tx.execute(f"insert into {table} (tenant, {names}) values ($1, {values})", tenant)


async def test_every_table_of_the_schema_is_accounted_for(postgres_database: Database, owner: Any) -> None:
    """A table that is added later is a tenant's, with the same rule, or is named here on purpose."""
    rows = await owner.fetch(
        "select relname, relrowsecurity and relforcerowsecurity as kept from pg_class "
        "where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    kept = {row["relname"] for row in rows if row["kept"]}
    assert kept == {*TENANT_TABLES, "tenants"}
    assert {row["relname"] for row in rows} - kept == {"alembic_version", "instance", "signing_keys"}


async def test_without_a_where_only_the_own_rows_are_there(postgres_database: Database, owner: Any) -> None:
    """To read, to change, to delete: every table, and under the names of others."""
    await fill(postgres_database, owner)
    for table in TENANT_TABLES:
        async with postgres_database.transaction("acme") as tx:
            rows = await tx.rows(f"select tenant from {table}")
            assert [row["tenant"] for row in rows] == ["acme"]
            assert await tx.rows(f"select * from {table} where tenant = 'bolt'") == []
            if table not in APPEND_ONLY:
                assert await tx.execute(f"update {table} set tenant = tenant") == 1
                assert await tx.execute(f"delete from {table} where tenant = 'bolt'") == 0
                assert await tx.execute(f"delete from {table}") == 1
    async with postgres_database.transaction("acme") as tx:
        assert [row["name"] for row in await tx.rows("select name from tenants")] == ["acme"]
        assert await tx.execute("update tenants set revision = 9") == 1
    async with postgres_database.reading("bolt") as tx:
        for table in TENANT_TABLES:
            assert await tx.row(f"select count(*) as n from {table}") == {"n": 1}


async def test_rows_of_others_cannot_be_made(postgres_database: Database, owner: Any) -> None:
    """Neither put in under another's name, nor given away, nor under no name at all."""
    await fill(postgres_database, owner)
    for tenant, statement in (
        ("acme", "insert into users (tenant, subject, role, created_us) values ('bolt', 'eve', 'admin', 1)"),
        ("acme", "update users set tenant = 'bolt'"),
        ("acme", "insert into tenants (name, log, created_us) values ('evil', 'evil', 1)"),
        ("acme", "delete from tenants"),
        (None, "insert into users (tenant, subject, role, created_us) values ('bolt', 'eve', 'admin', 1)"),
        (None, "insert into users (tenant, subject, role, created_us) values ('*', 'eve', 'admin', 1)"),
        (None, "insert into tenants (name, log, created_us) values ('*', 'evil', 1)"),
    ):
        with pytest.raises(StoreFailed, match="does not allow"):
            async with postgres_database.transaction(tenant) as tx:
                await tx.execute(statement)


async def test_no_tenant_sees_no_rows_of_tenants(postgres_database: Database, owner: Any) -> None:
    """`transaction(None)` sees who the tenants are; the instance and a bare connection see less still."""
    await fill(postgres_database, owner)
    async with postgres_database.reading(None) as tx:
        assert len(await tx.rows("select name from tenants")) == 2
        for table in TENANT_TABLES:
            assert await tx.rows(f"select * from {table}") == []
    async with postgres_database.reading("") as tx:
        assert await tx.rows("select name from tenants") == []
        for table in TENANT_TABLES:
            assert await tx.rows(f"select * from {table}") == []


async def test_a_connection_that_says_nothing_sees_nothing(
    postgres_database: Database, postgres_settings: DatabaseSettings, owner: Any
) -> None:
    """Default closed; and what a transaction said ends with it. The owner is held to it too."""
    await fill(postgres_database, owner)
    async with postgres_database._pool.acquire() as bare:  # type: ignore[attr-defined]  # of PostgreSQL
        assert await bare.fetch("select * from users") == []
        assert await bare.fetch("select * from tenants") == []
    assert await owner.fetch("select * from users") == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_leaves set leaf = 'other'",
        "delete from audit_leaves",
        "truncate audit_leaves",
        "delete from audit_payloads",
        "update audit_heads set document = '{}'",
        "delete from audit_heads",
        "drop table users",
        "alter table users disable row level security",
        "alter table users no force row level security",
        "drop policy by_tenant on users",
        "create policy mine on users using (true)",
        "create table mine (x int)",
        "create trigger t before insert on users for each row execute function suppress_redundant_updates_trigger()",
        f"set role {OWNER}",
        "set session authorization postgres",
        f"alter role {APP} bypassrls",
        f"grant {OWNER} to {APP}",
        "update alembic_version set version_num = '0'",
        "create or replace function victor_remove_tenant(gone text) returns void language sql as 'select 1'",
        "select victor_remove_tenant('bolt')",
        "copy users to program 'true'",
        "select pg_read_file('/etc/hostname')",
    ],
)
async def test_the_role_may_not(postgres_database: Database, owner: Any, statement: str) -> None:
    """Rewrite the log, change who sees what, become somebody else, or get at the machine."""
    await fill(postgres_database, owner)
    with pytest.raises((StoreFailed, RuntimeError), match=r"does not allow|refuses"):
        async with postgres_database.transaction("acme") as tx:
            await tx.execute(statement)
    async with postgres_database.reading("bolt") as tx:
        assert await tx.row("select count(*) as n from users") == {"n": 1}


async def test_old_records_of_one_tenant_go(postgres_database: Database, owner: Any) -> None:
    """Payloads and texts of leaves older than the time; hashes and other tenants stay."""
    await fill(postgres_database, owner)
    async with postgres_database.transaction("acme") as tx:
        assert await drop_old_records(tx, "acme", 1) == 0
        assert await drop_old_records(tx, "acme", 2) == 1
        assert await tx.rows("select seq from audit_payloads") == []
        assert await tx.rows("select leaf, leaf_hash from audit_leaves") == [
            {"leaf": None, "leaf_hash": b"x"}
        ]
    async with postgres_database.reading("bolt") as tx:
        assert await tx.rows("select leaf from audit_leaves") == [{"leaf": "x"}]
        assert len(await tx.rows("select seq from audit_payloads")) == 1


async def test_a_tenant_that_is_removed_leaves_nothing(postgres_database: Database, owner: Any) -> None:
    """Every table, and nobody else's rows."""
    await fill(postgres_database, owner)
    async with postgres_database.transaction(None) as tx:
        await remove_tenant(tx, "acme")
        assert await tx.rows("select name from tenants") == [{"name": "bolt"}]
    for tenant, n in (("acme", 0), ("bolt", 1)):
        async with postgres_database.reading(tenant) as tx:
            for table in TENANT_TABLES:
                assert await tx.row(f"select count(*) as n from {table}") == {"n": n}, table


async def test_a_role_that_may_too_much_starts_nothing(
    postgres: PostgresServer, postgres_settings: DatabaseSettings, owner: Any
) -> None:
    """The owner, a superuser, one past row-level security, a member of the owner's: told what to do, no address told."""
    name = postgres_settings.url.rpartition("/")[2]
    admin = await asyncpg.connect(postgres.url(name, "postgres"))
    try:
        await admin.execute(f"create role bypasses login bypassrls; create role member login in role {OWNER}")
        for role in ("postgres", "bypasses", OWNER, "member"):
            with pytest.raises(StoreFailed, match=r"goes past|owns the tables") as caught:
                await open_postgres(postgres.url(name, role))
            assert "create role victor" in caught.value.fix
            with pytest.raises((StoreFailed, SettingsError), match=r"superuser|goes past|owns"):
                await migrate(postgres_settings.owner_url, postgres.url(name, role))
        for statement in (
            "alter table users no force row level security",
            f"grant update on audit_leaves to {APP}",
            f"revoke select on users from {APP}",
        ):
            await owner.execute(statement)
            with pytest.raises(StoreFailed, match="rights"):
                await open_postgres(postgres_settings.url)
            await owner.execute("alter table users force row level security")
            await migrate(postgres_settings.owner_url, postgres_settings.url)
        await (await open_postgres(postgres_settings.url)).close()
    finally:
        await admin.execute("drop role bypasses; drop role member")
        await admin.close()
