"""`victor scan-secrets`: the secrets in files and folders, as lines for people or one JSON document."""

import json as jsonlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.scan import scan as walk
from victor_server.secrets.finding import Finding
from victor_server.secrets.scanner import scan

CLEAN, FOUND, COULD_NOT_SCAN = 0, 1, 2

MAX_BYTES = 20_000_000
"""Of a file that a walk meets; one that is named is scanned whatever its size."""

_SNIFFED_BYTES = 8_000
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNSCANNED = {
    "too_large": f"larger than {MAX_BYTES} bytes: name the file to scan it all the same",
    "name_not_utf8": "its name is not UTF-8: rename it",
    "unreadable": "could not be read",
}


@dataclass(slots=True)
class _Report:
    """What one run has seen so far; paths as people read them."""

    n_files: int = 0
    n_bytes: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    findings: list[tuple[str, Finding]] = field(default_factory=list)


def scan_secrets(paths: Sequence[Path], *, json: bool) -> int:
    """Print the secrets in `paths` (the working directory if there are none): 0 clean, 1 found, 2 could not scan all.

    A folder is walked as for the index, with its `.env` and key files and with large files; what git or a
    `.victorignore` ignores is left out, what is named is not.
    """
    report = _Report()
    seen: set[Path] = set()
    for file in _files(paths or [Path()], report):
        place = Path(os.path.realpath(file))
        if place not in seen:
            seen.add(place)
            _scan_file(file, report)
    if json:
        print(jsonlib.dumps(_document(report)))
    else:
        _print_lines(report)
    if report.errors:
        return COULD_NOT_SCAN
    return FOUND if report.findings else CLEAN


def _files(paths: Sequence[Path], report: _Report) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _files_below(path, report)
        else:
            yield path


def _files_below(folder: Path, report: _Report) -> Iterator[Path]:
    try:
        result = walk(folder, max_bytes=MAX_BYTES)
    except IndexerError as error:
        report.errors.append((_shown(folder), error.message))
        return
    for skipped in result.skipped:
        if skipped.reason in _UNSCANNED and not _is_large_binary(folder / skipped.path, skipped.reason):
            report.errors.append((_shown(folder / skipped.path), _UNSCANNED[skipped.reason]))
    names = [found.path for found in result.files]
    names += [skipped.path for skipped in result.skipped if skipped.reason == "secret_file"]
    for name in sorted(names):
        yield folder / name


def _is_large_binary(file: Path, reason: str) -> bool:
    if reason != "too_large":
        return False
    try:
        with file.open("rb") as opened:
            return _decoded(opened.read(_SNIFFED_BYTES)) is None
    except OSError:
        return False


def _scan_file(file: Path, report: _Report) -> None:
    try:
        data = _read(file)
    except OSError as error:
        report.errors.append((_shown(file), error.strerror or "could not be read"))
        return
    text = _decoded(data)
    if text is None:
        return
    report.n_files += 1
    report.n_bytes += len(data)
    shown = _shown(file)
    report.findings += [(shown, finding) for finding in scan(text, shown)]


def _read(file: Path) -> bytes:
    """The bytes of a regular file: a pipe or a device would keep us waiting."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError(0, "not a regular file")
    return file.read_bytes()


def _decoded(data: bytes) -> str | None:
    """The text, whatever its encoding; None for a binary file."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:_SNIFFED_BYTES]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _shown(path: Path) -> str:
    """Relative to the working directory where that is possible, with `/` between parts."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        relative = str(path)
    return relative.replace(os.sep, "/")


def _document(report: _Report) -> dict[str, object]:
    return {
        "files": report.n_files,
        "bytes": report.n_bytes,
        "errors": [{"path": path, "error": error} for path, error in report.errors],
        "findings": [_finding_document(path, finding) for path, finding in report.findings],
    }


def _finding_document(path: str, finding: Finding) -> dict[str, object]:
    return {
        "path": path,
        "line": finding.line + 1,
        "column": finding.start_column + 1,
        "end_line": finding.end_line + 1,
        "end_column": finding.end_column + 1,
        "rule": finding.rule,
        "title": finding.title,
        "tier": finding.tier,
        "masked": finding.masked,
        "fingerprint": finding.fingerprint,
    }


def _print_lines(report: _Report) -> None:
    for path, finding in report.findings:
        place = f"{_printable(path)}:{finding.line + 1}:{finding.start_column + 1}"
        doubt = "" if finding.tier == "certain" else "  (possible)"
        _print_line(place, f"{finding.rule}{doubt}", _encodable(finding.masked), finding.tier)
    for path, error in report.errors:
        print(f"{_printable(path)}: {error}", file=sys.stderr)
    n_certain = sum(finding.tier == "certain" for _, finding in report.findings)
    counts = (
        f"{n_certain} certain, {len(report.findings) - n_certain} possible" if report.findings else "none"
    )
    print(f"secrets found: {counts}; files scanned: {report.n_files}", file=sys.stderr)


def _print_line(place: str, rule: str, masked: str, tier: str) -> None:
    """Coloured on a terminal; rich is slow to load, and hooks and pipes do without."""
    if not sys.stdout.isatty():
        print(f"{place}  {rule}  {masked}")
        return
    from rich.console import Console
    from rich.text import Text

    colour = "bold red" if tier == "certain" else "yellow"
    line = Text.assemble((place, "bold"), "  ", (rule, colour), "  ", masked)
    Console(highlight=False, soft_wrap=True).print(line)


def _printable(path: str) -> str:
    """A name that cannot move the cursor or colour the screen, and that any terminal can be sent."""
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in path
    )
    return _encodable(safe)


def _encodable(text: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
