"""What git says has changed in a folder, asked so that nothing the repository contains or configures is run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from victor_server.agent.context.git_program import git_program, run_git, without_filters
from victor_server.agent.context.patches import FileDiff, read_small_patches, split_patches
from victor_server.errors import UsageError

DiffScope = Literal["staged", "changes", "branch"]
"""`staged`: what the next commit would hold. `changes`: all that differs from the last commit, staged or not. `branch`:
what the commits of this branch have changed that are on no main branch yet."""

MAX_UNTRACKED = 50

DIFF = (
    *("--patch", "--unified=3", "--inter-hunk-context=0", "--find-renames", "--no-color", "--no-ext-diff"),
    *("--no-textconv", "--ignore-submodules=all", "--relative", "--src-prefix=a/", "--dst-prefix=b/"),
)
"""How patches are asked for, so that no program of a repository has a say in them."""

_BASES = ("@{upstream}", "origin/HEAD", "origin/main", "origin/master", "main", "master")
"""What a branch may have left from, the nearest first."""


@dataclass(frozen=True, slots=True)
class Diff:
    """Patches in git's order, and the `scope` that they are of: a commit with nothing staged takes all changes.

    `untracked` are files that git does not know and is not told to ignore, at most MAX_UNTRACKED. `cut`: there was more
    than MAX_BYTES. `unreadable` counts patches whose path could not be told. `base` is what a branch is compared with, ""
    where there is no such thing or the branch has nothing of its own.
    """

    scope: DiffScope
    files: Sequence[FileDiff]
    untracked: Sequence[str] = ()
    cut: bool = False
    unreadable: int = 0
    base: str = ""


class Git:
    """The git program of this machine, called in threads."""

    async def diff(self, root: Path, scope: DiffScope) -> Diff:
        """What has changed below `root`. Raises UsageError where there is no git, or no repository it reads."""
        return await asyncio.to_thread(read_diff, root, scope)

    async def recent_subjects(self, root: Path, limit: int) -> Sequence[str]:
        """The first lines of the last commit messages, newest first; none before the first commit."""
        return await asyncio.to_thread(read_subjects, root, limit)


def read_diff(root: Path, scope: DiffScope) -> Diff:
    """What has changed below `root`; with nothing staged, `staged` is all changes. Raises UsageError."""
    git = git_program()
    if scope == "branch":
        return _branch(git, root)
    if scope == "staged":
        found = _diff(git, root, "staged", ("diff", *DIFF, "--cached"))
        if found.files or found.unreadable:
            return found
    base = ("HEAD",) if _commit(git, root, "HEAD") else ("--cached",)
    found = _diff(git, root, "changes", ("diff", *DIFF, *base))
    return found if scope == "staged" else replace(found, untracked=_untracked(git, root))


def read_subjects(root: Path, limit: int) -> Sequence[str]:
    """The first lines of the last commit messages, newest first. Raises UsageError where there is no git."""
    done = run_git(
        git_program(), root, ("log", f"--max-count={limit}", "--format=%s", "--no-notes", "HEAD"), ()
    )
    return [] if done.code else [line for line in done.text.split("\n") if line]


def has_staged(root: Path) -> bool:
    """Whether the next commit below `root` would hold anything. Blocks. Raises UsageError where there is no git."""
    found = _diff(git_program(), root, "staged", ("diff", *DIFF, "--cached"))
    return bool(found.files or found.unreadable)


def _branch(git: str, root: Path) -> Diff:
    """What the commits of this branch change: since its upstream, or since main where all of it is pushed."""
    head = _commit(git, root, "HEAD")
    for base in _BASES if head else ():
        common = run_git(git, root, ("merge-base", base, "HEAD"), ())
        start = common.text.strip()
        if common.code == 0 and start and start != head:
            return replace(
                _diff(git, root, "branch", ("diff", *DIFF, start, head)), base=_said(git, root, base)
            )
    return Diff("branch", ())


def _commit(git: str, root: Path, name: str) -> str:
    return run_git(git, root, ("rev-parse", "--verify", "--quiet", name), ()).text.strip()


def _said(git: str, root: Path, base: str) -> str:
    """The name of a branch as a person knows it."""
    return run_git(git, root, ("rev-parse", "--abbrev-ref", base), ()).text.strip() or base


def _diff(git: str, root: Path, scope: DiffScope, words: Sequence[str]) -> Diff:
    files, unreadable, cut = read_patches(git, root, words)
    return Diff(scope, files, cut=cut, unreadable=unreadable)


def read_patches(git: str, root: Path, words: Sequence[str]) -> tuple[Sequence[FileDiff], int, bool]:
    """The patches that `git diff` prints of `words` below `root`, how many have no path that can be told, and whether
    there are more. Raises UsageError.
    """
    done = run_git(git, root, (*words, "--", "."), without_filters(git, root), read_small_patches)
    if done.code and not done.cut:
        raise UsageError(
            f"git cannot tell what has changed: {done.why or 'the folder is in no repository'}.",
            "Open a git repository.",
        )
    text = done.text[: done.text.rfind("\ndiff --git ") + 1] if done.cut else done.text
    return *split_patches(text), done.cut


def _untracked(git: str, root: Path) -> Sequence[str]:
    listed = run_git(git, root, ("ls-files", "-z", "--others", "--exclude-standard", "--", "."), ())
    paths = [path for path in listed.text.split("\0") if path and not path.endswith("/")]
    return sorted(paths)[:MAX_UNTRACKED]
