"""A conversation in the terminal, with a person who types from a list."""

import asyncio
import io
import os
import re
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scripted_chat import Play, answering, hanging, piece, scripted_chat

from victor_server.agent.context.piece import Context, LeftOut
from victor_server.agent.run_events import (
    Cited,
    PlanChanged,
    RunEvent,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    ToolStatus,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.tool import PlanEntry
from victor_server.agent.turn import Turn
from victor_server.cli.chat.input import Suggestion
from victor_server.cli.chat.screen import PlainScreen
from victor_server.cli.chat.talk import Talk, find_session, show_last_turn, status, suggest, talk
from victor_server.cli.chat.told import context_line
from victor_server.errors import UsageError
from victor_server.features.chat.model import Asked

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows sends Ctrl-C to a whole group of processes")


@dataclass
class Typed:
    """Texts that are typed one after the other; an exception is what the keyboard does instead."""

    left: list[str | type[BaseException]]

    async def read(self) -> str:
        """The next one; at their end the person leaves."""
        if not self.left:
            raise EOFError
        text = self.left.pop(0)
        if isinstance(text, str):
            return text
        raise text

    def keys_kept(self) -> AbstractContextManager[None]:
        """There are no keys."""
        return nullcontext()

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Terminal:
    """What is on the screen, and the chat behind it."""

    state: Talk
    written: io.StringIO
    asked: list[Asked] = field(default_factory=list)

    async def type(self, *texts: str | type[BaseException]) -> str:
        """Type these and leave; returns what was written meanwhile."""
        before = len(self.written.getvalue())
        assert await talk(self.state, Typed(list(texts))) == 0
        return self.written.getvalue()[before:]


@asynccontextmanager
async def terminal(tmp_path: Path, *plays: Play) -> AsyncIterator[Terminal]:
    """A terminal whose questions get these answers."""
    asked: list[Asked] = []
    chat = scripted_chat(tmp_path, *plays, asked=asked)
    written = io.StringIO()
    screen = PlainScreen(written, written, tells_waiting=True)
    yield Terminal(Talk(chat, screen, tmp_path, await chat.new(tmp_path)), written, asked)
    await chat.close()


async def test_question_and_answer(tmp_path: Path) -> None:
    """An answer stands between who is asked and what it took."""
    async with terminal(tmp_path, answering("# Hello\n", "\x1b[31mworld")) as face:
        assert await face.type("", "hi") == (
            "Asking small (profile default)…\n"
            "# Hello\n␛[31mworld\n"
            "Profile default answers.\n"
            "1,200 tokens in, 34 out, free, receipt receipt-1\n"
        )
        assert status(face.state) == "small (default) · 1,200 tokens in, 34 out · free"
        assert [each.text for each in face.asked] == ["hi"]


def using(*events: RunEvent) -> Play:
    """A turn in which this happens before its answer."""

    async def play(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        for event in events:
            yield event
        async for event in answering("Done.")(turn):
            yield event

    return play


def gave(call_id: str, status: ToolStatus, text: str, title: str = "") -> list[RunEvent]:
    """A call of a tool, from its start to its end."""
    return [
        ToolAsked(call_id, "run_command", {"command": "make"}),
        ToolStarted(call_id, "run_command", "Run make", "execute"),
        ToolPrinted(call_id, ShownText("printed\n")),
        ToolEnded(call_id, status, ShownText(text), KeptText(text), title),
    ]


async def test_tools_take_a_line_each(tmp_path: Path) -> None:
    """What is about to happen, what came of it, and the end of what was printed; a failure says its first line."""
    events = [
        *gave("1", "completed", "a long\noutput", "Run make (exit code 0)"),
        *gave("2", "failed", "\nThere is no\x1b[2J make.\nNo."),
        *gave("3", "refused", "This was not allowed: " + "x" * 500),
        PlanChanged(
            (PlanEntry("Look", "completed"), PlanEntry("Mend", "in_progress"), PlanEntry("Test", "pending"))
        ),
    ]
    async with terminal(tmp_path, using(*events)) as face:
        written = await face.type("hi")
    lines = [line for line in written.splitlines() if line.startswith(("·", "["))]
    assert lines == [
        "· Run make (exit code 0)",
        "· Run make: There is no␛[2J make.",
        f"· Run make: This was not allowed: {'x' * 138}…",
        "[x] Look",
        "[>] Mend",
        "[ ] Test",
    ]
    assert "Run make…" in written
    assert "output" not in written
    assert written.count("    printed\n") == 3


async def test_long_output_is_cut(tmp_path: Path) -> None:
    """The last six lines are shown, none of them wider than a person reads, and none orders the terminal about."""
    started, printed, ended = gave("1", "completed", "", "Run make (exit code 1)")[1:]
    lines = [*(f"line {number}" for number in range(30)), "x" * 500, "\x1b[2Jgone"]
    printed = ToolPrinted("1", ShownText("\n".join(lines)))
    async with terminal(tmp_path, using(started, printed, ended)) as face:
        written = await face.type("hi")
    shown = [line for line in written.splitlines() if line.startswith("    ")]
    assert shown == [*(f"    line {number}" for number in range(26, 30)), f"    {'x' * 160}…", "    ␛[2Jgone"]


def test_what_the_model_is_shown() -> None:
    """One line: files by name, how much it is, and what was left out and why."""
    files = [piece(name) for name in ("a.py", "b.py", "a.py", "c.py", "d.py", "e.py")]
    left_out = [LeftOut("file", ".env", 0, 1, 5, "private"), LeftOut("repo_map", "", 0, 0, 9, "no room")]
    assert context_line(Context(files, left_out)) == (
        "Shown to the model: a.py, b.py, c.py, d.py and 1 more (60 tokens);"
        " left out: .env (private), repo map (no room)"
    )
    assert context_line(Context()) == ""


async def test_what_is_named(tmp_path: Path) -> None:
    """Places that the answer names stand below it, as editors open them."""
    ended = TurnEnded("end_turn", citations=(Cited("a.py", 2, 9), Cited("b.py", 4, 5), Cited("c.md", 0, 0)))
    async with terminal(tmp_path, answering("see a.py", end=ended)) as face:
        assert "Named in it:\na.py:3-9\nb.py:5\nc.md\n" in await face.type("where?")


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (
            TurnEnded("failed", "offline_blocked", "Not allowed.", "Switch it on."),
            "Not allowed.\nSwitch it on.\n",
        ),
        (TurnEnded("max_tokens"), "The answer is cut off"),
        (TurnEnded("refusal"), "The model declines"),
    ],
)
async def test_how_it_ended(tmp_path: Path, end: TurnEnded, said: str) -> None:
    """A failure says what happened and what to do; the conversation goes on."""
    async with terminal(tmp_path, answering("half", end=end), answering("whole")) as face:
        written = await face.type("one", "two")
        assert f"half\n{said}" in written
        assert "whole\n" in written


async def test_nobody_is_said_to_have_answered_who_did_not(tmp_path: Path) -> None:
    """Behind a failure without a word of an answer stands the receipt, and not who was to answer."""
    failed = TurnEnded("failed", "provider_auth", "The key is wrong.", "Check it.")
    async with terminal(tmp_path, answering(end=failed)) as face:
        written = await face.type("one")
    assert "Profile default answers." not in written
    assert "receipt receipt-1" in written


@POSIX
async def test_ctrl_c_stops_the_answer_not_the_program(tmp_path: Path) -> None:
    """Ctrl-C while an answer comes ends that answer; the next question is answered."""
    begun, before = asyncio.Event(), signal.getsignal(signal.SIGINT)
    async with terminal(tmp_path, hanging("first half", begun=begun), answering("second")) as face:
        talking = asyncio.ensure_future(face.type("one", "two"))
        async with asyncio.timeout(30):
            await begun.wait()
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            written = await talking
        assert "first half\nStopping…\nStopped.\n" in written
        assert "second\n" in written
    assert signal.getsignal(signal.SIGINT) is before


@POSIX
async def test_ctrl_c_between_questions(tmp_path: Path) -> None:
    """Between answers it only gives up what was typed, and says how to leave."""
    async with terminal(tmp_path, answering("second")) as face:
        written = await face.type(KeyboardInterrupt, "two")
        assert written.startswith("Ctrl-D or /quit leaves.\n")
        assert "second\n" in written


async def test_own_commands(tmp_path: Path) -> None:
    """Retry, a new chat, the list of chats, another chat, a profile, leaving."""
    async with terminal(tmp_path, *[answering(f"answer {n}") for n in range(4)]) as face:
        first = face.state.session
        assert "answer 1\n" in await face.type("what is it?", "/retry", "/quit", "never asked")
        assert len(face.asked) == 2
        await face.type("/profile cloud", "/new a title", "other")
        assert face.asked[-1].profile == "cloud"
        listed = await face.type("/chats")
        assert re.search(
            rf"{first.id[:8]}  \d{{4}}-\d\d-\d\d \d\d:\d\d  what is it\? \(2 questions\)", listed
        )
        assert "a title (1 question, this one)" in listed
        opened = await face.type(f"/open {first.id[:8]}", "/profile auto", "again")
        assert "Going on with “what is it?”. You asked last:\nwhat is it?\nanswer 1\n" in opened
        assert face.asked[-1].profile == ""
        assert face.state.session.id == first.id


async def test_a_fork_goes_on_by_itself(tmp_path: Path) -> None:
    """It begins with what was said, in this chat or in another one, and leaves that as it is."""
    async with terminal(tmp_path, *[answering(f"answer {n}") for n in range(3)]) as face:
        first = face.state.session
        assert "begins like “what is it?”" in await face.type("what is it?", "/fork", "more")
        assert face.state.session.id != first.id
        await face.type("/new", f"/fork {first.id[:8]}", "even more")
        turns = {each.id: each.n_turns for each in await face.state.chat.sessions()}
        assert (turns[first.id], turns[face.state.session.id], len(turns)) == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/open", "Which chat?\n/chats lists them"),
        ("/open zz", "There is no chat zz.\n"),
        ("/open ", "Which chat?"),
        ("/fork zz", "There is no chat zz.\n"),
        ("/receipt", "There is no receipt yet.\n"),
        ("/retry", "Nothing was asked yet.\n"),
        ("/nonsense", "There is no command /nonsense.\n"),
        ("/chats", "There is no chat about this folder yet.\n"),
        ("/profile", "The router chooses who answers.\n"),
    ],
)
async def test_what_cannot_be_done(tmp_path: Path, text: str, said: str) -> None:
    """A command that makes no sense says so, and the conversation goes on."""
    async with terminal(tmp_path) as face:
        assert (await face.type(text)).startswith(said)


async def test_what_asks_no_model_hides_no_receipt(tmp_path: Path) -> None:
    """Commands that no model answers leave the last answer's status and receipt where they were."""
    async with terminal(tmp_path, answering("one")) as face:
        await face.type("first", "/help")
        assert status(face.state).startswith("small (default)")
        assert face.state.told is not None
        assert face.state.told.receipts == ["receipt-1"]


async def test_help_names_everything(tmp_path: Path) -> None:
    """/help lists the commands of the chat and those of the terminal."""
    async with terminal(tmp_path) as face:
        written = await face.type("/help")
    assert all(name in written for name in ("/explain", "/review", "/retry", "/receipt", "/quit"))


async def test_suggestions(tmp_path: Path) -> None:
    """Commands of both kinds at the start, mentions anywhere, at their place before the cursor."""
    async with terminal(tmp_path) as face:
        found = await suggest(face.state, "/re", 3)
        assert {each.text.strip() for each in found} >= {"/review", "/retry", "/receipt"}
        assert all(each.n_before == 3 for each in found)
        assert await suggest(face.state, "in @ap then", 6) == [Suggestion("@src/app.py", 3, "file")]
        assert await suggest(face.state, "just words", 4) == []


async def test_going_on(tmp_path: Path) -> None:
    """A chat that is gone on with shows its last question and answer; a beginning that fits several is refused."""
    async with terminal(tmp_path, answering("one"), answering("two")) as face:
        await face.type("first", "second")
        session = face.state.session
        await face.type("/new")
    async with terminal(tmp_path) as face:
        face.state.session = await find_session(face.state.chat, session.id[:6])
        await show_last_turn(face.state)
        assert face.written.getvalue() == "Going on with “first”. You asked last:\nsecond\ntwo\n"
        with pytest.raises(UsageError):
            await find_session(face.state.chat, "zz")
