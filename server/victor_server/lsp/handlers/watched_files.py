"""Files that the client saw change on disk.

The index watches the disk itself, so nothing is registered with the client: some open a watch for each folder. What
clients send by themselves is welcome, and on network file systems it is all there is.
"""

from pathlib import Path

from lsprotocol import types

from victor_server.features.secrets_on_save.known_here import KNOWN_FILES
from victor_server.lsp import uris
from victor_server.lsp.handlers import diagnostics
from victor_server.lsp.handlers.text_sync import tell_changed
from victor_server.lsp.session import Session


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Tell the index, and check the open documents again where what the team knows has changed."""
    paths = [Path(path) for change in params.changes if (path := uris.to_path(change.uri)) is not None]
    if any(path.name in KNOWN_FILES for path in paths):
        diagnostics.check_all_soon(session)
    if paths:
        session.background.start(tell_changed(session, paths))
