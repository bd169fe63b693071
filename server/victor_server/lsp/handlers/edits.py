"""`victor/edit/*`, and the commands by which any editor decides about hunks. Loaded when first needed."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from victor_server.errors import UsageError
from victor_server.features.assists.patch import patch_of_edit
from victor_server.features.chat.views import write_view
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.new_problems import new_problems
from victor_server.features.edits.review_model import Resolved, Which
from victor_server.features.edits.reviewed_file import where
from victor_server.features.edits.reviews import Reviews
from victor_server.lsp.desk import open_document_at
from victor_server.lsp.dispatch import Request
from victor_server.lsp.editor_diagnostics import ask_editor
from victor_server.lsp.handlers.chat import agent_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import edits as shapes
from victor_server.lsp.shapes.chat import NoParams
from victor_server.lsp.shapes.edits import (
    EditGetResult,
    EditItem,
    EditListParams,
    EditListResult,
    EditParams,
    EditResolveParams,
    EditResolveResult,
)
from victor_server.lsp.show_document import aloud, home_of, show_file
from victor_server.lsp.to_edit_items import to_edit_item
from victor_server.lsp.uris import to_path

_OPEN = frozenset({"proposed", "applied"})


async def list_(session: Session, params: EditListParams) -> EditListResult:
    """The edits of this window."""
    reviews = await _reviews(session)
    found = [each for each in reviews.list() if not params.open or _is_open(each)]
    return EditListResult([_to_item(session, reviews, each) for each in found])


async def get(session: Session, params: EditParams) -> EditGetResult:
    """An edit with its texts, its hunks where they stand in the documents as they are now."""
    reviews = await _reviews(session)
    for file in reviews.get(params.id).files:
        document = await open_document_at(session, file.path)
        if document is not None and document.in_step:
            await reviews.placed(file.path, document.text.whole)
    return EditGetResult(_to_item(session, reviews, reviews.get(params.id), whole=True))


async def resolve(session: Session, params: EditResolveParams) -> EditResolveResult:
    """Decide about hunks, and answer once that is done."""
    reviews = await _reviews(session)
    done = await _resolved(session, reviews, params)
    return EditResolveResult(_to_item(session, reviews, done.edits), list(done.said))


async def resolve_by_command(session: Session, params: EditResolveParams) -> None:
    """The same; the answer does not wait for it, since some editors wait for the answer."""
    session.background.start(aloud(session, _decide(session, params)))


async def show(session: Session, params: EditParams) -> None:
    """Open an edit as a patch."""
    edits = (await _reviews(session)).get(params.id)
    session.background.start(aloud(session, _show(session, edits)))


async def show_all(session: Session, _: NoParams) -> None:
    """Open the edits that are open, as patches in one document."""
    found = [each for each in (await _reviews(session)).list() if _is_open(each)]
    if not found:
        session.client.show("No edit of Victor's waits for you.", types.MessageType.Info)
        return
    session.background.start(aloud(session, _show(session, *found)))


async def _decide(session: Session, params: EditResolveParams) -> None:
    for said in (await _resolved(session, await _reviews(session), params)).said:
        session.client.show(said, types.MessageType.Warning)


async def _resolved(session: Session, reviews: Reviews, params: EditResolveParams) -> Resolved:
    which: Which = params.hunks
    paths = [file.to or file.path for file in reviews.get(params.id).files]
    if params.hunks is None and params.uri is not None:
        which = await _file_of(session, reviews.get(params.id), params.uri)
    asks = session.features.victor_diagnostics and params.decision in ("accept", "keep")
    before = await ask_editor(session, paths) if asks else ()
    done = await reviews.resolve(params.id, which, params.decision, params.reason)
    if asks:

        async def look() -> None:
            found = await new_problems(lambda paths: ask_editor(session, paths), paths, before)
            if found:
                reviews.note_broken(params.id, found)

        session.background.start(look())
    return done


async def _file_of(session: Session, edits: EditSet, uri: str) -> Path:
    """The file of an edit that is meant, by whatever name the editor has for it."""
    for file in edits.files:
        for path in (file.path, file.to):
            document = await open_document_at(session, path) if path is not None else None
            if path is not None and (str(path) == to_path(uri) or (document and document.uri == uri)):
                return path
    raise UsageError(f"{uri[:200]} is not in this edit.", "Name one of its files.")


async def _show(session: Session, *found: EditSet) -> None:
    text = await asyncio.to_thread(lambda: "\n".join(map(_as_document, found)))
    name = f"edit-{found[0].id[:40]}.md" if len(found) == 1 else "edits.md"
    await show_file(session, await asyncio.to_thread(write_view, home_of(session), name, text))


def _as_document(edits: EditSet) -> str:
    """Markdown: the title, then a patch for each file, and what checking found."""
    root = edits.origin.root
    parts = [f"# {' '.join(edits.origin.title.split())}\n"]
    for file in edits.files:
        to = where(file.to, root) if file.to else ""
        patch = patch_of_edit(file, where(file.path, root), to)
        states = ", ".join(hunk.state for hunk in file.hunks)
        fence = "`" * max(3, 1 + max(map(len, _runs_of_ticks(patch)), default=0))
        problems = "".join(f"* {problem}\n" for problem in file.problems)
        parts.append(f"\n{where(file.path, root)}: {states}\n{problems}\n{fence}diff\n{patch}{fence}\n")
    return "".join(parts)


def _runs_of_ticks(text: str) -> list[str]:
    return [run for run in "".join(each if each == "`" else " " for each in text).split() if run]


def _to_item(session: Session, reviews: Reviews, edits: EditSet, *, whole: bool = False) -> EditItem:
    places, reasons = reviews.places(edits.id), reviews.reasons(edits.id)
    return to_edit_item(session, edits, places, whole=whole, reasons=reasons)


def _is_open(edits: EditSet) -> bool:
    return any(hunk.state in _OPEN for file in edits.files for hunk in file.hunks)


async def _reviews(session: Session) -> Reviews:
    return (await agent_of(session)).edits


REQUESTS: Mapping[str, Request] = {
    shapes.EDIT_LIST: Request(EditListParams, list_),
    shapes.EDIT_GET: Request(EditParams, get),
    shapes.EDIT_RESOLVE: Request(EditResolveParams, resolve),
}
COMMANDS: Mapping[str, tuple[str, Request]] = {
    shapes.EDIT_RESOLVE_COMMAND: ("id", Request(EditResolveParams, resolve_by_command)),
    shapes.EDIT_SHOW: ("id", Request(EditParams, show)),
    shapes.EDIT_SHOW_ALL: ("id", Request(NoParams, show_all)),
}
