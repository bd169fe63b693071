"""The places in the workspace that an answer names."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from victor_server.agent.context.piece import Piece
from victor_server.agent.run_events import Cited

MAX_CITED = 50
_MAX_LOOKED_UP = 300
_NAMED = re.compile(
    r"(?<![\w./\\@+~-])([\w./\\@+~-]{3,300})(?:[:#]L?([0-9]{1,7})(?:\s?[-\u2013]\s?L?([0-9]{1,7}))?)?"
)
_WEB = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+")


def cited_in(answer: str, pieces: Sequence[Piece], is_file: Callable[[str], bool]) -> Sequence[Cited]:
    """The files that `answer` names, each place once, in the order of the text.

    A file is what stands in `pieces` (also by its bare name, if that is clear) or what `is_file` knows by its path
    relative to the workspace. Lines as in `src/a.py:3-9` or `src/a.py#L3`; without lines the part that was shown, or
    the whole file, which is written as no lines. `is_file` may look at the disk.
    """
    known = _known(pieces, is_file)
    cited: dict[Cited, bool] = {}
    for match in _NAMED.finditer(_WEB.sub(" ", answer)):
        path = known.path_of(match[1].rstrip("."))
        if path is not None:
            has_lines, lines = _lines(match, path, pieces)
            cited.setdefault(Cited(path, *lines), has_lines)
        if len(cited) == MAX_CITED:
            break
    # A file that is named with lines is not cited without them besides.
    with_lines = {each.path for each, has_lines in cited.items() if has_lines}
    return [each for each, has_lines in cited.items() if has_lines or each.path not in with_lines]


def is_file_in(root: Path | None) -> Callable[[str], bool]:
    """Whether a relative path names a file below `root`, links that lead out of it excluded."""

    def is_file(path: str) -> bool:
        if root is None:
            return False
        try:
            file = (root / path).resolve()
            return file.is_file() and file.is_relative_to(root.resolve())
        except (OSError, ValueError):
            return False

    return is_file


@dataclass(slots=True)
class _Known:
    """Remembers what was looked up: an answer names the same file again and again."""

    paths: dict[str, str | None]
    is_file: Callable[[str], bool]
    left: int = _MAX_LOOKED_UP

    def path_of(self, name: str) -> str | None:
        path = name.replace("\\", "/").removeprefix("./").removeprefix("@")
        if path not in self.paths:
            self.paths[path] = path if self._is_there(path) else None
        return self.paths[path]

    def _is_there(self, path: str) -> bool:
        pure = PurePosixPath(path)
        looks_like_one = "." in pure.name or "/" in path
        if not looks_like_one or pure.is_absolute() or ".." in pure.parts or not self.left:
            return False
        self.left -= 1
        return self.is_file(path)


def _known(pieces: Sequence[Piece], is_file: Callable[[str], bool]) -> _Known:
    paths = {piece.path for piece in pieces if piece.path}
    names: dict[str, str | None] = {}
    for path in paths:
        name = PurePosixPath(path).name
        names[name] = None if name in names else path
    return _Known(
        {**{name: path for name, path in names.items() if path}, **{path: path for path in paths}}, is_file
    )


def _lines(match: "re.Match[str]", path: str, pieces: Sequence[Piece]) -> tuple[bool, tuple[int, int]]:
    """Whether lines are named; the lines, 0-based, the end exclusive."""
    if match[2] and int(match[2]) > 0:
        first = int(match[2]) - 1
        return True, (first, max(first + 1, int(match[3] or 0)))
    shown = next((piece for piece in pieces if piece.path == path), None)
    return False, (shown.start_line, shown.end_line) if shown else (0, 0)
