"""Cuts a growing markdown text into blocks that no later text can change."""

import re

_FENCE = re.compile(r"\s*(?:>\s*)*(?:[-*+]\s+|\d{1,9}[.)]\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_MAX_WATCHED = 8_000
"""Characters of an unfinished block that are drawn again and again: a window shows no more of a line without end."""
_MAX_PIECES = 8_000


class Blocks:
    """The text so far: what is finished is given out once, `rest` is what may still change.

    A block ends where a line at the margin follows an empty one, at a heading and behind a fenced block at the margin.
    Everything given out and `rest`, joined, is everything fed.
    """

    def __init__(self) -> None:
        self._open: list[str] = []  # whole lines that are not given out yet
        self._line: list[str] = []  # the pieces of the line that is still being written
        self._fence = ""  # the marks of the fence that is open, "" outside
        self._fence_at_margin = False
        self._after_empty = False

    @property
    def rest(self) -> str:
        """What has been fed and not given out."""
        return "".join([*self._open, *self._line])

    def feed(self, text: str) -> list[str]:
        """The blocks that are finished by `text`, in order; most often none."""
        finished: list[str] = []
        *ends, last = text.split("\n")
        for end in ends:
            finished += self._take("".join([*self._line, end, "\n"]))
            self._line.clear()
        if last:
            self._line.append(last)
        if self._after_empty and self._open and last and not (self._fence or self._line[0][0].isspace()):
            finished.append(self._give())
        return finished

    def end(self) -> str:
        """The rest, where nothing more comes."""
        rest = self.rest
        self._open.clear()
        self._line.clear()
        self._fence, self._after_empty = "", False
        return rest

    def last_lines(self, n_lines: int) -> str:
        """The end of the unfinished block, still a block of its kind: what is watched while it grows.

        May be called by another thread than the one that feeds.
        """
        lines = list(self._open)
        head = lines[0] if len(lines) > n_lines and _opens(lines[0]) else ""
        return head + "".join([*lines[-n_lines:], *self._line[-_MAX_PIECES:]])[-_MAX_WATCHED:]

    def _take(self, line: str) -> list[str]:
        if self._fence:
            return self._in_fence(line)
        finished: list[str] = []
        if not line.strip():
            self._after_empty = True
            self._open.append(line)
            return finished
        at_margin = not line[0].isspace()
        fence = _FENCE.match(line)
        if self._open and at_margin and (self._after_empty or _HEADING.match(line) or _opens(line)):
            finished.append(self._give())
        self._after_empty = False
        self._open.append(line)
        if fence:
            self._fence, self._fence_at_margin = fence.group(1), _opens(line)
        elif at_margin and _HEADING.match(line):
            finished.append(self._give())
        return finished

    def _in_fence(self, line: str) -> list[str]:
        self._open.append(line)
        mark = line.strip().lstrip("> ")
        if set(mark) != {self._fence[0]} or len(mark) < len(self._fence):
            return []
        self._fence = ""
        return [self._give()] if self._fence_at_margin and not line[0].isspace() else []

    def _give(self) -> str:
        given = "".join(self._open)
        self._open.clear()
        return given


def _opens(line: str) -> bool:
    return line.startswith(("```", "~~~")) and _FENCE.match(line) is not None
