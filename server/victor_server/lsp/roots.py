"""The folders that the client has open, and their way into the index."""

import asyncio
import logging
from collections.abc import Awaitable
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_server.errors import UsageError, VictorError
from victor_server.lsp import uris
from victor_server.lsp.client import Client
from victor_server.lsp.services import Index

logger = logging.getLogger(__name__)


class Roots:
    """Which roots should be open; `settle` makes it so, one change after the other."""

    def __init__(self) -> None:
        self._wanted: list[Path] = []
        self._uris: dict[Path, str] = {}
        self._opened: list[Path] = []
        self._index: Index | None = None
        self._turn = asyncio.Lock()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The roots, in the client's order."""
        return tuple(self._wanted)

    def add(self, uri: str) -> None:
        """Want the folder of this URI; what is not a folder on disk is ignored."""
        path = uris.to_path(uri)
        if path is not None and Path(path) not in self._wanted:
            self._wanted.append(Path(path))
            self._uris[Path(path)] = uri

    def remove(self, uri: str) -> None:
        """Want it no more."""
        path = uris.to_path(uri)
        if path is not None and Path(path) in self._wanted:
            self._wanted.remove(Path(path))

    def uri_of(self, root: Path) -> str:
        """The root's URI as the client spells it."""
        return self._uris[root]

    def containing(self, path: Path) -> Path | None:
        """The innermost root in which a path lies."""
        around = [root for root in self._wanted if path.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None)

    def find(self, name: str) -> Path:
        """The root that the client names by its URI or its path. Raises UsageError."""
        path = Path(uris.to_path(name) or name)
        if path not in self._wanted:
            raise UsageError(
                f"{name[:200]} is not an open folder", "Name one of the workspace's folders, or none for all."
            )
        return path

    async def settle(self, index: Index, client: Client) -> None:
        """Open and close roots in `index` until it has those that are wanted; a new index gets them all."""
        async with self._turn:
            if index is not self._index:
                self._index, self._opened = index, []
            for root in [root for root in self._opened if root not in self._wanted]:
                await _said_aloud(index.close_root(root), root, client)
                self._opened.remove(root)
            for root in [root for root in self._wanted if root not in self._opened]:
                await _said_aloud(index.open(root), root, client)
                self._opened.append(root)


async def _said_aloud(step: Awaitable[None], root: Path, client: Client) -> None:
    """Take `step`; one root that cannot be served must not keep the others from it."""
    try:
        await step
    except (VictorError, IndexerError) as error:
        logger.warning("a root cannot be served: %s", error.message)
        client.show_once(f"root {root}", f"Victor cannot index {root}: {error.message} {error.fix}".rstrip())
