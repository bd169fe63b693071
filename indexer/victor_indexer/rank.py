"""How well chunks answer a query: the one place where hits are scored and ordered.

Pure functions over plain values. Every candidate is scored here by the same rules, whether the table, the tail, an
unsaved buffer or a plain scan brought it, so that scores can be compared. A score is the sum of its signals:

text, path, symbol   BM25 over the tokens of the chunk, of its path and of the names it defines (fields count double)
definition           the query names what the chunk defines
file_name            the query names the file or a folder above it
coherence            other chunks of the same file answer too
prior                what tests, examples, vendored and compatibility code, translations and what tools write lose,
                     unless the query asks for them
"""

import math
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from victor_indexer.model import Hit, Statistics, StoredChunk
from victor_indexer.tokens import query_names, query_terms, split_identifier, tokenize

MAX_TERMS = 48
"""Terms of one query that are looked at, in the order of the query."""

BODY_CHARACTERS = 400
"""What counts of a long query after its first line."""

_K1 = 1.2
_B = 0.75
_FIELD_WEIGHT = 2.0
_DEFINITION = 0.8
_NAMED = 1.6
_IN_PROSE = 0.1
_OTHER_SPELLING = 0.7
_OTHER_CONTAINER = 0.7
_NOT_FIRST = 0.9
_FILE_NAME = 0.5
_FOLDER = 0.15
_COHERENCE = (0.3, 0.15, 0.075)
"""What the best, second and third of a file's other chunks add."""

_GENERIC = 0.3
_STEP = 1 << 16
"""Contributions are multiples of 1/65536: they add up to the score exactly, in any order."""

_LEAST_RARITY = 0.05
"""What a word weighs that stands in every chunk: little, yet a query of that word alone has an answer."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query read: its distinct tokens, the names in it as typed, and the kinds of file it asks for by name."""

    text: str
    terms: tuple[str, ...]
    names: tuple[str, ...]
    asks_for: frozenset[str]

    @property
    def telling_terms(self) -> tuple[str, ...]:
        """The terms without words like "function" or "implementation", unless there is little else."""
        telling = tuple(term for term in self.terms if term not in _generic_terms())
        return telling if len(telling) > 1 else self.terms

    @property
    def is_name(self) -> bool:
        """Whether the query is one name and nothing else."""
        return len(self.names) == 1 and not any(mark.isspace() for mark in self.text.strip())

    @property
    def symbol_names(self) -> tuple[str, ...]:
        """The names that can hardly be prose: compound ones, and the only word of a query."""
        return self.names if self.is_name else tuple(name for name in self.names if _is_compound(name))


def read_query(text: str) -> Query:
    """Read a query as it was typed; of a long one the first line and the 400 characters after it count."""
    title, _, body = text.strip().partition("\n")
    short = f"{title[:BODY_CHARACTERS]} {(title[BODY_CHARACTERS:] + body)[:BODY_CHARACTERS]}".strip()
    terms = query_terms(short)[:MAX_TERMS]
    names = query_names(short)
    asked = {word for name in names if not _is_compound(name) for word in split_identifier(name)}
    asks_for = frozenset(kind for kind, words in _ASKING_WORDS.items() if asked & words)
    return Query(text, terms, names, asks_for)


def rank(query: Query, chunks: Iterable[StoredChunk], statistics: Statistics, k: int) -> list[Hit]:
    """Return the `k` best hits: the best chunk of each file first, then the files' other chunks."""
    scale = _scale(query, statistics)
    by_file: dict[str, dict[int, _Scored]] = {}
    for chunk in chunks:
        group = by_file.setdefault(chunk.path, {})
        if chunk.ord not in group:
            group[chunk.ord] = _Scored(chunk, _words(chunk, scale))
    best, rest = [], []
    for path, group in by_file.items():
        found = [scored for scored in group.values() if any(scored.words.values())]
        if found:
            first, *others = sorted(_file_hits(query, path, found, scale), key=_order)
            best.append(first)
            rest += others
    return (sorted(best, key=_order) + sorted(rest, key=_order))[: max(k, 0)]


@dataclass(frozen=True, slots=True)
class _Scale:
    """How much each term of the query weighs, all of them together, and how long a chunk usually is."""

    weights: Mapping[str, float]
    whole: float
    average_length: float


@dataclass(frozen=True, slots=True)
class _Scored:
    chunk: StoredChunk
    words: dict[str, float]


def _scale(query: Query, statistics: Statistics) -> _Scale:
    telling = set(query.telling_terms)
    weights = {
        term: _rarity(term, statistics) * (1.0 if term in telling else _GENERIC) for term in query.terms
    }
    return _Scale(weights, sum(weights.values()) or 1.0, max(statistics.average_length, 1.0))


def _order(hit: Hit) -> tuple[float, str, int]:
    return (-hit.score, hit.path, hit.start_line)


def _rarity(term: str, statistics: Statistics) -> float:
    """Return BM25's weight of a term: the fewer chunks hold it, the more it says."""
    holding = min(statistics.chunks_with(term), statistics.chunks)
    return max(math.log1p((statistics.chunks - holding + 0.5) / (holding + 0.5)), _LEAST_RARITY)


def _words(chunk: StoredChunk, scale: _Scale) -> dict[str, float]:
    """Return what the words of a chunk contribute: fields share one saturating count per term."""
    text, path, symbol = chunk.tokens.split(), chunk.path_tokens.split(), chunk.symbol_tokens.split()
    shortness = 1 / (1 - _B + _B * len(text) / scale.average_length)
    by_text = by_path = by_symbol = 0.0
    for term, weight in scale.weights.items():
        in_text = text.count(term) * shortness
        in_path = _FIELD_WEIGHT if term in path else 0.0
        in_symbol = _FIELD_WEIGHT if term in symbol else 0.0
        if total := in_text + in_path + in_symbol:
            share = weight * (_K1 + 1) / (total + _K1)
            by_text += share * in_text
            by_path += share * in_path
            by_symbol += share * in_symbol
    return {"text": by_text, "path": by_path, "symbol": by_symbol}


def _file_hits(query: Query, path: str, group: Sequence[_Scored], scale: _Scale) -> list[Hit]:
    """Turn the chunks of one file into hits with all their signals."""
    file_name = _file_name(path, scale) * scale.whole
    words = sorted((sum(scored.words.values()) for scored in group), reverse=True)
    loss = path_prior(path, query.asks_for) - 1
    hits = []
    for scored in group:
        others = words.copy()
        others.remove(sum(scored.words.values()))
        signals = dict(scored.words)
        # Without a token among the names that a chunk defines, none of these names is meant.
        is_meant = bool(scored.words["symbol"])
        signals["definition"] = _definition(query, scored.chunk, scale) * scale.whole if is_meant else 0.0
        signals["file_name"] = file_name
        signals["coherence"] = sum(map(operator.mul, _COHERENCE, others))
        signals["prior"] = loss * sum(signals.values())
        hits.append(_hit(scored.chunk, signals))
    return hits


def _hit(chunk: StoredChunk, signals: Mapping[str, float]) -> Hit:
    why = {name: round(value * _STEP) / _STEP for name, value in signals.items()}
    why = {name: value for name, value in why.items() if value}
    return Hit(chunk.path, chunk.start_line, chunk.end_line, chunk.symbol, chunk.kind, sum(why.values()), why)


def _definition(query: Query, chunk: StoredChunk, scale: _Scale) -> float:
    """Return 0 … 1.6: how surely the query names something that the chunk defines."""
    if not chunk.defines:
        return 0.0
    plain = set(map(_plain, chunk.defines))
    named = max((_is_named(name, query, chunk) for name in query.names if _plain(name) in plain), default=0.0)
    described = max(_described(name, scale) for name in set(chunk.defines))
    return max(_NAMED * named, _DEFINITION * described)


def _is_named(name: str, query: Query, chunk: StoredChunk) -> float:
    """Return 1 for a definition of just this name, less where case or the enclosing name differ or prose is likely."""
    container, _, last = name.rpartition(".")
    certainty = 1.0 if name in query.symbol_names else _IN_PROSE
    if last not in chunk.defines:
        certainty *= _OTHER_SPELLING
    if container and container.rpartition(".")[2].lower() not in chunk.symbol.lower().split("."):
        certainty *= _OTHER_CONTAINER
    shown = chunk.symbol.rpartition(".")[2]
    return certainty if _plain(shown) == _plain(name) else certainty * _NOT_FIRST


@lru_cache(20_000)
def _plain(name: str) -> str:
    """Return a name's last part as it is said aloud: `Foo.parse_config` and `parseConfig` are one."""
    return name.rpartition(".")[2].lower().replace("_", "")


@lru_cache(20_000)
def _name_parts(name: str) -> frozenset[str]:
    parts = frozenset(tokenize(name))
    return parts - {"".join(split_identifier(name))} if len(parts) > 1 else parts


def _is_compound(name: str) -> bool:
    return "." in name or len(split_identifier(name)) > 1


def _described(name: str, scale: _Scale) -> float:
    """Return which share of the query a defined name covers, times which share of the name the query covers."""
    parts = _name_parts(name)
    if parts.isdisjoint(scale.weights):
        return 0.0
    covered = parts & scale.weights.keys()
    return sum(map(scale.weights.__getitem__, covered)) / scale.whole * len(covered) / len(parts)


def _file_name(path: str, scale: _Scale) -> float:
    """Return how much of the query the file's stem and the folders above it say."""
    *folders, name = path.split("/")
    stem = _described(name.partition(".")[0].strip("_") or name, scale)
    return _FILE_NAME * stem + _FOLDER * max((_described(folder, scale) for folder in folders), default=0.0)


# -- priors ----------------------------------------------------------------------------------------------------


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


@lru_cache(1)
def _generic_terms() -> frozenset[str]:
    """Return the terms of words with which people ask for code, and which say nothing of what it does."""
    return frozenset(
        query_terms("function method class code implementation implement logic work defined file module")
    )


_ASKING_WORDS: Mapping[str, frozenset[str]] = {
    "test": _set("test tests testing spec specs fixture fixtures mock mocks unittest pytest"),
    "docs": _set(
        "doc docs documentation example examples sample samples demo demos tutorial readme guide changelog"
    ),
    "vendored": _set("vendor vendored vendoring generated bundled"),
    "compat": _set("compat compatibility legacy deprecated polyfill shim backport"),
    "translation": _set(
        "translation translations translated translate locale locales i18n l10n gettext msgid"
    ),
    "made": _set("lockfile lockfiles pinned dependencies svg snapshot snapshots"),
    "licence": _set("licence license licences licenses licensed copyright copying notice"),
}
_FACTORS = {
    "test": 0.3,
    "docs": 0.4,
    "vendored": 0.3,
    "compat": 0.7,
    "translation": 0.1,
    "made": 0.1,
    "licence": 0.1,
}
RARELY = 0.1
"""The factor of what is not code, and says the same over and over: hardly anybody means it."""

_FOLDERS: Mapping[str, frozenset[str]] = {
    "test": _set(
        "test tests testing __tests__ __mocks__ spec specs testdata test-data fixtures e2e testsuite unittests"
    ),
    "docs": _set("doc docs documentation example examples sample samples demo demos tutorial tutorials"),
    "vendored": _set(
        "vendor vendored _vendor third_party third-party thirdparty node_modules external externals extern dist"
        " generated __generated__ gen bower_components deps 3rdparty 3rd-party pods"
    ),
    "compat": _set("compat compatibility legacy deprecated polyfills shims"),
    "translation": _set("lc_messages"),
    "made": frozenset(),
    "licence": frozenset(),
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
    "translation": re.compile(r".+\.(?:po|pot|xlf|xliff|arb|strings|xtb)", re.IGNORECASE),
    "made": re.compile(
        r".+\.lock|(?:package-lock|npm-shrinkwrap|packages\.lock)\.json|pnpm-lock\.yaml|go\.sum|.+\.(?:svg|snap|map)"
    ),
    "licence": re.compile(
        r"(?:un)?licen[cs]es?(?:-[\w.-]+|\.(?:txt|md|rst|html))?|copying(?:\..+)?|notice(?:\.(?:txt|md))?",
        re.IGNORECASE,
    ),
}


def path_prior(path: str, asks_for: frozenset[str]) -> float:
    """Return the factor for a path: the lowest of the kinds it is of, 1 for plain source and for what is asked for."""
    *folders, name = path.split("/")
    lowered = {folder.lower() for folder in folders}
    kinds = [kind for kind in _FACTORS if lowered & _FOLDERS[kind] or _FILES[kind].fullmatch(name)]
    return min((_FACTORS[kind] for kind in kinds if kind not in asks_for), default=1.0)
