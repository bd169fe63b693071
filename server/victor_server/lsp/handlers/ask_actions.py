"""Code actions that open a chat, or send what was written in one. They carry a command only: listing costs nothing."""

from pathlib import Path

from lsprotocol import types

from victor_server.lsp import uris
from victor_server.lsp.documents import Document
from victor_server.lsp.session import Session

KIND = "victor.ask"
_VIEWS = "views"


def ask_actions(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """In a chat document to send, elsewhere to ask about what is selected."""
    if not _is_wanted(params.context.only):
        return []
    if _is_chat(session, document):
        return [_action("Send to Victor", "victor.chat.send", {"uri": document.uri})]
    if params.range.start == params.range.end:
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


def _is_chat(session: Session, document: Document) -> bool:
    settings, path = session.settings.resolved, Path(uris.to_path(document.uri) or "")
    is_view = settings is not None and path.parent == settings.home / _VIEWS
    return is_view and path.name.startswith("chat-")


def _is_wanted(only: object) -> bool:
    """A kind stands for all that are below it; nobody is offered this who asks for fixes."""
    if not isinstance(only, list) or not only:
        return True
    kinds = [str(getattr(one, "value", one)) for one in only]
    return any(kind == "" or kind == KIND or KIND.startswith(f"{kind}.") for kind in kinds)
