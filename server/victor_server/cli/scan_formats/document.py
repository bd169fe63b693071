"""`--format json`: one document for scripts."""

import json

from victor_server.cli.scan_formats.outcome import Outcome
from victor_server.features.secret_scan.report import Found
from victor_server.secrets.finding import Finding


def print_document(outcome: Outcome) -> None:
    """One line on stdout. Places are 1-based, columns count code points, ends are exclusive."""
    report = outcome.report
    document: dict[str, object] = {
        "files": report.n_files,
        "bytes": report.n_bytes,
        "errors": [{"path": path, "error": error} for path, error in report.errors],
        "findings": [_finding(outcome, found) for found in report.findings],
    }
    if outcome.mode in ("staged", "since"):
        document["allowed"] = [_finding(outcome, found) for found in outcome.allowed]
        document["left_out"] = report.n_left_out
    if report.notes:
        document["notes"] = report.notes
    if outcome.in_commits:
        document["commits"] = report.n_commits
    if outcome.bypass:
        document["bypass"] = outcome.bypass
    print(json.dumps(document))


def _finding(outcome: Outcome, found: Found) -> dict[str, object]:
    finding = found.finding
    document: dict[str, object] = {
        "path": found.shown,
        **_place(finding),
        "rule": finding.rule,
        "title": finding.title,
        "tier": finding.tier,
        "masked": finding.masked,
        "fingerprint": finding.fingerprint,
    }
    if found.commit:
        document["commit"] = found.commit.id
        document["author_date"] = found.commit.author_date
    if outcome.mode == "since":
        document["now"] = None if found.now is None else _place(found.now)
    return document


def _place(finding: Finding) -> dict[str, object]:
    return {
        "line": finding.line + 1,
        "column": finding.start_column + 1,
        "end_line": finding.end_line + 1,
        "end_column": finding.end_column + 1,
    }
