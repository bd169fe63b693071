"""What the connected client can do, read from its capabilities as they were sent.

They are read as plain JSON and leniently: a client that is newer than our types, or sends something odd in a corner,
must still be able to start the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from victor_server.lsp.positions import Encoding

_ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """One yes or no for each thing the server does only where the client can take it."""

    encoding: Encoding = "utf-16"
    configuration: bool = False
    registers_configuration: bool = False
    document_changes: bool = False
    hierarchical_symbols: bool = False
    pull_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    diagnostic_versions: bool = False
    work_done_progress: bool = False
    victor_status: bool = False
    victor_chat: bool = False
    victor_models: bool = False
    victor_diagnostics: bool = False
    victor_review: bool = False
    victor_permission: bool = False
    text_document_content: bool = False
    applies_edits: bool = False
    creates_files: bool = False
    deletes_files: bool = False
    change_annotations: bool = False
    resolves_edits: bool = False
    shows_documents: bool = False
    code_descriptions: bool = False
    diagnostic_data: bool = False
    disabled_actions: bool = False
    llm_actions: bool = False
    relative_watches: bool = False


def read_client_features(capabilities: object) -> ClientFeatures:
    """The features that `capabilities`, the JSON of `initialize`, announces."""
    # Files are made among versioned edits: who takes the one takes the other, even if it does not say so, as Neovim.
    creates_files = _lists(capabilities, "workspace.workspaceEdit.resourceOperations", "create")
    return ClientFeatures(
        encoding=_encoding(_at(capabilities, "general.positionEncodings")),
        configuration=_at(capabilities, "workspace.configuration") is True,
        registers_configuration=_at(capabilities, "workspace.didChangeConfiguration.dynamicRegistration")
        is True,
        document_changes=_at(capabilities, "workspace.workspaceEdit.documentChanges") is True
        or creates_files,
        hierarchical_symbols=_at(
            capabilities, "textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"
        )
        is True,
        pull_diagnostics=isinstance(_at(capabilities, "textDocument.diagnostic"), Mapping),
        refreshes_diagnostics=_at(capabilities, "workspace.diagnostics.refreshSupport") is True,
        diagnostic_versions=_at(capabilities, "textDocument.publishDiagnostics.versionSupport") is True,
        work_done_progress=_at(capabilities, "window.workDoneProgress") is True,
        victor_status=_at(capabilities, "experimental.victor.status") is True,
        victor_chat=_at(capabilities, "experimental.victor.chat") is True,
        victor_models=_at(capabilities, "experimental.victor.models") is True,
        victor_diagnostics=_at(capabilities, "experimental.victor.diagnostics") is True,
        victor_review=_at(capabilities, "experimental.victor.review") is True,
        victor_permission=_at(capabilities, "experimental.victor.permission") is True,
        text_document_content=isinstance(_at(capabilities, "workspace.textDocumentContent"), Mapping),
        applies_edits=_at(capabilities, "workspace.applyEdit") is True,
        creates_files=creates_files,
        deletes_files=_lists(capabilities, "workspace.workspaceEdit.resourceOperations", "delete"),
        change_annotations=isinstance(
            _at(capabilities, "workspace.workspaceEdit.changeAnnotationSupport"), Mapping
        ),
        resolves_edits=_lists(capabilities, "textDocument.codeAction.resolveSupport.properties", "edit")
        and _at(capabilities, "textDocument.codeAction.dataSupport") is True,
        shows_documents=_at(capabilities, "window.showDocument.support") is True,
        code_descriptions=_in_diagnostics(capabilities, "codeDescriptionSupport"),
        diagnostic_data=_in_diagnostics(capabilities, "dataSupport"),
        disabled_actions=_at(capabilities, "textDocument.codeAction.disabledSupport") is True,
        llm_actions=_lists(capabilities, "textDocument.codeAction.tagSupport.valueSet", 1),
        relative_watches=_at(capabilities, "workspace.didChangeWatchedFiles.dynamicRegistration") is True
        and _at(capabilities, "workspace.didChangeWatchedFiles.relativePatternSupport") is True,
    )


def _in_diagnostics(capabilities: object, name: str) -> bool:
    """What a client that pulls says of one kind of diagnostics it means of both."""
    return any(
        _at(capabilities, f"textDocument.{kind}.{name}") is True
        for kind in ("publishDiagnostics", "diagnostic")
    )


def _lists(capabilities: object, dotted: str, wanted: str | int) -> bool:
    names = _at(capabilities, dotted)
    return isinstance(names, list) and wanted in names


def _at(value: object, dotted: str) -> object:
    for name in dotted.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _encoding(offered: object) -> Encoding:
    """The client's first choice that we know; LSP's default if it offers none."""
    offers = offered if isinstance(offered, list) else []
    return next((known for offer in offers for known in _ENCODINGS if offer == known), "utf-16")
