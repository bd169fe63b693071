"""Where the lines of a text begin, by the language server protocol's three line ends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


def line_around(text: str, offset: int) -> tuple[int, int, int]:
    """Start and end of the content of the line in which `offset` lies, and where the next line starts.

    The same as `line_starts` would tell, without looking at the other lines; behind the last line one more.
    """
    if text[offset - 1 : offset + 1] == "\r\n":
        offset -= 1  # in the middle of a line end is still in the line that it ends
    start = max(before := text.rfind("\n", 0, offset), text.rfind("\r", before + 1, offset)) + 1
    found = _LINE_END.search(text, offset)
    return (start, found.start(), found.end()) if found else (start, len(text), len(text) + 1)


def n_line_ends(text: str, start: int, end: int) -> int:
    """How many line ends there are in `text[start:end]`, both of which are where lines start."""
    n_ends = text.count("\n", start, end)
    if text.find("\r", start, end) < 0:
        return n_ends
    return n_ends + text.count("\r", start, end) - text.count("\r\n", start, end)


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole lines of a longer text: where each begins in `text`, and number and offset of the first in the longer."""

    text: str
    starts: list[int]
    first_line: int
    offset: int


def passages(
    text: str, spans: Sequence[tuple[int, int]], n_around: int
) -> Iterator[tuple[Passage, int, int]]:
    """The lines in which `spans` lie, with at least `n_around` lines on either side.

    `spans` are (start, end) in order and apart from each other; each passage comes with the first and the end of the
    indices of those that lie in it. Most of a long text with few of them is never looked at.
    """
    line = offset = done = 0
    while done < len(spans):
        start = _start_around(text, spans[done][0], n_around)
        own_end = end = 0
        last = done
        while last == done or (last < len(spans) and spans[last][0] < end):
            if spans[last][1] > own_end:  # many may stand on one long line, which is then looked at once
                own_end, end = _ends_around(text, spans[last][1], n_around)
            last += 1
        line += n_line_ends(text, offset, start)
        part = text if end - start == len(text) else text[start:end]
        yield Passage(part, line_starts(part), line, start), done, last
        offset, done = start, last


def _start_around(text: str, place: int, n_around: int) -> int:
    """Where the line starts that is `n_around` lines before the one in which `place` lies."""
    start = line_around(text, place)[0]
    for _ in range(n_around):
        start = line_around(text, start - 1)[0] if start else 0
    return start


def _ends_around(text: str, end: int, n_around: int) -> tuple[int, int]:
    """Where the lines start that follow the one in which a span ends, and that are `n_around` lines farther."""
    own_end = after = min(line_around(text, end - 1)[2], len(text))
    for _ in range(n_around):
        found = _LINE_END.search(text, after)
        after = found.end() if found else len(text)
    return own_end, after
