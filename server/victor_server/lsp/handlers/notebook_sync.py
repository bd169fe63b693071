"""Notebooks: their cells are documents like others, named by the notebook that holds them."""

from lsprotocol import types

from victor_server.lsp.convert import from_lsp_changes
from victor_server.lsp.handlers import text_sync
from victor_server.lsp.session import Session


def did_open(session: Session, params: types.DidOpenNotebookDocumentParams) -> None:
    """Mirror every cell; of a notebook that is open already those that went are forgotten."""
    uri, cells = params.notebook_document.uri, [cell.uri for cell in params.cell_text_documents]
    for gone in set(session.notebooks.get(uri, ())).difference(cells):
        text_sync.close_document(session, gone)
    session.notebooks[uri] = cells
    for cell in params.cell_text_documents:
        text_sync.open_document(session, cell)


def did_change(session: Session, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells come, change and go."""
    cells = params.change.cells
    known = session.notebooks.setdefault(params.notebook_document.uri, [])
    if cells is None:
        return
    if cells.structure is not None:
        for closed in cells.structure.did_close or []:
            text_sync.close_document(session, closed.uri)
            if closed.uri in known:
                known.remove(closed.uri)
        for opened in cells.structure.did_open or []:
            text_sync.open_document(session, opened)
            known.append(opened.uri)
    for changed in cells.text_content or []:
        changes = from_lsp_changes(changed.changes)
        text_sync.change_document(session, changed.document.uri, changed.document.version, changes)


def malformed_change(session: Session, params: object) -> None:
    """A change that could not be read may have been any change, in any cell."""
    identifier = params.get("notebookDocument") if isinstance(params, dict) else None
    uri = identifier.get("uri") if isinstance(identifier, dict) else None
    for cell in session.notebooks.get(uri, []) if isinstance(uri, str) else []:
        text_sync.lose_step(session, cell, "a change was malformed")


def did_save(session: Session, params: types.DidSaveNotebookDocumentParams) -> None:
    """Check every cell."""
    for uri in session.notebooks.get(params.notebook_document.uri, []):
        text_sync.save_document(session, uri)


def did_close(session: Session, params: types.DidCloseNotebookDocumentParams) -> None:
    """Forget every cell: those that the client names, and those that it forgot to name."""
    named = [cell.uri for cell in params.cell_text_documents]
    known = session.notebooks.pop(params.notebook_document.uri, [])
    for uri in dict.fromkeys([*named, *known]):
        text_sync.close_document(session, uri)
