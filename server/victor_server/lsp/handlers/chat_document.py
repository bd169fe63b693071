"""Chats and receipts as documents, for editors that have nothing else to show them in. Loaded when first needed."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from victor_server.agent.context.mentions import as_mention
from victor_server.agent.receipt import to_markdown
from victor_server.agent.run_events import Answered, Noted, ReceiptWritten, Routed, TurnEnded
from victor_server.errors import UsageError
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.document import (
    about_selection,
    about_text,
    answered,
    fitting_behind,
    new_document,
    question_in,
)
from victor_server.features.chat.model import ChatUpdate
from victor_server.features.chat.views import write_view
from victor_server.lsp import chat_turns, uris
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.dispatch import Request
from victor_server.lsp.documents import Document
from victor_server.lsp.editor_source import editor_source, text_between
from victor_server.lsp.handlers.ask_actions import session_of
from victor_server.lsp.handlers.chat import chat_of, root_of, workspace_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import chat_document as shapes
from victor_server.lsp.shapes.chat_document import ChatDocumentParams, ChatSendParams, ReceiptParams
from victor_server.lsp.show_document import aloud, home_of, show_file, shows

_RECEIPT_URI = re.compile(r"victor:(?://)?/?receipt/([0-9A-Za-z_-]{1,80})\.md")


async def chat(session: Session, params: ChatDocumentParams) -> None:
    """Open a chat; with a question it is asked at once. Answers before that."""
    document = session.take_snapshot(params.uri) if params.uri else None
    session.background.start(aloud(session, _open_chat(session, params, document)))


async def send(session: Session, params: ChatSendParams) -> None:
    """Ask what the person wrote last. Answers before that."""
    document = session.take_snapshot(params.uri)
    session_id = session_of(session, params.uri)
    if document is None or session_id is None:
        raise UsageError("This is no chat of Victor's.", "Run `victor.chat` to open one.")
    question = question_in(document.text.readable)
    if not question:
        raise UsageError("There is no question.", 'Write it under the last heading "You".')
    session.background.start(aloud(session, _ask(session, session_id, question, params.uri, None)))


async def receipt(session: Session, params: ReceiptParams) -> None:
    """Open a receipt."""
    text = to_markdown(await (await chat_of(session)).receipt(params.id))
    if session.features.text_document_content and session.features.shows_documents:
        shown = await shows(session, f"victor:/receipt/{params.id}.md")
        if shown:
            return
    name = f"receipt-{re.sub('[^0-9A-Za-z_-]', '', params.id)[:80]}.md"
    await show_file(session, await asyncio.to_thread(write_view, home_of(session), name, text))


async def text_document_content(
    session: Session, params: types.TextDocumentContentParams
) -> types.TextDocumentContentResult:
    """The text of a `victor:` document."""
    match = _RECEIPT_URI.fullmatch(params.uri)
    if match is None:
        raise UsageError("There is no such document.", "Open receipts with `victor.receipt`.")
    return types.TextDocumentContentResult(to_markdown(await (await chat_of(session)).receipt(match[1])))


async def _open_chat(session: Session, params: ChatDocumentParams, document: Document | None) -> None:
    root = session.roots.containing(document.path) if document and document.path else None
    chats = await chat_of(session)
    question = await _about(session, chats, document, params.range) + params.text.strip()
    session_id = (await chats.new(root or root_of(session, None))).id
    # A file like any other holds no secrets, those of a selection neither.
    text = await chats.as_kept(session_id, new_document(question))
    file = await asyncio.to_thread(write_view, home_of(session), f"chat-{session_id}.md", text)
    uri = uris.from_path(str(file))
    if params.text.strip():
        await _ask(session, session_id, question, uri, text)
    # Some editors start another server for the document, which must find the chat free.
    await chats.let_go(session_id)
    await show_file(session, file)


async def _about(
    session: Session, chats: Chat, document: Document | None, selected: types.Range | None
) -> str:
    """The beginning of a question about a selection: mentioned where it lies in a file, else quoted."""
    if document is None or selected is None or selected.start == selected.end:
        return ""
    root = session.roots.containing(document.path) if document.path else None
    if document.path is None or root is None:
        if why := await chats.why_private(document.place):
            raise UsageError(f"{document.name} was not quoted: {why}.", "Ask without the selection.")
        text = text_between(document.text, selected, session.documents.encoding)
        return about_text(text, document.language_id)
    path = document.path.relative_to(root).as_posix()
    last = selected.end.line + (1 if selected.end.character or selected.end == selected.start else 0)
    first = selected.start.line + 1
    return about_selection(f"{as_mention('file', path)}:{first}-{max(first, last)}")


async def _ask(session: Session, session_id: str, question: str, uri: str, written: str | None) -> None:
    """Ask, and add the answer to the document; `written` is what stands in its file while no editor has it open."""
    with chat_turns.expect(session, session_id) as state:
        state.token = await _progress_token(session, session_id)
        chats = await chat_of(session)
        root = await workspace_of(chats, session_id)
        answer, remarks = list[str](), list[str]()

        def take(update: ChatUpdate) -> None:
            _take(update, answer, remarks)

        updates = chats.prompt(session_id, question, around=editor_source(session, None, None))
        try:
            await chat_turns.answer(session, chats, session_id, updates, root, take)
        except chat_turns.TurnFailed as error:
            remarks.append(f"{error.message} {error.fix}".strip())
    await chats.let_go(session_id)
    await _add(session, uri, answered("".join(answer), remarks), written)


def _take(update: ChatUpdate, answer: list[str], remarks: list[str]) -> None:
    # The kept text: a document is a file, and no secret is put back into a file that it is not from.
    match update.event:
        case Answered(kept=text):
            answer.append(text)
        case Noted(text):
            remarks.append(text)
        case Routed(decision):
            remarks.append(decision.reason)
        case ReceiptWritten(receipt_id):
            remarks.append(f"Receipt {receipt_id}.")
        case TurnEnded("cancelled"):
            remarks.append("You stopped the answer.")
        case _:
            pass


async def _add(session: Session, uri: str, text: str, written: str | None) -> None:
    """Through the editor where it has the document open, else in the file."""
    document = session.take_snapshot(uri)
    text = fitting_behind(document.text.whole if document is not None else written or "", text)
    if document is not None and session.features.applies_edits:
        end = _end_of(session, document)
        edit = types.TextEdit(types.Range(end, end), text)
        params = types.ApplyWorkspaceEditParams(
            label="Victor's answer", edit=types.WorkspaceEdit(changes={uri: [edit]})
        )
        answer = await session.client.ask(types.WORKSPACE_APPLY_EDIT, params)
        if isinstance(answer, dict) and answer.get("applied") is True:
            return
    path = uris.to_path(uri) or ""
    before = document.text.whole if document is not None else written or ""
    file = await asyncio.to_thread(write_view, home_of(session), Path(path).name, before + text)
    if document is not None:
        await show_file(session, file)


def _end_of(session: Session, document: Document) -> types.Position:
    last = max(0, len(document.text.lines) - 1)
    n_columns = len(document.text.content(last))
    return types.Position(last, document.text.units(last, n_columns, session.documents.encoding))


async def _progress_token(session: Session, session_id: str) -> str | None:
    if not session.features.work_done_progress:
        return None
    token = f"victor-chat-{session_id}"
    try:
        await session.client.ask(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token=token)
        )
    except ClientRefusedError:
        return None
    return token


REQUESTS: Mapping[str, Request] = {
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT: Request(types.TextDocumentContentParams, text_document_content),
}
COMMANDS: Mapping[str, tuple[str, Request]] = {
    shapes.CHAT: ("text", Request(ChatDocumentParams, chat)),
    shapes.CHAT_SEND: ("uri", Request(ChatSendParams, send)),
    shapes.RECEIPT: ("id", Request(ReceiptParams, receipt)),
}
