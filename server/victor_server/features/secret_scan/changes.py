"""The secrets that a change adds: whole contents are scanned, and what touches an added line is told."""

from collections.abc import Iterable, Iterator, Sequence

from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.patch import Change, Shown, touches
from victor_server.features.secret_scan.report import Found, Place, Report, as_found
from victor_server.features.secret_scan.repository import MAX_BYTES, Blob, ReadBlob
from victor_server.secrets.allow.known import Known
from victor_server.secrets.finding import Finding
from victor_server.secrets.scanner import scan

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


def scan_change(change: Change, place: Place, known: Known, report: Report, read: ReadBlob) -> list[Found]:
    """What is new in a changed file. What keeps it from being scanned goes to the report, as do the counts."""
    if known.ignores(change.path):
        return []
    report.on_text()
    shown_path = place.shown(place.root / change.path)
    if not change.new:
        report.could_not_scan(shown_path, "has a conflict: resolve it, and add the file")
        return []
    blob = read(change.new)
    text = None if blob is None else decode(blob.data)
    if blob is None:
        report.could_not_scan(shown_path, "its content is not in this clone: fetch it")
    elif text is not None and blob.size > len(blob.data):
        report.could_not_scan(shown_path, f"larger than {MAX_BYTES} bytes: `.secretsignore` can leave it out")
    elif text is not None:
        report.n_files += 1
        report.n_bytes += blob.size
        added = _added_lines(change, text, read) if change.added is None else change.added
        findings = list(touching(scan(text, change.path), text, added))
        commit = change.commit.id if change.commit else ""
        new = known.new(findings, change.path, text, commit=commit)
        return as_found(place, change.path, text, new, change.commit)
    return []


def shows_secrets(change: Change, shown: Shown) -> bool:
    """Whether the lines that a patch shows look as if they added a secret."""
    text = decode(shown.data)
    return text is None or any(touching(scan(text, change.path), text, shown.added))


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
