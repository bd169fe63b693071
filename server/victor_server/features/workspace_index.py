"""The index of all open roots, for an event loop: turns paths into (root, path) and asks the worker."""

import asyncio
import itertools
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from victor_indexer import wire
from victor_indexer.client import IndexClient, WorkerCommand
from victor_indexer.errors import IndexerError, RequestCancelled
from victor_indexer.model import Broken, LocatedSymbol, Status, Symbol
from victor_server.errors import Unavailable
from victor_server.features.found import Found, FoundHit, FoundSymbol

logger = logging.getLogger(__name__)

_SUFFIX_OF_LANGUAGE = {
    "python": ".py",
    "javascript": ".js",
    "javascriptreact": ".jsx",
    "typescript": ".ts",
    "typescriptreact": ".tsx",
    "go": ".go",
    "rust": ".rs",
    "java": ".java",
    "c": ".c",
    "cpp": ".cpp",
    "csharp": ".cs",
    "ruby": ".rb",
    "php": ".php",
    "shellscript": ".sh",
    "sh": ".sh",
    "bash": ".sh",
}
"""LSP's language ids → the suffix by which the index knows the language of a buffer without a file."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What of a root is indexed: files up to `max_file_bytes`, none that match a glob of `exclude`."""

    max_file_bytes: int
    exclude: tuple[str, ...]


@dataclass(slots=True)
class _Root:
    """An open root: as the client spells it, and as the worker knows it (one spelling a folder)."""

    spelled: Path
    real: str
    status: Status


@dataclass(frozen=True, slots=True)
class _Overlay:
    """An unsaved buffer that was sent: the root it was sent for, and its path there."""

    real: str
    relative: str


class WorkspaceIndex:
    """Every coroutine here may be cancelled, which stops the worker's side of it too. Use from one event loop."""

    def __init__(self, home: Path, command: WorkerCommand, options: IndexOptions, *, enabled: bool) -> None:
        self._client = IndexClient(home, command, self._on_event)
        self._options = options
        self.enabled = enabled
        self._roots: dict[Path, _Root] = {}
        self._opening: set[Path] = set()
        self._overlays: dict[Path, _Overlay] = {}
        self._versions: dict[Path, int] = {}
        """The newest version of each buffer, those taken away included: an older one may still be on its way."""
        self._listeners: list[Callable[[Status], None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self, root: Path) -> None:
        """Start to serve `root`; returns before its index is built, and before the worker runs."""
        self._loop = asyncio.get_running_loop()
        if root in self._roots or root in self._opening or not self.enabled:
            return
        self._opening.add(root)
        try:
            real = await asyncio.to_thread(os.path.realpath, root)  # a network drive may take its time
        except BaseException:
            self._opening.discard(root)  # whoever asked has gone: the next one opens it
            raise
        if root not in self._opening:
            return  # closed meanwhile
        self._opening.remove(root)
        self._roots[root] = _Root(
            root, real, Status(str(root), "scanning", 0, 0, "The index worker is starting.")
        )
        answer = self._client.keep(("open", real), "open", root=real, options=self._options_to_wire())
        answer.add_done_callback(lambda done: self._on_opened(real, done))

    async def close_root(self, root: Path) -> None:
        """Stop to serve `root`. Unknown roots are ignored."""
        self._opening.discard(root)
        known = self._roots.pop(root, None)
        if known is None or any(other.real == known.real for other in self._roots.values()):
            return
        for path in [path for path, laid in self._overlays.items() if laid.real == known.real]:
            self._take_overlay_away(path)
        self._client.forget(("open", known.real))
        self._client.ask("close_root", root=known.real)  # nobody needs to wait for that

    async def search(self, query: str, *, k: int, root: Path | None) -> Found:
        """The `k` best hits in `root` or in all roots."""
        answers, complete = await self._ask_all(self._asked_roots(root), "search", query=query, k=k)
        hits: list[FoundHit] = []
        partial = not complete
        for known, answer in answers:
            result = wire.result_from_wire(answer)
            partial = partial or result.partial
            hits += [FoundHit(known.spelled, hit) for hit in result.hits]
        hits.sort(key=lambda found: -found.hit.score)
        return Found(query, partial, tuple(hits[:k]))

    async def document_symbols(
        self, path: Path, text: str, language_id: str, *, unsaved: bool
    ) -> Sequence[Symbol]:
        """Definitions in one document: the index's, or the text's where the index cannot know them."""
        known = self._root_of(path)
        if known is not None and not unsaved:
            answer = await self._ask("symbols", root=known.real, path=_relative(path, known.spelled))
            if answer is not None:
                return wire.symbols_from_wire(answer)
        suffix = _SUFFIX_OF_LANGUAGE.get(language_id, path.suffix)
        return await self.symbols_of_text(path.name if path.suffix else path.name + suffix, text)

    async def symbols_of_text(self, name: str, text: str) -> Sequence[Symbol]:
        """Definitions in a text; its name tells the language."""
        return wire.symbols_from_wire(await self._ask("symbols_of_text", path=name, text=text))

    async def broken_in(self, path: str, text: str) -> Sequence[Broken] | None:
        """Where a text does not parse, None where nobody can say."""
        answer = await self._ask("broken_in_text", path=path, text=text)
        return None if answer is None else [Broken(*each) for each in answer]

    async def workspace_symbols(self, query: str, *, limit: int) -> Sequence[FoundSymbol]:
        """Definitions whose name matches `query`, best first, over all roots."""
        answers, _ = await self._ask_all(list(self._roots.values()), "find_symbols", query=query, limit=limit)
        lists = [
            [FoundSymbol(known.spelled, located) for located in wire.located_from_wire(answer)]
            for known, answer in answers
        ]
        # Each root's list stands best first: the best of all roots come before the second best of any.
        in_turn = (found for rank in itertools.zip_longest(*lists) for found in rank if found is not None)
        return list(itertools.islice(in_turn, limit))

    async def find_paths(self, root: Path, query: str, *, limit: int) -> Sequence[str]:
        """Indexed files of one root whose path matches, best first; relative to the root."""
        (known,) = self._asked_roots(root)
        answer = await self._ask("find_paths", root=known.real, query=query, limit=limit)
        return [str(path) for path in answer]

    async def find_symbols(self, root: Path, query: str, *, limit: int) -> Sequence[LocatedSymbol]:
        """Definitions of one root whose name matches `query`, best first."""
        (known,) = self._asked_roots(root)
        return wire.located_from_wire(
            await self._ask("find_symbols", root=known.real, query=query, limit=limit)
        )

    async def repo_map(
        self, root: Path, focus: Sequence[str], *, limit: int
    ) -> Sequence[tuple[LocatedSymbol, float]]:
        """The definitions that the rest leans on, seen from the files in `focus` (relative), best first."""
        (known,) = self._asked_roots(root)
        answer = await self._ask("repo_map", root=known.real, focus=list(focus), limit=limit)
        located = wire.located_from_wire([(path, symbol) for path, symbol, _ in answer])
        return [(each, float(row[2])) for each, row in zip(located, answer, strict=True)]

    async def status(self, root: Path | None = None) -> Sequence[Status]:
        """Where the index of each root (or of this one) stands; from what is known, at once."""
        return [known.status for known in self._roots.values() if root is None or known.spelled == root]

    async def settled(self, root: Path) -> None:
        """Return once the index of `root` is built, or nobody is at work on it: it is paused, or failed."""
        (known,) = self._asked_roots(root)
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda _: changed.set())
        try:
            while known.status.state in ("scanning", "indexing"):
                changed.clear()
                await changed.wait()
        finally:
            unsubscribe()

    async def pause(self, root: Path | None = None) -> None:
        """Stop to index until `resume`."""
        for known in self._asked_roots(root):
            await self._ask("pause", root=known.real)

    async def resume(self, root: Path | None = None) -> None:
        """Go on after `pause`."""
        for known in self._asked_roots(root):
            await self._ask("resume", root=known.real)

    async def rebuild(self, root: Path | None = None) -> None:
        """Throw the index away and build it anew; returns once that has begun."""
        for known in self._asked_roots(root):
            await self._ask("rebuild", root=known.real)

    async def files_changed(self, paths: Sequence[Path]) -> None:
        """These files (or everything below these folders) were made, changed or removed on disk."""
        by_root: dict[str, list[str]] = {}
        for path in paths:
            known = self._root_of(path)
            if known is not None:
                by_root.setdefault(known.real, []).append(_relative(path, known.spelled))
        for real, relative in by_root.items():
            await self._ask("changed", root=real, paths=relative)

    async def overlay(self, path: Path, text: str | None, version: int) -> None:
        """Let an unsaved buffer stand before the file in this client's searches; None takes it away."""
        if version < self._versions.get(path, version):
            return
        self._versions[path] = version
        known = self._root_of(path)
        laid = self._overlays.get(path)
        if laid is not None and (text is None or known is None or laid.real != known.real):
            self._take_overlay_away(path)
        if text is None or known is None:
            return
        relative = _relative(path, known.spelled)
        self._overlays[path] = _Overlay(known.real, relative)
        self._client.keep(
            *(_overlay_key(known.real, relative), "overlay"),
            root=known.real,
            path=relative,
            text=text,
            version=version,
        )

    def _take_overlay_away(self, path: Path) -> None:
        laid, version = self._overlays.pop(path), self._versions[path]
        self._client.forget(_overlay_key(laid.real, laid.relative))
        self._client.ask("overlay", root=laid.real, path=laid.relative, text=None, version=version)

    def subscribe(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call `callback` on the event loop at each change of a status; returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    async def close(self) -> None:
        """Let go of the worker's connection and of all roots."""
        self._listeners.clear()
        await asyncio.to_thread(self._client.close)

    async def _ask(self, method: str, **params: Any) -> Any:
        return await asyncio.wrap_future(self._client.ask(method, **params))

    async def _ask_all(
        self, roots: Sequence[_Root], method: str, **params: Any
    ) -> tuple[list[tuple[_Root, Any]], bool]:
        """Ask for each of `roots`; returns the answers, and whether all answered. Raises only if none did."""
        answers = await asyncio.gather(
            *(self._ask(method, root=known.real, **params) for known in roots), return_exceptions=True
        )
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        serious = [error for error in failed if not isinstance(error, IndexerError)]
        if serious or (failed and len(failed) == len(roots)):
            raise (serious or failed)[0]
        for error in failed:
            logger.warning("a folder could not be asked: %s", error)
        asked = zip(roots, answers, strict=True)
        return [(known, answer) for known, answer in asked if answer not in failed], not failed

    def _asked_roots(self, root: Path | None) -> list[_Root]:
        if not self.enabled:
            raise Unavailable("The index is switched off.", "Set `index.enabled` to true.")
        if root is None:
            return list(self._roots.values())
        known = self._roots.get(root) or self._by_real_path(root)
        if known is None:
            raise Unavailable(f"{root} is not open.", "Open that folder in the editor first.")
        return [known]

    def _by_real_path(self, root: Path) -> _Root | None:
        return next((known for known in self._roots.values() if known.real == str(root)), None)

    def _root_of(self, path: Path) -> _Root | None:
        """The deepest open root that holds `path`."""
        holding = [known for known in self._roots.values() if path.is_relative_to(known.spelled)]
        return max(holding, key=lambda known: len(known.spelled.parts), default=None)

    def _options_to_wire(self) -> dict[str, Any]:
        return {"max_file_bytes": self._options.max_file_bytes, "exclude": list(self._options.exclude)}

    def _on_opened(self, real: str, done: "Future[Any]") -> None:
        """Called on the client's thread. The status comes as an event, before the answer."""
        error = None if done.cancelled() else done.exception()
        if error is None or isinstance(error, RequestCancelled):
            return  # cancelled: the root was closed again meanwhile
        message = f"{error.message} {error.fix}" if isinstance(error, IndexerError) else "The index failed."
        self._on_event("status", _error_status(real, message.strip()))

    def _on_event(self, name: str, params: Mapping[str, Any]) -> None:
        """Called on the client's thread."""
        if name == "status":
            self._on_loop(self._take_status, wire.status_from_wire(params))
        elif name == "worker/unavailable":
            self._on_loop(self._take_worker_away, f"{params['message']} {params['fix']}".strip())

    def _on_loop(self, action: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(action, *arguments)
            except RuntimeError:
                logger.debug("the event loop has ended")

    def _take_worker_away(self, message: str) -> None:
        for real in {known.real for known in self._roots.values()}:
            self._take_status(wire.status_from_wire(_error_status(real, message)))

    def _take_status(self, status: Status) -> None:
        for known in self._roots.values():
            if known.real == status.root:
                known.status = replace(status, root=str(known.spelled))
                for listener in list(self._listeners):
                    listener(known.status)


def _error_status(real: str, message: str) -> dict[str, Any]:
    return {"root": real, "state": "error", "files_done": 0, "files_total": 0, "detail": message}


def _overlay_key(real: str, relative: str) -> tuple[str, ...]:
    return ("overlay", real, relative)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
