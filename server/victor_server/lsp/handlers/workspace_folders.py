"""Folders that the client opens and closes."""

from pathlib import Path

from lsprotocol import types

from victor_server.lsp import uris
from victor_server.lsp.handlers import configuration, status, watched_files
from victor_server.lsp.session import Session


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Serve the folders that came, and no longer those that went."""
    for folder in params.event.removed:
        session.roots.remove(folder.uri)
        if (path := uris.to_path(folder.uri)) is not None:
            session.progress.end(str(Path(path)))
    for folder in params.event.added:
        session.roots.add(folder.uri)
    session.background.start(_settle(session))
    session.background.start(configuration.apply(session))  # whose own settings count may be another one now
    session.background.start(watched_files.watch(session, [folder.uri for folder in params.event.added]))
    session.background.start(watched_files.unwatch(session, [folder.uri for folder in params.event.removed]))


async def _settle(session: Session) -> None:
    await session.index()
    status.tell_later(session)
