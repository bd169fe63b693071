"""Search one workspace: gather candidates from all places where the newest text of a file may be, and rank them.

Of each file only the newest text counts: an unsaved buffer before a file not yet read again, that before what was
committed lately, that before the full-text index.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.errors import RequestCancelled
from victor_indexer.manifest import Manifest
from victor_indexer.model import (
    FoundFile,
    Hit,
    LocatedSymbol,
    ParsedFile,
    SearchResult,
    Statistics,
    StoredChunk,
)
from victor_indexer.rank import RARELY, Query, path_prior, rank, read_query
from victor_indexer.source import RawFile, decode, read_file
from victor_indexer.store import Snapshot, Store
from victor_indexer.store.rows import chunks_of_file
from victor_indexer.tokens import token_line

N_CANDIDATES = 80
"""Chunks taken from the table; more of them cost time and change no first page."""

_N_CANDIDATES_OF_TAIL = 20

_MORE = 6
"""So many times as many are taken where most are hardly meant: one text may stand there in fifty languages."""

_MAX_NAMES = 8
_MAX_DEFINITIONS = 200
_MAX_DEFINING_FILES = 24
_WINDOW_LINES = 40
_SCAN_SECONDS = 0.15
_SCAN_BYTES = 4_000_000
_SCAN_FILE_BYTES = 500_000


def search(
    query: str,
    *,
    k: int,
    root: Path,
    store: Store | None,
    manifest: Manifest,
    overlays: Mapping[str, ParsedFile] | None = None,
    pending: Sequence[FoundFile] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Return the `k` best hits for `query` below `root`.

    `overlays` are unsaved buffers by path, `pending` the files whose text on disk is newer than the index. They are
    read here and now as far as a short time allows; what was not read makes the result `partial`, and so does a
    missing `store`. Raises RequestCancelled once `cancelled` says so.
    """
    asked = read_query(query)
    if k <= 0 or not (asked.terms or asked.names):
        return SearchResult(query, False, ())
    overlays = overlays or {}
    waiting = [file for file in pending if file.path not in overlays]
    check = _Check(cancelled)
    with store.snapshot() if store is not None else contextlib.nullcontext() as snapshot:
        gathered = _gather(asked, snapshot, manifest, overlays, {file.path for file in waiting}, check)
    scanned = _scan_files(root, waiting, asked, check)
    hits = rank(asked, [*gathered.chunks, *scanned.chunks], gathered.statistics, k)
    if not hits:
        hits = _parts_of_names(asked, manifest, {*overlays, *(file.path for file in waiting)}, k)
    check()
    return SearchResult(query, store is None or scanned.partial, tuple(hits))


@dataclass(frozen=True, slots=True)
class _Check:
    """Stops a search that nobody waits for any more."""

    cancelled: Callable[[], bool]

    def __call__(self) -> None:
        if self.cancelled():
            raise RequestCancelled("The search was cancelled.")


@dataclass(frozen=True, slots=True)
class _Gathered:
    chunks: list[StoredChunk]
    statistics: Statistics


def _gather(
    query: Query,
    snapshot: Snapshot | None,
    manifest: Manifest,
    overlays: Mapping[str, ParsedFile],
    waiting: Collection[str],
    check: _Check,
) -> _Gathered:
    """Collect candidates from overlays, tail and table; each file from the newest place that has it."""
    unsaved = [chunk for file in overlays.values() for chunk in chunks_of_file(file)]
    if snapshot is None:
        statistics = _statistics_of(unsaved)
        return _Gathered(_holding(query, unsaved), statistics)
    check()
    terms = query.telling_terms
    tail = snapshot.tail
    room = N_CANDIDATES - min(len(tail), _N_CANDIDATES_OF_TAIL)  # a long tail must not make searches longer
    indexed, statistics = snapshot.retrieve(terms, room)
    if _are_rarely_meant(query, indexed, room):
        check()
        indexed, statistics = snapshot.retrieve(terms, room * _MORE)
    check()
    hidden = {*overlays, *waiting}
    weights = {term: 1 / (1 + statistics.chunks_with(term)) for term in terms}
    chunks = tail.matching(terms, weights.__getitem__, _N_CANDIDATES_OF_TAIL)
    if _are_rarely_meant(query, chunks, _N_CANDIDATES_OF_TAIL):
        chunks = tail.matching(terms, weights.__getitem__, _N_CANDIDATES_OF_TAIL * _MORE)
    chunks += [chunk for chunk in indexed if chunk.path not in tail]
    chunks += _defining_chunks(query, snapshot, manifest, hidden, chunks)
    return _Gathered([*_holding(query, unsaved), *(c for c in chunks if c.path not in hidden)], statistics)


def _are_rarely_meant(query: Query, chunks: Sequence[StoredChunk], room: int) -> bool:
    """Return whether so many of the candidates are hardly meant that better ones may have had no room."""
    n_meant = sum(path_prior(chunk.path, query.asks_for) > RARELY for chunk in chunks)
    return len(chunks) == room and 2 * n_meant < room


def _holding(query: Query, chunks: Iterable[StoredChunk]) -> list[StoredChunk]:
    """Return the chunks in which a term may stand; one found inside a longer word does no harm, `rank` looks again."""
    return [
        chunk
        for chunk in chunks
        if any(
            term in text
            for text in (chunk.tokens, chunk.path_tokens, chunk.symbol_tokens)
            for term in query.terms
        )
    ]


def _defining_chunks(
    query: Query,
    snapshot: Snapshot,
    manifest: Manifest,
    hidden: Collection[str],
    known: Sequence[StoredChunk],
) -> list[StoredChunk]:
    """Return the chunks that define what the query names, however common the name is."""
    names = [name.rpartition(".")[2] for name in query.symbol_names[:_MAX_NAMES]]
    located = [each for each in manifest.definitions(names, _MAX_DEFINITIONS) if each.path not in hidden]
    return _chunks_at(snapshot, [each for each in located if not _holds(known, each)])


def _holds(chunks: Sequence[StoredChunk], located: LocatedSymbol) -> bool:
    line = located.symbol.name_line
    return any(chunk.path == located.path and chunk.start_line <= line < chunk.end_line for chunk in chunks)


def _chunks_at(snapshot: Snapshot, located: Sequence[LocatedSymbol]) -> list[StoredChunk]:
    """Return the chunks in which the names of some symbols stand."""
    lines: dict[str, set[int]] = {}
    for each in located:
        if each.path in lines or len(lines) < _MAX_DEFINING_FILES:
            lines.setdefault(each.path, set()).add(each.symbol.name_line)
    tail = snapshot.tail
    chunks = snapshot.chunks_of([path for path in lines if path not in tail])
    chunks += [chunk for path in lines for chunk in tail.chunks_of(path)]
    return [
        chunk
        for chunk in chunks
        if any(chunk.start_line <= line < chunk.end_line for line in lines[chunk.path])
    ]


def _parts_of_names(query: Query, manifest: Manifest, hidden: Collection[str], k: int) -> list[Hit]:
    """Return definitions whose name merely contains what was asked for: better than nothing, and only then."""
    hits: dict[tuple[str, int], Hit] = {}
    for name in query.names[:_MAX_NAMES]:
        for place, each in enumerate(manifest.find_symbols(name, k)):
            symbol = each.symbol
            if each.path not in hidden:
                dotted = f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
                why = {"part_of_name": 1 / (1 + place)}
                span = (symbol.start_line, max(symbol.end_line, symbol.start_line + 1))
                hit = Hit(each.path, *span, dotted, symbol.kind, sum(why.values()), why)
                hits.setdefault((each.path, symbol.name_line), hit)
    return sorted(hits.values(), key=lambda hit: -hit.score)[:k]


# -- files not indexed yet -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scanned:
    chunks: list[StoredChunk]
    partial: bool


def _scan_files(root: Path, pending: Sequence[FoundFile], query: Query, check: _Check) -> _Scanned:
    """Read files as plain text, likely ones first, until time or bytes are used up."""
    ends_at = time.monotonic() + _SCAN_SECONDS
    words = _plain_words(query)
    left = _SCAN_BYTES
    chunks: list[StoredChunk] = []
    partial = False
    for file in sorted(pending, key=lambda file: -sum(word in file.path.lower() for word in words)):
        check()
        if left <= 0 or time.monotonic() > ends_at:
            return _Scanned(chunks, True)
        left -= file.size
        found = list(_windows(root, file, words))
        partial |= bool(found)
        chunks += found
    return _Scanned(chunks, partial)


def _plain_words(query: Query) -> tuple[str, ...]:
    """Return the words and stems of a query as they may stand in a text."""
    typed = (part for name in query.names for part in name.lower().split("."))
    return tuple(dict.fromkeys((*query.terms, *typed)))


def _windows(root: Path, file: FoundFile, words: Sequence[str]) -> Iterator[StoredChunk]:
    """Yield the parts of a file in which one of the words stands."""
    raw = read_file(root, file.path, _SCAN_FILE_BYTES)
    text = decode(raw.content) if isinstance(raw, RawFile) else None
    if text is None:
        return
    path_tokens = token_line(file.path)
    in_path = bool(set(path_tokens.split()) & set(words))
    lines = text[0].split("\n")
    for number, start in enumerate(range(0, len(lines), _WINDOW_LINES)):
        window = "\n".join(lines[start : start + _WINDOW_LINES])
        lowered = window.lower()
        if in_path or any(word in lowered for word in words):
            end = min(start + _WINDOW_LINES, len(lines))
            yield StoredChunk(
                file.path, number, start, end, "", "text", (), path_tokens, "", token_line(window)
            )


def _statistics_of(chunks: Sequence[StoredChunk]) -> Statistics:
    """Return the statistics of chunks in memory, for want of a table's."""
    lines = [chunk.tokens.split() for chunk in chunks]
    holding = Counter(token for line in lines for token in set(line))
    length = sum(map(len, lines)) / max(len(lines), 1)
    return Statistics(len(lines), length, lambda term: holding[term])
