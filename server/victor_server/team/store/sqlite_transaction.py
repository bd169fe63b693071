"""A transaction of a SQLite connection: at once for what takes microseconds, in a thread for what takes longer."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from victor_server.errors import StoreFailed
from victor_server.team.store.database import Dialect, Row, Value
from victor_server.team.store.sqlite_errors import translated

T = TypeVar("T")


class SqliteTransaction:
    """A savepoint of the writing connection, or a look through a reading one. A boolean column gives 0 or 1."""

    dialect: Dialect = "sqlite"

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._error: Exception | None = None
        self._is_over = False

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        """See `Transaction`."""
        with self._watched():
            return await self._done(lambda: self._db.execute(sql, _named(values)).fetchall())

    async def row(self, sql: str, *values: Value) -> Row | None:
        """See `Transaction`."""
        with self._watched():
            # All of it is asked for: a statement that has rows left would be in the way of what follows.
            found: list[Row] = await self._done(lambda: self._db.execute(sql, _named(values)).fetchall())
            return found[0] if found else None

    async def execute(self, sql: str, *values: Value) -> int:
        """See `Transaction`."""
        with self._watched():
            return await self._done(lambda: _changed(self._db.execute(sql, _named(values))))

    async def many(self, sql: str, values: Sequence[Sequence[Value]]) -> None:
        """See `Transaction`."""
        with self._watched():
            await self._done(lambda: _changed(self._db.executemany(sql, map(_named, values))))

    def leave(self) -> None:
        """Take no further statement. Raises the error that a statement ended with, if its block passed over it."""
        self._is_over = True
        if self._error is not None:
            raise self._error

    async def _done(self, work: Callable[[], T]) -> T:
        return work()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        if self._is_over or self._error is not None:
            raise RuntimeError("The transaction is over.")
        try:
            if not self._db.in_transaction:
                # Else the statement would be one of its own, and hold whatever comes after it.
                raise StoreFailed("The database took the transaction back.", "Try again.")
            with translated():
                yield
        except Exception as error:
            self._error = error
            raise


class LongTransaction(SqliteTransaction):
    """The same in a thread. A cancel ends the statement that runs, and waits until it has ended."""

    def __init__(self, db: sqlite3.Connection, threads: Executor) -> None:
        super().__init__(db)
        self._threads = threads

    async def _done(self, work: Callable[[], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._db.interrupt()
            await until_done(running)
            raise


async def until_done(future: "asyncio.Future[T]") -> None:
    """Wait for work in a thread, which no cancel ends; one that comes meanwhile is raised after it."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if not future.cancelled():
        future.exception()
    if cancelled is not None:
        raise cancelled


def _named(values: Sequence[Value]) -> dict[str, Value]:
    """`$1` is a name to SQLite."""
    return {str(at): value for at, value in enumerate(values, 1)}


def _changed(cursor: sqlite3.Cursor) -> int:
    return max(cursor.rowcount, 0)
