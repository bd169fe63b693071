"""What holds when PostgreSQL goes away in the midst of it, and comes back."""

import asyncio
import secrets

import asyncpg
import pytest
from postgres_server import PostgresServer

from victor_server.errors import Conflict, SettingsError, StoreFailed
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Database
from victor_server.team.store.postgres import open_postgres

ADD = "insert into installs (tenant, install, subject, created_us) values ('acme', $1, 'ann', 1)"


async def installs(database: Database) -> set[str]:
    """Those that are there."""
    async with database.reading("acme") as tx:
        return {row["install"] for row in await tx.rows("select install from installs")}


async def both(database: Database, first: str, second: str) -> None:
    """Two statements in one transaction."""
    async with database.transaction("acme") as tx:
        await tx.execute(first, "one")
        await tx.execute(second, "one")


async def test_restarted_in_the_midst_of_transactions(
    postgres: PostgresServer, postgres_database: Database
) -> None:
    """What was acknowledged is there, what failed for sure is not, and work goes on with the same pool."""
    acknowledged: set[str] = set()
    unknown: set[str] = set()
    failed = asyncio.Event()
    some = asyncio.Event()

    async def work(worker: int) -> None:
        n = 0
        while not failed.is_set():
            n += 1
            name = f"{worker}-{n}"
            try:
                async with postgres_database.transaction("acme") as tx:
                    await tx.execute(ADD, name)
                    await tx.execute("update installs set acked = acked + 1 where install = $1", name)
            except StoreFailed as error:
                unknown.update({name} if error.unknown else set())
                failed.set()
            else:
                acknowledged.add(name)
                if len(acknowledged) > 20:
                    some.set()

    workers = [asyncio.create_task(work(worker)) for worker in range(4)]
    await some.wait()
    await asyncio.to_thread(postgres.stop, "immediate")
    try:
        await asyncio.gather(*workers)
        with pytest.raises(StoreFailed):
            await postgres_database.check()
    finally:
        await asyncio.to_thread(postgres.start)
    await postgres_database.check()
    there = await installs(postgres_database)
    assert acknowledged <= there <= acknowledged | unknown
    async with postgres_database.transaction("acme") as tx:
        assert await tx.row("select max(acked) as most, min(acked) as least from installs") == {
            "most": 1,
            "least": 1,
        }


async def test_a_connection_that_broke_while_idle_is_not_noticed(
    postgres: PostgresServer, postgres_database: Database
) -> None:
    """A restart between two transactions costs nobody an error."""
    await postgres_database.check()
    await asyncio.to_thread(postgres.restart)
    async with postgres_database.transaction("acme") as tx:
        await tx.execute(ADD, "one")
    assert await installs(postgres_database) == {"one"}


async def test_a_statement_that_takes_too_long_is_ended(postgres_settings: DatabaseSettings) -> None:
    """The transaction is lost, the database is not; and the locks of the transaction are free."""
    database = await open_postgres(postgres_settings.url, pool_size=2, statement_time_limit_s=0.05)
    try:
        with pytest.raises(StoreFailed, match="too long"):
            await both(database, ADD, "select 'one' from pg_sleep(20) where $1 <> ''")
        async with database.long_reading("acme") as tx:
            assert await tx.rows("select 1 as one from pg_sleep(0.1)") == [{"one": 1}]
        async with database.transaction("acme") as tx:
            await tx.execute(ADD, "one")
        assert await installs(database) == {"one"}
    finally:
        await database.close()


async def test_two_that_wait_for_each_other(postgres_database: Database) -> None:
    """One of them is told, and nothing of it holds; nothing is tried again in secret."""
    async with postgres_database.transaction("acme") as tx:
        for name in ("one", "two"):
            await tx.execute(ADD, name)
    both = asyncio.Barrier(2)

    async def work(first: str, second: str) -> None:
        async with postgres_database.transaction("acme") as tx:
            await tx.execute("update installs set acked = acked + 1 where install = $1", first)
            await both.wait()
            await tx.execute("update installs set acked = acked + 1 where install = $1", second)

    done = await asyncio.gather(work("one", "two"), work("two", "one"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "StoreFailed"]
    async with postgres_database.reading("acme") as tx:
        assert await tx.rows("select distinct acked from installs") == [{"acked": 1}]


async def test_a_cancel_in_the_midst_of_a_statement(postgres_database: Database) -> None:
    """The statement ends, its connection goes on serving: more cancels than the pool has connections."""
    for _ in range(8):
        asked = asyncio.Event()

        async def wait_long(asked: asyncio.Event = asked) -> None:
            async with postgres_database.transaction("acme") as tx:
                await tx.execute(ADD, "never")
                asked.set()
                await tx.rows("select pg_sleep(60)")

        waiting = asyncio.create_task(wait_long())
        await asked.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
    assert await installs(postgres_database) == set()


async def test_a_cancel_while_it_is_committed(postgres_database: Database) -> None:
    """Who asked is cancelled, what was left without an error holds."""
    task: asyncio.Task[None]

    async def work() -> None:
        async with postgres_database.transaction("acme") as tx:
            await tx.execute(ADD, "one")
            task.cancel()  # reaches the next wait: that for the commit

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    assert task.cancelled()
    await postgres_database.close()
    # All connections are closed, so the commit has run to its end.


async def test_what_was_cancelled_while_it_was_committed_holds(
    postgres_settings: DatabaseSettings, postgres_database: Database
) -> None:
    """Seen through another replica, after the first one has ended."""
    await test_a_cancel_while_it_is_committed(postgres_database)
    other = await open_postgres(postgres_settings.url)
    try:
        assert await installs(other) == {"one"}
    finally:
        await other.close()


async def test_what_cannot_be_reached_is_told_without_its_address(postgres: PostgresServer) -> None:
    """A password may stand in it."""
    secret = secrets.token_hex(8)
    host = f"127.0.0.1:{postgres.port}"
    for url, kind in (
        (f"postgresql://victor_app:{secret}@{host}/nowhere", StoreFailed),
        (f"postgresql://nobody:{secret}@{host}/postgres", StoreFailed),
        (f"postgresql://victor_app:{secret}@127.0.0.1:9/postgres", StoreFailed),
        (f"postgresql://victor_app:{secret}@{host}/postgres", StoreFailed),
        (f"postgresql://victor_app:{secret}@{host}/postgres?target_session_attrs=x", SettingsError),
    ):
        with pytest.raises(kind) as caught:
            await open_postgres(url)
        assert secret not in f"{caught.value!r} {caught.value.fix} {caught.value.__cause__!r}"


async def test_a_commit_that_the_database_turns_down(postgres_settings: DatabaseSettings) -> None:
    """A constraint that is looked at last: it fails, and nobody is in doubt."""
    owner = await asyncpg.connect(postgres_settings.owner_url)
    await owner.execute(
        "alter table installs add constraint late unique (subject) deferrable initially deferred"
    )
    await owner.close()
    database = await open_postgres(postgres_settings.url)
    try:
        with pytest.raises(Conflict):
            await both(database, ADD, ADD.replace("$1", "$1 || '2'"))
        assert await installs(database) == set()
    finally:
        await database.close()
