"""Reads a file that a repository brings along, as far as it can be trusted to be what its name says."""

import os
import stat
from pathlib import Path

MAX_BYTES = 32_000_000
"""A baseline of a hundred thousand secrets; whoever has more has another problem."""


def read_named(file: Path, within: Path | None = None) -> tuple[str | None, str]:
    """The file's text and what is wrong with it: one of them is set, neither if there is no such file. Never raises.

    `within`: the folder that a link must not lead out of; None for a file that a person named. Pipes and devices,
    which would keep us waiting, and files above MAX_BYTES are not read.
    """
    data, problem = read_bytes(file, within)
    try:
        return None if data is None else data.decode("utf-8-sig"), problem
    except UnicodeDecodeError:
        return None, "is not UTF-8"


def read_bytes(file: Path, within: Path | None = None) -> tuple[bytes | None, str]:
    """The same, whatever the file holds."""
    try:
        info = file.stat()
        if within is not None and not _lies_within(file, within):
            return None, "is a link that leads out of the folder"
        if not stat.S_ISREG(info.st_mode):
            return None, "is not a regular file"
        if info.st_size > MAX_BYTES:
            return None, f"is larger than {MAX_BYTES} bytes"
        return file.read_bytes()[:MAX_BYTES], ""
    except FileNotFoundError:
        return None, ""
    except (OSError, ValueError) as error:
        return None, getattr(error, "strerror", None) or "could not be read"


def _lies_within(file: Path, folder: Path) -> bool:
    real, root = os.path.realpath(file), os.path.realpath(folder)
    try:
        return os.path.commonpath([real, root]) == root
    except ValueError:  # another drive
        return False
