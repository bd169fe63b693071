"""The editor as context sees it: what is selected, what is open, and what Victor and others say of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lsprotocol import types

from victor_server.agent.context.sources import Buffer, EditorSource, Note, Selection
from victor_server.lsp.documents import Document
from victor_server.lsp.editor_diagnostics import ask_editor
from victor_server.lsp.positions import Encoding
from victor_server.lsp.session import Session
from victor_server.lsp.text import Text, without_surrogates

VIEWS = "views"
"""The folder in VICTOR_HOME with the documents that Victor opens."""


@dataclass(frozen=True, slots=True)
class _Noted:
    path: Path
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Editor:
    """Snapshots: nothing that is edited meanwhile changes them. Texts are joined when they are asked for."""

    documents: Sequence[Document]
    front: str | None
    selected: Selection | None
    noted: Sequence[_Noted]
    others: Callable[[Sequence[Path]], Awaitable[Sequence[Note]]]
    again: Callable[[], EditorSource]

    def selection(self) -> Selection | None:
        return self.selected

    def buffers(self) -> Sequence[Buffer]:
        return [
            Buffer(
                document.place,
                document.text.readable,
                document.edited,
                in_front=document.uri == self.front,
            )
            for document in self.documents
        ]

    async def diagnostics(self, paths: Sequence[Path]) -> Sequence[Note]:
        own = [note for each in self.noted if not paths or each.path in paths for note in each.notes]
        return [*own, *await self.others(paths)]

    def now(self) -> EditorSource:
        # In any thread: a document never changes, and the list of them is taken at once.
        return self.again()


def editor_source(session: Session, uri: str | None, selected: types.Range | None) -> EditorSource:
    """What the person has in front of them: the document `uri`, and what is selected in it, if anything."""
    settings = session.settings.resolved
    views = settings.home / VIEWS if settings else None
    in_step = [
        document
        for document in session.documents
        # A document in which somebody chats is no context for the chat.
        if document.in_step and (document.path is None or document.path.parent != views)
    ]
    in_front = [document for document in in_step if document.uri == uri]
    documents = [*in_front, *(document for document in in_step if document.uri != uri)]
    selection = _selection(in_front[0], selected, session.documents.encoding) if in_front else None
    noted = _noted(session, documents)
    again = partial(editor_source, session, uri, None)
    return _Editor(documents, uri, selection, noted, partial(ask_editor, session), again)


def _selection(document: Document, selected: types.Range | None, encoding: Encoding) -> Selection | None:
    if selected is None or selected.start == selected.end:
        return None
    start, end = selected.start, selected.end
    text = text_between(document.text, selected, encoding)
    end_line = end.line + 1 if end.character or end.line == start.line else end.line
    return Selection(document.place, start.line, end_line, text) if text else None


def text_between(text: Text, selected: types.Range, encoding: Encoding) -> str:
    """What a range holds; as much of it as there is."""
    start, end = selected.start, selected.end
    lines = text.lines[start.line : end.line + 1]
    if not lines:
        return ""
    if end.line < len(text.lines):
        lines[-1] = lines[-1][: text.column(end.line, end.character, encoding)]
    lines[0] = lines[0][text.column(start.line, start.character, encoding) :]
    return without_surrogates("".join(lines))


def _noted(session: Session, documents: Sequence[Document]) -> list[_Noted]:
    """Secrets that were found, told without them."""
    services = session.slot.current
    if services is None:
        return []
    noted: list[_Noted] = []
    for document in documents:
        check = session.diagnostics.checked.get(document.uri)
        if check is None or document.path is None:
            continue
        path = document.path
        notes = tuple(
            Note(
                path,
                each.line,
                each.end_line + 1,
                "warning",
                services.secrets.message(each),
                "victor",
                each.rule,
            )
            for each in check.findings
        )
        noted.append(_Noted(path, notes))
    return noted
