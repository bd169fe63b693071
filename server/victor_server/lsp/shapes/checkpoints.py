"""What was changed, and how it is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lsprotocol import types

from victor_server.lsp.shapes.extension import Extension, says

CHECKPOINT_LIST = "victor/checkpoint/list"
CHECKPOINT_PREVIEW = "victor/checkpoint/preview"
CHECKPOINT_RESTORE = "victor/checkpoint/restore"
CHECKPOINT_UNDO = "victor.checkpoint.undo"
CHECKPOINT_REDO = "victor.checkpoint.redo"

_ID = "Its name."
_URI = "The file."
_PATH = "The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts."
_URIS = "Only these files; all of the checkpoint without it."
_SINCE = "Not only this checkpoint, but every one of its folder since, too."
_WHY = "What stood in the way, in words for a person; empty where nothing did."


@dataclass(frozen=True, slots=True)
class CheckpointListParams:
    """Which checkpoints."""

    root: str | None = field(
        default=None,
        metadata=says("URI or path of an open workspace folder; all of them without it."),
    )
    textDocument: types.TextDocumentIdentifier | None = field(
        default=None, metadata=says("Only those that changed this file.")
    )
    limit: int = field(default=100, metadata=says("How many at most, 1 to 1000, the youngest first."))


@dataclass(frozen=True, slots=True)
class CheckpointFileItem:
    """One file of a change."""

    uri: str = field(metadata=says(_URI))
    path: str = field(metadata=says(_PATH))
    change: Literal["change", "create", "delete"] = field(metadata=says("What the change did to it."))
    state: Literal["pending", "applied", "not_applied", "not_on_disk", "other"] = field(
        metadata=says(
            "`applied`: it was written. `pending`: it is being written. `not_applied`: it was not. Victor ended in it:"
            " `not_on_disk`, the file is as it was, but a document may have the change; `other`, the file is neither as"
            " it was nor as it was to become."
        )
    )


@dataclass(frozen=True, slots=True)
class CheckpointItem:
    """One change that can be taken back."""

    id: str = field(metadata=says(_ID))
    title: str = field(metadata=says("What was done, in one line."))
    created: str = field(metadata=says("When, as ISO 8601 in UTC."))
    folder: str = field(metadata=says("The path of its workspace folder, without links."))
    kind: Literal["edit", "undo", "restore"] = field(
        metadata=says(
            "`edit`: something was applied. `undo`: a review took parts of that back. `restore`: a checkpoint was"
            " restored."
        )
    )
    undone: bool = field(metadata=says("Whether a restore took it back, and was not taken back itself."))
    restores: list[str] = field(metadata=says("The checkpoints that it took back."))
    sessionId: str = field(metadata=says("The chat in which it was made; may be empty."))
    turnId: str = field(metadata=says("The turn of that chat; may be empty."))
    editId: str = field(metadata=says("The edit set that was applied; may be empty."))
    files: list[CheckpointFileItem] = field(metadata=says("The files that it changed."))


@dataclass(frozen=True, slots=True)
class CheckpointListResult:
    """Checkpoints, the youngest first."""

    checkpoints: list[CheckpointItem] = field(metadata=says("Those of which anything was written."))


@dataclass(frozen=True, slots=True)
class CheckpointPreviewParams:
    """A restore that is not done."""

    id: str = field(metadata=says(_ID))
    uris: list[str] | None = field(default=None, metadata=says(_URIS))
    since: bool = field(default=False, metadata=says(_SINCE))


@dataclass(frozen=True, slots=True)
class CheckpointConflict:
    """Lines that were changed since, and would be taken back."""

    range: types.Range = field(metadata=says("Whole lines of the file as it is now."))
    mine: str = field(metadata=says("What stands there now."))
    theirs: str = field(metadata=says("What would stand there."))


@dataclass(frozen=True, slots=True)
class CheckpointPreviewFile:
    """What a restore would do to one file."""

    uri: str = field(metadata=says(_URI))
    path: str = field(metadata=says(_PATH))
    how: Literal["unchanged", "change", "create", "delete", "conflict", "unreadable"] = field(
        metadata=says(
            "What would be done. In a conflict nothing would: it is proposed as an edit to be reviewed."
        )
    )
    why: str = field(metadata=says(_WHY))
    before: str | None = field(metadata=says("The text as it is now; null where there is no file."))
    after: str | None = field(
        metadata=says("The text that it would have, in a conflict with every old part; null without a file.")
    )
    conflicts: list[CheckpointConflict] = field(metadata=says("In order."))


@dataclass(frozen=True, slots=True)
class CheckpointPreviewResult:
    """What a restore would do."""

    ids: list[str] = field(metadata=says("The checkpoints that it would take back, the youngest first."))
    files: list[CheckpointPreviewFile] = field(metadata=says("Every file that they changed."))


@dataclass(frozen=True, slots=True)
class CheckpointRestoreParams:
    """What is taken back."""

    id: str = field(metadata=says(_ID))
    uris: list[str] | None = field(default=None, metadata=says(_URIS))
    since: bool = field(default=False, metadata=says(_SINCE))
    overwrite: bool = field(
        default=False,
        metadata=says("Where that contradicts what was changed since: the old text, not a proposal."),
    )


@dataclass(frozen=True, slots=True)
class CheckpointRestoredFile:
    """What became of one file."""

    uri: str = field(metadata=says(_URI))
    path: str = field(metadata=says(_PATH))
    how: Literal["restored", "unchanged", "conflict", "moved_on", "refused"] = field(
        metadata=says(
            "`restored`: in its document, not saved, where the editor has it open, else on disk. `unchanged`: it was so"
            " already. All others are as they were."
        )
    )
    why: str = field(metadata=says(_WHY))


@dataclass(frozen=True, slots=True)
class CheckpointRestoreResult:
    """What was taken back."""

    ids: list[str] = field(
        metadata=says("The restore's own checkpoints, which take it back; empty where nothing was written.")
    )
    editId: str = field(metadata=says("The edit set in which the conflicts are proposed; empty if none are."))
    files: list[CheckpointRestoredFile] = field(metadata=says("Every file that was meant."))


@dataclass(frozen=True, slots=True)
class CheckpointStepParams:
    """The last change, of one file or of all."""

    uri: str | None = field(default=None, metadata=says("The file; that of every open folder without it."))


ACTION_COMMANDS: Sequence[tuple[str, str]] = (
    (
        CHECKPOINT_UNDO,
        "`{uri}` or nothing: take back the last change that Victor applied. What became of it is shown as a message.",
    ),
    (CHECKPOINT_REDO, "Nothing: take back the last undo, where nothing was applied since."),
)
"""Commands that stand for no request; they answer null at once."""

EXTENSIONS: Sequence[Extension] = (
    Extension(
        CHECKPOINT_LIST,
        "request",
        "client → server",
        "checkpoints",
        CheckpointListParams,
        CheckpointListResult,
        "",
        "The changes that were applied, each of which can be taken back. Nothing is asked of a model.",
    ),
    Extension(
        CHECKPOINT_PREVIEW,
        "request",
        "client → server",
        "checkpoints",
        CheckpointPreviewParams,
        CheckpointPreviewResult,
        "",
        "What a restore would do now. What was typed since stays, or is a conflict.",
    ),
    Extension(
        CHECKPOINT_RESTORE,
        "request",
        "client → server",
        "checkpoints",
        CheckpointRestoreParams,
        CheckpointRestoreResult,
        "",
        "Take changes back. A restore is a checkpoint itself, so it can be taken back too.",
    ),
)
