"""The file of chat sessions: its tables, its format, and what SQLite's errors mean to a person."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from victor_server.errors import HistoryFailed
from victor_server.settings.database import write_ahead
from victor_server.settings.home import FILE_MODE, FOLDER_MODE

FORMAT = 1
_APPLICATION_ID = 0x56434853
_BUSY_S = 5.0
_SCHEMA = """
create table sessions (id text primary key, workspace text not null, title text not null, created real not null,
    updated real not null, owner text) without rowid;
create table turns (session_id text not null, turn_id text not null, ord integer not null, state text not null,
    reason text not null, primary key (session_id, turn_id)) without rowid;
create table events (session_id text not null, seq integer not null, turn_id text not null, kind text not null,
    data text not null, primary key (session_id, seq)) without rowid;
create table receipts (id text primary key, session_id text not null, turn_id text not null, created real not null,
    data text not null) without rowid;
create index receipts_by_session on receipts (session_id, created);
create index receipts_by_time on receipts (created);
"""


def open_database(file: Path) -> sqlite3.Connection:
    """Open the file, making it for its owner's eyes alone if it is missing. Raises HistoryFailed.

    `synchronous=normal` in WAL keeps every committed event through any kill of the process; a power cut may take the
    last ones. The connection may be used from several threads, one at a time.
    """
    with translated(file):
        file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # Made here so that SQLite's own files (-wal, -shm) inherit the narrow mode.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, FILE_MODE))
        if os.name == "posix":
            file.chmod(FILE_MODE)
        db = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _check_format(db, file)
            write_ahead(db)
            db.execute("pragma synchronous = normal")
            db.execute("pragma journal_size_limit = 4194304")
            db.execute("pragma secure_delete = on")
        except BaseException:
            db.close()
            raise
    return db


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        # A full disk may have rolled back by itself.
        if db.in_transaction:
            db.execute("rollback")
        raise


@contextlib.contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turns what SQLite and the system raise into HistoryFailed."""
    try:
        yield
    except sqlite3.Error as error:
        message, fix = _said(error, file)
        raise HistoryFailed(message, fix) from error
    except OSError as error:
        reason = error.strerror or "it could not be opened"
        raise HistoryFailed(f"The chat history {file}: {reason}.", _FIX_ACCESS) from error


_FIX_ACCESS = "Make sure that you may write to VICTOR_HOME."
_MEANINGS = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Make room on the disk."),
    sqlite3.SQLITE_IOERR: ("the disk cannot be written or read", "Make room on the disk, or look after it."),
    sqlite3.SQLITE_BUSY: ("another process has kept it locked for too long", "End that process."),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Move it away; a new one is begun."),
    sqlite3.SQLITE_NOTADB: ("it is not a history of Victor's", "Move it away; a new one is begun."),
    sqlite3.SQLITE_READONLY: ("it cannot be written", _FIX_ACCESS),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", _FIX_ACCESS),
}


def _said(error: sqlite3.Error, file: Path) -> tuple[str, str]:
    # The low byte of an extended code is the plain one.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    reason, fix = _MEANINGS.get(code, ("it could not be read or written", _FIX_ACCESS))
    return f"The chat history {file}: {reason}.", fix


def _check_format(db: sqlite3.Connection, file: Path) -> None:
    """Make the tables in an empty file; refuse what is not ours or of a format that is not known."""
    with transaction(db):
        application = db.execute("pragma application_id").fetchone()[0]
        found = db.execute("pragma user_version").fetchone()[0]
        if not db.execute("select count(*) from sqlite_master").fetchone()[0]:
            for statement in _SCHEMA.strip().split(";\n"):
                db.execute(statement)
            db.execute(f"pragma application_id = {_APPLICATION_ID}")
            db.execute(f"pragma user_version = {FORMAT}")
        elif application != _APPLICATION_ID:
            raise HistoryFailed(f"{file} is not a history of Victor's.", "Move it away; a new one is begun.")
        elif found != FORMAT:
            raise HistoryFailed(
                f"The chat history {file} has format {found}; this Victor knows {FORMAT}.",
                "Use the Victor that wrote it, or move the file away.",
            )
