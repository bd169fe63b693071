"""SQLite behind the port: one writer, whose transactions become durable in groups."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from victor_server.errors import StoreFailed
from victor_server.team.store.database import Dialect
from victor_server.team.store.single import check_tenant, one_at_a_time
from victor_server.team.store.sqlite_errors import translated
from victor_server.team.store.sqlite_file import OpenFile, connect, hold
from victor_server.team.store.sqlite_transaction import LongTransaction, SqliteTransaction, until_done

N_IDLE_READERS = 4
Group = asyncio.Future[None]


class SqliteDatabase:
    """One file, for one tenant and one process. Statements run on the event loop (they take microseconds); the commit,
    which waits for the disk, runs in a thread, and all transactions that ended meanwhile share the next one.

    A transaction is a savepoint of its group: its error takes back itself alone. Where SQLite takes back the group (no
    room, no memory, a disk that fails), all of the group are told so.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, opened: OpenFile) -> None:
        self._opened = opened
        self._writer = connect(opened.file)
        self._turn = asyncio.Lock()
        """Held while the writing connection is in use: by one transaction, or by the commit."""
        self._group: Group | None = None
        self._committing: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[object] | None] = set()
        self._idle: list[sqlite3.Connection] = []
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._long = ThreadPoolExecutor(2, thread_name_prefix="long-reading")
        self._is_closed = False

    @contextlib.asynccontextmanager
    async def transaction(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        check_tenant(tenant)
        with one_at_a_time(self._tasks):
            async with self._turn:
                group = self._joined()
                tx = SqliteTransaction(self._writer)
                try:
                    with translated():
                        self._writer.execute("savepoint one")
                    yield tx
                    tx.leave()
                    with translated():
                        self._writer.execute("release one")
                except BaseException:
                    self._take_back(group)
                    raise
            # A cancel must not leave anybody in doubt: what is in the group is committed with it.
            await asyncio.shield(group)

    @contextlib.asynccontextmanager
    async def reading(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        check_tenant(tenant)
        with one_at_a_time(self._tasks), self._looking() as db:
            tx = SqliteTransaction(db)
            yield tx
            tx.leave()

    @contextlib.asynccontextmanager
    async def long_reading(self, tenant: str | None) -> AsyncIterator[SqliteTransaction]:
        """See `Database`."""
        check_tenant(tenant)
        with one_at_a_time(self._tasks), self._looking() as db:
            tx = LongTransaction(db, self._long)
            yield tx
            tx.leave()

    async def check(self) -> None:
        """See `Database`."""
        async with self.transaction(None) as tx:
            await tx.execute(
                "insert into instance (name, value) values ('check', '') on conflict (name) do update set value = ''"
            )

    async def close(self) -> None:
        """See `Database`."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._group is not None:
            with contextlib.suppress(StoreFailed):
                await asyncio.shield(self._group)
        async with self._turn:
            self._disk.shutdown()
            self._long.shutdown()
            for db in (*self._idle, self._writer):
                db.close()
            self._opened.lock.release()

    def _joined(self) -> Group:
        """The group that is open; the first who comes begins one, and its commit."""
        self._check_open()
        if self._group is None:
            with translated():
                if self._writer.in_transaction:  # of a commit that was cancelled before its turn
                    self._writer.execute("rollback")
                self._writer.execute("begin immediate")
            self._group = group = asyncio.get_running_loop().create_future()
            group.add_done_callback(_is_heard)
            task = asyncio.create_task(self._commit(group))
            self._committing.add(task)
            task.add_done_callback(self._committing.discard)
        return self._group

    async def _commit(self, group: Group) -> None:
        """Whoever waits for a turn now comes first; then the group ends."""
        try:
            async with self._turn:
                if group.done():
                    return
                self._group = None
                ending = asyncio.get_running_loop().run_in_executor(self._disk, self._end_group)
                try:
                    await until_done(ending)
                finally:
                    _tell(group, ending.exception())
        except asyncio.CancelledError:
            self._lose(group, "The backend is about to end.")
            raise

    def _end_group(self) -> None:
        try:
            with translated(committing=True):
                self._writer.execute("commit")
        except StoreFailed:
            if self._writer.in_transaction:
                self._writer.execute("rollback")
            raise

    def _take_back(self, group: Group) -> None:
        """Undo what a transaction did; where SQLite has undone the group already, or cannot, the group is lost."""
        try:
            if self._writer.in_transaction:
                self._writer.execute("rollback to one")
                self._writer.execute("release one")
                return
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("rollback")
        self._lose(group, "The database took back what others wrote at the same time.")

    def _lose(self, group: Group, reason: str) -> None:
        if self._group is group:
            self._group = None
        _tell(group, StoreFailed(reason, "Free some disk space, and try again."))

    @contextlib.contextmanager
    def _looking(self) -> Iterator[sqlite3.Connection]:
        """A reading connection in a transaction, so that all its statements see the same."""
        self._check_open()
        db = self._idle.pop() if self._idle else connect(self._opened.file, query_only=True)
        try:
            db.execute("begin")
            yield db
            db.execute("rollback")
        except BaseException:
            db.close()
            raise
        if self._is_closed or len(self._idle) >= N_IDLE_READERS:
            db.close()
        else:
            self._idle.append(db)

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreFailed("The database is closed: the backend is about to end.", "Try again.")


async def open_sqlite(file: Path) -> SqliteDatabase:
    """Open the file, of the newest schema, for this process alone. Raises `StoreFailed`."""
    opened = await asyncio.to_thread(hold, file)
    try:
        return SqliteDatabase(opened)
    except BaseException:
        opened.lock.release()
        raise


def _tell(group: Group, error: BaseException | None) -> None:
    if group.done():
        return
    if error is None:
        group.set_result(None)
    else:
        group.set_exception(error)


def _is_heard(group: Group) -> None:
    """A group of which all members were cancelled may fail without anybody to tell."""
    if not group.cancelled():
        group.exception()
