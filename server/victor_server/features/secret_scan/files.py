"""The secrets in files and folders as they lie on disk."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.scan import scan as walk
from victor_server.features.secret_scan.decode import SNIFFED_BYTES, decode, is_binary
from victor_server.features.secret_scan.report import Place, Report, as_found
from victor_server.secrets.allow.known import Known
from victor_server.secrets.scanner import scan

MAX_BYTES = 20_000_000
"""Of a file that a walk meets; one that is named is scanned whatever its size."""

_UNSCANNED = {
    "too_large": f"larger than {MAX_BYTES // 1_000_000} MB: name the file to scan it all the same, or list it in `.secretsignore`",
    "name_not_utf8": "its name is not UTF-8: rename it",
    "unreadable": "could not be read",
}


def scan_files(paths: Sequence[Path], place: Place, known: Known, report: Report) -> None:
    """Add what is found in `paths` (the working directory if there are none) to the report.

    A folder is walked as for the index, with its `.env` and key files and with large files; what git or a
    `.victorignore` ignores is left out, what is named is not.
    """
    seen: set[Path] = set()
    for path in paths or [place.working]:
        absolute = Path(os.path.normpath(place.working / path))
        for file in _files_below(absolute, place, known, report) if absolute.is_dir() else (absolute,):
            real = Path(os.path.realpath(file))
            if real not in seen:
                seen.add(real)
                _scan_file(file, place, known, report)


def _files_below(folder: Path, place: Place, known: Known, report: Report) -> Iterator[Path]:
    try:
        result = walk(folder, max_bytes=MAX_BYTES)
    except IndexerError as error:
        report.could_not_scan(place.shown(folder), error.message)
        return
    for skipped in result.skipped:
        file = folder / skipped.path
        if (
            skipped.reason in _UNSCANNED
            and not known.ignores(place.relative(file))
            and not _is_large_binary(file, skipped.reason)
        ):
            report.could_not_scan(place.shown(file), _UNSCANNED[skipped.reason])
    names = [found.path for found in result.files]
    names += [skipped.path for skipped in result.skipped if skipped.reason == "secret_file"]
    for name in sorted(names):
        yield folder / name


def _is_large_binary(file: Path, reason: str) -> bool:
    if reason != "too_large":
        return False
    try:
        with file.open("rb") as opened:
            return is_binary(opened.read(SNIFFED_BYTES))
    except OSError:
        return False


def _scan_file(file: Path, place: Place, known: Known, report: Report) -> None:
    path = place.relative(file)
    if known.ignores(path):
        return
    report.on_text()
    try:
        data = _read(file)
    except OSError as error:
        report.could_not_scan(place.shown(file), error.strerror or "could not be read")
        return
    text = decode(data)
    if text is None:
        return
    report.n_files += 1
    report.n_bytes += len(data)
    report.findings += as_found(place, path, text, known.new(scan(text, path), path, text))


def _read(file: Path) -> bytes:
    """The bytes of a regular file: a pipe or a device would keep us waiting."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError(0, "not a regular file")
    return file.read_bytes()
