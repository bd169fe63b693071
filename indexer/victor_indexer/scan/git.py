"""What git says about a folder, asked so that nothing a repository contains or configures is run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.errors import RequestCancelled

TIME_LIMIT_S = 60.0
"""A repository can name a pipe as its ignore file; git would wait for it for ever."""

_POLL_S = 0.2
_KEPT_VARIABLES = frozenset(
    {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
_HARDENED = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "protocol.allow=never",
    "-c",
    "submodule.recurse=false",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Git did not answer; `why` in git's words or ours."""

    why: str

    @property
    def is_no_repository(self) -> bool:
        """Whether git says that there is nothing to ask about: `.git` is there but is no repository's."""
        return self.why.startswith("not a git repository")


@dataclass(frozen=True, slots=True)
class IgnoreMatch:
    """The rule that git found for a path: `source` relative to the repository's top, or absolute."""

    source: str
    line: int
    text: str


def never_cancelled() -> bool:
    """For callers that always want the answer."""
    return False


def find_git(environment: Mapping[str, str] = os.environ) -> str | None:
    """The git program, from absolute folders of PATH only: a `git` in the current folder may be the repository's."""
    names = ("git.exe",) if sys.platform == "win32" else ("git",)
    for folder in environment.get("PATH", "").split(os.pathsep):
        for name in names:
            program = Path(folder, name)
            if program.is_absolute() and os.access(program, os.X_OK) and program.is_file():
                return str(program)
    return None


def list_files(
    git: str, top: Path, folder: Path, *, cancelled: Callable[[], bool] = never_cancelled
) -> list[str] | Refusal:
    """Every path under `folder` that is tracked, or untracked and not ignored; relative to it, undecodable bytes
    as surrogates. `top` is the repository's working tree. A repository inside shows as one path, with a slash at
    the end if it is untracked.
    """
    arguments = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    answer = _run(git, top, folder, arguments, cancelled=cancelled)
    if isinstance(answer, Refusal):
        return answer
    return os.fsdecode(answer).split("\0")[:-1]


def ignore_match(git: str, top: Path, path: str) -> IgnoreMatch | None:
    """The rule that makes git ignore a path (relative to `top`), if there is one."""
    arguments = ("check-ignore", "--verbose", "-z", "--stdin")
    answer = _run(git, top, top, arguments, stdin=os.fsencode(path) + b"\0")
    if isinstance(answer, Refusal):
        return None
    fields = os.fsdecode(answer).split("\0")
    if len(fields) < 4 or not fields[1].isdigit():
        return None
    return IgnoreMatch(fields[0], int(fields[1]), fields[2])


def ignores(git: str, top: Path, path: str) -> bool:
    """Whether git ignores a path (relative to `top`)."""
    match = ignore_match(git, top, path)
    return match is not None and not match.text.startswith("!")


def global_excludes(git: str | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The person's own ignore file: `core.excludesFile`, else git's default place."""
    if git is not None:
        home = Path(git).parent
        answer = _run(git, None, home, ("config", "--global", "--path", "--get", "core.excludesFile"))
        if not isinstance(answer, Refusal) and answer.strip():
            return Path(os.fsdecode(answer.rstrip(b"\r\n")))
    base = environment.get("XDG_CONFIG_HOME") or ""
    home_folder = environment.get("HOME") or environment.get("USERPROFILE") or ""
    if not base and not home_folder:
        return None
    return (Path(base) if base else Path(home_folder) / ".config") / "git" / "ignore"


def repository_excludes(top: Path) -> Path:
    """Where `info/exclude` of the repository lies whose working tree is `top`, linked working trees included."""
    folder = top / ".git"
    pointed = _first_line(folder)
    if pointed.startswith("gitdir:"):
        folder = top / pointed.removeprefix("gitdir:").strip()
    common = _first_line(folder / "commondir")
    return (folder / common if common else folder) / "info" / "exclude"


def _first_line(file: Path) -> str:
    try:
        if not file.is_file():
            return ""
        with file.open(encoding="utf-8", errors="surrogateescape") as opened:
            return opened.readline(4096).strip()
    except (OSError, ValueError):
        return ""


def _run(
    git: str,
    top: Path | None,
    folder: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    cancelled: Callable[[], bool] = never_cancelled,
) -> bytes | Refusal:
    where = () if top is None else (f"--work-tree={top}",)
    try:
        process = subprocess.Popen(
            [git, "-C", str(folder), *where, *_HARDENED, *arguments],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(top, os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        return Refusal(f"git could not be started: {error}")
    with process:
        return _answer(process, stdin or None, cancelled)


def _answer(
    process: subprocess.Popen[bytes], stdin: bytes | None, cancelled: Callable[[], bool]
) -> bytes | Refusal:
    deadline = time.monotonic() + TIME_LIMIT_S
    while True:
        try:
            output, errors = process.communicate(stdin, timeout=_POLL_S)
        except subprocess.TimeoutExpired:
            if cancelled():
                process.kill()
                raise RequestCancelled("The walk was cancelled.") from None
            if time.monotonic() > deadline:
                process.kill()
                return Refusal(f"git did not answer within {TIME_LIMIT_S:.0f} s")
            continue
        except BaseException:
            process.kill()
            raise
        if process.returncode == 0:
            return output
        return Refusal(_short(errors) or f"git ended with code {process.returncode}")


def _short(errors: bytes) -> str:
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if line.startswith("fatal:")]
    return lines[0].removeprefix("fatal:").strip()[:300] if lines else ""


def _environment(top: Path | None, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment without what a hook or a wrapper set for another repository, and without ways outside."""
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.upper().startswith("GIT_") or name.upper() in _KEPT_VARIABLES
    }
    kept |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_COUNT": "0",
        "LC_ALL": "C",
    }
    if top is not None:
        # Git must not look further up than the repository it is asked about.
        kept["GIT_CEILING_DIRECTORIES"] = str(top.parent)
    return kept
