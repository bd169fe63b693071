"""Reads the patches that git prints: one for each file, its paths, and none so large that it hides the others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO

MAX_BYTES = 2_000_000
"""Of a diff that is looked at; what lies behind is left out, and said to be."""

MAX_PATCH_BYTES = 200_000
"""Of one file's patch: what tools write must not keep the code that comes after it from being seen."""

_MAX_READ_BYTES = 100_000_000
_TOO_LARGE = "too large\n"  # git never says so, and a line of contents begins with no letter


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The patch of one file. `before` is its path in the last commit, the same as `path` unless it was renamed.

    `too_large`: it has more than MAX_PATCH_BYTES, of which `text` holds none.
    """

    path: str
    before: str
    text: str = field(repr=False)
    too_large: bool = False


def split_patches(patch: str) -> tuple[list[FileDiff], int]:
    """The patches of single files, and how many there are whose path cannot be told.

    Lines of contents never begin with a letter, so whatever they hold starts no patch.
    """
    found: list[FileDiff] = []
    unreadable = 0
    for text in _patches(patch):
        paths = _paths(text)
        if paths is None:
            unreadable += 1
        else:
            too_large = text.endswith(f"\n{_TOO_LARGE}")
            found.append(FileDiff(paths[1], paths[0], "" if too_large else text, too_large))
    return found, unreadable


def read_small_patches(output: IO[bytes]) -> tuple[bytes, bool]:
    """Read at most MAX_BYTES of patches, and say whether there is more; of a patch that is too large the head stays, and
    that it is.
    """
    kept = bytearray()
    start = n_read = 0
    is_dropped, at_start = False, True
    while line := output.readline(MAX_PATCH_BYTES):
        n_read += len(line)
        if at_start and line.startswith(b"diff --git "):
            start, is_dropped = len(kept), False
        at_start = line.endswith(b"\n")
        if not is_dropped:
            kept += line
            if len(kept) - start > MAX_PATCH_BYTES:
                is_dropped = True
                head = kept.find(b"\n@@ ", start)
                del kept[head + 1 if head >= 0 else start :]
                kept += _TOO_LARGE.encode() if head >= 0 else b""
        if len(kept) > MAX_BYTES or n_read > _MAX_READ_BYTES:
            return bytes(kept[:MAX_BYTES]), True
    return bytes(kept), False


def _patches(patch: str) -> Iterator[str]:
    starts = [match.start() for match in re.finditer(r"^diff --git ", patch, re.MULTILINE)]
    for start, end in pairwise([*starts, len(patch)]):
        yield patch[start:end]


def _paths(text: str) -> tuple[str, str] | None:
    """The paths of a patch before and after; None where they cannot be told."""
    head = text.partition("\n@@ ")[0].split("\n")
    said: dict[str, str] = {}
    for line in head[1:]:
        for mark in ("--- ", "+++ ", "rename from ", "rename to ", "copy from ", "copy to "):
            if line.startswith(mark):
                said[mark] = _unquoted(line.removeprefix(mark).removesuffix("\t"))
    before = said.get("rename from ") or said.get("copy from ") or _without("a/", said.get("--- "))
    after = said.get("rename to ") or said.get("copy to ") or _without("b/", said.get("+++ "))
    if before is None and after is None:
        before = after = _same_twice(head[0].removeprefix("diff --git "))
    if before is None and after is None:
        return None
    return before or after or "", after or before or ""


def _without(prefix: str, path: str | None) -> str | None:
    return path.removeprefix(prefix) if path is not None and path.startswith(prefix) else None


def _same_twice(names: str) -> str | None:
    """The path of a patch without contents (a mode, an empty or a binary file): `a/PATH b/PATH`."""
    half = (len(names) - 1) // 2
    first, second = _unquoted(names[:half]), _unquoted(names[half + 1 :])
    same = first.startswith("a/") and second.startswith("b/") and first[2:] == second[2:]
    return first[2:] if same else None


_ESCAPED = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_LETTERS = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}


def _unquoted(name: str) -> str:
    """A path as git writes one with odd characters, in quotes with C's escapes; any other as it is."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name
    raw = _ESCAPED.sub(lambda match: bytes([_byte(match[1])]), name[1:-1].encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


def _byte(escape: bytes) -> int:
    return _LETTERS[escape] if escape in _LETTERS else int(escape, 8) & 0xFF
