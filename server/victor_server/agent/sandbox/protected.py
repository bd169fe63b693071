"""Which places of a workspace hold what runs later without anybody asking for it: git, editors, Victor's own settings."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

ALWAYS = (".git", ".victor", ".vscode", ".idea")
"""Folders that are kept from being written and from being made."""

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
_MOST_SUBMODULES = 200
_HOOKS_PATH = re.compile(r"^\s*hookspath\s*=\s*\"?([^\"#;\n]+)", re.IGNORECASE | re.MULTILINE)
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)
_LONGEST_READ = 1 << 20


def protected_in(root: Path, *, git_writable: bool) -> tuple[Path, ...]:
    """Absolute paths in `root` that a command must not change, parents first. Those of `ALWAYS` may be missing.

    A link is not among them: what it leads to is protected where that lies in `root`, and out of reach where not.
    """
    git = root / ".git"
    found = [root / each for each in ALWAYS if each != ".git" or not (git_writable and git.is_dir())]
    if git not in found:
        found += [git / each for each in _IN_GIT if (git / each).exists()]
    found += [root / each for each in WHERE_THERE if os.path.lexists(root / each)]
    found += [each for each in (*_hooks(root, git), *_submodules(root)) if each.exists()]
    inside = (_followed(path, root) for path in found)
    return tuple(sorted({path for path in inside if path is not None}))


def missing_in(root: Path) -> tuple[Path, ...]:
    """Those of `ALWAYS` that are not there: a sandbox makes empty folders of their names while a command runs."""
    return tuple(root / each for each in ALWAYS if not os.path.lexists(root / each))


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


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
