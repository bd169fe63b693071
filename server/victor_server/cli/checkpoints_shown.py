"""How checkpoints look: lines for people, documents for scripts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from victor_server.features.checkpoints.merge import Conflict
from victor_server.features.checkpoints.plan import FilePlan
from victor_server.features.checkpoints.report import in_words, name_in
from victor_server.features.checkpoints.restore import Restored
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.lines import split_lines
from victor_server.history.checkpoints_model import Changed, Checkpoint

FileChange = tuple[Path, str | None, str | None, str]
"""A file, its text before and after, and what stands in the way."""

_RELOAD = (
    "An editor that has one of these files open must load it again; what is not saved there is not on disk, and was"
    " not looked at."
)


def line_of(checkpoint: Checkpoint, *, undone: bool = False) -> str:
    """One checkpoint."""
    when = datetime.fromtimestamp(checkpoint.created).astimezone().strftime("%Y-%m-%d %H:%M")
    n = len(checkpoint.files)
    files = "1 file" if n == 1 else f"{n} files"
    state = ", taken back" if undone else ", being written" if checkpoint.is_running else ""
    return f"{checkpoint.id[:12]}  {when}  {checkpoint.title} ({files}{state})"


def checkpoint_document(checkpoint: Checkpoint, *, undone: bool = False) -> dict[str, Any]:
    """The same for a script."""
    origin = checkpoint.origin
    return {
        "id": checkpoint.id,
        "title": checkpoint.title,
        "created": datetime.fromtimestamp(checkpoint.created, UTC).isoformat(timespec="seconds"),
        "folder": _text(checkpoint.workspace),
        "kind": origin.kind,
        "undone": undone,
        "running": checkpoint.is_running,
        "restores": list(origin.restores),
        "session": origin.session_id,
        "files": [
            {
                "path": _text(each.path),
                "before_bytes": each.before_bytes,
                "after_bytes": each.after_bytes,
                "state": each.state,
            }
            for each in checkpoint.files
        ],
    }


def shown_changes(changes: Iterable[Changed]) -> list[dict[str, Any]]:
    """Both texts of each file."""
    return [
        {"path": _text(each.path), "before": _encodable(each.before), "after": _encodable(each.after)}
        for each in changes
    ]


def restored_document(done: Restored) -> dict[str, Any]:
    """What a restore did, or with no `files` what it would do."""
    plans = {each.path: each for each in done.plans}
    files: list[tuple[Path, str, str]] = [(each.path, each.how, each.why) for each in done.files]
    files = files or [(each.path, each.kind, each.why) for each in done.plans]
    return {
        "of": [each.id for each in done.of],
        "ids": list(done.ids),
        "files": [
            {"path": _text(path), "how": how, "why": why, "conflicts": _conflicts(plans[path])}
            for path, how, why in files
        ],
    }


def restored_lines(done: Restored) -> Iterator[str]:
    """What a restore did, for a person; both sides of each conflict."""
    yield in_words(done)
    plans = {each.path: each for each in done.plans}
    for each in done.files:
        if each.how == "conflict":
            for conflict in plans[each.path].conflicts:
                yield from _both_sides(name_in(done, each.path), conflict)
    if any(each.how == "conflict" for each in done.files):
        yield (
            f"`victor checkpoints restore {done.of[-1].id[:12]} --overwrite` takes the old text; what is there now is"
            " kept, and can be restored in turn."
        )
    if any(each.how == "restored" for each in done.files):
        yield _RELOAD
    elif all(each.how == "unchanged" for each in done.files):
        yield (
            "The change is not in the files on disk. If an editor has it, not saved, undo it there; `victor checkpoints`"
            " lists older changes."
        )


def preview_lines(files: Sequence[FileChange], folder: Path) -> Iterator[str]:
    """What becomes of each file, with the lines that change."""
    for path, before, after, why in files:
        name = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
        yield f"{_word(before, after)}: {name}" + (f" ({why})" if why else "")
        for hunk in hunks_of(before or "", after or "") if before != after else ():
            yield f"@@ line {hunk.start + 1}"
            yield from (f"-{_bare(line)}" for line in split_lines(hunk.before))
            yield from (f"+{_bare(line)}" for line in split_lines(hunk.after))


def _word(before: str | None, after: str | None) -> str:
    if before == after:
        return "unchanged"
    return "create" if before is None else "delete" if after is None else "change"


def _both_sides(name: str, conflict: Conflict) -> Iterator[str]:
    yield f"{name}, line {conflict.start + 1}, as it is now:"
    yield from (f"    {_bare(line)}" for line in split_lines(conflict.mine))
    yield "  as it was before the change:"
    yield from (f"    {_bare(line)}" for line in split_lines(conflict.theirs))


def _conflicts(plan: FilePlan) -> list[dict[str, Any]]:
    return [
        {
            "start_line": each.start + 1,
            "end_line": each.end + 1,
            "mine": _encodable(each.mine),
            "theirs": _encodable(each.theirs),
        }
        for each in plan.conflicts
    ]


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _text(path: Path) -> str:
    return _encodable(str(path)) or ""


def _encodable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()
