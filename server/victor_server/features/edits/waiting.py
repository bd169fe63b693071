"""Which proposals wait in a window, on disk: so that the next one can say what was lost when it ended."""

import json
import os
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from victor_server.features.edits.model import EditSet
from victor_server.features.edits.reviewed_file import where
from victor_server.history.owners import Owner
from victor_server.settings.home import FILE_MODE, FOLDER_MODE

FOLDER = "reviews"
MAX_WAITING = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Proposed hunks of one file in the folder `root`: names and numbers, never what is proposed."""

    file: str
    root: str
    n_hunks: int


class WaitingFile:
    """One file for each window that has proposals. Blocks; safe between threads. What fails is of no harm, and no error."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._owner = Owner(self._folder)
        self._lock = threading.Lock()
        self._n_kept = 0

    def keep(self, number: int, waiting: Sequence[Waiting]) -> None:
        """Write down what waits now; calls may come out of order, and the one with the highest number counts."""
        with self._lock, suppress(OSError):
            if number < self._n_kept:
                return
            self._n_kept = number
            file = self._file(self._owner.token)
            if not waiting:
                file.unlink(missing_ok=True)
                return
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            self._owner.hold()
            file.touch(mode=FILE_MODE)
            file.write_text(json.dumps([asdict(each) for each in waiting[:MAX_WAITING]]), encoding="utf-8")

    def lost(self, roots: Collection[Path]) -> Sequence[Waiting]:
        """What waited for these folders in windows that have ended; it is told once."""
        wanted = {os.path.realpath(root) for root in roots}
        found: list[Waiting] = []
        with self._lock, suppress(OSError):
            for file in sorted(self._folder.glob("*.json")):
                if self._owner.is_alive(file.stem):
                    continue
                entries = _read(file)
                mine = [each for each in entries if os.path.realpath(each.root) in wanted]
                if mine or not entries:
                    file.unlink(missing_ok=True)
                    found += mine
        return found

    def close(self) -> None:
        """The window ends in order; what waits is lost, and told by the next."""
        with self._lock:
            self._owner.close()

    def _file(self, token: str) -> Path:
        return self._folder / f"{token}.json"


def waiting_in(edits: Sequence[EditSet]) -> Sequence[Waiting]:
    """What a person has still to decide before it happens."""
    counted = [
        (where(file.path, each.origin.root), each.origin.root, [hunk.state for hunk in file.hunks])
        for each in edits
        for file in each.files
    ]
    return [
        Waiting(name, str(root), states.count("proposed"))
        for name, root, states in counted
        if "proposed" in states
    ]


def _read(file: Path) -> Sequence[Waiting]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return [Waiting(str(each["file"]), str(each["root"]), int(each["n_hunks"])) for each in entries]
    except (OSError, ValueError, TypeError, KeyError):
        return []
