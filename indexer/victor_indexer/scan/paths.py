"""How the walk names what it meets: paths relative to the root, and text where a name is none."""

import os
import stat
from pathlib import Path

from victor_indexer.errors import WorkspaceNotFound


def real_folder(root: Path) -> Path:
    """The folder itself, links followed; raises `WorkspaceNotFound`."""
    try:
        folder = root.resolve(strict=True)
    except OSError:
        folder = None
    if folder is None or not folder.is_dir():
        raise WorkspaceNotFound(f"{root} is not a folder.", "Name a folder that exists.")
    return folder


def relative_to(root: Path, path: Path | str) -> str | None:
    """A path as the walk would name it ("" for the root), None if it lies elsewhere. The path itself may be a link."""
    whole = Path(os.path.normpath(root / path))
    if not whole.is_relative_to(root):
        whole = whole.parent.resolve() / whole.name
    return below(root, whole)[:-1] if whole.is_relative_to(root) else None


def is_text(path: str) -> bool:
    """Whether a path can be stored and printed: on disk a name may hold bytes that are no UTF-8."""
    if path.isascii():
        return True
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str) -> str:
    """A path that can be stored and printed: bytes that are no UTF-8 as `\\xNN`."""
    return path if is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")


def is_junction(info: os.stat_result) -> bool:
    """Windows' other kind of link between folders, which `lstat` calls a folder."""
    return getattr(info, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def below(top: Path, folder: Path) -> str:
    """The way from `top` down to `folder`: "" or ending in a slash."""
    way = folder.relative_to(top).as_posix()
    return "" if way == "." else f"{way}/"


def label(root: Path, file: Path) -> str:
    """A file as a person would name it: relative to the workspace if it lies there."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
