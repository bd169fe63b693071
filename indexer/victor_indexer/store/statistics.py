"""How many chunks hold a token: counted when the full-text index is built, kept in hashed buckets in a file.

Counts stand for the last `optimize`; what was committed since shifts them by less than a score can show. For the same
reason not every chunk of a large index is looked at.
"""

import contextlib
import struct
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from victor_indexer.model import Statistics

_BUCKETS = 1 << 19
"""2 MB for any vocabulary; two tokens in one bucket only look less rare than they are."""

_MAGIC = b"victor-statistics-1\n"
_HEADER = struct.Struct("<QQ")
_FLUSH_AFTER = 50_000
"""Distinct tokens counted by name before they go to their buckets: keeps memory level and hashing rare."""


_EXACT_CHUNKS = 4_096
_EVERY = 4
"""Beyond the first chunks every fourth counts for four: a score takes the logarithm, and counting costs as much as
building the index."""


class TokenCounts:
    """Counts in the making: `add` every chunk's tokens, then `save`."""

    def __init__(self) -> None:
        self.chunks = 0
        self._tokens = 0
        self._buckets = array("I", bytes(4 * _BUCKETS))
        self._named: Counter[str] = Counter()
        self._sampled: Counter[str] = Counter()

    def add(self, lines: Iterable[str]) -> None:
        """Count the tokens of some chunks, one line of tokens each."""
        for line in lines:
            self.chunks += 1
            stripped = line.strip()
            self._tokens += stripped.count(" ") + bool(stripped)
            if self.chunks <= _EXACT_CHUNKS:
                self._named.update(set(line.split()))
            elif self.chunks % _EVERY == 0:
                self._sampled.update(set(line.split()))
        if len(self._named) + len(self._sampled) > _FLUSH_AFTER:
            self._flush()

    def statistics(self) -> Statistics:
        """Return what was counted."""
        self._flush()
        return _statistics(self.chunks, self._tokens, self._buckets)

    def save(self, path: Path) -> Statistics:
        """Write what was counted to `path` in one step, and return it."""
        self._flush()
        buckets = self._buckets if sys.byteorder == "little" else _swapped(self._buckets)
        draft = path.with_suffix(".new")
        draft.write_bytes(_MAGIC + _HEADER.pack(self.chunks, self._tokens) + buckets.tobytes())
        draft.replace(path)
        return self.statistics()

    def _flush(self) -> None:
        buckets = self._buckets
        for named, weight in ((self._named, 1), (self._sampled, _EVERY)):
            for token, count in named.items():
                buckets[crc32(token.encode("utf-8", "replace")) % _BUCKETS] += weight * count
            named.clear()


def load_statistics(path: Path) -> Statistics | None:
    """Read what `TokenCounts.save` wrote; None if it is not there or not whole."""
    buckets = array("I")
    with contextlib.suppress(OSError, ValueError, struct.error):
        data = path.read_bytes()
        start = len(_MAGIC) + _HEADER.size
        if data.startswith(_MAGIC) and len(data) == start + 4 * _BUCKETS:
            buckets.frombytes(data[start:])
            chunks, tokens = _HEADER.unpack_from(data, len(_MAGIC))
            return _statistics(chunks, tokens, buckets if sys.byteorder == "little" else _swapped(buckets))
    return None


def _statistics(chunks: int, tokens: int, buckets: "array[int]") -> Statistics:
    def chunks_with(token: str) -> int:
        return buckets[crc32(token.encode("utf-8", "replace")) % _BUCKETS]

    return Statistics(chunks, tokens / chunks if chunks else 1.0, chunks_with)


def _swapped(buckets: "array[int]") -> "array[int]":
    copy = array("I", buckets)
    copy.byteswap()
    return copy
