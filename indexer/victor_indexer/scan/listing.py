"""Git's list of files as a tree of folders."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One folder of git's list. A repository inside the repository is marked, and nothing in it is listed."""

    files: set[str] = field(default_factory=set)
    folders: dict[str, "Node"] = field(default_factory=dict)
    is_repository: bool = False


def tree_of(listed: Iterable[str]) -> Node:
    """Git's list as a tree. What could lead out of the folder is dropped: an index can hold any path."""
    top = Node()
    nodes: dict[str, Node | None] = {"": top}
    for path in listed:
        folder, _, name = path.rpartition("/")
        node = nodes[folder] if folder in nodes else _grow(nodes, folder)
        if node is None:
            continue
        if not name:
            node.is_repository = True
        elif _is_plain_name(name):
            node.files.add(name)
    return top


def _grow(nodes: dict[str, Node | None], folder: str) -> Node | None:
    missing = [folder]
    while (parent := missing[-1].rpartition("/")[0]) not in nodes:
        missing.append(parent)
    node = nodes[parent]
    for path in reversed(missing):
        name = path.rpartition("/")[2]
        child = Node() if node is not None and _is_plain_name(name) else None
        if node is not None and child is not None:
            node.folders[name] = child
        nodes[path] = node = child
    return node


def _is_plain_name(name: str) -> bool:
    if name in ("", ".", ".."):
        return False
    return os.sep == "/" or not any(char in name for char in '\\:*?"<>|')
