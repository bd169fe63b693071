"""Opening, changing, saving and closing of documents: bookkeeping at once, everything that follows from it later."""

import logging
import stat
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from victor_indexer.errors import IndexerError
from victor_server.errors import DocumentError, VictorError
from victor_server.features.workspace_files import KNOWN_FILES
from victor_server.lsp import uris
from victor_server.lsp.convert import from_lsp_changes
from victor_server.lsp.documents import IGNORED_SCHEMES, Change, Document
from victor_server.lsp.handlers import diagnostics
from victor_server.lsp.session import Session
from victor_server.settings.load import FILE_NAME

logger = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Mirror the document, check it, and let its text stand before the file's if the two differ."""
    open_document(session, params.text_document)


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits."""
    changes = from_lsp_changes(params.content_changes)
    change_document(session, params.text_document.uri, params.text_document.version, changes)


def malformed_change(session: Session, params: object) -> None:
    """A change that could not be read may have been any change."""
    identifier = params.get("textDocument") if isinstance(params, dict) else None
    uri = identifier.get("uri") if isinstance(identifier, dict) else None
    if isinstance(uri, str) and session.documents.get(uri) is not None:
        lose_step(session, uri, "a change was malformed")


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """Check the document; the file is what the index reads again."""
    save_document(session, params.text_document.uri)


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document and what was shown of it."""
    close_document(session, params.text_document.uri)


def open_document(session: Session, item: types.TextDocumentItem) -> None:
    """A document or a notebook's cell comes."""
    document = session.documents.open(item.uri, item.language_id, item.version, item.text)
    if document is None:
        return
    session.diagnostics.forget_text(item.uri)
    if document.path is not None:
        session.offers.given.pop(document.path, None)
    diagnostics.check_opened(session, document)
    offer_overlay(session, document)
    session.changes.tell(item.uri)


def change_document(session: Session, uri: str, version: int, changes: list[Change]) -> None:
    """A document or a notebook's cell changes. What does not fit is said once; the mirror then waits for a whole text."""
    if session.documents.get(uri) is None:
        _ignore_change(session, uri)
        return
    try:
        document = session.documents.change(uri, version, changes)
    except DocumentError as error:
        lose_step(session, uri, error.message)
        return
    if document is not None and document.in_step:
        diagnostics.recheck_later(session, document)
        offer_overlay(session, document)
        _notice_what_is_known(session, document)
        session.changes.tell(uri)


def _ignore_change(session: Session, uri: str) -> None:
    """Neovim sends such changes after it has given a new buffer its name: nothing that a person should click away."""
    if uri not in session.unopened and uris.scheme(uri) not in IGNORED_SCHEMES:
        session.unopened.add(uri)
        logger.warning("a document was changed that is not open")


def lose_step(session: Session, uri: str, why: str) -> None:
    """The mirror cannot follow the client's document any more: show and serve nothing that may be wrong."""
    logger.warning("a change does not fit its document: %s", why)
    session.client.show_once(f"step {uri}", f"Victor lost track of {uri}: {why}. Close it and open it again.")
    document = session.documents.lose_step(uri)
    if document is not None:
        diagnostics.clear(session, uri)
        _take_overlay_away(session, document)
        session.changes.tell(uri)


def save_document(session: Session, uri: str) -> None:
    """A document or a notebook's cell was saved."""
    document = session.documents.mark_saved(uri)
    if document is None:
        return
    diagnostics.check_saved(session, document)
    _notice_what_is_known(session, document)
    if document.path is not None:
        _take_overlay_away(session, document)
        session.background.start(tell_changed(session, [document.path]))
        take_settings(session, [document.path])


def take_settings(session: Session, paths: Sequence[Path]) -> None:
    """Where one of these files holds settings, they count from now on."""
    if any(path.name == FILE_NAME for path in paths):
        from victor_server.lsp.handlers import configuration  # which needs this module

        session.background.start(configuration.apply(session))


def close_document(session: Session, uri: str) -> None:
    """A document or a notebook's cell goes."""
    document = session.documents.close(uri)
    if document is not None:
        diagnostics.clear(session, uri)
        session.diagnostics.forget(uri)
        _take_overlay_away(session, document)
        _notice_what_is_known(session, document)
        session.changes.tell(uri)


def _notice_what_is_known(session: Session, document: Document) -> None:
    """A baseline or ignore file is another one now: what it settles is shown no more, and what it does not is."""
    if document.path is not None and document.path.name in KNOWN_FILES:
        diagnostics.check_all_soon(session)


def offer_overlay(session: Session, document: Document) -> None:
    """Let the index see the unsaved text in a moment."""
    if document.path is not None and document.in_step and not document.saved:
        session.overlay_later.call(
            document.uri, lambda: session.background.start(_overlay(session, document.uri))
        )


async def tell_changed(session: Session, paths: list[Path]) -> None:
    """Tell the index that files have changed on disk."""
    index = await session.index()
    try:
        await index.files_changed(paths)
    except (VictorError, IndexerError) as error:
        logger.warning("the index did not take changed files: %s", error.message)


def _take_overlay_away(session: Session, document: Document) -> None:
    session.overlay_later.drop(document.uri)
    if document.path is not None:
        version = session.next_overlay_version()
        session.background.start(_send_overlay(session, document.path, None, version))


async def _overlay(session: Session, uri: str) -> None:
    document = session.take_snapshot(uri)
    if document is None or document.path is None or document.saved:
        return
    version = session.next_overlay_version()
    path, text = document.path, document.text
    if await session.pool.run_blocking(lambda: _is_file_text(path, text.whole)):
        session.documents.mark_saved(uri, document.version)
        await _send_overlay(session, path, None, version)
    elif session.is_current(document):
        await _send_overlay(session, path, text.readable, version)


async def _send_overlay(session: Session, path: Path, text: str | None, version: int) -> None:
    index = await session.index()
    try:
        await index.overlay(path, text, version)
    except (VictorError, IndexerError) as error:
        logger.warning("the index did not take an unsaved buffer: %s", error.message)


def _is_file_text(path: Path, text: str) -> bool:
    """True when the file holds just this text: editors open files far more often than they restore unsaved ones."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > 4 * len(text) + 8:
            return False
        data = path.read_bytes()
    except (OSError, ValueError):
        return False
    return data.removeprefix(b"\xef\xbb\xbf") == text.removeprefix("\ufeff").encode("utf-8", "replace")
