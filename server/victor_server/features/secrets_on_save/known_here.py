"""Keeps what a workspace's baseline and ignore files say, until one of them changes."""

import threading
from pathlib import Path

from victor_server.features.workspace_files import KNOWN_FILES, WorkspaceFiles
from victor_server.secrets.allow.known import EMPTY, Known, read_known

_Signature = tuple[object, ...]


class KnownHere:
    """By workspace folder. May be used in several threads."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Signature, Known]] = {}
        self._lock = threading.Lock()

    def known(self, root: Path | None, files: WorkspaceFiles) -> Known:
        """What is known in `root`, in the files' texts as the editor has them; nothing outside of a folder."""
        if root is None:
            return EMPTY
        signature = tuple(_signature(root / name, files) for name in KNOWN_FILES)
        with self._lock:
            kept = self._known.get(root)
        if kept is not None and kept[0] == signature:
            return kept[1]
        texts = {root / name: files.texts[root / name] for name in KNOWN_FILES if root / name in files.texts}
        known = read_known(root, texts=texts)
        with self._lock:
            self._known[root] = (signature, known)
        return known


def _signature(file: Path, files: WorkspaceFiles) -> object:
    """Changes when the file does: its text where the editor has it, else when it was written and how long it is."""
    if file in files.texts:
        return files.texts[file]
    try:
        info = file.stat()
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino
