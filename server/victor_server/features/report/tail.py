"""The last lines of a log, wherever it is and whatever it is: nothing of it is believed, and nothing waits for it."""

import os
import stat
from pathlib import Path

_MAX_BYTES = 64_000


def last_lines(file: Path, n: int) -> list[str]:
    """At most `n` lines, the youngest last. Raises OSError for what cannot be read, or is no plain file."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOFOLLOW"):
        flags |= getattr(os, name, 0)
    handle = os.open(file, flags)
    with os.fdopen(handle, "rb") as opened:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(0, "it is not a plain file")
        opened.seek(max(0, info.st_size - _MAX_BYTES))
        text = opened.read(_MAX_BYTES).decode("utf-8", "replace")
    lines = text.splitlines()
    # The first may have been cut in the middle, maybe of a secret that nobody would know by its end.
    whole = lines[1:] if info.st_size > _MAX_BYTES else lines
    return ["".join(each if each.isprintable() else " " for each in line) for line in whole[-n:]]
