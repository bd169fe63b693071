"""Reads the lists in which other tools' users wrote down what may stay: fingerprints, paths and values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from victor_server.secrets.allow.entries import plain_path
from victor_server.secrets.finding import fingerprint

if TYPE_CHECKING:
    from victor_indexer.scan.gitignore import Rules

Place = tuple[str, int]
"""(path, line from 1)"""
Places = dict[Place, set[str]]
"""For which commits a place counts: the beginnings of their names, "" for any."""

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_VALUES = "[secrets]"
_MAX_PATTERNS = 2_000
_MAX_PATTERN_CHARS = 50_000
"""They become one expression: more would take minutes to prepare, and a repository could be made so on purpose."""


def parse_fingerprints(text: str) -> tuple[Places, int]:
    """The places in a `.gitleaksignore`, and how many lines are none.

    A line is `path:rule:line`, or `commit:path:rule:line` for one commit only; blank lines and `#` comments are
    left out. Rules have other names here than there, so that a place counts whatever was found at it.
    """
    places: Places = {}
    n_unreadable = 0
    for line in text.splitlines():
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        read = _read_fingerprint(written)
        if read is None:
            n_unreadable += 1
        else:
            places.setdefault(read[0], set()).add(read[1])
    return places, n_unreadable


def _read_fingerprint(written: str) -> tuple[Place, str] | None:
    """Read from the right: a path may hold colons."""
    before, _, number = written.rpartition(":")
    path, _, rule = before.rpartition(":")
    if not path or not rule or not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    commit, colon, rest = path.partition(":")
    if colon and rest and _COMMIT.fullmatch(commit):
        return (plain_path(rest), int(number)), commit.lower()
    return (plain_path(path), int(number)), ""


@dataclass(frozen=True)
class IgnoredPaths:
    """Patterns of paths, in the syntax of a `.gitignore`; without slots, so that they are compiled when first asked."""

    patterns: tuple[str, ...] = ()

    def match(self, path: str) -> bool:
        """Whether a file, by its path below the folder where the patterns stand, is left out."""
        if not self.patterns or self._rules is None:
            return False
        parts = path.split("/")
        folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
        return any(self._is_left_out(folder, is_dir=True) for folder in folders) or self._is_left_out(
            path, is_dir=False
        )

    def _is_left_out(self, path: str, *, is_dir: bool) -> bool:
        rule = self._rules.match(path, is_dir=is_dir) if self._rules else None
        return rule is not None and not rule.negated

    @cached_property
    def _rules(self) -> "Rules | None":
        # Its walk and its git are slow to load, and few repositories have such a file.
        from victor_indexer.scan.gitignore import rules_from_patterns

        return rules_from_patterns(self.patterns, ".secretsignore")


def parse_secretsignore(text: str) -> tuple[IgnoredPaths, frozenset[str], int]:
    """The paths in a `.secretsignore`, the SHA-1 of each value below its line `[secrets]`, and how many paths are too many."""
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if line.strip() == _VALUES), len(lines))
    values = frozenset(fingerprint(value.strip()) for value in lines[at + 1 :] if value.strip())
    patterns = [line for line in lines[:at] if line.strip() and not line.startswith("#")]
    used = tuple(_first(patterns))
    return IgnoredPaths(used), values, len(patterns) - len(used)


def _first(patterns: Iterable[str]) -> Iterable[str]:
    """As many as can be used: what is behind them hides nothing."""
    n_chars = 0
    for pattern in islice(patterns, _MAX_PATTERNS):
        n_chars += len(pattern)
        if n_chars > _MAX_PATTERN_CHARS:
            return
        yield pattern
