"""Which files of a workspace no command may see: those that must not leave this machine."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MAX_HIDDEN = 2_000
"""That a sandbox can hide. One more is told, so that it can tell that there are too many."""

OF_OTHERS = frozenset({".git", "node_modules", "site-packages", "__pycache__"})
"""Folders with what came from elsewhere: a library's certificates are no secret, and it does not work without them."""

_MAX_FOLDERS = 200_000
_SETTLED_NS = 2_000_000_000
"""A folder that was changed less long ago may change again without its time telling."""

Why = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Folder:
    """What was found in a folder as it was at `state`: names of private entries, and of folders to look into."""

    state: tuple[int, int, int]
    hidden: tuple[str, ...]
    inner: tuple[str, ...]


class HiddenFiles:
    """Looks for private files, and asks again only of folders that have changed since, or by other patterns.

    `version` is another object, or unequal, whenever other files are private than before.
    """

    def __init__(self, version: Callable[[], object] = object) -> None:
        self._version = version
        self._known_by: object = None
        self._known: dict[Path, _Folder] = {}
        self._lock = threading.Lock()

    def below(self, root: Path, why: Why) -> tuple[Path, ...]:
        """Private files and folders, whole folders where all in them is; no link is followed. Blocks.

        Sockets and pipes are among them: a program outside may be at their other end. A link that leads to a private file is not among them: the file is, wherever in the workspace it lies. Where
        there are more than MAX_HIDDEN one more is told, by which a sandbox knows that it cannot hide them all.
        """
        with self._lock:
            version = self._version()
            if version != self._known_by or len(self._known) > _MAX_FOLDERS:
                self._known, self._known_by = {}, version
            return tuple(islice(self._found(root, why), MAX_HIDDEN + 1))

    def _found(self, root: Path, why: Why) -> Iterator[Path]:
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            with contextlib.suppress(OSError):
                looked_at = self._look(folder, root, why)
                yield from (folder / name for name in looked_at.hidden)
                waiting += (folder / name for name in looked_at.inner)

    def _look(self, folder: Path, root: Path, why: Why) -> _Folder:
        info = folder.lstat()
        state = (info.st_ino, info.st_mtime_ns, info.st_ctime_ns)  # a program can set the one, not the other
        known = self._known.get(folder)
        if known is not None and known.state == state:
            return known
        looked_at = _look(folder, root, why, state)
        if time.time_ns() - info.st_mtime_ns > _SETTLED_NS:
            self._known[folder] = looked_at
        return looked_at


def _look(folder: Path, root: Path, why: Why, state: tuple[int, int, int]) -> _Folder:
    hidden: list[str] = []
    inner: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = (folder / entry.name).relative_to(root).as_posix()
            if entry.is_dir(follow_symlinks=False):
                if why(f"{name}/x"):
                    hidden.append(entry.name)
                elif entry.name not in OF_OTHERS:
                    inner.append(entry.name)
            elif not entry.is_symlink() and (not entry.is_file(follow_symlinks=False) or why(name)):
                hidden.append(entry.name)
    return _Folder(state, tuple(hidden), tuple(inner))
