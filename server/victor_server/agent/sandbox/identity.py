"""As whom a sandboxed command runs: as the person, and where that is root, as somebody with no power."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.sandbox import as_nobody

_NOBODY = 65_534
_STAGE = "/tmp"  # noqa: S108  # of the mount namespace that as_nobody makes


class Stage:
    """Where the folders lie that another user than root is lent."""

    def __init__(self, lent: Sequence[Path] = ()) -> None:
        paths = dict.fromkeys(str(path) for path in lent)
        self.mounts = {path: f"{_STAGE}/{at}" for at, path in enumerate(paths)}

    def source(self, path: str) -> str:
        """Where what is outside at `path` can be mounted from."""
        above = [each for each in self.mounts if path == each or path.startswith(f"{each.rstrip('/')}/")]
        if not above:
            return path
        nearest = max(above, key=len)
        return self.mounts[nearest] + path[len(nearest) :]


@dataclass(frozen=True, slots=True)
class Identity:
    """Numbers of a user and a group. `is_changed`: not those of this process. `is_borrowed`: root's files are to count
    as theirs.
    """

    uid: int
    gid: int
    is_changed: bool = False
    is_borrowed: bool = False

    def before(self, words: Sequence[str], stage: Stage) -> tuple[str, ...]:
        """The words that start `words` as this user."""
        if not self.is_changed:
            return tuple(words)
        told = {
            "parent": os.getpid(),
            "uid": self.uid,
            "gid": self.gid,
            "borrowed": self.is_borrowed,
            "mounts": list(stage.mounts.items()),
            "words": words,
        }
        # As it is: escapes would make a line three times as long, and an argument may not be as long as that.
        argument = json.dumps(told, ensure_ascii=False)
        return (sys.executable, "-I", "-S", str(as_nobody.__file__), argument)


def identity_for(root: Path) -> Identity:
    """As whom commands run that work in `root`."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    owner = root.stat()
    if owner.st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid, is_changed=True)
    return Identity(_NOBODY, _NOBODY, is_changed=True, is_borrowed=True)
