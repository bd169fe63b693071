"""How well chunks answer a query: the one place where hits are scored and ordered.

Pure functions over plain values. Every candidate is scored here by the same rules, whether the table, the tail, an
unsaved buffer or a plain scan brought it, so that scores can be compared. A score is the sum of its signals:

text, path, symbol   BM25 over the tokens of the chunk, of its path and of the names it defines (fields count double)
definition           the query names what the chunk defines
file_name            the query names the file or a folder above it
coherence            other chunks of the same file answer too
prior                what tests, examples, vendored and compatibility code lose, unless the query asks for them
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from victor_indexer.model import Hit, Statistics, StoredChunk
from victor_indexer.tokens import query_names, query_terms, split_identifier, tokenize

MAX_TERMS = 48
"""Terms of one query that are looked at, in the order of the query."""

BODY_CHARACTERS = 400
"""What counts of a long query after its first line."""

_K1 = 1.2
_B = 0.75
_FIELD_WEIGHT = 2.0
_DEFINITION = 0.6
_NAMED = 1.6
_FILE_NAME = 0.5
_FOLDER = 0.15
_COHERENCE = 0.3
_STEP = 1024
"""Contributions are multiples of 1/1024: they add up to the score exactly, in any order."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query read: its distinct tokens, the names in it as typed, and the kinds of file it asks for by name."""

    text: str
    terms: tuple[str, ...]
    names: tuple[str, ...]
    asks_for: frozenset[str]

    @property
    def is_name(self) -> bool:
        """Whether the query is one name and nothing else."""
        return len(self.names) == 1 and not any(mark.isspace() for mark in self.text.strip())


def read_query(text: str) -> Query:
    """Read a query as it was typed; of a long one the first line and the 400 characters after it count."""
    title, _, body = text.strip().partition("\n")
    short = f"{title[:BODY_CHARACTERS]} {(title[BODY_CHARACTERS:] + body)[:BODY_CHARACTERS]}".strip()
    terms = query_terms(short)[:MAX_TERMS]
    asked = {word for name in query_names(short) for word in split_identifier(name)}
    asks_for = frozenset(kind for kind, words in _ASKING_WORDS.items() if asked & words)
    return Query(text, terms, query_names(short), asks_for)


def rank(query: Query, chunks: Iterable[StoredChunk], statistics: Statistics, k: int) -> list[Hit]:
    """Return the `k` best hits: the best chunk of each file first, then the files' other chunks."""
    weights = {term: _rarity(term, statistics) for term in query.terms}
    found: dict[tuple[str, int], tuple[StoredChunk, dict[str, float]]] = {}
    for chunk in chunks:
        if (chunk.path, chunk.ord) not in found:
            found[chunk.path, chunk.ord] = (chunk, _words(chunk, weights, statistics.average_length))
    by_file: dict[str, list[tuple[StoredChunk, dict[str, float]]]] = {}
    for chunk, why in found.values():
        if any(why.values()):
            by_file.setdefault(chunk.path, []).append((chunk, why))
    best, rest = [], []
    for path, group in by_file.items():
        first, *others = sorted(_file_hits(query, path, group, weights), key=_order)
        best.append(first)
        rest += others
    return (sorted(best, key=_order) + sorted(rest, key=_order))[: max(k, 0)]


def _order(hit: Hit) -> tuple[float, str, int]:
    return (-hit.score, hit.path, hit.start_line)


def _rarity(term: str, statistics: Statistics) -> float:
    """Return BM25's weight of a term: the fewer chunks hold it, the more it says."""
    holding = min(statistics.chunks_with(term), statistics.chunks)
    return math.log1p((statistics.chunks - holding + 0.5) / (holding + 0.5))


def _words(chunk: StoredChunk, weights: Mapping[str, float], average_length: float) -> dict[str, float]:
    """Return what the words of a chunk contribute: fields share one saturating count per term."""
    text, path, symbol = chunk.tokens.split(), chunk.path_tokens.split(), chunk.symbol_tokens.split()
    shortness = 1 / (1 - _B + _B * len(text) / max(average_length, 1.0))
    why = {"text": 0.0, "path": 0.0, "symbol": 0.0}
    for term, weight in weights.items():
        in_text = text.count(term) * shortness
        in_path = _FIELD_WEIGHT * (term in path)
        in_symbol = _FIELD_WEIGHT * (term in symbol)
        if total := in_text + in_path + in_symbol:
            share = weight * (_K1 + 1) / (total + _K1)
            why["text"] += share * in_text
            why["path"] += share * in_path
            why["symbol"] += share * in_symbol
    return why


def _file_hits(
    query: Query,
    path: str,
    group: Sequence[tuple[StoredChunk, dict[str, float]]],
    weights: Mapping[str, float],
) -> list[Hit]:
    """Turn the chunks of one file into hits with all their signals."""
    whole = sum(weights.values())
    file_name = _file_name(path, weights) * whole
    words = sorted((sum(why.values()) for _, why in group), reverse=True)
    loss = path_prior(path, query.asks_for) - 1
    hits = []
    for chunk, why in group:
        others = words[1] if sum(why.values()) == words[0] and len(words) > 1 else words[0]
        signals = dict(why)
        signals["definition"] = _definition(query, chunk, weights) * whole
        signals["file_name"] = file_name
        signals["coherence"] = _COHERENCE * others if len(words) > 1 else 0.0
        signals["prior"] = loss * sum(signals.values())
        hits.append(_hit(chunk, signals))
    return hits


def _hit(chunk: StoredChunk, signals: Mapping[str, float]) -> Hit:
    why = {name: round(value * _STEP) / _STEP for name, value in signals.items()}
    why = {name: value for name, value in why.items() if value}
    return Hit(chunk.path, chunk.start_line, chunk.end_line, chunk.symbol, chunk.kind, sum(why.values()), why)


def _definition(query: Query, chunk: StoredChunk, weights: Mapping[str, float]) -> float:
    """Return 0 … 1.6: how surely the query names something that the chunk defines."""
    if not chunk.defines:
        return 0.0
    named = max((_is_named(name, query, chunk) for name in query.names), default=0.0)
    described = max(_described(name, weights) for name in set(chunk.defines))
    return max(_NAMED * named, _DEFINITION * described)


def _is_named(name: str, query: Query, chunk: StoredChunk) -> float:
    """Return 1 for a definition of just this name, less where case or the enclosing name differ or prose is likely."""
    container, _, last = name.rpartition(".")
    if last not in chunk.defines:
        lowered = last.lower().replace("_", "")
        if not any(lowered == defined.lower().replace("_", "") for defined in chunk.defines):
            return 0.0
    certainty = 1.0 if query.is_name or _is_compound(name) else 0.25
    if last not in chunk.defines:
        certainty *= 0.85
    if container and container.rpartition(".")[2].lower() not in chunk.symbol.lower().split("."):
        certainty *= 0.7
    main = chunk.symbol.rpartition(".")[2]
    return certainty if main.lower() == last.lower() else certainty * 0.9


def _is_compound(name: str) -> bool:
    return "." in name or len(split_identifier(name)) > 1


def _described(name: str, weights: Mapping[str, float]) -> float:
    """Return which share of the query a defined name covers, times which share of the name the query covers."""
    parts = set(tokenize(name))
    if len(parts) > 1:
        parts -= {"".join(split_identifier(name))}
    covered = sum(weight for term, weight in weights.items() if term in parts)
    return covered / (sum(weights.values()) or 1.0) * len(parts & weights.keys()) / max(len(parts), 1)


def _file_name(path: str, weights: Mapping[str, float]) -> float:
    """Return how much of the query the file's stem and the folders above it say."""
    pure = PurePosixPath(path)
    stem = _described(pure.stem.strip("_"), weights)
    folders = max((_described(folder, weights) for folder in pure.parts[:-1]), default=0.0)
    return _FILE_NAME * stem + _FOLDER * folders


# -- priors ----------------------------------------------------------------------------------------------------


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ASKING_WORDS: Mapping[str, frozenset[str]] = {
    "test": _set("test tests testing spec specs fixture fixtures mock mocks unittest pytest"),
    "docs": _set(
        "doc docs documentation example examples sample samples demo demos tutorial readme guide changelog"
    ),
    "vendored": _set("vendor vendored vendoring generated bundled"),
    "compat": _set("compat compatibility legacy deprecated polyfill shim backport"),
}
_FACTORS = {"test": 0.3, "docs": 0.4, "vendored": 0.3, "compat": 0.7}
_FOLDERS: Mapping[str, frozenset[str]] = {
    "test": _set(
        "test tests testing __tests__ __mocks__ spec specs testdata test-data fixtures e2e testsuite unittests"
    ),
    "docs": _set("doc docs documentation example examples sample samples demo demos tutorial tutorials"),
    "vendored": _set(
        "vendor vendored _vendor third_party third-party thirdparty node_modules external externals extern dist"
        " generated __generated__ gen bower_components"
    ),
    "compat": _set("compat compatibility legacy deprecated polyfills shims"),
}
_FILES: Mapping[str, re.Pattern[str]] = {
    "test": re.compile(r"test_.+|.+[_.-](?:test|tests|spec)\.\w+|(?:.*Tests?|conftest|tests?)\.\w+"),
    "docs": re.compile(
        r".+\.(?:md|rst|txt|adoc|mdx|markdown)|(?:readme|changelog|changes|news|history|authors).*",
        re.IGNORECASE,
    ),
    "vendored": re.compile(
        r".+(?:_pb2(?:_grpc)?\.pyi?|\.pb\.\w+|[.-]min\.\w+|\.generated\.\w+|_generated\.\w+)"
    ),
    "compat": re.compile(
        r"_?(?:compat|legacy|deprecated|polyfills?|shims?)\.\w+|.+[_-]compat\.\w+", re.IGNORECASE
    ),
}


def path_prior(path: str, asks_for: frozenset[str]) -> float:
    """Return the factor for a path: the lowest of the kinds it is of, 1 for plain source and for what is asked for."""
    *folders, name = path.split("/")
    lowered = {folder.lower() for folder in folders}
    kinds = [kind for kind in _FACTORS if lowered & _FOLDERS[kind] or _FILES[kind].fullmatch(name)]
    return min((_FACTORS[kind] for kind in kinds if kind not in asks_for), default=1.0)
