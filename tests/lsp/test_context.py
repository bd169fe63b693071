"""`victor/context/preview` and `victor/editor/diagnostics`: from a real editor on the wire to the context and back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from context_sources import Patterns, as_question
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp.chatting import PlayedAgent
from lsp.editor import Editor, Json, ServerError, running_server
from lsp.fake_services import FakeServices
from repositories import write_tree

from victor_server.agent.context.gather import gather
from victor_server.agent.context.git import Git
from victor_server.agent.context.piece import Context
from victor_server.agent.context.sources import EditorSource, Sources
from victor_server.features.chat.model import Asked
from victor_server.lsp import uris
from victor_server.lsp.editor_diagnostics import read_answer

SECRET = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7H8"
APP = f"def start():\n    return 1\n\ntoken = '{SECRET}'\n"
DIAGNOSTICS = {"experimental": {"victor": {"diagnostics": True}}}


class Gathering(PlayedAgent):
    """An agent that gathers for real, and asks no model."""

    async def preview(self, asked: Asked) -> Context:
        sources = Sources(Patterns(), lambda _: True, asked.around, None, Git())
        return await gather(as_question(asked.prompt, asked.task, asked.root), sources, 2000)


class Remembering(Gathering):
    """The same, and keeps what it was told of the editor."""

    seen: ClassVar[list[EditorSource]] = []

    async def preview(self, asked: Asked) -> Context:
        assert asked.around is not None
        self.seen.append(asked.around)
        return await super().preview(asked)


@asynccontextmanager
async def previewing(
    root: Path,
    capabilities: Json | None = None,
    answers: dict[str, Any] | None = None,
    agent: type[Gathering] = Gathering,
) -> AsyncIterator[Editor]:
    """An editor with the folder `root` open."""

    def bring(services: FakeServices) -> None:
        services.open_agent = lambda: agent(NO_CHAT)

    async with running_server(answers, bring) as editor:
        await editor.initialize(
            capabilities, workspaceFolders=[{"uri": uris.from_path(str(root)), "name": "work"}]
        )
        yield editor


class _NoChat:
    """No chat is asked for a preview."""

    async def close(self) -> None:
        """Nothing is open."""


NO_CHAT: Any = _NoChat()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with code and instructions."""
    write_tree(tmp_path, {"app.py": APP, "AGENTS.md": "Use tabs.\n", ".env": "A=1\n"})
    return tmp_path


def told(result: Json) -> list[str]:
    """Kind, path and reason of each piece."""
    return [f"{each['kind']} {each['path']} {each['reason']}" for each in result["pieces"]]


async def test_a_preview_shows_what_a_model_would_be_shown(root: Path) -> None:
    """The unsaved text, the selection in the client's units, and placeholders where secrets stand."""
    uri = uris.from_path(str(root / "app.py"))
    async with previewing(root) as editor:
        editor.open(uri, "smile = '😀'; tail = 1\n" + APP)
        selected = {"start": {"line": 0, "character": 14}, "end": {"line": 0, "character": 22}}
        result = await editor.request(
            "victor/context/preview",
            {"prompt": "what of @AGENTS.md?", "textDocument": {"uri": uri}, "range": selected},
        )
    assert told(result) == [
        "instructions AGENTS.md instructions of this repository",
        "file AGENTS.md mentioned",
        "file app.py open in front",
        "selection app.py selected",
    ]
    by_kind = {(each["kind"], each["path"]): each for each in result["pieces"]}
    assert by_kind["selection", "app.py"]["text"] == "tail = 1"
    assert by_kind["file", "app.py"]["uri"] == uri
    assert SECRET not in str(result)
    assert "def start" in by_kind["file", "app.py"]["text"]
    assert result["n_tokens"] == sum(each["n_tokens"] for each in result["pieces"]) <= result["budget_tokens"]


async def test_an_editor_that_was_told_of_is_asked_anew(root: Path) -> None:
    """A turn takes its time: what its tools read is the text as it is by then, what the model was shown stays."""
    uri = uris.from_path(str(root / "app.py"))
    Remembering.seen.clear()
    async with previewing(root, agent=Remembering) as editor:
        editor.open(uri, "before = 1\n")
        await editor.request("victor/context/preview", {"prompt": "x", "textDocument": {"uri": uri}})
        editor.change(uri, 2, {"text": "after = 1\n"})
        await editor.settle()
        (seen,) = Remembering.seen
        assert [each.text for each in seen.buffers()] == ["before = 1\n"]
        (by_now,) = await asyncio.to_thread(seen.now().buffers)
        assert (by_now.text, by_now.edited, by_now.in_front) == ("after = 1\n", True, True)
        editor.close(uri)
        await editor.settle()
        assert not await asyncio.to_thread(seen.now().buffers)


async def test_what_is_left_out_is_said(root: Path) -> None:
    """A private file with its reason, and nothing of it."""
    async with previewing(root) as editor:
        result = await editor.request("victor/context/preview", {"prompt": "see @.env"})
    assert [(each["path"], each["reason"]) for each in result["left_out"]] == [(".env", "private: .env")]


async def test_a_command_that_there_is_not_is_refused(root: Path) -> None:
    """As it would be in a chat."""
    async with previewing(root) as editor:
        with pytest.raises(ServerError, match="no command"):
            await editor.request("victor/context/preview", {"prompt": "/nonsense"})


async def test_the_editor_is_asked_what_others_report(root: Path) -> None:
    """Of the document in front; what it says is shown, what Victor said itself is not shown twice."""
    uri = uris.from_path(str(root / "app.py"))
    asked: list[Json] = []

    def answer(params: Json) -> Json:
        asked.append(params)
        place = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 8}}
        items = [
            {"range": place, "message": "wrong", "severity": 1, "source": "pyright", "code": "E1"},
            {"range": place, "message": "again", "source": "victor"},
            {"range": "nonsense"},
        ]
        return {"documents": [{"uri": uri, "diagnostics": items}]}

    async with previewing(root, DIAGNOSTICS, {"victor/editor/diagnostics": answer}) as editor:
        editor.open(uri, APP)
        result = await editor.request("victor/context/preview", {"textDocument": {"uri": uri}})
    assert asked == [{"uris": [uri]}]
    texts = [each["text"] for each in result["pieces"] if each["kind"] == "diagnostics"]
    assert texts == ["line 2: error [pyright E1]: wrong\n"]


@pytest.mark.parametrize("capabilities", [None, DIAGNOSTICS])
async def test_an_editor_that_does_not_tell_is_done_without(root: Path, capabilities: Json | None) -> None:
    """One that does not offer it is not asked; one that refuses is believed."""
    uri = uris.from_path(str(root / "app.py"))
    async with previewing(root, capabilities) as editor:
        editor.open(uri, APP)
        result = await editor.request("victor/context/preview", {"textDocument": {"uri": uri}})
        methods = [message.get("method") for side, message in editor.log if side == "server"]
    assert ("victor/editor/diagnostics" in methods) is (capabilities is not None)
    assert not [each for each in result["pieces"] if each["kind"] == "diagnostics"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["documents", "uri", "diagnostics", "range", "start", "end", "line", "message", "severity"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=100)
@given(JSON)
def test_any_answer_of_an_editor_is_survived(answer: Any) -> None:
    """Whatever comes: notes that are whole, or none."""
    notes: Sequence[Any] = read_answer(answer)
    assert all(
        note.line >= 0 and note.severity in ("error", "warning", "information", "hint") for note in notes
    )
