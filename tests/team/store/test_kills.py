"""What was acknowledged is there after `kill -9`, whenever it comes; and so is nothing by halves."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from victor_server.team.store.sqlite import open_sqlite

WRITER = """
import asyncio, os, pathlib, sys
from victor_server.team.store.sqlite import open_sqlite

ADD = "insert into installs (tenant, install, subject, created_us) values ('acme', $1, $2, 1)"

async def work(database, worker):
    n = 0
    while True:
        n += 1
        async with database.transaction("acme") as tx:
            for half in ("first", "second"):
                await tx.execute(ADD, f"{os.getpid()}-{worker}-{n}", half)
        os.write(1, f"{os.getpid()}-{worker}-{n}\\n".encode())

async def main():
    database = await open_sqlite(pathlib.Path(sys.argv[1]))
    await asyncio.gather(*(work(database, worker) for worker in range(8)))

asyncio.run(main())
"""


def killed_after(n_lines: int, file: Path) -> set[str]:
    """Let a process write until it has acknowledged so many, and kill it; returns what it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    with process, process.stdout as said:
        lines = [said.readline() for _ in range(n_lines)]
        process.kill()
        lines += said.readlines()
    return {line.decode().strip() for line in lines if line.endswith(b"\n")}


async def check(file: Path, acknowledged: set[str]) -> None:
    """All that was acknowledged, each whole; the file is sound, and opens at once for the next process."""
    database = await open_sqlite(file)
    async with database.long_reading("acme") as tx:
        rows = await tx.rows("select install, count(*) as n from installs group by install")
        assert await tx.rows("pragma integrity_check") == [{"integrity_check": "ok"}]
    await database.close()
    assert acknowledged <= {row["install"] for row in rows}
    assert {row["n"] for row in rows} == {2}


async def test_killed_in_the_midst_of_writing(tmp_path: Path) -> None:
    """Three in a row, on the same file."""
    acknowledged: set[str] = set()
    for n_lines in (1, 30, 200):
        acknowledged |= killed_after(n_lines, tmp_path / "team.db")
        await check(tmp_path / "team.db", acknowledged)
    assert len(acknowledged) >= 231


@pytest.mark.torture
async def test_killed_a_hundred_times(tmp_path: Path) -> None:
    """At any moment."""
    chance = random.Random(7)
    acknowledged: set[str] = set()
    for _ in range(100):
        acknowledged |= killed_after(chance.randint(1, 120), tmp_path / "team.db")
        await check(tmp_path / "team.db", acknowledged)
