"""THE table: which method goes to which handler, and which error goes to the client for what a handler raises."""

import importlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from victor_indexer.errors import IndexerError, RequestCancelled
from victor_server.errors import UsageError, VictorError
from victor_server.lsp.converter import MalformedParamsError
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers import (
    code_action,
    commands,
    configuration,
    diagnostics,
    lifecycle,
    notebook_sync,
    progress_cancel,
    search,
    status,
    symbols,
    text_sync,
    watched_files,
    workspace_folders,
)
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import index as index_shapes
from victor_server.lsp.shapes.index import RootParams, SearchParams

logger = logging.getLogger(__name__)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A request that is answered before the next message is looked at; it gets the params as plain JSON."""

    handle: Callable[[Session, object], Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may take its time. `params` None: whatever is sent is ignored."""

    params: type[Any] | None
    handle: Callable[[Session, Any], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Later:
    """A request whose handler is loaded when it is first needed: `REQUESTS` of `handlers.<module>` says which it is."""

    module: str

    def load(self, method: str) -> Request:
        """The handler. Imports: call it off the event loop."""
        loaded = importlib.import_module(f"victor_server.lsp.handlers.{self.module}")
        request: Request = loaded.REQUESTS[method]
        return request


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A request about the document as it was when the request came; `otherwise` answers for one we do not have."""

    params: type[Any]
    handle: Callable[[Session, Document, Any], Coroutine[Any, Any, Any]]
    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Notification:
    """Bookkeeping, done before the next message is looked at. `malformed` hears of params that could not be read."""

    params: type[Any] | None
    handle: Callable[[Session, Any], None]
    malformed: Callable[[Session, object], None] | None = None


REQUESTS: Mapping[str, AtOnce | Request | DocumentRequest | Later] = {
    types.INITIALIZE: AtOnce(lifecycle.initialize),
    types.SHUTDOWN: Request(None, lifecycle.shutdown),
    types.TEXT_DOCUMENT_CODE_ACTION: DocumentRequest(types.CodeActionParams, code_action.code_action),
    types.CODE_ACTION_RESOLVE: Request(dict, code_action.resolve),
    types.TEXT_DOCUMENT_DIAGNOSTIC: DocumentRequest(
        types.DocumentDiagnosticParams,
        diagnostics.document_diagnostic,
        otherwise=types.RelatedFullDocumentDiagnosticReport(items=[]),
    ),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: DocumentRequest(types.DocumentSymbolParams, symbols.document_symbol),
    types.WORKSPACE_SYMBOL: Request(types.WorkspaceSymbolParams, symbols.workspace_symbol),
    types.WORKSPACE_EXECUTE_COMMAND: Request(types.ExecuteCommandParams, commands.execute_command),
    index_shapes.SEARCH: Request(SearchParams, search.search),
    index_shapes.STATUS: Request(RootParams, status.status),
    index_shapes.INDEX_STATUS: Request(RootParams, status.index_status),
    index_shapes.INDEX_PAUSE: Request(RootParams, status.index_pause),
    index_shapes.INDEX_RESUME: Request(RootParams, status.index_resume),
    index_shapes.INDEX_REBUILD: Request(RootParams, status.index_rebuild),
    "victor/chat/new": Later("chat"),
    "victor/chat/prompt": Later("chat"),
    "victor/chat/cancel": Later("chat"),
    "victor/chat/steer": Later("chat"),
    "victor/chat/retry": Later("chat"),
    "victor/chat/list": Later("chat"),
    "victor/chat/load": Later("chat"),
    "victor/chat/fork": Later("chat"),
    "victor/chat/rename": Later("chat"),
    "victor/chat/delete": Later("chat"),
    "victor/chat/commands": Later("chat"),
    "victor/chat/queryContext": Later("chat"),
    "victor/models/list": Later("models"),
    "victor/models/ask": Later("models"),
    "victor/models/edit": Later("models"),
    "victor/profile/set": Later("models"),
    "victor/mode/set": Later("models"),
    "victor/usage": Later("models"),
    "victor/context/preview": Later("context"),
    "victor/edit/list": Later("edits"),
    "victor/edit/propose": Later("proposals"),
    "victor/edit/offer": Later("proposals"),
    "victor/assist/commitMessage": Later("proposals"),
    "victor/edit/get": Later("edits"),
    "victor/edit/resolve": Later("edits"),
    "victor/permissions/list": Later("permissions"),
    "victor/permissions/set": Later("permissions"),
    "victor/trust/get": Later("trust"),
    "victor/trust/set": Later("trust"),
    "victor/checkpoint/list": Later("checkpoints"),
    "victor/checkpoint/preview": Later("checkpoints"),
    "victor/checkpoint/restore": Later("checkpoints"),
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT: Later("chat_document"),
}


def _nothing_to_do(_: Session, __: None) -> None:
    """Some notifications ask for nothing here."""


NOTIFICATIONS: Mapping[str, Notification] = {
    types.INITIALIZED: Notification(None, lifecycle.initialized),
    types.EXIT: Notification(None, lifecycle.exit_),
    types.SET_TRACE: Notification(None, _nothing_to_do),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: Notification(
        types.WorkDoneProgressCancelParams, progress_cancel.work_done_progress_cancel
    ),
    types.TEXT_DOCUMENT_DID_OPEN: Notification(types.DidOpenTextDocumentParams, text_sync.did_open),
    types.TEXT_DOCUMENT_DID_CHANGE: Notification(
        types.DidChangeTextDocumentParams, text_sync.did_change, text_sync.malformed_change
    ),
    types.TEXT_DOCUMENT_DID_SAVE: Notification(types.DidSaveTextDocumentParams, text_sync.did_save),
    types.TEXT_DOCUMENT_DID_CLOSE: Notification(types.DidCloseTextDocumentParams, text_sync.did_close),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: Notification(
        types.DidOpenNotebookDocumentParams, notebook_sync.did_open
    ),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: Notification(
        types.DidChangeNotebookDocumentParams, notebook_sync.did_change, notebook_sync.malformed_change
    ),
    types.NOTEBOOK_DOCUMENT_DID_SAVE: Notification(
        types.DidSaveNotebookDocumentParams, notebook_sync.did_save
    ),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: Notification(
        types.DidCloseNotebookDocumentParams, notebook_sync.did_close
    ),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: Notification(
        types.DidChangeConfigurationParams, configuration.did_change_configuration
    ),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: Notification(
        types.DidChangeWorkspaceFoldersParams, workspace_folders.did_change_workspace_folders
    ),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: Notification(
        types.DidChangeWatchedFilesParams, watched_files.did_change_watched_files
    ),
}


def to_lsp_error(error: BaseException, method: str) -> types.ResponseError:
    """What the client hears of an error: for ours the message, the kind and the way out, for a bug only that it is one."""
    match error:
        case MalformedParamsError():
            return types.ResponseError(INVALID_PARAMS, f"Invalid params: {error}")
        case UsageError():
            return _failure(INVALID_PARAMS, error)
        case RequestCancelled():
            return types.ResponseError(REQUEST_CANCELLED, "the request was cancelled")
        case VictorError() | IndexerError():
            return _failure(REQUEST_FAILED, error)
        case _:
            logger.error("a bug in %s", method, exc_info=error)
            return types.ResponseError(
                INTERNAL_ERROR, f"A fault in Victor while it handled {method}; see its log."
            )


def _failure(code: int, error: VictorError | IndexerError) -> types.ResponseError:
    return types.ResponseError(code, error.message, {"kind": error.kind, "fix": error.fix})
