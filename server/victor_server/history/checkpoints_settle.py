"""What came of changes whose program ended in them: the files on the disk tell, but no documents in editors."""

import hashlib
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

from victor_server.history.checkpoints_model import FileState
from victor_server.settings.database import transaction


def settle(db: sqlite3.Connection, is_alive: Callable[[str], bool], mend: Callable[[Path], None]) -> None:
    """Compare each file of a change that nobody makes any more with what it was and what it was to become.

    `mend` puts in order before what the interrupted write has left of it.
    """
    running = db.execute("select number, owner from checkpoints where running").fetchall()
    left = [number for number, owner in running if not is_alive(owner)]
    pending = [
        (number, *row)
        for number in left
        for row in db.execute(
            "select ord, path, before, after from files where number = ? and state = 'pending'", (number,)
        ).fetchall()
    ]
    for path in dict.fromkeys(path for _, _, path, _, _ in pending):
        mend(Path(os.fsdecode(path)))
    states = [(_state(path, before, after), number, ord_) for number, ord_, path, before, after in pending]
    if left:
        with transaction(db):
            db.executemany("update files set state = ? where number = ? and ord = ?", states)
            db.executemany("update checkpoints set running = 0 where number = ?", [(each,) for each in left])


def _state(path: bytes, before: bytes | None, after: bytes | None) -> FileState:
    try:
        now = _hash(path)
    except OSError:
        return "other"
    if now == after:
        return "applied"
    return "not_on_disk" if now == before else "other"


def _hash(path: bytes) -> bytes | None:
    """None where there is no file. Raises OSError for what is no file: nothing that would block is waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("this is no file")
        return hashlib.file_digest(opened, "sha256").digest()
