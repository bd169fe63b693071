"""Takes away what the backend's own role may not: what is old of an audit log, and all that a tenant had."""

from victor_server.team.store.database import Transaction


async def drop_old_records(tx: Transaction, tenant: str, before_us: int) -> int:
    """Take payloads and texts of leaves that are older out of the tenant's log; hashes stay. Returns how many leaves."""
    raise NotImplementedError


async def remove_tenant(tx: Transaction, tenant: str) -> None:
    """Delete every row of a tenant; `tx` is of None."""
    raise NotImplementedError
