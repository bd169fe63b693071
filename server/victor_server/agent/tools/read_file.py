"""The tool `read_file`."""

from functools import partial
from pathlib import Path

from pydantic import Field

from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, blocking
from victor_server.agent.tools.file_text import FileText, open_buffers, read_text
from victor_server.agent.tools.telling import MAX_LINE_CHARACTERS
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_anywhere

MAX_LINES = 500
MAX_CHARACTERS = 30_000


class ReadFile(ToolArguments):
    """What is read."""

    path: str = Field(description="Relative to the workspace")
    from_line: int = Field(1, ge=1, description="First line, from 1")
    to_line: int | None = Field(None, ge=1, description="Last line, itself included")


def read_file_tool() -> BuiltIn[ReadFile]:
    """Reads lines of a file."""
    description = f"Read a text file, {MAX_LINES} lines at most, each with its number. Unsaved text counts."
    return BuiltIn("read_file", "read", description, ReadFile, _plan)


def _plan(told: ReadFile, scene: Scene) -> Prepared:
    path = _path(told.path, scene)
    check_shown(scene.sources.private.why, scene.root, path, told.path)
    lines = (
        ""
        if told.from_line == 1 and told.to_line is None
        else f", lines {told.from_line}-{told.to_line or ''}"
    )
    touched = Touched(
        f"Read {name_in(scene.root, path)}{lines}", (path,), places=(Place(path, told.from_line - 1),)
    )
    return blocking(touched, partial(_done, told, scene, path))


def _path(written: str, scene: Scene) -> Path:
    path = resolve_anywhere(scene.root, written, must_exist=False)
    # A new document may have a path already, and no file yet.
    return path if path in open_buffers(scene) else resolve_anywhere(scene.root, written, must_exist=True)


def _done(told: ReadFile, scene: Scene, path: Path) -> Done:
    file = read_text(scene, path)
    n_lines = len(file.lines)
    start = told.from_line - 1
    if start >= n_lines:
        return Done(_beyond(file, n_lines), is_error=bool(start))
    end = _end(file, start, min(n_lines, told.to_line or n_lines))
    if end <= start:
        return Done("`to_line` stands before `from_line`.", is_error=True)
    places = (Place(path, start),)
    return Done(_rest(told, end, n_lines), excerpts=(file.excerpt((start, end)),), places=places)


def _beyond(file: FileText, n_lines: int) -> str:
    return f"{file.name} has {n_lines} lines." if n_lines else f"{file.name} is empty."


def _end(file: FileText, start: int, end: int) -> int:
    """Where what can be shown ends: at least one line is."""
    n_characters = 0
    for number in range(start, min(end, start + MAX_LINES)):
        n_characters += min(len(file.lines[number]), MAX_LINE_CHARACTERS) + 8
        if n_characters > MAX_CHARACTERS and number > start:
            return number
    return min(end, start + MAX_LINES)


def _rest(told: ReadFile, end: int, n_lines: int) -> str:
    """What is left, and how to get it; nothing where it was asked for no further."""
    if end == n_lines:
        return "" if told.from_line == 1 else f"That is the end: {n_lines} lines."
    if told.to_line is not None and end >= told.to_line:
        return f"{n_lines} lines in all."
    return f"… {n_lines - end} more lines; ask for from_line {end + 1}."
