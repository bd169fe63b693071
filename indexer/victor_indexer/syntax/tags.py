"""What a file defines: the matches of its language's tags query, named and nested."""

import re
import time
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import NamedTuple

from tree_sitter import Node, Query, QueryCursor

from victor_indexer.languages import Language, grammar
from victor_indexer.model import Symbol
from victor_indexer.syntax import Tree

SYMBOLS_BUDGET_S = 2.0


class _Rules(NamedTuple):
    """Which query files find a language's definitions, and how deep below a node they look for them.

    Looking at every node costs a third of parsing; definitions stand near the top, or inside one that does.
    """

    queries: tuple[str, ...]
    depth: int


_RULES = {
    "python": _Rules(("python",), 4),
    "javascript": _Rules(("ecmascript", "javascript"), 9),
    "typescript": _Rules(("ecmascript", "typescript"), 9),
    "tsx": _Rules(("ecmascript", "typescript"), 9),
    "go": _Rules(("go",), 5),
    "rust": _Rules(("rust",), 5),
    "java": _Rules(("java",), 5),
    "c": _Rules(("c",), 7),
    "cpp": _Rules(("c", "cpp"), 8),
    "csharp": _Rules(("csharp",), 6),
    "ruby": _Rules(("ruby",), 6),
    "php": _Rules(("php",), 6),
    "bash": _Rules(("bash",), 4),
}

_CALLABLE = frozenset({"function", "method", "constructor"})
_TYPE_LIKE = frozenset({"class", "interface", "struct", "trait", "enum", "scope"})
_OPEN = _TYPE_LIKE | {"module", "namespace", "rest"}
_VALUES = frozenset({"variable", "constant"})
_LOCAL = _VALUES | {"prototype"}
_ONCE = _VALUES | {"field", "property"}
_CONSTRUCTORS = frozenset({"__init__", "constructor", "__construct", "initialize"})
_ROLES = frozenset({"name", "owner", "word"})
_C_LIKE = frozenset({"c", "cpp"})

_CONSTANT_NAME = re.compile(r"_*[A-Z][A-Z0-9_]+$")
_ARGUMENTS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_SEPARATOR = re.compile(r"::|\\|\.?prototype\.?")
_OWNER = re.compile(r"[\w$.]+$")
_MODULE_OBJECTS = frozenset({"module.exports", "exports", "this", "window", "self", "globalThis"})
_CONTINUATION = bytes(range(0x80, 0xC0))

_MAX_NAME = 500
"""Longer names, and containers nested beyond it, are nobody's code."""

_MATCH_LIMIT = 20_000
"""Unfinished matches a query may hold at once; bounds what a hostile file makes it remember."""


_NOISE = b"." * 1_000
_WORDS_AND_MARKS = bytes(ord("a") if chr(byte).isalnum() or byte >= 0x80 else ord(".") for byte in range(256))

_LONG_LINE = 2_000
"""Beyond so many bytes a line gets marks every so often, so that columns are not counted from its start."""


def symbols(tree: Tree, *, budget_s: float = SYMBOLS_BUDGET_S) -> tuple[Symbol, ...]:
    """Return what a file defines, in the order of the definitions; what was found so far when the budget ends."""
    if _is_noise(tree.source):
        return ()
    definitions = _definitions(tree, time.thread_time() + budget_s)
    return tuple(_named(tree, definitions))


class _Definition(NamedTuple):
    """One match of a tags query. `rank` is its pattern's place in the file: the first of two readings counts."""

    start: int
    end: int
    named_at: int
    rank: int
    kind: str
    node: Node
    name: Node
    owner: Node | None


def _is_noise(source: bytes) -> bool:
    """Whether marks follow on marks without end: a query looks through all of them anew from each one of them.

    It cannot be stopped while it does (tree-sitter 0.26 crashes where a query has a progress callback).
    """
    return _NOISE in source.translate(_WORDS_AND_MARKS, b" \t\n")


class _Container(NamedTuple):
    """A definition that others may stand in, as the sweep over a file has it open."""

    start: int
    end: int
    kind: str
    dotted: str


_FILE = _Container(-1, -1, "file", "")


class _Tags(NamedTuple):
    """A language's compiled tags query; by pattern, the kind it captures and the words it is restricted to.

    The words are compared here: the library would read them back through the parse's callback.
    """

    query: Query
    kinds: dict[int, str]
    words: tuple[frozenset[str], ...]


@cache
def _tags(language: Language) -> _Tags:
    """Compile the tags query of a language; once per process."""
    folder = resources.files("victor_indexer") / "queries"
    files = (folder / f"{name}.scm" for name in _RULES[language.name].queries)
    query = Query(grammar(language), "\n".join(file.read_text(encoding="utf-8") for file in files))
    settings = (query.pattern_settings(pattern).get("words") for pattern in range(query.pattern_count))
    return _Tags(query, {}, tuple(frozenset((words or "").split()) for words in settings))


def _definitions(tree: Tree, stop_at: float) -> list[_Definition]:
    """Find every definition: from the root down to the language's depth, then again inside nested containers."""
    by_name: dict[int, _Definition] = {}
    in_order: list[_Definition] = []
    starts, searched = [tree.root], {tree.root.id}
    while starts and time.thread_time() < stop_at:
        for start in starts:
            _match(tree, start, by_name)
        in_order = sorted(by_name.values(), key=_place)
        starts = [node for node in _nested(in_order) if node.id not in searched]
        searched.update(node.id for node in starts)
    return in_order


def _place(definition: _Definition) -> tuple[int, int, int]:
    return definition.start, -definition.end, definition.named_at


def _match(tree: Tree, node: Node, by_name: dict[int, _Definition]) -> None:
    """Add the definitions below a node, the first of two readings of one name."""
    tags = _tags(tree.language)
    cursor = QueryCursor(tags.query, match_limit=_MATCH_LIMIT)
    cursor.set_max_start_depth(_RULES[tree.language.name].depth)
    for rank, captures in cursor.matches(node):
        name = captures["name"][0]
        named_at = name.start_byte
        known = by_name.get(named_at)
        if known is not None and known.rank <= rank:
            continue
        if tags.words[rank] and _text(tree, captures["word"][0]) not in tags.words[rank]:
            continue
        kind = tags.kinds.get(rank) or tags.kinds.setdefault(rank, _kind_captured(captures))
        defined = captures[kind][0]
        owner = captures["owner"][0] if "owner" in captures else None
        by_name[named_at] = _Definition(*defined.byte_range, named_at, rank, kind, defined, name, owner)


def _kind_captured(captures: Iterable[str]) -> str:
    return next(name for name in captures if name not in _ROLES)


def _nested(in_order: Iterable[_Definition]) -> Iterator[Node]:
    """Yield the containers that stand inside another definition: what they hold may lie below the depth limit."""
    ends: list[int] = []
    for definition in in_order:
        while ends and ends[-1] <= definition.start:
            ends.pop()
        if definition.kind in _OPEN:
            if ends:
                yield definition.node
            ends.append(definition.end)


def _named(tree: Tree, definitions: Iterable[_Definition]) -> Iterator[Symbol]:
    """Sweep over the definitions with a stack of open containers, and say what each one is called and where."""
    spots = _Spots(tree)
    open_ = [_FILE]
    once: set[tuple[str, str]] = set()
    for definition in definitions:
        _close(open_, definition)
        inside = open_[-1]
        if (
            definition.kind == "field" and inside.kind in _CALLABLE
        ):  # a constructor's parameter that is a field too
            inside = open_[-2]
        owner, name = _name_of(tree, definition)
        container = _join(inside.dotted, owner)
        around = "class" if owner else inside.kind
        kind = _kind_of(definition.kind, name, container, around, tree.language.name)
        if not kind or not name:
            continue
        if (
            definition.kind in _OPEN
            or kind in _CALLABLE
            or (kind in _VALUES and tree.language.name not in _C_LIKE)
        ):
            end = len(tree.source) + 1 if definition.kind == "rest" else definition.end
            open_.append(_Container(definition.start, end, kind, _join(container, name)))
        if kind == "scope" or (kind in _ONCE and (container, name) in once):
            continue
        once.add((container, name))
        yield spots.symbol(definition, name, kind, container)


def _close(open_: list[_Container], definition: _Definition) -> None:
    """Leave the containers that end before a definition, or that are another name of the same node."""
    if definition.kind == "rest":
        del open_[1:]
    while len(open_) > 1:
        top = open_[-1]
        if top.end > definition.start and (top.start, top.end) != (definition.start, definition.end):
            return
        open_.pop()


def _name_of(tree: Tree, definition: _Definition) -> tuple[str, str]:
    """Return the owner that a definition names itself ("" if none) and its plain name ("" for an unusable one)."""
    name = _text(tree, definition.name)
    owner = _owner(_text(tree, definition.owner)) if definition.owner else ""
    if definition.kind == "scope":
        return "", _owner(name)
    if definition.kind in ("rest", "namespace"):
        return "", name.replace("::", ".").replace("\\", ".")
    if "::" in name:
        qualifier, _, name = name.rpartition("::")
        owner = _owner(qualifier)
    return owner, name.removeprefix(":").strip()


def _text(tree: Tree, node: Node) -> str:
    """Return what a node reads, "" when it is too long or too odd to be a name."""
    start, end = node.byte_range
    if end - start > _MAX_NAME:
        return ""
    text = tree.source[start:end].decode("utf-8", "replace")
    return "" if "\n" in text else text


def _owner(text: str) -> str:
    """Bring the type that a definition belongs to into dotted form: `*List[T]`, `ns::List<T>`, `List.prototype`."""
    before = None
    while before != text:
        before, text = text, _ARGUMENTS.sub("", text)
    dotted = ".".join(filter(None, _SEPARATOR.split(text.strip("*& ")))).rpartition(" ")[2]
    return dotted if _OWNER.match(dotted) and dotted not in _MODULE_OBJECTS else ""


def _join(container: str, name: str) -> str:
    if not container or not name:
        return container or name
    return f"{container}.{name}" if len(container) < _MAX_NAME else container


def _kind_of(kind: str, name: str, container: str, around: str, language: str) -> str:
    """Settle a definition's kind by what it stands in; "" when it is a local that nobody looks for."""
    if kind in _LOCAL and around in _CALLABLE:
        return ""
    if kind == "rest":
        return "namespace"
    if kind == "variable":
        if _CONSTANT_NAME.match(name):
            return "constant"
        return "field" if around in _TYPE_LIKE else "variable"
    if kind in ("function", "prototype"):
        kind = "method" if around in _TYPE_LIKE else "function"
    if kind == "method" and (
        name in _CONSTRUCTORS or (language == "cpp" and name == container.rpartition(".")[2])
    ):
        return "constructor"
    return kind


class _Spots:
    """Turns byte columns into code points; only lines outside ASCII cost anything."""

    def __init__(self, tree: Tree) -> None:
        self._source = tree.source
        self._ascii = tree.ascii
        self._lines = [] if tree.ascii else tree.source.split(b"\n")
        self._marks: dict[int, list[int]] = {}

    def symbol(self, definition: _Definition, name: str, kind: str, container: str) -> Symbol:
        start_line, start = definition.node.start_point
        end_line, end = definition.node.end_point
        if end == 0 and end_line > start_line:  # some grammars count the line break in
            end_line, end = end_line - 1, self._width_before(definition.end - 1)
        name_line, name_end = definition.name.end_point
        name_end_column = self._at(name_line, name_end)
        is_whole = (
            kind == "namespace"
        )  # its dots may be written otherwise; any other name ends what was captured
        width = _code_points(self._source[slice(*definition.name.byte_range)]) if is_whole else len(name)
        return Symbol(
            name,
            kind,
            container,
            start_line,
            self._at(start_line, start),
            end_line,
            self._at(end_line, end),
            name_line,
            max(0, name_end_column - width),
            name_end_column,
        )

    def _width_before(self, line_break: int) -> int:
        return line_break - self._source.rfind(b"\n", 0, line_break) - 1

    def _at(self, row: int, column: int) -> int:
        if self._ascii or row >= len(self._lines):
            return column
        line = self._lines[row]
        if line.isascii():
            return column
        if len(line) <= _LONG_LINE:
            return _code_points(line[:column])
        marks = self._marks.get(row) or self._marked(row, line)
        block = min(column // _LONG_LINE, len(marks) - 1)
        return marks[block] + _code_points(line[block * _LONG_LINE : column])

    def _marked(self, row: int, line: bytes) -> list[int]:
        blocks = (line[start : start + _LONG_LINE] for start in range(0, len(line), _LONG_LINE))
        self._marks[row] = list(accumulate(map(_code_points, blocks), initial=0))
        return self._marks[row]


def _code_points(text: bytes) -> int:
    """Count the code points of UTF-8: every byte but those that continue one."""
    return len(text.translate(None, _CONTINUATION))
