"""What is kept of a change to files, so that it can be taken back: each text before it, and after it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CheckpointKind = Literal["edit", "undo", "restore"]
"""`edit`: something was applied. `undo`: parts of that were taken back in its review. `restore`: a checkpoint was
restored, which is one itself."""

FileState = Literal["pending", "applied", "not_applied", "not_on_disk", "other"]
"""`pending`: it was about to be written. The program ended in it, or an editor did not answer: `not_on_disk`, the file is as it was, but a document in an editor
may have the change; `other`, the file is neither as it was nor as it was to become."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One file of a change: its text before, None where there was no file, and after, None where there is none.

    `path` is absolute and has no links. Line ends and byte order marks are in the texts. `mode` are the permission
    bits that the file had; `begin` finds them out by itself.
    """

    path: Path
    before: str | None = field(repr=False)
    after: str | None = field(repr=False)
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class CheckpointOrigin:
    """Whose change it is. `restores` are the checkpoints that a restore takes back, `edit_id` the edit set."""

    kind: CheckpointKind = "edit"
    session_id: str = ""
    turn_id: str = ""
    call_id: str = ""
    assist: str = ""
    edit_id: str = ""
    restores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """One file of a checkpoint, without its texts. Bytes are None where there was, or is, no file."""

    path: Path
    before_bytes: int | None
    after_bytes: int | None
    state: FileState


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One change that was kept. `number` rises over all checkpoints; `created` is in seconds since the epoch.

    `is_running`: a window that is alive is about to write it, or has not said yet what came of it.
    """

    id: str
    number: int
    workspace: Path
    title: str
    created: float
    origin: CheckpointOrigin
    files: tuple[CheckpointFile, ...]
    is_running: bool = False
