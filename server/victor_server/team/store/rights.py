"""What the role that the backend runs as may do in PostgreSQL: given by a migration, looked at by every start."""

from typing import TYPE_CHECKING

from victor_server.errors import StoreFailed
from victor_server.team.store.isolation import FUNCTIONS
from victor_server.team.store.schema import TENANT_TABLES, check_version
from victor_server.team.store.tables import APPEND_ONLY, INSTANCE_TABLES

if TYPE_CHECKING:
    from asyncpg import Connection
    from asyncpg.pool import PoolConnectionProxy

_FIX = (
    "Let the backend connect as a role of its own, which owns nothing (`create role victor login password '…'`), "
    "and run `victor team migrate` as the owner of the tables."
)

_LOOK = """
select r.rolname::text as name, r.rolsuper or r.rolbypassrls as above,
  exists (select from pg_class c where c.oid = any(t.oids) and pg_has_role(r.oid, c.relowner, 'member')) as owns,
  exists (select from pg_class c where c.oid = any(t.oids) and c.relname <> all($2::text[])
    and not (c.relrowsecurity and c.relforcerowsecurity)) as unsecured,
  exists (select from pg_class c where c.oid = any(t.oids) and c.relname = any($3::text[])
    and has_table_privilege(r.oid, c.oid, 'update, delete, truncate')) as rewrites,
  not exists (select from pg_class c where c.oid = any(t.oids) and not has_table_privilege(r.oid, c.oid, 'select')) as reads
from pg_roles r,
  (select array(select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p') and c.relname = any($1::text[])) as oids) t
where r.rolname = current_user
"""


async def check_rights(connection: "Connection | PoolConnectionProxy") -> None:
    """Raise `StoreFailed` unless the schema is there and the role is held to its tenant's rows."""
    if await connection.fetchval("select to_regclass('public.alembic_version')") is None:
        check_version(None)
    tables = [*INSTANCE_TABLES, *TENANT_TABLES, "alembic_version"]
    plain = [name for name in (*INSTANCE_TABLES, "alembic_version") if name != "tenants"]
    seen = await connection.fetchrow(_LOOK, tables, plain, list(APPEND_ONLY))
    if seen["above"]:
        raise StoreFailed(f"The role {seen['name']} goes past row-level security of the database.", _FIX)
    if seen["owns"]:
        raise StoreFailed(f"The role {seen['name']} owns the tables, so it could change who sees what.", _FIX)
    if seen["unsecured"] or seen["rewrites"] or not seen["reads"]:
        raise StoreFailed(
            f"The rights of the role {seen['name']} in the database are not those that it needs.", _FIX
        )
    check_version(await connection.fetchval("select version_num from public.alembic_version"))


def grants(role: str) -> tuple[str, ...]:
    """The rights of the backend's role, whatever it had before."""
    name = '"' + role.replace('"', '""') + '"'
    tables = [*INSTANCE_TABLES, *TENANT_TABLES]
    changed = ", ".join(table for table in tables if table not in APPEND_ONLY and table != "tenants")
    return (
        f"revoke all on {', '.join(tables)}, alembic_version from {name}",
        f"grant usage on schema public to {name}",
        f"grant select, insert, update, delete on {changed} to {name}",
        f"grant select, insert, update on tenants to {name}",
        f"grant select, insert on {', '.join(APPEND_ONLY)} to {name}",
        f"grant select on alembic_version to {name}",
        f"grant execute on function {', '.join(FUNCTIONS)} to {name}",
    )
