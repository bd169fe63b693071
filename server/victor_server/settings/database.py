"""Opens SQLite files in VICTOR_HOME: for their owner alone, and only of a format that is known."""

import contextlib
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import HistoryFailed
from victor_server.settings.home import FILE_MODE, FOLDER_MODE

BUSY_TIME_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Format:
    """What a file must be. `name` is what people call it; `schema` makes its tables, statements ended by `;` and a line."""

    name: str
    application_id: int
    version: int
    schema: str


def open_database(file: Path, form: Format) -> sqlite3.Connection:
    """Open `file`, making it (0600) if it is not there. Raises `HistoryFailed` for anything that is not of `form`.

    The connection may be used by any thread, one at a time. WAL with `synchronous=NORMAL`: whole through any kill of
    the process; what a power cut must not undo is written with `pragma synchronous = full`.
    """
    with translated(file, form.name):
        file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _make_private(file)
        db = sqlite3.connect(file, timeout=BUSY_TIME_LIMIT_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, file, form)
        except BaseException:
            db.close()
            raise
    return db


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it, alone among all processes."""
    _begin(db)
    try:
        yield
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise


def _begin(db: sqlite3.Connection) -> None:
    """SQLite waits longer and longer between its tries, and so starves beside somebody who writes all the time: we try
    often, and get our turn.
    """
    give_up_at = time.monotonic() + BUSY_TIME_LIMIT_S
    db.execute("pragma busy_timeout = 0")
    try:
        while True:
            try:
                db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(random.uniform(0.0005, 0.003))
            else:
                return
    finally:
        db.execute(f"pragma busy_timeout = {int(BUSY_TIME_LIMIT_S * 1_000)}")


@contextlib.contextmanager
def translated(file: Path, name: str) -> Iterator[None]:
    """Turn what SQLite and the system say into `HistoryFailed`; a bug in a statement stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, file, name) from error
    except OSError as error:
        reason = error.strerror or "it could not be opened"
        raise HistoryFailed(f"{name} ({file}): {reason}.", "Run `victor doctor`.") from error


def _make_private(file: Path) -> None:
    """The file, made or narrowed, so that SQLite's own files beside it (-wal, -shm) inherit the mode."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(file, flags, FILE_MODE)
    try:
        if os.name == "posix" and os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, FILE_MODE)
    finally:
        os.close(handle)


def _prepare(db: sqlite3.Connection, file: Path, form: Format) -> None:
    with transaction(db):
        found = tuple(
            db.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if not db.execute("select count(*) from sqlite_master").fetchone()[0] and found == (0, 0):
            for statement in form.schema.split(";\n"):
                db.execute(statement)
            db.execute(f"pragma application_id = {form.application_id}")
            db.execute(f"pragma user_version = {form.version}")
        elif found != (form.application_id, form.version):
            raise HistoryFailed(*_foreign(file, form, found))
    write_ahead(db)
    db.execute("pragma synchronous = normal")
    db.execute("pragma journal_size_limit = 4194304")


def write_ahead(db: sqlite3.Connection) -> None:
    """Switch to WAL. Where several processes begin a file at once SQLite refuses this without waiting, so we wait."""
    give_up_at = time.monotonic() + BUSY_TIME_LIMIT_S
    while True:
        try:
            db.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _foreign(file: Path, form: Format, found: tuple[int, ...]) -> tuple[str, str]:
    if found[0] != form.application_id:
        return f"{form.name} ({file}): the file is something else.", "Move it away; a new one is begun."
    return (
        f"{form.name} ({file}) has format {found[1]}, and this Victor knows format {form.version}.",
        "Update Victor, or move the file away: a new one is begun.",
    )


def _translate(error: sqlite3.Error, file: Path, name: str) -> Exception:
    said, fix = _SAID.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, ("", ""))
    return HistoryFailed(f"{name} ({file}): {said}.", fix) if said else error


_AWAY = "Move the file away: a new one is begun."
_SAID = {
    sqlite3.SQLITE_FULL: ("there is no room on the disk", "Free some disk space."),
    sqlite3.SQLITE_BUSY: ("another process keeps it locked", "End that process."),
    sqlite3.SQLITE_LOCKED: ("another process keeps it locked", "End that process."),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", _AWAY),
    sqlite3.SQLITE_NOTADB: ("the file is damaged, or something else", _AWAY),
    sqlite3.SQLITE_READONLY: ("it may not be written to", "Run `victor doctor`."),
    sqlite3.SQLITE_PERM: ("it may not be opened", "Run `victor doctor`."),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Run `victor doctor`."),
    sqlite3.SQLITE_AUTH: ("it may not be opened", "Run `victor doctor`."),
    sqlite3.SQLITE_IOERR: ("the disk could not be read or written", "Check the disk, and its free space."),
    sqlite3.SQLITE_TOOBIG: ("something is too large to be kept", ""),
}
