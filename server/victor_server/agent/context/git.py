"""What git says has changed in a folder, asked so that nothing the repository contains or configures is run."""

import asyncio
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from victor_indexer.scan.git import find_git
from victor_server.agent.context.patches import MAX_BYTES, FileDiff, read_small_patches, split_patches
from victor_server.errors import UsageError

DiffScope = Literal["staged", "changes", "branch"]
"""`staged`: what the next commit would hold. `changes`: all that differs from the last commit, staged or not. `branch`:
what the commits of this branch have changed that are on no main branch yet."""

MAX_UNTRACKED = 50

TIME_LIMIT_S = 20.0

_HARDENED = (
    "--no-pager",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.quotePath=true"),
    *("-c", "diff.suppressBlankEmpty=false"),
    *("-c", f"diff.orderFile={os.devnull}"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "protocol.allow=never"),
    *("-c", "submodule.recurse=false"),
    *("-c", "log.showSignature=false"),
)
_DIFF = (
    *("--patch", "--unified=3", "--inter-hunk-context=0", "--find-renames", "--no-color", "--no-ext-diff"),
    *("--no-textconv", "--ignore-submodules=all", "--relative", "--src-prefix=a/", "--dst-prefix=b/"),
)
_SET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"})
_BASES = ("@{upstream}", "origin/HEAD", "origin/main", "origin/master", "main", "master")
"""What a branch may have left from, the nearest first."""

_FILTER = re.compile(r"filter\.(.+)\.(?:clean|smudge|process|required)\Z", re.DOTALL | re.IGNORECASE)


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
    git = _git()
    if scope == "branch":
        return _branch(git, root)
    if scope == "staged":
        found = _diff(git, root, "staged", ("diff", *_DIFF, "--cached"))
        if found.files or found.unreadable:
            return found
    base = ("HEAD",) if _commit(git, root, "HEAD") else ("--cached",)
    found = _diff(git, root, "changes", ("diff", *_DIFF, *base))
    return found if scope == "staged" else replace(found, untracked=_untracked(git, root))


def read_subjects(root: Path, limit: int) -> Sequence[str]:
    """The first lines of the last commit messages, newest first. Raises UsageError where there is no git."""
    done = _run(_git(), root, ("log", f"--max-count={limit}", "--format=%s", "--no-notes", "HEAD"), ())
    return [] if done.code else [line for line in done.text.split("\n") if line]


def _branch(git: str, root: Path) -> Diff:
    """What the commits of this branch change: since its upstream, or since main where all of it is pushed."""
    head = _commit(git, root, "HEAD")
    for base in _BASES if head else ():
        common = _run(git, root, ("merge-base", base, "HEAD"), ())
        start = common.text.strip()
        if common.code == 0 and start and start != head:
            return replace(
                _diff(git, root, "branch", ("diff", *_DIFF, start, head)), base=_said(git, root, base)
            )
    return Diff("branch", ())


def _commit(git: str, root: Path, name: str) -> str:
    return _run(git, root, ("rev-parse", "--verify", "--quiet", name), ()).text.strip()


def _said(git: str, root: Path, base: str) -> str:
    """The name of a branch as a person knows it."""
    return _run(git, root, ("rev-parse", "--abbrev-ref", base), ()).text.strip() or base


def _diff(git: str, root: Path, scope: DiffScope, words: Sequence[str]) -> Diff:
    done = _run(git, root, (*words, "--", "."), _filters(git, root), read_small_patches)
    if done.code and not done.cut:
        raise UsageError(
            f"git cannot tell what has changed: {done.why or 'the folder is in no repository'}.",
            "Open a git repository.",
        )
    text = done.text[: done.text.rfind("\ndiff --git ") + 1] if done.cut else done.text
    files, unreadable = split_patches(text)
    return Diff(scope, files, cut=done.cut, unreadable=unreadable)


def _untracked(git: str, root: Path) -> Sequence[str]:
    listed = _run(git, root, ("ls-files", "-z", "--others", "--exclude-standard", "--", "."), ())
    paths = [path for path in listed.text.split("\0") if path and not path.endswith("/")]
    return sorted(paths)[:MAX_UNTRACKED]


def _git() -> str:
    git = find_git()
    if git is None:
        raise UsageError("git was not found.", "Install git, or put its folder on PATH.")
    return git


def _filters(git: str, root: Path) -> list[tuple[str, str]]:
    """Settings that switch off every filter which the configuration names: a filter is a command."""
    pattern = r"^filter\..*\.(clean|smudge|process|required)$"
    listed = _run(git, root, ("config", "--null", "--name-only", "--get-regexp", pattern), ())
    names = {match[1] for key in listed.text.split("\0") if (match := _FILTER.match(key))}
    off = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return [(f"filter.{name}.{key}", value) for name in sorted(names) for key, value in off]


@dataclass(frozen=True, slots=True)
class _Done:
    code: int
    text: str
    why: str
    cut: bool


def _all(output: IO[bytes]) -> tuple[bytes, bool]:
    """What git prints, as far as it is looked at, and whether there is more."""
    data = output.read(MAX_BYTES + 1)
    return data[:MAX_BYTES], len(data) > MAX_BYTES


def _run(
    git: str,
    root: Path,
    words: Sequence[str],
    settings: Sequence[tuple[str, str]],
    read: Callable[[IO[bytes]], tuple[bytes, bool]] = _all,
) -> _Done:
    with tempfile.TemporaryFile() as errors:  # not a pipe: nobody empties it while the output is read
        try:
            process = subprocess.Popen(
                [git, "-C", str(root), *_work_tree(root), *_HARDENED, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(os.environ, settings),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError):
            return _Done(1, "", "git could not be started", cut=False)
        data, is_cut = _output(process, read)
        errors.seek(0)
        why = _why(errors.read(10_000))
    return _Done(process.returncode, data.decode("utf-8", "replace"), why, cut=is_cut)


def _work_tree(root: Path) -> tuple[str, ...]:
    """The folder that bears `.git`, said aloud: a configuration may point at any other one."""
    real = Path(os.path.realpath(root))
    top = next((place for place in (real, *real.parents) if os.path.lexists(place / ".git")), None)
    return () if top is None else (f"--work-tree={top}",)


def _output(
    process: "subprocess.Popen[bytes]", read: Callable[[IO[bytes]], tuple[bytes, bool]]
) -> tuple[bytes, bool]:
    """What is read of git's output, and whether there is more; git has ended when this returns."""
    # A repository can make git wait, by a pipe in the place of a file.
    timer = threading.Timer(TIME_LIMIT_S, process.kill)
    timer.start()
    try:
        with process:
            assert process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
            data, is_cut = read(process.stdout)
            if is_cut:
                process.kill()
    finally:
        timer.cancel()
    return data, is_cut


def _why(errors: bytes) -> str:
    fatal = [line for line in errors.decode("utf-8", "replace").splitlines() if line.startswith("fatal:")]
    return fatal[0].removeprefix("fatal:").strip(" .")[:300] if fatal else ""


def _environment(inherited: Mapping[str, str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.upper().startswith("GIT_") or name.upper() in _KEPT
    }
    # By the environment, not by -c: a filter's name may hold an equals sign.
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | _SET | numbered
