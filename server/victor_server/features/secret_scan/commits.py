"""The secrets in commits, also those that a later commit takes out again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from victor_server.errors import UsageError
from victor_server.features.secret_scan.changes import (
    DIFF_OPTIONS,
    Added,
    added_by,
    new_in,
    scan_both,
    scan_change,
)
from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.messages import MESSAGE, scan_messages
from victor_server.features.secret_scan.patch import Change, read_changes, read_contents
from victor_server.features.secret_scan.report import Found, Place, Report
from victor_server.features.secret_scan.repository import ReadBlob, Repository, ask, open_blobs, output_of
from victor_server.secrets.allow.known import Known
from victor_server.secrets.finding import Finding, Tier

_CUT_OFF = "this clone holds nothing before it: `git fetch --unshallow` brings the rest"
_PATCHES = ("--cc", "-U0", *DIFF_OPTIONS)
_CONTENTS = ("-c", "--raw", "--no-abbrev", "--no-renames")


def scan_since(repository: Repository, revision: str, place: Place, known: Known, report: Report) -> None:
    """Add to the report what the commits add, and say, that are reachable from HEAD and not from `revision`.

    A revision of zeros only, as hosts name the state before a new branch, stands for "before everything". Raises
    `UsageError` if there is no such commit here.
    """
    new = _InFiles()
    allowed = _InFiles()
    revisions = _range(repository, revision)
    with open_blobs(repository) as read:
        with _output(repository, revisions, _PATCHES) as lines:
            for change in _without_cut_off(read_changes(lines), repository, report):
                scanned = scan_change(change, place, known, report, read)
                new.add(change.path, scanned.new)
                allowed.add(change.path, scanned.allowed)
        for path in {**new.files, **allowed.files}:
            now = _in_last_commit(path, read)
            for found in new.now(path, now):
                if found.finding.fingerprint in now.allowed:
                    allowed.add(path, [found])
                else:
                    report.findings.append(found)
            report.allowed += allowed.now(path, now)
        messages = _InFiles()
        messages.add(MESSAGE, list(scan_messages(repository, revisions, known, report, read)))
        report.findings += messages.now(MESSAGE, _Now({}, frozenset()))


def scan_history(repository: Repository, place: Place, known: Known, report: Report) -> None:
    """Add to the report what any commit holds or says that a branch, a tag or HEAD reaches: each secret once.

    Each content is scanned once for each of its names, the oldest commit's first: scanning it as a whole costs no
    more than reading patches, and misses nothing that depends on lines around it.
    """
    told = _Told()
    scanned: set[int] = set()
    everything = ("--all", *((repository.head,) if repository.head else ()))
    with open_blobs(repository) as read, _output(repository, everything, _CONTENTS) as lines:
        for change in _without_cut_off(read_contents(lines), repository, report):
            key = hash((change.new, change.path))
            if key in scanned:
                continue
            scanned.add(key)
            added = added_by(change, place, known, report, read)
            if added is not None and added.findings:
                report.findings += told.first(change.path, added, new_in(change, added, place, known))
        for found in scan_messages(repository, everything, known, report, read):
            report.findings += told.once(found)


class _Now(NamedTuple):
    """A file's secrets in the last commit, by fingerprint, and those that a comment allows wherever they stand."""

    findings: dict[str, Finding]
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _InFiles:
    """What commits bring into files, each secret once for each file and tier, in the order of the commits."""

    files: dict[str, dict[tuple[str, Tier], Found]] = field(default_factory=dict)

    def add(self, path: str, findings: Sequence[Found]) -> None:
        for found in findings:
            of_file = self.files.setdefault(path, {})
            of_file.setdefault((found.finding.fingerprint, found.finding.tier), found)

    def now(self, path: str, now: _Now) -> list[Found]:
        """A file's, with the place where the same secret stands in the last commit, if it does."""
        findings = self.files.get(path, {}).values()
        return [replace(found, now=now.findings.get(found.finding.fingerprint)) for found in findings]


@dataclass(frozen=True, slots=True)
class _Told:
    """The secrets of a history that were told already, and those of a file that may stay there."""

    secrets: set[tuple[str, str]] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)

    def once(self, found: Found) -> list[Found]:
        """The finding, if its secret was not told already."""
        secret = (found.finding.fingerprint, found.finding.tier)
        if secret in self.secrets:
            return []
        self.secrets.add(secret)
        return [found]

    def first(self, path: str, added: Added, new: Sequence[Found]) -> list[Found]:
        """Those that are met for the first time. One that is known may move to other lines of its file."""
        fingerprints = {found.finding.fingerprint for found in new}
        self.known.update(
            (path, each.fingerprint) for each in added.findings if each.fingerprint not in fingerprints
        )
        result: list[Found] = []
        for found in new:
            if (path, found.finding.fingerprint) not in self.known:
                result += self.once(found)
        return result


@contextmanager
def _output(
    repository: Repository, revisions: Sequence[str], showing: Sequence[str]
) -> Iterator[Iterable[bytes]]:
    """What git shows of the commits, oldest first."""
    listing = ("rev-list", "--date-order", "--reverse", *revisions, "--")
    shown = ("diff-tree", "--stdin", "-r", "--root", "--format=commit %H %aI", *showing)
    with output_of(repository, *listing) as ids, output_of(repository, *shown, stdin=ids) as lines:
        yield lines


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


def _in_last_commit(path: str, read: ReadBlob) -> _Now:
    """A file's findings as they stand now; none for a path that cannot be asked for."""
    blob = None if "\n" in path else read(f"HEAD:{path}")
    text = None if blob is None or blob.size > len(blob.data) else decode(blob.data)
    if text is None:
        return _Now({}, frozenset())
    told, allowed = scan_both(text, path)
    by_fingerprint = {finding.fingerprint: finding for finding in reversed([*told, *allowed])}
    told_ones = {finding.fingerprint for finding in told}
    return _Now(by_fingerprint, frozenset(by_fingerprint.keys() - told_ones))
