"""A text as its lines, with the ends that they have: LSP's three, and no others."""

import re
from collections import Counter
from collections.abc import Sequence

BOM = "\ufeff"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; joined they are the text. "" has none."""
    if "\r" in text:
        return _LINE.findall(text)
    *lines, last = text.split("\n")  # several times faster
    whole = [f"{line}\n" for line in lines]
    return [*whole, last] if last else whole


def bare(line: str) -> str:
    """A line without its end."""
    return line.rstrip("\r\n") if line.endswith(("\r", "\n")) else line


def end_of(line: str) -> str:
    """A line's end, "" where it has none."""
    return "\r\n" if line.endswith("\r\n") else line[-1:] if line.endswith(("\r", "\n")) else ""


def usual_end(lines: Sequence[str]) -> str:
    """The end that most of the lines have, a line feed where none has one."""
    ends = Counter(end for line in lines if (end := end_of(line)))
    return ends.most_common(1)[0][0] if ends else "\n"


def with_line_feeds(text: str) -> str:
    """The text with each line end as a line feed."""
    return _END.sub("\n", text) if "\r" in text else text
