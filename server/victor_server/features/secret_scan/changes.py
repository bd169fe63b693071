"""The secrets that a change adds: whole contents are scanned, and what touches an added line is told."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.patch import Change, touches
from victor_server.features.secret_scan.report import Found, Place, Report, as_found
from victor_server.features.secret_scan.repository import MAX_BYTES, Blob, ReadBlob
from victor_server.secrets.allow.known import Known
from victor_server.secrets.finding import Finding
from victor_server.secrets.judge.file_kind import file_facts
from victor_server.secrets.scanner import claims, findings_of

DIFF_OPTIONS = (
    "-p",
    "-M",
    "--full-index",
    "--inter-hunk-context=0",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
"""Of a patch as `read_changes` expects it, made without running what attributes or settings name."""


class Added(NamedTuple):
    """A content that a change brings, and the secrets in it that touch an added line.

    `allowed` are those that a comment allows, `findings` the others.
    """

    text: str
    findings: list[Finding]
    allowed: list[Finding]


class Scanned(NamedTuple):
    """The secrets on a change's added lines: the new ones, and those that may stay, by a comment or a list."""

    new: list[Found]
    allowed: list[Found]


def scan_change(change: Change, place: Place, known: Known, report: Report, read: ReadBlob) -> Scanned:
    """What is new in a changed file. What keeps it from being scanned goes to the report, as do the counts."""
    added = added_by(change, place, known, report, read)
    if added is None:
        return Scanned([], [])
    new = new_in(change, added, place, known)
    told = {found.finding for found in new}
    allowed = [*added.allowed, *(finding for finding in added.findings if finding not in told)]
    return Scanned(new, as_found(place, change.path, added.text, allowed, change.commit))


def new_in(change: Change, added: Added, place: Place, known: Known) -> list[Found]:
    """What is not known of a change's secrets."""
    commit = change.commit.id if change.commit else ""
    new = known.new(added.findings, change.path, added.text, commit=commit)
    return as_found(place, change.path, added.text, new, change.commit)


def added_by(change: Change, place: Place, known: Known, report: Report, read: ReadBlob) -> Added | None:
    """What a change adds, known or not; None for a binary file, or where something keeps it from being scanned."""
    if known.ignores(change.path):
        report.n_left_out += 1
        return None
    report.on_text()
    shown = place.shown(place.root / change.path)
    if not change.new:
        report.could_not_scan(shown, "has a conflict: resolve it, and add the file")
        return None
    blob = read(change.new)
    text = None if blob is None else decode(blob.data)
    if blob is None:
        report.could_not_scan(shown, "its content is not in this clone: fetch it")
        return None
    if text is None:
        return None
    if blob.size > len(blob.data):
        report.could_not_scan(
            shown, f"larger than {MAX_BYTES // 1_000_000} MB: `.secretsignore` can leave it out"
        )
        return None
    report.n_files += 1
    report.n_bytes += blob.size
    lines = _added_lines(change, text, read) if change.added is None else change.added
    findings, allowed = scan_both(text, change.path)
    return Added(text, list(touching(findings, text, lines)), list(touching(allowed, text, lines)))


def scan_both(text: str, path: str) -> tuple[list[Finding], list[Finding]]:
    """The secrets in a text, and those in it that a comment allows."""
    facts = file_facts(path)
    claimed = claims(text, 0, len(text), facts)
    if not claimed:
        return [], []
    findings = findings_of(text, claimed, facts)
    told = set(findings)
    everything = findings_of(text, claimed, facts, keep_allowed=True)
    return findings, [finding for finding in everything if finding not in told]


def touching(findings: Iterable[Finding], text: str, added: Sequence[range]) -> Iterator[Finding]:
    """Those of a text's findings, in reading order, of which a part stands on an added line.

    Lines are git's: 1-based, ended by a line feed alone.
    """
    line, offset = 1, 0
    for finding in findings:
        line += text.count("\n", offset, finding.start)
        offset = finding.start
        if touches(added, line, line + text.count("\n", finding.start, finding.end - 1)):
            yield finding


def _added_lines(change: Change, text: str, read: ReadBlob) -> tuple[range, ...]:
    """The lines that stand in no earlier content, for a text that git takes for binary, as it does UTF-16."""
    before: set[str] = set()
    for name in change.old:
        before.update(_lines(read(name)))
    numbered = enumerate(text.split("\n"), start=1)
    return tuple(range(number, number + 1) for number, line in numbered if line not in before)


def _lines(blob: Blob | None) -> list[str]:
    text = None if blob is None else decode(blob.data)
    return [] if text is None else text.split("\n")
