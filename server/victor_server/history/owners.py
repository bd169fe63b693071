"""Who owns a session: each window has a lock of the system's, which a crash lets go of by itself."""

import os
import secrets
from pathlib import Path

from victor_server.settings.home import FILE_MODE, FOLDER_MODE


class Owner:
    """This window. Its lock is made with the first session that it takes, and removed at `close`.

    `folder` holds one small file for each window that has sessions open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.token = secrets.token_hex(8)
        self._lock: object | None = None

    def hold(self) -> None:
        """Be alive from now on, as others see it. Raises OSError."""
        if self._lock is not None:
            return
        from filelock import FileLock

        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        lock = FileLock(self._file(self.token), timeout=0, mode=FILE_MODE, thread_local=False)
        lock.acquire()
        self._lock = lock

    def is_alive(self, token: str) -> bool:
        """True while the window `token` runs. What is left of one that does not is removed."""
        if token == self.token:
            return True
        from filelock import FileLock, Timeout

        file = self._file(token)
        if not token.isalnum() or not file.exists():
            return False
        lock = FileLock(file, timeout=0, mode=FILE_MODE, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return True
        _remove(file, lock)
        return False

    def close(self) -> None:
        """Let go."""
        lock, self._lock = self._lock, None
        if lock is not None:
            _remove(self._file(self.token), lock)

    def _file(self, token: str) -> Path:
        return self._folder / f"{token}.lock"


def _remove(file: Path, lock: object) -> None:
    """Windows removes no file that is open, elsewhere the name must go before the lock does."""
    release = lock.release  # type: ignore[attr-defined]  # filelock's type is not loaded at start
    if os.name == "nt":
        release()
    try:
        file.unlink(missing_ok=True)
    except OSError:
        pass  # it is of no use and does no harm
    if os.name != "nt":
        release()
