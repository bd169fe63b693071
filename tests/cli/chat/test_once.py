"""A question from a script: the answer, the document, the exit code, and what is piped in."""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scripted_chat import Play, answering, scripted_chat

from victor_server.agent.permissions.model import Asker
from victor_server.agent.run_events import Cited, Noted, RunEvent, TurnEnded
from victor_server.agent.services import AgentServices
from victor_server.agent.turn import Turn
from victor_server.cli.chat.start import run_chat
from victor_server.cli.failures import guarded
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import Asked
from victor_server.features.edits.desk import Desk
from victor_server.features.edits.reviews import Reviews
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Mode
from victor_server.settings.resolved import Settings


@dataclass
class Agent:
    """A real chat whose answers are played; nothing else of the agent is there."""

    chat: Chat
    asked: list[Asked] = field(default_factory=list)
    is_closed: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def services(self) -> AgentServices:
        """A question from a script needs nothing of them."""
        raise AssertionError

    @property
    def edits(self) -> Reviews:
        """Nobody looks at edits here."""
        raise AssertionError

    def begin(self) -> None:
        """There is no team to connect to."""

    def attach(self, desk: Desk, asker: Asker | None = None) -> None:
        """Nobody can be asked."""
        raise AssertionError

    async def set_mode(self, mode: Mode) -> None:
        """The chat's."""
        self.chat.mode = mode

    async def close(self) -> None:
        """Let go of the history."""
        await self.chat.close()
        self.is_closed = True


Run = Callable[..., int]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Pipes bytes into the command."""

    def pipe(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return pipe


@pytest.fixture
def agents() -> list[Agent]:
    """The agents that were opened."""
    return []


@pytest.fixture
def run(pipe: Callable[[bytes], None], tmp_path: Path, agents: list[Agent]) -> Run:
    """Runs `victor chat` in a folder, with these answers; nothing is piped in unless a test does."""
    pipe(b"")

    def run(*words: str, plays: tuple[Play, ...] = (answering("The ", "answer."),)) -> int:
        def opened(settings: Settings, _environment: Mapping[str, str]) -> Agent:
            asked: list[Asked] = []
            agents.append(Agent(scripted_chat(settings.home, *plays, asked=asked), asked))
            return agents[-1]

        code = guarded(lambda: run_chat([str(tmp_path), *words], opened), json="--json" in words)
        assert all(agent.is_closed for agent in agents)
        return code

    return run


def test_an_answer(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer alone is on stdout; what is not of the model and matters is on stderr."""

    async def play(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        yield Noted("A demo model answers.")
        async for event in answering("The answer.\x1b[A")(turn):
            yield event

    assert run("-p", "why?", plays=(play,)) == 0
    captured = capsys.readouterr()
    assert captured.out == "The answer.␛[A\n"
    assert captured.err == "A demo model answers.\n"


def test_details(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--details` says on stderr what a terminal would be shown besides; stdout holds the answer alone."""
    ended = TurnEnded("end_turn", citations=(Cited("a.py", 2, 9),))
    assert run("-p", "why?", "--details", plays=(answering("See a.py.", end=ended),)) == 0
    captured = capsys.readouterr()
    assert captured.out == "See a.py.\n"
    assert captured.err == (
        "Named in it:\na.py:3-9\nProfile default answers.\n1,200 tokens in, 34 out, free, receipt receipt-1\n"
    )


def test_the_document(run: Run, agents: list[Agent], capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document: the answer, how it ended, who gave it and why, what it took, its receipt and places."""
    ended = TurnEnded("end_turn", citations=(Cited("a.py", 2, 9), Cited("b.md", 0, 0)))
    assert run("-p", "why?", "--profile", "small", "--json", plays=(answering("See a.py.", end=ended),)) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    told: dict[str, Any] = json.loads(printed)
    session = told.pop("session")
    assert agents[0].asked[0].profile == "small"
    assert told == {
        "text": "See a.py.",
        "stop_reason": "end_turn",
        "route": {
            "task": "chat",
            "profile": "default",
            "provider": "scripted",
            "model": "small",
            "reason": "Profile default answers.",
            "leaves_machine": False,
            "ruled_out": [],
        },
        "usage": {
            "input_tokens": 1200,
            "output_tokens": 34,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "counted": True,
            "cost_usd": 0.0,
        },
        "receipt": "receipt-1",
        "receipts": ["receipt-1"],
        "tools": [],
        "citations": [
            {"path": "a.py", "start_line": 3, "end_line": 10},
            {"path": "b.md", "start_line": None, "end_line": None},
        ],
    }
    assert run("-p", "and then?", "--session", session[:8], "--json") == 0
    assert json.loads(capsys.readouterr().out)["session"] == session
    assert run("-p", "and then?", "--continue", "--json") == 0
    assert json.loads(capsys.readouterr().out)["session"] == session


@pytest.mark.parametrize(
    ("reason", "code"), [("end_turn", 0), ("max_tokens", 0), ("refusal", 1), ("cancelled", 130)]
)
def test_exit_codes(run: Run, capsys: pytest.CaptureFixture[str], reason: Any, code: int) -> None:
    """Scripts can tell an answer, a refusal and an interruption apart."""
    assert run("-p", "why?", "--json", plays=(answering("x", end=TurnEnded(reason)),)) == code
    assert json.loads(capsys.readouterr().out)["stop_reason"] == reason


def test_a_failure(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A turn that failed is an error with its kind and its way out, in words or as a document."""
    failed = TurnEnded(
        "failed", "offline_blocked", "api.example.org is not allowed.", "Set offline_mode to false."
    )
    assert run("-p", "why?", plays=(answering("half", end=failed),)) == 2
    captured = capsys.readouterr()
    assert captured.out == "half\n"
    assert captured.err == "victor: api.example.org is not allowed.\nSet offline_mode to false.\n"
    assert run("-p", "why?", "--json", plays=(answering("half", end=failed),)) == 2
    error = {
        "kind": "offline_blocked",
        "message": "api.example.org is not allowed.",
        "fix": "Set offline_mode to false.",
    }
    assert json.loads(capsys.readouterr().out) == {"error": error}


def test_piped_in(run: Run, pipe: Callable[[bytes], None], agents: list[Agent]) -> None:
    """What is piped in is shown to the model beside the question; alone it is the question."""
    pipe(b"diff --git\n+line\n")
    assert run("-p", "Review this.") == 0
    (attached,) = agents[0].asked[0].attached
    assert (attached.kind, attached.text, attached.end_line) == ("attached", "diff --git\n+line\n", 2)
    assert attached.reason == "piped in"
    pipe("Was heißt das?\n".encode())
    assert run() == 0
    assert agents[1].asked[0].words == "Was heißt das?"
    assert agents[1].asked[0].attached == ()


@pytest.mark.parametrize(
    ("data", "words", "message"),
    [
        (b"", [], "There is no question, and no terminal to type it in."),
        (b" \n", ["--json"], "There is no question, and no terminal to type it in."),
        (b"\x7fELF\0\0", ["-p", "what?"], "What was piped in is no text."),
        (b"x" * 2_000_001, ["-p", "what?"], "More than 2,000,000 bytes were piped in."),
        (b"", ["-p", " "], "There is no question."),
        # Names are hexadecimal: no chat that another test has left behind begins so.
        (b"", ["-p", "x", "--session", "zz"], "There is no chat zz."),
        (b"", ["-p", "x", "--continue"], "There is no chat about"),
        (b"", ["-p", "/nope"], "There is no command /nope."),
    ],
)
def test_what_cannot_be_asked(
    run: Run,
    pipe: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
    data: bytes,
    words: list[str],
    message: str,
) -> None:
    """It is said before anybody is asked."""
    pipe(data)
    assert run(*words, plays=()) == 2
    told = capsys.readouterr()
    assert message in told.out + told.err


@pytest.mark.skipif(os.name != "posix", reason="Windows sends Ctrl-C to a whole group of processes")
def test_ctrl_c(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends the answer: what was there is printed, and the exit code says so."""

    async def play(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        async for event in answering("The first half")(turn):
            if isinstance(event, TurnEnded):
                asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
                await asyncio.Event().wait()
            yield event

    assert run("-p", "why?", plays=(play,)) == 130
    assert capsys.readouterr().out == "The first half\n"
