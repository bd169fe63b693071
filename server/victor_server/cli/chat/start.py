"""`victor chat`: opens what a chat needs, and asks once or goes on until the person leaves."""

import asyncio
import io
import json as jsonlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from victor_server import __version__
from victor_server.cli.chat.arguments import Asked, read_arguments
from victor_server.errors import UsageError, VictorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from victor_server.agent.permissions.model import Asker
    from victor_server.agent.services import AgentServices
    from victor_server.cli.chat.asking import Asking
    from victor_server.cli.chat.input import Input
    from victor_server.cli.chat.screen import Screen
    from victor_server.cli.chat.talk import Talk
    from victor_server.cli.chat.told import Told
    from victor_server.features.chat.chat import Chat
    from victor_server.features.edits.desk import Desk
    from victor_server.features.edits.reviews import Reviews
    from victor_server.history.model import ChatSession
    from victor_server.settings.layer import Problem
    from victor_server.settings.profiles import Mode
    from victor_server.settings.resolved import Settings
    from victor_server.settings.stamp import Stamp

ANSWERED, DECLINED, STOPPED = 0, 1, 130
_KEYS = "Enter sends, Alt-Enter begins a line, Ctrl-C stops an answer, Ctrl-D leaves, /help lists commands."
_PLAIN_KEYS = (
    "A backslash at its end continues a line, Ctrl-C stops an answer, Ctrl-D leaves, /help lists commands."
)


class Agent(Protocol):
    """What `compose` opens for a set of settings."""

    @property
    def chat(self) -> "Chat":
        """The chat."""
        ...

    @property
    def problems(self) -> "Sequence[Problem]":
        """What is wrong in what was written about models and policy."""
        ...

    @property
    def services(self) -> "AgentServices":
        """What its turns work with."""
        ...

    @property
    def edits(self) -> "Reviews":
        """The edits that a person may look at."""
        ...

    def begin(self) -> None:
        """Connect to the team's backend, if there is one."""
        ...

    def attach(self, desk: "Desk", asker: "Asker | None" = None) -> None:
        """Work with this person from now on: their files, and their answers."""
        ...

    async def set_mode(self, mode: "Mode") -> None:
        """Let the agent be so free from now on. Raises AuditFailed, and then nothing has changed."""
        ...

    async def close(self) -> None:
        """Stop what runs and let go of everything."""
        ...


OpenAgent = Callable[["Settings", Mapping[str, str]], Agent]


def run_chat(words: Sequence[str], open_agent: OpenAgent) -> int:
    """Carry out `victor chat WORDS`; returns its exit code: 0 answered, 1 declined, 130 stopped by Ctrl-C."""
    asked = read_arguments(words)
    if asked.help:
        print(asked.help, end="")
        return ANSWERED
    from victor_server.cli.chat.log import log_to_file
    from victor_server.cli.worker import load_settings, real_root
    from victor_server.compose.restrictions import state_of_models
    from victor_server.settings.home import create_home

    folder = real_root(asked.folder, hint='a question stands behind -p: `victor -p "…"`')
    prompt, piped = _question(asked)
    settings = load_settings(folder)
    create_home(settings.home)
    log_to_file(settings.home, settings.log.level)
    opened_with = state_of_models(settings.home)  # before it is read: what is written meanwhile counts as new
    agent = open_agent(settings, os.environ)
    _tell_problems(agent.problems)
    if prompt is None:
        reopen = partial(open_agent, settings, os.environ)
        return asyncio.run(_talk(_Live(agent, opened_with), reopen, asked, folder, settings.home))
    return asyncio.run(_ask_once(agent, asked, folder, prompt, piped))


def _question(asked: Asked) -> tuple[str | None, str]:
    """What is asked (None: a person will type it), and what is piped in besides. Raises UsageError."""
    from victor_server.cli.chat.piped import read_piped

    somebody_types = sys.stdin.isatty()
    piped = "" if somebody_types else read_piped(sys.stdin.buffer)
    if asked.prompt is not None:
        return asked.prompt, piped
    if piped.strip():
        return piped, ""
    if asked.json or not (somebody_types and sys.stdout.isatty()):
        raise UsageError("There is no question, and no terminal to type it in.", 'Ask with -p "…".')
    return None, ""


def _tell_problems(problems: "Sequence[Problem]") -> None:
    from victor_server.cli.chat.neutral import neutral

    for problem in problems:
        print(neutral(problem.told), file=sys.stderr)


async def _ask_once(agent: Agent, asked: Asked, folder: Path, prompt: str, piped: str) -> int:
    from victor_server.cli.chat.piped import to_piece
    from victor_server.cli.chat.show import show_turn
    from victor_server.cli.chat.told import document, raise_failure

    screen = _screen(asked)
    async with _opened(_Live(agent, None)) as chat:
        agent.begin()
        if asked.mode is not None:
            await agent.set_mode(asked.mode)
        session = await _session(chat, asked, folder)
        updates = chat.prompt(session.id, prompt, profile=asked.profile, attached=to_piece(piped))
        details = (asked.details or sys.stderr.isatty()) and not asked.json
        told = await show_turn(chat, session.id, updates, screen, details=details)
        if details:
            _print_status(told)
    if told.ended is not None:
        raise_failure(told.ended)
    if asked.json:
        print(jsonlib.dumps(document(told)))
    return _code(told)


@dataclass(slots=True)
class _Live:
    """The agent of this terminal, the state of what says which models there are that it was opened with, and who sits before it.

    `asking` None: nobody.
    """

    agent: Agent
    opened_with: "tuple[Stamp, ...] | None"
    asking: "Asking | None" = None
    mode: "Mode | None" = None

    async def join(self) -> None:
        """Put the person who sits here before the agent, in the mode that they have chosen."""
        self.agent.begin()
        if self.asking is not None:
            from victor_server.cli.chat.asker import TerminalAsker
            from victor_server.cli.chat.reviewer import TerminalReviewer
            from victor_server.features.edits.disk_desk import DiskDesk

            reviewer = TerminalReviewer(self.asking, self.agent.edits)
            self.agent.attach(DiskDesk(reviewer.show), TerminalAsker(self.asking))
        if self.mode is not None:
            await self.agent.set_mode(self.mode)

    async def set_mode(self, mode: "Mode") -> None:
        """Choose the mode, also of an agent that comes after this one."""
        await self.agent.set_mode(mode)
        self.mode = mode


async def _renewed(live: _Live, reopen: Callable[[], Agent], home: Path) -> "Chat | None":
    """The chat of another agent, where other models are set up by now."""
    from victor_server.compose.restrictions import state_of_models

    state = await asyncio.to_thread(state_of_models, home)
    if state == live.opened_with:
        return None
    agent = await asyncio.to_thread(reopen)
    live.opened_with, old, live.agent = state, live.agent, agent
    await old.close()
    await live.join()
    _tell_problems(agent.problems)
    return agent.chat


async def _talk(live: _Live, reopen: Callable[[], Agent], asked: Asked, folder: Path, home: Path) -> int:
    from victor_server.cli.chat.asking import Asking
    from victor_server.cli.chat.held_screen import HeldScreen
    from victor_server.cli.chat.input import read_answer
    from victor_server.cli.chat.talk import Talk, talk

    async with _opened(live) as chat:
        screen = HeldScreen(_screen(asked))
        live.asking, live.mode = Asking(screen, read_answer), asked.mode
        await live.join()
        state = Talk(chat, screen, folder, await _session(chat, asked, folder), asked.profile)
        state.set_mode = live.set_mode
        state.renew = lambda: _renewed(live, reopen, home)
        lines = _input(state, asked, home, live.agent.services.own_keys)
        try:
            with lines.keys_kept():
                await _greet(state, live.agent, is_plain=_is_plain(asked))
                return await talk(state, lines)
        finally:
            await asyncio.to_thread(lines.close)


@asynccontextmanager
async def _opened(live: _Live) -> "AsyncIterator[Chat]":
    from victor_server.cli.chat.ctrl_c import ended_in_order

    with ended_in_order():
        try:
            yield live.agent.chat
        finally:
            await live.agent.close()


async def _session(chat: "Chat", asked: Asked, folder: Path) -> "ChatSession":
    from victor_server.cli.chat.talk import find_session

    if asked.session:
        return await find_session(chat, asked.session)
    if asked.resume:
        all_here = await chat.sessions(folder)
        found = [each for each in all_here if not each.open_elsewhere]
        if not found:
            why = "Every chat about it is open in another window." if all_here else ""
            raise UsageError(
                f"There is no chat about {folder} to go on with. {why}".rstrip(),
                "Begin one without --continue.",
            )
        return found[0]
    return await chat.new(folder)


async def _greet(state: "Talk", agent: Agent, *, is_plain: bool) -> None:
    """Where one is, whom a question will reach, and how to begin; where no model is set up, what to do about it."""
    from victor_server.cli.chat.talk import show_last_turn

    state.screen.note(f"Victor {__version__} in {state.folder}")
    state.screen.note(await _who_answers(agent, state.profile))
    if not await state.chat.sessions():
        state.screen.note(
            "Ask about the code here. @ mentions a file or a symbol: What does @README.md promise?"
        )
    state.screen.note(_PLAIN_KEYS if is_plain else _KEYS)
    if state.session.n_turns:
        await show_last_turn(state)


async def _who_answers(agent: Agent, profile: str) -> str:
    from victor_server.agent.router.decision import Need

    try:
        decision = await agent.services.router.decide(Need("chat", profile=profile))
    except VictorError as error:
        return "\n".join(part for part in (error.message, error.fix) if part)
    return decision.reason


def _input(state: "Talk", asked: Asked, home: Path, own_keys: Sequence[str]) -> "Input":
    from victor_server.cli.chat.input import LineEditor, LineReader
    from victor_server.cli.chat.talk import status, suggest

    if _is_plain(asked):
        return LineReader()
    from victor_server.cli.chat.past_prompts import FILE_NAME

    return LineEditor(
        home / FILE_NAME,
        lambda text, at: suggest(state, text, at),
        lambda: status(state),
        own_keys=own_keys,
    )


def _screen(asked: Asked) -> "Screen":
    from victor_server.cli.chat.screen import LivelyScreen, PlainScreen, new_console

    if asked.json:
        return PlainScreen(io.StringIO(), sys.stderr, tells_waiting=False)
    if not sys.stdout.isatty():
        return PlainScreen(sys.stdout, sys.stderr, tells_waiting=False)
    if _is_plain(asked):
        return PlainScreen(sys.stdout, sys.stdout, tells_waiting=True)
    return LivelyScreen(new_console())


def _is_plain(asked: Asked) -> bool:
    return asked.plain or os.environ.get("TERM", "") in {"dumb", "unknown"}


def _print_status(told: "Told") -> None:
    from victor_server.cli.chat.neutral import neutral
    from victor_server.cli.chat.told import citation_lines, status_lines

    if told.ended is not None and told.ended.citations:
        print(neutral("Named in it:\n" + citation_lines(told.ended.citations)), file=sys.stderr)
    for line in status_lines(told):
        print(neutral(line), file=sys.stderr)


def _code(told: "Told") -> int:
    reason = told.ended.reason if told.ended is not None else "interrupted"
    return {"refusal": DECLINED, "cancelled": STOPPED, "interrupted": STOPPED}.get(reason, ANSWERED)
