"""The one thread that changes a workspace's index: walks, has files parsed, and commits them in batches.

Whatever goes wrong is said in the status and tried again; a store that cannot be read is thrown away and built anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path

from victor_indexer import scan
from victor_indexer.changes import sort_out
from victor_indexer.errors import (
    DiskFull,
    IndexerError,
    RequestCancelled,
    StoreUnreadable,
    WorkspaceNotFound,
)
from victor_indexer.manifest import Stamp
from victor_indexer.model import FoundFile, ParsedFile
from victor_indexer.pool import ParserPool
from victor_indexer.standing import Standing
from victor_indexer.storage import Storage
from victor_indexer.upkeep import Upkeep
from victor_indexer.wishes import Task, Wishes

logger = logging.getLogger(__name__)

FLUSH_BYTES = 8_000_000
"""Source bytes in one commit of a large build."""
FLUSH_FILES = 1_000
RETRY_AFTER_S = 10.0
_START_OVER_EVERY_S = 60.0
"""An index that cannot be read again so soon after it was built anew is in trouble."""
_CALM = 4.0
"""Walks that events ask for leave so many times their length between them: a build may touch folders for minutes."""
_QUIET_FILES = 20
"""So few files to read in a walk are no news for a person whose index was ready."""


@dataclass(frozen=True, slots=True)
class WorkspaceOptions:
    """What of the root is indexed: files up to `max_file_bytes`, none that match a pattern of `exclude`."""

    max_file_bytes: int = scan.MAX_FILE_BYTES
    exclude: tuple[str, ...] = ()


class Writer:
    """Does what `wishes` ask for, until they are closed. `on_root_back()` is called when a root that was away is back."""

    def __init__(
        self,
        root: Path,
        options: WorkspaceOptions,
        *,
        pool: ParserPool,
        storage: Storage,
        wishes: Wishes,
        standing: Standing,
        upkeep: Upkeep,
        on_root_back: Callable[[], None],
    ) -> None:
        self.options = options
        self.trouble: IndexerError | None = None
        """What keeps the index from being brought up to date, None while nothing does."""
        self.walk_began = 0.0
        """When the newest walk began (monotonic), 0 before the first."""
        self.knows_files = False
        """Whether a walk has told which files there are."""
        self.pending: dict[str, FoundFile] = {}
        """Files whose text on disk is newer than the index."""
        self._root = root
        self._pool = pool
        self._storage = storage
        self._wishes = wishes
        self._standing = standing
        self._upkeep = upkeep
        self._on_root_back = on_root_back
        self._newer: set[str] = set()
        """Paths looked at since the walk under way began: what it brings of them, or of what is below, is old."""
        self._root_was_away = False
        self._started_over_at = -_START_OVER_EVERY_S
        self._calm_until = 0.0
        self._thread = threading.Thread(target=self._run, name="victor-writer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread has seen that the wishes are closed."""
        self._thread.join()

    def settle(self, total: int) -> None:
        """Say that the index is ready, unless something is left to do or the full-text index is still to be made."""
        if not self._wishes.at_rest:
            return
        store = self._storage.opened_store
        if store is not None and store.optimize_due(idle_s=0):
            self._upkeep.look()
            if not self._standing.is_ready:
                self._standing.move("indexing", total, total)
                return
        self._standing.move("ready", total, total)

    def be_in_trouble(self, error: IndexerError) -> None:
        """Say what is wrong, and try again in a while."""
        with self._wishes.changed:
            self.trouble = error
            self._wishes.wait_before_next(time.monotonic() + RETRY_AFTER_S)
            self._wishes.ask_for_walk()
        self._root_was_away = isinstance(error, WorkspaceNotFound)
        if isinstance(error, DiskFull):
            logger.warning("%s", error.message)
        self._standing.trouble("index", error)

    def _run(self) -> None:
        while (task := self._wishes.next_task()) is not None:
            try:
                self._do(task)
            except RequestCancelled:
                continue  # paused, closed or to be rebuilt: the next round sees to it
            except IndexerError as error:
                self.be_in_trouble(error)
            except Exception:
                logger.exception("bug: indexing failed")
                self.be_in_trouble(
                    IndexerError("Indexing failed (a bug in Victor); it is tried again.", _SEE_LOG)
                )

    def _do(self, task: Task) -> None:
        try:
            {"rebuild": self._rebuild, "walk": self._walk, "paths": self._take_paths}[task]()
        except StoreUnreadable as error:
            self._start_over(error)

    def _rebuild(self) -> None:
        self._reset()
        self._wishes.rebuild_done()

    def _start_over(self, error: StoreUnreadable) -> None:
        """Build anew what cannot be read; where that does not help for long, it is a trouble like any other."""
        logger.warning("the index is built anew: %s", error.message)
        now = time.monotonic()
        again, self._started_over_at = now - self._started_over_at < _START_OVER_EVERY_S, now
        self._reset()
        if again:
            raise error

    def _reset(self) -> None:
        self.knows_files = False
        self.pending = {}
        self._storage.reset()
        self._standing.move("scanning", 0, 0)
        self._wishes.ask_for_walk()

    def _walk(self) -> None:
        """Look through the whole tree and bring the index up to it."""
        number = self._wishes.newest_walk
        began = self.walk_began = time.monotonic()
        self._newer = set()
        options = self.options
        found = scan.scan(
            self._root,
            cancelled=lambda: self._wishes.interrupted,
            max_bytes=options.max_file_bytes,
            exclude=options.exclude,
        )
        ended = time.monotonic()
        self._calm_until = ended + _CALM * (ended - began)
        self._standing.note("scan", found.note)
        if self._root_was_away:
            self._root_was_away = False
            self._on_root_back()
        stamps = self._storage.manifest.stamps(self._storage.versions)
        stale = [file for file in found.files if _is_stale(stamps.get(file.path), file)]
        removed = sorted(stamps.keys() - {file.path for file in found.files})
        self._storage.manifest.record_skipped(found.skipped)
        self.pending = {file.path: file for file in stale}
        self.knows_files = True
        if removed:
            self._storage.commit([], removed)
        self._index(stale, total=len(found.files))
        self._be_relieved()
        self._wishes.walk_done(number)
        self.settle(len(found.files))

    def _index(self, stale: Sequence[FoundFile], *, total: int) -> None:
        done = total - len(stale)
        quiet = self._standing.is_ready and len(stale) <= _QUIET_FILES
        if stale and not quiet:
            self._standing.move("indexing", done, total)
        batch: list[ParsedFile] = []
        size = 0
        for parsed in self._pool.parse_all(
            self._root, stale, self.options.max_file_bytes, lambda: self._wishes.interrupted
        ):
            batch += parsed
            size += sum(file.size for file in parsed)
            done += len(parsed)
            if len(batch) >= FLUSH_FILES or size >= FLUSH_BYTES:
                self._flush(batch)
                batch, size = [], 0
            if self._wishes.has_paths:
                self._take_paths()  # somebody has just saved: that does not wait for the rest
            if not quiet:
                self._standing.move("indexing", done, total)
        self._flush(batch)
        if self._wishes.interrupted:
            raise RequestCancelled("The walk was interrupted.")

    def _flush(self, batch: Sequence[ParsedFile]) -> None:
        if batch:
            self._storage.commit([file for file in batch if not self._is_overtaken(file.path)], [])
            for file in batch:
                self.pending.pop(file.path, None)
            self._upkeep.rest()
            self._be_relieved()

    def _is_overtaken(self, path: str) -> bool:
        ends = (end for end, char in enumerate(path) if char == "/")
        return bool(self._newer) and (path in self._newer or any(path[:end] in self._newer for end in ends))

    def _take_paths(self) -> None:
        """Bring single files up to date, ahead of everything else."""
        paths = self._wishes.take_paths()
        try:
            self._look_at(paths)
        except BaseException:
            self._wishes.ask_for_walk()  # it finds them too
            raise
        finally:
            self._wishes.paths_done()
        if self._wishes.is_walked(self._wishes.newest_walk):
            self.settle(sum(self._storage.manifest.counts().values()))

    def _look_at(self, paths: Collection[str]) -> None:
        changes = sort_out(self._root, paths, self._storage.manifest, self._belongs)
        if changes is None:
            self._wishes.ask_for_walk(at=self._calm_until)
            return
        parsed = self._parse_now(changes.look)
        self._storage.commit(parsed, changes.gone)
        self._newer.update(paths)
        for path in (*changes.gone, *(file.path for file in parsed)):
            self.pending.pop(path, None)
        self._upkeep.rest()
        self._be_relieved()

    def _belongs(self, path: str) -> bool:
        options = self.options
        verdict = scan.explain(self._root, path, max_bytes=options.max_file_bytes, exclude=options.exclude)
        return verdict.indexed

    def _parse_now(self, look: Sequence[FoundFile]) -> list[ParsedFile]:
        if not look:
            return []
        answer = self._pool.parse_now(self._root, look, self.options.max_file_bytes)
        return _wait_for(answer, lambda: self._wishes.closed)

    def _be_relieved(self) -> None:
        self.trouble = None
        self._standing.relieved("index")


_SEE_LOG = "The worker's log says more: `victor doctor` names it."


def _is_stale(stamp: Stamp | None, file: FoundFile) -> bool:
    if stamp is None or not stamp.current:
        return True
    return (stamp.size, stamp.mtime_ns, stamp.ctime_ns) != (file.size, file.mtime_ns, file.ctime_ns)


def _wait_for(answer: "Future[list[ParsedFile]]", given_up: Callable[[], bool]) -> list[ParsedFile]:
    while True:
        try:
            return answer.result(timeout=0.2)
        except FutureTimeout:
            if given_up():
                answer.cancel()
                raise RequestCancelled("The workspace is closing.") from None
        except CancelledError:
            raise RequestCancelled("The index worker is leaving.") from None
