"""PostgreSQL behind the port: a pool of connections, each transaction held to its tenant by row-level security."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from typing import Any

import asyncpg
from asyncpg.pool import Pool, PoolConnectionProxy

from victor_server.errors import StoreFailed
from victor_server.team.store.database import Dialect, Row, Value
from victor_server.team.store.postgres_errors import translated
from victor_server.team.store.rights import check_rights
from victor_server.team.store.single import check_tenant, one_at_a_time

CONNECT_TIME_LIMIT_S = 10.0
LONG_TIME_LIMIT_S = 900.0
END_TIME_LIMIT_S = 10.0
_READING = " isolation level repeatable read read only"


class PostgresTransaction:
    """One transaction of one connection."""

    dialect: Dialect = "postgresql"

    def __init__(self, connection: PoolConnectionProxy, time_limit_s: float) -> None:
        self._connection = connection
        self._time_limit_s = time_limit_s
        self._error: Exception | None = None
        self._is_over = False

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        """See `Transaction`."""
        with self._watched():
            found = await self._connection.fetch(sql, *values, timeout=self._time_limit_s)
            return [dict(row.items()) for row in found]

    async def row(self, sql: str, *values: Value) -> Row | None:
        """See `Transaction`."""
        with self._watched():
            found = await self._connection.fetchrow(sql, *values, timeout=self._time_limit_s)
            return None if found is None else dict(found.items())

    async def execute(self, sql: str, *values: Value) -> int:
        """See `Transaction`."""
        with self._watched():
            said = await self._connection.execute(sql, *values, timeout=self._time_limit_s)
            n = said.rpartition(" ")[2]
            return int(n) if n.isdigit() else 0

    async def many(self, sql: str, values: Sequence[Sequence[Value]]) -> None:
        """See `Transaction`."""
        with self._watched():
            await self._connection.executemany(sql, values, timeout=self._time_limit_s)

    def leave(self) -> None:
        """Take no further statement. Raises the error that a statement ended with, if its block passed over it."""
        self._is_over = True
        if self._error is not None:
            raise self._error

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        if self._is_over or self._error is not None:
            raise RuntimeError("The transaction is over.")
        try:
            with translated():
                yield
        except Exception as error:
            self._error = error
            raise


class PostgresDatabase:
    """A database that replicas share. What ends a transaction runs to its end even where who asked is cancelled."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: Pool, statement_time_limit_s: float) -> None:
        self._pool = pool
        self._time_limit_s = statement_time_limit_s
        self._tasks: set[asyncio.Task[object] | None] = set()
        self._ending: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def transaction(self, tenant: str | None) -> AsyncIterator[PostgresTransaction]:
        """See `Database`."""
        async with self._held(_begin(tenant), self._time_limit_s) as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def reading(self, tenant: str | None) -> AsyncIterator[PostgresTransaction]:
        """See `Database`."""
        async with self._held(_begin(tenant, _READING), self._time_limit_s) as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def long_reading(self, tenant: str | None) -> AsyncIterator[PostgresTransaction]:
        """See `Database`."""
        begin = f"{_begin(tenant, _READING)}; set local statement_timeout = {LONG_TIME_LIMIT_S * 1_000:.0f}"
        async with self._held(begin, LONG_TIME_LIMIT_S) as tx:
            yield tx

    async def check(self) -> None:
        """See `Database`."""
        async with self.transaction(None) as tx:
            seen = await tx.row("select current_setting('transaction_read_only') as read_only")
        if seen is None or seen["read_only"] != "off":
            raise StoreFailed("The database takes no changes now.", "Give the address of the primary.")

    async def close(self) -> None:
        """See `Database`."""
        if self._ending:
            await asyncio.wait(self._ending)
        try:
            async with asyncio.timeout(END_TIME_LIMIT_S):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @contextlib.asynccontextmanager
    async def _held(self, begin: str, time_limit_s: float) -> AsyncIterator[PostgresTransaction]:
        with one_at_a_time(self._tasks):
            connection = await self._begun(begin)
            tx = PostgresTransaction(connection, time_limit_s)
            try:
                yield tx
                tx.leave()
            except BaseException:
                await self._to_its_end(self._take_back(connection))
                raise
            await self._to_its_end(self._commit(connection))

    async def _begun(self, begin: str) -> PoolConnectionProxy:
        """A connection in its transaction. One that broke while it lay idle is replaced: nothing was done through it."""
        try:
            return await self._tried(begin)
        except StoreFailed:
            await self._pool.expire_connections()
            return await self._tried(begin)

    async def _tried(self, begin: str) -> PoolConnectionProxy:
        with translated():
            connection = await self._pool.acquire(timeout=CONNECT_TIME_LIMIT_S)
            try:
                await connection.execute(begin, timeout=CONNECT_TIME_LIMIT_S)
            except BaseException:
                _drop(connection)
                await self._pool.release(connection)
                raise
            return connection

    async def _commit(self, connection: PoolConnectionProxy) -> None:
        try:
            with translated(committing=True):
                said = await connection.execute("commit", timeout=self._time_limit_s)
            if said != "COMMIT":
                raise StoreFailed("The database took the transaction back.", "Try again.")
        except BaseException:
            _drop(connection)
            raise
        finally:
            await self._pool.release(connection)

    async def _take_back(self, connection: PoolConnectionProxy) -> None:
        try:
            await connection.execute("rollback", timeout=END_TIME_LIMIT_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            # Whoever left the block has an error of their own to tell; without a connection nothing of it holds.
            _drop(connection)
        finally:
            await self._pool.release(connection)

    async def _to_its_end(self, ending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._ending.discard(task)
        if not task.cancelled():
            task.exception()  # heard, where nobody waits for it any more


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """Every setting of ours ends with its transaction: there is nothing to reset, and no round trip for it."""

    def get_reset_query(self) -> str:
        return ""


async def open_postgres(
    url: str, *, pool_size: int = 10, statement_time_limit_s: float = 30.0
) -> PostgresDatabase:
    """Connect as a role that owns nothing. Raises `StoreFailed`: not reachable, too old, or the role may too much."""
    with translated():
        pool = await asyncpg.create_pool(
            url,
            min_size=0,  # else a task of the pool's own tries again by itself, and logs what it meets
            max_size=pool_size,
            timeout=CONNECT_TIME_LIMIT_S,
            connection_class=_Connection,
            init=_prepare,
            server_settings={
                "application_name": "victor",
                "statement_timeout": f"{statement_time_limit_s * 1_000:.0f}",
                "idle_in_transaction_session_timeout": "60000",
                "tcp_keepalives_idle": "30",
                "tcp_keepalives_interval": "10",
                "tcp_keepalives_count": "3",
            },
        )
        try:
            async with pool.acquire() as connection:
                await check_rights(connection)
        except BaseException:
            pool.terminate()
            raise
    # The server's own limit comes first; ours is for a server that has fallen silent.
    return PostgresDatabase(pool, statement_time_limit_s + 5)


def _drop(connection: PoolConnectionProxy) -> None:
    # The pool takes back by itself what has broken.
    with contextlib.suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _prepare(connection: asyncpg.Connection) -> None:
    # `sum` of whole numbers is `numeric`: SQLite gives an int for it.
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
    )


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _begin(tenant: str | None, how: str = "") -> str:
    """In one round trip. The name is one by its letters, so it needs no quoting."""
    check_tenant(tenant)
    return f"begin{how}; set local app.tenant = '{'*' if tenant is None else tenant}'"
