"""Where warnings go while the screen belongs to a conversation: the file with errors in VICTOR_HOME."""

import contextlib
import logging
from pathlib import Path

from victor_server.compose.log_format import WithoutQuotes
from victor_server.settings.home import append_private

FILE_NAME = "errors.log"


def log_to_file(home: Path, level: str) -> None:
    """From now on all loggers write to VICTOR_HOME/errors.log and nothing to the screen."""
    logging.basicConfig(level=level.upper(), handlers=[_PrivateFile(home / FILE_NAME)], force=True)


class _PrivateFile(logging.Handler):
    """Lines that only their owner can read."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.setFormatter(WithoutQuotes())

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a disk that takes none must not end the conversation."""
        with contextlib.suppress(OSError):
            append_private(self._file, f"{self.format(record)}\n")
