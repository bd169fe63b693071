"""What a model would be shown of the workspace, and what the editor's other language servers report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

from victor_server.lsp.shapes.extension import Extension, says

CONTEXT_PREVIEW = "victor/context/preview"
EDITOR_DIAGNOSTICS = "victor/editor/diagnostics"

_KIND = "What it is."
_RANGE = "Whole lines of the file."


@dataclass(frozen=True, slots=True)
class ContextPreviewParams:
    """A question that is not asked."""

    prompt: str = field(
        default="", metadata=says("As it would be asked, with its command and mentions; may be empty.")
    )
    root: str | None = field(
        default=None,
        metadata=says(
            "URI or path of the workspace folder that it is about; that of the document, or the first one."
        ),
    )
    textDocument: types.TextDocumentIdentifier | None = field(
        default=None, metadata=says("The document that the person looks at.")
    )
    range: types.Range | None = field(default=None, metadata=says("What is selected in it."))
    profile: str = field(default="", metadata=says("Who would answer, by the name of the profile."))


@dataclass(frozen=True, slots=True)
class ContextPiece:
    """A piece that a model would be shown."""

    kind: str = field(metadata=says(_KIND))
    path: str = field(metadata=says("The file, relative to the folder; empty for what is of no file."))
    uri: str | None = field(metadata=says("The file."))
    range: types.Range = field(metadata=says(_RANGE))
    reason: str = field(metadata=says("Why it is shown."))
    score: float = field(metadata=says("What came first when the budget was shared out."))
    n_tokens: int = field(metadata=says("About how many tokens it takes."))
    text: str = field(metadata=says("The text, with placeholders where secrets stand."))


@dataclass(frozen=True, slots=True)
class ContextLeftOut:
    """A piece that it would not be shown."""

    kind: str = field(metadata=says(_KIND))
    path: str = field(metadata=says("The file, or the name that was mentioned; may be empty."))
    range: types.Range = field(metadata=says(_RANGE))
    reason: str = field(metadata=says("Why not: private, not trusted, no room, no answer."))
    n_tokens: int = field(metadata=says("About how many tokens it would take; 0 if it was not read."))


@dataclass(frozen=True, slots=True)
class ContextPreviewResult:
    """What a model would be shown, in this order."""

    pieces: list[ContextPiece] = field(metadata=says("What is shown."))
    left_out: list[ContextLeftOut] = field(metadata=says("What is not."))
    n_tokens: int = field(metadata=says("The sum of the pieces' tokens."))
    budget_tokens: int = field(metadata=says("How many there may be."))


@dataclass(frozen=True, slots=True)
class EditorDiagnosticsParams:
    """Which documents."""

    uris: list[str] = field(metadata=says("The documents; all of the workspace where there are none."))


@dataclass(frozen=True, slots=True)
class EditorDiagnosticsResult:
    """What the editor shows, whoever reported it. What is Victor's own may be left out."""

    documents: list[Mapping[str, Any]] = field(
        metadata=says("For each document `{uri, diagnostics}`, where `diagnostics` are LSP's.")
    )


EXTENSIONS: Sequence[Extension] = (
    Extension(
        CONTEXT_PREVIEW,
        "request",
        "client → server",
        "context",
        ContextPreviewParams,
        ContextPreviewResult,
        "",
        "What a model would be shown for a question, and why. No model is called, and nothing leaves the machine.",
    ),
    Extension(
        EDITOR_DIAGNOSTICS,
        "request",
        "server → client",
        "diagnostics",
        EditorDiagnosticsParams,
        EditorDiagnosticsResult,
        "",
        "What the editor's other language servers report. Sent to clients that announce `diagnostics`; without it a"
        " model is shown only what Victor itself finds.",
    ),
)
