"""`victor report`: writes what helps to find a bug, without code, keys and names."""

import os
import sys
from pathlib import Path

from victor_server.cli.doctor import ask_worker
from victor_server.errors import UsageError
from victor_server.features.report.report import make_report
from victor_server.settings.home import FILE_MODE


def run_report(path: Path | None, *, output: Path | None) -> int:
    """Print the report, or write it to a file that only its owner can read."""
    folder = (path or Path.cwd()).absolute()
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the folder that it happened in.")
    text = make_report(os.environ, folder, lambda resolved: ask_worker(resolved.settings))
    if output is None:
        sys.stdout.write(text)
        return 0
    _write(output, text)
    print(f"{output} is written. Read it before you send it.")
    return 0


def _write(file: Path, text: str) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as opened:
            opened.write(text)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise UsageError(f"{file}: {reason}.", "Name another file with -o, or leave it out.") from error
