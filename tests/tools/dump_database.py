"""Writes a lived-in database of this version as SQL, for tests of later versions: `python -P tests/tools/dump_database.py 0.1.0`."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lived_in_database import live  # tests' own modules are found from here on
from postgres_server import PostgresServer, running_postgres

from victor_server.team.store.postgres import open_postgres
from victor_server.team.store.sqlite import open_sqlite

DUMPS = Path(__file__).resolve().parents[1] / "team" / "store" / "dumps"


async def dump_sqlite(file: Path) -> str:
    """Of a new file."""
    database = await open_sqlite(file)
    await live(database)
    await database.close()
    with contextlib.closing(sqlite3.connect(file)) as db:
        return "\n".join(db.iterdump()) + "\n"


async def dump_postgres(server: PostgresServer) -> str:
    """Of a new database; without owners and rights, which are each installation's own."""
    async with server.new_database() as name:
        database = await open_postgres(server.url(name))
        await live(database)
        await database.close()
        return await asyncio.to_thread(_pg_dump, server, name)


def _pg_dump(server: PostgresServer, name: str) -> str:
    words = [str(server.programs / "pg_dump"), "--inserts", "--no-owner", "--no-privileges"]
    done = subprocess.run([*words, server.url(name, "postgres")], capture_output=True, text=True, check=True)
    # What older programs do not know, and what only says when it was.
    return "".join(
        line
        for line in done.stdout.splitlines(keepends=True)
        if not line.startswith(("\\restrict", "\\unrestrict"))
    )


def main(version: str) -> None:
    """Both, into the folder of a version."""
    folder = DUMPS / version
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch, running_postgres() as server:
        (folder / "sqlite.sql").write_text(asyncio.run(dump_sqlite(Path(scratch) / "team.db")))
        (folder / "postgresql.sql").write_text(asyncio.run(dump_postgres(server)))


if __name__ == "__main__":
    main(sys.argv[1])
