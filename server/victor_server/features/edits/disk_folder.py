"""A folder that is held open, so that nobody can put a link in its place while a file in it is written."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CAN_HOLD = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_HELD = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Folder:
    """`fd` is None where the system cannot work relative to a folder (Windows): then names are whole paths."""

    path: Path
    fd: int | None

    def name(self, of: str) -> str:
        """What the system is told for the file `of` in this folder."""
        return of if self.fd is not None else str(self.path / of)

    def stat(self, name: str) -> os.stat_result:
        """Of the file itself, also where it is a link."""
        return os.stat(self.name(name), dir_fd=self.fd, follow_symlinks=False)

    def unlink(self, name: str) -> None:
        """Remove a name."""
        os.unlink(self.name(name), dir_fd=self.fd)

    def replace(self, name: str, wanted: str) -> None:
        """Give a file another name, over what bears it."""
        os.replace(self.name(name), self.name(wanted), **self._both())  # noqa: PTH105 - as above

    def rename(self, name: str, wanted: str) -> None:
        """Give a file another name; on Windows one that is free."""
        os.rename(self.name(name), self.name(wanted), **self._both())  # noqa: PTH104 - as above

    def link(self, name: str, wanted: str) -> None:
        """Give a file a second name that is free."""
        os.link(self.name(name), self.name(wanted), follow_symlinks=False, **self._both())

    def _both(self) -> dict[str, int]:
        return {} if self.fd is None else {"src_dir_fd": self.fd, "dst_dir_fd": self.fd}

    def sync(self) -> None:
        """Let the names in it survive a loss of power, where the system can."""
        if self.fd is None:
            return
        with contextlib.suppress(OSError):
            readable = os.open(".", os.O_RDONLY, dir_fd=self.fd)
            try:
                os.fsync(readable)
            finally:
                os.close(readable)


@contextlib.contextmanager
def held_folder(path: Path, *, make: bool = False) -> Iterator[Folder]:
    """Hold the folder `path`, in which no part may be a link; with `make` what is missing of it is made.

    Raises OSError, also where a link is found.
    """
    if not _CAN_HOLD:
        if make:
            path.mkdir(parents=True, exist_ok=True)
        yield Folder(path, None)
        return
    fd = _walk(path, make=make)
    try:
        yield Folder(path, fd)
    finally:
        os.close(fd)


def _walk(path: Path, *, make: bool) -> int:
    fd = os.open(path.anchor, _HELD)
    try:
        for part in path.parts[1:]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=fd)
            inner = os.open(part, _HELD, dir_fd=fd)
            os.close(fd)
            fd = inner
    except OSError:
        os.close(fd)
        raise
    return fd


def exchange(folder: Folder, one: str, other: str) -> bool:
    """Let two files change names, both at one moment; False where the system or the file system cannot."""
    if sys.platform != "linux" or folder.fd is None:
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    swap = 2  # RENAME_EXCHANGE
    return bool(rename(folder.fd, os.fsencode(one), folder.fd, os.fsencode(other), ctypes.c_uint(swap)) == 0)
