"""Which files of a workspace no command may see: those that must not leave this machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_HIDDEN = 2_000
OF_OTHERS = frozenset({".git", "node_modules", "site-packages", "__pycache__"})
"""Folders with what came from elsewhere: a library's certificates are no secret, and it does not work without them."""


def hidden_in(root: Path, why: Callable[[str], str]) -> tuple[Path, ...]:
    """Private files and folders below `root`, whole folders where all in them is; no link is followed. Blocks.

    A link that leads to a private file is not among them: the file is, wherever in the workspace it lies.
    """
    return tuple(path for path, _ in zip(_found(root, root, why), range(MAX_HIDDEN), strict=False))


def _found(folder: Path, root: Path, why: Callable[[str], str]) -> Iterator[Path]:
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except OSError:
        return
    for entry in entries:
        path = folder / entry.name
        name = path.relative_to(root).as_posix()
        if entry.is_dir(follow_symlinks=False):
            if why(f"{name}/x"):
                yield path
            elif entry.name not in OF_OTHERS:
                yield from _found(path, root, why)
        elif not entry.is_symlink() and why(name):
            yield path
