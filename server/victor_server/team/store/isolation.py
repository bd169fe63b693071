"""Keeps tenants apart in PostgreSQL: row-level security, and the two things that only the tables' owner does.

`app.tenant` is set at the beginning of each transaction: a tenant's name, "" for the instance, `*` for no tenant
(`transaction(None)`). Where it is not set, no row of a tenant can be seen. FORCE holds the owner to it too.
"""

from collections.abc import Iterable

from victor_server.team.store.tables import TENANT_TABLES

_CURRENT = "current_setting('app.tenant', true)"
_AS_OWNER = "language plpgsql security definer set search_path = public, pg_temp"

FUNCTIONS = ("victor_drop_old_records(bigint)", "victor_remove_tenant(text)")


def statements() -> tuple[str, ...]:
    """All that keeps them apart in 0.1.0."""
    own_line = f"name <> '*' and {_CURRENT} in (name, '*')"
    return (
        *(line for table in TENANT_TABLES for line in secured(table)),
        *_secured("tenants", own_line),
        _DROP_OLD_RECORDS,
        remove_tenant(TENANT_TABLES),
        *(f"revoke all on function {function} from public" for function in FUNCTIONS),
    )


def secured(table: str) -> tuple[str, ...]:
    """Each tenant sees and takes its own rows of a table alone."""
    return _secured(table, f"tenant = {_CURRENT} and tenant <> '*'")


def remove_tenant(tables: Iterable[str]) -> str:
    """The function that deletes all rows of a tenant, in `tables` and where it stands itself; in the place of an older."""
    deletions = "\n".join(f"  delete from {table} where tenant = gone;" for table in tables)  # noqa: S608  # names of our own
    return f"""
create or replace function victor_remove_tenant(gone text) returns void {_AS_OWNER} as $$
begin
  if {_CURRENT} is distinct from '*' or gone in ('', '*') then
    raise insufficient_privilege;
  end if;
  perform set_config('app.tenant', gone, true);
{deletions}
  perform set_config('app.tenant', '*', true);
  delete from tenants where name = gone;
end $$
"""  # noqa: S608  # names of our own


# Names in these statements are constants of ours: nothing from outside gets into them.
def _secured(table: str, rule: str) -> tuple[str, ...]:
    return (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy by_tenant on {table} using ({rule}) with check ({rule})",
    )


_DROP_OLD_RECORDS = f"""
create function victor_drop_old_records(before_us bigint) returns bigint {_AS_OWNER} as $$
declare n bigint;
begin
  delete from audit_payloads p using audit_leaves l
    where p.tenant = {_CURRENT} and l.tenant = p.tenant and l.seq = p.seq and l.at_us < before_us;
  update audit_leaves set leaf = null where tenant = {_CURRENT} and at_us < before_us and leaf is not null;
  get diagnostics n = row_count;
  return n;
end $$
"""  # noqa: S608  # names of our own
