"""Remembers which variable a secret was moved to, so that the same secret gets the same one in the next file."""

import hashlib
import os
import threading
from collections import OrderedDict
from pathlib import Path

from victor_server.secrets.finding import Finding

_MAX_NAMES = 1_000


class MovedNames:
    """Of one session; a secret is known by a hash that is keyed anew in each. May be used in several threads."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._names: OrderedDict[tuple[Path | None, bytes], str] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, root: Path | None, finding: Finding, name: str) -> None:
        """The secret is read from the variable `name` now, in the folder `root`; the oldest are forgotten."""
        with self._lock:
            self._names[root, self._hash(finding)] = name
            if len(self._names) > _MAX_NAMES:
                self._names.popitem(last=False)

    def name_of(self, root: Path | None, finding: Finding) -> str | None:
        """The variable to which this secret was moved in `root`."""
        with self._lock:
            return self._names.get((root, self._hash(finding)))

    def names(self, root: Path | None) -> frozenset[str]:
        """Every variable to which something was moved in `root`."""
        with self._lock:
            return frozenset(name for (place, _), name in self._names.items() if place == root)

    def _hash(self, finding: Finding) -> bytes:
        return hashlib.blake2b(finding.fingerprint.encode(), key=self._key, digest_size=16).digest()
