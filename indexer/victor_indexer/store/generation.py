"""One generation of a table on disk: LanceDB's table, its full-text index, its token statistics.

The only module that imports lancedb and pyarrow, on first use: that costs 2 CPU seconds and 140 MB.
"""

import contextlib
import ctypes
import errno
import heapq
import itertools
import math
import os
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from victor_indexer.errors import DiskFull, StoreUnreadable
from victor_indexer.model import Statistics, StoredChunk
from victor_indexer.store.lean_import import import_lancedb
from victor_indexer.store.rows import CHUNK_COLUMNS, marked_fresh, schema, stored_chunks, text_tokens
from victor_indexer.store.statistics import TokenCounts, load_statistics

GENERATION_NAME = re.compile(r"g\d{6}")

_TABLE = "chunks"
_INDEX = "tokens_idx"
_STATISTICS = "statistics"
_BATCH_ROWS = 4_096
_MAX_PATHS = 500
_MAX_TOKEN = 200
_FTS_MEMORY_MB = 96
_REBUILD = "The index is rebuilt by itself; `victor index --rebuild` does it now."
_KNOBS = {
    # Threads for two cores: more bring nothing at this size, and each one keeps buffers of its own.
    "LANCE_CPU_THREADS": "2",
    "TOKIO_WORKER_THREADS": "2",
    "LANCE_FTS_NUM_SHARDS": "1",
}


class Generation:
    """A generation in use: counts its readers, so that its folder goes only when the last one has left."""

    def __init__(self, folder: Path, table: Any) -> None:
        self.folder = folder
        self._table = table
        self._statistics: Statistics | None = None
        self._lock = threading.Lock()
        self._readers = 0
        self._retired = False
        self.indexed = any(index.name == _INDEX for index in table.list_indices())

    @classmethod
    def open(cls, folder: Path) -> "Generation":
        """Open the generation in `folder`."""
        table = _database(folder).open_table(_TABLE)
        if table.schema.names != schema().names:
            raise StoreUnreadable(f"{folder} holds a table of another shape", _REBUILD)
        return cls(folder, table)

    # -- life ------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Count a reader in."""
        with self._lock:
            self._readers += 1

    def leave(self) -> None:
        """Count a reader out; the last one of a retired generation takes the folder along."""
        with self._lock:
            self._readers -= 1
            last = self._retired and self._readers == 0
        if last:
            self._remove()

    def retire(self) -> None:
        """Delete the folder as soon as nobody reads it."""
        with self._lock:
            self._retired = True
            last = self._readers == 0
        if last:
            self._remove()

    def close(self) -> None:
        """Let go of the table: with its last handle go its caches and files."""
        self._table = None

    def _remove(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- writing ---------------------------------------------------------------------------------------------

    def commit(self, stale: Sequence[str], rows: Any) -> None:
        """Put `rows` in the place of all rows of the `stale` paths, in one commit."""
        if not stale:
            if rows.num_rows:
                self._table.add(rows)
        elif not rows.num_rows:
            self._table.delete(_among(stale))
        else:
            merge = self._table.merge_insert(["path", "ord"])
            merge = merge.when_matched_update_all().when_not_matched_insert_all()
            merge.when_not_matched_by_source_delete(_among(stale)).execute(rows)

    def build_index(self, counts: TokenCounts | None = None) -> None:
        """Build the full-text index over what the table holds; `counts` of its tokens, if they are known."""
        from lancedb.index import FTS

        config = FTS(
            with_position=False,
            base_tokenizer="whitespace",
            lower_case=False,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
            max_token_length=_MAX_TOKEN,
            memory_limit=_FTS_MEMORY_MB,
            num_workers=1,
        )
        counts = counts or self._count()
        self._statistics = counts.save(self.folder / _STATISTICS)
        if counts.chunks:
            self._table.create_index("tokens", config=config, name=_INDEX)
            self.indexed = True

    def _count(self) -> TokenCounts:
        counts = TokenCounts()
        for batch in _batches(self._table, ["tokens"]):
            counts.add(text_tokens(batch["tokens"]))
        return counts

    def frozen_table(self) -> Any:
        """Return a second handle that stays at today's version."""
        table = _database(self.folder).open_table(_TABLE)
        table.checkout(table.version)
        return table

    # -- reading ---------------------------------------------------------------------------------------------

    def retrieve(self, terms: Sequence[str], limit: int) -> tuple[list[StoredChunk], Statistics]:
        """Return the chunks that best match any of `terms`, and what scores rest upon."""
        from lancedb.query import MatchQuery

        if not self.indexed:
            return _scan(self.frozen_table(), terms, limit)
        if not terms or limit <= 0:
            return [], self.statistics()
        match = MatchQuery(" ".join(terms), "tokens")  # type: ignore[call-arg]  # pydantic fills the defaults
        query = self._table.search(match, query_type="fts").fast_search()
        return stored_chunks(
            query.limit(limit).select([*CHUNK_COLUMNS, "_score"]).to_arrow()
        ), self.statistics()

    def statistics(self) -> Statistics:
        """Return the counts that were made with the index, counting again if their file is lost."""
        if self._statistics is None:
            self._statistics = load_statistics(self.folder / _STATISTICS) or self._count().statistics()
        return self._statistics

    def chunks_of(self, paths: Sequence[str]) -> list[StoredChunk]:
        """Return all chunks of the given files, in order."""
        found: list[StoredChunk] = []
        for start in range(0, len(paths), _MAX_PATHS):
            found += self._where(_among(paths[start : start + _MAX_PATHS]))
        return sorted(found, key=lambda chunk: (chunk.path, chunk.ord))

    def fresh_chunks(self) -> list[StoredChunk]:
        """Return the chunks that were committed after the index was built."""
        return self._where("fresh") if self.indexed else []

    def _where(self, condition: str) -> list[StoredChunk]:
        return stored_chunks(self._table.search().where(condition).select(CHUNK_COLUMNS).to_arrow())

    def texts(self, path: str) -> dict[int, str]:
        """Return ord → text of a file's chunks."""
        rows = self._table.search().where(_among([path])).select(["ord", "text"]).to_arrow()
        return dict(sorted(zip(rows["ord"].to_pylist(), rows["text"].to_pylist(), strict=True)))

    def all_texts(self) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of every chunk that is stored now."""
        for batch in _batches(self.frozen_table(), ["path", "text"]):
            yield from zip(batch["path"].to_pylist(), batch["text"].to_pylist(), strict=True)

    def count(self) -> int:
        """Return the number of chunks."""
        return int(self._table.count_rows())

    def version(self) -> int:
        """Return how often something was committed."""
        return int(self._table.version)

    def keys(self) -> list[tuple[str, int]]:
        """Return (path, ord) of every chunk."""
        rows = self._table.search().select(["path", "ord"]).to_arrow()
        return list(zip(rows["path"].to_pylist(), rows["ord"].to_pylist(), strict=True))

    def paths(self) -> set[str]:
        """Return the paths that have chunks."""
        return set(self._table.search().select(["path"]).to_arrow()["path"].unique().to_pylist())


def new_table(folder: Path) -> Generation:
    """Make an empty generation in `folder`."""
    folder.mkdir(mode=0o700, parents=True)
    return Generation(folder, _database(folder).create_table(_TABLE, schema=schema()))


def copy_chunks(source: Any, folder: Path) -> Generation:
    """Write all that `source` holds into a new generation in `folder`, with its index."""
    following = new_table(folder)
    counts = TokenCounts()
    for rows in _batches(source, schema().names):
        counts.add(text_tokens(rows["tokens"]))
        following.commit([], marked_fresh(rows, fresh=False))
    following.build_index(counts)
    return following


def _scan(table: Any, terms: Sequence[str], limit: int) -> tuple[list[StoredChunk], Statistics]:
    """Do without an index: read all tokens, count the terms, and fetch the chunks that hold the rarest ones."""
    wanted = [f" {term} " for term in terms[:_MAX_SCAN_TERMS]]
    matches: list[tuple[int, ...]] = []
    n_bytes = 0
    for batch in _batches(table, ["tokens"]):
        lines = batch["tokens"].to_pylist()
        n_bytes += sum(map(len, lines))
        matches += [tuple([n for n, word in enumerate(wanted) if word in line]) for line in lines]
    counts = Counter(itertools.chain.from_iterable(matches))
    known = {term: counts[n] for n, term in enumerate(terms[:_MAX_SCAN_TERMS])}
    average = max(1.0, n_bytes / _TOKEN_BYTES / max(len(matches), 1))
    statistics = Statistics(len(matches), average, lambda term: known.get(term, 0))
    weights = [math.log1p(len(matches) / (counts[n] + 0.5)) for n in range(len(wanted))]
    scores = {row: sum(weights[n] for n in hit) for row, hit in enumerate(matches) if hit}
    best = heapq.nlargest(max(limit, 0), scores, key=lambda row: (scores[row], -row))
    if not best:
        return [], statistics
    return stored_chunks(table.take_offsets(best).select(CHUNK_COLUMNS).to_arrow()), statistics


_MAX_SCAN_TERMS = 16
_TOKEN_BYTES = 6.5
"""Bytes of a token with its space, on average: near enough for the length of a chunk while the index is built."""


def _batches(table: Any, columns: Sequence[str]) -> Iterator[Any]:
    """Yield all rows in slices. Each is read to its end: a stream left open while writing can lock LanceDB up."""
    start = 0
    while True:
        rows = table.search().select(list(columns)).limit(_BATCH_ROWS).offset(start).to_arrow()
        if not rows.num_rows:
            return
        yield rows
        start += rows.num_rows


def _among(paths: Sequence[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"path IN ({quoted})"


def _database(folder: Path) -> Any:
    for name, value in _KNOBS.items():
        os.environ.setdefault(name, value)
    os.environ["LANCE_IO_THREADS"] = "4"  # with a single one LanceDB waits for itself for ever when it writes
    lancedb = import_lancedb()

    # Small caches: the system's own page cache holds the files already.
    session = lancedb.Session(index_cache_size_bytes=64 << 20, metadata_cache_size_bytes=16 << 20)
    return lancedb.connect(str(folder), session=session)


@contextlib.contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn what LanceDB and the system say into the index's own errors; `what` begins the message."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        if (isinstance(error, OSError) and error.errno in _NO_SPACE) or _NO_SPACE_TEXT.search(str(error)):
            raise DiskFull(f"{what}: there is no space left", "Free some disk space.") from error
        raise StoreUnreadable(f"{what}: {str(error).splitlines()[0][:300]}", _REBUILD) from error


_NO_SPACE = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_SPACE_TEXT = re.compile(
    r"no space left|disk quota exceeded|file too large|not enough space|os error (?:28|27|122|112)\b",
    re.IGNORECASE,
)


def give_memory_back() -> None:
    """Hand freed memory back to the system, where the C library has to be asked to."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
