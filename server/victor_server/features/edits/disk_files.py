"""Text files on disk: read whole, made, replaced and removed only while they still hold what they are known to hold.

A file is replaced by a new one that takes its place at one moment, with its mode, owner and attributes. Where that
would lose something (a second hard link, an owner that cannot be given), it is written in place instead. The new file
bears a name that follows from the file's own, so two windows do not write the same file, and its lock, which ends with
the process, tells one at work from one that a crash has left.
"""

import contextlib
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from victor_server.errors import UsageError
from victor_server.features.edits.desk import Written
from victor_server.features.edits.disk_attributes import takes_after
from victor_server.features.edits.disk_folder import Folder, exchange, held_folder

if sys.platform != "win32":
    import fcntl

MAX_BYTES = 16 * 1024 * 1024
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_LINK
_BUSY = "is being written by another window"


class _MovedOn(Exception):
    """The file does not hold what it is known to hold."""


class _Refuse(Exception):
    """It must not be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file's text, line ends and byte order mark as they are, where it lies, links followed, and its permission bits."""

    text: str = field(repr=False)
    real: Path
    mode: int


def find_text(path: Path) -> Found | None:
    """What a file holds; None where there is none. Blocks.

    Raises UsageError for what is no file, too large, or no UTF-8 text.
    """
    try:
        real = Path(os.path.realpath(path))
        with held_folder(real.parent) as folder:
            file = _open_in(folder, real.name or os.curdir, _READ)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} could not be read: {_reason(error)}.") from error
    with file:
        return Found(_text_of(path, file), real, stat.S_IMODE(file.info.st_mode) & 0o777)


def make_file(path: Path, text: str, permissions: int | None = None) -> Written:
    """Make a file, and the folders it needs; one that is there already is left alone. Blocks."""

    def make() -> None:
        with held_folder(path.parent, make=True) as folder, _beside(folder, path.name, mode=0o666) as new:
            if _exists(folder, path.name):
                raise _MovedOn
            _fill(new.fd, text.encode())
            if permissions is not None and os.name == "posix":
                os.fchmod(new.fd, permissions)
            new.close_on_windows()
            _take_free_name(folder, name_beside(path.name), path.name)
            folder.sync()

    return _written(path, make)


def replace_text(path: Path, before: str, after: str, known: Path | None = None) -> Written:
    """Put `after` in the place of `before`; a link's target is changed, the link stays. Blocks.

    `known` is where the file must lie; None for wherever links lead.
    """

    def replace() -> None:
        real = known or Path(os.path.realpath(path))
        with held_folder(real.parent) as folder:
            _put_back(folder, real.name)
            _replace(folder, real.name, before.encode(), after.encode())

    return _written(path, replace)


def remove_file(path: Path, before: str) -> Written:
    """Remove a file that holds `before`. Blocks."""

    def remove() -> None:
        with held_folder(path.parent) as folder:
            _put_back(folder, path.name)
            _remove(folder, path.name, before.encode())

    return _written(path, remove)


def remove_leftover(path: Path) -> None:
    """Remove what a crash has left beside `path` of a write, and put back what it was about to remove.

    Blocks, and never raises.
    """
    with contextlib.suppress(OSError), held_folder(Path(os.path.realpath(path.parent))) as folder:
        _clear_leftover(folder, name_beside(path.name))
        _put_back(folder, path.name)


def name_beside(name: str) -> str:
    """The name under which the new text of the file `name` is written."""
    return _hidden(name, "victor")


def name_aside(name: str) -> str:
    """The name under which the file `name` stands while it is being removed."""
    return _hidden(name, "victor-removed")


def _hidden(name: str, suffix: str) -> str:
    plain = f".{name}.{suffix}"
    if len(os.fsencode(plain)) < 200:
        return plain
    return f".{hashlib.sha256(os.fsencode(name)).hexdigest()}.{suffix}"


def _written(path: Path, work: Callable[[], None]) -> Written:
    try:
        work()
    except _MovedOn:
        return Written(path, "moved_on")
    except _Refuse as error:
        return Written(path, "refused", f"{path.name} {error}.")
    except FileNotFoundError:
        return Written(path, "moved_on")
    except (OSError, ValueError) as error:
        return Written(path, "refused", f"{path} could not be written: {_reason(error)}.")
    return Written(path, "written")


class _Open:
    """An open file, closed once."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.info = os.fstat(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def close_on_windows(self) -> None:
        """There no file is renamed or removed that is open."""
        if os.name == "nt":
            self.close()

    def bytes(self) -> bytes:
        """What it holds now; at most one byte more than is taken."""
        os.lseek(self.fd, 0, os.SEEK_SET)
        parts: list[bytes] = []
        n_left = MAX_BYTES + 1
        while n_left and (part := os.read(self.fd, n_left)):
            parts.append(part)
            n_left -= len(part)
        return b"".join(parts)

    def is_named(self, folder: Folder, name: str) -> bool:
        """True while it is what bears this name."""
        try:
            found = folder.stat(name)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (self.info.st_dev, self.info.st_ino)


def _open_in(folder: Folder, name: str, flags: int, mode: int = 0o600) -> _Open:
    return _Open(os.open(folder.name(name), flags | _NO_LINK, mode, dir_fd=folder.fd))


def _replace(folder: Folder, name: str, before: bytes, after: bytes) -> None:
    with _open_in(folder, name, _READ) as old:
        _must_be_writable(old.info)
        if old.bytes() != before:
            raise _MovedOn
        _must_be_ours(_lock(old.fd))
        with _beside(folder, name) as new:
            _fill(new.fd, after)
            if old.info.st_nlink == 1 and takes_after(new.fd, old.fd):
                _swap(folder, name, new, old, before)
                return
    _write_in_place(folder, name, before, after)


def _swap(folder: Folder, name: str, new: _Open, old: _Open, before: bytes) -> None:
    """The new file takes the old one's name, if that still holds what it did."""
    beside = name_beside(name)
    if old.bytes() != before or not old.is_named(folder, name):
        raise _MovedOn
    if not exchange(folder, beside, name):
        new.close_on_windows()
        old.close_on_windows()
        folder.replace(beside, name)
    elif old.bytes() != before or not old.is_named(folder, beside):
        # Written between our look and the exchange: what was written gets its name back.
        exchange(folder, beside, name)
        raise _MovedOn
    else:
        folder.unlink(beside)
    folder.sync()


def _write_in_place(folder: Folder, name: str, before: bytes, after: bytes) -> None:
    """One write of the whole, which the end of this process does not cut."""
    with _open_in(folder, name, os.O_RDWR | _BINARY) as file:
        if file.bytes() != before:
            raise _MovedOn
        try:
            _overwrite(file.fd, after)
        except OSError:
            # The disk is full by now; what there was fits where it was.
            _overwrite(file.fd, before)
            raise


def _overwrite(fd: int, data: bytes) -> None:
    os.lseek(fd, 0, os.SEEK_SET)
    _write_whole(fd, data)
    os.ftruncate(fd, len(data))
    os.fsync(fd)


def _remove(folder: Folder, name: str, before: bytes) -> None:
    """Out of the way first, then looked at: so nothing that is written meanwhile is removed."""
    aside = name_aside(name)
    with _open_in(folder, name, _READ) as old:
        _must_be_writable(old.info)
        if old.bytes() != before:
            raise _MovedOn
        if os.name == "nt":
            old.close()
            folder.unlink(name)
            return
        _must_be_ours(_lock(old.fd))
        _must_be_ours(not _exists(folder, aside))
        folder.rename(name, aside)
        if old.bytes() != before or not old.is_named(folder, aside):
            _take_free_name(folder, aside, name)
            raise _MovedOn
        folder.unlink(aside)
        folder.sync()


@contextlib.contextmanager
def _beside(folder: Folder, name: str, *, mode: int = 0o600) -> Iterator[_Open]:
    """A new, locked file beside `name`; at the end it is gone, unless it was given another name."""
    beside = name_beside(name)
    _clear_leftover(folder, beside)
    try:
        new = _open_in(folder, beside, _NEW, mode)
    except FileExistsError:
        raise _Refuse(_BUSY) from None
    try:
        # Else it was taken for a leftover before it was locked.
        _must_be_ours(_lock(new.fd) and new.is_named(folder, beside))
        yield new
    finally:
        with contextlib.suppress(OSError):
            if new.is_named(folder, beside):
                new.close_on_windows()
                folder.unlink(beside)
        new.close()


def _must_be_ours(is_ours: bool) -> None:
    if not is_ours:
        raise _Refuse(_BUSY)


def _clear_leftover(folder: Folder, name: str) -> None:
    with contextlib.suppress(OSError), _open_in(folder, name, _READ) as left:
        if _lock(left.fd) and left.is_named(folder, name):
            left.close_on_windows()
            folder.unlink(name)


def _put_back(folder: Folder, name: str) -> None:
    """A removal that a crash has interrupted did not happen. What stands in its place since is left alone."""
    with contextlib.suppress(OSError, _MovedOn), _open_in(folder, name_aside(name), _READ) as aside:
        if _lock(aside.fd):
            _take_free_name(folder, name_aside(name), name)


def _lock(fd: int) -> bool:
    """Lock a file until it is closed; False where another process has. Windows removes no file that is open anyway."""
    if sys.platform != "win32":
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks
    return True


def _take_free_name(folder: Folder, name: str, wanted: str) -> None:
    """Give a file the name `wanted`, which nobody else may have taken meanwhile."""
    try:
        if os.name == "nt":
            folder.rename(name, wanted)
            return
        folder.link(name, wanted)
    except FileExistsError:
        raise _MovedOn from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _take_name_without_link(folder, name, wanted)
        return
    folder.unlink(name)


_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS)


def _take_name_without_link(folder: Folder, name: str, wanted: str) -> None:
    """For file systems that know no hard links, such as a memory stick's."""
    try:
        _open_in(folder, wanted, _NEW).close()
    except FileExistsError:
        raise _MovedOn from None
    folder.replace(name, wanted)


def _must_be_writable(info: os.stat_result) -> None:
    if not stat.S_ISREG(info.st_mode):
        raise _Refuse("is no file")
    if not info.st_mode & 0o222:
        raise _Refuse("is read-only")


def _exists(folder: Folder, name: str) -> bool:
    try:
        folder.stat(name)
    except FileNotFoundError:
        return False
    return True


def _fill(fd: int, data: bytes) -> None:
    _write_whole(fd, data)
    os.fsync(fd)


def _write_whole(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _text_of(path: Path, file: _Open) -> str:
    if not stat.S_ISREG(file.info.st_mode):
        raise UsageError(f"{path} is no file.", "Name a file.")
    data = file.bytes()
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 2**20} MB.", "Edit it by hand.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{path} is no UTF-8 text.", "Only text files can be edited.")
    return text


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or "that is no path"
