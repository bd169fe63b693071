"""VICTOR_HOME: the folder with a person's settings and data, which nobody else may read."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from victor_server.errors import SettingsError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def home_folder(environment: Mapping[str, str]) -> Path:
    """Where VICTOR_HOME is, whether or not it exists."""
    written = environment.get("VICTOR_HOME", "").strip()
    try:
        return Path(written).expanduser().absolute() if written else Path.home() / ".victor"
    except RuntimeError as error:
        raise SettingsError("Your home folder could not be found.", "Set VICTOR_HOME to a folder.") from error


def create_home(home: Path) -> Path:
    """Makes the folder if it is missing, for its owner alone. Raises `SettingsError` if that cannot be done."""
    try:
        home.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "it could not be created"
        raise SettingsError(
            f"{home}: {reason}.", "Set VICTOR_HOME to a folder that you may write to."
        ) from error
    return home


def may_exist(file: Path) -> bool:
    """Whether something is there, or nobody can say: what cannot be looked at may hold a restriction."""
    try:
        file.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def append_private(file: Path, text: str) -> None:
    """Adds text to a file in VICTOR_HOME that only its owner can read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
    with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as opened:
        opened.write(text)


def too_open(path: Path) -> str:
    """Why others than its owner can use a file or folder; "" if they cannot, or where the system has no modes."""
    if os.name != "posix":
        return ""
    info = path.lstat()
    if info.st_uid != os.geteuid():
        return f"{path} belongs to another user"
    wanted = FOLDER_MODE if stat.S_ISDIR(info.st_mode) else FILE_MODE
    mode = stat.S_IMODE(info.st_mode)
    return f"{path} has mode {mode:o} instead of {wanted:o}" if mode & 0o077 else ""
