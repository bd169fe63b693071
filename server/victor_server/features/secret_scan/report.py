"""What a scan of many texts tells: findings with their places, and what could not be scanned."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.secrets.finding import Finding
from victor_server.secrets.scanner import scan_with_allowed

_SHORTEST_IN_A_PATH = 6
"""A shorter secret says nothing when it happens to be part of a file's name."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Where in history something was found: the commit's whole id, and its author's date in ISO 8601."""

    id: str
    author_date: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding in one file. `path` is relative to the root, `shown` to the working directory, both with `/`.

    Neither holds a secret. Where history was scanned, `commit` is the one that added it, and the finding's lines
    are that commit's. `now` is the same secret in the last commit's version of the file, None if it is not there.
    """

    path: str
    shown: str
    finding: Finding
    commit: Commit | None = None
    now: Finding | None = None


@dataclass(slots=True)
class Report:
    """What one run has seen so far. `errors`: (path as shown, what kept it from being scanned).

    `notes` are worth a person's while, but kept nothing from being scanned. `n_commits` are those with changes.
    Of a change, `allowed` are the secrets on its added lines that may stay, and `n_left_out` its files that are
    not looked at: a change may bring the comment or the list that says so.
    """

    n_files: int = 0
    n_bytes: int = 0
    n_commits: int = 0
    notes: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    allowed: list[Found] = field(default_factory=list)
    n_left_out: int = 0
    on_text: Callable[[], None] = lambda: None
    """Called for each text that is looked at, so that a person can be told that it goes on."""

    def could_not_scan(self, shown: str, why: str) -> None:
        """Note that something was not scanned; a name may be a secret too."""
        self.errors.append((without_secrets(shown), why))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scan happens: paths are told relative to `root` (the repository's top) and `working`, both absolute."""

    root: Path
    working: Path

    def relative(self, file: Path) -> str:
        """Relative to the root, or as it is shown if it lies elsewhere."""
        if file.is_relative_to(self.root):
            return _slashes(str(file.relative_to(self.root)))
        return self.shown(file)

    def shown(self, file: Path) -> str:
        """Relative to the working directory where that is possible."""
        try:
            return _slashes(os.path.relpath(file, self.working))
        except ValueError:  # another drive
            return _slashes(str(file))


def place_of(working: Path) -> Place:
    """The place of a folder: its root is the repository around it, else itself."""
    absolute = Path(os.path.normpath(working.absolute()))
    around = (folder for folder in (absolute, *absolute.parents) if os.path.lexists(folder / ".git"))
    return Place(next(around, absolute), absolute)


def as_found(
    place: Place, path: str, text: str, findings: Sequence[Finding], commit: Commit | None = None
) -> list[Found]:
    """The findings of a text, whose path is relative to the root, with the places that may be shown of them."""
    if not findings:
        return []
    values = {text[each.start : each.end]: each.masked for each in findings}
    inside = without_secrets(path, values)
    shown = without_secrets(place.shown(place.root / path), values)
    return [Found(inside, shown, finding, commit) for finding in findings]


def without_secrets(path: str, values: dict[str, str] | None = None) -> str:
    """A path as it may be told: each of `values` (secret → mask), and whatever else looks like a secret, is masked."""
    path = path if path.isascii() else _as_text(path)
    for value, masked in (values or {}).items():
        if len(value) >= _SHORTEST_IN_A_PATH:
            path = path.replace(value, masked)
    for finding in reversed(scan_with_allowed(path, path)):
        path = path[: finding.start] + finding.masked + path[finding.end :]
    return path


def _as_text(path: str) -> str:
    """A name that is no UTF-8 with its bytes spelled out, so that every reader of ours can take it."""
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # Windows: half of a character
        return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")
