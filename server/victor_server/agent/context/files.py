"""The text of a workspace's files as the person has them: what is open stands before what lies on disk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from victor_indexer.source import Unread, decode, read_file
from victor_server.agent.context.sources import Buffer, Private, Sources

MAX_FILE_BYTES = 4_000_000

_REASONS = {
    "vanished": "there is no such file",
    "symlink": "is a link, which is not followed",
    "not_a_file": "is not a regular file",
    "too_large": f"is larger than {MAX_FILE_BYTES // 1_000_000} MB",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text in lines with their ends; `unsaved` where the editor's text is not the file's."""

    lines: tuple[str, ...] = field(repr=False)
    unsaved: bool = False

    def part(self, start: int, end: int) -> str:
        """The lines from `start` up to `end`."""
        return "".join(self.lines[start:end])


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file is not shown."""

    reason: str


@dataclass(frozen=True, slots=True)
class Files:
    """Reads files below `root`, None where no folder is open; whatever is private is not read at all."""

    root: Path | None
    private: Private
    buffers: Mapping[str, Buffer]

    def read(self, path: str) -> Text | Unreadable:
        """A file by its path, relative to the root or as `name_of` gives it. Never raises; blocks."""
        buffer = self.buffers.get(path)
        if why := self.why_private(path, None if buffer is None else buffer.path):
            return Unreadable(why)
        if buffer is not None:
            return Text(as_lines(buffer.text), buffer.edited)
        if self.root is None:
            return Unreadable("no folder is open")
        if Path(path).is_absolute():
            return Unreadable("lies outside of the folder")
        raw = read_file(self.root, path, MAX_FILE_BYTES)
        if isinstance(raw, Unread):
            return Unreadable(_REASONS.get(raw.reason) or raw.error or raw.reason)
        decoded = decode(raw.content)
        return Unreadable("is no text") if decoded is None else Text(as_lines(decoded[0]))

    def why_private(self, path: str, real: Path | None = None) -> str:
        """Why a file must not be shown, "" if it may be: by its name, by the folders above the root, and by that of
        what a link leads to. Blocks."""
        if why := self.private.why(path):
            return why
        # The folder that is open may lie in one that is private, or bear a part of a pattern.
        if self.root is not None and (why := self.private.why(_real(self.root / path))):
            return why
        if real is None or not real.is_absolute():
            return ""
        root = None if self.root is None else Path(os.path.realpath(self.root))
        return self.private.why(name_of(Path(os.path.realpath(real)), root))


def _real(path: Path) -> str:
    """Where a path leads; as it is where nobody can say."""
    try:
        return Path(os.path.realpath(path)).as_posix()
    except (OSError, ValueError):
        return path.as_posix()


def open_files(root: Path | None, sources: Sources) -> Files:
    """The files of a folder with what the editor has open of them."""
    buffers = [] if sources.editor is None else sources.editor.buffers()
    named = {name_of(each.path, root): each for each in reversed(buffers)}  # the one in front counts
    return Files(root, sources.private, named)


def name_of(path: Path, root: Path | None) -> str:
    """A path as pieces bear it: relative to the root with `/`, else as it is."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.as_posix()


def as_lines(text: str) -> tuple[str, ...]:
    """Lines as an editor counts them, with their ends brought to `\\n`; the last one has none."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return (*(f"{line}\n" for line in lines[:-1]), *([lines[-1]] if lines[-1] else []))
