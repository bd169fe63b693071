"""Which places of a workspace hold what runs later without anybody asking for it: git, editors, Victor's own settings."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ALWAYS = (".git", ".victor", ".vscode", ".idea")
"""Folders that are kept from being written and from being made."""

_HEAD = "HEAD"
"""By a file of this name git takes the very folder that it is called in for a repository, where there is no `.git`."""

PLACED = (*ALWAYS, _HEAD)
"""The names of which an empty folder may stand in a workspace while a command runs."""

WHERE_THERE = (
    ".cursor",
    ".devcontainer",
    ".dir-locals.el",
    ".envrc",
    ".exrc",
    ".githooks",
    ".husky",
    ".lvimrc",
    ".nvim.lua",
    ".nvimrc",
    ".vimrc",
    ".zed",
)
_IN_GIT = ("hooks", "config", "config.worktree", "commondir", "modules", "worktrees", "info")
_OF_BARE = (_HEAD, "config", "hooks", "commondir")
_MOST_SUBMODULES = 200
_MOST_LOOKED_AT = 2_000
_DEEP = 3
"""How many folders below a workspace a repository may lie to be found; those of submodules are anywhere."""
_HOOKS_PATH = re.compile(r"^\s*hookspath\s*=\s*\"?([^\"#;\n]+)", re.IGNORECASE | re.MULTILINE)
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)
_LONGEST_READ = 1 << 20


def protected_in(root: Path, *, git_writable: bool) -> tuple[Path, ...]:
    """Absolute paths in `root` that a command must not change, parents first. Those of `PLACED` may be missing.

    A link is not among them: what it leads to is protected where that lies in `root`, and out of reach where not.
    """
    git = root / ".git"
    found = [root / each for each in ALWAYS if each != ".git" or not (git_writable and git.is_dir())]
    if git not in found:
        found += [git / each for each in _IN_GIT if (git / each).exists()]
    found += [root / each for each in WHERE_THERE if os.path.lexists(root / each)]
    found += [
        each for each in (*_hooks(root, git), *_submodules(root), *_repositories(root)) if each.exists()
    ]
    found += _bare(root)
    inside = (_followed(path, root) for path in found)
    return tuple(sorted({path for path in inside if path is not None}))


def missing_in(root: Path) -> tuple[Path, ...]:
    """Those of `PLACED` that are not there, but must not be made: a sandbox makes empty folders of their names while a
    command runs.
    """
    names = ALWAYS if os.path.lexists(root / ".git") else PLACED
    return tuple(root / each for each in names if not os.path.lexists(root / each))


def git_elsewhere(root: Path) -> tuple[Path, ...]:
    """The folder of the repository that `root` is a further worktree of: without it git knows nothing there. Else ().

    The repository must know of the worktree too: a file that names a folder is no proof, for anybody can write one.
    """
    written = _text(root / ".git").removeprefix("gitdir:").strip()
    if not written or "\n" in written:
        return ()
    try:
        own = (root / written).resolve()
        named = Path(_text(own / "gitdir").strip())
        common = (own / (_text(own / "commondir").strip() or ".")).resolve()
        knows = named.is_absolute() and named.resolve() == (root / ".git").resolve()
    except (OSError, RuntimeError, ValueError):
        return ()
    is_one = (
        knows and common in own.parents and (common / "HEAD").is_file() and own.parent.name == "worktrees"
    )
    return (common,) if is_one and root not in common.parents else ()


def _followed(path: Path, root: Path) -> Path | None:
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        return None
    return real if root in real.parents else None


def _hooks(root: Path, git: Path) -> Iterator[Path]:
    """The folder that git takes hooks from, where the repository names one."""
    for written in _HOOKS_PATH.findall(_text(git / "config")):
        yield root / written.strip()


def _submodules(root: Path) -> Iterator[Path]:
    """What says where the repository of a submodule lies: to change that would change the settings it is read with."""
    for written in _SUBMODULE.findall(_text(root / ".gitmodules"))[:_MOST_SUBMODULES]:
        yield root / written / ".git"


def _bare(root: Path) -> list[Path]:
    """What git would read in `root` if that were a repository itself, as it is for git where it has no `.git`."""
    if (root / ".git").exists():
        return []
    is_one = (root / _HEAD).is_file()
    return [root / each for each in _OF_BARE if each == _HEAD or (is_one and (root / each).exists())]


def _repositories(root: Path) -> Iterator[Path]:
    """The `.git` of repositories that lie near below: a workspace may be a folder of many projects."""
    waiting = [(root, 0)]
    n_looked_at = 0
    while waiting and n_looked_at < _MOST_LOOKED_AT:
        folder, depth = waiting.pop(0)
        n_looked_at += 1
        if folder != root and os.path.lexists(folder / ".git"):
            yield folder / ".git"
        if depth < _DEEP:
            waiting += ((each, depth + 1) for each in _folders(folder))


def _folders(folder: Path) -> Sequence[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                folder / each.name
                for each in entries
                if not each.name.startswith(".")
                and each.name != "node_modules"
                and each.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return ()


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
