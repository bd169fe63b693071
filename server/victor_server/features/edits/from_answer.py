"""Reads changes of files out of what a model wrote: search and replace blocks, patches, whole files between fences."""

from collections.abc import Callable, Sequence
from pathlib import Path

from victor_server.agent.tools.edits import Block, ChangeFile, DeleteFile, FileChange, MoveFile, WriteFile
from victor_server.errors import UsageError
from victor_server.features.edits.answer_parts import CodePart, Part, ReplacePart, parts_of_answer
from victor_server.features.edits.answer_patches import PatchPart

Resolve = Callable[[str], Path]
"""The absolute path of what a model calls a file; raises UsageError for what is none of the workspace."""

_CUT_OFF = "The answer ends in the middle of a change, so none of it was applied. Send all of it again, in shorter pieces if it is long."
_MIXED = "The answer writes the file {path} as a whole and changes parts of it, too. Do one of the two."


def read_changes(
    text: str, resolve: Resolve, default: Path | None = None, *, replaces: bool = False
) -> tuple[FileChange, ...]:
    """The changes in an answer, one for each file, in order; none where it has none.

    A block or a patch belongs to the file that is named with it, else to the one before it, else to `default`. A
    fence is a whole file only where one is named with it; `replaces` says that it may take the place of a file that
    is there, for which the model must have been asked for whole files: else people show parts of files that way.
    Raises UsageError, in words for the model, for an answer that breaks off in a change or contradicts itself.
    """
    parts = parts_of_answer(text)
    if any(not part.is_whole for part in parts):
        raise UsageError(_CUT_OFF)
    changes: dict[Path, list[FileChange]] = {}
    path = default
    for part in parts:
        path = resolve(part.path) if part.path else path
        if isinstance(part, CodePart) and not part.path:
            continue
        if path is None:
            raise UsageError(
                "The answer does not say which file a change belongs to. Name it on a line of its own before."
            )
        changes.setdefault(path, []).extend(_change(part, path, resolve, replaces=replaces))
    return tuple(_one(path, each) for path, each in changes.items() if each)


def _change(part: Part, path: Path, resolve: Resolve, *, replaces: bool) -> list[FileChange]:
    match part:
        case ReplacePart():
            return [ChangeFile(path, (Block(part.search, part.replace),))]
        case CodePart():
            return [WriteFile(path, part.text, replaces)]
        case PatchPart():
            return _of_patch(part, path, resolve)


def _of_patch(part: PatchPart, path: Path, resolve: Resolve) -> list[FileChange]:
    if part.kind == "delete":
        return [DeleteFile(path)]
    if part.kind == "create":
        return [WriteFile(path, "".join(block.replace for block in part.blocks))]
    changes: list[FileChange] = [ChangeFile(path, part.blocks)] if part.blocks else []
    if part.to:
        if part.blocks:
            raise UsageError("A file is moved and changed at once. Do one after the other.")
        changes.append(MoveFile(path, resolve(part.to)))
    return changes


def _one(path: Path, changes: Sequence[FileChange]) -> FileChange:
    """All that an answer says of one file."""
    parts = [change for change in changes if isinstance(change, ChangeFile)]
    if len(parts) == len(changes):
        return ChangeFile(path, tuple(block for part in parts for block in part.blocks))
    if any(change != changes[0] for change in changes):
        raise UsageError(_MIXED.format(path=path.name))
    return changes[0]
