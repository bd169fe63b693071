"""PostgreSQL behind the port: a pool of connections, each transaction held to its tenant by row-level security."""

from victor_server.team.store.database import Database


async def open_postgres(url: str, *, pool_size: int = 10, statement_time_limit_s: float = 30.0) -> Database:
    """Connect as a role that owns nothing. Raises `StoreFailed`: not reachable, too old, or the role may too much."""
    raise NotImplementedError
