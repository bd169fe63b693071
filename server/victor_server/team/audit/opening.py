"""Opens the audit logs of a backend: nothing starts on a database that was cut off or taken back."""

import asyncio
import logging
from pathlib import Path

from victor_server.errors import AuditFailed
from victor_server.team.audit.log import AuditLog
from victor_server.team.audit.outside import Outside
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database

_log = logging.getLogger(__name__)


async def open_audit(settings: TeamSettings, database: Database, vault: Vault) -> AuditLog:
    """The logs, compared with what was kept of them outside; erasures since a backup are done again.

    Raises `AuditFailed` where records are missing or others than they were, `StoreFailed`.
    """
    folder = heads_folder(settings)
    audit = AuditLog(database, vault, folder, enabled=settings.audit.enabled)
    logs = await tenants_by_log(database)
    for log in await asyncio.to_thread(Outside(folder).logs):
        if log not in logs:
            raise AuditFailed(
                f"Heads of the audit log {log} are kept in {folder}, and the database knows no such log.",
                f"Restore the database; or, if the log is to be forgotten, move {folder / log} away.",
            )
    for tenant in logs.values():
        await audit.check_outside(tenant)
        n_again = await audit.replay_erasures(tenant)
        if n_again:
            _log.warning(
                "the database was restored: %d erasures of tenant %s were done again", n_again, tenant
            )
        await audit.publish_head(tenant)
    return audit


async def accept_restored(settings: TeamSettings, database: Database, vault: Vault) -> int:
    """An operator restored a backup: go on from it in every log that is shorter now, or other, than it was.

    Returns in how many logs that is so.
    """
    audit = AuditLog(database, vault, heads_folder(settings), enabled=settings.audit.enabled)
    n_accepted = 0
    for tenant in (await tenants_by_log(database)).values():
        try:
            await audit.check_outside(tenant)
        except AuditFailed:
            await audit.accept_restored(tenant)
            n_accepted += 1
    return n_accepted


async def publish_heads(audit: AuditLog, database: Database) -> None:
    """Keep the newest head of every log; to be done now and then, and before the backend ends."""
    for tenant in (await tenants_by_log(database)).values():
        await audit.publish_head(tenant)


async def retain_all(audit: AuditLog, database: Database, days: int) -> int:
    """Drop what is too old in every log; to be done once a day. Returns how many records."""
    return sum([await audit.retain(tenant, days) for tenant in (await tenants_by_log(database)).values()])


def heads_folder(settings: TeamSettings) -> Path:
    """Where heads and erasures are kept."""
    return settings.audit.heads or settings.home / "audit-heads"


async def tenants_by_log(database: Database) -> dict[str, str]:
    """Every log, and whose it is."""
    async with database.reading(None) as tx:
        rows = await tx.rows("select name, log from tenants order by name")
    return {row["log"]: row["name"] for row in rows}
