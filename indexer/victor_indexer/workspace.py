"""The live index of one root: built in the background, kept current, searchable all the while.

One thread does all the writing (`writer`), another brings the full-text index up to date when nothing else happens
(`upkeep`). What they do next stands in `wishes`; how far they are, and what went wrong, in `standing`.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from victor_indexer import scan
from victor_indexer.changes import path_inside
from victor_indexer.errors import (
    DiskFull,
    IndexerError,
    RequestCancelled,
    StoreUnreadable,
)
from victor_indexer.ingest import CHUNKER_VERSION, PARSER_VERSION
from victor_indexer.manifest import Manifest, Versions, match_symbols
from victor_indexer.model import (
    Explanation,
    FileStatus,
    LocatedSymbol,
    ParsedFile,
    SearchResult,
    Status,
    Symbol,
)
from victor_indexer.pool import ParserPool
from victor_indexer.repo_map import Ranked, RepoMap
from victor_indexer.search import search
from victor_indexer.standing import Standing
from victor_indexer.storage import Storage, index_folder
from victor_indexer.upkeep import Upkeep
from victor_indexer.watch import Watch
from victor_indexer.wishes import Wishes
from victor_indexer.writer import WorkspaceOptions, Writer

logger = logging.getLogger(__name__)

_TRIES = 3
_REPLACED_WITHIN_S = 10.0
_MAX_BUILT_ANEW = 3
_BUILT_ANEW_WITHIN_S = 600.0
_LIVE_WITHIN_S = 3.0
"""The first walk waits so long for the file system's watch, so that no change falls between the two."""

Answer = TypeVar("Answer")


class Workspace:
    """One root's index. Every method may be called from any thread."""

    def __init__(
        self,
        root: Path,
        parent: Path,
        pool: ParserPool,
        on_status: Callable[[Status], None],
        *,
        redaction_version: str,
        options: WorkspaceOptions | None = None,
    ) -> None:
        self._root = root
        self._wishes = Wishes()
        self._standing = Standing(str(root), on_status, lambda: self._wishes.at_rest)
        versions = Versions(PARSER_VERSION, CHUNKER_VERSION, redaction_version)
        self._storage = Storage(index_folder(parent, root), versions, self._wishes.ask_for_walk)
        self._upkeep = Upkeep(
            self._storage,
            self._wishes,
            self._standing,
            on_done=self._upkeep_done,
            on_unreadable=self._unreadable,
        )
        self._writer = Writer(
            root,
            options or WorkspaceOptions(),
            pool=pool,
            storage=self._storage,
            wishes=self._wishes,
            standing=self._standing,
            upkeep=self._upkeep,
            on_root_back=self._watch_again,
        )
        self._watch: Watch | None = None
        self._built_anew: list[float] = []
        self._map = RepoMap()

    def start(self, *, live: bool = False) -> None:
        """Begin to build in the background. `live`: `go_live` follows at once, and the first walk waits for it."""
        if live:
            self._wishes.wait_before_next(time.monotonic() + _LIVE_WITHIN_S)
        self._wishes.ask_for_walk()
        self._writer.start()
        self._upkeep.start()

    def close(self) -> None:
        """Stop, and let go of the files."""
        self._wishes.close()
        if self._watch is not None:
            self._watch.close()
        self._writer.join()
        self._upkeep.join()
        self._storage.close()

    def go_live(self) -> None:
        """Follow the file system's events, and have the table open before the first question comes."""
        with self._wishes.changed:
            if self._watch is not None or self._wishes.closed:
                return
            self._watch = self._start_watch()
        threading.Thread(target=self._warm_up, name="victor-warm-up", daemon=True).start()

    def configure(self, options: WorkspaceOptions) -> None:
        """Index by other options from now on."""
        if options != self._writer.options:
            self._writer.options = options
            self._wishes.ask_for_walk()

    # -- what is asked -------------------------------------------------------------------------------------------

    def status(self) -> Status:
        """Where the index stands."""
        return self._standing.status

    def tell(self) -> None:
        """Tell whoever listens where the index stands, changed or not."""
        self._standing.tell()

    def search(
        self, query: str, k: int, overlays: Mapping[str, ParsedFile], cancelled: Callable[[], bool]
    ) -> SearchResult:
        """The `k` best hits; `overlays` are the asker's unsaved buffers, which stand before the files."""

        def read() -> SearchResult:
            # Asked before the pending ones are taken: a walk may just be ending.
            knew_files = self._writer.knows_files
            result = search(
                query,
                k=k,
                root=self._root,
                store=self._storage.store(),
                manifest=self._storage.manifest,
                overlays=overlays,
                pending=tuple(self._writer.pending.values()),
                cancelled=cancelled,
            )
            return result if knew_files else replace(result, partial=True)

        return self._reading(read)

    def symbols_of(self, path: str) -> list[Symbol] | None:
        """The symbols of a file as last read, None for a file that is not indexed."""

        def read() -> list[Symbol] | None:
            known = self._storage.manifest.file(path)
            if known is None or known.status is not FileStatus.INDEXED:
                return None
            return self._storage.manifest.symbols_of(path)

        return self._reading(read)

    def find_symbols(self, query: str, limit: int, overlays: Mapping[str, ParsedFile]) -> list[LocatedSymbol]:
        """Definitions whose name matches, best first."""
        found = self._reading(lambda: self._storage.manifest.find_symbols(query, limit + len(overlays)))
        unsaved = [LocatedSymbol(path, symbol) for path, file in overlays.items() for symbol in file.symbols]
        return match_symbols(query, [*unsaved, *(each for each in found if each.path not in overlays)], limit)

    def find_paths(self, query: str, limit: int) -> list[str]:
        """Indexed files whose path matches, best first."""
        return self._reading(lambda: self._storage.manifest.find_paths(query, limit))

    def repo_map(self, focus: Sequence[str], limit: int, cancelled: Callable[[], bool]) -> list[Ranked]:
        """The definitions that the rest leans on, seen from the files in `focus`, best first."""
        return self._reading(
            lambda: self._map.ranked(self._storage.store(), self._storage.manifest, focus, limit, cancelled)
        )

    def explain(self, path: str) -> Explanation:
        """Why one file is, or is not, in the index."""
        options = self._writer.options
        verdict = scan.explain(self._root, path, max_bytes=options.max_file_bytes, exclude=options.exclude)
        if not verdict.indexed:
            return Explanation(path, False, verdict.reason, verdict.rule, 0, 0, "")
        known = self._reading(lambda: self._storage.manifest.file(path))
        if known is None or path in self._writer.pending:
            return Explanation(path, False, "not_indexed_yet", verdict.rule, 0, 0, "")
        indexed = known.status is FileStatus.INDEXED
        reason = known.reason or ("" if indexed else known.status.value)
        rule = known.rule or verdict.rule
        return Explanation(path, indexed, reason, rule, known.chunks, known.symbols, known.error)

    def _reading(self, read: Callable[[], Answer]) -> Answer:
        """Read, and read again where the index was replaced meanwhile; one that cannot be read is built anew."""
        for _ in range(_TRIES):
            manifest = self._storage.manifest
            try:
                return read()
            except (RequestCancelled, DiskFull):
                raise
            except Exception as error:
                if self._wishes.closed:
                    raise RequestCancelled("The folder was closed.") from error
                if self._storage.holds(manifest):
                    if not isinstance(error, StoreUnreadable) or not self._may_build_anew():
                        raise
                    self._unreadable(error)
                self._wait_for_other(manifest)
        return read()

    def _may_build_anew(self) -> bool:
        """Whether a question may throw the index away; where that did not help lately, the question is at fault."""
        now = time.monotonic()
        with self._wishes.changed:
            self._built_anew = [at for at in self._built_anew if now - at < _BUILT_ANEW_WITHIN_S]
            if self._wishes.rebuild:
                return True
            self._built_anew.append(now)
            return len(self._built_anew) <= _MAX_BUILT_ANEW

    def _wait_for_other(self, manifest: Manifest) -> None:
        with self._wishes.changed:
            self._wishes.changed.wait_for(
                lambda: self._storage.manifest is not manifest or self._wishes.closed, _REPLACED_WITHIN_S
            )

    def wait_until_current(
        self, *, since: float, rebuild: bool, cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        """Wait until the index is as the tree was at `since` (monotonic) or later; returns what it holds."""
        if rebuild:
            self.rebuild()
        with self._wishes.changed:
            number = self._wishes.newest_walk
            if self._writer.walk_began < since:
                number = self._wishes.ask_for_walk()
            self._writer.trouble = None  # whoever asks has perhaps mended it
            self._wishes.wait_before_next(0.0)
            self._upkeep.try_again()
            while not self._is_current(number):
                self._check_wait(cancelled)
                self._wishes.changed.wait(0.1)
        return self._reading(self._summary)

    def _is_current(self, number: int) -> bool:
        if self._wishes.rebuild or not self._wishes.is_walked(number) or self._writer.trouble is not None:
            return False
        store = self._storage.opened_store
        return store is None or not store.optimize_due(idle_s=0)

    def _check_wait(self, cancelled: Callable[[], bool]) -> None:
        if cancelled() or self._wishes.closed:
            raise RequestCancelled("The index goes on in the background.")
        trouble = self._writer.trouble or self._upkeep.trouble
        if trouble is not None:
            raise trouble
        if self._wishes.paused:
            raise IndexerError("The index of this folder is paused.", "Resume it in your editor.")

    def _summary(self) -> dict[str, Any]:
        totals = self._storage.manifest.totals()
        return {
            "root": str(self._root),
            "files": totals.files,
            "lines": totals.lines,
            "bytes": totals.bytes,
            "skipped": totals.skipped,
            "chunks": totals.chunks,
            "symbols": totals.symbols,
            "index_bytes": self._storage.bytes_on_disk(),
            "errors": [{"path": path, "error": error} for path, error in totals.errors],
        }

    # -- what is told --------------------------------------------------------------------------------------------

    def changed(self, paths: Collection[str]) -> None:
        """These files, or everything below these folders, were made, changed or removed."""
        inside = [inside for path in paths if (inside := path_inside(path)) is not None]
        if inside:
            self._wishes.ask_for_paths(inside)

    def pause(self) -> None:
        """Stop indexing until `resume`; what is indexed stays searchable."""
        self._wishes.pause(True)
        self._standing.pause(True)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._standing.move("scanning")
        self._standing.pause(False)
        self._wishes.ask_for_walk()
        self._wishes.pause(False)

    def rebuild(self) -> None:
        """Throw the index away and build it anew."""
        self._wishes.ask_for_rebuild()
        self._standing.move("scanning", 0, 0)
        self._standing.pause(False)

    # -- what comes from outside ---------------------------------------------------------------------------------

    def _start_watch(self) -> Watch:
        return Watch(self._root, on_live=self._is_live, on_changes=self.changed, on_failure=self._is_not_live)

    def _is_live(self) -> None:
        self._standing.note("watch", "")
        with self._wishes.changed:
            self._wishes.wait_before_next(0.0)
            if self._writer.walk_began:
                self._wishes.ask_for_walk()  # what changed before is not among the events

    def _is_not_live(self, why: str) -> None:
        self._standing.note("watch", why)
        self._wishes.wait_before_next(0.0)

    def _watch_again(self) -> None:
        """The root was away and is back: what is watched may be the folder that went."""
        with self._wishes.changed:
            old = self._watch
            if old is not None and not self._wishes.closed:
                self._watch = self._start_watch()
        if old is not None:
            old.close()

    def _upkeep_done(self) -> None:
        with self._wishes.changed:
            self._wishes.changed.notify_all()
        self._writer.settle(self._standing.status.files_total)

    def _unreadable(self, error: StoreUnreadable) -> None:
        logger.warning("the index is built anew: %s", error.message)
        self.rebuild()

    def _warm_up(self) -> None:
        try:
            self._storage.store()
        except StoreUnreadable as error:
            if not self._wishes.closed:
                self._unreadable(error)
        except IndexerError as error:
            self._writer.be_in_trouble(error)
        except Exception:
            logger.exception("bug: the index could not be opened ahead of time")
