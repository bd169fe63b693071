"""Where a file does not parse: what its grammar cannot read, and what it misses."""

from victor_indexer.languages import language_of, refine
from victor_indexer.model import Broken
from victor_indexer.syntax import Tree, parse

BUDGET_S = 2.0
"""CPU seconds for one text."""
MAX_PLACES = 500
"""Places that are told of one text."""


def broken_places(path: str, text: str) -> tuple[Broken, ...] | None:
    """What does not parse in a text with line feeds only, None where there is no grammar or it took too long.

    Blocks, a millisecond for 100 lines.
    """
    language = language_of(path, text[:200].partition("\n")[0])
    if language is None:
        return None
    tree = parse(text, refine(language, text), budget_s=BUDGET_S)
    return None if tree is None else broken(tree)


def broken(tree: Tree) -> tuple[Broken, ...]:
    """The broken places of a tree in reading order, at most `MAX_PLACES`; none within another."""
    found: list[Broken] = []
    cursor = tree.root.walk()
    goes_down = True
    while len(found) < MAX_PLACES:
        node = cursor.node
        if goes_down and node is not None and node.has_error:
            if node.is_missing or node.is_error:
                found.append(
                    Broken(node.start_point[0], node.end_point[0], node.type if node.is_missing else "")
                )
            elif cursor.goto_first_child():
                continue
        goes_down = cursor.goto_next_sibling()
        if not goes_down and not cursor.goto_parent():
            break
    return tuple(found)
