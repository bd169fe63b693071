"""A file of lines that only its owner can read, and that begins anew when it is full: for several processes at once."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from victor_server.settings.home import FILE_MODE


class PrivateRotatingFile(RotatingFileHandler):
    """Appends whole lines, as they are. What cannot be written is let go of."""

    def __init__(self, file: Path, max_bytes: int, n_old: int) -> None:
        super().__init__(file, maxBytes=max_bytes, backupCount=n_old, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, to the file that has the name now: another process may have begun a new one."""
        if self.stream is not None and not _is_called(self.stream, self.baseFilename):
            self.stream.close()
            self.stream = None  # as the library does itself between two files
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say nothing: where the disk is full, nothing else would be heard."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
            flags |= getattr(os, name, 0)
        handle = os.open(self.baseFilename, flags, FILE_MODE)
        return open(handle, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123 - a handle; kept open


def _is_called(stream: TextIOWrapper, name: str) -> bool:
    try:
        there, ours = Path(name).stat(), os.fstat(stream.fileno())
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
