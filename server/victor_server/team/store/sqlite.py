"""SQLite behind the port: one writer, whose transactions become durable in groups."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from victor_server.errors import Conflict, StoreFailed
from victor_server.team.store.database import Dialect, Row, Value

BUSY_TIME_LIMIT_S = 10.0


class SqliteTransaction:
    """A savepoint of the group, or a look through the reading connection."""

    dialect: Dialect = "sqlite"

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        """See `Transaction`."""
        with _translated():
            return self._db.execute(sql, _named(values)).fetchall()

    async def row(self, sql: str, *values: Value) -> Row | None:
        """See `Transaction`."""
        with _translated():
            found: Row | None = self._db.execute(sql, _named(values)).fetchone()
            return found

    async def execute(self, sql: str, *values: Value) -> int:
        """See `Transaction`."""
        with _translated():
            return self._db.execute(sql, _named(values)).rowcount

    async def many(self, sql: str, values: Sequence[Sequence[Value]]) -> None:
        """See `Transaction`."""
        with _translated():
            self._db.executemany(sql, [_named(row) for row in values])


class SqliteDatabase:
    """One file, for one tenant and one process. Statements run on the event loop (they take microseconds); the commit,
    which waits for the disk, runs in a thread, and all transactions that ended meanwhile share the next one.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, file: Path) -> None:
        with _translated():
            self._writer = _connect(file)
            self._reader = _connect(file)
            self._reader.execute("pragma query_only = on")
        self._turn = asyncio.Lock()
        """Held while the writing connection is in use: by one transaction, or by the commit."""
        self._group: asyncio.Future[None] | None = None

    @contextlib.asynccontextmanager
    async def transaction(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        async with self._turn:
            group = self._joined()
            with _translated():
                self._writer.execute("savepoint one")
            try:
                yield SqliteTransaction(self._writer)
            except BaseException:
                self._take_back()
                raise
            with _translated():
                self._writer.execute("release one")
        # A cancel must not leave anybody in doubt: what is in the group is committed with it.
        await asyncio.shield(group)

    @contextlib.asynccontextmanager
    async def reading(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        yield SqliteTransaction(self._reader)

    @contextlib.asynccontextmanager
    async def long_reading(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        yield SqliteTransaction(self._reader)

    async def check(self) -> None:
        """See `Database`."""
        async with self.transaction(None) as tx:
            await tx.execute("update instance set value = value where name = ''")

    async def close(self) -> None:
        """See `Database`."""
        if self._group is not None:
            with contextlib.suppress(StoreFailed):
                await asyncio.shield(self._group)
        async with self._turn:
            self._reader.close()
            self._writer.close()

    def _joined(self) -> "asyncio.Future[None]":
        """The group that is open; the first who comes begins one, and its commit."""
        if self._group is None:
            with _translated():
                self._writer.execute("begin immediate")
            self._group = asyncio.get_running_loop().create_future()
            self._group.add_done_callback(_is_heard)
            self._committing = asyncio.create_task(self._commit(self._group))
        return self._group

    async def _commit(self, group: "asyncio.Future[None]") -> None:
        """Whoever waits for a turn now comes first; then the group ends."""
        async with self._turn:
            self._group = None
            try:
                with _translated():
                    await asyncio.to_thread(self._end_group)
            except StoreFailed as error:
                group.set_exception(error)
            else:
                group.set_result(None)

    def _end_group(self) -> None:
        try:
            self._writer.execute("commit")
        except sqlite3.Error:
            if self._writer.in_transaction:
                self._writer.execute("rollback")
            raise

    def _take_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._writer.execute("rollback to one")
            self._writer.execute("release one")


def _is_heard(group: "asyncio.Future[None]") -> None:
    """A group of which all members were cancelled may fail without anybody to tell."""
    if not group.cancelled():
        group.exception()


def _connect(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=BUSY_TIME_LIMIT_S, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma foreign_keys = on")
    return db


def _named(values: Sequence[Value]) -> dict[str, Value]:
    """`$1` is a name to SQLite."""
    return {str(at): value for at, value in enumerate(values, 1)}


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
            raise Conflict("It is there already.") from error
        raise
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise StoreFailed(
                "There is no room on the disk of the database.", "Free some disk space."
            ) from error
        if code in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_READONLY,
        ):
            raise StoreFailed(f"The database cannot be used: {error}.", "See the server's log.") from error
        raise


async def open_sqlite(file: Path) -> SqliteDatabase:
    """Open the file, of the newest schema, for this process alone. Raises `StoreFailed`."""
    from victor_server.team.store.tables import statements

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = not file.exists()
    database = SqliteDatabase(file)
    if fresh:
        async with database.transaction(None) as tx:
            for statement in statements():
                await tx.execute(statement)
    return database
