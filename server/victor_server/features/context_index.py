"""The index of all open roots as context is gathered from it: one root at a time, opened where it is not yet."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.model import Broken, LocatedSymbol, SearchResult, Symbol
from victor_server.agent.context.sources import RankedSymbol
from victor_server.errors import Unavailable, VictorError
from victor_server.features.workspace_index import WorkspaceIndex

READY_WAIT_S = 6.0
"""So long the first question about a root waits for its index; what is not indexed by then is found less well."""

PARSE_WAIT_S = 5.0
"""So long a change waits for the worker to parse it; what is not parsed by then is offered unparsed."""


class ContextIndex:
    """An `IndexSource` over the worker.

    `opens`: a root that nobody has opened is opened by the first question, and `close` lets go of the worker; without
    it `index` belongs to whoever opens its roots. A root that holds `user_folder`, all of a person's files, is not
    opened by a question.
    """

    def __init__(
        self, index: WorkspaceIndex, *, opens: bool = False, user_folder: Path | None = None
    ) -> None:
        self._index = index
        self._opens = opens
        self._user_folder = user_folder
        self._waited: set[Path] = set()
        self._opening = asyncio.Lock()

    async def ready(self, root: Path) -> None:
        """Wait for an index that is just being built: once for each root, and READY_WAIT_S at most. Never raises."""
        if root in self._waited:
            return
        self._waited.add(root)
        with suppress(TimeoutError, VictorError, IndexerError):  # the search itself will say what is wrong
            await self._open(root)
            await asyncio.wait_for(self._index.settled(root), READY_WAIT_S)

    async def broken_in(self, path: str, text: str) -> Sequence[Broken] | None:
        """Where a text does not parse, None where nobody can say within PARSE_WAIT_S. Never raises."""
        with suppress(TimeoutError, VictorError, IndexerError):
            return await asyncio.wait_for(self._index.broken_in(path, text), PARSE_WAIT_S)
        return None

    async def search(self, root: Path, query: str, k: int) -> SearchResult:
        """The `k` best hits."""
        await self._open(root)
        found = await self._index.search(query, k=k, root=root)
        return SearchResult(query, found.partial, tuple(each.hit for each in found.hits))

    async def symbols(self, root: Path, query: str, limit: int) -> Sequence[LocatedSymbol]:
        """Definitions whose name matches, best first."""
        await self._open(root)
        return await self._index.find_symbols(root, query, limit=limit)

    async def paths(self, root: Path, query: str, limit: int) -> Sequence[str]:
        """Files whose path matches, best first."""
        await self._open(root)
        return await self._index.find_paths(root, query, limit=limit)

    async def outline(self, path: str, text: str) -> Sequence[Symbol]:
        """What a text defines, in order."""
        return await self._index.symbols_of_text(path, text)

    async def repo_map(self, root: Path, focus: Sequence[str], limit: int) -> Sequence[RankedSymbol]:
        """The definitions that matter most, seen from the files in `focus`, best first."""
        await self._open(root)
        return [
            RankedSymbol(each.path, _dotted(each), each.symbol.kind, each.symbol.name_line, score)
            for each, score in await self._index.repo_map(root, focus, limit=limit)
        ]

    async def close(self) -> None:
        """Let go of the worker, if it is ours."""
        if self._opens:
            await self._index.close()

    async def _open(self, root: Path) -> None:
        if not self._opens:
            return
        if await asyncio.to_thread(self._is_everything, root):
            raise Unavailable(
                f"{root} holds all of your files: a question does not begin to index that.",
                "Ask in a project's folder.",
            )
        async with self._opening:  # all are asked at once: none may go on before the root is open
            await self._index.open(root)

    def _is_everything(self, root: Path) -> bool:
        """A repository of somebody's dot files is a project all the same."""
        user_folder = self._user_folder
        return user_folder is not None and user_folder.is_relative_to(root) and not (root / ".git").exists()


def _dotted(located: LocatedSymbol) -> str:
    symbol = located.symbol
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
