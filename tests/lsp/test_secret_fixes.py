"""Fixes that change more than the document: how they reach each kind of client, and what follows when one is chosen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, ServerError, running_server
from lsp.fake_services import BASELINE

CREATES = {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]}
RESOLVES = {"dataSupport": True, "resolveSupport": {"properties": ["edit", "command"]}}
TEXT = "key = CERTAIN_ABCD\n"
OPENED = "window/showDocument"


@asynccontextmanager
async def editor_on(
    root: Path, answers: dict[str, Any] | None = None, **capabilities: Any
) -> AsyncIterator[Editor]:
    """An editor with this folder and one document, in which a secret was found."""
    async with running_server(answers) as editor:
        await editor.initialize(capabilities, rootUri=root.as_uri())
        editor.open((root / "a.py").as_uri(), TEXT, version=3)
        assert len(await editor.diagnostics((root / "a.py").as_uri())) == 1
        yield editor


async def action(editor: Editor, root: Path, title: str) -> Any:
    """The code action of this title; None if there is none."""
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    params = {
        "textDocument": {"uri": (root / "a.py").as_uri()},
        "range": span,
        "context": {"diagnostics": []},
    }
    found = await editor.request("textDocument/codeAction", params)
    return next((each for each in found if each["title"].startswith(title)), None)


async def execute(editor: Editor, chosen: Any) -> Any:
    """Run the command that came with an action."""
    command = {name: chosen["command"][name] for name in ("command", "arguments")}
    return await editor.request("workspace/executeCommand", command)


async def test_a_new_file_is_made_by_the_editor(tmp_path: Path) -> None:
    """The edit makes it, then fills it; nothing is written by the server."""
    async with editor_on(tmp_path, workspace={"workspaceEdit": CREATES}) as editor:
        found = await action(editor, tmp_path, "Add")
    create, fill = found["edit"]["documentChanges"]
    uri = (tmp_path / BASELINE).as_uri()
    assert create == {"kind": "create", "uri": uri, "options": {"ignoreIfExists": True}}
    assert fill["textDocument"] == {"uri": uri, "version": None}
    assert [each["newText"] for each in fill["edits"]] == ["CERTAIN_ABCD\n"]
    assert not (tmp_path / BASELINE).exists()


async def test_an_open_file_is_changed_as_the_editor_has_it(tmp_path: Path) -> None:
    """What was typed into it and not saved counts, and the edit names the version it is meant for."""
    uri = (tmp_path / BASELINE).as_uri()
    (tmp_path / BASELINE).write_text("on disk\n", encoding="utf-8")
    async with editor_on(tmp_path, workspace={"workspaceEdit": CREATES}) as editor:
        editor.open(uri, "typed 😀", version=7)
        found = await action(editor, tmp_path, "Add")
    (change,) = found["edit"]["documentChanges"]
    place = {"line": 0, "character": 8}
    assert change["textDocument"] == {"uri": uri, "version": 7}
    assert change["edits"] == [{"range": {"start": place, "end": place}, "newText": "\nCERTAIN_ABCD"}]


async def test_a_client_without_versions_gets_plain_changes(tmp_path: Path) -> None:
    """One list of edits for each file."""
    (tmp_path / BASELINE).write_text("x\n", encoding="utf-8")
    async with editor_on(tmp_path) as editor:
        found = await action(editor, tmp_path, "Add")
    assert list(found["edit"]["changes"]) == [(tmp_path / BASELINE).as_uri()]


async def test_the_edit_is_written_when_the_client_asks(tmp_path: Path) -> None:
    """A client that resolves gets the edit then, from the files as they are then; what has its edit stays as it is."""
    async with editor_on(
        tmp_path, workspace={"workspaceEdit": CREATES}, textDocument={"codeAction": RESOLVES}
    ) as editor:
        found = await action(editor, tmp_path, "Add")
        assert "edit" not in found
        (tmp_path / BASELINE).write_text("x\n", encoding="utf-8")
        resolved = await editor.request("codeAction/resolve", found)
        (change,) = resolved["edit"]["documentChanges"]
        assert change["edits"][0]["range"]["start"] == {"line": 0, "character": 1}
        assert resolved["command"] == found["command"]
        allow = await action(editor, tmp_path, "Allow")
        assert await editor.request("codeAction/resolve", allow) == allow
        page = await action(editor, tmp_path, "Open")
        assert await editor.request("codeAction/resolve", page) == page


async def test_what_is_out_of_date_is_not_resolved(tmp_path: Path) -> None:
    """An action of an older text, of a text that nothing is found in, or of somebody else is refused with a reason."""
    uri = (tmp_path / "a.py").as_uri()
    async with editor_on(
        tmp_path, workspace={"workspaceEdit": CREATES}, textDocument={"codeAction": RESOLVES}
    ) as editor:
        found = await action(editor, tmp_path, "Add")
        with pytest.raises(ServerError, match="nothing to fix"):
            await editor.request("codeAction/resolve", {**found, "title": "Something else"})
        for data in ("x", {"uri": uri}, {**found["data"], "version": "3"}):
            with pytest.raises(ServerError) as refused:
                await editor.request("codeAction/resolve", {**found, "data": data})
            assert refused.value.code == -32602
        editor.change(uri, 4, {"text": "x\n" + TEXT})
        with pytest.raises(ServerError, match="has changed"):
            await editor.request("codeAction/resolve", found)


async def test_a_chosen_fix_settles_the_finding(tmp_path: Path) -> None:
    """Even where the editor keeps the changed file to itself: what it holds is remembered until it is written."""
    uri = (tmp_path / "a.py").as_uri()
    async with editor_on(tmp_path, workspace={"workspaceEdit": CREATES, "applyEdit": True}) as editor:
        found = await action(editor, tmp_path, "Add")
        assert await execute(editor, found) is None
        assert await editor.diagnostics(uri) == []
        assert (await editor.notification("window/showMessage"))["message"] == f"{BASELINE} holds it now."
        editor.change(uri, 4, {"text": "key = CERTAIN_EFGH\nother = CERTAIN_ABCD\n"})
        editor.save(uri)
        assert [each["range"]["start"]["line"] for each in await editor.diagnostics(uri)] == [0]
        again = await action(editor, tmp_path, "Add")
        fill = again["edit"]["documentChanges"][-1]
        assert fill["edits"][0]["range"]["start"] == {"line": 0, "character": 12}
        (tmp_path / BASELINE).write_text("nothing of ours\n", encoding="utf-8")
        editor.save(uri)
        assert len(await editor.diagnostics(uri)) == 2


async def test_an_offer_is_taken_once(tmp_path: Path) -> None:
    """A number that means nothing is no error that a person would see."""
    async with editor_on(tmp_path, workspace={"workspaceEdit": CREATES, "applyEdit": True}) as editor:
        found = await action(editor, tmp_path, "Add")
        await execute(editor, found)
        await editor.notification("window/showMessage")
        await execute(editor, found)
        await editor.settle()
        assert not [each for each in editor.received if each.get("method") == "window/showMessage"]


@pytest.mark.parametrize("how", ["typed", "saved", "closed", "watched"])
async def test_a_changed_baseline_is_noticed(tmp_path: Path, how: str) -> None:
    """Typed, saved, closed without saving or changed by another program: what is shown follows."""
    uri, baseline = (tmp_path / "a.py").as_uri(), (tmp_path / BASELINE).as_uri()
    async with editor_on(tmp_path) as editor:
        if how == "typed":
            editor.open(baseline, "\n")
            editor.change(baseline, 2, {"text": "CERTAIN_ABCD\n"})
        elif how == "saved":
            (tmp_path / BASELINE).write_text("CERTAIN_ABCD\n", encoding="utf-8")
            editor.open(baseline, "CERTAIN_ABCD\n")
            editor.save(baseline)
        elif how == "closed":
            editor.open(baseline, "\n")
            (tmp_path / BASELINE).write_text("CERTAIN_ABCD\n", encoding="utf-8")
            editor.close(baseline)
        else:
            (tmp_path / BASELINE).write_text("CERTAIN_ABCD\n", encoding="utf-8")
            editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": baseline, "type": 1}]})
        assert await editor.diagnostics(uri) == []


async def test_the_page_opens_outside(tmp_path: Path) -> None:
    """In a client that opens pages the vendor's is opened; the client does not choose the address."""
    async with editor_on(
        tmp_path, {OPENED: {"success": True}}, window={"showDocument": {"support": True}}
    ) as editor:
        found = await action(editor, tmp_path, "Open")
        assert "edit" not in found
        assert found["command"]["arguments"] == [{"rule": "fake-key"}]
        assert await execute(editor, found) is None
        asked = await editor.wait(lambda message: message.get("method") == OPENED)
        assert asked["params"] == {"uri": "https://example.org/keys", "external": True}
        unknown = {"command": "victor.secrets.revoke", "arguments": [{"rule": "https://evil.example"}]}
        assert await editor.request("workspace/executeCommand", unknown) is None
        await editor.settle()
        assert not [each for each in editor.received if each.get("method") in (OPENED, "window/showMessage")]


@pytest.mark.parametrize("answer", [{"success": False}, ServerError({"code": -32603, "message": "no"}), None])
async def test_where_no_page_opens_the_address_is_told(tmp_path: Path, answer: Any) -> None:
    """A client that cannot, or fails: a message with the address."""
    can = {} if answer is None else {"window": {"showDocument": {"support": True}}}
    async with editor_on(tmp_path, {OPENED: answer}, **can) as editor:
        await execute(editor, await action(editor, tmp_path, "Open"))
        message = await editor.notification("window/showMessage")
    assert message == {"type": 3, "message": "Revoke it here: https://example.org/keys"}


async def test_diagnostics_carry_a_hash_and_the_page_where_wanted(tmp_path: Path) -> None:
    """The hash is this session's own, so that no weak secret can be guessed from it; others get neither."""
    supports = {"publishDiagnostics": {"dataSupport": True, "codeDescriptionSupport": True}}
    hashes = []
    for _ in range(2):
        async with running_server() as editor:
            await editor.initialize({"textDocument": supports}, rootUri=tmp_path.as_uri())
            editor.open((tmp_path / "a.py").as_uri(), "CERTAIN_ABCD CERTAIN_EFGH CERTAIN_ABCD")
            items = await editor.diagnostics((tmp_path / "a.py").as_uri())
        first, other, again = (item["data"]["secret"] for item in items)
        assert first == again != other
        assert items[0]["codeDescription"] == {"href": "https://example.org/keys"}
        assert "ABCD" not in str(items)
        hashes.append(first)
    assert hashes[0] != hashes[1]
    async with running_server() as editor:
        await editor.initialize()
        editor.open((tmp_path / "a.py").as_uri(), TEXT)
        (item,) = await editor.diagnostics((tmp_path / "a.py").as_uri())
    assert not {"data", "codeDescription"} & set(item)


async def test_only_the_few_files_are_watched(tmp_path: Path) -> None:
    """By name, in each folder, and only by clients that can; a folder that goes is watched no more."""
    watches = {"didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True}}
    answers = {"client/registerCapability": None, "client/unregisterCapability": None}
    folder = {"uri": tmp_path.as_uri(), "name": "x"}
    async with running_server(answers) as editor:
        await editor.initialize({"workspace": watches}, workspaceFolders=[folder])
        asked = await editor.wait(lambda message: message.get("method") == "client/registerCapability")
        (registration,) = asked["params"]["registrations"]
        patterns = [each["globPattern"] for each in registration["registerOptions"]["watchers"]]
        assert {"baseUri": tmp_path.as_uri(), "pattern": BASELINE} in patterns
        assert not [each for each in patterns if "*" in each["pattern"]]
        event = {"event": {"added": [], "removed": [folder]}}
        editor.notify("workspace/didChangeWorkspaceFolders", event)
        gone = await editor.wait(lambda message: message.get("method") == "client/unregisterCapability")
        assert [each["id"] for each in gone["params"]["unregisterations"]] == [registration["id"]]
    async with running_server(answers) as editor:
        await editor.initialize(workspaceFolders=[folder])
        await editor.settle()
        assert not [each for each in editor.received if each.get("method") == "client/registerCapability"]
