"""Where a path that a model wrote leads: one absolute path, links and `..` followed, before anybody opens it."""

import difflib
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from victor_server.agent.tools.printable import printable
from victor_server.errors import SecretBlocked, UsageError

MAX_CHARACTERS = 4_096

_NEAR = 3
_LOOKED_AT = 2_000
_ODD = re.compile("[\\x00-\\x1f\\x7f\\x80-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\x20*(?:\..*)?", re.IGNORECASE
)
_MADE_UP = tuple(map(Path, ("/proc", "/sys", "/dev"))) if os.name == "posix" else ()
"""Where files are none: reading one may block, tell of other processes, or change something."""


def resolve_in(root: Path, written: str, *, must_exist: bool) -> Path:
    """The real path of what lies in `root`, which is a real path itself. Blocks.

    Raises UsageError, in words that let a model mend it, for what leads out of the workspace, is no path, or is not
    there (where `must_exist` is false it need not be, nor its folder).
    """
    found = resolve_anywhere(root, written, must_exist=must_exist)
    if not found.is_relative_to(root):
        raise UsageError(
            f"{_said(written)} leads out of the workspace.", "Give a path relative to the workspace's folder."
        )
    return found


def resolve_anywhere(root: Path, written: str, *, must_exist: bool) -> Path:
    """The same wherever it leads: permissions decide what lies outside. `~` is the person's home folder. Blocks.

    What lies outside may not be there: nobody is told before it is permitted.
    """
    problem = why_no_path(written, windows=sys.platform == "win32")
    if problem:
        raise UsageError(f"{_said(written)} cannot be used: {problem}.", "Give the path of a file or folder.")
    home = written == "~" or written.startswith(("~/", "~\\"))
    try:
        start = Path(written).expanduser() if home else root / written
        found = _spelled(root, Path(os.path.realpath(start)))
        if found.is_relative_to(root):
            _check_there(root, found, written, must_exist=must_exist)
        elif any(found.is_relative_to(place) for place in _MADE_UP):
            raise UsageError(f"{_said(written)} is no file: the system makes it up.")
    except (OSError, ValueError, RuntimeError) as error:
        why = (
            error.strerror
            if isinstance(error, OSError) and error.strerror
            else "nobody can say where it leads"
        )
        raise UsageError(f"{_said(written)} cannot be used: {why}.") from None
    return found


def check_shown(why_private: Callable[[str], str], root: Path, path: Path, written: str = "") -> None:
    """Raise SecretBlocked for a file that must not be shown: by its path in the workspace, as written, or anywhere."""
    names = [name_in(root, path), path.as_posix(), *([written] if written else [])]
    for name in names:
        if why := why_private(name):
            raise SecretBlocked(f"{name_in(root, path)} is not shown: {why}.", "Go on without it.")


def name_in(root: Path, path: Path) -> str:
    """A path as a model and a person know it: relative to the workspace with `/`, else absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def why_no_path(written: str, *, windows: bool) -> str:
    """Why a text is no path that anybody should open, as the end of a sentence; "" if it may be one."""
    if not written.strip():
        return "it is empty"
    if len(written) > MAX_CHARACTERS:
        return "it is too long"
    if _ODD.search(written):
        return "it holds characters that no path needs"
    if re.match(r"[a-z][a-z0-9+.-]+://", written, re.IGNORECASE):
        return "it is an address, not a path"
    return _why_not_windows(written) if windows else ""


def _why_not_windows(written: str) -> str:
    slashed = written.replace("\\", "/")
    if slashed.startswith("//"):
        return "it leads to another machine, or to a device"
    if re.match(r"[A-Za-z]:(?!/)", slashed):
        return "it depends on what another drive's folder is"
    parts = re.sub(r"\A[A-Za-z]:", "", slashed).split("/")
    if any(":" in part for part in parts):
        return "a colon stands in it"
    if any(_DEVICE.fullmatch(part.rstrip(". ")) for part in parts):
        return "it is the name of a device"
    if any(part != part.rstrip(". ") for part in parts if part not in ("", ".", "..")):
        return "a part of it ends in a dot or a space, which Windows does not see"
    return ""


def as_on_disk(path: Path) -> Path:
    """A real path in the spelling of its folders: where the case of letters does not count, one file has one name."""
    return _below(Path(path.anchor), path.parts[1:])


def _spelled(root: Path, found: Path) -> Path:
    """The same below `root`, which stays as it is spelled: it is what all paths are compared with."""
    if found.is_relative_to(root):
        return _below(root, found.relative_to(root).parts)
    found, real_root = as_on_disk(found), as_on_disk(root)
    return root / found.relative_to(real_root) if found.is_relative_to(real_root) else found


def _below(folder: Path, names: Iterable[str]) -> Path:
    for name in names:
        folder /= _name_on_disk(folder, name)
    return folder


def _name_on_disk(folder: Path, name: str) -> str:
    other = name.swapcase()
    here = _identity(folder / name)
    if here is None or (name.isascii() and (other == name or _identity(folder / other) != here)):
        return name
    try:
        with os.scandir(folder) as entries:
            return true_name(
                name, (entry.name for entry in entries), lambda each: _identity(folder / each) == here
            )
    except OSError:
        return name


def true_name(name: str, entries: Iterable[str], is_same: Callable[[str], bool]) -> str:
    """Which of a folder's entries `name` is: itself where it stands there, else the one that the system takes it for."""
    near = []
    for entry in entries:
        if entry == name:
            return name
        if _folded(entry) == _folded(name):
            near.append(entry)
    return next((entry for entry in near if is_same(entry)), name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = path.lstat()
    except (OSError, ValueError):
        return None
    return info.st_dev, info.st_ino


def _check_there(root: Path, found: Path, written: str, *, must_exist: bool) -> None:
    try:
        mode = found.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            raise UsageError(f"There is no {_said(written)}.", _near(root, found)) from None
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(f"{_said(written)} is neither a file nor a folder.")


def _near(root: Path, missing: Path) -> str:
    """What is there instead: names that are like the missing one's, or the folder where the way ends."""
    folder = next(place for place in missing.parents if place.is_dir())
    if not folder.is_relative_to(root):
        return "Look with list_dir."
    if folder != missing.parent:
        return f"The folder {name_in(root, folder)!r} is there; look with list_dir."
    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, _LOOKED_AT)]
    near = difflib.get_close_matches(missing.name, names, n=_NEAR)
    return (
        f"There is {', '.join(name_in(root, folder / name) for name in near)}."
        if near
        else "Look with list_dir."
    )


def _said(written: str) -> str:
    """What was written, as it can be told again."""
    text = printable(written)
    return repr(text if len(text) <= 200 else f"{text[:200]}…")
