"""Chats and receipts as documents, for editors that have nothing else to show them in."""

import asyncio
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from chat.talk import Hanging, Talk, saying
from lsp.chatting import chatting, new_chat
from lsp.editor import Editor, Json, ServerError, running_server, without_assists
from secrets_samples import github_token

from victor_server.agent.context.mentions import as_mention
from victor_server.agent.receipt import Receipt, to_data
from victor_server.agent.run_events import Answered, TurnEnded
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.history.history import History
from victor_server.history.model import StoredReceipt
from victor_server.lsp import uris

SHOWS: Json = {"window": {"showDocument": {"support": True}}, "workspace": {"applyEdit": True}}
ABOUT = f"About {as_mention('file', 'src/a b.py')}:1-2: "
OPENS = {"window/showDocument": {"success": True}, "workspace/applyEdit": {"applied": True}}


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A chat in a scratch home."""
    return Talk(tmp_path / "home" / "sessions.db")


async def command(editor: Editor, name: str, argument: Any = None) -> None:
    """Execute a command; all of these answer null at once."""
    arguments = [] if argument is None else [argument]
    assert await editor.request("workspace/executeCommand", {"command": name, "arguments": arguments}) is None


async def request_of(editor: Editor, method: str) -> Json:
    """Wait for a request of the server; its params."""
    params: Json = (await editor.wait(lambda message: message.get("method") == method))["params"]
    return params


async def opened_file(editor: Editor) -> Path:
    """Wait until the server has a document shown; its file."""
    path = uris.to_path((await request_of(editor, "window/showDocument"))["uri"])
    assert path is not None
    return Path(path)


async def actions(editor: Editor, uri: str, last: int, only: list[str] | None = None) -> list[Json]:
    """The actions for the lines up to `last`."""
    span = {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}
    context: Json = {"diagnostics": [], **({"only": only} if only is not None else {})}
    params = {"textDocument": {"uri": uri}, "range": span, "context": context}
    found: list[Json] = without_assists(await editor.request("textDocument/codeAction", params))
    return found


async def test_ask_in_a_document(talk: Talk, tmp_path: Path) -> None:
    """The action opens a document about the selection; what is written there is sent, the answer comes as an edit."""
    uri = uris.from_path(str(tmp_path / "src" / "a b.py"))
    async with chatting(talk, tmp_path, SHOWS, dict(OPENS)) as editor:
        editor.open(uri, "one\ntwo\nthree\n")
        (action,) = await actions(editor, uri, 2)
        assert (action["title"], action["kind"]) == ("Ask Victor about the selection", "victor.ask")
        await command(editor, action["command"]["command"], action["command"]["arguments"][0])
        file = await opened_file(editor)
        text = file.read_text()
        assert text.endswith(f"## You\n\n{ABOUT}\n")
        chat_uri = uris.from_path(str(file))
        editor.open(chat_uri, text.rstrip("\n") + "why 𝄞?", language="markdown")
        (send,) = await actions(editor, chat_uri, 0)
        await command(editor, send["command"]["command"], send["command"]["arguments"][0])
        edit = (await request_of(editor, "workspace/applyEdit"))["edit"]["changes"][chat_uri]
        assert [each["newText"] for each in edit] == ["\n\n## Victor\n\nBecause.\n\n## You\n\n"]
        last = text.rstrip("\n").count("\n")
        place = {"line": last, "character": len(text.rstrip("\n").split("\n")[last]) + len("why ??") + 1}
        assert edit[0]["range"] == {"start": place, "end": place}
    assert talk.asked[0].text == f"{ABOUT}why 𝄞?"
    assert talk.asked[0].root == tmp_path


async def test_a_question_at_once(talk: Talk, tmp_path: Path) -> None:
    """With a question the document comes with its answer; only its owner can read it."""
    async with chatting(talk, tmp_path, SHOWS, dict(OPENS)) as editor:
        await command(editor, "victor.chat", "why?")
        file = await opened_file(editor)
    text = file.read_text()
    assert "## You\n\nwhy?\n\n## Victor\n\nBecause.\n\n## You\n" in text
    assert file.parent == talk.file.parent / "views"
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("lies", [".env", ".aws/settings", "vscode-remote://box/home/me/.aws/settings"])
async def test_nothing_private_is_quoted(talk: Talk, tmp_path: Path, lies: str) -> None:
    """A private file that lies outside of the open folders: nothing of it comes into a question or a document."""
    uri = lies if "://" in lies else uris.from_path(str(tmp_path / "elsewhere" / lies))
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    async with chatting(talk, tmp_path / "work", SHOWS, dict(OPENS)) as editor:
        editor.open(uri, "HOST=inside.example\n", language="ini")
        await command(editor, "victor.chat", {"uri": uri, "range": span, "text": "explain"})
        told = (await request_of(editor, "window/showMessage"))["message"]
    assert "never leave this machine" in told
    assert talk.asked == []
    assert not (talk.file.parent / "views").exists()


async def test_no_secret_comes_into_a_document(talk: Talk, tmp_path: Path) -> None:
    """A document is a file: neither the question nor a selection nor the answer brings a secret into it."""
    token = github_token()

    def reply(_: Any) -> Any:
        async def events() -> Any:
            yield Answered(ShownText(f"It is {token}"), KeptText("It is [REDACTED]"))
            yield TurnEnded("end_turn")

        return events()

    talk.reply = reply
    async with chatting(talk, tmp_path, SHOWS, dict(OPENS)) as editor:
        editor.open("untitled:Untitled-1", f"token = '{token}'\nx\n")
        (action,) = [
            each for each in await actions(editor, "untitled:Untitled-1", 1) if each["kind"] == "victor.ask"
        ]
        await command(editor, "victor.chat", {**action["command"]["arguments"][0], "text": "what is it?"})
        text = (await opened_file(editor)).read_text()
    assert token not in text
    assert "```python\ntoken = " in text
    assert "It is [REDACTED]" in text
    assert token in talk.turns[0].prompt


@pytest.mark.parametrize("refuses", [True, False])
async def test_editors_that_show_nothing(talk: Talk, refuses: bool) -> None:
    """Where no document can be shown, or the editor would not, the person is told where it lies."""
    capabilities = SHOWS if refuses else {}
    answers = {"window/showDocument": {"success": False}}
    async with chatting(talk, capabilities=capabilities, answers=answers) as editor:
        await command(editor, "victor.chat", "why?")
        message = await editor.notification("window/showMessage")
    file = Path(message["message"].removeprefix("Victor wrote "))
    assert "Because." in await asyncio.to_thread(file.read_text)


async def test_an_editor_that_takes_no_edit(talk: Talk) -> None:
    """The answer is written to the file, which is shown again."""
    async with chatting(
        talk, capabilities=SHOWS, answers={**OPENS, "workspace/applyEdit": {"applied": False}}
    ) as editor:
        await command(editor, "victor.chat")
        file = await opened_file(editor)
        editor.open(uris.from_path(str(file)), file.read_text() + "why?", language="markdown")
        await command(editor, "victor.chat.send", {"uri": uris.from_path(str(file))})
        assert await opened_file(editor) == file
        assert file.read_text().endswith("why?\n\n## Victor\n\nBecause.\n\n## You\n\n")


async def test_failures_stand_in_the_document(talk: Talk) -> None:
    """What keeps a model from answering is what a person needs to read."""
    talk.reply = saying("Well", end=TurnEnded("failed", "no_model", "No model.", "Install one."))
    async with chatting(talk, capabilities=SHOWS, answers=dict(OPENS)) as editor:
        await command(editor, "victor.chat", "why?")
        assert "Well\n\n*No model. Install one.*" in (await opened_file(editor)).read_text()


async def test_what_cannot_be_sent(talk: Talk, tmp_path: Path) -> None:
    """A document that is no chat, or holds no question, is told as that."""
    async with chatting(talk, tmp_path, SHOWS, dict(OPENS)) as editor:
        await command(editor, "victor.chat")
        file = await opened_file(editor)
        chat_uri = uris.from_path(str(file))
        other = uris.from_path(str(tmp_path / file.name))
        for uri in (chat_uri, other):
            editor.open(uri, file.read_text(), language="markdown")
            with pytest.raises(ServerError) as refused:
                await command(editor, "victor.chat.send", {"uri": uri})
            assert refused.value.error["data"]["kind"] == "usage"


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
async def test_a_home_behind_a_link(tmp_path: Path) -> None:
    """An editor that names the file behind the link still has a chat."""
    (tmp_path / "real").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "real")
    talk = Talk(tmp_path / "home" / "sessions.db")
    async with chatting(talk, capabilities=SHOWS, answers=dict(OPENS)) as editor:
        await command(editor, "victor.chat")
        file = await opened_file(editor)
        for each in (file, tmp_path / "real" / "views" / file.name):
            editor.open(uris.from_path(str(each)), "## You\n\nwhy?", language="markdown")
            (send,) = await actions(editor, uris.from_path(str(each)), 0)
            assert send["title"] == "Send to Victor"


async def test_who_is_offered_what(talk: Talk, tmp_path: Path) -> None:
    """Nothing without a selection, nothing to those who ask for fixes."""
    uri = uris.from_path(str(tmp_path / "a.py"))
    async with chatting(talk, tmp_path, SHOWS) as editor:
        editor.open(uri, "one\ntwo\n")
        assert await actions(editor, uri, 0) == []
        assert await actions(editor, uri, 1, ["quickfix", "source.fixAll"]) == []
        assert len(await actions(editor, uri, 1, ["victor"])) == 1
        assert editor.service.opened_agent is None


async def test_progress_and_stop(talk: Talk) -> None:
    """The server makes the progress itself; stopping it there ends the answer and says so in the document."""
    talk.reply = Hanging()
    capabilities = {**SHOWS, "window": {"workDoneProgress": True, "showDocument": {"support": True}}}
    answers = {**OPENS, "window/workDoneProgress/create": None}
    async with chatting(talk, capabilities=capabilities, answers=answers) as editor:
        await command(editor, "victor.chat", "why?")
        begin = await editor.notification("$/progress")
        assert begin["value"]["title"] == "Victor answers"
        editor.notify("window/workDoneProgress/cancel", {"token": begin["token"]})
        text = (await opened_file(editor)).read_text()
    assert "*You stopped the answer.*" in text


async def test_the_file_of_models(talk: Talk) -> None:
    """Made where there is none, and opened: by the editor's own means or by the command."""
    async with chatting(talk, capabilities=SHOWS, answers=dict(OPENS)) as editor:
        uri = (await editor.request("victor/models/edit", {}))["uri"]
        await command(editor, "victor.models.edit")
        file = await opened_file(editor)
    assert uris.from_path(str(file)) == uri
    assert file.name == "profiles.yaml"
    assert "# default: {provider: ollama, " in await asyncio.to_thread(file.read_text)


@pytest.mark.parametrize("has_scheme", [True, False])
async def test_receipts(talk: Talk, has_scheme: bool) -> None:
    """A receipt is a `victor:` document where the editor has those, and a file elsewhere."""
    history = History(talk.file)
    receipt = Receipt(
        "r-1", "s", "t", 1.0, "chat", "done", model="small", provider="ollama", profile="default"
    )
    history.put_receipt(StoredReceipt("r-1", "s", "t", 1.0, to_data(receipt)))
    history.close()
    content: Json = {"textDocumentContent": {}} if has_scheme else {}
    capabilities = {**SHOWS, "workspace": {"applyEdit": True, **content}}
    async with chatting(talk, capabilities=capabilities, answers=dict(OPENS)) as editor:
        await command(editor, "victor.receipt", "r-1")
        uri = (await request_of(editor, "window/showDocument"))["uri"]
        if has_scheme:
            assert uri == "victor:/receipt/r-1.md"
            text = (await editor.request("workspace/textDocumentContent", {"uri": uri}))["text"]
        else:
            text = await asyncio.to_thread(Path(uris.to_path(uri) or "").read_text)
        assert "# Receipt r-1" in text
        for wrong in ("victor:/receipt/none.md", "victor:/chat/x.md", "file:///etc/passwd"):
            with pytest.raises(ServerError):
                await editor.request("workspace/textDocumentContent", {"uri": wrong})
        with pytest.raises(ServerError):
            await command(editor, "victor.receipt", "none")


@pytest.mark.parametrize("has_scheme", [True, False])
async def test_the_scheme_is_offered_to_those_who_have_it(talk: Talk, has_scheme: bool) -> None:
    """LSP 3.18's request is announced where the client announces it."""
    workspace: Json = {"textDocumentContent": {}} if has_scheme else {}
    async with running_server() as editor:
        result = await editor.initialize({"workspace": workspace})
    offered = result["capabilities"]["workspace"].get("textDocumentContent")
    assert offered == ({"schemes": ["victor"]} if has_scheme else None)


async def test_a_chat_document_is_a_chat(talk: Talk) -> None:
    """What is held in a document is listed and loaded like any chat."""
    async with chatting(talk, capabilities=SHOWS, answers=dict(OPENS)) as editor:
        await new_chat(editor)
        await command(editor, "victor.chat", "why?")
        await opened_file(editor)
        (info,) = (await editor.request("victor/chat/list", {}))["sessions"]
        assert info["title"] == "why?"
