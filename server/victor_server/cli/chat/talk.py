"""A conversation in the terminal: question, answer, and the few commands that are the terminal's own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from victor_server.agent.run_events import Answered, TurnEnded
from victor_server.cli.chat.ctrl_c import on_ctrl_c
from victor_server.cli.chat.input import Input, Suggestion
from victor_server.cli.chat.screen import Screen
from victor_server.cli.chat.show import show, show_turn
from victor_server.cli.chat.told import Told, citation_lines, status_lines, toolbar
from victor_server.errors import UsageError, VictorError
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import ChatUpdate, Prompted
from victor_server.history.model import ChatSession
from victor_server.settings.profiles import Mode

_N_LISTED = 20
_MODES: Mapping[Mode, str] = {
    "plan": "nothing is changed and nothing is run.",
    "ask": "every change and every command is asked for.",
    "build": "your permissions decide; `victor permissions` lists them.",
}
_ID_LETTERS = 8


@dataclass(slots=True)
class Talk:
    """What is going on in this terminal. `profile` "" leaves the choice to the router; `told` is the last turn.

    `set_mode` sets the mode of all of it. `renew` gives another chat to go on with where the models were set up anew meanwhile, else None.
    """

    chat: Chat
    screen: Screen
    folder: Path
    session: ChatSession
    profile: str = ""
    told: Told | None = None
    renew: Callable[[], Awaitable[Chat | None]] | None = None
    set_mode: Callable[[Mode], Awaitable[None]] | None = None


async def talk(state: Talk, lines: Input) -> int:
    """Question and answer until the person leaves; returns the exit code."""
    # Between two answers Ctrl-C reaches the line editor as a key, or drops the line in the terminal itself.
    with on_ctrl_c(lambda: None):
        while (text := await _read(state, lines)) != "/quit":
            if text:
                await _do(state, text)
    return 0


async def _read(state: Talk, lines: Input) -> str:
    """The next text, "" for one that was given up, "/quit" where the person leaves."""
    try:
        return (await lines.read()).strip()
    except KeyboardInterrupt:
        state.screen.note("Ctrl-D or /quit leaves.")
        return ""
    except EOFError:
        return "/quit"


async def show_last_turn(state: Talk) -> None:
    """Show how a chat that is gone on with ended."""
    updates = (await state.chat.load(state.session.id)).updates
    asked = next((each for each in reversed(updates) if isinstance(each.event, Prompted)), None)
    if asked is None or not isinstance(asked.event, Prompted):
        return
    state.screen.note(f"Going on with “{state.session.title}”. You asked last:\n{asked.event.shown}")
    told = Told(state.session.id)
    for each in updates:
        if each.turn_id == asked.turn_id and isinstance(each.event, Answered | TurnEnded):
            show(each.event, told, state.screen, details=False)
    state.screen.end()


async def suggest(state: Talk, text: str, cursor: int) -> Sequence[Suggestion]:
    """Ways to go on at the cursor; none where they cannot be had."""
    try:
        found = await state.chat.complete(text, cursor, root=state.folder)
    except VictorError:
        found = []
    suggestions = [Suggestion(each.text, cursor - each.start, each.detail) for each in found]
    before = text[:cursor]
    if before.startswith("/") and before[1:].isalpha() | (before == "/"):
        own = [
            Suggestion(name, cursor, words) for name, (_, words) in _OWN.items() if name.startswith(before)
        ]
        suggestions += own
    return suggestions


def status(state: Talk) -> str:
    """The line below the input: who answered last and what it took, or whom a question will reach."""
    if state.told is not None and (said := toolbar(state.told)):
        return said
    return f"profile {state.profile}" if state.profile else str(state.folder)


async def _do(state: Talk, text: str) -> None:
    name, _, rest = text.partition(" ")
    try:
        if state.renew is not None and (renewed := await state.renew()) is not None:
            state.chat = renewed
        if name in _OWN:
            await _OWN[name][0](state, rest.strip())
        else:
            await _answer(state, state.chat.prompt(state.session.id, text, profile=state.profile))
            if name == "/help":
                state.screen.note(_own_help())
    except VictorError as error:
        _tell(state, error)


async def _answer(state: Talk, updates: AsyncGenerator[ChatUpdate, None]) -> None:
    told = await show_turn(state.chat, state.session.id, updates, state.screen, details=True)
    if told.decision is not None or told.receipts:
        state.told = told  # what no model was asked, such as /usage, leaves the last answer's receipt at hand
    ended = told.ended
    if ended is not None and ended.reason == "failed":
        _tell(state, VictorError(ended.message, ended.fix))
    if ended is not None and ended.citations:
        state.screen.note("Named in it:\n" + citation_lines(ended.citations))
    for line in status_lines(told):
        state.screen.note(line)


def _tell(state: Talk, error: VictorError) -> None:
    state.screen.end()
    state.screen.note("\n".join(part for part in (error.message, error.fix) if part))


async def _retry(state: Talk, _rest: str) -> None:
    await _answer(state, state.chat.retry(state.session.id, profile=state.profile))


async def _new(state: Talk, title: str) -> None:
    state.session = await state.chat.new(state.folder, title=title)
    state.told = None
    state.screen.note("A new chat. The one before is kept: /chats lists it.")


async def _chats(state: Talk, _rest: str) -> None:
    found = list(await state.chat.sessions(state.folder))[:_N_LISTED]
    lines = [_session_line(each, is_this=each.id == state.session.id) for each in found]
    state.screen.note("\n".join(lines) or "There is no chat about this folder yet.")


async def _open(state: Talk, beginning: str) -> None:
    if not beginning:
        raise UsageError("Which chat?", "/chats lists them; /open and its first letters opens one.")
    state.session = await find_session(state.chat, beginning)
    state.told = None
    await show_last_turn(state)


async def _fork(state: Talk, beginning: str) -> None:
    session_id = (await find_session(state.chat, beginning)).id if beginning else state.session.id
    state.session = await state.chat.fork(session_id)
    state.told = None
    state.screen.note(f"A new chat that begins like “{state.session.title}”; that one stays as it is.")


async def _profile(state: Talk, name: str) -> None:
    state.profile = "" if name == "auto" else name or state.profile
    said = (
        f"Profile {state.profile} answers from now on."
        if state.profile
        else "The router chooses who answers."
    )
    state.screen.note(said)


async def _mode(state: Talk, name: str) -> None:
    if name and (name not in get_args(Mode) or state.set_mode is None):
        raise UsageError(f"There is no mode {name}.", f"There are {', '.join(get_args(Mode))}.")
    if name and state.set_mode is not None:
        await state.set_mode(cast(Mode, name))
    state.screen.note(f"Mode {state.chat.mode}: {_MODES[state.chat.mode]}")


async def _receipt(state: Talk, _rest: str) -> None:
    from victor_server.agent.receipt import to_markdown

    if state.told is None or not state.told.receipts:
        raise UsageError(
            "There is no receipt yet.", "Ask something first; `victor receipts` lists older ones."
        )
    state.screen.answer(to_markdown(await state.chat.receipt(state.told.receipts[-1])))
    state.screen.end()


async def find_session(chat: Chat, beginning: str) -> ChatSession:
    """The one chat whose name begins so. Raises UsageError where there is none, or several."""
    found = [each for each in await chat.sessions() if each.id.startswith(beginning)]
    if len(found) != 1:
        problem = f"{len(found)} chats begin with {beginning}." if found else f"There is no chat {beginning}."
        raise UsageError(problem, "/chats in `victor` lists those of a folder.")
    return found[0]


def _session_line(session: ChatSession, *, is_this: bool) -> str:
    when = datetime.fromtimestamp(session.updated).astimezone().strftime("%Y-%m-%d %H:%M")
    turns = "1 question" if session.n_turns == 1 else f"{session.n_turns} questions"
    where = ", this one" if is_this else ", open in another window" if session.open_elsewhere else ""
    return f"{session.id[:_ID_LETTERS]}  {when}  {session.title} ({turns}{where})"


_OWN: Mapping[str, tuple[Callable[[Talk, str], Awaitable[None]], str]] = {
    "/retry": (_retry, "Ask the last question again"),
    "/new": (_new, "Begin a new chat"),
    "/chats": (_chats, "List the chats about this folder"),
    "/open": (_open, "Go on with another chat, by the first letters of its name"),
    "/fork": (_fork, "Begin a new chat with what was said in this one, or in another"),
    "/profile": (_profile, "Have a profile answer; `auto` leaves it to the router"),
    "/mode": (_mode, "Say how free the model is: plan, ask or build; without a word, which it is"),
    "/receipt": (_receipt, "Show what left this machine for the last answer"),
}


def _own_help() -> str:
    rows = [f"{name:<9} {words}" for name, (_, words) in _OWN.items()]
    return "\n".join(["In the terminal there are besides:", *rows, "/quit     Leave, as Ctrl-D does"])
