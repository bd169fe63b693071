"""The messages by which a model is asked to do something with code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.lsp.shapes.edits import EditItem
from victor_server.lsp.shapes.extension import Extension, says

ASSIST = "victor.assist"
EDIT_PROPOSE = "victor/edit/propose"


@dataclass(frozen=True, slots=True)
class AssistReported:
    """What another language server reports."""

    startLine: int = field(metadata=says("The first line, 0-based."))
    endLine: int = field(metadata=says("The line behind the last one."))
    message: str = field(metadata=says("What it says."))
    source: str = field(default="", metadata=says("Who says it."))
    code: str = field(default="", metadata=says("Its name for that."))


@dataclass(frozen=True, slots=True)
class AssistParams:
    """An assist, and where it is wanted."""

    assist: str = field(metadata=says("Which: `explain`, `fix`, …; docs/assists.md lists them."))
    uri: str = field(default="", metadata=says("The document; for a commit message it may be left out."))
    range: types.Range | None = field(
        default=None, metadata=says("What is selected, or where the cursor is.")
    )
    instruction: str = field(default="", metadata=says("What `refactor` is to do, where no comment says it."))
    reported: list[AssistReported] = field(
        default_factory=list, metadata=says("What `fix` is to mend, where the client knows it.")
    )


@dataclass(frozen=True, slots=True)
class EditProposeParams:
    """What is to be done with which lines."""

    uri: str = field(metadata=says("The document, which must be open."))
    range: types.Range = field(
        metadata=says("The lines that it is about; an empty range stands for what is defined there.")
    )
    instruction: str = field(metadata=says("What to do with them."))
    workDoneToken: str | int | None = field(
        default=None,
        metadata=says("A progress of the client's; without it one is made where the client shows any."),
    )


@dataclass(frozen=True, slots=True)
class EditProposeResult:
    """What came of it."""

    edit: EditItem | None = field(
        metadata=says(
            "The edit, under review; null where there is nothing to change, or the person stopped it."
        )
    )
    model: str = field(default="", metadata=says("Which model answered."))


EXTENSIONS: Sequence[Extension] = (
    Extension(
        EDIT_PROPOSE,
        "request",
        "client → server",
        "review",
        EditProposeParams,
        EditProposeResult,
        "",
        "Has a model change lines as the person says. Answered once the change is under review, with `victor/edit/list`'s"
        " shape; nothing is in a file before it is accepted. In editors without it a comment `victor: …` above the lines"
        " says what to do, and a code action does it.",
    ),
)

ACTION_COMMANDS = (
    (
        ASSIST,
        "Runs the assist `assist` on `range` of the document `uri`: changes are proposed, what is to be read is opened.",
    ),
)
"""It answers null at once."""
