"""What a team already knows of: findings in its baseline and in its ignore files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from victor_server.secrets.allow.entries import Entry, parse_document, plain_path, read_entries
from victor_server.secrets.allow.equivalents import is_marker, marker_hash, value_hashes
from victor_server.secrets.allow.exclusions import Exclusions, found_in, read_exclusions
from victor_server.secrets.allow.ignore_files import (
    IgnoredPaths,
    Places,
    parse_fingerprints,
    parse_secretsignore,
)
from victor_server.secrets.allow.named_file import read_named
from victor_server.secrets.finding import Finding
from victor_server.secrets.lines import line_around

BASELINE = ".secrets.baseline"
_FINGERPRINTS = (".gitleaksignore", ".betterleaksignore")
_SECRETSIGNORE = ".secretsignore"


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What a baseline says of one file."""

    hashes: frozenset[str]
    markers: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a person has seen and let stand. `problems`: what could not be read, one sentence each.

    `baseline_problem` is the one of them, "" if there is none, that kept the baseline as a whole from being read.

    Paths are relative to the folder that was read, with `/` between their parts.
    """

    problems: tuple[str, ...] = ()
    baseline_problem: str = ""
    _recorded: Mapping[str, _Recorded] = field(default_factory=dict)
    _exclusions: Exclusions = field(default_factory=Exclusions)
    _places: Places = field(default_factory=dict)
    _paths: IgnoredPaths = field(default_factory=IgnoredPaths)
    _values: frozenset[str] = frozenset()

    def new(self, findings: Sequence[Finding], path: str, text: str, *, commit: str = "") -> list[Finding]:
        """Those of a file's findings that nobody has seen yet. `text` is what was scanned.

        A secret in the baseline is known whatever its label, as for detect-secrets, and wherever in its file it
        stands. `commit` is given where history is scanned: some places count for one commit only.
        """
        if self == EMPTY or not findings:
            return list(findings)
        path = plain_path(path)
        if self.ignores(path):
            return []
        return [finding for finding in findings if not self._is_known(finding, path, text, commit)]

    def ignores(self, path: str) -> bool:
        """Whether everything in a file is left out."""
        path = plain_path(path)
        return self._paths.match(path) or found_in(self._exclusions.file, path)

    def without_baseline(self) -> "Known":
        """The same, but for what stands in the baseline: for who writes it anew."""
        return replace(self, _recorded={})

    def _is_known(self, finding: Finding, path: str, text: str, commit: str) -> bool:
        if finding.fingerprint in self._values or self._is_at_a_place(finding, path, commit):
            return True
        if self._is_excluded(finding, text):
            return True
        recorded = self._recorded.get(path)
        if recorded is None:
            return False
        if not recorded.hashes.isdisjoint(value_hashes(finding, text)):
            return True
        return (finding.title, marker_hash(finding, text)) in recorded.markers

    def _is_excluded(self, finding: Finding, text: str) -> bool:
        if not self._exclusions.line and not self._exclusions.secret:
            return False
        start, end, _ = line_around(text, finding.start)
        return found_in(self._exclusions.line, text[start:end]) or found_in(
            self._exclusions.secret, text[finding.start : finding.end]
        )

    def _is_at_a_place(self, finding: Finding, path: str, commit: str) -> bool:
        commits = self._places.get((path, finding.line + 1), ())
        return "" in commits or (bool(commit) and any(commit.lower().startswith(start) for start in commits))


EMPTY = Known()


def read_known(
    root: Path, *, baseline: Path | None = None, texts: Mapping[Path, str] = MappingProxyType({})
) -> Known:
    """What is known in `root`, a folder: its `.secrets.baseline`, or the one named, and its ignore files.

    Reads `.gitleaksignore`, `.betterleaksignore` and `.secretsignore` too. `texts` holds what an editor has of some of
    them, which then counts. Never raises: see `Known.problems`.
    """
    problems: list[str] = []
    recorded, exclusions, baseline_problem = _read_baseline(root, baseline, problems, texts)
    places: Places = {}
    for name in _FINGERPRINTS:
        read, n_unreadable = parse_fingerprints(_text(root / name, root, problems, texts))
        for place, commits in read.items():
            places.setdefault(place, set()).update(commits)
        if n_unreadable:
            problems.append(f"{name}: lines that are no fingerprints: {n_unreadable}")
    paths, values, n_unused = parse_secretsignore(_text(root / _SECRETSIGNORE, root, problems, texts))
    if n_unused:
        problems.append(f"{_SECRETSIGNORE}: patterns that are not used, as there are too many: {n_unused}")
    return Known(tuple(problems), baseline_problem, recorded, exclusions, places, paths, values)


def _read_baseline(
    root: Path, named: Path | None, problems: list[str], texts: Mapping[Path, str]
) -> tuple[dict[str, _Recorded], Exclusions, str]:
    file = root / BASELINE if named is None else named
    text = _text(file, root if named is None else None, problems, texts)
    document, problem = parse_document(text) if text else (None, "")
    if problem:
        problems.append(f"{file.name} {problem}")
    elif not text and named is not None and not problems:
        problems.append(f"{file}: there is no such baseline" if not file.exists() else f"{file} is empty")
    if document is None:
        return {}, Exclusions(), problems[-1] if problems else ""
    entries, n_unreadable = read_entries(document)
    if n_unreadable:
        problems.append(f"{file.name}: entries that could not be read: {n_unreadable}")
    exclusions, n_refused = read_exclusions(document)
    if n_refused:
        problems.append(f"{file.name}: patterns that are not used, as they could take very long: {n_refused}")
    return {path: _recorded(of_file) for path, of_file in entries.items()}, exclusions, ""


def _recorded(entries: Sequence[Entry]) -> _Recorded:
    """How secrets begin says nothing where it stands which are meant."""
    begins = [entry for entry in entries if is_marker(entry.type, entry.hash)]
    hashes = {entry.hash for entry in entries} - {entry.hash for entry in begins}
    return _Recorded(
        frozenset(hashes.union(*(entry.values for entry in begins))),
        frozenset((entry.type, entry.hash) for entry in begins if not entry.values),
    )


def _text(file: Path, within: Path | None, problems: list[str], texts: Mapping[Path, str]) -> str:
    if file in texts:
        return texts[file]
    text, problem = read_named(file, within)
    if problem:
        problems.append(f"{file.name} {problem}")
    return text or ""
