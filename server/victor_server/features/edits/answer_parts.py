"""The parts of a model's prose that change files, in order, each with the file that is named beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from victor_server.features.edits.answer_names import name_in_line, name_in_tag
from victor_server.features.edits.answer_patches import PatchPart, patch_at
from victor_server.features.edits.lines import with_line_feeds

_FENCE = re.compile(r"(?P<lead>[ \t>]*)(?P<marks>`{3,}|~{3,})(?P<tag>[^`]*)")
_SEARCH = re.compile(
    r"[ \t]*(?:>[ \t]+)*(?P<marks><{5,12}|-{5,12})[ ]?(?:SEARCH|ORIGINAL)\b[: ]*(?P<name>.*)"
)
_DIVIDER = re.compile(r"[ \t]*(?:>[ \t]+)*(?P<marks>={5,12})[ \t]*")
_REPLACE = re.compile(r"[ \t]*(?:>[ \t]+)*(?P<marks>>{5,12}|\+{5,12})[ ]?(?:REPLACE|UPDATED)?[ \t]*")


@dataclass(frozen=True, slots=True)
class ReplacePart:
    """One search and replace block. `path` "" where none is named."""

    path: str
    search: str = field(repr=False)
    replace: str = field(repr=False)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class CodePart:
    """What stands between fences and is none of the others."""

    path: str
    text: str = field(repr=False)
    is_whole: bool = True


Part = ReplacePart | PatchPart | CodePart


def parts_of_answer(text: str) -> list[Part]:
    """The parts, in order. One that the answer ends within is not whole."""
    lines = with_line_feeds(text).split("\n")
    parts: list[Part] = []
    place, name, open_marks = 0, "", ""
    while place < len(lines):
        line = lines[place]
        part: Part | None = None
        if _SEARCH.fullmatch(line):
            part, place = _replace_part(lines, place, name)
        elif patch := patch_at(lines, place, open_marks):
            part, place = patch
        elif (fence := _FENCE.fullmatch(line)) and not open_marks:
            name = name_in_tag(fence["tag"]) or name
            end = _end_of_fence(lines, place, fence["marks"])
            if _has_changes(lines[place + 1 : end], fence["marks"]):
                open_marks = fence["marks"]
            else:
                part = CodePart(
                    name, "".join(f"{each}\n" for each in lines[place + 1 : end]), end < len(lines)
                )
                place = end
            place += 1
        else:
            if open_marks and _closes(line, open_marks):
                open_marks = ""
            elif line.strip():
                name = name_in_line(line)
            place += 1
        if part is not None:
            parts.append(part)
            name = ""
    if open_marks and parts:
        parts.append(CodePart("", "", is_whole=False))
    return parts


def parts_so_far(text: str) -> list[Part]:
    """The parts of an answer of which this is the beginning, whole lines. The last may be open: it is not whole, and has
    what is there of it; of a search and replace block nothing before its new lines begin.
    """
    text = with_line_feeds(text).removesuffix("\n")
    parts = parts_of_answer(text)
    if parts and not parts[-1].is_whole and (mark := _missing_mark(text.split("\n"))):
        parts = parts_of_answer(f"{text}\n{mark}")
        last = max(number for number, part in enumerate(parts) if isinstance(part, ReplacePart))
        parts[last] = replace(parts[last], is_whole=False)
    return [part for part in parts if not isinstance(part, CodePart) or part.text or part.is_whole]


def _missing_mark(lines: Sequence[str]) -> str:
    """What would close the block that goes on in its new lines, "" where none does."""
    width, has_divider = 0, False
    for line in lines:
        if opening := _SEARCH.fullmatch(line):
            width, has_divider = len(opening["marks"]), False
        elif (divider := _DIVIDER.fullmatch(line)) and len(divider["marks"]) == width:
            has_divider = True
        elif (end := _REPLACE.fullmatch(line)) and len(end["marks"]) == width and has_divider:
            width = 0
    return f"{'>' * width} REPLACE" if width and has_divider else ""


def _replace_part(lines: Sequence[str], place: int, name: str) -> tuple[ReplacePart, int]:
    """The block that begins here, and where it ends. Its marks are all as long as the first."""
    opening = _SEARCH.fullmatch(lines[place])
    if opening is None:
        return ReplacePart("", "", "", is_whole=False), place + 1
    width = len(opening["marks"])
    halves: list[list[str]] = [[]]
    for at in range(place + 1, len(lines)):
        line = lines[at]
        again, divider, end = _SEARCH.fullmatch(line), _DIVIDER.fullmatch(line), _REPLACE.fullmatch(line)
        if again and len(again["marks"]) == width:
            return ReplacePart(name, "", "", is_whole=False), at
        if divider and len(divider["marks"]) == width:
            halves.append([])
        elif end and len(end["marks"]) == width and len(halves) > 1:
            named = name_in_line(opening["name"]) or name
            texts = ["".join(f"{each}\n" for each in half) for half in halves]
            return ReplacePart(named, texts[0], texts[-1], is_whole=len(halves) == 2), at + 1
        else:
            halves[-1].append(line)
    return ReplacePart(name, "", "", is_whole=False), len(lines)


def _end_of_fence(lines: Sequence[str], place: int, marks: str) -> int:
    """The line that closes a fence, behind the last where none does. Fences with a tag inside it have ends of their own."""
    depth = 1
    for at in range(place + 1, len(lines)):
        fence = _FENCE.fullmatch(lines[at])
        if fence is None or not fence["marks"].startswith(marks):
            continue
        depth += 1 if fence["tag"].strip() else -1
        if depth == 0:
            return at
    return len(lines)


def _closes(line: str, marks: str) -> bool:
    fence = _FENCE.fullmatch(line)
    return bool(fence and fence["marks"].startswith(marks) and not fence["tag"].strip())


def _has_changes(lines: Sequence[str], marks: str) -> bool:
    return any(_SEARCH.fullmatch(line) or patch_at(lines, at, marks) for at, line in enumerate(lines))
