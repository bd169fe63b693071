"""Initialize, initialized, shutdown and exit."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lsprotocol import types

from victor_server import __version__
from victor_server.lsp import orphan, uris
from victor_server.lsp.announced import ANNOUNCED, COMMANDS
from victor_server.lsp.client_features import ClientFeatures, read_client_features
from victor_server.lsp.converter import MalformedParamsError
from victor_server.lsp.documents import Documents
from victor_server.lsp.handlers import configuration
from victor_server.lsp.session import Session

logger = logging.getLogger(__name__)


def initialize(session: Session, params: object) -> types.InitializeResult:
    """Take in what the client is, and answer what the server can do; nothing is opened or read yet.

    The params are read as plain JSON: a client whose capabilities hold something that our types do not know must not
    be turned away.
    """
    asked = _initialize_params(params)
    session.features = read_client_features(asked.get("capabilities"))
    session.documents = Documents(session.features.encoding)
    for uri in _root_uris(asked):
        session.roots.add(uri)
    options = asked.get("initializationOptions")
    session.settings.initialization_options = configuration.options_of(options)
    session.settings.restricted = configuration.is_restricted(options)
    if isinstance(pid := asked.get("processId"), int):
        session.background.start(orphan.watch(pid, lambda: session.end(1)))
    return types.InitializeResult(
        capabilities=server_capabilities(session.features),
        server_info=types.ServerInfo(name="victor", version=__version__),
    )


def server_capabilities(client: ClientFeatures) -> types.ServerCapabilities:
    """What is offered to a client with these features."""
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=types.SaveOptions(include_text=False),
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions(
            # Both keys, although one would do: lsprotocol, and so every client built on it, cannot read the other kind.
            notebook_selector=[
                types.NotebookDocumentFilterWithNotebook(
                    notebook="*", cells=[types.NotebookCellLanguage(language="*")]
                )
            ],
            save=True,
        ),
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=_ACTION_KINDS,
            resolve_provider=client.resolves_edits or None,
        ),
        diagnostic_provider=types.DiagnosticOptions(
            identifier="victor", inter_file_dependencies=False, workspace_diagnostics=False
        )
        if client.pull_diagnostics
        else None,
        document_symbol_provider=types.DocumentSymbolOptions(label="Victor"),
        workspace_symbol_provider=types.WorkspaceSymbolOptions(),
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMANDS)),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            ),
            text_document_content=types.TextDocumentContentOptions(schemes=["victor"])
            if client.text_document_content
            else None,
        ),
        experimental={"victor": ANNOUNCED},
    )


def initialized(session: Session, _: types.InitializedParams) -> None:
    """The client takes requests now: ask for its settings, and open the services."""
    configuration.start(session)


async def shutdown(session: Session, _: None) -> None:
    """Begin to let go of everything; only `exit` may follow, which waits for the rest.

    Editors wait for this answer while a person waits for the editor, and some end the process after two seconds.
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(session.close(), session.delays.shutdown_s)


def exit_(session: Session, _: None) -> None:
    """End the process: with code 0 after a shutdown, with 1 without."""
    session.end(0 if session.shut_down else 1)


def _initialize_params(params: object) -> Mapping[str, Any]:
    if not isinstance(params, dict):
        raise MalformedParamsError("params must be an object")
    for name, shapes in _INITIALIZE_SHAPES.items():
        if not isinstance(params.get(name), shapes):
            raise MalformedParamsError(f"params.{name} is malformed")
    for folder in params.get("workspaceFolders") or []:
        if not isinstance(folder, dict) or not isinstance(folder.get("uri"), str):
            raise MalformedParamsError("params.workspaceFolders is malformed")
    return params


_ACTION_KINDS: list[types.CodeActionKind | str] = [
    types.CodeActionKind.QuickFix,
    types.CodeActionKind.RefactorRewrite,
    "victor",
]
"""All that are offered are of these or below: VS Code asks no server for others."""

_INITIALIZE_SHAPES: dict[str, tuple[type, ...]] = {
    "capabilities": (dict,),
    "processId": (int, type(None)),
    "rootUri": (str, type(None)),
    "rootPath": (str, type(None)),
    "workspaceFolders": (list, type(None)),
}


def _root_uris(params: Mapping[str, Any]) -> list[str]:
    """The folders, or the one root that clients had before there were folders."""
    if folders := params.get("workspaceFolders"):
        return [folder["uri"] for folder in folders]
    if uri := params.get("rootUri"):
        return [uri]
    return [uris.from_path(params["rootPath"])] if params.get("rootPath") else []
