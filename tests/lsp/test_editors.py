"""The server as a process, used by a client with the capabilities of real editors; what is said is recorded and checked."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client
from tools.lsp_check import METAMODEL_VARIABLE, check_log, check_traffic, load_metamodel

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
TAP = str(HERE.parent / "tools" / "lsp_tap.py")
FAKE = (sys.executable, "-P", str(HERE / "fake_server.py"))
REAL = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()", "lsp")
TIMEOUT_S = 30.0
NEWER: dict[str, dict[str, Any]] = {
    "vscode-1.139": {
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "configuration": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "workspaceFolders": True,
            "diagnostics": {"refreshSupport": True},
        },
        "textDocument": {
            "publishDiagnostics": {"versionSupport": True, "dataSupport": True},
            "diagnostic": {"dynamicRegistration": True},
            "inlineCompletion": {"dynamicRegistration": True},
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}},
                "resolveSupport": {"properties": ["edit"]},
            },
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        },
        "notebookDocument": {"synchronization": {"dynamicRegistration": True}},
        "window": {"workDoneProgress": True},
    },
    "neovim-0.12": {
        "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
        "workspace": {
            "configuration": True,
            "workspaceFolders": True,
            "workspaceEdit": {"documentChanges": True},
        },
        "textDocument": {
            "diagnostic": {"dynamicRegistration": True},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
            "inlineCompletion": {"dynamicRegistration": False},
        },
        "window": {"workDoneProgress": True},
    },
    "vim-ale": {"workspace": {"applyEdit": False}, "textDocument": {"codeAction": {}}},
}
RECORDED = ["neovim@v0.11.0", "visual-studio-code@v1.65.2", "emacs@v29.1"]


def capabilities_of(editor: str) -> types.ClientCapabilities:
    """What this editor announces."""
    if editor in NEWER:
        return get_converter().structure(NEWER[editor], types.ClientCapabilities)
    return client_capabilities(editor)


@asynccontextmanager
async def session(
    editor: str, root: Path, log: Path, server: Sequence[str] = FAKE
) -> AsyncIterator[LanguageClient]:
    """An initialized session, ended in order; what was said must be right. State lies beside the log."""
    client = make_test_lsp_client()
    environment = {
        **os.environ,
        "VICTOR_HOME": str(log.parent / "home"),
        "VICTOR_WORKER_LEAVE_AFTER_S": "0.2",
    }
    await client.start_io(sys.executable, "-P", TAP, str(log), "--", *server, env=environment)
    folder = types.WorkspaceFolder(root.as_uri(), root.name)
    await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities_of(editor), root_uri=root.as_uri(), workspace_folders=[folder]
        )
    )
    try:
        yield client
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp leaves it so
    assert client.error is None
    assert check_log(log) == []


@pytest.mark.parametrize("editor", [*RECORDED, *NEWER])
async def test_secret_is_found_fixed_and_saved(editor: str, tmp_path: Path) -> None:
    """Open, diagnostic, fix, save, outline, search, close: with every editor's capabilities."""
    root = tmp_path / "workspace"
    root.mkdir()
    uri = (root / "settings.py").as_uri()
    async with asyncio.timeout(TIMEOUT_S), session(editor, root, tmp_path / "log.jsonl") as client:
        published = client.protocol.wait_for_notification_async("textDocument/publishDiagnostics")
        text = "def load():\n    return 'CERTAIN_ABCD'\n"
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text))
        )
        await published
        assert [each.code for each in client.diagnostics[uri]] == ["fake-key"]
        identifier = types.TextDocumentIdentifier(uri)
        where = client.diagnostics[uri][0].range
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(identifier, where, types.CodeActionContext(diagnostics=[]))
        )
        edit = only_edit(allowing(actions))
        gone = client.protocol.wait_for_notification_async("textDocument/publishDiagnostics")
        change = types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text)
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, uri), [change])
        )
        client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))
        await gone
        assert list(client.diagnostics[uri]) == []
        outline = await client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
        assert [each.name for each in outline or []] == ["load"]
        assert await client.workspace_symbol_async(types.WorkspaceSymbolParams("load")) == []
        found = await client.workspace_execute_command_async(
            types.ExecuteCommandParams("victor.search", arguments=["load"])
        )
        assert found is not None
        client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))


@pytest.mark.parametrize("editor", RECORDED)
async def test_whole_program(editor: str, tmp_path: Path) -> None:
    """With nothing replaced: a real key is announced, the fix settles it, and code is found in a real index."""
    root = tmp_path / "workspace"
    root.mkdir()
    path = root / "warehouse.py"
    text = "def count_boxes():\n    return 3\n\n\nKEY = '" + "AKIA" + "Z7QW3ERT5YUIOP2A" + "'\n"
    path.write_text(text, encoding="utf-8")
    identifier = types.TextDocumentIdentifier(path.as_uri())
    log = tmp_path / "log.jsonl"
    async with asyncio.timeout(2 * TIMEOUT_S), session(editor, root, log, REAL) as client:
        published = client.protocol.wait_for_notification_async("textDocument/publishDiagnostics")
        item = types.TextDocumentItem(identifier.uri, "python", 1, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await published
        (found,) = client.diagnostics[identifier.uri]
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(identifier, found.range, types.CodeActionContext(diagnostics=[]))
        )
        edit = only_edit(allowing(actions))
        gone = client.protocol.wait_for_notification_async("textDocument/publishDiagnostics")
        change = types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text)
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(2, identifier.uri), [change]
            )
        )
        await gone
        assert list(client.diagnostics[identifier.uri]) == []
        outline = await client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
        assert "count_boxes" in {each.name for each in outline or []}
        command = types.ExecuteCommandParams("victor.search", arguments=["count boxes"])
        result: Any = await client.workspace_execute_command_async(command)
        assert [hit["path"] for hit in result["hits"]] == ["warehouse.py"]


def allowing(actions: Sequence[types.Command | types.CodeAction] | None) -> types.CodeAction:
    """The action that allows the secret by a comment."""
    found = [each for each in actions or [] if isinstance(each, types.CodeAction)]
    return next(each for each in found if each.title.startswith("Allow"))


def only_edit(action: types.CodeAction) -> types.TextEdit:
    """The one edit of an action, however the client takes edits."""
    assert action.edit is not None
    if action.edit.document_changes:
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        (edit,) = change.edits
    else:
        ((edit,),) = (action.edit.changes or {}).values()
    assert isinstance(edit, types.TextEdit)
    return edit


@pytest.mark.parametrize("editor", ["vscode-1.139", "neovim-0.12"])
async def test_pulled_diagnostics(editor: str, tmp_path: Path) -> None:
    """Editors that ask get a report, and the same one is not sent twice."""
    uri = (tmp_path / "settings.py").as_uri()
    async with asyncio.timeout(TIMEOUT_S), session(editor, tmp_path, tmp_path / "log.jsonl") as client:
        item = types.TextDocumentItem(uri, "python", 1, "POSSIBLE_ABCD")
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        asked = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await client.text_document_diagnostic_async(asked)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert [each.code for each in report.items] == ["fake-key"]
        asked.previous_result_id = report.result_id
        again = await client.text_document_diagnostic_async(asked)
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)


def test_the_check_finds_faults() -> None:
    """A wrong shape, a missing response and a progress without an end are told, where the metamodel is at hand."""
    path = os.environ.get(METAMODEL_VARIABLE)
    if not path:
        return
    faults = check_traffic(
        load_metamodel(Path(path)),
        [
            ("client", {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}),
            ("server", {"jsonrpc": "2.0", "id": 1, "result": {"capabilities": {"hoverProvider": 5}}}),
            ("client", {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}),
            (
                "server",
                {"jsonrpc": "2.0", "method": "window/showMessage", "params": {"type": 9, "message": "x"}},
            ),
            (
                "server",
                {
                    "jsonrpc": "2.0",
                    "method": "$/progress",
                    "params": {"token": 1, "value": {"kind": "begin"}},
                },
            ),
            ("client", {"jsonrpc": "2.0", "method": "exit"}),
        ],
    )
    assert len(faults) == 5


def test_an_editor_may_leave_before_the_answer_to_shutdown() -> None:
    """What never said `exit` did not wait for it: that is no fault of the server, as all other silence is."""
    path = os.environ.get(METAMODEL_VARIABLE)
    if not path:
        return
    model = load_metamodel(Path(path))
    left: list[tuple[str, object]] = [("client", {"jsonrpc": "2.0", "id": 2, "method": "shutdown"})]
    stayed = [*left, ("client", {"jsonrpc": "2.0", "method": "exit"})]
    assert check_traffic(model, left) == []
    assert check_traffic(model, stayed) == ["never answered: shutdown"]
