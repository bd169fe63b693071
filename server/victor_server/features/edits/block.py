"""A block as it is looked for: the lines to find, the lines to put there, and what a model may have copied in with them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from victor_server.features.edits.lines import with_line_feeds


@dataclass(frozen=True, slots=True)
class BlockLines:
    """`search` is to become `replace`. `is_part` where it may be a part of one line: one line, sent without its end."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    is_part: bool = False


def block_lines(search: str, replace: str) -> BlockLines:
    """A block as it was sent."""
    looked_for = with_line_feeds(search)
    lines = _lines(looked_for)
    return BlockLines(
        lines, _lines(with_line_feeds(replace)), len(lines) == 1 and not looked_for.endswith("\n")
    )


def readings(block: BlockLines, path: PurePath) -> Iterator[BlockLines]:
    """Other ways to read a block that is not in a file as it was sent, the nearest first: each takes away what cannot
    be the file's own where the block without it is found."""
    trimmed = _trimmed(block)
    if trimmed != block:
        yield trimmed
    for strip in (_without_fence, _without_marker(path), _without_numbers, _without_diff_marks):
        stripped = strip(trimmed)
        if stripped and stripped.search:
            yield _trimmed(stripped)


def are_numbered(lines: tuple[str, ...]) -> bool:
    """Whether each line bears its number, as a listing shows it."""
    return _numbers_cut(lines) is not None and len([line for line in lines if line.strip()]) > 1


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n")) if text else ()


def _trimmed(block: BlockLines) -> BlockLines:
    """Without the empty lines that are around both what is looked for and what is put there."""
    search, replace = list(block.search), list(block.replace)
    while search and replace and not search[0].strip() and not replace[0].strip():
        del search[0], replace[0]
    while search and replace and not search[-1].strip() and not replace[-1].strip():
        del search[-1], replace[-1]
    return BlockLines(tuple(search), tuple(replace))


_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^`]*")
_NUMBERED = re.compile(r"[ \t]*(\d+)(?:[ ]?[|│:→]|\t)[ ]?(.*)", re.DOTALL)
_NUMBER_ALONE = re.compile(r"[ \t]*(\d+)[ ]?[|│:→\t]?[ ]*")


def _without_fence(block: BlockLines) -> BlockLines | None:
    search = _unfenced(block.search)
    return None if search is None else BlockLines(search, _unfenced(block.replace) or block.replace)


def _unfenced(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    if len(lines) < 2 or not _FENCE.fullmatch(lines[0]):
        return None
    mark = lines[0].strip()[:3]
    return (
        lines[1:-1] if lines[-1].strip().startswith(mark) and not lines[-1].strip().strip(mark[0]) else None
    )


def _without_marker(path: PurePath) -> Callable[[BlockLines], BlockLines | None]:
    """A first line that names the file and says nothing else."""

    def strip(block: BlockLines) -> BlockLines | None:
        search = _unmarked(block.search, path)
        return None if search is None else BlockLines(search, _unmarked(block.replace, path) or block.replace)

    return strip


def _unmarked(lines: tuple[str, ...], path: PurePath) -> tuple[str, ...] | None:
    words = re.split(r"[\s`*#=<>!:;\"'()\[\]-]+", lines[0]) if lines else []
    named = [word for word in words if word and word.lower() not in ("file", "path", "filename", "begin")]
    if len(named) != 1 or PurePath(named[0]).name != path.name:
        return None
    return lines[1:] if PurePath(named[0]).parts[-1:] == path.parts[-1:] else None


def _without_numbers(block: BlockLines) -> BlockLines | None:
    search = _numbers_cut(block.search)
    if search is None:
        return None
    replace = _numbers_cut(block.replace)
    return BlockLines(search, block.replace if replace is None else replace)


def _numbers_cut(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    """Lines without the rising numbers in front of each, None where they do not all have one."""
    last = -1
    cut: list[str] = []
    for line in lines:
        match = _NUMBERED.fullmatch(line) or _NUMBER_ALONE.fullmatch(line)
        if match is None and line.strip():
            return None
        if match is None:
            cut.append("")
            continue
        if int(match[1][:9]) <= last:
            return None
        last = int(match[1][:9])
        cut.append(match[2] if match.re is _NUMBERED else "")
    return tuple(cut) if last >= 0 else None


def _without_diff_marks(block: BlockLines) -> BlockLines | None:
    search = _marks_cut(block.search, "-")
    if search is None:
        return None
    replace = _marks_cut(block.replace, "+")
    if replace is None:
        return None
    return BlockLines(search, replace)


def _marks_cut(lines: tuple[str, ...], mark: str) -> tuple[str, ...] | None:
    """Lines of a diff without the first column, None where they are none."""
    if not all(line[:1] in ("", " ", mark) for line in lines):
        return None
    return tuple(line[1:] for line in lines) if any(line[:1] == mark for line in lines) or not lines else None
