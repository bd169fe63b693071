"""`victor scan-secrets`: the secrets in files, in what is about to be committed, and in commits."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from victor_server.cli.scan_arguments import Asked, Format, read_arguments
from victor_server.cli.scan_formats.outcome import Outcome
from victor_server.cli.scan_progress import Progress
from victor_server.errors import UsageError
from victor_server.features.secret_scan.report import Place, Report, place_of
from victor_server.features.secret_scan.verdict import blocking, checked_reason, record_bypass
from victor_server.secrets.allow.known import Known, read_known

CLEAN, FOUND, COULD_NOT_SCAN = 0, 1, 2
BYPASS = "VICTOR_SCAN_BYPASS"


def run_scan_secrets(words: Sequence[str]) -> int:
    """Do what the words ask for: 0 nothing found (or let through), 1 found, 2 something could not be scanned.

    The last wins: a report that is not whole must not pass for one.
    """
    asked = read_arguments(words)
    if asked.help:
        print(asked.help, end="")
        return CLEAN
    if asked.hook:
        return _change_hook(asked)
    report = _scanned(asked)
    outcome = _outcome(asked, report, os.environ)
    _PRINTERS[asked.format](outcome)
    return outcome.code


def _scanned(asked: Asked) -> Report:
    progress = Progress()
    report = Report(on_text=progress.step)
    try:
        if asked.mode == "files":
            _scan_files(asked, report)
        else:
            _scan_repository(asked, report)
    finally:
        progress.close()
    return report


def _scan_files(asked: Asked, report: Report) -> None:
    from victor_server.features.secret_scan.files import scan_files

    place = place_of(Path.cwd())
    scan_files(asked.paths, place, _known(asked, place, report), report)


def _scan_repository(asked: Asked, report: Report) -> None:
    from victor_server.features.secret_scan.repository import open_repository

    repository = open_repository(Path.cwd())
    place = Place(repository.top, Path.cwd())
    known = _known(asked, place, report)
    match asked.mode:
        case "since":
            from victor_server.features.secret_scan.commits import scan_since

            scan_since(repository, asked.since, place, known, report)
        case "history":
            from victor_server.features.secret_scan.commits import scan_history

            scan_history(repository, place, known, report)
        case _:
            from victor_server.features.secret_scan.staged import scan_staged

            scan_staged(repository, place, known, report)


def _known(asked: Asked, place: Place, report: Report) -> Known:
    """What is known already. A baseline that was named must be readable; any other is only missed."""
    known = read_known(place.root, baseline=asked.baseline)
    if known.baseline_problem and asked.baseline is not None:
        raise UsageError(f"{known.baseline_problem}.", "Name a baseline that detect-secrets or Victor wrote.")
    report.notes += known.problems
    return known


def _outcome(asked: Asked, report: Report, environment: Mapping[str, str]) -> Outcome:
    stopped = blocking(report, strict=asked.strict)
    if report.errors:
        return Outcome(report, asked.mode, asked.strict, COULD_NOT_SCAN)
    if not stopped:
        return Outcome(report, asked.mode, asked.strict, CLEAN)
    reason = asked.bypass
    if asked.mode == "staged" and not reason and environment.get(BYPASS, "").strip():
        reason = checked_reason(environment[BYPASS])
    if not reason:
        return Outcome(report, asked.mode, asked.strict, FOUND)
    from victor_server.settings.load import resolve

    record_bypass(resolve().settings.audit, stopped, reason)
    return Outcome(report, asked.mode, asked.strict, CLEAN, bypass=reason)


def _change_hook(asked: Asked) -> int:
    from victor_server.features.secret_scan.hook import install_hook, uninstall_hook
    from victor_server.features.secret_scan.repository import open_repository

    repository = open_repository(Path.cwd())
    if asked.hook == "install":
        file = install_hook(repository, sys.executable)
        print(f"{file} scans every commit for secrets from now on.")
        return CLEAN
    gone = uninstall_hook(repository)
    print("There is no hook to take away." if gone is None else f"{gone} is gone.")
    return CLEAN


def _print_text(outcome: Outcome) -> None:
    from victor_server.cli.scan_formats.lines import print_lines

    print_lines(outcome)


def _print_json(outcome: Outcome) -> None:
    from victor_server.cli.scan_formats.document import print_document

    print_document(outcome)


def _print_sarif(outcome: Outcome) -> None:
    from victor_server.cli.scan_formats.sarif import print_sarif

    print_sarif(outcome)


def _print_github(outcome: Outcome) -> None:
    from victor_server.cli.scan_formats.github import print_commands

    print_commands(outcome)


_PRINTERS: Mapping[Format, Callable[[Outcome], None]] = {
    "text": _print_text,
    "json": _print_json,
    "sarif": _print_sarif,
    "github": _print_github,
}
