"""Documents that Victor opens in an editor: files in VICTOR_HOME/views, for their owner's eyes only."""

import contextlib
import os
from pathlib import Path

from victor_server.errors import HistoryFailed
from victor_server.settings.home import FILE_MODE, FOLDER_MODE

FOLDER = "views"
N_KEPT = 50


def write_view(home: Path, name: str, text: str) -> Path:
    """Write a document, whole or not at all, and forget the oldest ones. Blocks. Raises HistoryFailed.

    `text` holds placeholders, not secrets: it is a file like any other.
    """
    folder = home / FOLDER
    file = folder / name
    new = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as opened:
            opened.write(text)
        new.replace(file)
        _forget_oldest(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        reason = error.strerror or "it could not be written"
        raise HistoryFailed(f"{file}: {reason}.", "Make sure that you may write to VICTOR_HOME.") from error
    return file


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.md"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[N_KEPT:]:
        file.unlink(missing_ok=True)
