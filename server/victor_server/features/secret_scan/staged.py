"""The secrets in what is about to be committed: the index, not the files as they lie on disk."""

from dataclasses import replace

from victor_server.features.secret_scan.changes import DIFF_OPTIONS, scan_change
from victor_server.features.secret_scan.patch import Change, read_changes, touches
from victor_server.features.secret_scan.report import Place, Report
from victor_server.features.secret_scan.repository import Repository, ask, open_blobs, output_of
from victor_server.secrets.allow.known import Known

_EMPTY_TREE = ("hash-object", "-t", "tree", "--stdin")


def scan_staged(repository: Repository, place: Place, known: Known, report: Report) -> None:
    """Add to the report what the index adds to the last commit, wherever in the repository.

    In a merge that is what the merge itself adds: lines that one of the merged commits holds are not new.
    """
    changes = _staged(repository, repository.head or ask(repository, *_EMPTY_TREE) or "")
    others = [{change.path: change for change in _staged(repository, each)} for each in repository.merged]
    with open_blobs(repository) as read:
        for change in changes:
            merged = change
            for other in others:
                merged = _new_in_both(merged, other.get(change.path))
            if merged.added is None or merged.added or not merged.new:
                scanned = scan_change(merged, place, known, report, read)
                report.findings += scanned.new
                report.allowed += scanned.allowed


def _staged(repository: Repository, before: str) -> list[Change]:
    with output_of(repository, "diff-index", "--cached", "-U0", *DIFF_OPTIONS, before, "--") as lines:
        return list(read_changes(lines))


def _new_in_both(change: Change, other: Change | None) -> Change:
    """The change without the lines that are not new to the other side; None: nothing is new to it."""
    if other is None:
        return replace(change, added=())
    if change.added is None or other.added is None:
        return replace(change, added=None, old=(*change.old, *other.old))
    lines = (number for each in change.added for number in each)
    added = tuple(range(line, line + 1) for line in lines if touches(other.added, line, line))
    return replace(change, added=added)
