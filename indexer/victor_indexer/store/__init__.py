"""The table of chunks of one workspace: atomic replacement of files, retrieval, and upkeep that stays level.

On disk a table is a *generation*, a folder with the table, its full-text index and its token statistics; the
file CURRENT names the one that counts. Small commits go into the current generation; `optimize` writes the next
one beside it and swaps, so that memory stays level, old files go at once, and a kill at any moment leaves either
the old or the new. (LanceDB's own `optimize` merges everything into one growing fragment and keeps both copies.)

Chunks committed since the last `optimize` are outside the full-text index; they are held in memory as the *tail*.
One process at a time may open a folder: whoever opens it holds the worker's lock.
"""

import contextlib
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from victor_indexer.errors import StoreUnreadable
from victor_indexer.model import ParsedFile, Statistics, StoredChunk
from victor_indexer.store.generation import (
    GENERATION_NAME,
    Generation,
    copy_chunks,
    give_memory_back,
    new_table,
    translated,
)
from victor_indexer.store.rows import chunks_of_file, marked_fresh, rows_of
from victor_indexer.store.statistics import TokenCounts
from victor_indexer.store.tail import Tail

FORMAT = 1
"""Raised whenever a table of the former shape would be misread."""

MANY_FRESH_CHUNKS = 1_000
"""From here on the tail costs every query about a millisecond, and a pause is used to index it."""

TOO_MANY_FRESH_CHUNKS = 4_000
MANY_COMMITS = 512
"""Each commit leaves a few files behind until the next `optimize`."""

IDLE_S = 20.0

_MAX_PATHS_PER_COMMIT = 500
_REBUILD = "The index is rebuilt by itself; `victor index --rebuild` does it now."


def open_store(folder: Path) -> "Store":
    """Open the table in `folder`, making an empty one if there is none. Raises StoreUnreadable for anything else."""
    with translated("The index cannot be opened"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = _current_name(folder)
        _remove_generations(folder, keep=name)
        if not name:
            name = "g000001"
            new_table(folder / name).close()
            _set_current_name(folder, name)
        return Store(folder, Generation.open(folder / name))


def remove_store(folder: Path) -> None:
    """Delete the table in `folder` with all that belongs to it; nobody may have it open."""
    if folder.is_dir():
        (folder / "CURRENT").unlink(missing_ok=True)
        _remove_generations(folder, keep="")


@dataclass(frozen=True, slots=True)
class _View:
    """What a reader needs, swapped as one."""

    generation: Generation
    tail: Tail


class Store:
    """One open table. Safe to share between threads: reads run beside each other and beside one write."""

    def __init__(self, folder: Path, generation: Generation) -> None:
        self._folder = folder
        self._write_lock = threading.RLock()
        self._view_lock = threading.Lock()
        self._optimize_lock = threading.Lock()
        self._journal: list[tuple[list[str], Any]] | None = None
        self._commits = generation.version()
        self._known = generation.paths()
        self._view = _View(generation, Tail(generation.fresh_chunks()))
        self._counts: TokenCounts | None = None if self._known else TokenCounts()

    def close(self) -> None:
        """Let go of the table; readers under way finish first."""
        with self._optimize_lock, self._write_lock:
            self._view.generation.close()

    # -- writing ---------------------------------------------------------------------------------------------

    def replace(self, parsed: Sequence[ParsedFile], removed: Sequence[str]) -> None:
        """Put the chunks of `parsed` in the place of what those files had, and drop `removed`.

        One atomic commit for up to 500 files; beyond, one for each 500: a file is never half replaced. Raises
        DiskFull when there is no space; what was there before can still be read.
        """
        files: dict[str, ParsedFile | None] = dict.fromkeys(removed)
        files.update((file.path, file) for file in parsed)
        paths = list(files)
        with translated("The index cannot be written"), self._write_lock:
            for start in range(0, len(paths), _MAX_PATHS_PER_COMMIT):
                self._commit({path: files[path] for path in paths[start : start + _MAX_PATHS_PER_COMMIT]})

    def optimize_due(self, *, idle_s: float) -> bool:
        """Whether `optimize` should run now, given that nothing was committed for `idle_s` seconds."""
        if not self.indexed:
            return bool(self._known)
        fresh = self.fresh_count()
        if fresh >= TOO_MANY_FRESH_CHUNKS or self._commits >= 4 * MANY_COMMITS:
            return True
        return idle_s >= IDLE_S and (fresh >= MANY_FRESH_CHUNKS or self._commits >= MANY_COMMITS)

    def optimize(self) -> None:
        """Bring everything into the full-text index, and leave nothing of the past on disk.

        The first time the index is built in place, while commits wait. Later the next generation is written
        beside this one; commits and queries go on meanwhile.
        """
        with translated("The index cannot be optimized"), self._optimize_lock:
            if self.indexed:
                self._make_next_generation()
            else:
                with self._write_lock:
                    self._view.generation.build_index(self._counts)
                    self._counts = None
        give_memory_back()

    # -- reading ---------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def snapshot(self) -> Iterator["Snapshot"]:
        """Hold what is stored now for the length of one search."""
        with self._view_lock:
            view = self._view
            view.generation.enter()
        try:
            yield Snapshot(view)
        finally:
            view.generation.leave()

    @property
    def indexed(self) -> bool:
        """Whether the full-text index exists; without it retrieval reads everything."""
        return self._view.generation.indexed

    def fresh_count(self) -> int:
        """Return the number of chunks in the tail."""
        return len(self._view.tail)

    def count(self) -> int:
        """Return the number of chunks."""
        with self.snapshot() as snapshot:
            return snapshot.count()

    def paths(self) -> set[str]:
        """Return the paths that have chunks."""
        with self._write_lock:
            return set(self._known)

    def texts(self, path: str) -> dict[int, str]:
        """Return ord → text of a file's chunks, as they were when the file was indexed."""
        with self.snapshot() as snapshot:
            return snapshot.texts(path)

    def verify(self, expected: Mapping[str, int]) -> list[str]:
        """Return what is wrong, given path → number of chunks; nothing wrong gives an empty list."""
        with self.snapshot() as snapshot:
            keys = Counter(snapshot.keys())
        counts = Counter(path for path, _ in keys)
        twice = [
            f"{path}: chunk {number} stands there {n} times" for (path, number), n in keys.items() if n > 1
        ]
        return twice + [
            f"{path}: {counts[path]} chunks in the table, {expected.get(path, 0)} expected"
            for path in sorted(counts.keys() | expected.keys())
            if counts[path] != expected.get(path, 0)
        ]

    # -- inside ----------------------------------------------------------------------------------------------

    def _commit(self, files: Mapping[str, ParsedFile | None]) -> None:
        generation, tail = self._view.generation, self._view.tail
        rows = rows_of([file for file in files.values() if file is not None], fresh=generation.indexed)
        before = {path: tail.chunks_of(path) for path in files if path in tail}
        if generation.indexed:
            # First the tail, then the table: a reader in between takes the new chunks and passes over the old.
            for path, file in files.items():
                tail.put(path, chunks_of_file(file))
        stale = [path for path in files if path in self._known]
        try:
            generation.commit(stale, rows)
        except BaseException:
            _put_back(tail, files, before)
            raise
        self._commits += 1
        self._count(files.values(), is_first_build=not generation.indexed and not stale)
        for path, file in files.items():
            (self._known.add if file is not None and file.chunks else self._known.discard)(path)
        if self._journal is not None:
            self._journal.append((list(files), rows))

    def _count(self, files: Iterable[ParsedFile | None], *, is_first_build: bool) -> None:
        """Count tokens while they are at hand: a first build need not read all of them again."""
        if not is_first_build:
            self._counts = None  # counts cannot be taken back; `build_index` reads the table instead
        elif self._counts is not None:
            self._counts.add(chunk.tokens for file in files if file is not None for chunk in file.chunks)

    def _make_next_generation(self) -> None:
        current = self._view.generation
        with self._write_lock:
            source = current.frozen_table()
            self._journal = []
        folder = self._folder / f"g{int(current.folder.name[1:]) + 1:06d}"
        try:
            following = copy_chunks(source, folder)
            with self._write_lock:
                self._swap(current, following)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            with self._write_lock:
                self._journal = None

    def _swap(self, current: Generation, following: Generation) -> None:
        """Repeat in the next generation what was committed meanwhile, then make it the current one."""
        journal = self._journal or []
        for paths, rows in journal:
            following.commit(paths, marked_fresh(rows, fresh=True))
        _set_current_name(self._folder, following.folder.name)
        tail = Tail()
        for path in {path for paths, _ in journal for path in paths}:
            tail.put(path, self._view.tail.chunks_of(path))
        with self._view_lock:
            self._view = _View(following, tail)
        self._commits = len(journal)
        current.retire()


class Snapshot:
    """What is stored at one moment."""

    def __init__(self, view: _View) -> None:
        self._generation = view.generation
        self._tail = view.tail

    def retrieve(self, terms: Sequence[str], limit: int) -> tuple[list[StoredChunk], Statistics]:
        """Return the indexed chunks that best match any of `terms`, and what their scores rest upon.

        Ask for `tail` afterwards: it holds what is newer, and the files it names are not to be taken from here.
        """
        with translated("The index cannot be read"):
            return self._generation.retrieve(terms, limit)

    @property
    def tail(self) -> Tail:
        """The chunks of files committed since the full-text index was made; it goes on growing meanwhile."""
        return self._tail

    def chunks_of(self, paths: Iterable[str]) -> list[StoredChunk]:
        """Return all chunks of the given files, in order."""
        with translated("The index cannot be read"):
            return self._generation.chunks_of(list(dict.fromkeys(paths)))

    def texts(self, path: str) -> dict[int, str]:
        """Return ord → text of a file's chunks."""
        with translated("The index cannot be read"):
            return self._generation.texts(path)

    def all_texts(self) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of every chunk, in no order."""
        with translated("The index cannot be read"):
            yield from self._generation.all_texts()

    def count(self) -> int:
        """Return the number of chunks."""
        with translated("The index cannot be read"):
            return self._generation.count()

    def keys(self) -> list[tuple[str, int]]:
        """Return (path, ord) of every chunk."""
        with translated("The index cannot be read"):
            return self._generation.keys()


def _put_back(tail: Tail, files: Iterable[str], before: Mapping[str, Sequence[StoredChunk]]) -> None:
    """Undo what a commit that failed has done to the tail."""
    for path in files:
        if path in before:
            tail.put(path, before[path])
        else:
            tail.forget(path)


def _current_name(folder: Path) -> str:
    """Return the name of the generation that counts, "" if nothing was ever finished here."""
    try:
        text = (folder / "CURRENT").read_text("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        text = ""
    try:
        current = json.loads(text)
        found, name = current["format"], current["generation"]
    except (ValueError, TypeError, KeyError):
        raise StoreUnreadable(f"{folder} holds no index that can be read", _REBUILD) from None
    if found != FORMAT or not isinstance(name, str) or not GENERATION_NAME.fullmatch(name):
        raise StoreUnreadable(f"{folder} holds an index of another format ({found}, not {FORMAT})", _REBUILD)
    if not (folder / name).is_dir():
        raise StoreUnreadable(f"{folder} has lost its table", _REBUILD)
    return name


def _set_current_name(folder: Path, name: str) -> None:
    draft = folder / "CURRENT.new"
    draft.write_text(json.dumps({"format": FORMAT, "generation": name}), "utf-8")
    draft.replace(folder / "CURRENT")


def _remove_generations(folder: Path, keep: str) -> None:
    for entry in folder.iterdir():
        if entry.name != keep and GENERATION_NAME.fullmatch(entry.name):
            shutil.rmtree(entry, ignore_errors=True)
