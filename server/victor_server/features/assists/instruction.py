"""Finds what a person wrote for Victor to do, in a comment: `victor: …`, above the code that it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.features.assists.comments import comment_text

MAX_LINES = 20
"""A longer comment is no instruction."""

_SAYS = re.compile(r"victor\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is wanted, and the lines `start` up to `end` of the comment that says it, 0-based."""

    text: str
    start: int
    end: int


def comment_instruction(lines: Sequence[str], line: int, language: str) -> Instruction | None:
    """The instruction in the comment that ends directly above `line`, or stands on it; None where there is none.

    `lines` are those of the document, with or without their ends; `language` is LSP's identifier. An instruction goes
    on over the lines of its comment, up to the next `victor:`.
    """
    last = _last_comment_line(lines, line, language)
    if last is None:
        return None
    said: list[str] = []
    for number in range(last, max(-1, last - MAX_LINES), -1):
        text = comment_text(lines[number], language)
        if text is None:
            return None
        begin = _SAYS.fullmatch(text)
        if begin is not None:
            return _instruction([begin[1], *reversed(said)], number, last + 1)
        said.append(text)
    return None


def _last_comment_line(lines: Sequence[str], line: int, language: str) -> int | None:
    """Where the comment ends that stands on `line`, or directly above it."""
    if not 0 <= line < len(lines) or comment_text(lines[line], language) is None:
        return line - 1 if 0 < line <= len(lines) else None
    last = line
    while last + 1 < len(lines) and last - line < MAX_LINES:
        text = comment_text(lines[last + 1], language)
        if text is None or _SAYS.fullmatch(text):
            break
        last += 1
    return last


def _instruction(said: Sequence[str], start: int, end: int) -> Instruction | None:
    text = " ".join(each for each in said if each)
    return Instruction(text, start, end) if text else None
