"""Deleting a file that the editor has open, so that nothing goes with it that is kept nowhere.

An edit that deletes names no version, and takes the file on disk as well as the document. So both must hold the same
before; and what a person types before the editor gets to it is written back.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from lsprotocol import types

from victor_server.errors import UsageError
from victor_server.features.edits.desk import Write, Written
from victor_server.features.edits.disk_files import Found, find_text, make_file
from victor_server.features.edits.lines import BOM, with_line_feeds
from victor_server.lsp.client_features import ClientFeatures
from victor_server.lsp.documents import Document
from victor_server.lsp.session import Session
from victor_server.lsp.text import Text

CLOSE_LIMIT_S = 0.5
"""So long the document may still be told of as open once the editor has deleted its file."""

Ask = Callable[[types.WorkspaceEdit], Awaitable[Written]]
"""Asks the editor: `written` where it says that it has done so."""


async def delete_document(session: Session, document: Document, write: Write, ask: Ask) -> Written:
    """Have the editor delete an open file. Never raises."""
    path = document.path or write.path
    try:
        held = await asyncio.to_thread(find_text, path)
    except UsageError as error:
        return Written(write.path, "refused", error.message)
    if held is not None and not _alike(held.text, document.text.whole):
        why = "The file on disk holds what the document does not show: save the document, or load it again."
        return Written(write.path, "refused", why)
    last = document.text

    def note(uri: str) -> None:
        nonlocal last
        now = session.documents.get(uri)
        if uri == document.uri and now is not None:
            last = now.text

    with session.changes.listening(note):
        answer = await ask(to_lsp_deletion(document, session.features))
        await _closed(session, document.uri)
    if answer.is_unsure or last is document.text:
        return answer
    if answer.how == "written" and session.documents.get(document.uri) is None:
        await asyncio.to_thread(_write_back, path, last, held)
    return Written(write.path, "moved_on")


def to_lsp_deletion(document: Document, features: ClientFeatures) -> types.WorkspaceEdit:
    """What deletes a document's file; for editors that look at versions first, only if it still is at this one."""
    deletion = types.DeleteFile(uri=document.uri)
    if not features.document_changes:
        return types.WorkspaceEdit(document_changes=[deletion])
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, []), deletion])


def _alike(on_disk: str, shown: str) -> bool:
    """Editors show line ends and byte order marks in their own way."""
    plain, other = (with_line_feeds(text.removeprefix(BOM)).rstrip("\n") for text in (on_disk, shown))
    return plain == other


async def _closed(session: Session, uri: str) -> None:
    try:
        async with asyncio.timeout(CLOSE_LIMIT_S):
            while session.documents.get(uri) is not None:
                await session.changes.next(uri)
    except TimeoutError:
        pass  # it is shown without its file


def _write_back(path: Path, text: Text, held: Found | None) -> None:
    if not os.path.lexists(path):
        make_file(path, text.readable, None if held is None else held.mode)
