"""Other secret scanners on a folder, with their default rules, where they are installed; none asks the network."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.secrets_programs import program

Spans = dict[str, list[tuple[int, int]]]
"""path, relative with `/` → (first line, last line) of each finding, 0-based, inclusive"""


def detect_secrets(folder: Path) -> Spans | None:
    """detect-secrets with its default plugins and filters."""
    command = [sys.executable, "-P", "-m", "detect_secrets", "scan", "--all-files", "--no-verify", "."]
    found: dict[str, list[dict[str, int]]] = json.loads(_run(command, folder))["results"]
    return {
        Path(path).as_posix(): [(entry["line_number"] - 1,) * 2 for entry in entries]
        for path, entries in found.items()
    }


def gitleaks(folder: Path) -> Spans | None:
    """gitleaks 8."""
    path = program("gitleaks")
    if path is None:
        return None
    report = folder.with_name("gitleaks.json")
    options = ["--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", str(report)]
    _run([path, "dir", ".", *options], folder)
    entries = json.loads(report.read_text(encoding="utf-8")) or []
    return _by_path((entry["File"], entry["StartLine"], entry["EndLine"]) for entry in entries)


def betterleaks(folder: Path) -> Spans | None:
    """betterleaks 2."""
    path = program("betterleaks")
    if path is None:
        return None
    report = folder.with_name("betterleaks.json")
    _run([path, "filesystem", ".", "--no-banner", "--exit-code", "0", "--output", str(report)], folder)
    places = [entry["location"] for entry in json.loads(report.read_text(encoding="utf-8"))["findings"]]
    return _by_path((place["path"], place["start_line"], place["end_line"]) for place in places)


PEERS: dict[str, Callable[[Path], Spans | None]] = {
    "detect-secrets": detect_secrets,
    "gitleaks": gitleaks,
    "betterleaks": betterleaks,
}


def _by_path(places: Iterable[tuple[str, int, int]]) -> Spans:
    spans: Spans = defaultdict(list)
    for path, first, last in places:
        spans[Path(path).as_posix()].append((first - 1, last - 1))
    return spans


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True, encoding="utf-8")
    return done.stdout
