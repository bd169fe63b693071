"""Reads what git says about changes: which lines of which files a patch adds, which contents commits bring.

Everything is read by counting, as each hunk's first line says how many follow, so that no line of a file can pass
for a line of the patch. Names with special characters arrive quoted.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from victor_server.features.secret_scan.report import Commit

ALL_LINES = (range(1, sys.maxsize),)

_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_INDEX = re.compile(rb"index ([0-9a-f,]+)\.\.([0-9a-f]+)")
_HUNK = re.compile(rb"@@+ (.*?) @@+")
_SUBMODULE = b"160000"
_NO_CONTENT = (_SUBMODULE, b"000000")


@dataclass(frozen=True, slots=True)
class Change:
    """One file in one change. `path` is relative to the top of the repository, undecodable bytes as surrogates.

    `old` are the ids of its contents before (one for each parent), `new` after; "" for a file with an open
    conflict. `added` are 1-based numbers of lines that no parent has, None where git takes the file for binary.
    """

    path: str
    old: tuple[str, ...]
    new: str
    added: tuple[range, ...] | None
    commit: Commit | None = None


@dataclass(slots=True)
class _Section:
    """What has been read of one file's part of the patch."""

    path: bytes
    old: tuple[str, ...] = ()
    new: str = ""
    is_ours: bool = True
    is_binary: bool = False
    added: list[range] = field(default_factory=list)
    names_submodule: bool = False


def read_changes(lines: Iterable[bytes]) -> Iterator[Change]:
    """The changes in a patch, file by file; deleted files, submodules and mere renames are none.

    A line `commit ID DATE` before a commit's files names it. Never raises: what is no patch is passed over.
    """
    commit: Commit | None = None
    section: _Section | None = None
    rest = iter(lines)
    for line in rest:
        if line.startswith((b"diff --git ", b"diff --cc ", b"diff --combined ")):
            yield from _change(section, commit)
            section = _Section(_path_of_section(line))
        elif line.startswith((b"commit ", b"* Unmerged path ")):
            yield from _change(section, commit)
            section = None
            if line.startswith(b"commit "):
                commit = _commit(line)
            else:
                yield Change(_name(line.removeprefix(b"* Unmerged path ")), (), "", ())
        elif section is None:
            continue
        elif line.startswith(b"@@"):
            _read_hunk(rest, line, section)
        else:
            _read_header(line, section)
    yield from _change(section, commit)


def read_contents(lines: Iterable[bytes]) -> Iterator[Change]:
    """The contents in git's raw format: each stands for a change that adds all of its lines.

    Of a merge those are told that no parent has. Commits are named as for `read_changes`. Never raises.
    """
    commit: Commit | None = None
    for line in lines:
        if line.startswith(b"commit "):
            commit = _commit(line)
            continue
        words, _, name = line.partition(b"\t")
        n_parents = len(words) - len(words.lstrip(b":"))
        fields = words[n_parents:].split()
        if n_parents and len(fields) == 2 * n_parents + 3 and fields[n_parents] not in _NO_CONTENT:
            yield Change(
                _name(name), (), fields[2 * n_parents + 1].decode("ascii", "replace"), ALL_LINES, commit
            )


def _commit(line: bytes) -> Commit | None:
    words = line.decode("ascii", "replace").split()
    return Commit(words[1], words[2]) if len(words) == 3 else None


def _change(section: _Section | None, commit: Commit | None) -> Iterator[Change]:
    if section is None or not section.is_ours or section.names_submodule or not section.new:
        return
    if section.is_binary or section.added:
        added = None if section.is_binary else tuple(section.added)
        yield Change(_decoded(section.path), section.old, section.new, added, commit)


def _read_header(line: bytes, section: _Section) -> None:
    if line.startswith(b"index "):
        match = _INDEX.match(line)
        if match:
            section.old = tuple(match[1].decode("ascii").split(","))
            section.new = match[2].decode("ascii")
            section.is_ours = section.is_ours and _SUBMODULE not in line[match.end() :]
    elif line.startswith((b"new file mode ", b"new mode ")):
        section.is_ours = _SUBMODULE not in line
    elif line.startswith((b"deleted file mode ", b"+++ /dev/null")):
        section.is_ours = False
    elif line.startswith(b"+++ "):
        section.path = _unquoted(line[4:]).removeprefix(b"b/")
    elif line.startswith(b"rename to "):
        section.path = _unquoted(line[10:])
    elif line.startswith(b"mode "):
        # Of a merge: `mode 100644,100644..160000`.
        section.is_ours = section.is_ours and not line.rstrip().endswith(b".." + _SUBMODULE)
    elif line.startswith((b"Binary files ", b"GIT binary patch")):
        section.is_binary = True


def _read_hunk(rest: Iterator[bytes], first: bytes, section: _Section) -> None:
    """The lines of one hunk, of a patch against one parent or several: each parent has a column of signs."""
    match = _HUNK.match(first)
    spans = [_span(word) for word in match[1].split()] if match else []
    if len(spans) < 2 or None in spans:
        return
    left = [span[1] for span in spans if span is not None]
    number = spans[-1][0] if spans[-1] is not None else 1
    n_parents = len(left) - 1
    new_in_all = b"+" * n_parents
    while max(left) > 0:
        line = next(rest, None)
        if line is None:
            return
        signs = line[:n_parents]
        if signs[:1] == b"\\":
            continue
        if b"-" in signs:
            left = [n - (signs[at : at + 1] == b"-") for at, n in enumerate(left[:-1])] + left[-1:]
            continue
        left = [n - (signs[at : at + 1] != b"+") for at, n in enumerate(left[:-1])] + [left[-1] - 1]
        if signs == new_in_all:
            _extend(section.added, number)
            section.names_submodule = line[n_parents:-1] == b"Subproject commit " + section.new.encode(
                "ascii"
            )
        number += 1


def _span(word: bytes) -> tuple[int, int] | None:
    """`-12,3` as (12, 3); a length that is left out is 1."""
    start, _, length = word[1:].partition(b",")
    if not start.isdigit() or not (length or b"1").isdigit():
        return None
    return int(start), int(length or b"1")


def _extend(ranges: list[range], number: int) -> None:
    if ranges and ranges[-1].stop == number:
        ranges[-1] = range(ranges[-1].start, number + 1)
    else:
        ranges.append(range(number, number + 1))


def _path_of_section(line: bytes) -> bytes:
    """The path where nothing else tells it: `diff --git a/X b/X` names it twice, `diff --cc X` once."""
    words = line.rstrip(b"\n")
    if not words.startswith(b"diff --git "):
        return _unquoted(words.split(b" ", 2)[2])
    both = words.removeprefix(b"diff --git ")
    return _unquoted(both[: len(both) // 2]).removeprefix(b"a/")


def _name(raw: bytes) -> str:
    return _decoded(_unquoted(raw))


def _unquoted(raw: bytes) -> bytes:
    """A name as it is on disk: git quotes one with special characters, and ends one with spaces with a tab."""
    name = raw.rstrip(b"\n").removesuffix(b"\t")
    if len(name) < 2 or not (name.startswith(b'"') and name.endswith(b'"')):
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(match: "re.Match[bytes]") -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPED.get(code, code)


def _decoded(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def touches(ranges: Sequence[range], first: int, last: int) -> bool:
    """Whether one of the lines `first` to `last` (both included) is in the ranges."""
    return any(each.start <= last and first < each.stop for each in ranges)
