"""The command by which an assist is run."""

from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.lsp.shapes.extension import says

ASSIST = "victor.assist"


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


ACTION_COMMANDS = (
    (
        ASSIST,
        "Runs the assist `assist` on `range` of the document `uri`: changes are proposed, what is to be read is opened.",
    ),
)
"""It answers null at once."""
