"""The list of what a model can do: what is in it, for whom, and that nobody waits for it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, Json, ServerError, running_server
from repositories import write_tree

from victor_server.features.assists.table import ASSISTS
from victor_server.lsp import uris
from victor_server.lsp.handlers.ask_actions import KIND as ASK_KIND
from victor_server.lsp.handlers.edit_actions import KIND as REVIEW_KIND
from victor_server.settings.trust import TrustStore

CODE = "import os\n\n\ndef add(a, b):\n    return a + b\n\n\n# the boxes, sorted\nx = 1\n"
KINDS: Json = {"textDocument": {"codeAction": {"disabledSupport": True, "tagSupport": {"valueSet": [1]}}}}


@asynccontextmanager
async def editing(
    folder: Path, text: str = CODE, name: str = "src/boxes.py", capabilities: Json | None = None, **more: Any
) -> AsyncIterator[tuple[Editor, str]]:
    """An editor with one document of `work` open; VICTOR_HOME is `home`."""
    root = folder / "work"
    root.mkdir(exist_ok=True)
    uri = uris.from_path(str(root / name))
    async with running_server() as editor:
        await editor.initialize(
            capabilities or {},
            workspaceFolders=[{"uri": uris.from_path(str(root)), "name": "work"}],
            initializationOptions={"home": str(folder / "home")},
        )
        editor.open(uri, text, **more)
        yield editor, uri


async def listed(editor: Editor, uri: str, first: int, last: int, **context: Any) -> list[Json]:
    """The assists for the lines from `first` up to `last`; with the same line twice, for a cursor."""
    span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    asked = {
        "textDocument": {"uri": uri},
        "range": span,
        "context": {"diagnostics": [], **context},
    }
    found: list[Json] = await editor.request("textDocument/codeAction", asked)
    return [
        each
        for each in found
        if each.get("command", {}).get("command") == "victor.assist" or "disabled" in each
    ]


def ids(actions: list[Json]) -> list[str]:
    """Which assists."""
    return [each["command"]["arguments"][0]["assist"] for each in actions]


async def test_what_is_listed(tmp_path: Path) -> None:
    """Each as a command alone, of a kind that no editor runs on save, none preferred; the agent is not even opened."""
    async with editing(tmp_path) as (editor, uri):
        actions = await listed(editor, uri, 3, 5)
        assert ids(actions) == ["explain", "document", "tests", "simplify", "types", "review", "fix"]
        for action in actions:
            assert not {"edit", "isPreferred", "tags", "data", "disabled"} & set(action)
            assert action["command"]["title"] == action["title"]
            assert action["kind"].startswith(("victor.", "refactor.rewrite.victor.", "quickfix.victor"))
            (argument,) = action["command"]["arguments"]
            assert argument["uri"] == uri
            assert argument["range"]["end"] == {"line": 5, "character": 0}
        assert ids(await listed(editor, uri, 4, 4)) == ids(actions)
        assert (await listed(editor, uri, 4, 4))[0]["title"] == "Victor: explain add"
        assert ids(await listed(editor, uri, 7, 7)) == ["code", "explain", "review", "fix"]
        assert editor.service.opened_agent is None


async def test_the_kinds_of_all_are_announced() -> None:
    """VS Code asks a server only for kinds that it has announced, or for such as are above or below them."""
    async with running_server() as editor:
        answer = await editor.initialize({})
    announced = answer["capabilities"]["codeActionProvider"]["codeActionKinds"]
    for kind in [assist.kind for assist in ASSISTS] + [REVIEW_KIND.value, ASK_KIND, "victor.own.mine"]:
        assert any(f"{kind}.".startswith(f"{each}.") for each in announced), kind


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["quickfix"], ["fix"]),
        (["quickfix.victor"], ["fix"]),
        (["refactor"], ["document", "simplify", "types"]),
        (["refactor.rewrite"], ["document", "simplify", "types"]),
        (["refactor.extract"], []),
        (["victor"], ["explain", "tests", "review", "commit"]),
        (["victor.commit"], ["commit"]),
        (["source.fixAll"], []),
        (["source"], []),
        (["quick"], []),
        ([""], ["explain", "document", "tests", "simplify", "types", "review", "fix"]),
        ([], ["explain", "document", "tests", "simplify", "types", "review", "fix"]),
    ],
)
async def test_kinds(tmp_path: Path, only: list[str], expected: list[str]) -> None:
    """A kind stands for all that are below it, and for no other."""
    async with editing(tmp_path) as (editor, uri):
        assert ids(await listed(editor, uri, 4, 4, only=only)) == expected


async def test_the_character_under_the_cursor_is_no_selection(tmp_path: Path) -> None:
    """Vim with ALE sends it for a cursor: what is done is about the definition."""
    async with editing(tmp_path) as (editor, uri):
        span = {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 5}}
        asked = {"textDocument": {"uri": uri}, "range": span, "context": {"diagnostics": []}}
        found = await editor.request("textDocument/codeAction", asked)
        assert found[0]["title"] == "Victor: explain add"
        assert "Ask Victor about the selection" not in [each["title"] for each in found]


async def test_an_editor_that_asks_by_itself(tmp_path: Path) -> None:
    """While the cursor moves there is only what stands out: what is reported, a comment, a selection."""
    here = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 5}}
    told = [{"range": here, "message": "bad\nthing", "source": "lint", "code": 7}]
    async with editing(tmp_path) as (editor, uri):
        assert ids(await listed(editor, uri, 4, 4, triggerKind=2)) == []
        assert ids(await listed(editor, uri, 7, 7, triggerKind=2)) == ["code"]
        assert "explain" in ids(await listed(editor, uri, 3, 5, triggerKind=2))
        (fix,) = await listed(editor, uri, 4, 4, triggerKind=2, diagnostics=told)
        assert fix["title"] == "Victor: fix “bad thing”"
        assert fix["diagnostics"] == told
        (argument,) = fix["command"]["arguments"]
        assert argument["reported"] == [
            {"startLine": 4, "endLine": 5, "message": "bad\nthing", "source": "lint", "code": "7"}
        ]


async def test_what_victor_reports_has_fixes_of_its_own(tmp_path: Path) -> None:
    """Its diagnostics are not given to a model."""
    here = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 5}}
    told = [{"range": here, "message": "a secret", "source": "victor"}]
    async with editing(tmp_path) as (editor, uri):
        fix = (await listed(editor, uri, 4, 4, diagnostics=told))[-1]
        assert fix["title"] == "Victor: fix what is wrong here"
        assert "reported" not in fix["command"]["arguments"][0]


async def test_what_victor_reports_is_known_without_its_name(tmp_path: Path) -> None:
    """Vim with ALE sends a diagnostic back with its code alone."""
    async with editing(tmp_path, "key = CERTAIN_ABCD\n") as (editor, uri):
        (secret,) = await editor.diagnostics(uri)
        told = [{name: secret[name] for name in ("range", "message", "code")}]
        fix = (await listed(editor, uri, 0, 0, diagnostics=told))[-1]
        assert fix["title"] == "Victor: fix what is wrong here"
        others = [{**told[0], "code": "E1"}]
        fix = (await listed(editor, uri, 0, 0, diagnostics=others))[0]
        assert fix["command"]["arguments"][0]["reported"][0]["code"] == "E1"


@pytest.mark.parametrize(
    "odd",
    [
        {"severity": 99},
        {"severity": 1, "tags": [1, 9], "relatedInformation": [], "data": {"class": [1]}},
        {"message": {"kind": "markdown", "value": "bad"}},
        {"source": "\ud800", "code": "x" * 10_000},
        {"codeDescription": {"href": "x"}},
        {"source": 5},
        {"code": {"value": 1}},
    ],
)
async def test_whatever_a_client_reports(tmp_path: Path, odd: Json) -> None:
    """A list, or an error of its own: never a fault of the server."""
    here = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 5}}
    async with editing(tmp_path) as (editor, uri):
        told = [{"range": here, "message": "bad", **odd}]
        if ("source" in odd and odd["source"] == 5) or isinstance(odd.get("message"), dict):
            with pytest.raises(ServerError, match="-32602"):
                await listed(editor, uri, 4, 4, diagnostics=told)
        else:
            assert ids(await listed(editor, uri, 4, 4, diagnostics=told))[0] == "fix"


async def test_what_the_client_knows(tmp_path: Path) -> None:
    """Tags where it has them; reasons where it shows them and asks for that kind."""
    async with editing(tmp_path, capabilities=KINDS) as (editor, uri):
        actions = await listed(editor, uri, 4, 4)
        assert all(each["tags"] == [1] for each in actions)
        disabled = await listed(editor, uri, 0, 0, only=["refactor"])
        assert [each["title"] for each in disabled] == [
            "Victor: do what a comment says",
            "Victor: write what a comment says",
            "Victor: document",
            "Victor: simplify",
            "Victor: add types",
        ]
        assert all(each["disabled"]["reason"].endswith(".") and "command" not in each for each in disabled)


@pytest.mark.parametrize("name", ["src/.env", ".ssh/config", "deploy/server.pem"])
async def test_private_files_have_none(tmp_path: Path, name: str) -> None:
    """Nothing of them leaves this machine, so nothing is offered."""
    async with editing(tmp_path, name=name) as (editor, uri):
        assert await listed(editor, uri, 3, 5, only=["victor", "refactor", "quickfix"]) == []


async def test_documents_that_victor_opened(tmp_path: Path) -> None:
    """An answer is not explained again; a document that is no file has what needs none."""
    async with editing(tmp_path) as (editor, _):
        view = uris.from_path(str(tmp_path / "home" / "views" / "assist-1.md"))
        editor.open(view, CODE)
        assert await listed(editor, view, 3, 5) == []
        editor.open("untitled:Untitled-1", CODE)
        found = await listed(editor, "untitled:Untitled-1", 3, 5)
        assert ids(found) == ["explain", "document", "simplify", "types", "review", "fix"]


async def test_where_git_asks_for_a_message(tmp_path: Path) -> None:
    """There that is all; with an instruction in a comment there is what it says."""
    async with editing(tmp_path, "\n# Please\n", ".git/COMMIT_EDITMSG", language="gitcommit") as (
        editor,
        uri,
    ):
        assert ids(await listed(editor, uri, 0, 0)) == ["commit"]
        other = uris.from_path(str(tmp_path / "work" / "b.py"))
        editor.open(other, "# victor: sort them\nx = [2, 1]\n")
        assert "Victor: do what the comment says: sort them" in [
            each["title"] for each in await listed(editor, other, 1, 1)
        ]


async def test_own_assists(tmp_path: Path) -> None:
    """Those of VICTOR_HOME at once, a project's once its folder is trusted; what is wrong in a file is told once."""
    mine = "assists:\n  mine: {title: Mine, prompt: p}\n  wrong: {title: W}\n"
    write_tree(tmp_path, {"home/assists.yaml": mine})
    project = "assists:\n  theirs: {title: Theirs, prompt: p, gives: document}\n"
    write_tree(tmp_path, {"work/.victor/assists.yaml": project})
    async with editing(tmp_path) as (editor, uri):
        await editor.until(lambda: True)
        found = await _once_read(editor, uri)
        assert [each["title"] for each in found if "own" in each["kind"]] == ["Victor: Mine"]
        told = await editor.notification("window/showMessage")
        assert "assists.wrong prompt is missing" in told["message"]
        TrustStore(tmp_path / "home").set(tmp_path / "work", trusted=True)
        found = await listed(editor, uri, 3, 5)
        while not any("project." in each for each in ids(found)):
            found = await listed(editor, uri, 3, 5)
        *_, theirs, _ = found
        assert theirs["title"] == "Victor: Theirs (this project's)"
        assert theirs["kind"] == "victor.own.theirs"
        assert not [each for each in editor.received if each.get("method") == "window/showMessage"]


async def _once_read(editor: Editor, uri: str) -> list[Json]:
    """The list, once the file was read: the first list of all waits for it a moment only."""
    found = await listed(editor, uri, 3, 5)
    while not any("own." in each for each in ids(found)):
        found = await listed(editor, uri, 3, 5)
    return found


@pytest.mark.parametrize(
    "span",
    [
        ((99, 0), (99, 5)),
        ((5, 0), (2, 0)),
        ((0, 0), (10_000_000, 0)),
        ((0, 2_000_000), (0, 2_000_001)),
    ],
)
async def test_any_range_at_all(tmp_path: Path, span: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """A range beyond the document, or backwards, is none that fails."""
    async with editing(tmp_path) as (editor, uri):
        start, end = ({"line": line, "character": character} for line, character in span)
        asked = {
            "textDocument": {"uri": uri},
            "range": {"start": start, "end": end},
            "context": {"diagnostics": []},
        }
        assert isinstance(await editor.request("textDocument/codeAction", asked), list)


async def test_a_large_file(tmp_path: Path) -> None:
    """Ten thousand lines, and lists all over it: the bound on CPU time is far above what they take."""
    text = "".join(f"def f{number}(a):\n    return call({number}, a)\n\n" for number in range(3_400))
    async with editing(tmp_path, text) as (editor, uri):
        await listed(editor, uri, 0, 0)
        begun = time.process_time()
        for line in range(0, 10_000, 500):
            assert ids(await listed(editor, uri, line, line))
        assert time.process_time() - begun < 4


def test_every_assist_is_listed_somewhere() -> None:
    """The lists above have all of them."""
    assert {each.id for each in ASSISTS} == {
        *("fix", "refactor", "code", "explain", "document", "tests", "simplify", "types", "review", "commit")
    }
