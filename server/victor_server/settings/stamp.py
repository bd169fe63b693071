"""Tells whether a file is still what it was when it was read."""

from pathlib import Path

Stamp = tuple[int, ...]

GONE: Stamp = ()
"""Of a file that is not there or empty: it may just be written."""


def stamp_of(file: Path) -> Stamp:
    """What is different when a file was written, replaced, or given to somebody else. Blocks; never raises."""
    try:
        info = file.stat()
    except FileNotFoundError:
        return GONE
    except OSError as error:
        return (error.errno or -1,)
    if info.st_size == 0:
        return GONE
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino, info.st_mode, info.st_uid
