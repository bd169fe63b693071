"""A private PostgreSQL for tests: its own cluster in a scratch folder, a database each, stopped and started at will."""

import contextlib
import functools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

OWNER = "victor_owner"
APP = "victor_app"
_TEMPLATE = "victor_template"
_QUIET = (
    "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=60 "
    "-c log_min_messages=fatal -c autovacuum=off -c max_wal_senders=0 -c wal_level=minimal"
)
_FIX = "PostgreSQL is not installed: `make servers` (Debian: sudo apt-get install postgresql)"


@dataclass(slots=True)
class PostgresServer:
    """A cluster of its own. Its roles need no password, over a socket in a private folder and the loopback address.

    `victor_owner` owns the tables of each database, `victor_app` is whom a backend connects as.
    """

    folder: Path
    programs: Path
    port: int
    _made: list[str] = field(default_factory=list)

    def url(self, database: str, role: str = APP) -> str:
        """Where a database is, for a role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Take connections; returns once it does."""
        options = f"{_QUIET} -c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Break all connections and end; `immediate` as if it had been killed."""
        self._control("stop", "-m", mode)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Both."""
        self.stop(mode)
        self.start()

    @contextlib.asynccontextmanager
    async def new_database(self) -> AsyncIterator[str]:
        """The name of a database with the newest schema and no rows; it is gone after the block."""
        async with self._created(f"template {_TEMPLATE}") as name:
            yield name

    @contextlib.asynccontextmanager
    async def empty_database(self) -> AsyncIterator[str]:
        """The same without tables."""
        async with self._created("") as name:
            yield name

    @contextlib.asynccontextmanager
    async def _created(self, how: str) -> AsyncIterator[str]:
        if not self._made:
            await self._make_template()
        name = f"victor_{len(self._made)}"
        self._made.append(name)
        await self._asked(f"create database {name} {how} owner {OWNER}")
        try:
            yield name
        finally:
            await self._asked(f"drop database {name} with (force)")

    async def _make_template(self) -> None:
        from victor_server.team.store.migrate import migrate

        for statement in (
            f"create role {OWNER} login",
            f"create role {APP} login",
            f"create database {_TEMPLATE} owner {OWNER}",
        ):
            await self._asked(statement)
        await migrate(self.url(_TEMPLATE, OWNER), self.url(_TEMPLATE))
        self._made.append(_TEMPLATE)

    async def _asked(self, statement: str) -> None:
        import asyncpg

        connection: Any = await asyncpg.connect(self.url("postgres", "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _control(self, what: str, *words: str) -> None:
        run_as_owner([str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words, what])


@functools.cache
def programs() -> Path | None:
    """Where initdb and pg_ctl are: Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda file: int(file.parts[-3]))
    beside = shutil.which("pg_ctl")
    if found:
        return found[-1].parent
    return Path(beside).resolve().parent if beside else None


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A cluster that lives as long as the block. Skips the test where PostgreSQL is not installed."""
    where = programs()
    if where is None:
        pytest.skip(_FIX)
    folder = Path(tempfile.mkdtemp(prefix="victor-pg-"))  # its socket's path may be 107 bytes long at most
    try:
        if _is_root():
            shutil.chown(folder, "postgres", "postgres")
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        run_as_owner([str(where / "initdb"), "-D", str(folder / "data"), *words])
        server = PostgresServer(folder, where, _free_port())
        server.start()
        with _ended_with_us(folder, where):
            try:
                yield server
            finally:
                with contextlib.suppress(subprocess.CalledProcessError):  # a test may have stopped it
                    server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _ended_with_us(folder: Path, where: Path) -> Iterator[None]:
    """A child whose input ends with this process, even where that is killed: then it ends the cluster."""
    words = [
        "sh",
        "-c",
        'cat; "$1/pg_ctl" -D "$0/data" -m immediate stop; rm -rf "$0"',
        str(folder),
        str(where),
    ]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        **_owner(),
    ):
        yield


def _owner() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if _is_root() else {}


def run_as_owner(words: list[str]) -> None:
    """Run one of PostgreSQL's programs, which refuse to be root."""
    with tempfile.TemporaryFile() as said:
        # A file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open.
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", check=False, **_owner()
        )
        if done.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(done.returncode, words, said.read())


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
