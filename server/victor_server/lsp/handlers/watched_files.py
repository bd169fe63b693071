"""Files that the client saw change on disk.

The index watches the disk itself, so no folder is registered with the client: some open a watch for each one in it.
What clients send by themselves is welcome, and on network file systems it is all there is. The few files that say
which secrets are known are registered by their names, where a client can watch just those.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from victor_server.features.workspace_files import KNOWN_FILES
from victor_server.lsp import uris
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.handlers import diagnostics
from victor_server.lsp.handlers.text_sync import take_settings, tell_changed
from victor_server.lsp.session import Session

logger = logging.getLogger(__name__)


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Tell the index, and check the open documents again where what the team knows has changed."""
    paths = [Path(path) for change in params.changes if (path := uris.to_path(change.uri)) is not None]
    if any(path.name in KNOWN_FILES for path in paths):
        diagnostics.check_all_soon(session)
    if paths:
        session.background.start(tell_changed(session, paths))
        take_settings(session, paths)


async def watch(session: Session, folders: Sequence[str]) -> None:
    """Let the client tell of changes of these folders' baselines and ignore files, if it can watch so few."""
    if not session.features.relative_watches:
        return
    registrations = [
        types.Registration(_id_of(uri), types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _known_files_in(uri))
        for uri in folders
    ]
    if registrations:
        await _ask(session, types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(registrations))


async def unwatch(session: Session, folders: Sequence[str]) -> None:
    """The opposite."""
    if session.features.relative_watches and folders:
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        gone = [types.Unregistration(_id_of(uri), method) for uri in folders]
        await _ask(session, types.CLIENT_UNREGISTER_CAPABILITY, types.UnregistrationParams(gone))


async def _ask(session: Session, method: str, params: object) -> None:
    try:
        await session.client.ask(method, params)
    except ClientRefusedError:
        logger.info("the client watches no files")


def _known_files_in(folder: str) -> types.DidChangeWatchedFilesRegistrationOptions:
    patterns = [types.RelativePattern(base_uri=folder, pattern=name) for name in KNOWN_FILES]
    return types.DidChangeWatchedFilesRegistrationOptions(
        [types.FileSystemWatcher(glob_pattern=pattern) for pattern in patterns]
    )


def _id_of(folder: str) -> str:
    return f"victor-known-files {folder}"
