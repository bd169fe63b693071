"""Reads git's patches: which lines of which files a change adds.

Everything is read by counting, as each hunk's first line says how many follow, so that no line of a file can pass
for a line of the patch. Names with special characters arrive quoted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from victor_server.features.secret_scan.report import Commit

MAX_SHOWN = 20_000_000
"""Bytes of one change's lines that are kept; of more than that the whole file is looked at instead."""

_GAP = b"\n\n"
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_INDEX = re.compile(rb"index ([0-9a-f,]+)\.\.([0-9a-f]+)")
_HUNK = re.compile(rb"@@+ (.*?) @@+")
_SUBMODULE = b"160000"


class Shown(NamedTuple):
    """The lines of a change that the patch shows, as a text of their own, and which of them are new."""

    data: bytes
    added: tuple[range, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One file in one change. `path` is relative to the top of the repository, undecodable bytes as surrogates.

    `old` are the ids of its contents before (one for each parent), `new` after; "" for a file with an open
    conflict. `added` are 1-based numbers of lines that no parent has, None where git takes the file for binary.
    `shown` is None where there is too much of it.
    """

    path: str
    old: tuple[str, ...]
    new: str
    added: tuple[range, ...] | None
    shown: Shown | None
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
    shown: list[bytes] = field(default_factory=list)
    n_shown_bytes: int = 0
    n_shown_lines: int = 0
    added_shown: list[range] = field(default_factory=list)


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
                words = line.decode("ascii", "replace").split()
                commit = Commit(words[1], words[2]) if len(words) == 3 else None
            else:
                yield Change(_name(line.removeprefix(b"* Unmerged path ")), (), "", (), None)
        elif section is None:
            continue
        elif line.startswith(b"@@"):
            _read_hunk(rest, line, section)
        else:
            _read_header(line, section)
    yield from _change(section, commit)


def _change(section: _Section | None, commit: Commit | None) -> Iterator[Change]:
    if section is None or not section.is_ours or not section.new or not (section.is_binary or section.added):
        return
    shown = Shown(b"".join(section.shown), tuple(section.added_shown))
    if shown.data == b"Subproject commit %s\n" % section.new.encode("ascii"):
        return
    yield Change(
        _decoded(section.path),
        section.old,
        section.new,
        None if section.is_binary else tuple(section.added),
        None if section.is_binary or section.n_shown_bytes > MAX_SHOWN else shown,
        commit,
    )


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
    if section.shown:
        _show(section, _GAP, is_added=False)
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
        is_added = signs == new_in_all
        left = [n - (signs[at : at + 1] != b"+") for at, n in enumerate(left[:-1])] + [left[-1] - 1]
        if is_added:
            _extend(section.added, number)
        _show(section, line[n_parents:], is_added=is_added)
        number += 1


def _span(word: bytes) -> tuple[int, int] | None:
    """`-12,3` as (12, 3); a length that is left out is 1."""
    start, _, length = word[1:].partition(b",")
    if not start.isdigit() or not (length or b"1").isdigit():
        return None
    return int(start), int(length or b"1")


def _show(section: _Section, line: bytes, *, is_added: bool) -> None:
    section.n_shown_bytes += len(line)
    if section.n_shown_bytes > MAX_SHOWN:
        section.shown.clear()
        return
    section.shown.append(line)
    section.n_shown_lines += line.count(b"\n")
    if is_added:
        _extend(section.added_shown, section.n_shown_lines)


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
