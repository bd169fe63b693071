"""The files of a workspace as the editor has them: what is open stands before what lies on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import UsageError
from victor_server.features.replacement import Replacement
from victor_server.secrets.allow.named_file import read_named

EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist")
GITIGNORE = ".gitignore"
KNOWN_FILES = (".secrets.baseline", ".gitleaksignore", ".betterleaksignore", ".secretsignore")
"""Where a team says which secrets it knows."""


@dataclass(frozen=True, slots=True)
class WorkspaceFiles:
    """`texts` holds what the editor has of some files, saved or not. `creates`: it can make new ones."""

    texts: Mapping[Path, str]
    creates: bool = True

    def read(self, path: Path, root: Path) -> str | None:
        """A file's text, None if there is no such file. Raises UsageError for one that cannot be edited as text.

        No link is followed that leads out of `root`: a repository may hold links to a person's own files.
        """
        if path in self.texts:
            return self.texts[path]
        text, problem = read_named(path, root)
        if problem:
            raise UsageError(f"{path.name} {problem}.")
        return text


@dataclass(frozen=True, slots=True)
class FileChange:
    """A change of a file whose text is `before`; None makes the file."""

    path: Path
    before: str | None
    replacements: tuple[Replacement, ...]


def appended(path: Path, before: str | None, line: str) -> FileChange:
    """A file with one line more, in the file's own line ends; it ends as it did.

    The line goes before the last line end: Neovim makes an empty line of what is put behind it.
    """
    if not before:
        return FileChange(path, before, (Replacement(0, 0, f"{line}\n"),))
    newline = "\r\n" if "\r\n" in before else "\n"
    place = len(before) - len(newline) if before.endswith(newline) else len(before)
    return FileChange(path, before, (Replacement(place, place, newline + line),))


def rewritten(path: Path, before: str | None, after: str) -> FileChange:
    """A file that shall hold `after`: only the lines between the first and the last difference are replaced."""
    old, new = (before or "").splitlines(keepends=True), after.splitlines(keepends=True)
    most = min(len(old), len(new))
    first = next((at for at in range(most) if old[at] != new[at]), most)
    behind = next((at for at in range(most - first) if old[-1 - at] != new[-1 - at]), most - first)
    start, end = sum(map(len, old[:first])), sum(map(len, old[: len(old) - behind]))
    return FileChange(path, before, (Replacement(start, end, "".join(new[first : len(new) - behind])),))
