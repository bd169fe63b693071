"""Assists over the wire: what a person sees of them in editors that can much, and in those that can little."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from assists_running import Assisting, after, assisting
from chat.talk import Talk
from lsp.chatting import PlayedAgent
from lsp.editor import DELAYS, Editor, Json, ServerError, running_server
from lsp.fake_services import FakeServices
from lsp.reviewing import Buffers
from pytest_lsp import client_capabilities
from repositories import make_repository, run_git, write_tree

from victor_server.agent.context.sources import EditorSource
from victor_server.features.assists.assist import Assist
from victor_server.features.assists.offered import Offered, Spot, offer_code
from victor_server.features.assists.outcome import Outcome
from victor_server.features.assists.partial import Partly
from victor_server.features.assists.place import Place
from victor_server.features.assists.run import Told, run_assist
from victor_server.features.chat.chat import Chat
from victor_server.history.history import History
from victor_server.lsp import uris
from victor_server.lsp.converter import lsp_converter
from victor_server.lsp.session import Delays

CODE = "def add(a, b):\n    if a:\n        return a + b\n    return b\n\n\nx = add(1, 2)\n"
SIMPLER = "def add(a, b):\n    return a + b if a else b\n"
SIMPLE = f"```python\n{SIMPLER}```"
VIM: Json = {"workspace": {"applyEdit": False}, "textDocument": {"codeAction": {}}}
SHOWS: Json = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
OPENS: Json = {"window/showDocument": {"success": True}, "window/workDoneProgress/create": None}


@dataclass(slots=True)
class AssistingAgent(PlayedAgent):
    """An agent whose assists are real."""

    work: Assisting | None = None

    async def assist(
        self,
        assist: Assist,
        place: Place,
        *,
        around: EditorSource | None,
        told: Told,
        partly: Partly | None = None,
    ) -> Outcome:
        assert self.work is not None
        return await run_assist(assist, place, self.work.ports, around=around, told=told, partly=partly)

    async def offer(self, text: str, place: Place, spot: Spot, title: str) -> Offered:
        assert self.work is not None
        return await offer_code(text, place, self.work.ports, spot, title)


@dataclass(frozen=True, slots=True)
class Desk:
    """An editor with a document open, and what works behind it."""

    editor: Editor
    work: Assisting
    uri: str
    buffers: Buffers

    async def actions(self, first: int, last: int, **context: Any) -> list[Json]:
        """The assists for a range."""
        span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
        asked = {"textDocument": {"uri": self.uri}, "range": span, "context": {"diagnostics": [], **context}}
        found = await self.editor.request("textDocument/codeAction", asked)
        return [each for each in found if each.get("command", {}).get("command") == "victor.assist"]

    async def choose(self, assist: str, first: int = 0, last: int = 4, **context: Any) -> None:
        """Choose an action, as an editor does; nothing is waited for."""
        found = await self.actions(first, last, **context)
        command = next(
            each["command"] for each in found if each["command"]["arguments"][0]["assist"] == assist
        )
        asked = {"command": command["command"], "arguments": command["arguments"]}
        assert await self.editor.request("workspace/executeCommand", asked) is None

    async def told(self) -> str:
        """The next message to the person, but for the review's own."""
        while True:
            message = str((await self.editor.notification("window/showMessage"))["message"])
            if not message.startswith("Victor proposes "):
                return message

    async def proposed(self, n_edits: int = 1) -> None:
        """Wait until so many changes are under review."""
        await self.editor.until(lambda: len(self.work.reviews.list()) == n_edits)

    async def done(self) -> str:
        """Wait for the end of a progress; what it ends with."""
        end = await self.editor.wait(
            lambda each: each.get("method") == "$/progress" and each["params"]["value"]["kind"] == "end"
        )
        return str(end["params"]["value"].get("message", ""))

    async def opened(self) -> str:
        """The next document that is opened; its text."""
        message = await self.editor.wait(lambda each: each.get("method") == "window/showDocument")
        return await asyncio.to_thread(Path(uris.to_path(message["params"]["uri"]) or "").read_text)


@asynccontextmanager
async def at_desk(
    folder: Path,
    *replies: Any,
    capabilities: Json | None = None,
    answers: Json | None = None,
    text: str = CODE,
    name: str = "src/boxes.py",
    language: str = "python",
    delays: Delays = DELAYS,
    **more: Any,
) -> AsyncIterator[Desk]:
    """A document of the workspace open in an editor, as it is on disk; the model gives these replies."""
    async with assisting(folder, *replies, **more) as work:
        write_tree(work.root, {name: text})
        history = History(folder / "home" / "chats.db")
        talk = Talk(folder / "home" / "chats.db")

        def bring(services: FakeServices) -> None:
            services.open_agent = lambda: AssistingAgent(
                Chat(history, talk.ports()), edits=work.reviews, work=work
            )

        buffers = Buffers()
        all_answers = {"workspace/applyEdit": buffers.apply, **OPENS, **(answers or {})}
        async with running_server(all_answers, bring, delays=delays) as editor:
            buffers.editor = editor
            await editor.initialize(
                SHOWS if capabilities is None else capabilities,
                workspaceFolders=[{"uri": uris.from_path(str(work.root)), "name": "work"}],
                initializationOptions={"home": str(folder / "home")},
            )
            uri = uris.from_path(str(work.root / name))
            buffers.texts[uri], buffers.versions[uri] = text, 1
            editor.open(uri, text, language=language)
            yield Desk(editor, work, uri, buffers)
        history.close()


async def test_a_change_is_proposed(tmp_path: Path) -> None:
    """The command answers at once; progress tells who answers; the change waits for a person."""
    async with at_desk(tmp_path, SIMPLE) as desk:
        await desk.choose("simplify")
        begin = await desk.editor.notification("$/progress")
        assert begin["value"] == {
            "kind": "begin",
            "title": "Victor: simplify the selection",
            "cancellable": True,
        }
        report = await desk.editor.notification("$/progress")
        assert report["value"]["message"] == "script"
        assert await desk.done() == "done, by script"
        await desk.proposed()
        (edits,) = desk.work.reviews.list()
        assert after(edits.files[0]) == CODE.replace("".join(CODE.splitlines(True)[:4]), SIMPLER)
        assert str(edits.files[0].path) == uris.to_path(desk.uri)


async def test_the_definition_at_the_cursor(tmp_path: Path) -> None:
    """Told exactly by the parser before a model is asked."""
    text = "class A:\n    def add(self):\n        x = 1\n        return 1\n"
    async with at_desk(tmp_path, "It adds.", text=text) as desk:
        await desk.choose("explain", 2, 2)
        assert "It adds." in await desk.opened()
        assert "src/boxes.py, lines 2-4 (selected)" in desk.work.asked()


async def test_something_to_read(tmp_path: Path) -> None:
    """A document with who wrote it and the receipt."""
    async with at_desk(tmp_path, "It adds two numbers.") as desk:
        await desk.choose("explain")
        text = await desk.opened()
        assert text.startswith("# Explain the selection\n\nIt adds two numbers.\n\n*script*\n\n*Receipt ")
        assert not desk.work.reviews.list()


@pytest.mark.parametrize("capabilities", [{}, VIM])
async def test_an_editor_that_can_nothing(tmp_path: Path, capabilities: Json) -> None:
    """It is told that something has begun, then where the document or the patch lies; no request goes to it."""
    async with at_desk(tmp_path, "It adds.", SIMPLE, capabilities=capabilities) as desk:
        await desk.choose("explain")
        assert await desk.told() == "Victor: explain the selection …"
        file = Path((await desk.told()).removeprefix("Victor wrote "))
        assert "It adds." in await asyncio.to_thread(file.read_text)
        await desk.choose("simplify")
        assert await desk.told() == "Victor: simplify the selection …"
        patch = await asyncio.to_thread(Path((await desk.told()).removeprefix("Victor wrote ")).read_text)
        assert "--- a/src/boxes.py\n+++ b/src/boxes.py\n@@ -1,7 +1,5 @@\n" in patch
        assert "+    return a + b if a else b\n" in patch
        assert not [each for each in desk.editor.received if "method" in each and "id" in each]


RECORDED = ["neovim@v0.11.0", "visual-studio-code@v1.65.2", "emacs@v29.1"]


@pytest.mark.parametrize("editor", RECORDED)
async def test_recorded_editors(tmp_path: Path, editor: str) -> None:
    """With the capabilities of real ones: an answer at once, one message about the change, nothing blocked."""
    capabilities = json.loads(json.dumps(lsp_converter().unstructure(client_capabilities(editor))))
    async with at_desk(tmp_path, SIMPLE, capabilities=capabilities) as desk:
        await desk.choose("simplify")
        await desk.editor.until(lambda: bool(desk.work.reviews.list()))
        assert len(desk.work.reviews.list()) == 1


async def test_lists_are_instant_while_a_model_is_asked(tmp_path: Path) -> None:
    """A run holds up neither the next list nor another run; two at once both come to their end."""
    slow = [{"sleep_ms": 300}, {"text": SIMPLE}]
    async with at_desk(tmp_path, slow, slow) as desk:
        await desk.choose("simplify")
        await desk.choose("types")
        assert len(await desk.actions(0, 4)) > 5
        assert desk.work.reviews.list() == []
        assert [await desk.done(), await desk.done()] == ["done, by script"] * 2
        await desk.editor.until(lambda: len(desk.work.reviews.list()) == 2)
        titles = [each.origin.title for each in desk.work.reviews.list()]
        assert sorted(titles) == ["Add types to the selection", "Simplify the selection"]


async def test_a_fix_of_what_the_editor_reports(tmp_path: Path) -> None:
    """Sent along with the action, or asked of the editor where nothing was sent; each told once."""
    here = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
    report = {"range": here, "message": "`a` may be None", "source": "types", "code": "T1", "severity": 1}
    documents = {"documents": [{"uri": "", "diagnostics": [report]}]}
    capabilities = {**SHOWS, "experimental": {"victor": {"diagnostics": True}}}
    async with at_desk(
        tmp_path,
        SIMPLE,
        SIMPLE,
        capabilities=capabilities,
        answers={"victor/editor/diagnostics": lambda _: documents},
    ) as desk:
        documents["documents"][0]["uri"] = desk.uri
        await desk.choose("fix", 1, 1)
        await desk.proposed()
        await desk.choose("fix", 1, 1, diagnostics=[report])
        await desk.proposed(2)
        assert {each.origin.title for each in desk.work.reviews.list()} == {"Fix “`a` may be None”"}
        for number in (0, 1):
            assert desk.work.asked(number).count("* line 2: `a` may be None [types T1]") == 1


async def test_a_fix_where_nothing_is_known(tmp_path: Path) -> None:
    """Vim with ALE sends no diagnostics and none can be asked for: the model looks for itself."""
    async with at_desk(tmp_path, SIMPLE, capabilities=VIM) as desk:
        await desk.choose("fix", 1, 1)
        await desk.told()
        patch = Path((await desk.told()).removeprefix("Victor wrote "))
        assert "*script*" in await asyncio.to_thread(patch.read_text)
        assert "Something may be wrong with the selected lines" in desk.work.asked()


async def test_an_instruction_in_a_comment(tmp_path: Path) -> None:
    """What stands above the selection is done, in an editor that has nothing to ask with."""
    async with at_desk(tmp_path, SIMPLE, text=f"# victor: one line\n{CODE}") as desk:
        await desk.choose("refactor", 1, 5)
        await desk.proposed()
        (edits,) = desk.work.reviews.list()
        assert edits.origin.title == "Do what the comment says: one line"
        assert "victor:" not in after(edits.files[0])


async def test_stop(tmp_path: Path) -> None:
    """Stopped where its progress is shown, the call ends in order and nothing is proposed; the next one runs."""
    slow = [{"text": "```python\n" + "# x\n" * 300}, {"sleep_ms": 60_000}, {"text": "x"}]
    async with at_desk(tmp_path, slow, SIMPLE) as desk:
        await desk.choose("simplify")
        report = await desk.editor.wait(lambda each: "characters" in str(each.get("params")))
        token = report["params"]["token"]
        assert report["params"]["value"]["message"] == "script: 1,210 characters"
        desk.editor.notify("window/workDoneProgress/cancel", {"token": token})
        assert await desk.done() == ""
        assert desk.work.reviews.list() == []
        desk.editor.notify("window/workDoneProgress/cancel", {"token": token})
        await desk.choose("simplify")
        await desk.proposed()


async def test_the_end_of_the_connection(tmp_path: Path) -> None:
    """An assist that runs ends with it."""
    async with at_desk(tmp_path, [{"text": "so"}, {"sleep_ms": 60_000}, {"text": "x"}]) as desk:
        await desk.choose("simplify")
        await desk.editor.notification("$/progress")
        assert await desk.editor.goodbye() == 0


@pytest.mark.parametrize("closes", [True, False])
async def test_the_document_changes_meanwhile(tmp_path: Path, closes: bool) -> None:
    """Closed or edited while the model thinks: the proposal is for the text that it was shown, and nothing is written."""
    async with at_desk(tmp_path, [{"sleep_ms": 200}, {"text": SIMPLE}]) as desk:
        await desk.choose("simplify")
        if closes:
            desk.editor.close(desk.uri)
        else:
            desk.editor.change(desk.uri, 2, {"text": f"# new\n{CODE}"})
        await desk.proposed()
        (edits,) = desk.work.reviews.list()
        assert edits.files[0].base == CODE
        assert (desk.work.root / "src/boxes.py").read_text() == CODE


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"error": "provider_auth"}, "Victor: "),
        ([{"text": "no"}, {"stop": "refused"}], "Victor: The model declines to do this."),
    ],
)
async def test_what_goes_wrong_is_said(tmp_path: Path, reply: Any, says: str) -> None:
    """In a sentence, with what to do next, and without a trace of the program."""
    async with at_desk(tmp_path, reply) as desk:
        await desk.choose("simplify")
        told = await desk.told()
        assert told.startswith(says)
        assert "Traceback" not in told
        assert 'File "' not in told


async def test_what_cannot_be_run(tmp_path: Path) -> None:
    """A document that is not open, an assist that there is not, a place where there is nothing to do."""
    async with at_desk(tmp_path, SIMPLE) as desk:
        run = {"command": "victor.assist"}
        with pytest.raises(ServerError) as refused:
            await desk.editor.request(
                "workspace/executeCommand", {**run, "arguments": [{"assist": "explain", "uri": "file:///no"}]}
            )
        assert refused.value.error["data"]["kind"] == "usage"
        for argument, says in (
            ({"assist": "none", "uri": desk.uri}, "Victor: There is no assist 'none'."),
            ({"assist": "types", "uri": desk.uri}, "Victor: Select the lines"),
        ):
            span = {"start": {"line": 6, "character": 0}, "end": {"line": 6, "character": 0}}
            arguments = [{**argument, "range": span}]
            assert (
                await desk.editor.request("workspace/executeCommand", {**run, "arguments": arguments}) is None
            )
            assert (await desk.told()).startswith(says)
        assert desk.work.requests == []


async def test_nothing_to_change(tmp_path: Path) -> None:
    """Said, with who says so."""
    same = "".join(CODE.splitlines(True)[:4])
    async with at_desk(tmp_path, f"```python\n{same}```") as desk:
        await desk.choose("simplify")
        assert await desk.told() == "Victor: nothing to change here, says script."
        assert await desk.done() == "nothing to change, by script"


async def test_own_assists_run(tmp_path: Path) -> None:
    """With their prompt, in Victor's forms."""
    write_tree(tmp_path, {"home/assists.yaml": "assists:\n  mine: {title: Mine, prompt: Turn it around.}\n"})
    async with at_desk(tmp_path, SIMPLE) as desk:
        while "own.mine" not in str(await desk.actions(0, 4)):
            await desk.editor.settle()
        await desk.choose("own.mine")
        await desk.proposed()
        assert "Turn it around." in desk.work.asked()


def repository(folder: Path) -> Path:
    """A repository with a change that is staged."""
    root = make_repository(folder / "work", {"a.py": "x = 1\n"}, tracked=("a.py",))
    run_git(root, "commit", "-qm", "Count the boxes")
    write_tree(root, {"a.py": "x = 2\n"})
    run_git(root, "add", "a.py")
    return root


@pytest.mark.parametrize("versioned", [True, False])
async def test_the_commit_message_is_written(tmp_path: Path, versioned: bool) -> None:
    """At the beginning of the document that git opened, dated where the editor can."""
    repository(tmp_path)
    workspace = {"applyEdit": True, "workspaceEdit": {"documentChanges": versioned}}
    async with at_desk(
        tmp_path,
        "Count them anew",
        capabilities={**SHOWS, "workspace": workspace},
        answers={"workspace/applyEdit": {"applied": True}},
        text="\n# Please\n",
        name=".git/COMMIT_EDITMSG",
        language="gitcommit",
    ) as desk:
        await desk.choose("commit", 0, 0)
        message = await desk.editor.wait(lambda each: each.get("method") == "workspace/applyEdit")
        edit = message["params"]["edit"]
        start = {"line": 0, "character": 0}
        inserted = [{"range": {"start": start, "end": start}, "newText": "Count them anew"}]
        if versioned:
            document = {"uri": desk.uri, "version": 1}
            assert edit == {"documentChanges": [{"textDocument": document, "edits": inserted}]}
        else:
            assert edit == {"changes": {desk.uri: inserted}}


@pytest.mark.parametrize("why", ["refused", "written", "elsewhere"])
async def test_the_commit_message_is_shown(tmp_path: Path, why: str) -> None:
    """Where the editor would not, where somebody has written one meanwhile, and where no such document is open."""
    repository(tmp_path)
    name = "b.py" if why == "elsewhere" else ".git/COMMIT_EDITMSG"
    text = "Mine\n# Please\n" if why == "written" else "\n# Please\n"
    answers = {"workspace/applyEdit": {"applied": False}}
    async with at_desk(tmp_path, "Count them anew", answers=answers, text=text, name=name) as desk:
        await desk.choose("commit", 0, 0, only=["victor"])
        assert "```text\nCount them anew\n```" in await desk.opened()
        if why != "refused":
            assert not [each for each in desk.editor.received if each.get("method") == "workspace/applyEdit"]


async def test_a_commit_message_without_a_document(tmp_path: Path) -> None:
    """The command alone is enough."""
    repository(tmp_path)
    async with at_desk(tmp_path, "Count them anew") as desk:
        asked = {"command": "victor.assist", "arguments": ["commit"]}
        assert await desk.editor.request("workspace/executeCommand", asked) is None
        assert "Count them anew" in await desk.opened()


async def test_an_untitled_document(tmp_path: Path) -> None:
    """Its change is shown as a patch."""
    async with at_desk(tmp_path, SIMPLE) as desk:
        untitled = Desk(desk.editor, desk.work, "untitled:Untitled-1", desk.buffers)
        desk.editor.open(untitled.uri, CODE)
        await untitled.choose("simplify")
        assert "+    return a + b if a else b\n" in await desk.opened()


async def test_from_what_is_reported_to_the_same_bytes_again(tmp_path: Path) -> None:
    """A fix with two hunks: one accepted, one rejected, then all undone: the buffer is what it was, byte for byte."""
    text = CODE.replace("return b\n", "return bb\n").replace("\n", "\r\n")
    fixed = "def add(a: int, b: int):\n    if a:\n        return a + b\n    return b\n"
    here = {"start": {"line": 3, "character": 11}, "end": {"line": 3, "character": 13}}
    report = {"range": here, "message": "undefined name 'bb'", "source": "lint", "severity": 1}
    async with at_desk(tmp_path, f"```python\n{fixed}```", text=text) as desk:
        await desk.choose("fix", 3, 3, diagnostics=[report])
        await desk.editor.until(lambda: bool(desk.work.reviews.list()))
        (edits,) = desk.work.reviews.list()
        signature, result = (hunk.id for hunk in edits.files[0].hunks)
        assert desk.buffers.texts[desk.uri] == text
        for hunk, decision in ((result, "accept"), (signature, "reject")):
            asked = {"id": edits.id, "decision": decision, "hunks": [hunk]}
            assert (await desk.editor.request("victor/edit/resolve", asked))["messages"] == []
        assert desk.buffers.texts[desk.uri] == text.replace("return bb", "return b")
        await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "undo"})
        assert desk.buffers.texts[desk.uri].encode() == text.encode()
        assert (desk.work.root / "src/boxes.py").read_bytes() == text.encode()


async def test_an_edit_by_instruction(tmp_path: Path) -> None:
    """A client that can ask sends what to do; the answer is the edit under review, and which model made it."""
    async with at_desk(tmp_path, SIMPLE) as desk:
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}
        asked = {"uri": desk.uri, "range": span, "instruction": "one line"}
        done = await desk.editor.request("victor/edit/propose", asked)
        assert done["model"] == "script"
        (listed,) = (await desk.editor.request("victor/edit/list", {}))["edits"]
        assert done["edit"] == listed
        assert listed["assist"] == "refactor"
        assert "They say:\n\none line" in desk.work.asked()


async def test_an_edit_by_instruction_that_comes_to_nothing(tmp_path: Path) -> None:
    """Nothing to change is no edit; no instruction and a document that is not open are errors; a cancel ends it."""
    same = "".join(CODE.splitlines(keepends=True)[:4])
    slow = [{"text": "so"}, {"sleep_ms": 60_000}, {"text": "x"}]
    async with at_desk(tmp_path, f"```python\n{same}```", slow) as desk:
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}
        asked = {"uri": desk.uri, "range": span, "instruction": "one line"}
        done = await desk.editor.request("victor/edit/propose", asked)
        assert done == {"edit": None, "model": "script"}
        for wrong in ({"instruction": " "}, {"uri": "file:///no"}):
            with pytest.raises(ServerError) as refused:
                await desk.editor.request("victor/edit/propose", {**asked, **wrong})
            assert refused.value.error["data"]["kind"] == "usage"
        request = desk.editor.send_request("victor/edit/propose", {**asked, "workDoneToken": "mine"})
        begin = await desk.editor.wait(lambda each: each.get("params", {}).get("token") == "mine")
        assert begin["params"]["value"]["kind"] == "begin"
        await desk.editor.until(lambda: len(desk.work.requests) == 2)
        desk.editor.notify("$/cancelRequest", {"id": request})
        with pytest.raises(ServerError) as cancelled:
            await desk.editor.response(request)
        assert cancelled.value.code == -32800
        assert desk.work.reviews.list() == []


async def test_an_editor_that_never_answers_about_its_progress(tmp_path: Path) -> None:
    """The work is done all the same, and the person is told that it has begun."""
    answers = {"window/workDoneProgress/create": ...}
    async with at_desk(tmp_path, SIMPLE, answers=answers, delays=Delays(answer_s=0.05)) as desk:
        await desk.choose("simplify")
        assert (await desk.told()).endswith(" …")
        await desk.proposed()
