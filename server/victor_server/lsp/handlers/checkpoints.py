"""`victor/checkpoint/*`, and the commands that undo and redo: taking back what was applied. Loaded when first needed."""

import asyncio
import os
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lsprotocol import types

from victor_server.errors import UsageError, VictorError
from victor_server.features.checkpoints.plan import FilePlan
from victor_server.features.checkpoints.report import in_words
from victor_server.features.checkpoints.restore import Listed, Restored, RestoredFile, Restoring
from victor_server.history.checkpoints_model import Checkpoint, CheckpointFile
from victor_server.lsp import uris
from victor_server.lsp.convert import to_lsp_lines, to_lsp_uri
from victor_server.lsp.dispatch import Request
from victor_server.lsp.handlers.chat import agent_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import checkpoints as shapes
from victor_server.lsp.shapes.checkpoints import (
    CheckpointConflict,
    CheckpointFileItem,
    CheckpointItem,
    CheckpointListParams,
    CheckpointListResult,
    CheckpointPreviewFile,
    CheckpointPreviewParams,
    CheckpointPreviewResult,
    CheckpointRestoredFile,
    CheckpointRestoreParams,
    CheckpointRestoreResult,
    CheckpointStepParams,
)

MOST = 1000


async def list_(session: Session, params: CheckpointListParams) -> CheckpointListResult:
    """The checkpoints of one open folder or of all."""
    path = None if params.textDocument is None else await _path(params.textDocument.uri)
    roots = [session.roots.find(params.root)] if params.root else session.roots.paths
    limit = max(1, min(params.limit, MOST))
    found = await _listed(await _restoring(session), roots, path, limit)
    return CheckpointListResult([_to_item(session, each) for each in found[:limit]])


async def preview(session: Session, params: CheckpointPreviewParams) -> CheckpointPreviewResult:
    """What a restore would do."""
    restoring = await _restoring(session)
    found = await restoring.preview(params.id, await _paths(params.uris), since=params.since)
    folder = found.checkpoints[0].workspace
    return CheckpointPreviewResult(
        [each.id for each in found.checkpoints], [_to_preview(session, folder, each) for each in found.files]
    )


async def restore(session: Session, params: CheckpointRestoreParams) -> CheckpointRestoreResult:
    """Take changes back."""
    restoring = await _restoring(session)
    done = await restoring.restore(
        params.id, await _paths(params.uris), since=params.since, overwrite=params.overwrite
    )
    folder = done.of[0].workspace
    return CheckpointRestoreResult(
        list(done.ids), done.edit_id, [_to_restored(session, folder, each) for each in done.files]
    )


async def undo(session: Session, params: CheckpointStepParams) -> None:
    """Take back the last change; the answer does not wait for it, since some editors wait for the answer."""
    path = None if params.uri is None else await _path(params.uri)
    session.background.start(_shown(session, _undone(session, path), "There is no change left to take back."))


async def redo(session: Session, _: CheckpointStepParams) -> None:
    """Take back the last undo, as `undo` does."""
    session.background.start(_shown(session, _redone(session), "There is no undo left to take back."))


async def _undone(session: Session, path: Path | None) -> Restored | None:
    restoring = await _restoring(session)
    folder = await _last_changed(session, restoring, path)
    return None if folder is None else await restoring.undo(folder, path=path)


async def _redone(session: Session) -> Restored | None:
    restoring = await _restoring(session)
    folder = await _last_changed(session, restoring, None)
    return None if folder is None else await restoring.redo(folder)


async def _last_changed(session: Session, restoring: Restoring, path: Path | None) -> Path | None:
    """Of the open folders, the one with the youngest checkpoint."""
    found = await _listed(restoring, session.roots.paths, path, 1)
    return found[0].checkpoint.workspace if found else None


async def _shown(session: Session, work: Coroutine[None, None, Restored | None], nothing: str) -> None:
    """Tell the person what became of it."""
    try:
        done = await work
    except VictorError as error:
        session.client.show(f"{error.message} {error.fix}".strip())
        return
    text = nothing if done is None else in_words(done)
    session.client.show(text, types.MessageType.Info)


async def _restoring(session: Session) -> Restoring:
    return (await agent_of(session)).checkpoints


async def _listed(
    restoring: Restoring, roots: Sequence[Path], path: Path | None, limit: int
) -> Sequence[Listed]:
    """Those of all these folders, the youngest first. Checkpoints know folders without links."""
    real = await asyncio.to_thread(lambda: [Path(os.path.realpath(root)) for root in roots])
    found = [
        listed
        for folder in dict.fromkeys(real)
        for listed in await restoring.list(folder, path=path, limit=limit)
    ]
    return sorted(found, key=lambda each: -each.checkpoint.number)


async def _paths(wanted: Sequence[str] | None) -> Sequence[Path] | None:
    return None if wanted is None else [await _path(uri) for uri in wanted]


async def _path(uri: str) -> Path:
    path = uris.to_path(uri)
    if path is None:
        raise UsageError(f"{uri[:200]} is not a file.", "Name a file.")
    return Path(await asyncio.to_thread(os.path.realpath, path))


def _to_item(session: Session, listed: Listed) -> CheckpointItem:
    checkpoint = listed.checkpoint
    origin = checkpoint.origin
    return CheckpointItem(
        checkpoint.id,
        checkpoint.title,
        datetime.fromtimestamp(checkpoint.created, UTC).isoformat(timespec="seconds"),
        str(checkpoint.workspace),
        origin.kind,
        listed.undone,
        list(origin.restores),
        origin.session_id,
        origin.turn_id,
        origin.edit_id,
        [_to_file(session, checkpoint, each) for each in checkpoint.files],
    )


def _to_file(session: Session, checkpoint: Checkpoint, file: CheckpointFile) -> CheckpointFileItem:
    change: Literal["change", "create", "delete"] = (
        "create" if file.before_bytes is None else "delete" if file.after_bytes is None else "change"
    )
    return CheckpointFileItem(*_names(session, checkpoint.workspace, file.path), change, file.state)


def _to_preview(session: Session, folder: Path, plan: FilePlan) -> CheckpointPreviewFile:
    conflicts = [
        CheckpointConflict(to_lsp_lines(each.start, each.end), each.mine, each.theirs)
        for each in plan.conflicts
    ]
    return CheckpointPreviewFile(
        *_names(session, folder, plan.path), plan.kind, plan.why, plan.now, plan.wished, conflicts
    )


def _to_restored(session: Session, folder: Path, file: RestoredFile) -> CheckpointRestoredFile:
    return CheckpointRestoredFile(*_names(session, folder, file.path), file.how, file.why)


def _names(session: Session, folder: Path, path: Path) -> tuple[str, str]:
    """A file's URI, and its name for people."""
    short = path.relative_to(folder) if path.is_relative_to(folder) else path
    return to_lsp_uri(path, session.documents.at(path)), short.as_posix()


REQUESTS: Mapping[str, Request] = {
    shapes.CHECKPOINT_LIST: Request(CheckpointListParams, list_),
    shapes.CHECKPOINT_PREVIEW: Request(CheckpointPreviewParams, preview),
    shapes.CHECKPOINT_RESTORE: Request(CheckpointRestoreParams, restore),
}
COMMANDS: Mapping[str, tuple[str, Request]] = {
    shapes.CHECKPOINT_UNDO: ("uri", Request(CheckpointStepParams, undo)),
    shapes.CHECKPOINT_REDO: ("uri", Request(CheckpointStepParams, redo)),
}
