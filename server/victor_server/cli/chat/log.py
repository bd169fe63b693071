"""Where warnings go while the screen belongs to a conversation: the file with errors in VICTOR_HOME."""

import contextlib
import logging
import traceback
from pathlib import Path

from victor_server.settings.home import append_private

FILE_NAME = "errors.log"


def log_to_file(home: Path, level: str) -> None:
    """From now on all loggers write to VICTOR_HOME/errors.log and nothing to the screen."""
    logging.basicConfig(level=level.upper(), handlers=[_PrivateFile(home / FILE_NAME)], force=True)


class _PrivateFile(logging.Handler):
    """Lines that only their owner can read. Of an exception the way to it; not its message, which may quote a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a disk that takes none must not end the conversation."""
        trace = record.exc_info[2] if record.exc_info else None
        kind = record.exc_info[0] if record.exc_info else None
        frames = [
            f"  {Path(each.filename).name}:{each.lineno} {each.name}" for each in traceback.extract_tb(trace)
        ]
        record.exc_info = record.exc_text = None
        named = [f"  {kind.__name__}"] if kind is not None else []
        with contextlib.suppress(OSError):
            append_private(self._file, "\n".join([self.format(record), *frames, *named, ""]))
