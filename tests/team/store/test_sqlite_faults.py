"""What holds when SQLite has no room, fails, or is asked by too many at once."""

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_disk import small_disk

from victor_server.errors import StoreFailed
from victor_server.team.store.sqlite import SqliteDatabase, open_sqlite
from victor_server.team.store.sqlite_transaction import SqliteTransaction

ADD = "insert into installs (tenant, install, subject, created_us) values ('acme', $1, $2, 1)"
LARGE = "x" * 20_000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """Open, in a folder that is not there yet."""
    opened = await open_sqlite(tmp_path / "deep" / "team.db")
    yield opened
    await opened.close()


@pytest.fixture
def full_soon(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1.5 MB."""
    with small_disk(tmp_path / "small", "1500k") as folder:
        yield folder


async def installs(database: SqliteDatabase) -> set[str]:
    """Those that are there."""
    async with database.reading("acme") as tx:
        return {row["install"] for row in await tx.rows("select install from installs")}


async def add(database: SqliteDatabase, name: str, content: str = "") -> None:
    """One, in a transaction."""
    async with database.transaction("acme") as tx:
        await tx.execute(ADD, name, content)


async def tried(database: SqliteDatabase, names: list[str], content: str) -> set[str]:
    """All at once, which makes them a group; returns those that were acknowledged."""
    done = await asyncio.gather(*(add(database, name, content) for name in names), return_exceptions=True)
    assert all(error is None or isinstance(error, StoreFailed) for error in done), done
    return {name for name, error in zip(names, done, strict=True) if error is None}


async def test_for_its_owner_alone(database: SqliteDatabase, tmp_path: Path) -> None:
    """The folder, and SQLite's own files beside it."""
    await add(database, "one")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "deep").iterdir()}
    assert set(modes) >= {"team.db", "team.db-wal", "team.db-shm"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


async def test_a_second_process_is_refused(database: SqliteDatabase, tmp_path: Path) -> None:
    """With a word on what to do; once the first has ended, it gets in and finds everything."""
    await add(database, "one")
    with pytest.raises(StoreFailed, match="Another process") as caught:
        await open_sqlite(tmp_path / "deep" / "team.db")
    assert "PostgreSQL" in caught.value.fix
    await database.close()
    again = await open_sqlite(tmp_path / "deep" / "team.db")
    assert await installs(again) == {"one"}
    await again.close()


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("create table other (x)", "another program's"),
        (
            "create table alembic_version (version_num text); insert into alembic_version values ('9999')",
            "newer",
        ),
    ],
)
async def test_what_is_not_ours_is_left_alone(tmp_path: Path, schema: str, said: str) -> None:
    """A foreign file, and one of a later version: told, and not touched."""
    file = tmp_path / "team.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.executescript(schema)
    with pytest.raises(StoreFailed, match=said):
        await open_sqlite(file)
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("select count(*) from sqlite_master where name = 'users'").fetchone() == (0,)
    file.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(StoreFailed, match="no database"):
        await open_sqlite(file)


async def test_no_room_for_more_pages(database: SqliteDatabase) -> None:
    """Nobody is told of a success that is none; once there is room, it goes on."""
    await add(database, "before")
    database._writer.execute("pragma max_page_count = 90")
    acknowledged = await tried(database, [f"n{n}" for n in range(40)], LARGE)
    assert len(acknowledged) < 40
    assert await installs(database) == acknowledged | {"before"}
    database._writer.execute("pragma max_page_count = 100000")
    await add(database, "after", LARGE)
    assert await installs(database) == acknowledged | {"before", "after"}


async def test_a_disk_that_is_full(full_soon: Path) -> None:
    """The same on a real one; `check` knows, and a file in the way that goes makes it work again."""
    database = await open_sqlite(full_soon / "team.db")
    try:
        await add(database, "before")
        filler = full_soon / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        acknowledged = await tried(database, [f"n{n}" for n in range(20)], LARGE)
        assert not acknowledged
        with pytest.raises(StoreFailed, match=r"no room|disk"):
            await database.check()
        filler.unlink()
        await database.check()
        await add(database, "after")
        assert await installs(database) == {"before", "after"}
    finally:
        await database.close()


async def test_sqlite_takes_back_the_whole_group(database: SqliteDatabase) -> None:
    """As it may for want of memory or room: those who were done already are told too, the next group works."""
    entered = asyncio.Event()

    async def first() -> None:
        await add(database, "one")

    async def second() -> None:
        async with database.transaction("acme") as tx:
            await tx.execute(ADD, "two", "")
            entered.set()
            database._writer.execute("rollback")  # behind its back
            await tx.execute(ADD, "three", "")

    done = await asyncio.gather(first(), second(), return_exceptions=True)
    assert entered.is_set()
    assert isinstance(done[0], StoreFailed)
    assert done[1] is not None
    await add(database, "four")
    assert await installs(database) == {"four"}


async def test_a_commit_that_fails_is_told_to_all(database: SqliteDatabase) -> None:
    """Even where SQLite's reason is one that we did not think of."""

    async def with_a_statement_left_open() -> None:
        async with database.transaction("acme") as tx:
            await tx.execute("pragma defer_foreign_keys = on")
            await tx.execute("insert into child values (7)")

    database._writer.executescript(
        "create table parent (id integer primary key);"
        "create table child (id integer references parent (id) deferrable initially deferred);"
        "pragma foreign_keys = on"
    )
    done = await asyncio.gather(add(database, "one"), with_a_statement_left_open(), return_exceptions=True)
    assert [type(error) for error in done] == [StoreFailed, StoreFailed]
    await add(database, "two")
    assert await installs(database) == {"two"}


async def test_a_cancel_while_the_group_is_committed(database: SqliteDatabase) -> None:
    """Who asked is cancelled; what was left without an error holds."""
    task: asyncio.Task[None]

    async def work() -> None:
        async with database.transaction("acme") as tx:
            await tx.execute(ADD, "one", "")
            task.cancel()

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    assert task.cancelled()
    await add(database, "two")
    assert await installs(database) == {"one", "two"}


async def test_closed_while_transactions_wait(tmp_path: Path) -> None:
    """Each holds or is told that it does not; nobody waits for ever."""
    database = await open_sqlite(tmp_path / "team.db")
    adding = [asyncio.create_task(add(database, f"n{n}")) for n in range(5)]
    await asyncio.sleep(0)
    await database.close()
    done = await asyncio.gather(*adding, return_exceptions=True)
    acknowledged = {f"n{n}" for n, error in enumerate(done) if error is None}
    assert all(error is None or isinstance(error, StoreFailed) for error in done)
    again = await open_sqlite(tmp_path / "team.db")
    assert await installs(again) == acknowledged
    await again.close()


async def test_a_loop_that_ends_in_the_midst_leaves_a_whole_file(tmp_path: Path) -> None:
    """As when a program is ended by a signal: all tasks are cancelled, the commit's among them."""

    def ended() -> None:
        async def main() -> None:
            database = await open_sqlite(tmp_path / "team.db")
            await add(database, "one")
            for n in range(3):
                asyncio.ensure_future(add(database, f"n{n}"))  # noqa: RUF006  # meant to be forgotten
            await asyncio.sleep(0)
            database._opened.lock.release()

        asyncio.run(main())

    await asyncio.to_thread(ended)
    again = await open_sqlite(tmp_path / "team.db")
    assert "one" in await installs(again)
    await again.close()


async def test_a_long_statement_holds_up_nobody(database: SqliteDatabase) -> None:
    """It runs beside the loop; a cancel ends it at once."""
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) as m from n"
    begun = asyncio.Event()

    async def report() -> None:
        async with database.long_reading("acme") as tx:
            begun.set()
            await tx.rows(endless)

    reporting = asyncio.create_task(report())
    await begun.wait()
    await add(database, "one")
    assert await installs(database) == {"one"}
    assert not reporting.done()
    reporting.cancel()
    await asyncio.wait([reporting])
    assert reporting.cancelled()


Step = tuple[str, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "fail", "bug", "cancel", "cancel while waiting", "full", "loop"]),
        st.sampled_from("abcdefgh"),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_comes_together(steps: list[Step], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Against a model: the rows are those of all transactions that were acknowledged, and of no other."""
    asyncio.run(_play(steps, tmp_path_factory.mktemp("play") / "team.db"))


async def _play(steps: list[Step], file: Path) -> None:
    database = await open_sqlite(file)
    acknowledged: set[str] = set()
    in_doubt: set[str] = set()
    tasks: list[asyncio.Task[None]] = []

    async def run(at: int, kind: str, name: str) -> None:
        key = f"{name}{at}"
        try:
            async with database.transaction("acme") as tx:
                await _act(database, tx, kind, key)
        except asyncio.CancelledError:
            in_doubt.add(key)
            raise
        except (StoreFailed, LookupError, sqlite3.Error, RuntimeError):
            return
        acknowledged.add(key)

    for at, (kind, name) in enumerate(steps):
        task = asyncio.create_task(run(at, kind, name))
        tasks.append(task)
        if kind == "loop":
            await asyncio.sleep(0)
        if kind.startswith("cancel"):
            if kind == "cancel":
                await asyncio.sleep(0)
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await database.check()
    assert acknowledged <= await installs(database) <= acknowledged | in_doubt
    assert not database._turn.locked()
    assert not database._writer.in_transaction
    assert not database._tasks
    await database.close()


async def _act(database: SqliteDatabase, tx: SqliteTransaction, kind: str, key: str) -> None:
    await tx.execute(ADD, key, "")
    if kind == "fail":
        raise LookupError
    if kind == "bug":
        await tx.execute("insert into nowhere values (1)")
    if kind == "full":
        database._writer.execute("rollback")  # as SQLite does by itself where there is no room
        await tx.rows("select 1 as one")
