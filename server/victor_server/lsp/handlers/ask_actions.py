"""Code actions that open a chat, or send what was written in one. They carry a command only: listing costs nothing."""

import re
from pathlib import Path

from lsprotocol import types

from victor_server.lsp import uris
from victor_server.lsp.documents import Document
from victor_server.lsp.positions import is_cursor
from victor_server.lsp.session import Session

KIND = "victor.ask"
_VIEWS = "views"
_CHAT_FILE = re.compile(r"chat-([0-9a-f]{1,80})\.md")


def ask_actions(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """In a chat document to send, elsewhere to ask about what is selected."""
    if not _is_wanted(params.context.only):
        return []
    if session_of(session, document.uri):
        return [_action("Send to Victor", "victor.chat.send", {"uri": document.uri})]
    if is_cursor(params.range):
        return []
    start, end = params.range.start, params.range.end
    selected = {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
    argument = {"uri": document.uri, "range": selected}
    return [_action("Ask Victor about the selection", "victor.chat", argument)]


def _action(title: str, command: str, argument: object) -> types.CodeAction:
    return types.CodeAction(
        title=title,
        kind=KIND,
        command=types.Command(title=title, command=command, arguments=[argument]),
    )


def session_of(session: Session, uri: str) -> str | None:
    """The chat that a document holds; None if it holds none. Looks at the disk only for what is named like one."""
    settings, path = session.settings.resolved, Path(uris.to_path(uri) or "")
    match = _CHAT_FILE.fullmatch(path.name)
    if match is None or settings is None:
        return None
    views = settings.home / _VIEWS
    # Some editors give a file the name behind its links.
    return match[1] if path.parent in (views, views.resolve()) else None


def _is_wanted(only: object) -> bool:
    """A kind stands for all that are below it; nobody is offered this who asks for fixes."""
    if not isinstance(only, list) or not only:
        return True
    kinds = [str(getattr(one, "value", one)) for one in only]
    return any(kind == "" or kind == KIND or KIND.startswith(f"{kind}.") for kind in kinds)
