"""How other tools may have cut the same secret out of its line: their hashes are of that piece, not of ours."""

import re
from collections.abc import Iterator
from functools import cache

from victor_server.secrets.finding import Finding, fingerprint

MAX_LINE = 4_000
"""Characters on either side of a secret that are looked at."""

_KEY, _PUTTY = "PRIVATE KEY", "PuTTY-User-Key-File"
_MARKERS = {
    "Private Key": (
        *(f"BEGIN {kind}{_KEY}" for kind in ("", "DSA ", "EC ", "OPENSSH ", "RSA ", "SSH2 ENCRYPTED ")),
        f"BEGIN PGP {_KEY} BLOCK",
        f"{_PUTTY}-2",
    ),
    "GitHub Token": ("ghp", "gho", "ghu", "ghs", "ghr"),
    "GitLab Token": ("glpat", "gldt", "glft", "glsoat", "glrt"),
}
"""Types of which detect-secrets hashes only how the secret begins."""

_WORD_ENDS = " \t\"'`;,<>"
_WORD = re.compile(rf"[^{_WORD_ENDS}\r\n]*+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]*+")
_REST_OF_LINE = re.compile(r"[^\r\n]*+")
_QUOTES = "\"'`"


def value_hashes(finding: Finding, text: str) -> Iterator[str]:
    """The SHA-1 of the secret itself, then those of the pieces of its line that other tools take for it."""
    yield finding.fingerprint
    for piece in _pieces(finding, text):
        yield fingerprint(piece)


def _pieces(finding: Finding, text: str) -> Iterator[str]:
    start, end = finding.start, finding.end
    before = text[max(start - MAX_LINE, start - finding.start_column) : start]
    after = _REST_OF_LINE.match(text, end, end + MAX_LINE)
    behind = after.group() if after else ""
    value = text[start:end]
    yield from _quoted(before, value, behind)
    token_start = max(map(before.rfind, _WORD_ENDS)) + 1
    token_end = _WORD.match(behind)
    if token_end:
        yield before[token_start:] + value + token_end.group()
        yield value + token_end.group()
    run_before, run_behind = _BASE64.match(before[::-1]), _BASE64.match(behind)
    if run_before and run_behind:
        yield run_before.group()[::-1] + value + run_behind.group()
    rest = (value + behind).rstrip()
    yield rest
    yield rest.rstrip("\"'`;,")


def _quoted(before: str, value: str, behind: str) -> Iterator[str]:
    """What stands between the quotes around it."""
    for quote in _QUOTES:
        left, right = before.rfind(quote), behind.find(quote)
        if left >= 0 and right >= 0:
            yield before[left + 1 :] + value + behind[:right]


def marker_hash(finding: Finding, text: str) -> str | None:
    """The SHA-1 that stands in detect-secrets' baseline for any secret of this type that begins like this one."""
    value = text[finding.start : finding.start + 80].lstrip("- ")
    begins = (marker for marker in _MARKERS.get(finding.title, ()) if value.startswith(marker))
    marker = max(begins, key=len, default=None)
    return fingerprint(marker) if marker else None


def is_marker(secret_type: str, secret_hash: str) -> bool:
    """Whether an entry says only how a secret of its type begins."""
    return secret_hash in _marker_hashes(secret_type)


@cache
def _marker_hashes(secret_type: str) -> frozenset[str]:
    return frozenset(map(fingerprint, _MARKERS.get(secret_type, ())))
