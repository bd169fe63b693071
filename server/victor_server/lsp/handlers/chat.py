"""`victor/chat/*`: conversations. Loaded with the first of these requests."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from victor_server.features.chat.chat import Chat
from victor_server.history.model import ChatSession
from victor_server.lsp import chat_turns
from victor_server.lsp.attach import attach
from victor_server.lsp.chat_blocks import read_blocks
from victor_server.lsp.chat_updates import to_locations
from victor_server.lsp.dispatch import Request
from victor_server.lsp.editor_source import editor_source
from victor_server.lsp.handlers import configuration
from victor_server.lsp.services import Agent
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import chat as shapes
from victor_server.lsp.shapes.chat import (
    ChatCancelResult,
    ChatCommand,
    ChatCommandsResult,
    ChatCompletion,
    ChatForkParams,
    ChatListParams,
    ChatListResult,
    ChatLoadParams,
    ChatLoadResult,
    ChatNewParams,
    ChatNewResult,
    ChatPromptParams,
    ChatPromptResult,
    ChatQueryContextParams,
    ChatQueryContextResult,
    ChatRenameParams,
    ChatRetryParams,
    ChatSessionInfo,
    ChatSessionParams,
    ChatSteerParams,
    NoParams,
)

_StopReason = Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]


async def new(session: Session, params: ChatNewParams) -> ChatNewResult:
    """Begin a chat."""
    root = root_of(session, params.root)
    made = await (await chat_of(session)).new(root, title=params.title)
    return ChatNewResult(made.id)


async def prompt(session: Session, params: ChatPromptParams) -> ChatPromptResult:
    """Ask, and answer at the end of the turn."""

    async def ask(chat: Chat, root: Path | None) -> chat_turns.Updates:
        said = read_blocks(params.prompt, root)
        document = params.textDocument.uri if params.textDocument else None
        around = editor_source(session, document, params.range)
        profile = _profile(session, params)
        return chat.prompt(
            params.sessionId, said.text, profile=profile, attached=said.attached, around=around
        )

    return await _turn(session, params.sessionId, params.workDoneToken, ask)


async def retry(session: Session, params: ChatRetryParams) -> ChatPromptResult:
    """Ask the last question again."""

    async def ask(chat: Chat, _: Path | None) -> chat_turns.Updates:
        return chat.retry(params.sessionId, profile=_profile(session, params))

    return await _turn(session, params.sessionId, params.workDoneToken, ask)


async def cancel(session: Session, params: ChatSessionParams) -> ChatCancelResult:
    """Stop the answer."""
    return ChatCancelResult(
        await chat_turns.stop(session, await chat_of(session, params.sessionId), params.sessionId)
    )


async def steer(session: Session, params: ChatSteerParams) -> None:
    """Say something to the model while it answers."""
    said = read_blocks(params.prompt, None)
    await (await chat_of(session, params.sessionId)).steer(params.sessionId, said.text)


async def list_(session: Session, params: ChatListParams) -> ChatListResult:
    """The chats."""
    root = session.roots.find(params.root) if params.root else None
    found = await (await chat_of(session)).sessions(root)
    return ChatListResult([_to_info(each) for each in found])


async def load(session: Session, params: ChatLoadParams) -> ChatLoadResult:
    """Open a chat, and send what happened in it."""
    chat = await chat_of(session, params.sessionId)
    with chat_turns.held_back(session, params.sessionId) as told_up_to:
        loaded = await chat.load(params.sessionId, params.afterSeq)
        root = Path(loaded.session.workspace) if loaded.session.workspace else None
        for update in loaded.updates:
            chat_turns.tell(session, update, root)
        told_up_to(loaded.last_seq)
    return ChatLoadResult(_to_info(loaded.session), loaded.last_seq)


async def fork(session: Session, params: ChatForkParams) -> ChatNewResult:
    """Begin a chat as another one."""
    chat = await chat_of(session, params.sessionId)
    return ChatNewResult((await chat.fork(params.sessionId, params.upToTurn)).id)


async def rename(session: Session, params: ChatRenameParams) -> None:
    """Another title."""
    await (await chat_of(session, params.sessionId)).rename(params.sessionId, params.title)


async def delete(session: Session, params: ChatSessionParams) -> None:
    """Forget a chat."""
    await (await chat_of(session, params.sessionId)).delete(params.sessionId)


async def commands(session: Session, _: NoParams) -> ChatCommandsResult:
    """The slash commands."""
    found = (await chat_of(session)).commands()
    return ChatCommandsResult(
        [ChatCommand(each.name, each.text, {"hint": each.hint} if each.hint else None) for each in found]
    )


async def query_context(session: Session, params: ChatQueryContextParams) -> ChatQueryContextResult:
    """Complete a question."""
    root = root_of(session, params.root)
    chat, text = await chat_of(session), params.text
    found = await chat.complete(text, len(text), root=root, around=editor_source(session, None, None))
    return ChatQueryContextResult(
        [ChatCompletion(text[each.start :], each.text, each.label, each.detail) for each in found]
    )


def _profile(session: Session, params: ChatPromptParams | ChatRetryParams) -> str:
    return params.profile or session.chosen.profiles.get(params.sessionId, "")


async def chat_of(session: Session, session_id: str = "") -> Chat:
    """The chats, opened if this is the first message about them; where an answer is being written, those it is of."""
    answer = session.answers.get(session_id)
    if answer is not None and answer.chat is not None:
        return answer.chat
    return (await agent_of(session)).chat


async def agent_of(session: Session) -> Agent:
    """The agent of the settings that hold, with what the client chose."""
    services = await session.slot.get()
    if services.is_stale:
        await configuration.renew(session)
        services = await session.slot.get()
    agent = await services.agent()
    attach(session, agent)
    if session.chosen.profile is not None:
        agent.chat.profile = session.chosen.profile
    if session.chosen.mode is not None:
        agent.chat.mode = session.chosen.mode
    return agent


def root_of(session: Session, name: str | None) -> Path | None:
    """The folder that is meant: the one of this name, else the first one, if there is one."""
    return session.roots.find(name) if name else next(iter(session.roots.paths), None)


async def workspace_of(chat: Chat, session_id: str) -> Path | None:
    """The folder that a chat is about."""
    workspace = (await chat.session(session_id)).workspace
    return Path(workspace) if workspace else None


async def _turn(
    session: Session,
    session_id: str,
    token: str | int | None,
    ask: Callable[[Chat, Path | None], Coroutine[Any, Any, chat_turns.Updates]],
) -> ChatPromptResult:
    # Taken note of before the first wait: a wish to stop may follow at once.
    with chat_turns.expect(session, session_id, token):
        chat = await chat_of(session)
        root = await workspace_of(chat, session_id)
        told = await chat_turns.answer(session, chat, session_id, await ask(chat, root), root)
    return _to_result(session, told, root)


def _to_result(session: Session, told: chat_turns.Told, root: Path | None) -> ChatPromptResult:
    reason = told.end.reason
    # `answer` raises for a turn that failed, and one that is interrupted has nobody to tell.
    stop: _StopReason = "cancelled" if reason == "failed" or reason == "interrupted" else reason
    victor: dict[str, Any] = {"turnId": told.turn_id, "receipt": told.receipt or None}
    victor["citations"] = to_locations(
        told.end.citations, root, lambda path: chat_turns.uri_of(session, path)
    )
    if not session.features.victor_chat:
        victor["text"] = told.text
    return ChatPromptResult(stop, {"victor": victor})


def _to_info(found: ChatSession) -> ChatSessionInfo:
    updated = datetime.fromtimestamp(found.updated, UTC).isoformat(timespec="seconds")
    victor = {"turns": found.n_turns, "openElsewhere": found.open_elsewhere}
    return ChatSessionInfo(found.id, found.workspace, found.title, updated, {"victor": victor})


REQUESTS: Mapping[str, Request] = {
    shapes.CHAT_NEW: Request(ChatNewParams, new),
    shapes.CHAT_PROMPT: Request(ChatPromptParams, prompt),
    shapes.CHAT_CANCEL: Request(ChatSessionParams, cancel),
    shapes.CHAT_STEER: Request(ChatSteerParams, steer),
    shapes.CHAT_RETRY: Request(ChatRetryParams, retry),
    shapes.CHAT_LIST: Request(ChatListParams, list_),
    shapes.CHAT_LOAD: Request(ChatLoadParams, load),
    shapes.CHAT_FORK: Request(ChatForkParams, fork),
    shapes.CHAT_RENAME: Request(ChatRenameParams, rename),
    shapes.CHAT_DELETE: Request(ChatSessionParams, delete),
    shapes.CHAT_COMMANDS: Request(NoParams, commands),
    shapes.CHAT_QUERY_CONTEXT: Request(ChatQueryContextParams, query_context),
}
