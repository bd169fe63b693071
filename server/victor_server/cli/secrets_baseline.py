"""`victor secrets baseline`: what is there now becomes known, without anybody being asked."""

import json as jsonlib
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from victor_server.cli.scan_formats.printable import printable
from victor_server.cli.scan_progress import Progress
from victor_server.features.secret_audit.update import Update, update_baseline
from victor_server.features.secret_scan.report import Report, place_of
from victor_server.secrets.allow.known import BASELINE

DONE, COULD_NOT_SCAN = 0, 2


def run_baseline(paths: Sequence[Path], baseline: Path | None, *, json: bool) -> int:
    """Write what stands in `paths` (the whole repository if there are none) into a baseline: 0, or 2 for not all.

    Labels stay, what is gone goes. Raises `UsageError` if the file is no baseline or cannot be written.
    """
    place = place_of(Path.cwd())
    file = (place.root / BASELINE) if baseline is None else baseline.absolute()
    progress = Progress()
    report = Report(on_text=progress.step)
    try:
        update = update_baseline(file, paths, place, report)
    finally:
        progress.close()
    shown = printable(place.shown(file))
    if json:
        print(jsonlib.dumps({"baseline": place.shown(file), **_document(update, report)}))
    else:
        _print_lines(shown, update, report)
    return COULD_NOT_SCAN if report.errors else DONE


def print_plugin_path() -> int:
    """Print where the file lies that detect-secrets can load our rules from."""
    print(files("victor_server.secrets").joinpath("detect_secrets_plugins.py"))
    return DONE


def _document(update: Update, report: Report) -> dict[str, object]:
    return {
        "files": report.n_files,
        "entries": update.n_entries,
        "new": update.n_new,
        "dropped": update.n_dropped,
        "unlabelled": update.n_unlabelled,
        "errors": [{"path": path, "error": error} for path, error in report.errors],
    }


def _print_lines(shown: str, update: Update, report: Report) -> None:
    for path, error in report.errors:
        print(f"{printable(path)}: {error}", file=sys.stderr)
    print(f"{shown}: entries: {update.n_entries}; new: {update.n_new}; dropped: {update.n_dropped}")
    if update.n_unlabelled:
        print(f"not yet judged: {update.n_unlabelled}; `victor secrets audit` asks about them.")
