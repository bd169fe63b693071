"""`victor/chat/*` and what belongs to it, on a real wire; payloads are held to the Agent Client Protocol's own types."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from acp import schema
from chat.talk import Hanging, Talk, said, saying
from lsp.chatting import ANNOUNCES_CHAT, answer_of, ask, chatting, kinds, new_chat, text_block, updates
from lsp.editor import TIMEOUT_S, Editor, Json, ServerError, running_server
from lsp.fake_services import FakeServices

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision, RuledOut
from victor_server.agent.run_events import (
    Compacted,
    ContextChosen,
    Metered,
    Noted,
    PlanChanged,
    ReceiptWritten,
    Routed,
    RunEvent,
    Thought,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.tool import Diff, Place, PlanEntry
from victor_server.agent.turn import Turn
from victor_server.lsp import uris

DECISION = Decision("chat", "default", "ollama", "small", "", "It is near.", False, (RuledOut("x", "off"),))


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A chat in a scratch home."""
    return Talk(tmp_path / "home" / "sessions.db")


async def everything(turn: Turn) -> AsyncGenerator[RunEvent, None]:
    """A turn in which all happens that can."""
    yield ContextChosen(
        Context(
            [Piece("file", "a.py", 1, 3, "mentioned", 9, "text")],
            [LeftOut("file", ".env", 0, 1, 2, "private")],
        )
    )
    yield Routed(DECISION)
    yield Compacted(4, 900, 100)
    yield Noted("hm")
    yield Thought(ShownText("let me see"), KeptText("let me see"))
    yield said("See a.py:2 ")
    yield ToolAsked("call-1", "read", {"path": "a.py"})
    here = Path(__file__)
    yield ToolStarted("call-1", "read", "Read a.py", "read", (Place(here, 4),))
    yield ToolPrinted("call-1", ShownText("halfway"))
    change = Diff(here, "old", "new"), Diff(here, None, "new"), Diff(here, "old", None)
    ended = ShownText("x = 1"), KeptText("x = 1")
    yield ToolEnded("call-1", "refused", *ended, "Read all", "a rule", (Place(here),), change)
    yield PlanChanged((PlanEntry("Look", "completed"), PlanEntry("Say", "in_progress", "high")))
    yield ToolAsked("call-2", "run", {})
    yield Metered(Usage(10, 5), 0.25)
    yield ReceiptWritten("receipt-1")
    yield TurnEnded("end_turn")


async def hanging(editor: Editor, talk: Talk, session_id: str, **more: object) -> int:
    """A question whose answer has begun and does not end; the id of the request."""
    talk.reply = reply = Hanging()
    params = {"sessionId": session_id, "prompt": text_block("why?"), **more}
    request = editor.send_request("victor/chat/prompt", params)
    await asyncio.wait_for(reply.begun.wait(), TIMEOUT_S)
    return request


def was_closed(talk: Talk) -> bool:
    """Whether the answer that hangs was closed in order."""
    return isinstance(talk.reply, Hanging) and talk.reply.closed


async def test_a_prompt(talk: Talk, tmp_path: Path) -> None:
    """Everything that happens comes as an update with a rising number; the result comes last."""
    (tmp_path / "a.py").write_text("")
    talk.reply = everything
    async with chatting(talk, tmp_path) as editor:
        session_id = await new_chat(editor)
        result = await ask(editor, session_id, "where?")
        taken = updates(editor)
    assert kinds(taken) == [
        "title", "context", "route", "compacted", "note", "agent_thought_chunk", "agent_message_chunk", "tool_call",
        "tool_call_update", "tool_call_update", "tool_call_update", "plan", "tool_call",
        "usage", "receipt", "tool_call_update", "stopReason",
    ]  # fmt: skip
    seqs = [each["_meta"]["victor"]["seq"] for each in taken]
    assert seqs == sorted(set(seqs))
    location = {
        "uri": uris.from_path(str(tmp_path / "a.py")),
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}},
    }
    turn_id = taken[0]["_meta"]["victor"]["turnId"]
    assert result == {
        "stopReason": "end_turn",
        "_meta": {"victor": {"turnId": turn_id, "receipt": "receipt-1", "citations": [location]}},
    }
    victor = {kind: each["_meta"]["victor"] for kind, each in zip(kinds(taken), taken, strict=True)}
    assert victor["stopReason"]["citations"] == [location]
    assert victor["route"]["route"]["reason"] == "It is near."
    assert victor["context"]["context"]["leftOut"] == [
        {"kind": "file", "path": ".env", "reason": "private", "tokens": 2}
    ]
    assert "text" not in victor["context"]["context"]["pieces"][0]
    assert victor["usage"]["usage"]["costUsd"] == 0.25


async def test_tools_in_a_prompt(talk: Talk) -> None:
    """What a tool is about to do, prints and gave comes under its id; one that never ended is told to be stopped."""
    talk.reply = everything
    async with chatting(talk) as editor:
        await ask(editor, await new_chat(editor), "where?")
        taken = updates(editor)
    started, printed, ended, stopped = [
        each for each in taken if each["update"]["sessionUpdate"] == "tool_call_update"
    ]
    where = str(Path(__file__))
    assert started["update"] == {
        "sessionUpdate": "tool_call_update",
        "toolCallId": "call-1",
        "status": "in_progress",
        "title": "Read a.py",
        "kind": "read",
        "locations": [{"path": where, "line": 4}],
    }
    assert printed["_meta"]["victor"]["printed"] == "halfway"
    assert "content" not in printed["update"]
    assert ended["update"]["status"] == "failed"
    assert ended["update"]["title"] == "Read all"
    assert ended["update"]["content"] == [
        {"type": "diff", "path": where, "oldText": "old", "newText": "new"},
        {"type": "diff", "path": where, "oldText": None, "newText": "new"},
        {"type": "diff", "path": where, "oldText": "old", "newText": ""},
        {"type": "content", "content": {"type": "text", "text": "x = 1"}},
    ]
    victor = ended["_meta"]["victor"]
    assert (victor["outcome"], victor["decided"]) == ("refused", "a rule")
    assert stopped["update"]["toolCallId"] == "call-2"
    assert stopped["_meta"]["victor"]["outcome"] == "cancelled"
    (plan,) = [each["update"] for each in taken if each["update"]["sessionUpdate"] == "plan"]
    assert [each["status"] for each in plan["entries"]] == ["completed", "in_progress"]


async def test_only_what_is_announced(talk: Talk) -> None:
    """A client that says nothing of chats gets no update: the answer is in the result."""
    async with chatting(talk, capabilities={}) as editor:
        result = await ask(editor, await new_chat(editor), "why?")
        assert result["_meta"]["victor"]["text"] == "Because."
        assert updates(editor) == []


async def test_nothing_is_loaded_before(talk: Talk) -> None:
    """The agent is opened by the first message about it."""
    async with chatting(talk) as editor:
        await editor.settle()
        assert editor.service.opened_agent is None
        await editor.request("victor/chat/commands", {})
        assert editor.service.opened_agent is not None


async def test_chat_cancel(talk: Talk) -> None:
    """The prompt is answered as cancelled, after its last update; the call is closed by then."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request = await hanging(editor, talk, session_id)
        assert await editor.request("victor/chat/cancel", {"sessionId": session_id}) == {"cancelled": True}
        assert was_closed(talk)
        assert (await editor.response(request))["stopReason"] == "cancelled"
        last = updates(editor)[-1]["_meta"]["victor"]
        assert last["stopReason"] == "cancelled"
        assert await editor.request("victor/chat/cancel", {"sessionId": session_id}) == {"cancelled": False}


async def test_request_cancel(talk: Talk) -> None:
    """LSP's own cancel does the same; the request gets LSP's own error, the client the end of the turn."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request = await hanging(editor, talk, session_id)
        editor.notify("$/cancelRequest", {"id": request})
        with pytest.raises(ServerError) as cancelled:
            await editor.response(request)
        assert cancelled.value.code == -32800
        assert was_closed(talk)
        assert updates(editor)[-1]["_meta"]["victor"]["stopReason"] == "cancelled"
        talk.reply = saying("Again.")
        assert (await ask(editor, session_id, "again"))["stopReason"] == "end_turn"


async def test_a_cancel_that_comes_at_once(talk: Talk) -> None:
    """A wish to stop that follows the very first question on its heels still stops it."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        talk.reply = Hanging()
        params = {"sessionId": session_id, "prompt": text_block("why?")}
        request = editor.send_request("victor/chat/prompt", params)
        stopped = editor.send_request("victor/chat/cancel", {"sessionId": session_id})
        assert (await editor.response(stopped)) == {"cancelled": True}
        assert (await editor.response(request))["stopReason"] == "cancelled"


async def test_progress(talk: Talk) -> None:
    """The client's own progress begins and ends with the answer, and stops it where it is cancelled."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request = await hanging(editor, talk, session_id, workDoneToken="mine")
        assert (await editor.notification("$/progress"))["value"] == {
            "kind": "begin",
            "title": "Victor answers",
            "cancellable": True,
        }
        editor.notify("window/workDoneProgress/cancel", {"token": "other"})
        editor.notify("window/workDoneProgress/cancel", {"token": "mine"})
        assert (await editor.response(request))["stopReason"] == "cancelled"
        assert (await editor.notification("$/progress"))["value"]["kind"] == "end"


async def test_steer(talk: Talk) -> None:
    """What is said meanwhile comes to the model, and back as an update; a second question does not."""

    async def reply(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        assert turn.steer is not None
        begun.set()
        yield said(await turn.steer.get())
        yield TurnEnded("end_turn")

    begun = asyncio.Event()
    talk.reply = reply
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        params = {"sessionId": session_id, "prompt": text_block("which?")}
        request = editor.send_request("victor/chat/prompt", params)
        await asyncio.wait_for(begun.wait(), TIMEOUT_S)
        with pytest.raises(ServerError) as busy:
            await ask(editor, session_id, "and?")
        assert busy.value.error["data"]["kind"] == "usage"
        await editor.request("victor/chat/steer", {"sessionId": session_id, "prompt": text_block("this")})
        await editor.response(request)
        assert kinds(updates(editor)) == ["title", "user_message_chunk", "agent_message_chunk", "stopReason"]


async def test_a_turn_that_fails(talk: Talk) -> None:
    """The error of the turn is the error of the request, with its kind and its way out."""
    talk.reply = saying("Well", end=TurnEnded("failed", "offline_blocked", "Blocked.", "Allow it."))
    async with chatting(talk) as editor:
        with pytest.raises(ServerError) as failed:
            await ask(editor, await new_chat(editor), "why?")
        assert failed.value.code == -32803
        assert failed.value.error["message"] == "Blocked."
        assert failed.value.error["data"] == {"kind": "offline_blocked", "fix": "Allow it."}
        taken = updates(editor)
    assert answer_of(taken) == "Well"
    assert taken[-1]["_meta"]["victor"]["error"] == {
        "kind": "offline_blocked",
        "message": "Blocked.",
        "fix": "Allow it.",
    }


async def test_list_load_fork_rename_delete(talk: Talk, tmp_path: Path) -> None:
    """What a list of chats needs; `load` sends what happened after a number, then answers."""
    async with chatting(talk, tmp_path) as editor:
        session_id = await new_chat(editor)
        await ask(editor, session_id, "one")
        first = updates(editor)
        await ask(editor, session_id, "two")
        updates(editor)
        await editor.request("victor/chat/rename", {"sessionId": session_id, "title": "Mine"})
        fork = await editor.request(
            "victor/chat/fork",
            {"sessionId": session_id, "upToTurn": first[0]["_meta"]["victor"]["turnId"]},
        )
        listed = (await editor.request("victor/chat/list", {"root": str(tmp_path)}))["sessions"]
        for info in listed:
            schema.SessionInfo.model_validate(info)
        assert {info["sessionId"]: info["_meta"]["victor"]["turns"] for info in listed} == {
            session_id: 2,
            fork["sessionId"]: 1,
        }
        whole = await editor.request("victor/chat/load", {"sessionId": session_id})
        assert whole["session"]["title"] == "Mine"
        taken = updates(editor)
        assert kinds(taken)[0] == "user_message_chunk"
        assert whole["lastSeq"] == taken[-1]["_meta"]["victor"]["seq"]
        await editor.request("victor/chat/load", {"sessionId": session_id, "afterSeq": whole["lastSeq"] - 1})
        assert kinds(updates(editor)) == ["stopReason"]
        await editor.request("victor/chat/delete", {"sessionId": session_id})
        left = (await editor.request("victor/chat/list", {}))["sessions"]
        assert [info["sessionId"] for info in left] == [fork["sessionId"]]


async def test_load_after_a_restart(talk: Talk) -> None:
    """Another server has the chat as it was, and goes on with it."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        await ask(editor, session_id, "one")
        await editor.goodbye()
    async with chatting(talk) as editor:
        await editor.request("victor/chat/load", {"sessionId": session_id})
        assert answer_of(updates(editor)) == "Because."
        await editor.request("victor/chat/retry", {"sessionId": session_id})
        assert kinds(updates(editor)) == ["retried", "agent_message_chunk", "stopReason"]


async def test_what_comes_with_a_question(talk: Talk, tmp_path: Path) -> None:
    """Links become mentions, texts are attached; the open document and its selection are told of."""
    path = tmp_path / "src" / "a.py"
    uri = uris.from_path(str(path))
    blocks = [
        *text_block("what is"),
        {"type": "resource_link", "uri": uri, "name": "a.py"},
        {"type": "resource", "resource": {"uri": "untitled:Untitled-1", "text": "x\ny"}},
        {"type": "resource", "resource": {"uri": "sftp://box/home/.aws/config", "text": "z"}},
    ]
    async with chatting(talk, tmp_path) as editor:
        editor.open(uris.from_path(str(tmp_path / "b.py")), "other")
        editor.open(uri, "a𝄞b\nCERTAIN_ABCD\nz")
        editor.save(uri)
        await editor.diagnostics(uri)
        selected = {"start": {"line": 0, "character": 3}, "end": {"line": 1, "character": 7}}
        session_id = await new_chat(editor)
        params = {"sessionId": session_id, "prompt": blocks, "textDocument": {"uri": uri}, "range": selected}
        await editor.request("victor/chat/prompt", params)
    asked = talk.asked[0]
    assert asked.text == "what is @src/a.py"
    attached = [(each.path, each.text, each.end_line) for each in asked.attached]
    # The folders of what lies elsewhere are kept: by them it may be private.
    assert attached == [("Untitled-1", "x\ny", 2), ("//box/home/.aws/config", "z", 1)]
    around = asked.around
    assert around is not None
    assert [buffer.path.name for buffer in around.buffers()] == ["a.py", "b.py"]
    selection = around.selection()
    assert selection is not None
    assert (selection.text, selection.start_line, selection.end_line) == ("b\nCERTAIN", 0, 2)
    notes = await around.diagnostics([path])
    assert [(note.line, note.source) for note in notes] == [(1, "victor")]
    assert "ABCD" not in notes[0].message


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"type": "image", "data": "", "mimeType": "image/png"}, -32602),
        ({"type": "text"}, -32602),
        ({"text": "x"}, -32602),
        ({"type": "resource", "resource": {"uri": "file:///x", "blob": ""}}, -32602),
        ({"type": "text", "text": "x" * 2_000_001}, -32602),
        ({"type": "text", "text": "   "}, -32602),
    ],
)
async def test_questions_that_are_none(talk: Talk, block: Json, code: int) -> None:
    """What cannot be asked is refused before anything is kept."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        with pytest.raises(ServerError) as refused:
            await editor.request("victor/chat/prompt", {"sessionId": session_id, "prompt": [block]})
        assert refused.value.code == code
        assert (await editor.request("victor/chat/list", {}))["sessions"] == []
        talk.reply = saying("ok")
        await ask(editor, session_id, "now")


async def test_unknown_chats(talk: Talk) -> None:
    """Each message about a chat that there is not says so."""
    async with chatting(talk) as editor:
        for method in ("load", "fork", "delete", "prompt", "retry"):
            params = {"sessionId": "none", "prompt": text_block("x")}
            with pytest.raises(ServerError) as refused:
                await editor.request(f"victor/chat/{method}", params)
            assert refused.value.error["data"]["kind"] == "usage"


async def test_commands_and_completion(talk: Talk) -> None:
    """Commands in the protocol's shape; completion says what gives way to what."""
    async with chatting(talk) as editor:
        found = await editor.request("victor/chat/commands", {})
        for command in found["availableCommands"]:
            schema.AvailableCommand.model_validate(command)
        items = (await editor.request("victor/chat/queryContext", {"text": "/rev"}))["items"]
        assert items == [
            {"replace": "/rev", "text": "/review ", "label": "/review", "detail": "Review changes"}
        ]


async def test_models_profile_mode_usage(talk: Talk) -> None:
    """Which models there are, who answers, and what it has cost."""
    async with chatting(talk) as editor:
        listed = await editor.request("victor/models/list", {})
        assert [(item["profile"], bool(item["unusable"])) for item in listed["models"]] == [
            ("default", False),
            ("cloud", True),
        ]
        session_id = await new_chat(editor)
        await editor.request("victor/profile/set", {"profile": "default"})
        await ask(editor, session_id, "one")
        await editor.request("victor/profile/set", {"profile": "cloud", "sessionId": session_id})
        await ask(editor, session_id, "two")
        await editor.request("victor/mode/set", {"mode": "plan"})
        assert [turn.profile for turn in talk.turns] == ["default", "cloud"]
        now = await editor.request("victor/models/list", {})
        assert (now["profile"], now["mode"]) == ("default", "plan")
        for wrong in ({"profile": "nobody"}, {"profile": 5}):
            with pytest.raises(ServerError):
                await editor.request("victor/profile/set", wrong)
        with pytest.raises(ServerError):
            await editor.request("victor/mode/set", {"mode": "wild"})
        usage = await editor.request("victor/usage", {})
        assert (usage["calls"], usage["by"]["model"]["small"]["cost_usd"]) == (3, 0.5)
        assert usage["budgets"][0]["left"] == 1.25
        by_command = {"command": "victor.usage", "arguments": [session_id]}
        assert (await editor.request("workspace/executeCommand", by_command))["calls"] == 1


async def test_the_status_tells_who_answers(talk: Talk) -> None:
    """Nobody before the first answer; then the one who was chosen last, told by itself."""
    talk.reply = everything
    capabilities = {"experimental": {"victor": {"chat": True, "status": True}}}

    def offline(services: FakeServices) -> None:
        services.offline = False

    async with chatting(talk, capabilities=capabilities, prepare=offline) as editor:
        session_id = await new_chat(editor)
        before = await editor.request("victor/status", {})
        assert (before["route"], before["offline"]) == ({}, False)
        await ask(editor, session_id, "why?")
        told = await editor.wait(
            lambda message: (
                message.get("method") == "victor/status/didChange" and bool(message["params"]["route"])
            )
        )
        assert told["params"]["route"]["model"] == "small"


async def test_shutdown_in_a_turn(talk: Talk) -> None:
    """The turn ends in order, and is kept as cancelled."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request = await hanging(editor, talk, session_id)
        assert await editor.goodbye() == 0
        with pytest.raises(ServerError):
            await editor.response(request)
        assert was_closed(talk)
    async with chatting(talk) as editor:
        await editor.request("victor/chat/load", {"sessionId": session_id})
        assert updates(editor)[-1]["_meta"]["victor"]["stopReason"] == "cancelled"


async def test_without_an_agent() -> None:
    """Where it cannot be opened each message says why, and everything else works."""
    async with running_server() as editor:
        await editor.initialize(ANNOUNCES_CHAT)
        with pytest.raises(ServerError) as refused:
            await new_chat(editor)
        assert refused.value.error["data"]["kind"] == "unavailable"
        assert (await editor.request("victor/status", {}))["route"] == {}


def test_a_start_loads_none_of_it() -> None:
    """The table of methods costs an editor that never chats nothing."""
    import subprocess

    code = "import sys; import victor_server.lsp.dispatch; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    heavy = ("victor_server.agent", "victor_server.features.chat", "victor_server.lsp.shapes.chat", "sqlite3")
    assert [name for name in loaded if name.startswith(heavy)] == []
