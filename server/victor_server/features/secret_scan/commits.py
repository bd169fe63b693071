"""The secrets in commits: each change is looked at, so that what a later commit takes out again is found as well."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from victor_server.errors import UsageError
from victor_server.features.secret_scan.changes import DIFF_OPTIONS, scan_change, shows_secrets
from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.patch import Change, read_changes
from victor_server.features.secret_scan.report import Found, Place, Report
from victor_server.features.secret_scan.repository import ReadBlob, Repository, ask, open_blobs, output_of
from victor_server.secrets.allow.known import Known
from victor_server.secrets.finding import Finding
from victor_server.secrets.scanner import scan

N_CONTEXT_LINES = 10
"""Lines around a change that `scan_history` looks at before it reads the file as a whole."""

_CUT_OFF = "this clone holds nothing before it: `git fetch --unshallow` brings the rest"
_FORMAT = "--format=commit %H %aI"


def scan_since(repository: Repository, revision: str, place: Place, known: Known, report: Report) -> None:
    """Add to the report what the commits add that are reachable from HEAD and not from `revision`.

    A revision of zeros only, as hosts name the state before a new branch, stands for "before everything". Raises
    `UsageError` if there is no such commit here.
    """
    told: set[tuple[str, str, str]] = set()
    with open_blobs(repository) as read:
        with _commits(repository, _range(repository, revision)) as changes:
            for change in _without_cut_off(changes, repository, report):
                for found in scan_change(change, place, known, report, read):
                    key = (found.path, found.finding.fingerprint, found.finding.tier)
                    if key not in told:
                        told.add(key)
                        report.findings.append(found)
        report.findings[:] = _as_they_stand_now(report.findings, read)


def scan_history(repository: Repository, place: Place, known: Known, report: Report) -> None:
    """Add to the report what any commit adds that a branch, a tag or HEAD reaches: each secret once, the first time.

    A file is read as a whole only if the change, with ten lines around it, looks as if it added a secret.
    """
    told: set[tuple[str, str]] = set()
    everything = ("--all", *((repository.head,) if repository.head else ()))
    with open_blobs(repository) as read, _commits(repository, everything) as changes:
        for change in _without_cut_off(changes, repository, report):
            if change.shown is not None and not shows_secrets(change, change.shown):
                report.on_text()
                report.n_files += 1
                report.n_bytes += len(change.shown.data)
                continue
            for found in scan_change(change, place, known, report, read):
                key = (found.finding.fingerprint, found.finding.tier)
                if key not in told:
                    told.add(key)
                    report.findings.append(found)


@contextmanager
def _commits(repository: Repository, revisions: Sequence[str]) -> Iterator[Iterator[Change]]:
    """The changes of the commits, oldest first; of a merge, what is new to every parent."""
    listing = ("rev-list", "--date-order", "--reverse", *revisions, "--")
    context = f"-U{N_CONTEXT_LINES}"
    showing = ("diff-tree", "--stdin", "-r", "--root", "--cc", context, *DIFF_OPTIONS, _FORMAT)
    with output_of(repository, *listing) as ids, output_of(repository, *showing, stdin=ids) as lines:
        yield read_changes(lines)


def _without_cut_off(changes: Iterator[Change], repository: Repository, report: Report) -> Iterator[Change]:
    """Counts the commits, and leaves out those that only seem to add everything: what they add is not known."""
    last = ""
    for change in changes:
        commit = change.commit.id if change.commit else ""
        if commit != last:
            last = commit
            report.n_commits += 1
            if commit in repository.shallow:
                report.could_not_scan(commit[:12], _CUT_OFF)
        if commit not in repository.shallow:
            yield change


def _range(repository: Repository, revision: str) -> tuple[str, ...]:
    if not repository.head:
        raise UsageError("There is no commit here yet.", "")
    if revision and not revision.strip("0"):
        return (repository.head,)
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    before = ask(repository, *words)
    if not before:
        fix = "Fetch it: in CI, check out with the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`)."
        raise UsageError(f"There is no commit {revision} in this clone.", fix)
    return (repository.head, f"^{before}")


def _as_they_stand_now(findings: Sequence[Found], read: ReadBlob) -> list[Found]:
    """The findings with the place where the same secret stands in the last commit, if it does."""
    now = {path: _in_last_commit(path, read) for path in {found.path for found in findings}}
    return [replace(found, now=now[found.path].get(found.finding.fingerprint)) for found in findings]


def _in_last_commit(path: str, read: ReadBlob) -> dict[str, Finding]:
    """A file's findings by fingerprint, of equal ones the first; none for a path that cannot be asked for."""
    blob = None if "\n" in path else read(f"HEAD:{path}")
    text = None if blob is None or blob.size > len(blob.data) else decode(blob.data)
    found = [] if text is None else scan(text, path)
    return {finding.fingerprint: finding for finding in reversed(found)}
