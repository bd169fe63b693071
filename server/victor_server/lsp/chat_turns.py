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
    work = asyncio.ensure_future(_tell_all(session, chat, session_id, updates, state, root, told))
    try:
        result = await asyncio.shield(work)
    except asyncio.CancelledError:
        state.unwanted = True
        await chat.cancel(session_id)
        await asyncio.wait([work])
        raise
    if result.end.reason == "failed":
        raise TurnFailed(result.end)
    return result


async def stop(session: Session, chat: Chat, session_id: str) -> bool:
    """Stop an answer, be it not begun yet; False if there is none."""
    state = session.answers.get(session_id)
    if state is not None:
        state.unwanted = True
    return await chat.cancel(session_id) or state is not None


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
                if not isinstance(update.event, Prompted):  # the client wrote that itself
                    tell(session, update, root)
                told(update)
                if state.unwanted and not isinstance(update.event, TurnEnded):
                    await chat.cancel(session_id)
    finally:
        _progress(session, state, types.WorkDoneProgressEnd())
    result.text = "".join(text)
    return result


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
