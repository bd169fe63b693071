"""Changes a file that several programs write: one at a time, and whole or not at all."""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from victor_server.errors import UsageError
from victor_server.secrets.allow.named_file import read_named

LOCK_TIMEOUT_S = 30


def change_file(file: Path, change: Callable[[str | None], str]) -> None:
    """Replace a file's text by what `change` makes of it (None: there is no file yet); its mode stays.

    Nobody who does the same gets in between. Raises `UsageError` if the file cannot be read or written, is a link
    out of its folder, or stays locked for half a minute; it is then as it was.
    """
    with _locked(file):
        before, problem = read_named(file, file.parent)
        if problem:
            raise UsageError(f"{file} {problem}.")
        if before is None and file.is_symlink():
            raise UsageError(f"{file} is a link that leads nowhere.")
        after = change(before)
        if after != before:
            _replace(Path(os.path.realpath(file)), after)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """The lock lies in the system's folder for such things: one beside the file would get committed."""
    place = hashlib.sha256(os.path.realpath(file).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    user = os.getuid() if hasattr(os, "getuid") else ""
    try:
        with FileLock(
            Path(tempfile.gettempdir()) / f"victor-{user}-{place}.lock", timeout=LOCK_TIMEOUT_S, mode=0o600
        ):
            yield
    except Timeout as error:
        raise UsageError(
            f"{file} is being written by another program.", "Try again when it is done."
        ) from error
    except OSError as error:
        raise UsageError(f"{file} could not be written: {error.strerror or error}.") from error


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".tmp", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).chmod(_mode(file))
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(file: Path) -> int:
    """The file's own; for a new one everybody who works on the repository may read it."""
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return 0o644
