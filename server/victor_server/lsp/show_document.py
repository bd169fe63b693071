"""Shows a person a document of Victor's, in every editor: opened, or the place where it lies told."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from lsprotocol import types

from victor_indexer.errors import IndexerError
from victor_server.errors import UsageError, VictorError
from victor_server.lsp import uris
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.session import Session


async def show_file(session: Session, file: Path) -> None:
    """Have a file opened; an editor that opens none is told where it lies."""
    if not (session.features.shows_documents and await shows(session, uris.from_path(str(file)))):
        session.client.show(f"Victor wrote {file}", types.MessageType.Info)


async def shows(session: Session, uri: str) -> bool:
    """Ask the editor to open a document; whether it did."""
    try:
        params = types.ShowDocumentParams(uri=uri, take_focus=True)
        answer = await session.client.ask(types.WINDOW_SHOW_DOCUMENT, params)
    except ClientRefusedError:
        return False
    return isinstance(answer, dict) and answer.get("success") is True


async def aloud(session: Session, work: Coroutine[Any, Any, None]) -> None:
    """For work that nobody waits for: what goes wrong is shown."""
    try:
        await work
    except (VictorError, IndexerError, ClientRefusedError) as error:
        said = (
            str(error) if isinstance(error, ClientRefusedError) else f"{error.message} {error.fix}".rstrip()
        )
        session.client.show(f"Victor: {said}")


def home_of(session: Session) -> Path:
    """VICTOR_HOME. Raises UsageError as long as the settings are not known."""
    settings = session.settings.resolved
    if settings is None:
        raise UsageError("Victor is still starting.", "Ask again in a moment.")
    return settings.home
