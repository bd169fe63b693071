"""The findings of one document: computed off the event loop, and from the ones before where only a part was edited."""

from collections.abc import Callable, Sequence

from lsprotocol import types

from victor_server.features.secrets_on_save.model import Check, Source
from victor_server.features.workspace_files import EXAMPLES, GITIGNORE, KNOWN_FILES, WorkspaceFiles
from victor_server.lsp.documents import Document
from victor_server.lsp.offers import still_given
from victor_server.lsp.session import Session
from victor_server.secrets.finding import Finding

_OWN_FILES = frozenset({*KNOWN_FILES, *EXAMPLES, GITIGNORE})


async def findings_in(session: Session, document: Document) -> Sequence[Finding]:
    """The secrets in `document` as it was taken; none while the settings say so."""
    check = await check_of(session, document)
    return () if check is None else check.findings


async def check_of(session: Session, document: Document) -> Check | None:
    """What was found in `document`; None while the settings say that nothing shall be looked for."""
    services = await session.slot.get()
    settings = session.settings.resolved
    if settings is None or not settings.secrets.enabled:
        return None
    before = session.diagnostics.checked.get(document.uri)
    take_files = files_of(session)
    check = await session.pool.run_blocking(
        lambda: services.secrets.check(source_of(session, document), take_files(), before)
    )
    if session.is_current(document) and session.slot.current is services:
        session.diagnostics.checked[document.uri] = check
    for problem in check.problems:
        session.client.show_once(problem, f"Victor: {problem}", types.MessageType.Warning)
    return check


def source_of(session: Session, document: Document) -> Source:
    """The document in the features' words. May join a long text: call it off the event loop."""
    root = None if document.path is None else session.roots.containing(document.path)
    return Source(document.text.readable, document.name, document.language_id, root)


def files_of(session: Session) -> Callable[[], WorkspaceFiles]:
    """What gives, off the event loop, the workspace's files as the editor has them at this moment."""
    is_open = {
        document.path: document.text
        for document in session.documents
        if document.path is not None and document.path.name in _OWN_FILES and document.in_step
    }
    given = {path: each for path, each in session.offers.given.items() if path not in is_open}
    creates = session.features.creates_files

    def take() -> WorkspaceFiles:
        texts = {path: text.readable for path, text in is_open.items()}
        return WorkspaceFiles({**still_given(given), **texts}, creates)

    return take
