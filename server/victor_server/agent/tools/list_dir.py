"""The tool `list_dir`."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pydantic import Field

from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, blocking
from victor_server.agent.tools.file_text import open_buffers
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_anywhere
from victor_server.errors import UsageError

MAX_ENTRIES = 300

_MAX_LOOKED_AT = 20_000
_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_BY_DESCRIPTOR = os.scandir in os.supports_fd and os.open in os.supports_dir_fd


class ListDir(ToolArguments):
    """What is listed."""

    path: str = Field(".", description="Relative to the workspace")


def list_dir_tool() -> BuiltIn[ListDir]:
    """Lists one folder."""
    description = "List a folder: its folders (with /), then its files, ignored ones too."
    return BuiltIn("list_dir", "read", description, ListDir, _plan)


def _plan(told: ListDir, scene: Scene) -> Prepared:
    path = resolve_anywhere(scene.root, told.path, must_exist=True)
    # What is asked of is what it holds: some folders are private as a whole.
    check_shown(scene.sources.private.why, scene.root, path / "x", told.path)
    touched = Touched(f"List {name_in(scene.root, path)}", (path,), places=(Place(path),))
    return blocking(touched, partial(_done, scene, path))


def _done(scene: Scene, path: Path) -> Done:
    name = name_in(scene.root, path)
    try:
        entries = _entries(scene.root, path)
    except NotADirectoryError:
        raise UsageError(f"{name} is no folder.", "Use read_file.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else ""
        raise UsageError(f"{name} cannot be listed: {why or 'it is not there'}.") from None
    unsaved = {each.name for each in open_buffers(scene) if each.parent == path}
    entries += [f"{each} (not saved)" for each in sorted(unsaved - set(entries))]
    more = len(entries) - MAX_ENTRIES
    told = "\n".join(entries[:MAX_ENTRIES]) or "It is empty."
    return Done(told if more <= 0 else f"{told}\n… {more} more; look for names with glob.")


def _entries(root: Path, path: Path) -> list[str]:
    """Folders first, each part by name; links say that they are one."""
    folders: list[str] = []
    files: list[str] = []
    for name, mode in _looked_at(root, path):
        shown = printable(name)
        if stat.S_ISDIR(mode):
            folders.append(f"{shown}/")
        else:
            files.append(
                shown if stat.S_ISREG(mode) else f"{shown} ({_KINDS.get(stat.S_IFMT(mode), 'no file')})"
            )
    return [*sorted(folders), *sorted(files)]


_KINDS = {stat.S_IFLNK: "link", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}


def _looked_at(root: Path, path: Path) -> Iterator[tuple[str, int]]:
    if not _BY_DESCRIPTOR:
        yield from _modes(path)
        return
    descriptor = _open(root, path)
    try:
        yield from _modes(descriptor)
    finally:
        os.close(descriptor)


def _modes(folder: Path | int) -> Iterator[tuple[str, int]]:
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= _MAX_LOOKED_AT:
                return
            try:
                yield entry.name, entry.stat(follow_symlinks=False).st_mode
            except OSError:
                continue  # gone meanwhile


def _open(root: Path, path: Path) -> int:
    """The folder by its real path: no link that has come into the way since is followed inside the workspace."""
    if not path.is_relative_to(root):
        return os.open(path, _FLAGS)
    folder = os.open(root, _FLAGS)
    for part in path.relative_to(root).parts:
        try:
            below = os.open(part, _FLAGS, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder
