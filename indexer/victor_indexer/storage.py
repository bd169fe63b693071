"""The two halves of one workspace's index on disk, kept in step: the table of chunks, and the manifest.

The table is written first, the manifest last. Whatever dies in between leaves a file that the manifest does not know
as done, so that it is read again; `_reconcile` mends the few cases where nobody would look again.
"""

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from victor_indexer.errors import DiskFull, IndexerError, StoreUnreadable
from victor_indexer.manifest import Manifest, Versions, open_manifest
from victor_indexer.model import FoundFile, ParsedFile
from victor_indexer.wire import INDEX_FORMAT

if TYPE_CHECKING:
    from victor_indexer.store import Store

logger = logging.getLogger(__name__)


def index_folder(parent: Path, root: Path) -> Path:
    """Return where below `parent` the index of `root` lies: its name for people, a hash for the rest."""
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    name = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in root.name
    )
    return parent / f"{name[:40] or 'root'}-{digest}-{INDEX_FORMAT}"


class Storage:
    """The index in `folder`. The table is opened by whoever needs it first, for that costs seconds and memory.

    `on_lost` is called, on any thread, where the table turns out to lack files: the tree must be looked through again.
    """

    def __init__(self, folder: Path, versions: Versions, on_lost: Callable[[], object]) -> None:
        self.versions = versions
        self._folder = folder
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._on_lost = on_lost
        self._closed = False
        self.manifest = self._open_manifest()

    def store(self) -> "Store":
        """Return the table, opening it if need be. Raises StoreUnreadable."""
        from victor_indexer.store import open_store

        with self._lock:
            if self._closed:
                raise StoreUnreadable("The index is closed.", "Ask again.")
            if self._store is None:
                self._store = open_store(self._folder / "table")
                self._reconcile(self._store)
            return self._store

    def holds(self, manifest: Manifest) -> bool:
        """Whether `manifest` is still the one that counts; waits for a reset that is under way."""
        with self._lock:
            return manifest is self.manifest and not self._closed

    @property
    def opened_store(self) -> "Store | None":
        """The table if it is open already."""
        return self._store

    def commit(self, parsed: Sequence[ParsedFile], removed: Sequence[str]) -> None:
        """Put `parsed` in the place of what those files had, and drop `removed`; skips what has not changed."""
        changed = self._changed(parsed)
        if changed or removed:
            self.store().replace(changed, removed)
            self.manifest.record(changed, removed, self.versions)

    def reset(self) -> None:
        """Throw everything away and begin with nothing."""
        with self._lock:
            self._let_go()
            shutil.rmtree(self._folder, ignore_errors=True)
            self.manifest = self._open_manifest()

    def close(self) -> None:
        """Let go of the files for good."""
        with self._lock:
            self._closed = True
            self._let_go()

    def _let_go(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
        with contextlib.suppress(StoreUnreadable):
            self.manifest.close()

    def bytes_on_disk(self) -> int:
        """Return the size of all files of this index."""
        total = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with contextlib.suppress(OSError):  # the table is being tidied
                    total += (Path(folder) / name).lstat().st_size
        return total

    def _open_manifest(self) -> Manifest:
        path = self._folder / "manifest.sqlite"
        try:
            return self._make_manifest(path)
        except StoreUnreadable as error:
            logger.warning("the index is built anew: %s", error.message)
            shutil.rmtree(self._folder, ignore_errors=True)
            return self._make_manifest(path)

    def _make_manifest(self, path: Path) -> Manifest:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFull("no space to write the index", "Free some disk space.") from error
            raise IndexerError(
                f"{self._folder} cannot be made: {error.strerror or error}.",
                "Choose another place for the index, by VICTOR_HOME or LANCEDB_URI.",
            ) from error
        return open_manifest(path)

    def _changed(self, parsed: Sequence[ParsedFile]) -> list[ParsedFile]:
        """Leave out the files whose contents are as they were; only their times are noted."""
        changed: list[ParsedFile] = []
        touched: list[FoundFile] = []
        for file in parsed:
            known = self.manifest.file(file.path)
            same = known is not None and known.versions == self.versions and known.status == file.status
            if same and known is not None and file.content_hash and known.content_hash == file.content_hash:
                touched.append(FoundFile(file.path, file.size, file.mtime_ns, file.ctime_ns))
            else:
                changed.append(file)
        if touched:
            self.manifest.restamp(touched)
        return changed

    def _reconcile(self, store: "Store") -> None:
        """Make the manifest forget what the table lacks, and drop what only the table has."""
        expected = self.manifest.chunk_counts().keys()
        present = store.paths()
        missing = sorted(expected - present)
        orphans = sorted(present - expected)
        if missing:
            logger.warning("the table lacks %d files; they are read again", len(missing))
            self.manifest.record([], missing, self.versions)
        if orphans:
            store.replace([], orphans)
            self.manifest.record([], orphans, self.versions)  # read again where the file still is
        if missing or orphans:
            self._on_lost()
