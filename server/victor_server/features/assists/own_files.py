"""Keeps the assists that people write themselves current, for a list that must not wait: read anew only once changed."""

import importlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.features.assists.assist import Assist
    from victor_server.features.assists.own import OwnAssists
    from victor_server.settings.layer import Problem

FILE_NAME = "assists.yaml"
PROJECT_FILE = ".victor/assists.yaml"
_State = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file with assists: the person's, or a project's, `FILE_NAME` in its `.victor`."""

    path: Path
    is_project: bool = False


class OwnAssistFiles:
    """The assists of VICTOR_HOME and of the folder that a document lies in.

    `is_trusted` is asked each time, of a folder that has such a file. Used from several threads.
    """

    def __init__(self, home: Path, is_trusted: Callable[[Path], bool]) -> None:
        self.home = home
        self._is_trusted = is_trusted
        self._read: dict[OwnFile, tuple[_State, OwnAssists]] = {}
        self._lock = threading.Lock()

    def now(self, root: Path | None) -> "tuple[Sequence[Assist], Sequence[Problem]]":
        """The assists that count in `root`, the person's first, and what is wrong in their files. Blocks for a moment."""
        files = [OwnFile(self.home / FILE_NAME)]
        project = None if root is None else OwnFile(root / PROJECT_FILE, is_project=True)
        if (
            root is not None
            and project is not None
            and _state(project.path) is not None
            and self._is_trusted(root)
        ):
            files.append(project)
        found = [each for file in files if (each := self._of(file)) is not None]
        return (
            [assist for each in found for assist in each.assists],
            [problem for each in found for problem in each.problems],
        )

    def _of(self, file: OwnFile) -> "OwnAssists | None":
        state = _state(file.path)
        if state is None:
            return None
        with self._lock:
            before = self._read.get(file)
            if before is not None and before[0] == state:
                return before[1]
            # Here, not above: pydantic and PyYAML load for those who have such a file.
            own = importlib.import_module("victor_server.features.assists.own")
            read: OwnAssists = own.read_own(file)
            self._read[file] = (state, read)
            return read


def _state(file: Path) -> _State:
    """What tells one state of a file from another; None while there is none."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
