"""Syntax trees, and how their parts lie over the lines of a file.

Rows count `\\n` only: bring other line ends to `\\n` first. Trees may be as deep as a hostile file likes, so
nothing here recurses over one.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node, Parser
from tree_sitter import Tree as GrammarTree

from victor_indexer.languages import Language, grammar

_LEADING = frozenset({"attribute_item", "inner_attribute_item", "decorator"})
_SMALL_BYTES = 100_000

_MANY_CHILDREN = 2_000


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's syntax tree with the bytes it was made from. `ascii` when bytes and code points are the same."""

    root: Node
    source: bytes
    language: Language
    ascii: bool
    owner: GrammarTree = field(repr=False)  # nodes die with their tree


class Part(NamedTuple):
    """A node as the lines it covers, last one included. `leads` for comments and attributes of what follows."""

    first: int
    last: int
    leads: bool
    node: Node


def parse(text: str, language: Language, *, budget_s: float) -> Tree | None:
    """Return the syntax tree of `text`, None if it took more than `budget_s` CPU seconds of this thread.

    Small texts have no budget of their own: asking for the time costs them more than a tenth, and whoever runs the
    parser ends a child that hangs.
    """
    source = text.encode("utf-8", "replace")
    if len(source) <= _SMALL_BYTES:
        tree = Parser(grammar(language)).parse(source)
        return Tree(tree.root_node, source, language, len(source) == len(text), tree)
    view = _lent.lend(source)
    stop_at = time.thread_time() + budget_s

    def read(offset: int, _point: object) -> memoryview | bytes:
        return view if offset == 0 else view[offset:] if offset < len(view) else b""

    def out_of_time(_offset: int, _has_error: bool) -> bool:
        return time.thread_time() > stop_at

    try:
        tree = Parser(grammar(language)).parse(read, progress_callback=out_of_time)
    except ValueError:  # the only thing it says of a parse that was stopped
        return None
    return Tree(tree.root_node, source, language, len(source) == len(text), tree)


def parts(node: Node) -> Iterator[Part]:
    """Yield a node's children in order."""
    for child in _children(node):
        first = child.start_point[0]
        last, column = child.end_point
        if column == 0 and last > first:  # ends with its line break: the next line is not its own
            last -= 1
        kind = child.type
        yield Part(first, last, kind in _LEADING or kind.endswith("comment"), child)


def _children(node: Node) -> Iterator[Node]:
    """Yield children: as a list where they are few, else one by one, for a table of data may have a million."""
    if node.child_count <= _MANY_CHILDREN:
        yield from node.children
        return
    cursor = node.walk()
    more = cursor.goto_first_child()
    while more and cursor.node:
        yield cursor.node
        more = cursor.goto_next_sibling()


class _Lent(threading.local):
    """The bytes that a parse reads from, in one block per thread that the next parse writes over.

    tree-sitter 0.26 never lets go of what a read callback gave it. So it gets a view, of which a hundred bytes
    stay behind, and not the file's own bytes; only a parse that can be stopped needs the callback at all.
    """

    def __init__(self) -> None:
        self._block = bytearray(65_536)

    def lend(self, source: bytes) -> memoryview:
        if len(self._block) < len(source):
            self._block = bytearray(2 * len(source))
        self._block[: len(source)] = source
        return memoryview(self._block)[: len(source)]


_lent = _Lent()
