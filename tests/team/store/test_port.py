"""What both databases must do alike."""

import asyncio
import contextlib
import socket

import pytest
from redis_server import RedisServer

from victor_server.errors import Conflict, NotFound, StoreFailed
from victor_server.team.store.database import Database, Transaction

ADD = "insert into consents (tenant, subject, purpose, given, at_us) values ($1, $2, 'p', true, $3)"


async def add(tx: Transaction, subject: str, at_us: int = 1) -> None:
    """Write a small row."""
    await tx.execute(ADD, "acme", subject, at_us)


async def subjects(database: Database) -> list[str]:
    """Who has one."""
    async with database.reading("acme") as tx:
        return [row["subject"] for row in await tx.rows("select subject from consents order by subject")]


async def test_what_was_left_without_an_error_is_there(database: Database) -> None:
    """Rows, counts and values come back as they went in."""
    async with database.transaction("acme") as tx:
        await add(tx, "ann", 2**60)
        await tx.many(ADD, [("acme", "bob", 2), ("acme", "cem", 3)])
        assert await tx.execute("update consents set at_us = 7 where subject <> $1", "ann") == 2
        assert await tx.row("select * from consents where subject = 'none'") is None
    async with database.reading("acme") as tx:
        row = await tx.row("select * from consents where subject = $1", "ann")
        total = await tx.row("select sum(at_us) as n, count(*) as c from consents where subject <> 'ann'")
    assert row == {"tenant": "acme", "subject": "ann", "purpose": "p", "given": True, "at_us": 2**60}
    assert total == {"n": 14, "c": 2}
    assert isinstance(total["n"], int)


async def test_an_error_takes_back_its_own_transaction_alone(database: Database) -> None:
    """Others that ran at the same time hold."""

    async def work(name: str, fails: bool) -> None:
        async with database.transaction("acme") as tx:
            await add(tx, name)
            if fails:
                raise LookupError(name)

    names = [f"s{n}" for n in range(12)]
    done = await asyncio.gather(
        *(work(name, n % 3 == 0) for n, name in enumerate(names)), return_exceptions=True
    )
    assert [isinstance(one, LookupError) for one in done] == [n % 3 == 0 for n in range(12)]
    assert await subjects(database) == sorted(name for n, name in enumerate(names) if n % 3)


async def test_a_row_that_is_there_is_a_conflict(database: Database) -> None:
    """Conflict, even where the block passes over it: a transaction does not hold by halves."""
    async with database.transaction("acme") as tx:
        await add(tx, "ann")

    async def pass_over() -> None:
        async with database.transaction("acme") as tx:
            await add(tx, "bob")
            with contextlib.suppress(Conflict):
                await add(tx, "ann")

    with pytest.raises(Conflict):
        await pass_over()
    assert await subjects(database) == ["ann"]


async def test_after_an_error_there_is_no_further_statement(database: Database) -> None:
    """Nor after the block."""

    async def go_on() -> None:
        async with database.transaction("acme") as tx:
            await add(tx, "ann")
            with pytest.raises(Conflict):
                await add(tx, "ann")
            await tx.rows("select 1 as one")

    with pytest.raises(RuntimeError, match="over"):
        await go_on()
    async with database.transaction("acme") as kept:
        await add(kept, "bob")
    with pytest.raises(RuntimeError, match="over"):
        await kept.rows("select 1 as one")
    assert await subjects(database) == ["bob"]


async def test_a_task_has_one_at_a_time(database: Database) -> None:
    """A second one inside is refused: it would wait for the first for ever."""

    async def nest() -> None:
        async with database.transaction("acme") as tx:
            await add(tx, "ann")
            async with database.transaction("acme"):
                pass

    with pytest.raises(RuntimeError, match="open already"):
        await nest()
    assert await subjects(database) == []
    async with database.reading("acme"):
        with pytest.raises(RuntimeError, match="open already"):
            async with database.long_reading("acme"):
                pass


async def test_a_reading_changes_nothing(database: Database) -> None:
    """Neither a short nor a long one."""
    for reading in (database.reading, database.long_reading):
        with pytest.raises(StoreFailed):
            async with reading("acme") as tx:
                await add(tx, "ann")
    assert await subjects(database) == []


async def test_a_reading_sees_one_state(database: Database) -> None:
    """What is committed between two of its statements is not seen by the second."""
    count = "select count(*) as n from consents"

    async def write(name: str) -> None:
        async with database.transaction("acme") as tx:
            await add(tx, name)

    for reading in (database.reading, database.long_reading):
        async with reading("acme") as tx:
            before = await tx.row(count)
            await asyncio.create_task(write(reading.__name__))
            assert await tx.row(count) == before
    assert len(await subjects(database)) == 2


@pytest.mark.parametrize("name", ["a b", "A", "a'", "*", "a\x00", "x" * 64, "-a", "a; drop table users"])
async def test_a_name_that_no_tenant_has(database: Database, name: str) -> None:
    """It may come from a token that nobody has checked: it gets into no statement."""
    for opened in (database.transaction, database.reading, database.long_reading):
        with pytest.raises(NotFound):
            async with opened(name):
                pass


async def test_a_cancel_leaves_nothing_behind(database: Database) -> None:
    """Wherever it comes, the next transaction works, and what was not left does not hold."""
    inside = asyncio.Event()

    async def stay(name: str) -> None:
        async with database.transaction("acme") as tx:
            await add(tx, name)
            inside.set()
            await asyncio.Event().wait()

    staying = asyncio.create_task(stay("ann"))
    waiting = asyncio.create_task(asyncio.wait_for(stay("bob"), None))
    await inside.wait()
    waiting.cancel()
    staying.cancel()
    await asyncio.wait([staying, waiting])
    assert staying.cancelled()
    assert waiting.cancelled()
    async with database.transaction("acme") as tx:
        await add(tx, "cem")
    assert await subjects(database) == ["cem"]


async def test_a_bug_in_a_statement_is_no_failure_of_the_store(database: Database) -> None:
    """What is wrong is said without the values that were given."""
    with pytest.raises(Exception, match=r"consents|column|syntax|nonsense") as caught:
        async with database.transaction("acme") as tx:
            await tx.execute(
                "insert into consents (tenant, subject, purpose, given, at_us) values ($1, $2, 'p', true, null)",
                "acme",
                "a private name",
            )
    assert not isinstance(caught.value, StoreFailed)
    assert "private" not in repr(caught.value)
    assert "private" not in str(caught.value.__cause__ or "")


async def test_it_can_be_looked_at(database: Database) -> None:
    """`check` passes while it works, and fails once it is closed."""
    await database.check()
    await database.close()
    with pytest.raises(StoreFailed):
        await database.check()
    await database.close()


async def test_a_value_of_another_kind_is_a_bug(postgres_database: Database) -> None:
    """PostgreSQL takes no text for a number, and no value too many: told without the values, and no store has failed."""
    for values in (("acme", "ann", "a private word"), ("acme", "ann", 1, "a private word")):
        with pytest.raises(RuntimeError, match=r"DataError|do not fit") as caught:
            async with postgres_database.transaction("acme") as tx:
                await tx.execute(ADD, *values)
        assert "private" not in f"{caught.value} {caught.value.__cause__}"
        assert caught.value.__suppress_context__


def test_the_other_servers_start_and_stop(redis: RedisServer) -> None:
    """Redis answers, is gone, and answers again."""
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", redis.port)) as asked:
            asked.sendall(b"PING\r\n")
            assert asked.recv(16) == b"+PONG\r\n"
        redis.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", redis.port))
        redis.start()
