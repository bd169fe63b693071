"""`--format sarif`: SARIF 2.1.0, which code hosts and security tools read."""

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from victor_server import __version__
from victor_server.cli.scan_formats.outcome import Outcome, is_error, where_now
from victor_server.features.secret_scan.report import Found
from victor_server.secrets.finding import Finding
from victor_server.secrets.revoke_pages import revoke_page

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HELP = (
    "Take the secret out of the file and revoke it where it was issued: whoever could read the file has it."
    " Read it from the environment or a vault instead. If it may stay, allow it by the comment"
    " `pragma: allowlist secret` on its line, or enter it in `.secrets.baseline`."
)


def print_sarif(outcome: Outcome) -> None:
    """One document on stdout: one run, with the rules that found something."""
    print(json.dumps(to_sarif(outcome), ensure_ascii=False))


def to_sarif(outcome: Outcome) -> dict[str, Any]:
    """The document. Columns count code points; paths are relative to the repository's top."""
    report = outcome.report
    rules: dict[str, Finding] = {}
    for found in report.findings:
        rules.setdefault(found.finding.rule, found.finding)
    driver = {
        "name": "Victor",
        "semanticVersion": __version__,
        "rules": [_rule(finding) for finding in rules.values()],
    }
    indexes = {rule: index for index, rule in enumerate(rules)}
    alike: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"victor-scan-secrets/{outcome.mode}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcome)],
        "results": [_result(outcome, found, indexes[found.finding.rule], alike) for found in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    page = revoke_page(finding.rule)
    where = f" It is revoked here: {page}" if page else ""
    rule: dict[str, Any] = {
        "id": finding.rule,
        "name": "".join(word.capitalize() for word in finding.rule.split("-")),
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": f"{finding.title} in a file of the repository."},
        "help": {"text": _HELP + where, "markdown": _HELP + where},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "secret"], "precision": "high", "security-severity": "8.0"},
    }
    if page:
        rule["helpUri"] = page
    return rule


def _invocation(outcome: Outcome) -> dict[str, Any]:
    notes = [{"level": "note", "message": {"text": note}} for note in outcome.report.notes]
    errors = [
        {
            "level": "error",
            "message": {"text": f"Not scanned: {path}: {error}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": quote(path)}}}],
        }
        for path, error in outcome.report.errors
    ]
    return {
        "executionSuccessful": not errors,
        "exitCode": outcome.code,
        "toolExecutionNotifications": [*errors, *notes],
    }


def _result(outcome: Outcome, found: Found, index: int, alike: "Counter[str]") -> dict[str, Any]:
    finding = found.finding
    place = where_now(outcome, found) or finding
    location = {
        "artifactLocation": {"uri": quote(found.path), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": place.line + 1,
            "startColumn": place.start_column + 1,
            "endLine": place.end_line + 1,
            "endColumn": place.end_column + 1,
        },
    }
    properties: dict[str, Any] = {"tier": finding.tier}
    if found.commit:
        properties |= {"commit": found.commit.id, "authorDate": found.commit.author_date}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "error" if is_error(outcome, found) else "note",
        "message": {"text": _message(found)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"place/v1": _fingerprint(found, alike)},
        "properties": properties,
    }
    if outcome.bypass:
        result["suppressions"] = [{"kind": "external", "justification": outcome.bypass}]
    return result


def _message(found: Found) -> str:
    finding = found.finding
    doubt = "" if finding.tier == "certain" else " (possible)"
    commit = f", added by commit {found.commit.id[:12]}" if found.commit else ""
    return f"{finding.title}{doubt}: {finding.masked}{commit}"


def _fingerprint(found: Found, alike: "Counter[str]") -> str:
    """The same from run to run while the secret stays in its file, and no help for guessing a weak one."""
    known = f"{found.finding.rule}\0{found.path}\0{found.finding.masked}"
    alike[known] += 1
    return hashlib.sha256(f"{known}\0{alike[known]}".encode()).hexdigest()
