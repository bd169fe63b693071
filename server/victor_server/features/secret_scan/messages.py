"""The secrets in what people wrote about their commits."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.report import Commit, Found, Report
from victor_server.features.secret_scan.repository import ReadBlob, Repository, output_of
from victor_server.secrets.allow.known import Known
from victor_server.secrets.scanner import scan

MESSAGE = "(commit message)"
"""Stands where a file's path does."""

_SCANNED_AS = "message.txt"


def scan_messages(
    repository: Repository, revisions: Sequence[str], known: Known, report: Report, read: ReadBlob
) -> Iterator[Found]:
    """What is not known of the secrets in the commits' messages, oldest first; lines are the message's own."""
    with output_of(repository, "rev-list", "--date-order", "--reverse", *revisions, "--") as ids:
        for line in ids:
            commit_id = line.decode("ascii", "replace").strip()
            report.on_text()
            blob = read(commit_id)
            if blob is not None:
                yield from _found_in(blob.data, commit_id, known)


def _found_in(data: bytes, commit_id: str, known: Known) -> Iterator[Found]:
    head, _, message = data.partition(b"\n\n")
    text = decode(message) or ""
    findings = scan(text, _SCANNED_AS)
    for finding in known.new(findings, MESSAGE, text, commit=commit_id):
        yield Found(MESSAGE, MESSAGE, finding, Commit(commit_id, _author_date(head)))


def _author_date(head: bytes) -> str:
    """In ISO 8601, "" if the commit does not say it as git does: `author NAME <ADDRESS> SECONDS +HHMM`."""
    author = next((line for line in head.split(b"\n") if line.startswith(b"author ")), b"")
    words = author.rpartition(b"> ")[2].decode("ascii", "replace").split()
    try:
        seconds, zone = int(words[0]), int(words[1])
        minutes = abs(zone) // 100 * 60 + abs(zone) % 100
        ahead = timedelta(minutes=minutes if zone >= 0 else -minutes)
        return datetime.fromtimestamp(seconds, UTC).astimezone(timezone(ahead)).isoformat()
    except (IndexError, ValueError, OverflowError, OSError):
        return ""
