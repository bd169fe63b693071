"""Small files in VICTOR_HOME that nobody else may have written: read whole, replaced at once, changed one at a time."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from victor_server.errors import SettingsError

_LOCK_TIME_LIMIT_S = 10.0


def read_own(file: Path, max_bytes: int, *, follow: bool = False) -> bytes:
    """What a regular file holds that nobody but its owner may have written; a link only with `follow`. Raises OSError."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", *(() if follow else ("O_NOFOLLOW",))):
        flags |= getattr(os, name, 0)
    handle = os.open(file, flags)
    with os.fdopen(handle, "rb") as opened:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(0, "it is not a plain file")
        if os.name == "posix" and (info.st_uid != os.geteuid() or info.st_mode & 0o022):
            raise OSError(0, "others than you may have written it")
        return opened.read(max_bytes)


def replace_own(file: Path, text: str) -> None:
    """Put a text in the place of a file, for its owner alone: a reader sees the old or the new. Raises SettingsError."""
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(handle)
            Path(draft).replace(file)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise SettingsError(
            f"{file}: {reason}.", "Make room on the disk, and let VICTOR_HOME be yours to write to."
        ) from error


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keep all other processes from changing a file meanwhile. Raises SettingsError."""
    from filelock import FileLock, Timeout  # loaded here: most questions only read

    lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=_LOCK_TIME_LIMIT_S, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise SettingsError(f"{file} is kept locked.", "End the process that does so.") from None
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror or 'it cannot be locked'}.", "") from error
    try:
        yield
    finally:
        lock.release()
