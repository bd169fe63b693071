"""The tools `git_status`, `git_diff`, `git_log` and `git_blame`: they look, and change nothing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pydantic import Field

from victor_server.agent.context.git import DiffScope, read_diff
from victor_server.agent.context.git_history import (
    MAX_COMMITS,
    BlamedLines,
    Commit,
    read_blame,
    read_commit,
    read_log,
    read_status,
)
from victor_server.agent.context.patches import FileDiff
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, blocking
from victor_server.agent.tools.file_text import open_buffers
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_in
from victor_server.errors import UsageError

MAX_CHANGED = 200
MAX_BLAMED = 400
MAX_CHARACTERS = 30_000

_MAX_NAMED = 30
_KINDS = {
    "?": "new",
    "M": "changed",
    "A": "added",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "of another type",
}


class GitStatus(ToolArguments):
    """Nothing to say."""


class GitDiff(ToolArguments):
    """Which changes."""

    scope: DiffScope = Field(
        "changes", description="All since the last commit, only staged, or all of this branch"
    )
    commit: str = Field("", description="What this commit changed, instead")
    path: str = Field("", description="Only below this path")


class GitLog(ToolArguments):
    """Which commits."""

    path: str = Field("", description="Only commits that changed this")
    limit: int = Field(20, ge=1, le=MAX_COMMITS)


class GitBlame(ToolArguments):
    """Whose lines."""

    path: str
    from_line: int = Field(1, ge=1)
    to_line: int | None = Field(None, ge=1)


def git_status_tool() -> BuiltIn[GitStatus]:
    """Tells the branch and what differs from the last commit."""
    return BuiltIn(
        "git_status",
        "read",
        "The branch, and which files are changed, staged or new.",
        GitStatus,
        _plan_status,
    )


def git_diff_tool() -> BuiltIn[GitDiff]:
    """Tells changes as patches."""
    return BuiltIn(
        "git_diff", "read", "Changes as patches, or one commit with its message.", GitDiff, _plan_diff
    )


def git_log_tool() -> BuiltIn[GitLog]:
    """Tells the last commits."""
    return BuiltIn("git_log", "read", "The last commits, newest first.", GitLog, _plan_log)


def git_blame_tool() -> BuiltIn[GitBlame]:
    """Tells who wrote lines."""
    return BuiltIn(
        "git_blame", "read", "Which commit last changed lines of a saved file.", GitBlame, _plan_blame
    )


def _plan_status(_told: GitStatus, scene: Scene) -> Prepared:
    return blocking(Touched("Read git's status", (scene.root,)), partial(_status, scene))


def _status(scene: Scene) -> Done:
    status = read_status(scene.root)
    lines = [_changed(*each) for each in status.changed[:MAX_CHANGED]]
    if len(status.changed) > MAX_CHANGED:
        lines.append(f"… {len(status.changed) - MAX_CHANGED} more.")
    edited = sorted(name_in(scene.root, path) for path, each in open_buffers(scene).items() if each.edited)
    unsaved = [f"Not saved in the editor: {', '.join(edited[:_MAX_NAMED])}"] if edited else []
    return Done("\n".join((f"On {status.branch}", *(lines or ["Nothing differs."]), *unsaved)))


def _changed(letters: str, path: str, before: str) -> str:
    staged, unstaged = letters[0], letters[1]
    if "U" in letters or letters in ("AA", "DD"):
        said = "in conflict"
    elif staged == "?":
        said = "new"
    else:
        parts = [(_KINDS.get(staged), "staged"), (_KINDS.get(unstaged), "not staged")]
        said = ", ".join(f"{kind} ({where})" for kind, where in parts if kind)
    return f"{printable(path)}: {said}{f' from {printable(before)}' if before else ''}"


def _plan_diff(told: GitDiff, scene: Scene) -> Prepared:
    below = _below(told.path, scene)
    what = (
        f"commit {printable(told.commit)[:50]}"
        if told.commit
        else {"changes": "changes"}.get(told.scope, told.scope)
    )
    return blocking(
        Touched(f"Read git's diff of {what}", (below or scene.root,)), partial(_diff, told, scene, below)
    )


def _below(written: str, scene: Scene) -> Path | None:
    """What is asked about, which may be deleted by now; None for all."""
    if not written:
        return None
    path = resolve_in(scene.root, written, must_exist=False)
    check_shown(scene.sources.private.why, scene.root, path, written)
    return None if path == scene.root else path


def _diff(told: GitDiff, scene: Scene, below: Path | None) -> Done:
    if told.commit:
        commit, files, cut = read_commit(scene.root, told.commit)
        heading = f"{_said(commit)}\n"
    else:
        found = read_diff(scene.root, told.scope)
        if told.scope == "branch" and not found.base:
            return Done(
                "There is nothing to compare this branch with, or it has nothing of its own.", is_error=True
            )
        files, cut, heading = found.files, found.cut, f"Since {found.base}:\n" if found.base else ""
    shown = [each for each in files if _is_below(scene, each, below) and not _why_private(scene, each)]
    n_private = sum(bool(_why_private(scene, each)) for each in files)
    said = [heading + _patches(shown), "… more than git prints here; give a path." if cut else ""]
    said.append(f"{n_private} private files are not shown." if n_private else "")
    return Done("\n".join(filter(None, said)))


def _is_below(scene: Scene, file: FileDiff, below: Path | None) -> bool:
    return below is None or any(
        (scene.root / name).is_relative_to(below) for name in (file.path, file.before)
    )


def _why_private(scene: Scene, file: FileDiff) -> str:
    why = scene.sources.private.why
    names = (file.path, file.before)
    return next(
        (said for name in names for said in (why(name), why((scene.root / name).as_posix())) if said), ""
    )


def _patches(files: Sequence[FileDiff]) -> str:
    """Patches as long as they fit, and the names of the others."""
    left, shown, names = MAX_CHARACTERS, [], []
    for each in files:
        if each.too_large or len(each.text) > left:
            names.append(printable(each.path))
        else:
            left -= len(each.text)
            shown.append(each.text.rstrip("\n"))
    if names:
        more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
        shown.append(f"… changed as well, ask by path: {', '.join(names[:_MAX_NAMED])}{more}")
    return "\n".join(shown) or "Nothing differs."


def _plan_log(told: GitLog, scene: Scene) -> Prepared:
    path = _below(told.path, scene)
    where = "" if path is None else f" of {name_in(scene.root, path)}"
    return blocking(
        Touched(f"Read git's log{where}", (path or scene.root,)), partial(_log, told, scene, path)
    )


def _log(told: GitLog, scene: Scene, path: Path | None) -> Done:
    commits = read_log(scene.root, "" if path is None else name_in(scene.root, path), told.limit)
    return Done("\n".join(map(_said, commits)) or "There are no such commits.")


def _said(commit: Commit) -> str:
    return f"{commit.name} {commit.day} {commit.author}: {commit.message}"


def _plan_blame(told: GitBlame, scene: Scene) -> Prepared:
    path = resolve_in(scene.root, told.path, must_exist=True)
    check_shown(scene.sources.private.why, scene.root, path, told.path)
    if told.to_line is not None and told.to_line < told.from_line:
        raise UsageError("`to_line` stands before `from_line`.")
    places = (Place(path, told.from_line - 1),)
    touched = Touched(f"Read who wrote {name_in(scene.root, path)}", (path,), places=places)
    return blocking(touched, partial(_blame, told, scene, path))


def _blame(told: GitBlame, scene: Scene, path: Path) -> Done:
    start = told.from_line - 1
    end = min(told.to_line or start + MAX_BLAMED, start + MAX_BLAMED)
    found = read_blame(scene.root, name_in(scene.root, path), start, end)
    lines = [_blamed(each) for each in found]
    buffer = open_buffers(scene).get(path)
    if buffer is not None and buffer.edited:
        lines.append("These are lines of the file as it was saved; the editor has a newer text.")
    return Done("\n".join(lines))


def _blamed(each: BlamedLines) -> str:
    lines = f"{each.start + 1}" if each.end == each.start + 1 else f"{each.start + 1}-{each.end}"
    return f"{lines} {'not committed yet' if each.commit is None else _said(each.commit)}"
