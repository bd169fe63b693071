"""What follows when a person has chosen a fix for a secret: a word about what is left to do, or a page that opens."""

from lsprotocol import types

from victor_server.features.workspace_files import KNOWN_FILES
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.handlers import diagnostics
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.secrets import FixedParams, RevokeParams


async def fixed(session: Session, params: FixedParams) -> None:
    """The editor has applied an edit of ours: say what is left to do, and remember what files hold in the editor now."""
    offer = session.offers.take(params.offer)
    if offer is None:
        return
    (await session.slot.get()).secrets.chosen(offer.root, offer.fix)
    if offer.note:
        session.client.show(offer.note, types.MessageType.Info)
    for path, given in offer.files.items():
        if session.documents.at(path) is None:
            session.offers.given[path] = given
    if any(path.name in KNOWN_FILES for path in offer.files):
        diagnostics.check_all_soon(session)


async def revoke(session: Session, params: RevokeParams) -> None:
    """Open the vendor's page. The address is ours: a client names the rule only."""
    services = await session.slot.get()
    page = services.secrets.page(params.rule)
    if page is not None:
        session.background.start(_show_page(session, page))


async def _show_page(session: Session, page: str) -> None:
    if not (session.features.shows_documents and await _opens(session, page)):
        session.client.show(f"Revoke it here: {page}", types.MessageType.Info)


async def _opens(session: Session, page: str) -> bool:
    try:
        answer = await session.client.ask(
            types.WINDOW_SHOW_DOCUMENT, types.ShowDocumentParams(uri=page, external=True)
        )
    except ClientRefusedError:
        return False
    return isinstance(answer, dict) and answer.get("success") is True
