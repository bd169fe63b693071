"""A git repository as it is read: its commands run nothing that the repository contains or configures.

Unlike the walk, this keeps what git itself has set for the hooks that it runs: which repository, and which index.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from victor_indexer.scan.git import find_git
from victor_server.errors import UsageError
from victor_server.features.secret_scan.decode import SNIFFED_BYTES, is_binary

MAX_BYTES = 100_000_000
"""Of a text in a commit: more than most hosts take."""

_HARDENED = (
    "--no-pager",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=true"),
    *("-c", "diff.suppressBlankEmpty=false"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "protocol.allow=never"),
    *("-c", "submodule.recurse=false"),
)
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_DROPPED = (
    "GIT_TRACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_REPLACE_REF_BASE",
    "GIT_ATTR_SOURCE",
)
_SET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
_CREATION_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree: `top` is its folder, `head` the last commit's id ("" before the first).

    `merged` are the commits that are being merged, `shallow` those behind which this clone holds nothing.
    """

    program: str
    working: Path
    top: Path
    head: str
    merged: tuple[str, ...]
    shallow: frozenset[str]


class Blob(NamedTuple):
    """A file's content as git keeps it. `data` is all of it, or the beginning of what is too large or binary."""

    data: bytes
    size: int


ReadBlob = Callable[[str], Blob | None]
"""From an object's id, or `REVISION:PATH`, to its content; None if it is not there."""


def open_repository(working: Path, environment: Mapping[str, str] = os.environ) -> Repository:
    """The repository around a folder. Raises `UsageError` if there is none, it is bare, or git will not read it."""
    program = find_git(environment)
    if program is None:
        raise UsageError("git was not found.", "Install git, or put its folder on PATH.")
    words = (
        "--is-bare-repository",
        "--show-toplevel",
        "--git-path",
        "MERGE_HEAD",
        "--git-path",
        "shallow",
        "HEAD",
    )
    code, output, why = _run(program, working, ("rev-parse", *words))
    lines = _text(output).removesuffix("\n").split("\n")
    if lines[:1] == ["true"]:
        raise UsageError("This is a bare repository: it has no files and no index.", "Go to a clone of it.")
    if why.startswith("not a git repository"):
        raise UsageError("There is no git repository here.", "Go to a folder of one, or name files to scan.")
    if len(lines) != 5 or (code and lines[4] != "HEAD"):
        raise UsageError(f"git cannot read a repository here: {why or 'its folder has a strange name'}.", "")
    merged, shallow = (_ids(working / path) for path in lines[2:4])
    return Repository(program, working, Path(lines[1]), "" if code else lines[4], merged, frozenset(shallow))


def ask(repository: Repository, *words: str) -> str | None:
    """What a git command prints, without the line end; None if it fails. Hooks stay where they are configured."""
    code, output, _ = _run(repository.program, repository.working, words, hooks=True)
    return None if code else _text(output).removesuffix("\n")


@contextmanager
def output_of(repository: Repository, *words: str, stdin: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
    """The output of a git command as it comes. Raises `UsageError` at the end if git failed."""
    process = subprocess.Popen(
        [repository.program, "-C", str(repository.working), *_HARDENED, *_NO_HOOKS, *words],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(os.environ),
        creationflags=_CREATION_FLAGS,
    )
    assert process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
    try:
        yield process.stdout
        process.stdout.close()
        if process.wait():
            fix = (
                "`git fsck` says what is wrong with the repository. If it was cloned without contents (`--filter`),"
                " `git fetch --refetch --no-filter` brings them."
            )
            raise UsageError(f"git {words[0]} ended with code {process.returncode}.", fix)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def open_blobs(repository: Repository) -> Iterator[ReadBlob]:
    """A reader of contents: one git process for all of them."""
    process = subprocess.Popen(
        [repository.program, "-C", str(repository.working), *_HARDENED, *_NO_HOOKS, "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(os.environ),
        creationflags=_CREATION_FLAGS,
    )
    with process:
        assert process.stdin is not None  # noqa: S101 - for the type checker: pipes were asked for
        assert process.stdout is not None  # noqa: S101
        requests, answers = process.stdin, process.stdout
        try:
            yield lambda name: _read_blob(requests, answers, name)
        finally:
            process.kill()


def _read_blob(requests: IO[bytes], answers: IO[bytes], name: str) -> Blob | None:
    try:
        requests.write(name.encode("utf-8", "surrogateescape") + b"\n")
        requests.flush()
    except OSError:
        return None
    header = answers.readline().split()
    if len(header) != 3 or not header[2].isdigit():
        return None
    size = int(header[2])
    data = answers.read(min(size, SNIFFED_BYTES))
    if size <= MAX_BYTES and not is_binary(data):
        data += answers.read(size - len(data))
    left = size + 1 - len(data)
    while left > 0 and (skipped := answers.read(min(left, 1_000_000))):
        left -= len(skipped)
    return Blob(data, size)


def _run(program: str, working: Path, words: Sequence[str], *, hooks: bool = False) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [program, "-C", str(working), *_HARDENED, *(() if hooks else _NO_HOOKS), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=_environment(os.environ),
        creationflags=_CREATION_FLAGS,
    )
    fatal = [
        line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.startswith("fatal:")
    ]
    return done.returncode, done.stdout, fatal[0].removeprefix("fatal:").strip(" .")[:300] if fatal else ""


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith(_DROPPED)}
    return kept | _SET


def _ids(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text("ascii").split())
    except (OSError, ValueError):
        return ()


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
