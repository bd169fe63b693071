"""Cuts a growing markdown text into blocks that no later text can change."""

import re

_FENCE = re.compile(r"\s*(?:>\s*)*(?:[-*+]\s+|\d{1,9}[.)]\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")


class Blocks:
    """The text so far: what is finished is given out once, `rest` is what may still change.

    A block ends where a line at the margin follows an empty one, at a heading and behind a fenced block at the margin.
    Everything given out and `rest`, joined, is everything fed.
    """

    def __init__(self) -> None:
        self._open = ""  # whole lines that are not given out yet
        self._line = ""  # the line that is still being written
        self._fence = ""  # the marks of the fence that is open, "" outside
        self._fence_at_margin = False
        self._after_empty = False

    @property
    def rest(self) -> str:
        """What has been fed and not given out."""
        return self._open + self._line

    def feed(self, text: str) -> list[str]:
        """The blocks that are finished by `text`, in order; most often none."""
        finished: list[str] = []
        *lines, last = (self._line + text).split("\n") if "\n" in text else [self._line + text]
        for line in lines:
            finished += self._take(line + "\n")
        self._line = last
        if self._after_empty and self._open and last and not (self._fence or last[0].isspace()):
            finished.append(self._give())
        return finished

    def end(self) -> str:
        """The rest, where nothing more comes."""
        rest, self._open, self._line = self.rest, "", ""
        self._fence, self._after_empty = "", False
        return rest

    def _take(self, line: str) -> list[str]:
        if self._fence:
            return self._in_fence(line)
        finished: list[str] = []
        if not line.strip():
            self._after_empty = True
            self._open += line
            return finished
        at_margin = not line[0].isspace()
        fence = _FENCE.match(line)
        if self._open and at_margin and (self._after_empty or _HEADING.match(line) or _opens(line)):
            finished.append(self._give())
        self._after_empty = False
        self._open += line
        if fence:
            self._fence, self._fence_at_margin = fence.group(1), _opens(line)
        elif at_margin and _HEADING.match(line):
            finished.append(self._give())
        return finished

    def _in_fence(self, line: str) -> list[str]:
        self._open += line
        mark = line.strip().lstrip("> ")
        if set(mark) != {self._fence[0]} or len(mark) < len(self._fence):
            return []
        self._fence = ""
        return [self._give()] if self._fence_at_margin and not line[0].isspace() else []

    def _give(self) -> str:
        given, self._open = self._open, ""
        return given


def _opens(line: str) -> bool:
    return line.startswith(("```", "~~~")) and _FENCE.match(line) is not None


def last_lines(markdown: str, n_lines: int) -> str:
    """The end of an unfinished block, still a block of its kind: what is watched while it grows."""
    lines = markdown.splitlines(keepends=True)
    if len(lines) <= n_lines:
        return markdown
    head = lines[0] if _opens(lines[0]) else ""
    return head + "".join(lines[-n_lines:])
