"""`victor checkpoints` and `victor undo`: what was changed, and the way back, with or without an editor."""

import asyncio
import json as jsonlib
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from victor_server.cli.chat.neutral import neutral
from victor_server.cli.checkpoints_shown import (
    checkpoint_document,
    line_of,
    preview_lines,
    restored_document,
    restored_lines,
    shown_changes,
)
from victor_server.compose.checkpoints import checkpoints_of
from victor_server.errors import UsageError
from victor_server.features.checkpoints.record import record_restore
from victor_server.features.checkpoints.restore import Restored, Restoring
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.history.checkpoints import Checkpoints
from victor_server.remote.journal import open_journal
from victor_server.settings.load import resolve

LEFT = 1
"""The exit code where something could not be taken back."""
_NOTHING = "Nothing that Victor changed here is kept."


def run_list(folder: Path | None, *, file: Path | None, n: int, json: bool) -> int:
    """Print a line for each of the last `n` checkpoints of a folder."""
    with _Kept() as kept:
        workspace = _workspace(kept, Path() if folder is None else folder)
        restoring = _restoring(kept)
        of_file = None if file is None else _real(file)
        found = [] if workspace is None else asyncio.run(restoring.list(workspace, path=of_file, limit=n))
    if json:
        _print_json(
            {"checkpoints": [checkpoint_document(each.checkpoint, undone=each.undone) for each in found]}
        )
        return 0
    for each in found:
        print(neutral(line_of(each.checkpoint, undone=each.undone)))
    if not found:
        print(_NOTHING)
    return 0


def run_show(
    beginning: str, file: Path | None, *, text: Literal["before", "after"] | None, json: bool
) -> int:
    """Print what a checkpoint changed; with `text` one file's text as it was, byte for byte."""
    with _Kept() as kept:
        checkpoint = kept.find(beginning)
        changes = [each for each in kept.changes(checkpoint.id) if file is None or each.path == _real(file)]
    if not changes:
        raise UsageError(
            "The checkpoint changed no such file.", "Name one as `victor checkpoints show ID` does."
        )
    if text is not None:
        return _print_text([each.before if text == "before" else each.after for each in changes])
    if json:
        _print_json(checkpoint_document(checkpoint) | {"changes": shown_changes(changes)})
        return 0
    print(neutral(line_of(checkpoint)))
    for line in preview_lines(
        [(each.path, each.before, each.after, "") for each in changes], checkpoint.workspace
    ):
        print(neutral(line))
    return 0


def run_restore(
    beginning: str, files: Sequence[Path], *, since: bool, overwrite: bool, dry_run: bool, json: bool
) -> int:
    """Take a checkpoint back, or only say what that would do; exit code 1 where something was left."""
    with _Kept() as kept:
        restoring = _restoring(kept)
        checkpoint = kept.find(beginning)
        paths = [_real(each) for each in files] or None
        if dry_run:
            preview = asyncio.run(restoring.preview(checkpoint.id, paths, since=since))
            done = Restored(preview.checkpoints, (), plans=preview.files)
        else:
            done = asyncio.run(restoring.restore(checkpoint.id, paths, since=since, overwrite=overwrite))
    return _tell_preview(done, json=json) if dry_run else _tell(done, json=json)


def run_undo(file: Path | None, *, redo: bool, json: bool) -> int:
    """Take back the last change of this folder, or with `redo` the last undo; exit code 1 where that was not done."""
    with _Kept() as kept:
        workspace = _workspace(kept, Path() if file is None else file.parent)
        if workspace is None:
            raise UsageError(_NOTHING, "Go to the folder where it was changed.")
        restoring = _restoring(kept)
        path = None if file is None else _real(file)
        step = restoring.redo(workspace) if redo else restoring.undo(workspace, path=path, passes_over=False)
        done = asyncio.run(step)
    if done is None:
        raise UsageError(
            f"There is no {'undo' if redo else 'change'} left to take back.",
            "`victor checkpoints` lists all changes.",
        )
    code = _tell(done, json=json)
    return code if any(each.how == "restored" for each in done.files) else LEFT


def _restoring(kept: Checkpoints) -> Restoring:
    journal = open_journal(resolve().settings)
    return Restoring(kept, DiskDesk(), record=partial(record_restore, journal))


class _Kept:
    """The store, as long as it is needed. Nothing is made where there is none."""

    def __enter__(self) -> Checkpoints:
        self._kept = checkpoints_of(resolve().settings)
        return self._kept

    def __exit__(self, *_: object) -> None:
        self._kept.close()


def _workspace(kept: Checkpoints, folder: Path) -> Path | None:
    """The innermost folder around this one of which anything is kept."""
    real = _real(folder)
    around = [each for each in kept.workspaces() if real.is_relative_to(each)]
    return max(around, key=lambda each: len(each.parts), default=None)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _tell(done: Restored, *, json: bool) -> int:
    if json:
        _print_json(restored_document(done))
    else:
        for line in restored_lines(done):
            print(neutral(line))
    return 0 if all(each.how in ("restored", "unchanged") for each in done.files) else LEFT


def _tell_preview(done: Restored, *, json: bool) -> int:
    if json:
        _print_json(restored_document(done))
    else:
        files = [(each.path, each.now, each.wished, each.why) for each in done.plans]
        for line in preview_lines(files, done.of[0].workspace):
            print(neutral(line))
    return LEFT if any(each.kind in ("conflict", "unreadable") for each in done.plans) else 0


def _print_json(document: object) -> None:
    print(jsonlib.dumps(document))


def _print_text(texts: Sequence[str | None]) -> int:
    if len(texts) != 1 or texts[0] is None:
        raise UsageError(
            "There is not one text to print.",
            "Name one file that the checkpoint changed, and that was there then.",
        )
    sys.stdout.buffer.write(texts[0].encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()
    return 0
