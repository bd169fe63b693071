"""One turn on its way to the client: updates as they come, progress, and one end however it goes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from victor_server.agent.run_events import Answered, ReceiptWritten, Routed, TurnEnded
from victor_server.errors import UsageError, VictorError
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import ChatUpdate, Prompted
from victor_server.lsp import uris
from victor_server.lsp.answer import Answer
from victor_server.lsp.chat_updates import to_acp_update
from victor_server.lsp.handlers.status import tell_later
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.chat import CHAT_UPDATE

Updates = AsyncGenerator[ChatUpdate, None]


class TurnFailed(VictorError):
    """A turn that ended in an error, of that error's kind."""

    def __init__(self, end: TurnEnded) -> None:
        super().__init__(end.message, end.fix)
        self.kind = end.kind


@dataclass(slots=True)
class Told:
    """What a turn came to."""

    end: TurnEnded = field(default_factory=lambda: TurnEnded("cancelled"))
    turn_id: str = ""
    text: str = ""
    receipt: str = ""


@contextmanager
def expect(session: Session, session_id: str, token: str | int | None = None) -> Iterator[Answer]:
    """Take note that an answer is wanted, before anything is waited for. Raises UsageError while one is written.

    `token` is of a progress that the client made or agreed to.
    """
    if session_id in session.answers:
        raise UsageError("An answer is being written.", "Wait for it, or stop it.")
    session.answers[session_id] = state = Answer(token)
    try:
        yield state
    finally:
        del session.answers[session_id]
        state.ended.set()


async def answer(
    session: Session,
    chat: Chat,
    session_id: str,
    updates: Updates,
    root: Path | None,
    told: Callable[[ChatUpdate], None] = lambda _: None,
) -> Told:
    """Run an expected turn to its end; `told` hears every update besides the client.

    Raises TurnFailed where it failed, and CancelledError after it was stopped in order.
    """
    state = session.answers[session_id]
    state.chat = chat
    work = asyncio.ensure_future(_tell_all(session, chat, session_id, updates, state, root, told))
    try:
        result = await asyncio.shield(work)
    except asyncio.CancelledError:
        state.unwanted = True
        await chat.cancel(session_id)
        await asyncio.wait([work])
        raise
    finally:
        await _leave(session, chat, session_id)
    if result.end.reason == "failed":
        raise TurnFailed(result.end)
    return result


async def _leave(session: Session, chat: Chat, session_id: str) -> None:
    """Let the chat that took this one's place meanwhile have the session, before the client asks on."""
    services = session.slot.current
    if services is not None and (services.opened_agent is None or services.opened_agent.chat is not chat):
        await chat.let_go(session_id)


async def stop(session: Session, chat: Chat, session_id: str) -> bool:
    """Stop an answer, be it not begun yet; False if there is none."""
    state = session.answers.get(session_id)
    if state is not None:
        state.unwanted = True
    return await chat.cancel(session_id) or state is not None


@contextmanager
def held_back(session: Session, session_id: str) -> Iterator[Callable[[int], None]]:
    """Hold the updates of an answer back while its chat is loaded: else the client hears the end before the beginning.

    What is given is called with the last `seq` that the client was told by loading; what is held and later follows.
    """
    state = session.answers.get(session_id) or Answer()
    state.held = state.held or []

    def told_up_to(seq: int) -> None:
        state.told_seq = max(state.told_seq, seq)

    try:
        yield told_up_to
    finally:
        held, state.held = state.held or [], None
        for update, root in held:
            _tell_live(session, state, update, root)


def tell(session: Session, update: ChatUpdate, root: Path | None) -> None:
    """Send an update to a client that wants it."""
    if session.features.victor_chat:
        params = to_acp_update(update, root, lambda path: uri_of(session, path))
        if params is not None:
            session.client.notify(CHAT_UPDATE, params)


def uri_of(session: Session, path: Path) -> str:
    """A file's URI as the client spells it."""
    document = session.documents.at(path)
    return document.uri if document is not None else uris.from_path(str(path))


async def _tell_all(
    session: Session,
    chat: Chat,
    session_id: str,
    updates: Updates,
    state: Answer,
    root: Path | None,
    told: Callable[[ChatUpdate], None],
) -> Told:
    result, text = Told(), list[str]()
    _progress(session, state, types.WorkDoneProgressBegin(title="Victor answers", cancellable=True))
    try:
        async with aclosing(updates):
            async for update in updates:
                _take(session, state, update, result, text)
                _tell_live(session, state, update, root)
                told(update)
                if state.unwanted and not isinstance(update.event, TurnEnded):
                    await chat.cancel(session_id)
    finally:
        _progress(session, state, types.WorkDoneProgressEnd())
    result.text = "".join(text)
    return result


def _tell_live(session: Session, state: Answer, update: ChatUpdate, root: Path | None) -> None:
    """Tell what comes of an answer, in order and once, with all that is told by loading the chat."""
    if isinstance(update.event, Prompted) or update.seq <= state.told_seq:
        return  # the client wrote the one itself, and knows the other
    if state.held is None:
        tell(session, update, root)
    else:
        state.held.append((update, root))


def _take(session: Session, state: Answer, update: ChatUpdate, result: Told, text: list[str]) -> None:
    result.turn_id = update.turn_id
    match update.event:
        case Answered(shown=more):
            text.append(more)
        case ReceiptWritten(receipt_id):
            result.receipt = receipt_id
        case Routed(decision):
            _progress(session, state, types.WorkDoneProgressReport(message=decision.model))
            tell_later(session)
        case TurnEnded() as end:
            result.end = end
        case _:
            pass


def _progress(
    session: Session,
    state: Answer,
    value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
) -> None:
    if state.token is not None:
        session.client.notify(types.PROGRESS, types.ProgressParams(token=state.token, value=value))
