"""Chunks held in memory with an index of their tokens: what was committed since the full-text index was made."""

import heapq
import threading
from array import array
from collections.abc import Callable, Iterable, Sequence

from victor_indexer.model import StoredChunk

_MAX_DEAD = 1_000


class Tail:
    """path → its newest chunks; a removed file stands there with none. Safe to share between threads.

    Each token has a list of chunk numbers. Numbers of replaced chunks stay in the lists until they are more than the
    living ones; then the lists are made anew.
    """

    def __init__(self, chunks: Iterable[StoredChunk] = ()) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._chunks: dict[int, StoredChunk] = {}
        self._postings: dict[str, array[int]] = {}
        self._next = 0
        grouped: dict[str, list[StoredChunk]] = {}
        for chunk in chunks:
            grouped.setdefault(chunk.path, []).append(chunk)
        for path, group in grouped.items():
            self.put(path, group)

    def __contains__(self, path: str) -> bool:
        return path in self._numbers

    def __len__(self) -> int:
        return len(self._chunks)

    def put(self, path: str, chunks: Sequence[StoredChunk]) -> None:
        """Let `chunks` be all there is of the file `path`."""
        with self._lock:
            for number in self._numbers.pop(path, ()):
                del self._chunks[number]
            if self._next > 2 * len(self._chunks) + _MAX_DEAD:
                self._renumber()
            self._numbers[path] = tuple(self._add(chunk) for chunk in chunks)

    def forget(self, path: str) -> None:
        """Know nothing of `path` any more."""
        self.put(path, ())
        with self._lock:
            self._numbers.pop(path, None)

    def chunks_of(self, path: str) -> list[StoredChunk]:
        """Return the chunks of a file."""
        with self._lock:
            return [self._chunks[number] for number in self._numbers.get(path, ())]

    def matching(self, terms: Sequence[str], weight: Callable[[str], float], limit: int) -> list[StoredChunk]:
        """Return the chunks whose terms weigh most, best first."""
        scores: dict[int, float] = {}
        with self._lock:
            chunks = self._chunks
            for term in terms:
                value = weight(term)
                for number in self._postings.get(term, ()):
                    if number in chunks:
                        scores[number] = scores.get(number, 0.0) + value
            best = heapq.nlargest(limit, scores, key=lambda number: (scores[number], -number))
            return [chunks[number] for number in best]

    def _add(self, chunk: StoredChunk) -> int:
        number = self._next
        self._next += 1
        self._chunks[number] = chunk
        for token in {*chunk.tokens.split(), *chunk.path_tokens.split(), *chunk.symbol_tokens.split()}:
            posting = self._postings.get(token)
            if posting is None:
                posting = self._postings[token] = array("L")
            posting.append(number)
        return number

    def _renumber(self) -> None:
        kept = [
            (path, [self._chunks[number] for number in numbers]) for path, numbers in self._numbers.items()
        ]
        self._chunks, self._postings, self._next = {}, {}, 0
        self._numbers = {path: tuple(self._add(chunk) for chunk in chunks) for path, chunks in kept}
