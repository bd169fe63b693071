"""The values that the index's rooms hand to each other.

Lines and columns are 0-based, columns count code points, ends are exclusive. Paths are relative to the
workspace's root with `/` between parts, on every system.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

Redact = Callable[[str, str], str]
"""(text, path) → the text with detected secrets masked; the number of lines never changes."""

IndexState = Literal["scanning", "indexing", "ready", "paused", "error"]


class FileStatus(StrEnum):
    """What became of a file that was looked at."""

    INDEXED = "indexed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file the walk wants indexed. `size` in bytes; `mtime_ns` and `ctime_ns` as the system gives them."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file the walk saw and left out: `reason` is a stable word (`ignored`, `too_large`, …), `rule` what decided."""

    path: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. `container` is the dotted name of what encloses it, "" at top level.

    `start_*`/`end_*` span the whole definition, `name_*` the name alone (it lies on one line).
    """

    name: str
    kind: str
    container: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    name_line: int
    name_column: int
    name_end_column: int


class Broken(NamedTuple):
    """A place that does not parse: its lines, 0-based, the last one included. `misses` is what should stand there."""

    start: int
    end: int
    misses: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """About 1,500 bytes of one file, cut along its syntax: the unit of retrieval.

    `symbol` is the dotted name of the definition the chunk shows ("" if none) and `kind` that definition's kind
    (`text` for files without a grammar, `code` for code outside definitions); `defines` holds the plain names
    that are defined inside; `tokens` are split, stemmed and separated by one space.
    """

    ord: int
    start_line: int
    end_line: int
    symbol: str
    kind: str
    defines: tuple[str, ...]
    text: str
    tokens: str


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as search sees it, whether it comes from the table, from memory or from an unsaved buffer.

    `path_tokens` and `symbol_tokens` are the tokens of the file's path and of the names the chunk defines;
    the text itself is read only when somebody wants to see it.
    """

    path: str
    ord: int
    start_line: int
    end_line: int
    symbol: str
    kind: str
    defines: tuple[str, ...]
    path_tokens: str
    symbol_tokens: str
    tokens: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a score needs to know of the whole: how many chunks, how long on average, how many hold a token."""

    chunks: int
    average_length: float
    chunks_with: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one look at one file gave. `error` says why a FAILED file failed, or what was lost on the way."""

    path: str
    status: FileStatus
    language: str = ""
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    content_hash: str = ""
    lines: int = 0
    reason: str = ""
    rule: str = ""
    error: str = ""
    symbols: tuple[Symbol, ...] = ()
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a search. `why` names each signal's contribution; the contributions add up to `score`."""

    path: str
    start_line: int
    end_line: int
    symbol: str
    kind: str
    score: float
    why: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first. `partial` when files that may matter were not indexed yet."""

    query: str
    partial: bool
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class LocatedSymbol:
    """A symbol and the file it stands in."""

    path: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Status:
    """Where one workspace's index stands; `detail` is a sentence for a person ("" when there is nothing to say)."""

    root: str
    state: IndexState
    files_done: int
    files_total: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one path is, or is not, in the index."""

    path: str
    indexed: bool
    reason: str
    rule: str
    chunks: int
    symbols: int
    error: str
