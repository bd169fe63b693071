"""Runs git so that nothing which a repository contains or configures is run with it."""

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from victor_indexer.scan.git import find_git
from victor_server.agent.context.patches import MAX_BYTES
from victor_server.errors import UsageError

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
_SET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"})
_FILTER = re.compile(r"filter\.(.+)\.(?:clean|smudge|process|required)\Z", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What git printed, as far as it is looked at; `cut` where there was more. `why` is its word where it failed."""

    code: int
    text: str
    why: str
    cut: bool


def _all(output: IO[bytes]) -> tuple[bytes, bool]:
    """What git prints, as far as it is looked at, and whether there is more."""
    data = output.read(MAX_BYTES + 1)
    return data[:MAX_BYTES], len(data) > MAX_BYTES


def run_git(
    git: str,
    root: Path,
    words: Sequence[str],
    settings: Sequence[tuple[str, str]],
    read: Callable[[IO[bytes]], tuple[bytes, bool]] = _all,
) -> Answer:
    """Run a command of git below `root`, with `settings` besides our own. Never raises.

    Where it looks at files of the work tree, `settings` must be `without_filters`. `read` reads its output.
    """
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
            return Answer(1, "", "git could not be started", cut=False)
        data, is_cut = _output(process, read)
        errors.seek(0)
        why = _why(errors.read(10_000))
    return Answer(process.returncode, data.decode("utf-8", "replace"), why, cut=is_cut)


def git_program() -> str:
    """The git of this machine. Raises UsageError where there is none."""
    git = find_git()
    if git is None:
        raise UsageError("git was not found.", "Install git, or put its folder on PATH.")
    return git


def without_filters(git: str, root: Path) -> list[tuple[str, str]]:
    """Settings that switch off every filter which the configuration names: a filter is a command."""
    pattern = r"^filter\..*\.(clean|smudge|process|required)$"
    listed = run_git(git, root, ("config", "--null", "--name-only", "--get-regexp", pattern), ())
    names = {match[1] for key in listed.text.split("\0") if (match := _FILTER.match(key))}
    off = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return [(f"filter.{name}.{key}", value) for name in sorted(names) for key, value in off]


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
