"""What the scanner reports about one secret, without holding the secret itself."""

import hashlib
from dataclasses import dataclass
from typing import Literal

Tier = Literal["certain", "possible"]
"""`certain`: format or structure proves it. `possible`: weak, default or test-like values, test and docs paths."""

MAX_FIRST = 4
MAX_LAST = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret. Lines and columns are 0-based, columns count code points, ends are exclusive.

    `start` and `end` are offsets in the scanned text; `end_column` lies on `end_line`, which differs from `line`
    for a secret of several lines such as a PEM key. `title` is detect-secrets' `secret_type` where that type
    exists there, `fingerprint` the SHA-1 of the value, as in a `.secrets.baseline`.
    """

    line: int
    start_column: int
    end_line: int
    end_column: int
    start: int
    end: int
    rule: str
    title: str
    tier: Tier
    masked: str
    fingerprint: str


def mask(value: str) -> str:
    """Enough to tell it from others, as in `AKIA…7Q`: at most its first 4 and last 2 characters, a third at most."""
    n_first = min(MAX_FIRST, len(value) // 4)
    n_last = max(0, min(MAX_LAST, len(value) // 3 - n_first))
    return _printable(value[:n_first]) + "…" + _printable(value[len(value) - n_last :])


def _printable(text: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def fingerprint(value: str) -> str:
    """SHA-1 of the value in hexadecimal: an identity that teams already keep in their baselines."""
    return hashlib.sha1(value.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
