"""What git says of a folder's state and of its past, asked so that nothing the repository configures is run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from victor_server.agent.context.git import DIFF, read_patches
from victor_server.agent.context.git_program import Answer, git_program, run_git, without_filters
from victor_server.agent.context.patches import FileDiff
from victor_server.errors import UsageError

MAX_COMMITS = 100

_REVISION = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./@^~{}+-]{0,200}")
_STATUS = (
    *("status", "--porcelain=v1", "-z", "--branch", "--untracked-files=normal", "--ignore-submodules=all"),
    *("--ignored=no", "--no-column"),
)
_UNIT, _END = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Status:
    """`branch` as git puts it ("main...origin/main [ahead 1]"), and what differs: two letters of git's, and a path.

    A path that was renamed has its old one behind it. Paths are relative to the folder.
    """

    branch: str
    changed: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its short name, its day ("2026-11-22"), who wrote it, and the first line of its message or all of it."""

    name: str
    day: str
    author: str
    message: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BlamedLines:
    """Lines `start` to `end` (0-based, end exclusive), and who wrote them; None for what is not committed yet."""

    start: int
    end: int
    commit: Commit | None


def read_status(root: Path) -> Status:
    """What differs below `root`. Raises UsageError where there is no git, or no repository it reads."""
    git = git_program()
    settings = [*without_filters(git, root), ("status.submoduleSummary", "false")]
    prefix = run_git(git, root, ("rev-parse", "--show-prefix"), ()).text.strip("\n")
    parts = _checked(run_git(git, root, (*_STATUS, "--", "."), settings)).split("\0")
    branch, changed = "", []
    rest = iter(parts[:-1])
    for part in rest:
        if part.startswith("## "):
            branch = part[3:]
        else:
            before = next(rest, "") if {"R", "C"} & {*part[:2]} else ""
            changed.append((part[:2], part[3:].removeprefix(prefix), before.removeprefix(prefix)))
    return Status(branch, changed)


def read_log(root: Path, path: str, limit: int) -> Sequence[Commit]:
    """The last commits, newest first: of `path` (relative to `root`), or of all where it is "". Raises UsageError."""
    form = f"--format=%h{_UNIT}%as{_UNIT}%an{_UNIT}%s{_END}"
    words = (
        "log",
        f"--max-count={min(limit, MAX_COMMITS)}",
        form,
        "--no-notes",
        "--no-decorate",
        "--no-color",
    )
    git = git_program()
    if not run_git(git, root, ("rev-parse", "--verify", "--quiet", "HEAD"), ()).text.strip():
        _checked(run_git(git, root, ("rev-parse", "--git-dir"), ()))
        return ()
    where = ("--", f":(literal){path}") if path else ()
    return _commits(_checked(run_git(git, root, (*words, "HEAD", *where), ())))


def read_commit(root: Path, revision: str) -> tuple[Commit, Sequence[FileDiff], bool]:
    """A commit with all of its message, what it changed below `root` against its first parent, and whether that was
    cut. Raises UsageError for what is no commit."""
    git = git_program()
    name = commit_named(git, root, revision)
    form = f"--format=%h{_UNIT}%as{_UNIT}%an{_UNIT}%B{_END}"
    (commit,) = _commits(
        _checked(run_git(git, root, ("log", "-1", "--no-notes", "--no-decorate", form, name), ()))
    )
    before = run_git(git, root, ("rev-parse", "--verify", "--quiet", f"{name}^1"), ()).text.strip()
    if not before:
        before = _checked(run_git(git, root, ("hash-object", "-t", "tree", "--stdin"), ())).strip()
    files, _, cut = read_patches(git, root, ("diff", *DIFF, before, name))
    return commit, files, cut


def commit_named(git: str, root: Path, revision: str) -> str:
    """The whole name of a commit. Raises UsageError for what names none."""
    if _REVISION.fullmatch(revision) and ".." not in revision:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        name = run_git(git, root, words, ()).text.strip()
        if name:
            return name
    raise UsageError("There is no such commit.", "Take a name from git_log, or a branch's or a tag's.")


def read_blame(root: Path, path: str, start: int, end: int) -> Sequence[BlamedLines]:
    """Who wrote the lines `start` to `end` (0-based, end exclusive) of a saved file, `path` relative to `root`.

    Raises UsageError where git knows no such file or lines.
    """
    git = git_program()
    words = ("blame", "--porcelain", "--no-textconv", "-L", f"{start + 1},{end}", "--", path)
    done = run_git(git, root, words, without_filters(git, root))
    if done.code and not done.cut:
        # A configuration may name any file as `blame.ignoreRevsFile`, and git repeats what it cannot read of it.
        why = _BLAME_FAILS.search(done.why)
        raise UsageError(
            f"git cannot blame this file: {why[0] if why else 'it is not tracked, or git is set up oddly'}."
        )
    return _blamed(done.text)


def _checked(done: Answer) -> str:
    if done.code and not done.cut:
        raise UsageError(f"git cannot tell: {done.why or 'the folder is in no repository'}.", "")
    return done.text


def _commits(text: str) -> list[Commit]:
    rows = [row.strip("\n").split(_UNIT, 3) for row in text.split(_END)]
    return [Commit(row[0], row[1], row[2], row[3].strip()) for row in rows if len(row) == 4]


_BLAME_FAILS = re.compile(r"has only \d+ lines?\Z|\Ano such path\b")
_NO_COMMIT = re.compile(r"0+\Z")
_HEAD = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?\Z")


def _blamed(text: str) -> list[BlamedLines]:
    """Runs of lines of one commit; what is known of a commit stands at its first line only."""
    known: dict[str, dict[str, str]] = {}
    lines: list[tuple[int, str]] = []
    name = ""
    for line in text.split("\n"):
        head = _HEAD.match(line)
        if head:
            name = head[1]
            lines.append((int(head[2]) - 1, name))
        elif not line.startswith("\t") and name:
            key, _, value = line.partition(" ")
            known.setdefault(name, {}).setdefault(key, value)
    found: list[BlamedLines] = []
    last = ""
    for number, name in lines:
        if found and name == last and number == found[-1].end:
            found[-1] = BlamedLines(found[-1].start, number + 1, found[-1].commit)
        else:
            found.append(BlamedLines(number, number + 1, _commit(name, known.get(name, {}))))
        last = name
    return found


def _commit(name: str, facts: dict[str, str]) -> Commit | None:
    if _NO_COMMIT.fullmatch(name):
        return None
    return Commit(
        name[:10], _day(facts.get("author-time", "")), facts.get("author", ""), facts.get("summary", "")
    )


def _day(seconds: str) -> str:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
