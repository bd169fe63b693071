"""The live index of one root: built in the background, kept current, searchable all the while.

One thread does all the writing: it walks, has files parsed, and commits them in batches. Another brings the full-text
index up to date when nothing else happens. Whatever goes wrong is said in the status and tried again; a store that
cannot be read is thrown away and built anew.
"""

import logging
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from victor_indexer import scan
from victor_indexer.errors import DiskFull, IndexerError, RequestCancelled, StoreUnreadable
from victor_indexer.ingest import CHUNKER_VERSION, PARSER_VERSION
from victor_indexer.manifest import Manifest, Stamp, Versions, match_symbols
from victor_indexer.model import (
    Explanation,
    FileStatus,
    FoundFile,
    IndexState,
    LocatedSymbol,
    ParsedFile,
    SearchResult,
    Status,
    Symbol,
)
from victor_indexer.pool import ParserPool
from victor_indexer.search import search
from victor_indexer.storage import Storage, index_folder
from victor_indexer.watch import Watch

logger = logging.getLogger(__name__)

FLUSH_BYTES = 8_000_000
"""Source bytes in one commit of a large build."""
FLUSH_FILES = 1_000
RETRY_AFTER_S = 10.0
_LOOKED_AT_SINGLY = 20
"""New files up to this number are judged one by one; more of them mean a walk."""
_TELL_EVERY_S = 0.25
_TRIES = 3
_REPLACED_WITHIN_S = 10.0
_UPKEEP_EVERY_S = 5.0
_IGNORE_FILES = frozenset({".gitignore", ".victorignore", ".gitmodules"})


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class WorkspaceOptions:
    """What of the root is indexed: files up to `max_file_bytes`, none that match a pattern of `exclude`."""

    max_file_bytes: int = scan.MAX_FILE_BYTES
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class _Wishes:
    """What the writing thread should do next, in the order in which it does it. Guarded by the workspace's lock."""

    closed: bool = False
    paused: bool = False
    rebuild: bool = False
    walk: int = 0
    """Number of the newest walk that was asked for."""
    walked: int = 0
    """Number of the newest walk that is done."""
    changed: frozenset[str] = frozenset()

    def next(self) -> str:
        if self.paused:
            return ""
        if self.rebuild:
            return "rebuild"
        if self.walk > self.walked:
            return "walk"
        return "changes" if self.changed else ""


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
        self._pool = pool
        self._on_status = on_status
        self._options = options or WorkspaceOptions()
        versions = Versions(PARSER_VERSION, CHUNKER_VERSION, redaction_version)
        self._storage = Storage(index_folder(parent, root), versions)
        self._changed = threading.Condition()
        self._wishes = _Wishes()
        self._trouble: IndexerError | None = None
        self._retry_at = 0.0
        self._walk_began = 0.0
        self._knows_files = False
        self._pending: dict[str, FoundFile] = {}
        self._status = Status(str(root), "scanning", 0, 0)
        self._notes: dict[str, str] = {}
        self._told_at = 0.0
        self._busy_at = time.monotonic()
        self._watch: Watch | None = None
        self._upkeep_wanted = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, name="victor-writer", daemon=True),
            threading.Thread(target=self._keep_up, name="victor-upkeep", daemon=True),
        ]

    def start(self) -> None:
        """Begin to build in the background."""
        self._ask_for_walk()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop, and let go of the files."""
        with self._changed:
            self._wishes.closed = True
            self._changed.notify_all()
        self._upkeep_wanted.set()
        if self._watch is not None:
            self._watch.close()
        for thread in self._threads:
            thread.join()
        self._storage.close()

    def go_live(self) -> None:
        """Follow the file system's events, and have the table open before the first question comes."""
        with self._changed:
            if self._watch is not None or self._wishes.closed:
                return
            self._watch = Watch(self._root, self.changed, lambda why: self._note("watch", why))
        threading.Thread(target=self._warm_up, name="victor-warm-up", daemon=True).start()

    def configure(self, options: WorkspaceOptions) -> None:
        """Index by other options from now on."""
        if options != self._options:
            self._options = options
            self._ask_for_walk()

    # -- what is asked -------------------------------------------------------------------------------------------

    def status(self) -> Status:
        """Where the index stands."""
        return self._status

    def search(
        self, query: str, k: int, overlays: Mapping[str, ParsedFile], cancelled: Callable[[], bool]
    ) -> SearchResult:
        """The `k` best hits; `overlays` are the asker's unsaved buffers, which stand before the files."""

        def read() -> SearchResult:
            return search(
                query,
                k=k,
                root=self._root,
                store=self._storage.store(),
                manifest=self._storage.manifest,
                overlays=overlays,
                pending=tuple(self._pending.values()),
                cancelled=cancelled,
            )

        result = self._reading(read)
        return result if self._knows_files else replace(result, partial=True)

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

    def explain(self, path: str) -> Explanation:
        """Why one file is, or is not, in the index."""
        options = self._options
        verdict = scan.explain(self._root, path, max_bytes=options.max_file_bytes, exclude=options.exclude)
        if not verdict.indexed:
            return Explanation(path, False, verdict.reason, verdict.rule, 0, 0, "")
        known = self._reading(lambda: self._storage.manifest.file(path))
        if known is None or path in self._pending:
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
            except StoreUnreadable as error:
                if manifest is self._storage.manifest:
                    logger.warning("the index is built anew: %s", error.message)
                    self.rebuild()
                self._wait_for_other(manifest)
        return read()

    def _wait_for_other(self, manifest: Manifest) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._storage.manifest is not manifest, _REPLACED_WITHIN_S)

    def wait_until_current(
        self, *, since: float, rebuild: bool, cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        """Wait until the index is as the tree was at `since` (monotonic) or later; returns what it holds."""
        if rebuild:
            self.rebuild()
        with self._changed:
            number = self._wishes.walk
            if self._walk_began < since:
                number = self._ask_for_walk()
            self._trouble, self._retry_at = None, 0.0  # whoever asks has perhaps mended it
            self._changed.notify_all()
            while not self._is_current(number):
                if cancelled():
                    raise RequestCancelled("The index goes on in the background.")
                if self._trouble is not None:
                    raise self._trouble
                if self._wishes.paused or self._wishes.closed:
                    raise IndexerError("The index of this folder is paused.", "Resume it in your editor.")
                self._changed.wait(0.1)
        return self._summary()

    # -- what is told --------------------------------------------------------------------------------------------

    def changed(self, paths: Collection[str]) -> None:
        """These files, or everything below these folders, were made, changed or removed."""
        with self._changed:
            self._wishes.changed |= frozenset(paths)
            self._changed.notify_all()

    def pause(self) -> None:
        """Stop indexing until `resume`; what is indexed stays searchable."""
        with self._changed:
            self._wishes.paused = True
            self._changed.notify_all()
        self._set_state("paused")

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._wishes.paused = False
            self._changed.notify_all()
        self._set_state("scanning")
        self._ask_for_walk()

    def rebuild(self) -> None:
        """Throw the index away and build it anew."""
        with self._changed:
            self._wishes.rebuild = True
            self._wishes.paused = False
            self._changed.notify_all()
        self._set_state("scanning", 0, 0)

    # -- the writing thread --------------------------------------------------------------------------------------

    def _write(self) -> None:
        while (task := self._next_task()) is not None:
            try:
                self._tasks()[task]()
                self._trouble = None
            except RequestCancelled:
                continue  # paused, closed or to be rebuilt: the next round sees to it
            except StoreUnreadable as error:
                logger.warning("the index is built anew: %s", error.message)
                self._start_over()
            except IndexerError as error:
                self._be_in_trouble(error)
            except Exception:
                logger.exception("bug: indexing failed")
                self._be_in_trouble(
                    IndexerError("Indexing failed (a bug in Victor); it is tried again.", _SEE_LOG)
                )

    def _tasks(self) -> dict[str, Callable[[], None]]:
        return {"rebuild": self._rebuild, "walk": self._walk, "changes": self._take_changes}

    def _next_task(self) -> str | None:
        with self._changed:
            while not self._wishes.closed:
                task = self._wishes.next()
                left = self._retry_at - time.monotonic()
                if task and left <= 0:
                    return task
                self._changed.wait(left if task else None)
            return None

    def _rebuild(self) -> None:
        self._start_over()
        with self._changed:
            self._wishes.rebuild = False

    def _start_over(self) -> None:
        self._knows_files = False
        try:
            self._storage.reset()
        except IndexerError as error:
            self._be_in_trouble(error)
        self._ask_for_walk()

    def _walk(self) -> None:
        """Look through the whole tree and bring the index up to it."""
        with self._changed:
            number = self._wishes.walk
            self._walk_began = time.monotonic()
        self._set_state("scanning")
        options = self._options
        found = scan.scan(
            self._root, cancelled=self._interrupted, max_bytes=options.max_file_bytes, exclude=options.exclude
        )
        self._note("scan", found.note)
        stamps = self._storage.manifest.stamps(self._storage.versions)
        stale = [file for file in found.files if _is_stale(stamps.get(file.path), file)]
        removed = sorted(stamps.keys() - {file.path for file in found.files})
        self._storage.manifest.record_skipped(found.skipped)
        self._pending = {file.path: file for file in stale}
        self._knows_files = True
        if removed:
            self._storage.commit([], removed)
        self._index(stale, total=len(found.files))
        self._storage.lost = False
        with self._changed:
            self._wishes.walked = max(self._wishes.walked, number)
        self._settle(len(found.files))

    def _index(self, stale: Sequence[FoundFile], *, total: int) -> None:
        if not stale:
            return
        done = total - len(stale)
        self._set_state("indexing", done, total)
        batch: list[ParsedFile] = []
        size = 0
        for parsed in self._pool.parse_all(
            self._root, stale, self._options.max_file_bytes, self._interrupted
        ):
            batch += parsed
            size += sum(file.size for file in parsed)
            done += len(parsed)
            if len(batch) >= FLUSH_FILES or size >= FLUSH_BYTES:
                self._flush(batch)
                batch, size = [], 0
            if self._wishes.changed:
                self._take_changes()  # somebody has just saved: that does not wait for the rest
            self._set_state("indexing", done, total)
        self._flush(batch)
        if self._interrupted():
            raise RequestCancelled("The walk was interrupted.")

    def _flush(self, batch: Sequence[ParsedFile]) -> None:
        if batch:
            self._storage.commit(batch, [])
            for file in batch:
                self._pending.pop(file.path, None)
            self._busy_at = time.monotonic()

    def _take_changes(self) -> None:
        """Bring single files up to date, ahead of everything else."""
        with self._changed:
            paths, self._wishes.changed = self._wishes.changed, frozenset()
        try:
            look, gone = self._sort_out(paths)
            if look is None:
                self._ask_for_walk()
                return
            parsed = self._parse_now(look)
            self._storage.commit(parsed, gone)
        except BaseException:
            with self._changed:
                self._wishes.changed |= paths
            raise
        for file in parsed:
            self._pending.pop(file.path, None)
        self._busy_at = time.monotonic()
        if self._wishes.walk == self._wishes.walked:
            self._settle(sum(self._storage.manifest.counts().values()))

    def _sort_out(self, paths: Iterable[str]) -> tuple[list[FoundFile] | None, list[str]]:
        """Return the files to read (None: only a walk can tell) and the paths that are gone."""
        look: list[FoundFile] = []
        gone: list[str] = []
        unknown = 0
        for path in paths:
            if path.rpartition("/")[2] in _IGNORE_FILES:
                return None, []
            known = self._storage.manifest.file(path) is not None
            try:
                info = (self._root / path).lstat()
            except (OSError, ValueError):
                gone += [path] if known else self._below(path)
                continue
            if stat.S_ISDIR(info.st_mode):
                return None, []
            unknown += not known
            if unknown > _LOOKED_AT_SINGLY:
                return None, []
            if known or self._belongs(path):
                look.append(FoundFile(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns))
        return look, gone

    def _belongs(self, path: str) -> bool:
        options = self._options
        verdict = scan.explain(self._root, path, max_bytes=options.max_file_bytes, exclude=options.exclude)
        return verdict.indexed

    def _below(self, path: str) -> list[str]:
        return [known for known in self._storage.manifest.paths() if known.startswith(path + "/")]

    def _parse_now(self, look: Sequence[FoundFile]) -> list[ParsedFile]:
        if not look:
            return []
        answer = self._pool.parse_now(self._root, look, self._options.max_file_bytes)
        return _wait_for(answer, lambda: self._wishes.closed)

    # -- upkeep --------------------------------------------------------------------------------------------------

    def _keep_up(self) -> None:
        """Bring the full-text index up to date while nothing else happens."""
        while not self._is_closed():
            self._upkeep_wanted.wait(_UPKEEP_EVERY_S)
            self._upkeep_wanted.clear()
            try:
                if self._upkeep_due():
                    self._optimize()
            except IndexerError as error:
                logger.warning("upkeep failed: %s", error.message)
                self._be_in_trouble(error)
            except Exception:
                logger.exception("bug: upkeep failed")

    def _upkeep_due(self) -> bool:
        store = self._storage.opened_store
        at_rest = not self._wishes.next() and not self._is_closed() and self._trouble is None
        return store is not None and at_rest and store.optimize_due(idle_s=time.monotonic() - self._busy_at)

    def _optimize(self) -> None:
        store = self._storage.opened_store
        if store is None:
            return
        self._note("upkeep", "The search index is being brought up to date.")
        try:
            store.optimize()
        finally:
            self._note("upkeep", "")
        with self._changed:
            self._changed.notify_all()
        if not self._wishes.next():
            self._settle(self._status.files_total)

    def _warm_up(self) -> None:
        try:
            self._storage.store()
        except StoreUnreadable as error:
            logger.warning("the index is built anew: %s", error.message)
            self.rebuild()
        except IndexerError as error:
            self._be_in_trouble(error)
        if self._storage.lost:
            self._ask_for_walk()

    # -- status --------------------------------------------------------------------------------------------------

    def _ask_for_walk(self) -> int:
        with self._changed:
            self._wishes.walk += 1
            self._changed.notify_all()
            return self._wishes.walk

    def _is_closed(self) -> bool:
        return self._wishes.closed

    def _interrupted(self) -> bool:
        wishes = self._wishes
        return wishes.closed or wishes.paused or wishes.rebuild

    def _is_current(self, number: int) -> bool:
        if self._wishes.rebuild or self._wishes.walked < number or self._trouble is not None:
            return False
        store = self._storage.opened_store
        return store is None or not store.optimize_due(idle_s=0)

    def _settle(self, total: int) -> None:
        """Say that the index is ready, unless the full-text index is still to be made."""
        store = self._storage.opened_store
        if store is not None and store.optimize_due(idle_s=0):
            self._set_state("indexing", total, total)
            self._upkeep_wanted.set()
        else:
            self._set_state("ready", total, total)

    def _be_in_trouble(self, error: IndexerError) -> None:
        with self._changed:
            self._trouble = error
            self._retry_at = time.monotonic() + RETRY_AFTER_S
            self._wishes.walk += self._wishes.walk == self._wishes.walked
            self._changed.notify_all()
        if isinstance(error, DiskFull):
            logger.warning("%s", error.message)
        self._notes["trouble"] = f"{error.message} {error.fix}".strip()
        self._set_state("error")

    def _note(self, subject: str, sentence: str) -> None:
        self._notes[subject] = sentence
        self._set_state(self._status.state)

    def _set_state(self, state: IndexState, done: int | None = None, total: int | None = None) -> None:
        if self._wishes.paused and state != "error":
            state = "paused"  # what was under way when somebody paused still says where it is
        if state in ("ready", "indexing"):
            self._notes.pop("trouble", None)
        before = self._status
        self._status = Status(
            str(self._root),
            state,
            before.files_done if done is None else done,
            before.files_total if total is None else total,
            " ".join(filter(None, self._notes.values())),
        )
        now = time.monotonic()
        moved = (before.state, before.detail) != (state, self._status.detail)
        if moved or now - self._told_at >= _TELL_EVERY_S:
            self._told_at = now
            self._on_status(self._status)

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
