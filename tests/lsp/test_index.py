"""Search, symbols, status, progress, and what the index is told of documents and files."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, ServerError, running_server
from lsp.fake_services import FakeServices

from victor_indexer.errors import WorkspaceNotFound
from victor_indexer.model import Status
from victor_server.lsp import uris

Prepare = Callable[[FakeServices], None]
HIERARCHICAL = {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}
ANNOUNCES_STATUS = {"experimental": {"victor": {"status": True}}}
PROGRESS = {"window": {"workDoneProgress": True}}


def folder(path: Path) -> dict[str, str]:
    """A workspace folder."""
    return {"uri": uris.from_path(str(path)), "name": path.name}


def with_files(files: dict[str, str]) -> Prepare:
    """Services whose index holds these files."""

    def prepare(services: FakeServices) -> None:
        services.index.files.update(files)

    return prepare


async def opened_roots(editor: Editor, n_roots: int) -> list[Path]:
    """Wait until the index serves so many roots."""
    await editor.until(lambda: bool(editor.services) and len(editor.service.index.roots) == n_roots)
    return editor.service.index.roots


async def test_search(tmp_path: Path) -> None:
    """The hits of the index with URIs and ranges of whole lines; `why` is handed on."""
    async with running_server(prepare=with_files({"a b.py": "x\nneedle\n"})) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        result = await editor.request("victor/search", {"query": "needle", "k": 3})
    hit = {
        "uri": uris.from_path(str(tmp_path / "a b.py")),
        "path": "a b.py",
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}},
        "symbol": "",
        "kind": "text",
        "score": 1.0,
        "why": {"words": 1.0},
    }
    assert result == {"query": "needle", "partial": False, "hits": [hit]}


async def test_search_misses_no_folder(tmp_path: Path) -> None:
    """A question that comes with the handshake waits until the folders are open."""
    async with running_server(prepare=with_files({"a.py": "needle"})) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        assert len((await editor.request("victor/search", {"query": "needle"}))["hits"]) == 1


async def test_search_in_one_folder(tmp_path: Path) -> None:
    """A folder is named by its URI or by its path; the URI of an open document is spelled as the client spells it."""
    one, two = tmp_path / "one", tmp_path / "two"
    spelled = uris.from_path(str(two / "a.py")).replace("two", "%74wo")
    async with running_server(prepare=with_files({"a.py": "needle"})) as editor:
        await editor.initialize(workspaceFolders=[folder(one), folder(two)])
        await opened_roots(editor, 2)
        editor.open(spelled, "needle")
        everywhere = await editor.request("victor/search", {"query": "needle"})
        for name in (str(two), folder(two)["uri"]):
            result = await editor.request("victor/search", {"query": "needle", "root": name})
            assert [hit["uri"] for hit in result["hits"]] == [spelled]
    assert len(everywhere["hits"]) == 2


@pytest.mark.parametrize("argument", ["needle", {"query": "needle"}])
async def test_search_by_command(tmp_path: Path, argument: Any) -> None:
    """Clients that can send nothing else execute a command, with an object or a bare string."""
    async with running_server(prepare=with_files({"a.py": "needle"})) as editor:
        result = await editor.initialize(workspaceFolders=[folder(tmp_path)])
        assert "victor.search" in result["capabilities"]["executeCommandProvider"]["commands"]
        await opened_roots(editor, 1)
        found = await editor.request(
            "workspace/executeCommand", {"command": "victor.search", "arguments": [argument]}
        )
    assert len(found["hits"]) == 1


async def test_outline_as_a_tree() -> None:
    """Definitions lie in each other, their ranges in the client's encoding."""
    uri = "file:///w/a.py"
    async with running_server() as editor:
        await editor.initialize({**HIERARCHICAL, "general": {"positionEncodings": ["utf-16"]}})
        editor.open(uri, "'😀'; def one(): pass\nclass Two: pass\n")
        one, two = await editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert (one["name"], one["kind"], two["name"], two["kind"]) == ("one", 12, "Two", 5)
    assert one["range"]["start"] == {"line": 0, "character": 6}
    assert one["selectionRange"]["start"] == {"line": 0, "character": 10}


async def test_outline_as_a_list() -> None:
    """Clients that know no trees get the container's name."""
    uri = "file:///w/a.py"
    async with running_server() as editor:
        await editor.initialize()
        editor.open(uri, "class Two:\n  def three(): pass\n")
        symbols = await editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [(each["name"], each.get("containerName")) for each in symbols] == [
        ("Two", None),
        ("three", "Two"),
    ]
    assert {each["location"]["uri"] for each in symbols} == {uri}


async def test_outline_of_a_saved_file_is_the_index_s(tmp_path: Path) -> None:
    """The index knows the symbols of a file as it was opened; what was edited since is parsed, also once it is saved."""
    path = tmp_path / "a.py"
    path.write_text("def one(): pass", encoding="utf-8")
    uri = uris.from_path(str(path))
    async with running_server(prepare=with_files({"a.py": "def indexed(): pass"})) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        editor.open(uri, "def one(): pass")
        await editor.until(lambda: bool(editor.services) and path in editor.service.index.overlays)
        assert await outline(editor, uri) == ["indexed"]
        editor.change(uri, 2, {"text": "def two(): pass"})
        assert await outline(editor, uri) == ["two"]
        editor.save(uri)
        assert await outline(editor, uri) == ["two"]


async def test_outline_of_a_file_that_is_not_indexed_yet(tmp_path: Path) -> None:
    """An editor that asks once would keep an empty outline: the text is parsed until the index knows the file."""
    path = tmp_path / "a.py"
    path.write_text("def one(): pass", encoding="utf-8")
    uri = uris.from_path(str(path))
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        editor.open(uri, "def one(): pass")
        await editor.until(lambda: bool(editor.services) and path in editor.service.index.overlays)
        assert await outline(editor, uri) == ["one"]
        assert ("document_symbols", (path, False, "python")) in editor.service.index.calls


async def outline(editor: Editor, uri: str) -> list[str]:
    """The names of the outline."""
    symbols = await editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    return [each["name"] for each in symbols]


async def test_workspace_symbols(tmp_path: Path) -> None:
    """Names over all roots, their columns counted in the file's text, in the client's encoding."""
    (tmp_path / "a.py").write_text("'😀'; def needle(): pass", encoding="utf-8")
    files = {"a.py": "'😀'; def needle(): pass", "gone.py": "def needle_too(): pass"}
    async with running_server(prepare=with_files(files)) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        symbols = await editor.request("workspace/symbol", {"query": "needle"})
    assert [(each["name"], each["location"]["range"]["start"]["character"]) for each in symbols] == [
        ("needle", 10),
        ("needle_too", 4),
    ]
    assert symbols[0]["location"]["uri"] == uris.from_path(str(tmp_path / "a.py"))


@pytest.mark.parametrize("spelling", ["workspaceFolders", "rootUri", "rootPath"])
async def test_roots_of_any_client(tmp_path: Path, spelling: str) -> None:
    """Folders, or the one root that older clients name."""
    value = {
        "workspaceFolders": [folder(tmp_path)],
        "rootUri": folder(tmp_path)["uri"],
        "rootPath": str(tmp_path),
    }
    async with running_server() as editor:
        await editor.initialize({}, **{spelling: value[spelling]})
        assert await opened_roots(editor, 1) == [tmp_path]


async def test_folders_come_and_go(tmp_path: Path) -> None:
    """The index serves what is open, each once; what is not on disk is ignored."""
    one, two = folder(tmp_path / "one"), folder(tmp_path / "two")
    remote = {"uri": "vscode-vfs://github/x", "name": "x"}
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[one])
        event = {"added": [two, one, remote], "removed": []}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert await opened_roots(editor, 2) == [tmp_path / "one", tmp_path / "two"]
        editor.notify(
            "workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [one, remote]}}
        )
        assert await opened_roots(editor, 1) == [tmp_path / "two"]
    opens = [root for call, root in editor.service.index.calls if call == "open"]
    assert opens == [tmp_path / "one", tmp_path / "two"]


async def test_root_that_cannot_be_served_is_said(tmp_path: Path) -> None:
    """One message that names it; the server goes on."""

    def prepare(services: FakeServices) -> None:
        services.index.trouble = WorkspaceNotFound("not a folder")

    async with running_server(prepare=prepare) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        message = (await editor.notification("window/showMessage"))["message"]
        assert str(tmp_path) in message
        assert "not a folder" in message
        await editor.request("victor/status")


async def test_status(tmp_path: Path) -> None:
    """The shape that status lines read; the folder furthest from ready stands first."""
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path / "one"), folder(tmp_path / "two")])
        await opened_roots(editor, 2)
        editor.service.index.report(Status(str(tmp_path / "two"), "indexing", 3, 9, "half"))
        result = await editor.request("victor/status")
        index = {
            "root": str(tmp_path / "two"),
            "state": "indexing",
            "files_done": 3,
            "files_total": 9,
            "detail": "half",
        }
        assert result["index"] == index
        assert [each["state"] for each in result["indexes"]] == ["ready", "indexing"]
        assert (result["offline"], result["route"], result["team"]) == (True, {}, {})
        one = await editor.request("victor/index/status", {"root": str(tmp_path / "one")})
        assert one["index"]["state"] == "ready"


async def test_status_while_starting() -> None:
    """It answers at once, also before there are services or folders."""
    async with running_server({"workspace/configuration": ...}) as editor:
        await editor.initialize({"workspace": {"configuration": True}})
        assert (await editor.request("victor/status"))["index"]["state"] == "scanning"


async def test_folder_being_opened_is_not_ready(tmp_path: Path) -> None:
    """A folder that the index has not heard of yet must not look as if it were indexed."""
    gate = asyncio.Event()

    def hold(services: FakeServices) -> None:
        services.index.gate = gate.wait

    async with running_server(prepare=hold) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path / "one")])
        await editor.until(lambda: bool(editor.services) and bool(editor.service.index.calls))
        one = await editor.request("victor/index/status", {"root": str(tmp_path / "one")})
        assert one["index"]["state"] == "scanning"
        gate.set()
        await opened_roots(editor, 1)
        assert (await editor.request("victor/status"))["index"]["state"] == "ready"


async def test_index_is_steered(tmp_path: Path) -> None:
    """Pause, resume and rebuild, by request and by command, answer with the new state."""
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        for verb, state in (("pause", "paused"), ("resume", "ready"), ("rebuild", "indexing")):
            result = await editor.request(f"victor/index/{verb}", {"root": str(tmp_path)})
            assert result["index"]["state"] == state
        for verb, state in (("pause", "paused"), ("resume", "ready"), ("rebuild", "indexing")):
            result = await editor.request("workspace/executeCommand", {"command": f"victor.index.{verb}"})
            assert result["index"]["state"] == state


async def test_status_is_told_to_those_who_listen(tmp_path: Path) -> None:
    """A client that announces it gets notifications, the latest of a burst; another one gets none."""
    for capabilities in (ANNOUNCES_STATUS, {}):
        async with running_server() as editor:
            await editor.initialize(capabilities, workspaceFolders=[folder(tmp_path)])
            await opened_roots(editor, 1)
            for done in range(5):
                editor.service.index.report(Status(str(tmp_path), "indexing", done, 9))
            if capabilities:
                assert (await editor.notification("victor/status/didChange"))["index"]["files_done"] == 4
            await editor.settle()
            assert editor.received == []


async def progress_of(editor: Editor) -> list[dict[str, Any]]:
    """What was sent as progress so far."""
    await editor.settle()
    messages = [message for side, message in editor.log if side == "server"]
    return [message["params"]["value"] for message in messages if message.get("method") == "$/progress"]


async def test_progress(tmp_path: Path) -> None:
    """Begun once the client has made the bar, reported with counts that never run backwards, ended once."""
    async with running_server({"window/workDoneProgress/create": None}) as editor:
        await editor.initialize(PROGRESS, workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        report = editor.service.index.report
        report(Status(str(tmp_path), "scanning", 0, 0))
        report(Status(str(tmp_path), "indexing", 0, 2000))
        await editor.wait(lambda message: message.get("method") == "window/workDoneProgress/create")
        await editor.notification("$/progress")
        report(Status(str(tmp_path), "indexing", 1000, 2000))
        report(Status(str(tmp_path), "indexing", 1000, 2000))
        report(Status(str(tmp_path), "indexing", 1000, 4000))
        report(Status(str(tmp_path), "ready", 4000, 4000))
        report(Status(str(tmp_path), "ready", 4000, 4000))
        values = await progress_of(editor)
    assert [value["kind"] for value in values] == ["begin", "report", "report", "end"]
    assert [value.get("percentage") for value in values] == [0, 50, 50, None]
    assert values[0]["title"] == f"Indexing {tmp_path.name}"
    assert values[1]["message"] == "1,000 of 2,000 files"


async def test_progress_ends_with_the_server(tmp_path: Path) -> None:
    """A bar that is open at shutdown is ended, and none is begun afterwards."""
    async with running_server({"window/workDoneProgress/create": None}) as editor:
        await editor.initialize(PROGRESS, workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        report = editor.service.index.report
        report(Status(str(tmp_path), "indexing", 1, 2))
        await editor.notification("$/progress")
        await editor.request("shutdown")
        report(Status(str(tmp_path), "indexing", 2, 2))
        values = [
            message["params"]["value"]["kind"] for side, message in editor.log if "value" in str(message)
        ]
        assert values[-1] == "end"
        assert values.count("end") == 1


async def test_progress_ends_with_its_folder(tmp_path: Path) -> None:
    """Nobody reports on a folder that was closed, or for settings that changed: its bar is ended."""
    async with running_server({"window/workDoneProgress/create": None}) as editor:
        await editor.initialize(
            PROGRESS, workspaceFolders=[folder(tmp_path / "one"), folder(tmp_path / "two")]
        )
        await opened_roots(editor, 2)
        for name in ("one", "two"):
            editor.service.index.report(Status(str(tmp_path / name), "indexing", 1, 2))
            assert (await editor.notification("$/progress"))["value"]["kind"] == "begin"
        event = {"added": [], "removed": [folder(tmp_path / "one")]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert (await editor.notification("$/progress"))["value"]["kind"] == "end"
        editor.notify("workspace/didChangeConfiguration", {"settings": {"home": "/elsewhere"}})
        assert (await editor.notification("$/progress"))["value"]["kind"] == "end"


async def test_progress_that_is_over_before_it_began(tmp_path: Path) -> None:
    """When the client makes the bar late, it is begun and ended all the same."""
    async with running_server({"window/workDoneProgress/create": ...}) as editor:
        await editor.initialize(PROGRESS, workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        editor.service.index.report(Status(str(tmp_path), "indexing", 1, 2))
        create = await editor.wait(lambda message: message.get("method") == "window/workDoneProgress/create")
        editor.service.index.report(Status(str(tmp_path), "ready", 2, 2))
        assert await progress_of(editor) == []
        editor.send({"jsonrpc": "2.0", "id": create["id"], "result": None})
        for kind in ("begin", "end"):
            assert (await editor.notification("$/progress"))["value"]["kind"] == kind


async def test_progress_is_not_forced_upon_clients(tmp_path: Path) -> None:
    """A client that refuses the bar, or knows none, gets no progress."""
    refusal = ServerError({"code": -32601, "message": "no"})
    for capabilities in (PROGRESS, {}):
        async with running_server({"window/workDoneProgress/create": refusal}) as editor:
            await editor.initialize(capabilities, workspaceFolders=[folder(tmp_path)])
            await opened_roots(editor, 1)
            for done in range(3):
                editor.service.index.report(Status(str(tmp_path), "indexing", done, 9))
                await editor.settle()
            assert await progress_of(editor) == []
            creates = [
                each for each in editor.received if each.get("method") == "window/workDoneProgress/create"
            ]
            assert len(creates) == (1 if capabilities else 0)


async def test_unsaved_text_stands_before_the_file(tmp_path: Path) -> None:
    """The latest text of a burst is laid over; saving and closing take it away."""
    path = tmp_path / "a.py"
    path.write_text("on disk\n", encoding="utf-8")
    uri = uris.from_path(str(path))
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        index = editor.service.index

        def overlay() -> str | None:
            return index.overlays.get(path, (0, None))[1]

        editor.open(uri, "one")
        editor.change(uri, 2, {"text": "two"})
        editor.change(uri, 3, {"text": "three \ud800"})
        await editor.until(lambda: overlay() == "three \ufffd")
        assert [args[1] for call, args in index.calls if call == "overlay"] == ["three \ufffd"]
        editor.save(uri)
        await editor.until(lambda: overlay() is None)
        assert ("files_changed", [path]) in index.calls
        editor.change(uri, 4, {"text": "four"})
        await editor.until(lambda: overlay() == "four")
        editor.close(uri)
        await editor.until(lambda: overlay() is None)


async def test_opened_file_is_no_unsaved_text(tmp_path: Path) -> None:
    """A document that holds what the file holds, but for a BOM, is not laid over the file."""
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfsame\r\n")
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        editor.open(uris.from_path(str(path)), "same\r\n")
        index = editor.service.index
        await editor.until(lambda: path in index.overlays)
    assert next(args for call, args in index.calls if call == "overlay") == (path, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
async def test_device_is_not_read(tmp_path: Path) -> None:
    """To read a pipe to its end may take for ever: it is not compared with the document that bears its name."""
    path = tmp_path / "pipe.py"
    os.mkfifo(path)
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        editor.open(uris.from_path(str(path)), "")
        await editor.until(lambda: path in editor.service.index.overlays)
    assert editor.service.index.overlays[path][1] == ""


async def test_watched_files(tmp_path: Path) -> None:
    """What the client saw change on disk goes to the index; other schemes do not."""
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        await opened_roots(editor, 1)
        changes = [{"uri": uris.from_path(str(tmp_path / "a.py")), "type": kind} for kind in (1, 2, 3)]
        editor.notify(
            "workspace/didChangeWatchedFiles", {"changes": [*changes, {"uri": "git:/x", "type": 1}]}
        )
        await editor.settle()
        await editor.until(lambda: ("files_changed", [tmp_path / "a.py"] * 3) in editor.service.index.calls)


async def test_late_index_holds_nothing_up(tmp_path: Path) -> None:
    """While the index does not answer, everything else does."""
    never = asyncio.Event()

    def prepare(services: FakeServices) -> None:
        services.index.gate = never.wait

    async with running_server(prepare=prepare) as editor:
        await editor.initialize(workspaceFolders=[folder(tmp_path)])
        late = editor.send_request("victor/search", {"query": "x"})
        editor.open("file:///w/a.py", "CERTAIN_ABCD")
        assert len(await editor.diagnostics("file:///w/a.py")) == 1
        await editor.request("victor/status")
        never.set()
        await editor.response(late)


async def test_no_progress_of_a_folder_that_was_closed(tmp_path: Path) -> None:
    """What the index still says of it begins no bar, which nobody would end; its URI may end in a slash."""
    uri = folder(tmp_path)["uri"] + "/"
    async with running_server({"window/workDoneProgress/create": None}) as editor:
        await editor.initialize(PROGRESS, workspaceFolders=[{"uri": uri, "name": "w"}])
        await opened_roots(editor, 1)
        editor.service.index.report(Status(str(tmp_path), "indexing", 1, 2))
        assert (await editor.notification("$/progress"))["value"]["kind"] == "begin"
        removed = {"added": [], "removed": [{"uri": uri, "name": "w"}]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": removed})
        assert (await editor.notification("$/progress"))["value"]["kind"] == "end"
        editor.received.clear()
        editor.service.index.report(Status(str(tmp_path), "indexing", 1, 2))
        await opened_roots(editor, 0)
        await editor.settle()
        assert editor.received == []
