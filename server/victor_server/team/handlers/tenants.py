"""The organisations that share the backend: for whoever runs it alone."""

import secrets
import time
from typing import Literal

from victor_server.errors import NotFound, UsageError
from victor_server.protocol import Empty, NamedTenant, NewToken, Tenant, Tenants
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal
from victor_server.team.store.retention import remove_tenant

_SET = """
insert into tenants (name, log, region, disabled, created_us) values ($1, $2, $3, $4, $5)
on conflict (name) do update set
  region = excluded.region, disabled = excluded.disabled, revision = tenants.revision + 1
"""


async def list_all(backend: Backend, principal: Principal, _params: Empty) -> Tenants:
    """All of them, by name."""
    principal.require("tenants:read")
    async with backend.database.reading(None) as tx:
        rows = await tx.rows("select name, region, disabled from tenants order by name")
    return Tenants(
        tenants=tuple(Tenant(name=r["name"], region=r["region"], disabled=bool(r["disabled"])) for r in rows)
    )


async def set_one(backend: Backend, principal: Principal, params: Tenant) -> Tenant:
    """Add one, with an audit log of its own, or change it. Its people notice within seconds where it is disabled."""
    principal.require("tenants:write")
    if params.disabled and params.name == principal.tenant:
        raise UsageError("You would lock yourself out.", "Disable another tenant.")
    await _check_room(backend, params.name)
    await _audited(backend, principal, "tenant.set", params)
    async with backend.database.transaction(None) as tx:
        created_us = time.time_ns() // 1_000
        await tx.execute(_SET, params.name, _log_name(), params.region, params.disabled, created_us)
    return params


async def token(backend: Backend, principal: Principal, params: NamedTenant) -> NewToken:
    """What somebody begins with in a tenant that has nobody yet, or whose administrators lost theirs."""
    principal.require("tenants:write")
    asked = await _existing(backend, params.name)
    await _audited(backend, principal, "tenant.token", asked)
    return await backend.identity.administrator_token(principal, params.name)


async def remove(backend: Backend, principal: Principal, params: NamedTenant) -> Empty:
    """Delete all that a tenant has, its audit log too; that it was done stands in the log of who did it."""
    principal.require("tenants:write")
    if params.name == principal.tenant:
        raise UsageError("You would take out your own tenant.", "Name another tenant.")
    await _audited(backend, principal, "tenant.removed", await _existing(backend, params.name))
    async with backend.database.reading(None) as tx:
        row = await tx.row("select log from tenants where name = $1", params.name)
    async with backend.database.transaction(None) as tx:
        await remove_tenant(tx, params.name)
    if row is not None:
        await backend.audit.close_log(row["log"])
    return Empty()


async def _existing(backend: Backend, name: str) -> Tenant:
    async with backend.database.reading(None) as tx:
        row = await tx.row("select name, region, disabled from tenants where name = $1", name)
    if row is None:
        raise NotFound(f"There is no tenant {name!r}.", "See `victor team tenants list`.")
    return Tenant(name=row["name"], region=row["region"], disabled=bool(row["disabled"]))


async def _check_room(backend: Backend, name: str) -> None:
    """SQLite has nothing that keeps tenants apart, so it takes one."""
    if backend.database.dialect == "postgresql":
        return
    async with backend.database.reading(None) as tx:
        other = await tx.row("select name from tenants where name <> $1", name)
    if other is not None:
        raise UsageError(
            "A backend on SQLite has one tenant.",
            "Use PostgreSQL for several: `database.url`, then `victor team migrate`.",
        )


async def _audited(
    backend: Backend,
    principal: Principal,
    action: Literal["tenant.set", "tenant.token", "tenant.removed"],
    tenant: Tenant,
) -> None:
    """Before it happens: what cannot be recorded is not done. The log is that of who asks."""
    details = {"tenant": tenant.name, "region": tenant.region, "disabled": tenant.disabled}
    event = AuditEvent(action, principal.subject, personal={"user": principal.subject, "details": details})
    await backend.audit.record(principal.tenant, event)


def _log_name() -> str:
    """It says nothing of whose log it is."""
    return secrets.token_hex(16)
