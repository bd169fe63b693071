"""The manifest's SQLite file: its tables, its format, and what its errors mean."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from victor_indexer.errors import DiskFull, StoreUnreadable

_APPLICATION_ID = 0x56494354
_FORMAT = 1
_SCHEMA = """
create table versions (id integer primary key, parser text, chunker text, redaction text,
    unique (parser, chunker, redaction));
create table files (id integer primary key, path text not null unique, status text not null,
    size integer not null, mtime_ns integer not null, ctime_ns integer not null, content_hash text not null,
    language text not null, lines integer not null, chunks integer not null, symbols integer not null,
    versions integer not null references versions, reason text not null, rule text not null,
    error text not null, indexed_at real not null);
create table symbols (file integer not null references files, ord integer not null, name text not null,
    lower text not null, kind text not null, container text not null,
    start_line integer, start_column integer, end_line integer, end_column integer,
    name_line integer, name_column integer, name_end_column integer,
    primary key (file, ord)) without rowid;
create index symbols_by_name on symbols (lower);
create table skipped (path text primary key, reason text not null, rule text not null) without rowid;
create table skipped_counts (reason text primary key, files integer not null) without rowid;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection as every user of the manifest wants it."""
    # Statements are not many: the cache keeps each of them compiled.
    db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.execute("pragma foreign_keys = off")  # the order of writing holds, and 100,000 checks cost
        db.execute("pragma journal_size_limit = 4194304")
    except BaseException:
        db.close()
        raise
    return db


def check_format(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables in an empty file; refuse any file that is not ours or not of this format."""
    db.execute("begin immediate")
    found = (
        db.execute("pragma application_id").fetchone()[0],
        db.execute("pragma user_version").fetchone()[0],
    )
    tables = db.execute("select count(*) from sqlite_master").fetchone()[0]
    if tables == 0:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute(f"pragma application_id = {_APPLICATION_ID}")
        db.execute(f"pragma user_version = {_FORMAT}")
    db.execute("commit")
    if tables and found != (_APPLICATION_ID, _FORMAT):
        raise StoreUnreadable(
            f"{path} holds an index of another format ({found[1]}, not {_FORMAT})", _REBUILD
        )
    if db.execute("pragma quick_check(1)").fetchone()[0] != "ok":
        raise StoreUnreadable(f"{path} is damaged", _REBUILD)


_REBUILD = "The index is rebuilt by itself; `victor index --rebuild` does it now."


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLite and the system say into the index's own errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(
                f"no space to write the index: {error.strerror}", "Free some disk space."
            ) from error
        raise StoreUnreadable(f"the index's manifest cannot be opened: {error}", _REBUILD) from error


def translate(error: sqlite3.Error) -> Exception:
    """Return the index's own error for one of SQLite's; a bug in a statement stays what it is."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull("no space to write the index's manifest", "Free some disk space.")
    if code in {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_INTERRUPT,
    }:
        return error
    if isinstance(error, sqlite3.ProgrammingError):
        return error
    return StoreUnreadable(f"the index's manifest cannot be read: {error}", _REBUILD)
