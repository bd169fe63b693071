"""Which definitions the rest of a workspace leans on: PageRank over files and the names that they use.

A file leans on the files of its language that define the words standing in it, the more the rarer a word is. Names
that many files define or nearly all use, and short ones, tell nothing. A name that is an ordinary word counts where
the file also names the file or the folder that defines it, as who imports it does. Words are taken as they are
written, so `Config` is not `config`.
"""

import math
import re
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from victor_indexer.errors import RequestCancelled
from victor_indexer.manifest import Manifest
from victor_indexer.model import LocatedSymbol
from victor_indexer.rank import path_prior
from victor_indexer.store import Store

_KINDS = frozenset(
    [
        "class",
        "constructor",
        "enum",
        "function",
        "interface",
        "macro",
        "method",
        "module",
        "namespace",
        "struct",
        "trait",
        "type",
    ]
)
_MIN_LETTERS = 4
_MAX_DEFINING_FILES = 8
_DAMPING = 0.85
_ITERATIONS = 8
"""The order of the first hundred is settled by then."""

_FOCUS_SHARE = 0.7
"""How much of the walk begins at the files in focus; the rest begins anywhere, so that the middle of it all shows."""

_PLAIN_WORD = 0.2
_CAPITAL_WORD = 0.5
"""What names weigh that are ordinary words: they stand in texts that mean something else."""

_COMMON_FILES = 20
_COMMON_SHARE = 1 / 8
"""A name that more files use, and more than this share of them, is as good as a word of the language."""

_KEPT_FOR = 20.0
"""A graph is used for so many times as long as it took to make, while the index changes."""

_FAMILIES = {
    suffix: family
    for family, suffixes in {
        "c": "c h cc hh cpp hpp cxx hxx",
        "js": "js jsx ts tsx mjs cjs mts cts vue",
        "py": "py pyi pyx",
    }.items()
    for suffix in suffixes.split()
}
_FOLDERS_OF_ALL = frozenset(["src", "lib", "source", "main", "include", "internal"])
"""Folders whose names tell one package from another as little as the words of a language do."""

_TO_SPACES = "".join(chr(code) if chr(code).isalnum() or code == ord("_") else " " for code in range(128))
_WORDS = re.compile(r"\w+")


class Ranked(NamedTuple):
    """A definition and its rank, of which all together are at most 1."""

    located: LocatedSymbol
    score: float


@dataclass(frozen=True, slots=True)
class Graph:
    """`names` are (language, name). `uses` holds for each file the numbers of the names in it that others define;
    `defining` the files by name.
    """

    paths: Sequence[str]
    names: Mapping[tuple[str, str], int]
    uses: Sequence["array[int]"]
    defining: Sequence[Sequence[int]]
    weights: Sequence[float]


class RepoMap:
    """The graph of one workspace, kept between questions. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graph: Graph | None = None
        self._stamp: object = None
        self._fresh_until = 0.0

    def ranked(
        self,
        store: Store,
        manifest: Manifest,
        focus: Sequence[str],
        limit: int,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Ranked]:
        """Return the definitions that matter most, seen from the files in `focus`, best first; theirs are not among
        them. Raises RequestCancelled.
        """
        with self._lock:
            graph = self._current(store, manifest)
        reached = _reached(graph, _starts(graph, focus), cancelled)
        best = sorted((-score, name) for name, score in reached.items() if score > 0)
        return _located(manifest, graph, best, frozenset(focus), limit)

    def _current(self, store: Store, manifest: Manifest) -> Graph:
        """The graph is made to its end even if nobody waits any more: the next question has it then."""
        now = time.monotonic()
        stamp = manifest.stamp()
        if self._graph is not None and (stamp == self._stamp or now < self._fresh_until):
            return self._graph
        with store.snapshot() as snapshot:
            self._graph = build_graph(manifest.names(_KINDS), snapshot.all_texts())
        self._stamp = stamp
        self._fresh_until = time.monotonic() + _KEPT_FOR * (time.monotonic() - now)
        return self._graph


def build_graph(definitions: Iterable[tuple[str, str]], texts: Iterable[tuple[str, str]]) -> Graph:
    """Return the graph for definitions (path, name) and texts (path, text), where a path may come more than once."""
    files: dict[str, int] = {}
    by_name: dict[tuple[str, str], set[int]] = {}
    for path, name in definitions:
        if len(name) >= _MIN_LETTERS:
            by_name.setdefault((_family(path), name), set()).add(files.setdefault(path, len(files)))
    told = {key: sorted(some) for key, some in by_name.items() if len(some) <= _MAX_DEFINING_FILES}
    names = {key: number for number, key in enumerate(told)}
    defining = list(told.values())
    uses = _without_common(_uses(files, names, defining, texts), len(names))
    return Graph(list(files), names, uses, defining, _weights(names, uses))


def _family(path: str) -> str:
    """Return what a file's language is called; languages that use each other's names are one."""
    suffix = path[path.rfind(".") + 1 :].lower()
    return _FAMILIES.get(suffix, suffix)


def _uses(
    files: dict[str, int],
    names: Mapping[tuple[str, str], int],
    defining: Sequence[Sequence[int]],
    texts: Iterable[tuple[str, str]],
) -> list["array[int]"]:
    """Return the numbers of the names that stand in each file and that others define; files that are new get numbers."""
    of_family: dict[str, dict[str, int]] = {}
    for (family, name), number in names.items():
        of_family.setdefault(family, {})[name] = number
    places = {word: number for number, word in enumerate({word for path in files for word in _places(path)})}
    used: dict[int, set[int]] = {}
    named: dict[int, array[int]] = {}  # numbers, not words: of fifty thousand files all are in memory at once
    for path, text in texts:
        known = of_family.get(_family(path))
        if known:
            file, words = files.setdefault(path, len(files)), _words(text)
            used.setdefault(file, set()).update([known[word] for word in known.keys() & words])
            named.setdefault(file, array("I")).extend([places[word] for word in places.keys() & words])
    said = [frozenset(map(places.__getitem__, _places(path) & places.keys())) for path in files]
    plain = {number for (_, name), number in names.items() if _plainness(name) < 1}
    uses: list[array[int]] = []
    for path, file in files.items():
        of_others = [name for name in used.get(file, ()) if file not in defining[name]]
        near = {*named.get(file, ()), places.get(_folder(path), -1)}
        uses.append(array("I", _meant(of_others, plain, defining, said, near)))
    return uses


def _meant(
    used: Iterable[int],
    plain: AbstractSet[int],
    defining: Sequence[Sequence[int]],
    said: Sequence[frozenset[int]],
    near: AbstractSet[int],
) -> list[int]:
    """Return the names of those used in a file that are meant there: all but words of which the file does not say whose
    they are.
    """
    return sorted(
        name
        for name in used
        if name not in plain or any(not near.isdisjoint(said[each]) for each in defining[name])
    )


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1] or "/"


def _places(path: str) -> frozenset[str]:
    """Return what a file says that means this one: its name or its folders', or that it lies in the same folder."""
    *folders, name = path.split("/")
    said = {name.partition(".")[0], *folders[-2:]} - _FOLDERS_OF_ALL
    return frozenset({_folder(path), *said, *(each.replace("-", "_") for each in said)})


def _without_common(uses: Sequence["array[int]"], n_names: int) -> list["array[int]"]:
    counts = _counts(uses, n_names)
    most = max(_COMMON_FILES, int(len(uses) * _COMMON_SHARE))
    return [array("I", [name for name in some if counts[name] <= most]) for some in uses]


def _counts(uses: Sequence["array[int]"], n_names: int) -> list[int]:
    counts = [0] * n_names
    for some in uses:
        for name in some:
            counts[name] += 1
    return counts


def _words(text: str) -> set[str]:
    return set(text.translate(_TO_SPACES).split()) if text.isascii() else set(_WORDS.findall(text))


def _weights(names: Mapping[tuple[str, str], int], uses: Sequence["array[int]"]) -> list[float]:
    """Return what a use of each name says: the fewer files use it, the more."""
    counts = _counts(uses, len(names))
    n_files = len(uses)
    return [
        math.log1p(n_files / (1 + counts[number])) * _plainness(name) for (_, name), number in names.items()
    ]


def _plainness(name: str) -> float:
    if not name.isalpha() or not name[1:].islower():
        return 1.0
    return _PLAIN_WORD if name[0].islower() else _CAPITAL_WORD


def _starts(graph: Graph, focus: Sequence[str]) -> list[float]:
    """Return where the walk begins: at the files in focus, and anywhere, at tests and vendored files less."""
    priors = [path_prior(path, frozenset()) for path in graph.paths]
    whole = sum(priors) or 1.0
    wanted = set(focus)
    at = [number for number, path in enumerate(graph.paths) if path in wanted]
    anywhere = 1 - _FOCUS_SHARE if at else 1.0
    starts = [anywhere * prior / whole for prior in priors]
    for number in at:
        starts[number] += _FOCUS_SHARE / len(at)
    return starts


def _reached(graph: Graph, starts: Sequence[float], cancelled: Callable[[], bool]) -> dict[int, float]:
    """Return how much of the walk passes over each name."""
    totals = [sum(graph.weights[name] for name in some) for some in graph.uses]
    ranks = list(starts)
    passed = [0.0] * len(graph.names)
    for _ in range(_ITERATIONS):
        if cancelled():
            raise RequestCancelled("The map was cancelled.")
        passed = [0.0] * len(graph.names)
        for rank, total, some in zip(ranks, totals, graph.uses, strict=True):
            if total:
                share = rank / total
                for name in some:
                    passed[name] += share
        passed = [share * weight for share, weight in zip(passed, graph.weights, strict=True)]
        ranks = [(1 - _DAMPING) * start for start in starts]
        for share, some_files in zip(passed, graph.defining, strict=True):
            if share:
                for file in some_files:
                    ranks[file] += _DAMPING * share / len(some_files)
    # Of several files that define a name, each has a part of it: which one is meant is not known.
    shares = (share / len(some) for share, some in zip(passed, graph.defining, strict=True))
    return {number: share for number, share in enumerate(shares) if share}


def _located(
    manifest: Manifest, graph: Graph, best: Sequence[tuple[float, int]], focus: frozenset[str], limit: int
) -> list[Ranked]:
    """Return the definitions of the best names, asking for a hundred names at a time."""
    keys = list(graph.names)
    found: dict[tuple[str, str, str], Ranked] = {}
    for start in range(0, len(best), _NAMES_AT_ONCE):
        if len(found) >= limit:
            break
        scores = {keys[number]: -score for score, number in best[start : start + _NAMES_AT_ONCE]}
        names = {name for _, name in scores}
        for each in manifest.definitions(names, _NAMES_AT_ONCE * _MAX_DEFINING_FILES):
            key = (_family(each.path), each.symbol.name)
            if key in scores and each.symbol.kind in _KINDS and each.path not in focus:
                # A macro may be defined once for each of ten machines: that is one line of the map.
                once = (each.path, each.symbol.container, each.symbol.name)
                found.setdefault(once, Ranked(each, scores[key] * path_prior(each.path, frozenset())))
    return sorted(found.values(), key=_order)[: max(limit, 0)]


_NAMES_AT_ONCE = 100


def _order(ranked: Ranked) -> tuple[float, str, int]:
    return -ranked.score, ranked.located.path, ranked.located.symbol.name_line
