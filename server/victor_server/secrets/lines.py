"""Where the lines of a text begin, by the language server protocol's three line ends."""

import re
from itertools import accumulate

_ONE_MORE = (1).__add__
_LINE_END = re.compile(r"\r\n|\r|\n")


def line_starts(text: str) -> list[int]:
    """The offset at which each line begins; a text has one line more than it has line ends.

    Only \\n, \\r\\n and \\r end a line: `str.splitlines` knows seven more that editors do not.
    """
    if "\r" in text:
        return [0, *(end.end() for end in _LINE_END.finditer(text))]
    lines = text.split("\n")
    lines.pop()
    return [0, *accumulate(map(_ONE_MORE, map(len, lines)))]


def line_span(text: str, starts: list[int], line: int) -> tuple[int, int]:
    """Start and end of a line's content, without what ends it."""
    start = starts[line]
    if line + 1 == len(starts):
        return start, len(text)
    end = starts[line + 1] - 1
    if end > start and text[end] == "\n" and text[end - 1] == "\r":
        end -= 1
    return start, end
