"""Quick fixes for secrets."""

from typing import Any

import pytest
from lsp.editor import Editor, running_server, without_assists
from lsp.fake_services import PRAGMA

URI = "file:///w/settings.py"
VERSIONED = {"workspace": {"workspaceEdit": {"documentChanges": True}}}


async def actions(editor: Editor, first: int, last: int, context: dict[str, Any] | None = None) -> Any:
    """The code actions for whole lines, as a client without diagnostics asks."""
    span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    params = {"textDocument": {"uri": URI}, "range": span, "context": context or {"diagnostics": []}}
    return without_assists(await editor.request("textDocument/codeAction", params))


async def test_fix_carries_its_edit() -> None:
    """The action has the edit inside and names its diagnostic; it is no command, not preferred, no fix-all."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "é = 1\nkey = '😀' CERTAIN_ABCD\n")
        (action,) = await actions(editor, 1, 1)
    place = {"line": 1, "character": 23}
    edit = {"range": {"start": place, "end": place}, "newText": f"  # {PRAGMA}"}
    assert action["edit"] == {"changes": {URI: [edit]}}
    assert action["kind"] == "quickfix"
    assert [each["code"] for each in action["diagnostics"]] == ["fake-key"]
    assert not {"command", "isPreferred", "data"} & set(action)


async def test_edit_is_versioned_where_the_client_can() -> None:
    """An edit for a text that has changed meanwhile must not be applied."""
    async with running_server() as editor:
        await editor.initialize(VERSIONED)
        editor.open(URI, "x\n", version=4)
        editor.change(URI, 5, {"text": "CERTAIN_ABCD\n"})
        (action,) = await actions(editor, 0, 0)
    (change,) = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 5}


@pytest.mark.parametrize(
    ("only", "n_actions"),
    [
        (["quickfix"], 1),
        ([""], 1),
        ([], 1),
        (["refactor", "quickfix"], 1),
        (["refactor"], 0),
        (["source.fixAll"], 0),
        (["quick"], 0),
    ],
)
async def test_only_is_respected(only: list[str], n_actions: int) -> None:
    """A client that asks for other kinds, as on save, gets none."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "CERTAIN_ABCD\n")
        assert len(await actions(editor, 0, 0, {"diagnostics": [], "only": only})) == n_actions


async def test_only_the_range_counts() -> None:
    """Findings elsewhere, and diagnostics that the client makes up, give no fix."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "CERTAIN_ABCD\nx\nPOSSIBLE_ABCD\n")
        span = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 1}}
        made_up = {"diagnostics": [{"range": span, "message": "x", "source": "victor", "code": "fake-key"}]}
        assert await actions(editor, 1, 1, made_up) == []
        assert [each["kind"] for each in await actions(editor, 0, 2)] == ["quickfix"] * 2 + ["victor.ask"]


async def test_applied_fix_settles_the_finding() -> None:
    """After the edit there is nothing left to fix."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "key = CERTAIN_ABCD\n")
        ((change,),) = [list(each["edit"]["changes"][URI]) for each in await actions(editor, 0, 0)]
        editor.change(URI, 2, {"range": change["range"], "text": change["newText"]})
        assert await actions(editor, 0, 0) == []


async def test_what_is_not_open_has_no_actions() -> None:
    """No error that an editor would show."""
    async with running_server() as editor:
        await editor.initialize()
        assert await actions(editor, 0, 0) is None
