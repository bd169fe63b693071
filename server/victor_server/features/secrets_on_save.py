"""Secrets in a document that is opened or saved, and how to allow one."""

from dataclasses import dataclass

from victor_server.secrets.allow.write import AllowEdit, allow_edit_at
from victor_server.secrets.finding import Finding
from victor_server.secrets.scanner import scan

MAX_FIXES = 20
"""More than anybody would look through; each costs a look through the document."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change a person may choose: insert `insert_text` at (`line`, `column`), 0-based, in code points.

    `findings` are those that it settles.
    """

    title: str
    line: int
    column: int
    insert_text: str
    findings: tuple[Finding, ...]


def check(text: str, path: str) -> list[Finding]:
    """The secrets in a document, in reading order. Pure and bound to the CPU: run it off the event loop."""
    return scan(text, path)


def message(finding: Finding) -> str:
    """What a person is told about a finding; never the secret."""
    doubt = "" if finding.tier == "certain" else "Possible secret: "
    return f"{doubt}{finding.title} ({finding.masked})"


def fixes(text: str, path: str, language_id: str, start_line: int, end_line: int) -> list[Fix]:
    """The first fixes for the secrets that touch the lines from `start_line` to `end_line`, both included."""
    findings_by_place: dict[tuple[int, int], list[Finding]] = {}
    for finding in scan(text, path):
        if finding.line <= end_line and finding.end_line >= start_line:
            findings_by_place.setdefault((finding.line, finding.end_line), []).append(finding)
    findings_by_edit: dict[AllowEdit, list[Finding]] = {}
    for findings in list(findings_by_place.values())[:MAX_FIXES]:
        edit = allow_edit_at(text, findings[0], path, language_id)
        if edit:
            findings_by_edit.setdefault(edit, []).extend(findings)
    return [_allow_fix(edit, findings) for edit, findings in findings_by_edit.items()]


def _allow_fix(edit: AllowEdit, findings: list[Finding]) -> Fix:
    what = "this secret" if len(findings) == 1 else f"these {len(findings)} secrets"
    where = "the line before" if edit.insert_text.endswith(("\n", "\r")) else "this line"
    title = f"Allow {what}: add `{edit.comment}` to {where}"
    return Fix(title, edit.line, edit.position, edit.insert_text, tuple(findings))
