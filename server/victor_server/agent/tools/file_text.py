"""The text of a file as the person has it: what is open in the editor stands before what lies on disk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from victor_indexer.source import RawFile, Unread, decode, normalise, read_file
from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.tool import Excerpt, Scene
from victor_server.agent.tools.workspace_paths import check_shown, name_in
from victor_server.errors import UsageError

MAX_FILE_BYTES = 4_000_000

AROUND = 100
"""Lines before and behind what is shown of a large file by which secrets in it are known."""

_SMALL_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's lines without their ends, as an editor counts them; `unsaved` where the file has others."""

    path: Path
    name: str
    lines: tuple[str, ...] = field(repr=False)
    unsaved: bool = False

    def excerpt(self, *shown: tuple[int, int]) -> Excerpt:
        """These ranges of lines (0-based, ends exclusive, in order) for a model; there must be one at least."""
        first, last = 0, len(self.lines)
        if sum(map(len, self.lines)) > _SMALL_CHARACTERS:
            first, last = max(0, shown[0][0] - AROUND), min(last, shown[-1][1] + AROUND)
        text = "\n".join(self.lines[first:last])
        return Excerpt(self.name, text, shown, first, "not saved" if self.unsaved else "")


def read_text(scene: Scene, path: Path) -> FileText:
    """The text of a file by its real path; no link is followed any more. Blocks.

    Raises UsageError for what is no text, too large or not there, SecretBlocked for what is private.
    """
    check_shown(scene.sources.private.why, scene.root, path)
    name = name_in(scene.root, path)
    buffer = open_buffers(scene).get(path)
    if buffer is not None:
        return FileText(path, name, as_lines(normalise(buffer.text)), buffer.edited)
    decoded = decode(_read(scene.root, path, name).content)
    if decoded is None:
        raise UsageError(f"{name} is no text: {path.stat().st_size} bytes of something else.")
    return FileText(path, name, as_lines(decoded[0]))


def open_buffers(scene: Scene) -> Mapping[Path, Buffer]:
    """What the editor has open by now, by real paths."""
    buffers = () if scene.sources.editor is None else scene.sources.editor.now().buffers()
    return {Path(os.path.realpath(each.path)): each for each in reversed(buffers) if each.path.is_absolute()}


def as_lines(text: str) -> tuple[str, ...]:
    """Lines without their ends; what stands behind the last end is one where there is anything."""
    lines = text.split("\n")
    return tuple(lines if lines[-1] else lines[:-1])


def _read(root: Path, path: Path, name: str) -> RawFile:
    if path.is_dir():
        raise UsageError(f"{name} is a folder.", "Use list_dir.")
    inside = path.is_relative_to(root)
    if not inside and Path(os.path.realpath(path.parent)) != path.parent:
        raise UsageError(f"{name} has changed its place meanwhile.")
    folder = root if inside else path.parent
    raw = read_file(folder, path.relative_to(folder).as_posix(), MAX_FILE_BYTES)
    if isinstance(raw, Unread):
        raise UsageError(*_why_unread(name, raw))
    return raw


def _why_unread(name: str, raw: Unread) -> tuple[str, str]:
    match raw.reason:
        case "vanished":
            return f"There is no {name}.", "Look with list_dir."
        case "symlink":
            return f"{name} has become a link meanwhile.", "Ask for it again."
        case "too_large":
            return f"{name} is too large to be read ({raw.rule}).", "Look for what you need with grep."
        case "not_a_file":
            return f"{name} is no regular file.", ""
    return f"{name} {raw.error or 'cannot be read'}.", ""
