"""A file's bytes and its text, taken without trusting the file.

Between the walk and the read a path may turn into a link, a pipe or a device, or vanish: each folder on the way
is opened without following links, and only a regular file is ever read.
"""

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

_SNIFFED_BYTES = 8_192
_O_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_O_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_FILE_FLAGS = (
    os.O_RDONLY
    | _O_NOFOLLOW
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe must not wait for its writer
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = os.O_RDONLY | _O_NOFOLLOW | _O_DIRECTORY | getattr(os, "O_CLOEXEC", 0)
_STEPWISE = bool(_O_NOFOLLOW and _O_DIRECTORY) and os.open in os.supports_dir_fd

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_DENSE = re.compile(
    r"\.(?:[cm]?[jt]s|jsx|css|s[ac]ss|less|json[5cl]?|geojson|map|html?|svg|xml|vue)$", re.IGNORECASE
)
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:[cm]?js|css)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawFile:
    """A regular file's bytes, and what the same open file said of itself."""

    content: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file was not read: `reason` is a stable word if it is left out, "" if reading it failed with `error`."""

    reason: str
    rule: str = ""
    error: str = ""


def read_file(root: Path, path: str, max_bytes: int) -> RawFile | Unread:
    """Read the regular file `path` under `root`, at most `max_bytes` of it; never follows a link below `root`."""
    parts = path.split("/")
    if not all(parts) or "." in parts or ".." in parts:
        return Unread("not_a_file", error="the path leads out of the workspace")
    try:
        descriptor = _open(root, parts)
    except FileNotFoundError:
        return Unread("vanished")
    except (OSError, ValueError) as error:
        return _refused(root, parts, error)
    try:
        return _read(descriptor, max_bytes)
    except OSError as error:
        return Unread("", error=f"cannot be read: {error.strerror or type(error).__name__}")
    finally:
        os.close(descriptor)


def decode(content: bytes) -> tuple[str, str] | None:
    """Return a file's text with `\\n` line ends and what was lost in reading it, None if it is no text."""
    marked = _decode_marked(content)
    if marked is not None:
        return marked
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:_SNIFFED_BYTES]:
        return None
    try:
        return normalise(content.decode("utf-8-sig")), ""
    except UnicodeDecodeError:
        pass
    head = content[:_SNIFFED_BYTES]
    if len(_CONTROLS.findall(head)) * 100 > len(head):
        return None
    return normalise(content.decode("latin-1")), "not UTF-8: read as Latin-1"


def normalise(text: str) -> str:
    """Bring `\\r\\n` and `\\r` to `\\n`, and lone surrogates to U+FFFD; lines and columns stay."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def is_minified(path: str, text: str) -> bool:
    """Whether nobody wrote this text line by line: very long lines in a format that has none by nature."""
    if _MINIFIED_NAME.search(path):
        return True
    if len(text) < 5_000 or not _DENSE.search(path):
        return False
    lines = text.count("\n") + 1
    if len(text) > 400 * lines:
        return True
    return len(text) > 20_000 and 2 * max(map(len, text.split("\n"))) > len(text)


def _decode_marked(content: bytes) -> tuple[str, str] | None:
    """Decode what says by its first bytes that it is UTF-16."""
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    try:
        return normalise(content.decode("utf-16")), ""
    except UnicodeDecodeError:
        return None


def _open(root: Path, parts: list[str]) -> int:
    if not _STEPWISE:
        return _open_checked(root, parts)
    folder = os.open(
        root, os.O_RDONLY | _O_DIRECTORY
    )  # the workspace itself may be a link: the person chose it
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(parts[-1], _FILE_FLAGS, dir_fd=folder)
    finally:
        os.close(folder)


def _open_checked(root: Path, parts: list[str]) -> int:
    """Open by path where folders cannot be opened: the real path must be the one that was asked for."""
    base = os.path.realpath(root)
    wanted = os.path.join(base, *parts)  # noqa: PTH118 - beside realpath, whose spelling it is compared with
    if os.path.normcase(os.path.realpath(wanted)) != os.path.normcase(wanted):
        raise NotADirectoryError
    return os.open(wanted, _FILE_FLAGS)


def _refused(root: Path, parts: list[str], error: OSError | ValueError) -> Unread:
    """Say why opening failed; a link, socket or device in the way is left out, anything else is a failure."""
    step = root
    for part in parts:
        step = step / part
        try:
            mode = step.lstat().st_mode
        except (OSError, ValueError):
            break
        if stat.S_ISLNK(mode):
            return Unread("symlink", rule=step.relative_to(root).as_posix())
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            return Unread("not_a_file")
    strerror = error.strerror if isinstance(error, OSError) else None
    return Unread("", error=f"cannot be opened: {strerror or type(error).__name__}")


def _read(descriptor: int, max_bytes: int) -> RawFile | Unread:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return Unread("not_a_file")
    if status.st_size > max_bytes:
        return Unread("too_large", rule=f"{status.st_size} > {max_bytes} bytes")
    content = _read_up_to(descriptor, max_bytes + 1, status.st_size)
    if len(content) > max_bytes:
        return Unread("too_large", rule=f"grew beyond {max_bytes} bytes")
    return RawFile(content, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _read_up_to(descriptor: int, limit: int, expected: int) -> bytes:
    content = os.read(descriptor, min(limit, expected + 1))
    if len(content) == expected:  # one byte more was asked for: this is the end
        return content
    pieces = [content]
    total = len(content)
    while total < limit and (piece := os.read(descriptor, limit - total)):
        pieces.append(piece)
        total += len(piece)
    return b"".join(pieces)
