"""Edits under review: what is to become of which files, hunk by hunk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lsprotocol import types

from victor_server.lsp.shapes.extension import Extension, says

EDIT_LIST = "victor/edit/list"
EDIT_GET = "victor/edit/get"
EDIT_RESOLVE = "victor/edit/resolve"
EDIT_CHANGED = "victor/edit/didChange"
EDIT_RESOLVE_COMMAND = "victor.edit.resolve"
EDIT_SHOW = "victor.edit.show"
EDIT_SHOW_ALL = "victor.edit.list"

_ID = "The edit's name."


@dataclass(frozen=True, slots=True)
class EditListParams:
    """Which edits."""

    open: bool = field(
        default=False, metadata=says("Only those with hunks that are proposed, or applied and not looked at.")
    )


@dataclass(frozen=True, slots=True)
class EditHunk:
    """Lines that become others."""

    id: str = field(metadata=says("The hunk's name, within its edit."))
    state: Literal["proposed", "applied", "kept", "reverted", "stale"] = field(
        metadata=says(
            "`proposed`: nothing has happened yet. `applied`: it is in the file, and was not looked at. `kept`: it was"
            " accepted. `reverted`: it was rejected or undone, and is not in the file. `stale`: the text that it was"
            " made for has changed, and nothing was done."
        )
    )
    range: types.Range | None = field(
        metadata=says(
            "The whole lines in which it stands now: the old ones, or the new ones where it is in the file. An empty"
            " range is the place between two lines. Null where it does not stand anywhere any more."
        )
    )
    oldLines: int = field(metadata=says("How many lines there were."))
    newLines: int = field(metadata=says("How many lines take their place."))
    oldText: str | None = field(default=None, metadata=says("What there was; of `victor/edit/get` only."))
    newText: str | None = field(
        default=None, metadata=says("What takes its place; of `victor/edit/get` only.")
    )
    reason: str = field(default="", metadata=says("What the person said when it was decided."))


@dataclass(frozen=True, slots=True)
class EditFile:
    """What becomes of one file."""

    uri: str = field(metadata=says("The file, spelled as the client does where it has it open."))
    path: str = field(metadata=says("Relative to the edit's folder where it lies in it."))
    kind: Literal["change", "create", "delete", "move"] = field(
        metadata=says("A file that is made, deleted or moved has one hunk for the whole of it.")
    )
    hunks: list[EditHunk] = field(metadata=says("In order."))
    toUri: str | None = field(default=None, metadata=says("Where it is moved."))
    problems: list[str] = field(
        default_factory=list, metadata=says("What checking has found, for a person to read.")
    )


@dataclass(frozen=True, slots=True)
class EditItem:
    """Changes that belong together."""

    id: str = field(metadata=says(_ID))
    title: str = field(metadata=says("One line that says what it is about."))
    root: str = field(metadata=says("The folder that it was made for."))
    madeAt: str = field(metadata=says("When, ISO 8601."))
    files: list[EditFile] = field(metadata=says("In order."))
    sessionId: str = field(default="", metadata=says("The chat that it comes from, if it is one."))
    turnId: str = field(default="", metadata=says("The turn of that chat."))
    callId: str = field(default="", metadata=says("The call of a tool."))
    assist: str = field(default="", metadata=says("The assist that it comes from, if it is one."))


@dataclass(frozen=True, slots=True)
class EditListResult:
    """Edits, the youngest first, without their texts."""

    edits: list[EditItem] = field(metadata=says("Those of this window that are remembered."))


@dataclass(frozen=True, slots=True)
class EditParams:
    """An edit."""

    id: str = field(metadata=says(_ID))


@dataclass(frozen=True, slots=True)
class EditGetResult:
    """An edit with its texts."""

    edit: EditItem = field(metadata=says("The edit."))


@dataclass(frozen=True, slots=True)
class EditResolveParams:
    """What is decided of hunks: of those that are named, else of the open ones of a file, else of all that are open."""

    id: str = field(metadata=says(_ID))
    decision: Literal["accept", "reject", "keep", "undo"] = field(
        metadata=says(
            "`accept` puts a hunk into the file, `reject` leaves it out or takes it out. `keep` leaves one in that is"
            " applied, `undo` takes it out. A hunk that is named can be decided again: a rejected one accepted."
        )
    )
    hunks: list[str] | None = field(default=None, metadata=says("The names of hunks."))
    uri: str | None = field(default=None, metadata=says("A file of the edit."))
    reason: str = field(default="", metadata=says("Why, for the model: told to it where it waits for this."))


@dataclass(frozen=True, slots=True)
class EditResolveResult:
    """What became of it."""

    edit: EditItem = field(metadata=says("The edit as it is now, without its texts."))
    messages: list[str] = field(
        metadata=says("What could not be done, and why, in sentences for a person; empty where all was done.")
    )


@dataclass(frozen=True, slots=True)
class EditChangedParams:
    """An edit that is new, or of which something was decided, done or found to be stale."""

    edit: EditItem = field(metadata=says("The edit as it is now, without its texts."))


EXTENSIONS: Sequence[Extension] = (
    Extension(
        EDIT_LIST,
        "request",
        "client → server",
        "review",
        EditListParams,
        EditListResult,
        "",
        "The edits of this window.",
    ),
    Extension(
        EDIT_GET,
        "request",
        "client → server",
        "review",
        EditParams,
        EditGetResult,
        "",
        "An edit with the texts of its hunks, which are the file's own: secrets are not taken out.",
    ),
    Extension(
        EDIT_RESOLVE,
        "request",
        "client → server",
        "review",
        EditResolveParams,
        EditResolveResult,
        EDIT_RESOLVE_COMMAND,
        "Decides about hunks. What the editor has open is changed by `workspace/applyEdit` before this is answered, and"
        " not saved; other files are written. Every change is kept as a checkpoint first. The command answers null at"
        " once, and what could not be done is shown.",
    ),
    Extension(
        EDIT_CHANGED,
        "notification",
        "server → client",
        "review",
        EditChangedParams,
        None,
        "",
        "An edit is new, or another one than it was. Sent to clients that announce `review`. Hunks are shown as"
        " diagnostics with code actions all the same.",
    ),
)

ACTION_COMMANDS = (
    (EDIT_SHOW, "Opens the edit `id` as a patch to read."),
    (EDIT_SHOW_ALL, "Opens a list of the edits that are open, as patches to read."),
)
