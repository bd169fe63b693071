"""What every change of who may do what has in common: the tenant's revision rises in the same transaction."""

from victor_server.errors import NotFound
from victor_server.team.store.database import Transaction


async def raise_revision(tx: Transaction, tenant: str) -> None:
    """Tell all replicas that what they know of the tenant's people is old. Raises `NotFound`."""
    if not await tx.execute("update tenants set revision = revision + 1 where name = $1", tenant):
        raise NotFound("There is no such tenant.", "See `victor team tenants list`.")


async def read_revision(tx: Transaction, tenant: str) -> int:
    """What it is now; 0 for a tenant that does not exist, or that nobody gets into."""
    row = await tx.row("select revision, disabled from tenants where name = $1", tenant)
    return 0 if row is None or row["disabled"] else int(row["revision"])
