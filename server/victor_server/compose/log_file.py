"""The log of the language servers of a person: one small file in VICTOR_HOME, which outlives the editor's own log."""

import logging
import os
import queue
import threading

from victor_server.compose.log_format import WithoutQuotes
from victor_server.errors import VictorError

FILE_NAME = "lsp.log"
MAX_BYTES = 250_000
N_OLD = 1
"""`lsp.log.1` is what stood there before."""

_MAX_WAITING = 2_000
_LAST_WAIT_S = 0.5


class LogFile(logging.Handler):
    """Hands lines to a thread that takes secrets out of them and writes them. Nothing is loaded before the first line.

    Several processes write to the file. A disk that takes nothing, or too many lines at once, cost lines and nothing
    else; two processes that begin a new file in the same moment may cost the old one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(WithoutQuotes())
        self._lines: queue.Queue[logging.LogRecord | None] = queue.Queue(_MAX_WAITING)
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line. Never blocks, never fails."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="victor-log", daemon=True)
            self._thread.start()
        try:
            self._lines.put_nowait(_said(record, self.format(record)))
        except queue.Full:
            pass

    def close(self) -> None:
        """Let what waits be written, for a moment."""
        thread, self._thread = self._thread, None
        if thread is not None:
            try:
                self._lines.put_nowait(None)
                thread.join(_LAST_WAIT_S)
            except queue.Full:
                pass
        super().close()

    def _write(self) -> None:
        # Loaded here: a server that has nothing to say does not wait for it.
        from victor_server.secrets.redaction.stored import redact

        file: logging.Handler | None = None
        while (record := self._lines.get()) is not None:
            try:
                file = file or _opened()
                file.handle(_said(record, redact(record.getMessage(), FILE_NAME)))
            except (OSError, VictorError):
                file = None  # no home, or none that can be written to: it may be there for the next line
        if file is not None:
            file.close()


def _said(record: logging.LogRecord, text: str) -> logging.LogRecord:
    """A record of which only its words are left: what it was about may be large, or change meanwhile."""
    return logging.LogRecord(record.name, record.levelno, "", 0, text, None, None)


def _opened() -> logging.Handler:
    from victor_server.compose.log_rotation import PrivateRotatingFile
    from victor_server.settings.home import create_home, home_folder

    return PrivateRotatingFile(create_home(home_folder(os.environ)) / FILE_NAME, MAX_BYTES, N_OLD)
