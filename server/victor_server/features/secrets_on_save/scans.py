"""Keeps what whole scans found, by content: the same text is not looked through twice, whatever document it is in."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from victor_server.secrets.incremental import Scan, first_scan, same_scan
from victor_server.secrets.judge.file_kind import FileFacts, file_facts
from victor_server.secrets.scanner import Claim

_MAX_TEXTS = 200
_MAX_CLAIMS = 5_000
"""A text with more is a list of secrets, and seldom opened."""


class ScanCache:
    """Of each text its hash and what the rules said of it, never the text. May be used in several threads."""

    def __init__(self) -> None:
        self._claims: OrderedDict[tuple[bytes, FileFacts], Sequence[Claim]] = OrderedDict()
        self._lock = threading.Lock()

    def scan(self, text: str, path: str) -> Scan:
        """The scan of all of `text`."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()
        key = (digest, file_facts(path))
        with self._lock:
            known = self._claims.get(key)
            if known is not None:
                self._claims.move_to_end(key)
        if known is not None:
            return same_scan(text, path, known)
        found = first_scan(text, path)
        if len(found.claims) <= _MAX_CLAIMS:
            with self._lock:
                self._claims[key] = found.claims
                if len(self._claims) > _MAX_TEXTS:
                    self._claims.popitem(last=False)
        return found
