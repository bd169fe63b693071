"""The messages by which a model is asked to do something with code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.lsp.shapes.edits import EditItem
from victor_server.lsp.shapes.extension import Extension, says

ASSIST = "victor.assist"
EDIT_PROPOSE = "victor/edit/propose"
EDIT_PARTIAL = "victor/edit/partial"
EDIT_OFFER = "victor/edit/offer"
COMMIT_MESSAGE = "victor/assist/commitMessage"

_PROGRESS = "A progress of the client's; without it one is made where the client shows any."


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
        metadata=says(_PROGRESS),
    )
    partialToken: str | int | None = field(
        default=None,
        metadata=says(
            "A name of the client's for `victor/edit/partial`, which is sent while the model answers."
        ),
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


@dataclass(frozen=True, slots=True)
class EditPartialParams:
    """What lines would become, as far as the model has come."""

    token: str | int = field(metadata=says("The `partialToken` of the request."))
    uri: str = field(metadata=says("The document."))
    range: types.Range = field(
        metadata=says(
            "Whole lines of the document as it was asked about. Another range takes the earlier one's place."
        )
    )
    text: str = field(
        metadata=says(
            "What they would become: whole lines, in the place of what was told before. Empty when the model begins anew."
        )
    )
    model: str = field(default="", metadata=says("Which model answers."))


@dataclass(frozen=True, slots=True)
class EditOfferParams:
    """Code of an answer, and where the person would have it."""

    uri: str = field(metadata=says("The document, which must be open."))
    text: str = field(metadata=says("The code: a code block's text, with or without its fences."))
    range: types.Range | None = field(
        default=None, metadata=says("What is selected; an empty range is where the cursor is.")
    )
    title: str = field(default="", metadata=says("One line that says what it is about."))


@dataclass(frozen=True, slots=True)
class EditOfferResult:
    """What came of it."""

    edit: EditItem | None = field(
        metadata=says("The edit, under review; null where the document is like that already.")
    )
    placed: str = field(metadata=says("Where it would go, in a sentence for a person."))


@dataclass(frozen=True, slots=True)
class CommitMessageParams:
    """Of which changes."""

    root: str | None = field(
        default=None, metadata=says("URI or path of a workspace folder; the first one without it.")
    )
    workDoneToken: str | int | None = field(default=None, metadata=says(_PROGRESS))


@dataclass(frozen=True, slots=True)
class CommitMessageResult:
    """A message for the next commit."""

    message: str = field(metadata=says("The message; empty where the person stopped it."))
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
    Extension(
        EDIT_PARTIAL,
        "notification",
        "server → client",
        "review",
        EditPartialParams,
        None,
        "",
        "Sent while `victor/edit/propose` runs, where it has a `partialToken`: twenty times a second at most, and for"
        " answers that are about the document's own lines. It is for the eye alone. What was told counts for nothing"
        " once the request is answered: only what its `edit` says can be accepted, and an answer that could not be"
        " applied is asked for again.",
    ),
    Extension(
        EDIT_OFFER,
        "request",
        "client → server",
        "review",
        EditOfferParams,
        EditOfferResult,
        "",
        "Makes an edit under review of code that stands in an answer; no model is asked. Search and replace blocks and"
        " patches are applied. Code that defines anew what the document defines takes its place; other code takes the"
        " place of the selected lines, or goes where the cursor is. Where that could be two places, or none, nothing is"
        " done, and an error of the kind `usage` says what to select.",
    ),
    Extension(
        COMMIT_MESSAGE,
        "request",
        "client → server",
        "assist",
        CommitMessageParams,
        CommitMessageResult,
        "",
        "Has a model write the message of what is staged, in the manner of the last ones. With nothing staged it fails"
        " with the kind `usage`, and no model is asked.",
    ),
)

ACTION_COMMANDS = (
    (
        ASSIST,
        "Runs the assist `assist` on `range` of the document `uri`: changes are proposed, what is to be read is opened.",
    ),
)
"""It answers null at once."""
