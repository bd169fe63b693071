"""The SQLite file: for its owner and one process alone, and of the schema that this version works with."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victor_server.errors import StoreFailed
from victor_server.settings.home import FILE_MODE, FOLDER_MODE
from victor_server.team.store.schema import FIRST, NEWEST, check_known
from victor_server.team.store.sqlite_errors import translated

if TYPE_CHECKING:
    from filelock import BaseFileLock

BUSY_TIME_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is ours for as long as this is kept. `before`: its schema's version when it was opened."""

    file: Path
    before: str | None
    lock: "BaseFileLock"


@contextlib.contextmanager
def open_file(file: Path) -> Iterator[OpenFile]:
    """Hold the file, made where it is not there, brought to the newest schema. Raises `StoreFailed`."""
    opened = hold(file)
    try:
        yield opened
    finally:
        opened.lock.release()


def hold(file: Path) -> OpenFile:
    """The same until `lock.release()`."""
    lock = _locked(file)
    try:
        with contextlib.closing(connect(file)) as db, translated():
            return OpenFile(file, _bring_up(db), lock)
    except BaseException:
        lock.release()
        raise


def connect(file: Path, *, query_only: bool = False) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time. What it commits outlasts a power cut."""
    with translated():
        db = sqlite3.connect(file, timeout=BUSY_TIME_LIMIT_S, isolation_level=None, check_same_thread=False)
        try:
            db.row_factory = _row
            for pragma in ("journal_mode = wal", "synchronous = full", "journal_size_limit = 67108864"):
                db.execute(f"pragma {pragma}")
            db.execute(f"pragma query_only = {'on' if query_only else 'off'}")
        except BaseException:
            db.close()
            raise
        return db


def connect_to_look(file: Path) -> sqlite3.Connection:
    """A connection that can write nothing, to a file that is there."""
    with translated():
        address = f"{file.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(address, uri=True, timeout=BUSY_TIME_LIMIT_S, isolation_level=None)
        db.row_factory = _row
        return db


def checked_version(db: sqlite3.Connection) -> str | None:
    """The schema's version, None where nothing is in it. Raises `StoreFailed` for another program's file, or a newer one."""
    found = _version(db)
    check_known(found)
    return found


def _locked(file: Path) -> "BaseFileLock":
    from filelock import FileLock, Timeout

    try:
        file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=0, mode=FILE_MODE, thread_local=False)
        lock.acquire()
        _make_private(file)
    except Timeout:
        raise StoreFailed(
            f"Another process works with the database {file}.",
            "End that process; several replicas need PostgreSQL.",
        ) from None
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise StoreFailed(
            f"The database {file}: {reason}.", "Let its folder be the backend's own."
        ) from error
    return lock


def _make_private(file: Path) -> None:
    """SQLite's own files beside it (-wal, -shm) inherit the mode."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(file, flags, FILE_MODE)
    try:
        if os.name == "posix" and os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, FILE_MODE)
    finally:
        os.close(handle)


def _bring_up(db: sqlite3.Connection) -> str | None:
    """Add what is missing of the newest schema, all of it or nothing. Returns the version that was there."""
    before = checked_version(db)
    if before != NEWEST:
        _run(db, _first_tables() if before is None else "")
        if (before or FIRST) != NEWEST:
            _run(db, _steps(before or FIRST))
    return before


def _run(db: sqlite3.Connection, script: str) -> None:
    try:
        db.executescript(f"begin immediate;\n{script}\ncommit;")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise


def _version(db: sqlite3.Connection) -> str | None:
    names = {row["name"] for row in db.execute("select name from sqlite_master where type = 'table'")}
    if not names:
        return None
    if "alembic_version" not in names:
        raise StoreFailed("The file is another program's database.", "Name another in `database.url`.")
    found = db.execute("select version_num from alembic_version").fetchone()
    return str(found["version_num"]) if found else None


def _first_tables() -> str:
    """What the first step makes; said without alembic, since a first run should start at once."""
    from victor_server.team.store.tables import statements

    version = "create table alembic_version (version_num varchar(32) not null primary key)"
    noted = f"insert into alembic_version values ('{FIRST}')"  # noqa: S608  # a constant of ours
    return ";\n".join((*statements(), version, noted, ""))


def _steps(before: str) -> str:
    from victor_server.team.store.steps import script

    return script("sqlite", before)


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip((column[0] for column in cursor.description), values, strict=True))
