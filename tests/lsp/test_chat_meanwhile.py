"""What happens to an answer while it is being written: settings change, and its chat is loaded."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chat.talk import Talk, said, saying
from lsp.chatting import answer_of, ask, chatting, kinds, new_chat, text_block, updates
from lsp.editor import TIMEOUT_S, Editor, ServerError

from victor_server.agent.run_events import RunEvent, TurnEnded
from victor_server.agent.turn import Turn


@dataclass(slots=True)
class Slow:
    """An answer whose second half comes when it is told to."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, turn: Turn) -> AsyncGenerator[RunEvent, None]:
        yield said("first half, ")
        self.begun.set()
        await self.may_end.wait()
        yield said("second half")
        yield TurnEnded("end_turn")


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A chat in a scratch home."""
    return Talk(tmp_path / "home" / "sessions.db", options={"batch_s": 0.0})


async def slowly(editor: Editor, talk: Talk, session_id: str) -> tuple[int, Slow]:
    """Ask; the request's id, and the answer of which the first half was written."""
    talk.reply = slow = Slow()
    request = editor.send_request(
        "victor/chat/prompt", {"sessionId": session_id, "prompt": text_block("why?")}
    )
    await asyncio.wait_for(slow.begun.wait(), TIMEOUT_S)
    return request, slow


async def change_settings(editor: Editor, talk: Talk, home: Path | None = None) -> str:
    """Change them, and wait until they hold; what the person is told."""
    settings = {"home": str(home or talk.file.parent), "secrets": {"enabled": False}}
    editor.notify("workspace/didChangeConfiguration", {"settings": {"victor": settings}})
    told: str = (await editor.notification("window/showMessage"))["message"]
    await editor.until(lambda: len(editor.services) == 2)
    return told


async def test_settings_that_change_in_a_turn(talk: Talk) -> None:
    """The answer ends as it began, the person is told, and the chat goes on under the new settings at once."""
    async with chatting(talk) as editor:
        session_id, other = await new_chat(editor), await new_chat(editor)
        request, slow = await slowly(editor, talk, session_id)
        told = await change_settings(editor, talk)
        assert told == "Victor's settings changed. They hold from the next question on."
        talk.reply = saying("Other.")
        assert (await ask(editor, other, "and here?"))["stopReason"] == "end_turn"
        await editor.request("victor/chat/rename", {"sessionId": session_id, "title": "Halves"})
        assert not editor.services[0].closed
        slow.may_end.set()
        assert (await editor.response(request))["stopReason"] == "end_turn"
        mine = [each for each in updates(editor) if each["sessionId"] == session_id]
        assert answer_of(mine) == "first half, second half"
        assert (await ask(editor, session_id, "again"))["stopReason"] == "end_turn"
        await editor.until(lambda: editor.services[0].closed)
        listed = (await editor.request("victor/chat/list", {}))["sessions"]
        assert {each["title"] for each in listed} == {"Halves", "and here?"}


async def test_an_answer_of_old_settings_is_stopped_and_steered(talk: Talk) -> None:
    """Whoever writes it hears of it, whatever came in its place."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request, _ = await slowly(editor, talk, session_id)
        await change_settings(editor, talk)
        await editor.request("victor/chat/steer", {"sessionId": session_id, "prompt": text_block("short!")})
        stopped = await editor.request("victor/chat/cancel", {"sessionId": session_id})
        assert stopped == {"cancelled": True}
        assert (await editor.response(request))["stopReason"] == "cancelled"
        await editor.until(lambda: editor.services[0].closed)


async def test_settings_that_may_be_stricter_stop_it(talk: Talk, tmp_path: Path) -> None:
    """It is not finished under rules that hold no more, and the person is told."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request, _ = await slowly(editor, talk, session_id)
        told = await change_settings(editor, talk, tmp_path / "elsewhere")
        assert told == "Victor's settings changed, so the answer that was being written was stopped."
        assert (await editor.response(request))["stopReason"] == "cancelled"


async def test_the_end_of_the_window_ends_an_answer_of_old_settings(talk: Talk) -> None:
    """Nothing keeps running, and the turn is kept as cancelled."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        await slowly(editor, talk, session_id)
        await change_settings(editor, talk)
        assert await editor.goodbye() == 0
        assert all(services.closed for services in editor.services)
    async with chatting(talk) as editor:
        loaded = await editor.request("victor/chat/load", {"sessionId": session_id})
        assert loaded["session"]["_meta"]["victor"]["turns"] == 1
        assert updates(editor)[-1]["_meta"]["victor"]["stopReason"] == "cancelled"


async def test_loading_a_chat_that_is_being_answered(talk: Talk) -> None:
    """What was said so far comes once more; then the rest, in order, nothing twice."""
    async with chatting(talk) as editor:
        session_id = await new_chat(editor)
        request, slow = await slowly(editor, talk, session_id)
        await editor.until(lambda: "first half" in str(editor.received))
        updates(editor)
        loading = editor.send_request("victor/chat/load", {"sessionId": session_id})
        slow.may_end.set()
        loaded = await editor.response(loading)
        assert (await editor.response(request))["stopReason"] == "end_turn"
        told = updates(editor)
        told = told[
            kinds(told).index("user_message_chunk") :
        ]  # what came before the wish arrived is told again
        numbers = [each["_meta"]["victor"]["seq"] for each in told]
        assert numbers == sorted(set(numbers))
        assert loaded["lastSeq"] in numbers
        assert loaded["session"]["_meta"]["victor"]["turns"] == 1
        assert answer_of(told) == "first half, second half"
        assert kinds(told)[-1] == "stopReason"
        again = await editor.request("victor/chat/load", {"sessionId": session_id, "afterSeq": 10**9})
        assert again["lastSeq"] == numbers[-1]
        assert updates(editor) == []


async def test_a_choice_outlasts_the_settings(talk: Talk) -> None:
    """Profile and mode stay as the client set them, for all chats and for one."""
    async with chatting(talk) as editor:
        session_id, other = await new_chat(editor), await new_chat(editor)
        await editor.request("victor/profile/set", {"profile": "default"})
        await editor.request("victor/profile/set", {"profile": "cloud", "sessionId": other})
        await editor.request("victor/mode/set", {"mode": "plan"})
        request, slow = await slowly(editor, talk, session_id)
        await change_settings(editor, talk)
        slow.may_end.set()
        await editor.response(request)
        listed = await editor.request("victor/models/list", {})
        assert (listed["profile"], listed["mode"]) == ("default", "plan")
        talk.reply = saying("Yes.")
        for chat in (session_id, other):
            await ask(editor, chat, "still?")
        assert [turn.profile for turn in talk.turns[1:]] == ["default", "cloud"]


async def test_what_may_be_chosen_is_named(talk: Talk) -> None:
    """Who sends another word hears which ones there are."""
    async with chatting(talk) as editor:
        with pytest.raises(ServerError) as refused:
            await editor.request("victor/mode/set", {"mode": "free"})
        assert (
            refused.value.error["message"] == "Invalid params: expected 'plan', 'ask', 'build' @ params.mode"
        )


async def test_models_that_are_set_up_meanwhile(talk: Talk) -> None:
    """The next question finds them, in the chat that is open; an answer that is being written ends as it began."""
    async with chatting(talk) as editor:
        session_id, other = await new_chat(editor), await new_chat(editor)
        request, slow = await slowly(editor, talk, session_id)
        editor.services[0].is_stale = True
        talk.reply = saying("Found.")
        assert (await ask(editor, other, "and now?"))["stopReason"] == "end_turn"
        assert len(editor.services) == 2
        slow.may_end.set()
        assert (await editor.response(request))["stopReason"] == "end_turn"
        await editor.until(lambda: editor.services[0].closed)
        assert (await ask(editor, session_id, "again"))["stopReason"] == "end_turn"
        assert len(editor.services) == 2
