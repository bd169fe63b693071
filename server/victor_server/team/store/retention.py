"""Takes away what the backend's own role may not: what is old of an audit log, and all that a tenant had."""

from victor_server.team.store.database import Transaction
from victor_server.team.store.schema import TENANT_TABLES


async def drop_old_records(tx: Transaction, tenant: str, before_us: int) -> int:
    """Take payloads and texts of leaves that are older out of the log of the tenant whose transaction it is.

    Their hashes stay. Returns of how many leaves.
    """
    if tx.dialect == "postgresql":
        row = await tx.row("select victor_drop_old_records($1) as n", before_us)
        return int(row["n"]) if row else 0
    await tx.execute(
        "delete from audit_payloads where tenant = $1 and seq in "
        "(select seq from audit_leaves where tenant = $1 and at_us < $2)",
        tenant,
        before_us,
    )
    return await tx.execute(
        "update audit_leaves set leaf = null where tenant = $1 and at_us < $2 and leaf is not null",
        tenant,
        before_us,
    )


async def remove_tenant(tx: Transaction, tenant: str) -> None:
    """Delete every row of a tenant; `tx` is of None."""
    if tx.dialect == "postgresql":
        await tx.execute("select victor_remove_tenant($1)", tenant)
        return
    for table in TENANT_TABLES:
        await tx.execute(f"delete from {table} where tenant = $1", tenant)  # noqa: S608  # names of our own
    await tx.execute("delete from tenants where name = $1", tenant)
