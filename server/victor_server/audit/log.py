"""Appends to the audit log: whole lines, in order, by any number of processes, for its owner's eyes only."""

import contextlib
import os
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from victor_server.audit.record import Record, to_line
from victor_server.errors import AuditFailed

MAX_BYTES = 10_000_000
"""A file that has grown beyond this is put aside, and a new one begun."""

N_KEPT = 9
"""Files that are kept besides the current one: `audit.log.1` is the youngest. The oldest goes."""

LOCK_TIME_LIMIT_S = 10.0
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_FIX = "Set VICTOR_AUDIT_PATH to a file that you may write to, on a disk with room."


def append(file: Path, record: Record, *, max_bytes: int = MAX_BYTES, n_kept: int = N_KEPT) -> None:
    """Add a record to the log, on disk when this returns. Raises `AuditFailed`, and then nothing was added.

    The file and its folder are made if they are missing. A line that a crash left unfinished is ended first, so
    that it spoils no other.
    """
    line = to_line(record)
    try:
        file.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        with _locked(file):
            _rotate(file, max_bytes, n_kept)
            with _opened(file) as handle:
                _write(handle, line)
    except OSError as error:
        reason = error.strerror or "it could not be written"
        raise AuditFailed(f"The audit log {file}: {reason}.", _FIX) from error


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    # Loaded here: most commands write no record.
    from filelock import FileLock, Timeout

    lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=LOCK_TIME_LIMIT_S, mode=_FILE_MODE)
    try:
        lock.acquire()
    except Timeout:
        reason = f"another process has kept it locked for {LOCK_TIME_LIMIT_S:.0f} s"
        raise AuditFailed(f"The audit log {file}: {reason}.", "End that process.") from None
    try:
        yield
    finally:
        lock.release()


def _rotate(file: Path, max_bytes: int, n_kept: int) -> None:
    """`audit.log` becomes `audit.log.1`, that becomes `.2`, and so on; nobody loses a file that is being read."""
    if not file.is_file() or file.is_symlink() or file.stat().st_size < max_bytes:
        return
    aged = [file, *(file.with_name(f"{file.name}.{n}") for n in range(1, n_kept + 1))]
    try:
        for younger, older in reversed(list(pairwise(aged))):
            if younger.exists():
                younger.replace(older)
    except PermissionError:
        # Windows: somebody reads one of them. The current file goes on growing until the next time.
        return


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[int]:
    """The log open for reading and appending: a plain file, not a link that leads elsewhere, not a pipe."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    for name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    handle = os.open(file, flags, _FILE_MODE)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(0, "it is not a plain file")
        if os.name == "posix" and stat.S_IMODE(info.st_mode) & 0o077:
            os.fchmod(handle, _FILE_MODE)
        yield handle
    finally:
        os.close(handle)


def _write(handle: int, line: bytes) -> None:
    """All of the line or nothing of it: the lock is ours, so what stands behind the old end is ours as well."""
    end = os.lseek(handle, 0, os.SEEK_END)
    if end:
        os.lseek(handle, end - 1, os.SEEK_SET)
        if os.read(handle, 1) != b"\n":
            line = b"\n" + line
    try:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, end)
        raise
