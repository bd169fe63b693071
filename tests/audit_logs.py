"""Audit logs for tests: opened on any database, exported as the command does it."""

from pathlib import Path
from typing import Any

from audited_database import LOG, TENANT, master

from victor_server.cli.audit_export import export_lines
from victor_server.protocol import AuditAsked, Shape
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.database import Database


async def add_tenant(database: Database, name: str = TENANT, log: str = LOG) -> None:
    """A tenant with a log."""
    async with database.transaction(None) as tx:
        await tx.execute(
            "insert into tenants (name, log, created_us) values ($1, $2, 0) on conflict do nothing", name, log
        )


async def opened_log(database: Database, outside: Path | None = None) -> AuditLog:
    """The logs of a backend that starts now."""
    await add_tenant(database)
    return AuditLog(database, await open_vault(database, master()), outside)


def event(action: str = "model_call.end", subject: str = "ada", **personal: Any) -> AuditEvent:
    """Something that `subject` did."""
    return AuditEvent(action, subject, provider="anthropic", model="m", personal=personal)


async def exported(audit: AuditLog, *, decrypt: bool = False, tenant: str = TENANT) -> list[bytes]:
    """The lines of an export."""

    async def ask(method: str, params: Shape) -> Any:
        if method == "audit/head":
            return await audit.head(tenant)
        assert isinstance(params, AuditAsked)
        return await audit.page(tenant, params)

    return [line async for line in export_lines(ask, "jsonl", decrypt=decrypt)]
