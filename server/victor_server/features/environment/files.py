"""What a project says of its environment: the variable's name in `.env.example`, and `.env` in `.gitignore`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from victor_indexer.scan import git
from victor_indexer.scan.gitignore import rules_from_patterns
from victor_server.errors import UsageError
from victor_server.features.workspace_files import EXAMPLES, GITIGNORE, FileChange, WorkspaceFiles, appended

_MAX_IGNORE_CHARS = 50_000
"""Of an ignore file: more rules would take long to prepare, and what they ignore git can tell."""

_NAME = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.MULTILINE)


def example_file(document: Path, root: Path, files: WorkspaceFiles) -> Path:
    """The example that is nearest above the document, where there is none a new one in `root`."""
    for folder in _folders(document, root):
        for name in EXAMPLES:
            if folder / name in files.texts or (folder / name).is_file():
                return folder / name
    return root / EXAMPLES[0]


def names_in(example: Path, root: Path, files: WorkspaceFiles) -> frozenset[str]:
    """The variables that the example lists; none where it cannot be read."""
    try:
        return frozenset(_NAME.findall(files.read(example, root) or ""))
    except UsageError:
        return frozenset()


def file_changes(
    name: str, example: Path, root: Path, files: WorkspaceFiles
) -> tuple[list[FileChange], list[str]]:
    """What to change in the example and in the ignore file, and what a person has to do because it cannot be done.

    Neither holds the secret. What says so already is left as it is.
    """
    changes, left = [], []
    for file, line, is_said in (
        (example, f"{name}=", name in names_in(example, root, files)),
        (_ignore_file(example.parent, root), ".env", _is_ignored(example.parent, root, files)),
    ):
        if is_said:
            continue
        try:
            before = files.read(file, root)
        except UsageError as error:
            left.append(f"add {line} to {file.name} ({error.message})")
            continue
        if before is None and not files.creates:
            left.append(f"add {line} to {file.name}")
        else:
            changes.append(appended(file, before, line))
    return changes, left


def _folders(document: Path, root: Path) -> Iterator[Path]:
    for folder in document.parents:
        yield folder
        if folder == root:
            return


def _ignore_file(folder: Path, root: Path) -> Path:
    """The workspace's own; the folder's if only that is there."""
    own, whole = folder / GITIGNORE, root / GITIGNORE
    return own if own.is_file() and not whole.is_file() else whole


def _is_ignored(folder: Path, root: Path, files: WorkspaceFiles) -> bool:
    """Whether `.env` beside the example is ignored: by the ignore files as the editor has them, else as git says."""
    for layer in _folders(folder / ".env", root):
        try:
            lines = (files.read(layer / GITIGNORE, root) or "")[:_MAX_IGNORE_CHARS].splitlines()
        except UsageError:
            continue
        rules = rules_from_patterns(lines, GITIGNORE)
        match = rules.match((folder / ".env").relative_to(layer).as_posix(), is_dir=False) if rules else None
        if match:
            return not match.negated
    return _git_ignores(folder)


def _git_ignores(folder: Path) -> bool:
    program = git.find_git()
    top = next((each for each in [folder, *folder.parents] if (each / ".git").exists()), None)
    if program is None or top is None:
        return False
    return git.ignores(program, top, (folder / ".env").relative_to(top).as_posix())


def said_left(left: Sequence[str]) -> str:
    """What is left to do, as a sentence; "" for nothing."""
    return f"Please {' and '.join(left)}." if left else ""
