"""Which documents are mirrored, and what happens when a client and the mirror disagree."""

from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, running_server

from victor_server.lsp.documents import Documents
from victor_server.lsp.framing import MAX_BODY_BYTES

URI = "file:///w/a.py"


def cell(number: int) -> str:
    """The URI of a notebook's cell."""
    return f"vscode-notebook-cell:/w/book.ipynb#W{number}"


def item(number: int, text: str) -> dict[str, Any]:
    """A cell's text document."""
    return {"uri": cell(number), "languageId": "python", "version": 1, "text": text}


async def symbol_names(editor: Editor, uri: str) -> Any:
    """What the server sees in its mirror."""
    result = await editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    return result if result is None else [each["name"] for each in result]


@pytest.mark.parametrize("scheme", ["git", "output", "fugitive", "GIT"])
async def test_ignored_schemes(scheme: str) -> None:
    """What editors show beside the files is not looked at, and nothing about it is an error."""
    uri = f"{scheme}:/w/a.py"
    async with running_server() as editor:
        await editor.initialize()
        editor.open(uri, "CERTAIN_ABCD")
        editor.change(uri, 2, {"text": "def x"})
        editor.save(uri)
        assert await symbol_names(editor, uri) is None
        editor.close(uri)
        await editor.settle()
        assert editor.received == []


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-vfs://host/a.py", "weird", URI])
async def test_served_schemes(uri: str) -> None:
    """Untitled buffers and unknown schemes are served like files."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(uri, "def one(): CERTAIN_ABCD")
        assert len(await editor.diagnostics(uri)) == 1
        assert await symbol_names(editor, uri) == ["one"]
        editor.close(uri)
        await editor.diagnostics(uri)
    laid_over = {args[0] for call, args in editor.service.index.calls if call == "overlay"}
    assert laid_over == ({Path("/w/a.py")} if uri == URI else set())


@pytest.mark.parametrize(
    ("uri", "language", "name"),
    [
        ("untitled:Untitled-1", "python", "Untitled-1.py"),
        ("untitled:notes.md", "plaintext", "notes.md"),
        (cell(1), "python", "book.py"),
        (cell(1), "unknown", "book"),
    ],
)
def test_names_of_what_is_no_file(uri: str, language: str, name: str) -> None:
    """The name's suffix tells the kind of text; a cell is not JSON because its notebook is."""
    document = Documents().open(uri, language, 1, "")
    assert document is not None
    assert document.name == name


@pytest.mark.parametrize(
    "change",
    [
        {"range": {"start": {"line": 50, "character": 0}, "end": {"line": 50, "character": 1}}, "text": "x"},
        {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"},
        {"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"},
        {"text": 5},
        7,
    ],
)
async def test_change_that_does_not_fit(change: Any) -> None:
    """It is said once; nothing wrong is shown or served until the client sends the whole text."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "def old(): CERTAIN_ABCD")
        assert len(await editor.diagnostics(URI)) == 1
        editor.change(URI, 2, change)
        editor.change(URI, 3, change)
        assert "lost track" in (await editor.notification("window/showMessage"))["message"]
        assert await editor.diagnostics(URI) == []
        assert await symbol_names(editor, URI) is None
        editor.change(URI, 4, {"text": "def new(): pass"})
        assert await symbol_names(editor, URI) == ["new"]
        assert editor.received == []


async def test_change_of_what_is_not_open(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, nothing has to be clicked away, and opening the document afterwards works."""
    async with running_server() as editor:
        await editor.initialize()
        for version in (2, 3):
            editor.change(URI, version, {"text": "x"})
        editor.change(URI, 4, {"text": 5})
        editor.save(URI)
        editor.close(URI)
        editor.open(URI, "def one(): pass")
        assert await symbol_names(editor, URI) == ["one"]
        assert await editor.diagnostics(URI) == []
        assert editor.received == []
    assert caplog.text.count("that is not open") == 1


async def test_whole_text_among_edits() -> None:
    """Edits before it do not count, edits after it do."""
    place = {"line": 9, "character": 0}
    start = {"line": 0, "character": 4}
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "")
        bad = {"range": {"start": place, "end": place}, "text": "bad"}
        good = {"range": {"start": start, "end": start}, "text": "more_"}
        editor.change(URI, 2, bad, {"text": "def one(): pass"}, good)
        assert await symbol_names(editor, URI) == ["more_one"]


async def test_opened_twice() -> None:
    """The second text counts."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "def one(): pass")
        editor.open(URI, "def two(): pass")
        assert await symbol_names(editor, URI) == ["two"]


async def test_notebook_cells() -> None:
    """Cells come, change, are checked on save, and go with their notebook."""
    book = {"uri": "file:///w/book.ipynb", "version": 1}
    async with running_server() as editor:
        result = await editor.initialize()
        assert result["capabilities"]["notebookDocumentSync"]["save"] is True
        whole = {**book, "notebookType": "jupyter-notebook", "cells": [{"kind": 2, "document": cell(1)}]}
        opened = {"notebookDocument": whole, "cellTextDocuments": [item(1, "def one(): CERTAIN_ABCD")]}
        editor.notify("notebookDocument/didOpen", opened)
        assert len(await editor.diagnostics(cell(1))) == 1
        structure = {"array": {"start": 1, "deleteCount": 0}, "didOpen": [item(2, "def two(): pass")]}
        content = [
            {"document": {"uri": cell(1), "version": 2}, "changes": [{"text": "def uno(): CERTAIN_ABCD"}]}
        ]
        change = {"cells": {"structure": structure, "textContent": content}}
        editor.notify("notebookDocument/didChange", {"notebookDocument": book, "change": change})
        assert await symbol_names(editor, cell(1)) == ["uno"]
        assert await symbol_names(editor, cell(2)) == ["two"]
        editor.notify("notebookDocument/didSave", {"notebookDocument": book})
        assert len(await editor.diagnostics(cell(1))) == 1
        assert await editor.diagnostics(cell(2)) == []
        gone = {"array": {"start": 1, "deleteCount": 1}, "didClose": [{"uri": cell(2)}]}
        params = {"notebookDocument": book, "change": {"cells": {"structure": gone}}}
        editor.notify("notebookDocument/didChange", params)
        assert await symbol_names(editor, cell(2)) is None
        editor.notify("notebookDocument/didClose", {"notebookDocument": book, "cellTextDocuments": []})
        assert await editor.diagnostics(cell(1)) == []
        assert await symbol_names(editor, cell(1)) is None


async def test_notebook_opened_twice() -> None:
    """The second list of cells counts; what is not in it any more is forgotten."""
    book = {"uri": "file:///w/book.ipynb", "version": 1, "notebookType": "x", "cells": []}
    async with running_server() as editor:
        await editor.initialize()
        for number in (1, 2):
            cells = [item(number, "def one(): pass")]
            editor.notify("notebookDocument/didOpen", {"notebookDocument": book, "cellTextDocuments": cells})
        assert await symbol_names(editor, cell(1)) is None
        assert await symbol_names(editor, cell(2)) == ["one"]


async def test_malformed_notebook_change() -> None:
    """It may have been any change: the cells are not served until they are opened anew."""
    book = {"uri": "file:///w/book.ipynb", "version": 1}
    async with running_server() as editor:
        await editor.initialize()
        whole = {**book, "notebookType": "x", "cells": []}
        opened = {"notebookDocument": whole, "cellTextDocuments": [item(1, "def one(): pass")]}
        editor.notify("notebookDocument/didOpen", opened)
        editor.notify("notebookDocument/didChange", {"notebookDocument": book, "change": {"cells": 5}})
        await editor.notification("window/showMessage")
        assert await symbol_names(editor, cell(1)) is None


async def test_a_document_too_large_to_be_sent() -> None:
    """The person is told once that nobody looks at it; all else goes on."""
    async with running_server() as editor:
        await editor.initialize()
        for _ in range(2):
            editor.send_bytes(b"x" * (MAX_BODY_BYTES + 1))
        editor.open(URI, "CERTAIN_ABCD")
        assert len(await editor.diagnostics(URI)) == 1
        (told,) = [each["params"] for each in editor.received if each.get("method") == "window/showMessage"]
        assert told["message"].startswith("Your editor sent 67 MB at once.")
