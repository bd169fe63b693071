"""Which of the paths that somebody says have changed are to be read again, and which are gone."""

import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from victor_indexer.manifest import Manifest
from victor_indexer.model import FoundFile

_LOOKED_AT_SINGLY = 5
"""New files up to this number are judged one by one; a walk costs no more than a few of them."""

_IGNORE_FILES = frozenset({".gitignore", ".victorignore", ".gitmodules"})


@dataclass(frozen=True, slots=True)
class Changes:
    """Files to read, and paths that the index must forget."""

    look: list[FoundFile]
    gone: list[str]


def path_inside(path: str) -> str | None:
    """The path as the walk would name it ("" is the root), None for one that can never be in the index.

    That is one that is absolute, may lead out of the root, or is no text.
    """
    if sys.platform == "win32":
        if PureWindowsPath(path).anchor:
            return None
        path = path.replace("\\", "/")
    if path.startswith("/") or "\0" in path or not _is_text(path):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return None if ".." in parts else "/".join(parts)


def sort_out(
    root: Path, paths: Iterable[str], manifest: Manifest, belongs: Callable[[str], bool]
) -> Changes | None:
    """Look at each of `paths` (as `path_inside` names them); None where only a walk can tell.

    `belongs` says whether the walk would take a path that the manifest does not know.
    """
    look: list[FoundFile] = []
    gone: list[str] = []
    unknown = 0
    for path in paths:
        if not path or path.rpartition("/")[2] in _IGNORE_FILES:
            return None
        is_known = manifest.file(path) is not None
        try:
            info = (root / path).lstat()
        except OSError:
            gone += [path] if is_known else manifest.paths_below(path)
            continue
        if stat.S_ISDIR(info.st_mode):
            return None
        unknown += not is_known
        if unknown > _LOOKED_AT_SINGLY:
            return None
        if is_known or belongs(path):
            look.append(FoundFile(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns))
    return Changes(look, gone)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
