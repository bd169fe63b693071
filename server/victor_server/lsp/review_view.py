"""Shows edits under review: to clients that know reviews by messages, to all others as diagnostics in the documents."""

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from victor_server.errors import UsageError, VictorError
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.reviewed_file import where
from victor_server.features.edits.waiting import WaitingFile, waiting_in
from victor_server.lsp import uris
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers import diagnostics
from victor_server.lsp.review_state import ShownReview
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.edits import EDIT_CHANGED, EditChangedParams
from victor_server.lsp.text import Text, text_from
from victor_server.lsp.to_edit_items import to_edit_item

if TYPE_CHECKING:
    from victor_server.features.edits.reviews import Reviews

logger = logging.getLogger(__name__)

_MAX_NAMED = 3


def reviews_of(session: Session) -> "Reviews | None":
    """The reviews of the agent, where one was opened. Costs nothing."""
    services = session.slot.current
    agent = services.opened_agent if services is not None else None
    return None if agent is None else agent.edits


def show_soon(session: Session, edit_id: str) -> None:
    """Tell of an edit set, and show where its hunks are; what is told meanwhile is told together."""
    waiting = session.reviewed.waiting
    if not waiting:
        session.background.start(_show_all(session))
    waiting.add(edit_id)


def document_changed(session: Session, uri: str) -> None:
    """Show in a moment where the hunks of a document are now. Called at each keystroke: it looks nothing up."""
    if session.reviewed.paths or uri in session.reviewed.shown:
        session.review_later.call(uri, lambda: session.background.start(_follow(session, uri)))


async def tell_lost(session: Session) -> None:
    """Tell of proposals that waited when an earlier window ended: once, with the first use of the agent."""
    settings = session.settings.resolved
    if settings is None or session.reviewed.kept is not None:
        return
    kept = session.reviewed.kept = WaitingFile(settings.home)
    lost = await asyncio.to_thread(kept.lost, tuple(session.roots.paths))
    if lost:
        names = ", ".join(dict.fromkeys(each.file for each in lost[:_MAX_NAMED]))
        session.client.show(
            f"Victor ended before you decided about what it proposed in {names}: that is gone, and can be asked for"
            " again. What was applied can be undone.",
            types.MessageType.Info,
        )


async def _keep_waiting(session: Session, reviews: "Reviews") -> None:
    state = session.reviewed
    if state.kept is None:
        return
    state.n_kept += 1
    await asyncio.to_thread(state.kept.keep, state.n_kept, waiting_in(reviews.list()))


async def _show_all(session: Session) -> None:
    state = session.reviewed
    reviews = reviews_of(session)
    # One round of the loop, in which others may still be told.
    await asyncio.sleep(0)
    ids, state.waiting = list(state.waiting), set()
    if reviews is None:
        return
    paths: set[Path] = set()
    for edit_id in ids:
        try:
            edits = reviews.get(edit_id)
        except UsageError:
            continue
        await _tell(session, reviews, edits)
        paths |= {path for file in edits.files for path in (file.path, file.to) if path is not None}
    session.reviewed.announced &= {edits.id for edits in reviews.list()}
    await _keep_waiting(session, reviews)
    state.paths = reviews.open_paths()
    for path in sorted(paths):
        await _show_file(session, reviews, path)


async def _tell(session: Session, reviews: "Reviews", edits: EditSet) -> None:
    if session.features.victor_review:
        item = to_edit_item(session, edits, reviews.places(edits.id), whole=False)
        session.client.notify(EDIT_CHANGED, EditChangedParams(item))
        return
    n_proposed = sum(hunk.state == "proposed" for file in edits.files for hunk in file.hunks)
    if n_proposed and edits.id not in session.reviewed.announced:
        session.reviewed.announced.add(edits.id)
        if not await _is_seen(session, edits):
            session.client.show(_announcement(edits, n_proposed), types.MessageType.Info)


async def _is_seen(session: Session, edits: EditSet) -> bool:
    """Whether one of the files is open, where the person sees the hunks: then no message interrupts them."""
    from victor_server.lsp.desk import open_document_at  # which shows reviews by this module

    documents = [await open_document_at(session, file.path) for file in edits.files]
    return any(document is not None for document in documents)


def _announcement(edits: EditSet, n_proposed: int) -> str:
    """Short: a message that is longer than a terminal's line stops Neovim until a key is pressed."""
    name = where(edits.files[0].path, edits.origin.root)
    more = f" and {len(edits.files) - 1} more" if len(edits.files) > 1 else ""
    said = "a change" if n_proposed == 1 else f"{n_proposed} changes"
    return f"Victor proposes {said} in {name}{more}: see the code actions."


async def _follow(session: Session, uri: str) -> None:
    """Show where the hunks of a document are, now that it is another one, or was opened or closed."""
    reviews = reviews_of(session)
    document = session.documents.get(uri)
    name = uris.to_path(uri)
    if reviews is None or name is None:
        return
    path = document.path if document is not None and document.path is not None else Path(name)
    real = Path(await asyncio.to_thread(os.path.realpath, path))
    shown = session.reviewed.shown.get(uri)
    wanted = {path, real} & reviews.open_paths() | ({shown.path} if shown else set())
    for each in wanted:
        await _show_file(session, reviews, each)
    if shown is not None and document is None and uri != uris.from_path(str(shown.path)):
        _put(session, uri, None)


async def _show_file(session: Session, reviews: "Reviews", path: Path) -> None:
    from victor_server.lsp.desk import open_document_at  # which shows reviews by this module

    document = await open_document_at(session, path)
    uri = uris.from_path(str(path)) if document is None else document.uri
    if uri != (usual := uris.from_path(str(path))):
        _put(session, usual, None)
    text = await _text_of(reviews, document, path)
    if text is None:
        _put(session, uri, None)
        return
    placed = await reviews.placed(path, await asyncio.to_thread(lambda: text.whole))
    if document is not None and not session.features.applies_edits:
        await _note_chosen(reviews, session.reviewed.shown.get(uri))
    broken = reviews.broken_in(path)
    shown = ShownReview(path, text, placed, broken) if placed or broken else None
    if document is not None and not session.is_current(document):
        # It was changed meanwhile, which has asked for this anew.
        return
    _put(session, uri, shown)


async def _note_chosen(reviews: "Reviews", before: ShownReview | None) -> None:
    """Decide as a person did whose editor takes no edits: by an action that brought its edit and nothing else."""
    for placed in before.placed if before is not None else ():
        try:
            states = {
                hunk.id: hunk.state for file in reviews.get(placed.edit_id).files for hunk in file.hunks
            }
            if not placed.is_in and states[placed.hunk.id] == "applied":
                await reviews.resolve(placed.edit_id, [placed.hunk.id], "accept")
            elif placed.is_in and states[placed.hunk.id] == "reverted":
                await reviews.resolve(placed.edit_id, [placed.hunk.id], "undo")
        except VictorError as error:
            logger.warning("a decision was not noted: %s", error.message)


async def _text_of(reviews: "Reviews", document: Document | None, path: Path) -> Text | None:
    if document is not None:
        return document.text if document.in_step else None
    try:
        held = await reviews.desk.read(path)
    except VictorError:
        return None
    return text_from("" if held is None else held.text)


def _put(session: Session, uri: str, shown: ShownReview | None) -> None:
    before = session.reviewed.shown.pop(uri, None)
    if shown is not None:
        session.reviewed.shown[uri] = shown
    if before is not None or shown is not None:
        diagnostics.publish_review(session, uri)
